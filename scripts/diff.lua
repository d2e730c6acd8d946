-- diff.lua - functions that became slower or faster: diff.lua --before old.json new.json
-- Several recordings on each side show how much runs differ: --before a --before b c.json d.json
-- Two parts of one recording: --before-window 0..1 --window 1..2 run.json
local pyprof = require "pyprof"

-- What TARGET is compared with: the recordings of --before or TARGET's own before the command
-- line's views, and of these the part that --before-window and its like leave.
local function before(subject, args)
  local list = {}
  for i, p in ipairs(#args.before > 0 and args.before or subject.recordings) do
    if #args.before == 0 then p = p.whole end
    if args.before_window then p = p:window(table.unpack(args.before_window)) end
    if args.before_thread then p = p:thread(args.before_thread) end
    if args.before_where then p = p:where(args.before_where) end
    list[i] = p
    if p ~= args.before[i] then
      table.insert(subject.notes, ("before: %s: %d of %d samples"):format(
        table.concat(p.views, ", "), p.samples, p.whole.samples))
    end
  end
  return list
end

return {
  help = "What changed for certain (--all: everything) since --before",
  needs = { "recordings" },
  wants = { "source" },
  args = {
    before = { type = "recording", many = true,
      required = { "before_window", "before_thread", "before_where" },
      help = "what to compare with, if not with TARGET; several show how much runs differ" },
    before_window = { type = "window", help = "only these seconds of --before, else of TARGET" },
    before_thread = { type = "thread", help = "only these threads of --before, else of TARGET" },
    before_where = { type = "selector", help = "only its samples with a selected frame" },
    all = { false, help = "what may be chance, too" },
    compare = { "self", choice = { "self", "total" }, help = "by self or by total" },
    limit = 20,
  },
  columns = { "before%", "after%", "change%", "change_weight", "name", "file:line" },
  run = function(subject, args)
    return pyprof.diff(before(subject, args), subject.recordings,
      { compare = args.compare, certain = not args.all, limit = args.limit })
  end,
  html = function(subject, args)
    return pyprof.page(subject, { before = args.before, compare = args.compare })
  end,
}
