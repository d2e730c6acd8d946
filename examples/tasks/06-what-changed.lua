-- Before and after: only the functions that changed for certain.
local pyprof = require "pyprof"

return {
  help = "What changed for certain",
  needs = { "profile" },
  args = { before = { type = "recording", required = true } },
  columns = { "before%", "after%", "change%", "name", "file:line" },
  run = function(subject, args)
    return pyprof.diff(args.before, subject.profile, { certain = true })
  end,
}
