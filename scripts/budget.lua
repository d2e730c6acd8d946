-- budget.lua - fails if a function or the program takes more than its limit: status 3, for CI.
-- limits.lua: return { { "parse", "total", 0.20 }, { "*", "risk", 30 }, … }
local pyprof = require "pyprof"

local order = { passed = 1, unsure = 2, failed = 3 }
local function optional(field) return { field, optional = true } end
local short = { covered = "covered_share", share = "total_share" }

-- A limit on the share of time; sampling leaves an interval, so the verdict may be unsure.
local function of_time(profile, name, kind, max)
  local use = profile:sum(name)
  local low, high = use[kind .. "_low"], use[kind .. "_high"]
  local verdict = use.functions == 0 and "unsure" -- renamed? then nothing was checked
    or low > max and "failed" or high > max and "unsure" or "passed"
  return { verdict = verdict, name = name, kind = kind, share = use[kind .. "_share"],
    low_share = low, high_share = high, max_share = max,
    file = use.file, line = use.line }
end

-- A limit on a field of the join: every function that is selected must keep it.
local function of_field(rows, name, field, min, max)
  local takes, most = name ~= "*" and pyprof.selector(name), nil
  local worst = { verdict = "unsure", name = name, kind = field, min = min, max = max }
  for _, row in ipairs(rows) do
    local value = field == "risk" and pyprof.risk(row) or row[short[field] or field]
    if math.type(value) and (not takes or takes(row)) then
      local over = min and min - value or value - max
      if not most or over > most then
        most, worst.worst, worst.value = over, row.name, value
        worst.file, worst.line = row.file, row.line
      end
    end
  end
  if most then worst.verdict = most > 0 and "failed" or "passed" end
  return worst
end

-- The limits on the whole program; the verdict is unsure where its run is not known.
local function of_program(exit, args)
  local rows = {}
  local function add(kind, value, max)
    local verdict = not value and "unsure" or value > max and "failed" or "passed"
    rows[#rows + 1] = { verdict = verdict, name = "(program)", kind = kind, value = value,
      max = max }
  end
  if args.max_wall then add("wall", exit.wall, args.max_wall) end
  if args.max_cpu then add("cpu", exit.user and exit.user + exit.system, args.max_cpu) end
  if args.max_memory then add("memory", exit.max_rss, args.max_memory) end
  return rows
end

return {
  help = "Fail if a function takes more than its limit (status 3; 4 if that is not certain)",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations" },
  args = {
    limits = { type = "lua", help = "return { { 'parse', 'total', 0.20 } }" },
    max_wall = { type = "number", help = "seconds of the whole program" },
    max_cpu = { type = "number", help = "seconds of CPU time, of the whole program" },
    max_memory = { type = "number", help = "bytes that it may hold at its peak" },
    coverage = { false, help = "covered, risk …, by another run" },
    counts = { false, help = "calls and executions, by another run" },
    memory = { false, collects = "allocations", help = "bytes, by another run" },
  },
  columns = { "verdict", "name", "kind", optional "share", optional "low_share",
    optional "high_share", optional "max_share", { "worst", format = "name", optional = true },
    optional "value", optional "min", optional "max" },
  finding = function(row)
    if row.verdict == "passed" then return nil end
    local value, limit = row.value, row.max or row.min
    if row.share then
      value, limit = pyprof.format(row.share, "percent"), pyprof.format(row.max_share, "percent")
    end
    return ("%s: %s is %s (limit %s): %s"):format(row.name, row.kind, value or "not known", limit,
      row.verdict), row.verdict == "failed" and "error" or "warning"
  end,
  run = function(subject, args)
    local rows, worst, joined = of_program(subject.exit or {}, args), "passed", nil
    if #rows == 0 and not args.limits then
      return nil, "no limits (--limits FILE, --max-wall S, --max-cpu S or --max-memory BYTES)"
    end
    for i, limit in ipairs(args.limits or {}) do
      local name, kind, max = table.unpack(limit)
      if kind == "self" or kind == "total" then
        rows[#rows + 1] = of_time(subject.profile, name, kind, max)
      elseif type(kind) ~= "string" or not (math.type(max) or math.type(limit.min)) then
        return nil, ("limits[%d]: kind is 'self', 'total' or a field of the join"):format(i)
      else
        if not subject.source then return nil, "limits: " .. subject.missing.source end
        joined = joined or pyprof.join(subject)
        rows[#rows + 1] = of_field(joined, name, kind, limit.min, max)
      end
    end
    for _, row in ipairs(rows) do
      if order[row.verdict] > order[worst] then worst = row.verdict end
    end
    return rows, { verdict = worst }
  end,
}
