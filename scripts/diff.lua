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

-- The seconds of CPU time are compared where all recordings say them, and nobody asks otherwise.
local function by_cpu(...)
  local sides = {}
  for i, side in ipairs { ... } do
    sides[i] = {}
    for k, profile in ipairs(side) do
      if not profile.clock or profile.weight_given then return ... end
      sides[i][k] = profile:weights "cpu"
    end
  end
  return sides[1], sides[2], true
end

local function cpu_of(exit) return exit.user and exit.user + exit.system end
local whole = {
  { "wall time", "seconds", function(exit) return exit.wall end, "slower" },
  { "CPU time", "seconds", cpu_of, "slower" },
  { "peak memory", "bytes", function(exit) return exit.max_rss end, "larger" },
}

-- The least figure of a side's runs: a busy machine only adds to it.
local function least(side, figure)
  local low
  for _, profile in ipairs(side) do
    local value = profile.exit and figure(profile.exit)
    if not value then return nil end
    low = math.min(low or value, value)
  end
  return low
end

-- What changed of the whole program, in a line, and the verdict on it.
local function program(old_runs, new_runs, args)
  local parts, verdict = {}, (args.fail_slower or args.fail_larger) and "passed" or nil
  for _, it in ipairs(whole) do
    local name, kind, figure, word = table.unpack(it)
    local old, new = least(old_runs, figure), least(new_runs, figure)
    local most = args["fail_" .. word]
    if old and new and old > 0 then
      parts[#parts + 1] = pyprof.fill("{name} {old:" .. kind .. "} to {new:" .. kind .. "} ({by})",
        { name = name, old = old, new = new, by = ("%+.1f %%"):format(100 * (new / old - 1)) })
      if most and new > old * (1 + most) then verdict = "failed" end
    elseif most then
      return nil, ("--fail-%s: a recording does not say its %s"):format(word, name)
    end
  end
  return #parts > 0 and "Program: " .. table.concat(parts, ", ") or "", verdict
end

local function samples(profiles)
  local sum = 0
  for _, profile in ipairs(profiles) do sum = sum + profile.samples end
  return sum
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
    fail_slower = { type = "number", help = "status 3 if wall or CPU time grew by more: 20%" },
    fail_larger = { type = "number", help = "status 3 if peak memory grew by more: 20%" },
    limit = 20,
  },
  columns = { "before%", "after%", "change%", "change_weight", "name", "file:line" },
  run = function(subject, args)
    local old, head, verdict = before(subject, args), "", nil
    if #args.before > 0 then head, verdict = program(old, subject.recordings, args) end
    if not head then return nil, verdict end
    local was, is, cpu = by_cpu(old, subject.recordings)
    local rows = pyprof.diff(was, is,
      { compare = args.compare, certain = not args.all, limit = not cpu and args.limit or nil })
    local section = { rows = rows, head = head ~= "" and head or nil,
      empty = args.all and "Neither side has samples." or
        ("No change is certain (%d against %s; --all shows the rest)."):format(
          samples(old), pyprof.format(samples(subject.recordings), "samples")) }
    if cpu then
      for _, row in ipairs(rows) do row.size = math.abs(row.change_weight) end
      section.rows = pyprof.top(rows, "size", args.limit)
      section.columns = { { "change_weight", head = "change s" },
        { "before_weight", head = "before s" }, { "after_weight", head = "after s" }, "change%",
        "name", "file:line" }
    end
    return section, verdict and { verdict = verdict } or nil
  end,
  html = function(subject, args)
    return pyprof.page(subject, { before = args.before, compare = args.compare })
  end,
}
