-- chrome.lua - the profile as trace events, for Perfetto, chrome://tracing and speedscope.
local pyprof = require "pyprof"

return {
  help = "For Perfetto, which draws time: no weights; a call lasts while samples show it",
  needs = { "profile" },
  run = function(subject)
    local trace, message = pyprof.encode(subject.profile, "chrome", subject.target.name)
    if not trace then return nil, message, "usage" end
    return { object = trace }
  end,
}
