-- budget.lua - fails if a function takes more than its limit: status 3, for CI.
-- budget.lua --limits limits.lua …; limits.lua: return { { "parse", "total", 0.20 }, … }
local pyprof = require "pyprof"

local order = { passed = 1, unsure = 2, failed = 3 }
local short = { covered = "covered_share", share = "total_share" }

-- A limit on the share of time; sampling leaves an interval, so the verdict may be unsure.
local function of_time(profile, name, kind, max)
  local use = profile:sum(name)
  local low, high = use[kind .. "_low"], use[kind .. "_high"]
  local verdict = use.functions == 0 and "unsure" -- renamed? then nothing was checked
    or low > max and "failed" or high > max and "unsure" or "passed"
  return { verdict = verdict, name = name, kind = kind, share = use[kind .. "_share"],
    low_share = low, high_share = high, max_share = max }
end

-- A limit on a field of the join: every function that is selected must keep it.
local function of_field(rows, name, field, limit)
  local takes = name == "*" and function() return true end or pyprof.selector(name)
  local worst, known
  for _, row in ipairs(rows) do
    local value = row[short[field] or field]
    if field == "risk" then value = pyprof.risk(row) end
    if math.type(value) and takes { name = row.name, file = row.file, line = row.line } then
      local over = limit.min and limit.min - value or value - limit.max
      if not known or over > known then worst, known = row, over end
    end
    if worst == row then worst.value = value end
  end
  if not worst then return { verdict = "unsure", name = name, kind = field } end
  return { verdict = known > 0 and "failed" or "passed", name = name, kind = field,
    worst = worst.name, value = worst.value, min = limit.min, max = limit.max }
end

return {
  help = "Fail if a function takes more than its limit (status 3; 4 if that is not certain)",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations" },
  args = {
    limits = { type = "lua", required = true,
      help = "a file: return { { \"parse\", \"total\", 0.20 }, { \"*\", \"risk\", 30 } }" },
    coverage = { false, help = "covered, risk …, by another run" },
    counts = { false, help = "calls and executions, by another run" },
    memory = { false, collects = "allocations", help = "bytes, by another run" },
  },
  columns = { "verdict", "name", "kind", { "share", optional = true },
    { "low_share", optional = true }, { "high_share", optional = true },
    { "max_share", optional = true }, { "worst", optional = true }, { "value", optional = true },
    { "min", optional = true }, { "max", optional = true } },
  run = function(subject, args)
    local rows, worst, joined = {}, "passed", nil
    for i, limit in ipairs(args.limits) do
      local name, kind, max = table.unpack(limit)
      if kind == "self" or kind == "total" then
        rows[i] = of_time(subject.profile, name, kind, max)
      elseif type(kind) ~= "string" or not (math.type(max) or math.type(limit.min)) then
        return nil, ("limits[%d]: kind is 'self', 'total' or a field of the join"):format(i)
      else
        joined = joined or subject.source and pyprof.join(subject)
        if not joined then return nil, ("limits[%d]: %s"):format(i, subject.missing.source) end
        rows[i] = of_field(joined, name, kind, { min = limit.min, max = max })
      end
      if order[rows[i].verdict] > order[worst] then worst = rows[i].verdict end
    end
    return rows, { verdict = worst }
  end,
}
