-- diff.lua - functions that became slower or faster: diff.lua --before old.json new.json
-- Several recordings on each side show how much runs differ: --before a --before b c.json d.json
local pyprof = require "pyprof"

return {
  help = "What changed for certain (--all: everything) since --before",
  needs = { "recordings" },
  args = {
    before = { type = "recording", required = true, many = true,
      help = "what to compare with; several show how much runs differ" },
    all = { false, help = "what may be chance, too" },
    compare = { "self", choice = { "self", "total" }, help = "by self or by total" },
    limit = 20,
  },
  columns = { "before%", "after%", "change%", "change_weight", "name", "file:line" },
  run = function(subject, args)
    return pyprof.diff(args.before, subject.recordings,
      { compare = args.compare, certain = not args.all, limit = args.limit })
  end,
}
