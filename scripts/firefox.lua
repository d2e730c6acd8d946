-- firefox.lua - the profile for profiler.firefox.com: its processed format.
local pyprof = require "pyprof"

return {
  help = "For profiler.firefox.com, stacks and time in a browser: no weights but time",
  needs = { "profile" },
  run = function(subject)
    local page, message = pyprof.encode(subject.profile, "firefox", subject.target.name)
    if not page then return nil, message, "usage" end
    return { object = page }
  end,
}
