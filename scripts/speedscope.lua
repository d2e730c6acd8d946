-- speedscope.lua - each thread's distinct stacks as a recording, for speedscope.app and others.
local pyprof = require "pyprof"

return {
  help = "For speedscope.app, flame graphs in a browser: each thread's stacks, without time",
  needs = { "profile" },
  run = function(subject)
    local recording, message = pyprof.encode(subject.profile, "speedscope", subject.target.name)
    return recording and { object = recording }, message
  end,
}
