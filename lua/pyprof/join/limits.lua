-- join/limits.lua - limits on functions and on the whole program, and whether they are kept.
local misuse = require "pyprof.base.misuse"
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

local function is_number(value)
  return math.type(value) ~= nil and value == value
end

-- What is wrong with one limit.
local function fault_of(limit)
  if type(limit) ~= "table" then
    return (" is %s (want { name, kind, max })"):format(misuse.shown(limit))
  end
  local name, kind, max = table.unpack(limit, 1, 3)
  if name == nil then return ": has no name (want { name, kind, max })" end
  local good, message = misuse.of_option(selector.check, name, "frame")
  if name ~= "*" and not good then
    return ": " .. tostring(message)
  elseif type(kind) ~= "string" then
    return ": kind is 'self', 'total' or a field of the join"
  elseif kind == "self" or kind == "total" then
    if is_number(max) and max >= 0 and max <= 1 then return nil end
    return (": the third is %s (want a share from 0 to 1)"):format(misuse.shown(max))
  elseif max == nil and limit.min == nil then
    return ": has no max, its third, and no min"
  end
  for _, it in ipairs { { "the third", max }, { "min", limit.min } } do
    if it[2] ~= nil and not is_number(it[2]) then
      return (": %s is %s (want a number)"):format(it[1], misuse.shown(it[2]))
    end
  end
end

function M.fault(limits)
  if type(limits) ~= "table" then
    return ("limits are %s (want a list of { name, kind, max })"):format(misuse.shown(limits))
  end
  for key in pairs(limits) do
    if math.type(key) ~= "integer" or key < 1 or key > #limits then
      return ("'%s' has no place in the list of limits"):format(tostring(key))
    end
  end
  for i, limit in ipairs(limits) do
    local fault = fault_of(limit)
    if fault then return ("limits[%d]%s"):format(i, fault) end
  end
end

function M.check(subject, collected, limits, whole)
  local fault = limits ~= nil and M.fault(limits)
  if fault then return nil, fault end
  local rows = whole and next(whole) and of_program(subject, whole) or {}
  local worst, joined = "passed", nil
  for _, limit in ipairs(limits or {}) do
    local name, kind, max = table.unpack(limit)
    if kind == "self" or kind == "total" then
      rows[#rows + 1] = of_time(subject.profile, name, kind, max)
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
