-- speedscope.lua - each thread's distinct stacks as a recording, for speedscope.app and others.
local pyprof = require "pyprof"

return {
  help = "A speedscope recording: each thread's distinct stacks, heaviest first, without time",
  needs = { "profile" },
  run = function(subject)
    local recording, message = pyprof.encode(subject.profile, "speedscope", subject.target.name)
    return recording and { object = recording }, message
  end,
}
