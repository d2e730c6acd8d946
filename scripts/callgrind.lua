-- callgrind.lua - the profile for KCachegrind, QCachegrind and callgrind_annotate.
local pyprof = require "pyprof"

return {
  help = "For KCachegrind, which draws calls: no stacks, threads or time; its calls are samples",
  needs = { "profile" },
  run = function(subject)
    local text, message = pyprof.encode(subject.profile, "callgrind", subject.target.name)
    return text, message
  end,
}
