-- join/limits.lua - limits on functions and on the whole program, and whether they are kept.
local join = require "pyprof.join"
local program = require "pyprof.profile.program"
local selector = require "pyprof.profile.selector"

local M = {}

local order = { passed = 1, unsure = 2, failed = 3 }
local short = { covered = "covered_share", share = "total_share" }
-- What a limit of the program is a figure of, and the figure's unit.
local figures = { { "wall", "seconds" }, { "cpu", "seconds" }, { "memory", "bytes" } }

-- A limit on the share of time; sampling leaves an interval, so the verdict may be unsure.
local function of_time(profile, name, kind, max)
  local use = profile:sum(name)
  local low, high = use[kind .. "_low"], use[kind .. "_high"]
  local row = { verdict = "passed", name = name, kind = kind, share = use[kind .. "_share"],
    low_share = low, high_share = high, max_share = max, file = use.file, line = use.line }
  if use.functions == 0 then -- renamed? then nothing was checked
    row.verdict, row.why = "unsure", "no function has that name"
  elseif low > max then
    row.verdict = "failed"
  elseif high > max then
    row.verdict, row.why = "unsure", "too few samples"
  end
  return row
end

-- A limit on a field of the join: every function that is selected must keep it.
local function of_field(rows, name, field, min, max)
  local takes, most = name ~= "*" and selector.of_rows(name), nil
  local worst = { verdict = "unsure", name = name, kind = field, min = min, max = max,
    why = "no function has that figure" }
  for _, row in ipairs(rows) do
    local value = field == "risk" and join.risk(row) or row[short[field] or field]
    if math.type(value) and (not takes or takes(row)) then
      local over = min and min - value or value - max
      if not most or over > most then
        most, worst.worst, worst.value = over, row.name, value
        worst.file, worst.line, worst.why = row.file, row.line, nil
      end
    end
  end
  if most then worst.verdict = most > 0 and "failed" or "passed" end
  return worst
end

-- The limits on the whole program; the verdict is unsure where its run is not known.
local function of_program(subject, limits)
  local rows = {}
  local known = program.program(subject.profile, subject.exit)
  for _, it in ipairs(figures) do
    local max, value = limits[it[1]], known[it[1]]
    if max then
      rows[#rows + 1] = { name = "(program)", kind = it[1], value = value, max = max, unit = it[2],
        verdict = not value and "unsure" or value > max and "failed" or "passed",
        why = not value and "the recording does not say it of one run" or nil }
    end
  end
  return rows
end

function M.check(subject, collected, limits, whole)
  local rows = whole and next(whole) and of_program(subject, whole) or {}
  local worst, joined = "passed", nil
  for i, limit in ipairs(limits or {}) do
    local name, kind, max = table.unpack(limit)
    if kind == "self" or kind == "total" then
      rows[#rows + 1] = of_time(subject.profile, name, kind, max)
    elseif type(kind) ~= "string" or not (math.type(max) or math.type(limit.min)) then
      return nil, ("limits[%d]: kind is 'self', 'total' or a field of the join"):format(i)
    else
      if not subject.source then return nil, "limits: " .. subject.missing.source end
      joined = joined or join.join(collected)
      rows[#rows + 1] = of_field(joined, name, kind, limit.min, max)
    end
  end
  for _, row in ipairs(rows) do
    if order[row.verdict] > order[worst] then worst = row.verdict end
  end
  return rows, worst
end

return M
