-- budget.lua - fails if a function takes more than its limit: status 3, for CI.
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
    low_share = low, high_share = high, max_share = max }
end

-- A limit on a field of the join: every function that is selected must keep it.
local function of_field(rows, name, field, min, max)
  local takes, most = name ~= "*" and pyprof.selector(name), nil
  local worst = { verdict = "unsure", name = name, kind = field, min = min, max = max }
  for _, row in ipairs(rows) do
    local value = field == "risk" and pyprof.risk(row) or row[short[field] or field]
    if math.type(value) and (not takes or takes(row)) then
      local over = min and min - value or value - max
      if not most or over > most then most, worst.worst, worst.value = over, row.name, value end
    end
  end
  if most then worst.verdict = most > 0 and "failed" or "passed" end
  return worst
end

return {
  help = "Fail if a function takes more than its limit (status 3; 4 if that is not certain)",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations" },
  args = {
    limits = { type = "lua", required = true, help = "return { { 'parse', 'total', 0.20 } }" },
    coverage = { false, help = "covered, risk …, by another run" },
    counts = { false, help = "calls and executions, by another run" },
    memory = { false, collects = "allocations", help = "bytes, by another run" },
  },
  columns = { "verdict", "name", "kind", optional "share", optional "low_share",
    optional "high_share", optional "max_share", optional "worst", optional "value",
    optional "min", optional "max" },
  run = function(subject, args)
    local rows, worst, joined = {}, "passed", nil
    for i, limit in ipairs(args.limits) do
      local name, kind, max = table.unpack(limit)
      if kind == "self" or kind == "total" then
        rows[i] = of_time(subject.profile, name, kind, max)
      elseif type(kind) ~= "string" or not (math.type(max) or math.type(limit.min)) then
        return nil, ("limits[%d]: kind is 'self', 'total' or a field of the join"):format(i)
      else
        if not subject.source then return nil, "limits: " .. subject.missing.source end
        joined = joined or pyprof.join(subject)
        rows[i] = of_field(joined, name, kind, limit.min, max)
      end
      if order[rows[i].verdict] > order[worst] then worst = rows[i].verdict end
    end
    return rows, { verdict = worst }
  end,
}
