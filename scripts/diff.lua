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

-- What changed of the whole program, in a line, and the verdict on it.
local function program(old, new, args)
  local limits = { wall = args.fail_slower, cpu = args.fail_slower, memory = args.fail_larger }
  if old[1] and old[1].metric ~= new[1].metric then
    return {}, ("metrics differ: %s and %s"):format(old[1].metric, new[1].metric)
  end
  if #args.before == 0 then
    return {}, next(limits) and "--fail-slower, --fail-larger: --before FILE is missing"
  end
  local rows, verdict = pyprof.program_changes(old, new, limits)
  if not rows then return {}, "--fail-slower, --fail-larger: " .. verdict end
  local parts = {}
  for i, row in ipairs(rows) do
    parts[i] = pyprof.fill(("{name} {before:%s} to {after:%s}"):format(row.kind, row.kind), row) ..
      (" (%+.1f %%)"):format(100 * row.change_share)
  end
  return { head = parts[1] and "Program: " .. table.concat(parts, ", ") or nil, verdict = verdict }
end

local function samples(profiles)
  local sum = 0
  for _, profile in ipairs(profiles) do sum = sum + profile.samples end
  return sum
end

return {
  help = "What changed for certain (--all: everything) since --before",
  needs = { "recordings" }, wants = { "source" },
  args = {
    before = { type = "recording", many = true,
      required = { "before_window", "before_thread", "before_where" },
      help = "what to compare with, if not with TARGET; several show how much runs differ" },
    before_window = { type = "window", help = "only these seconds of --before, else of TARGET" },
    before_thread = { type = "thread", help = "only these threads of --before, else of TARGET" },
    before_where = { type = "selector", help = "only its samples with a selected frame" },
    limit = 20, all = { false, help = "what may be chance, too" },
    compare = { "self", choice = { "self", "total" }, help = "by self or by total" },
    fail_slower = { type = "number", min = 0, help = "status 3 if wall or CPU time grew by more" },
    fail_larger = { type = "number", min = 0, help = "status 3 if peak memory grew by more: 20%" },
  },
  check = function(args) return select(2, program(args.before, args.before, args)) end,
  columns = { "before%", "after%", "change%", "change_weight", "name", "file:line" },
  run = function(subject, args)
    local old, new = before(subject, args), subject.recordings
    local whole, message = program(old, new, args)
    if message then return nil, message end
    -- Seconds of CPU time are compared where all recordings say them, and nobody asks otherwise.
    local cpu, after = pyprof.by_cpu(old, new)
    local rows = pyprof.diff(cpu or old, after or new,
      { compare = args.compare, certain = not args.all, limit = not cpu and args.limit or nil })
    local section = { rows = rows, head = whole.head,
      empty = args.all and "Neither side has samples." or
        ("No change is certain (%d against %s; --all shows the rest)."):format(
          samples(old), pyprof.format(samples(new), "samples")) }
    if cpu then
      for _, row in ipairs(rows) do row.size = math.abs(row.change_weight) end
      section.rows = pyprof.top(rows, "size", args.limit)
      section.columns = { { "change_weight", head = "change s" },
        { "before_weight", head = "before s" }, { "after_weight", head = "after s" }, "change%",
        "name", "file:line" }
    end
    return section, whole.verdict and { verdict = whole.verdict } or nil
  end,
  html = function(subject, args)
    return pyprof.page(subject, { before = args.before, compare = args.compare })
  end,
}
