-- profile/totals.lua - rows of functions, of lines, of groups by any key of a frame, and the sum of
-- a selection.
local misuse = require "pyprof.base.misuse"
local stats = require "pyprof.base.stats"
local frame = require "pyprof.profile.frame"
local kind = require "pyprof.profile.kind"
local selector = require "pyprof.profile.selector"
local rows = require "pyprof.rows"

local M = {}

M.keys = { "sort", "limit", "of", "include", "exclude" }

--- The options of each method.
M.options = { functions = M.keys, lines = M.keys, by = M.keys }

local fields = {
  "name", "file", "line", "self", "total", "self_weight", "total_weight", "self_share",
  "total_share",
}
local by_fields = { "functions", "name", table.unpack(fields, 4) }

--- A function that divides a weight by the weight of the profile, or of the query's `of`.
---@param data table
---@param query table
---@return fun(weight: number): number
function M.share(data, query)
  local of = data
  if query.of ~= nil then
    kind.want_samples(query.of, "of: a profile is wanted, not " .. misuse.shown(query.of))
    of = data.of_profile(query.of)
  end
  local whole = of:info().weight
  return function(weight)
    if whole == 0 then return 0.0 end
    return weight / whole
  end
end

--- Which groups become rows: those with a frame that is included and not excluded. nil: all.
---@param data table
---@param query table
---@param groups pyprof.Groups
---@return table<integer, boolean>|nil
function M.wanted(data, query, groups)
  if query.include == nil and query.exclude == nil then return nil end
  local include = query.include ~= nil and selector.frames(query.include, data.frames)
  -- A user may exclude frames that this profile does not have, so no note is given.
  local exclude = query.exclude ~= nil and selector.frames(query.exclude, data.frames, true)
  local wanted = {}
  for i = 1, data.frames.count do
    if (not include or include:byte(i) ~= 0) and (not exclude or exclude:byte(i) == 0) then
      wanted[groups.numbers[i]] = true
    end
  end
  return wanted
end

-- The rows of groups with samples; identify(group, line) returns name, file, line and functions.
-- One constructor makes each row, because fields added one by one cost three times as much.
local function count(data, groups, query, identify)
  local share = M.share(data, query)
  local wanted = M.wanted(data, query, groups)
  local self, total, self_weight, total_weight, lines = data:totals(groups)
  local result = {}
  for group = 1, groups.count do
    if total[group] > 0 and (not wanted or wanted[group]) then
      local name, file, line, functions = identify(group, lines[group])
      result[#result + 1] = {
        name = name, file = file, line = line, functions = functions,
        self = self[group], total = total[group],
        self_weight = self_weight[group], total_weight = total_weight[group],
        self_share = share(self_weight[group]), total_share = share(total_weight[group]),
      }
    end
  end
  return result
end

local function located(data, groups)
  local names, files = data.frames.names, data.frames.files
  return function(group, line)
    local first = groups.first[group]
    return names[first], files[first], line
  end
end

function M.functions(data, query)
  query = misuse.options(query, M.keys)
  local groups = data.frames:by("function")
  rows.sort_key(query, "self_weight", fields)
  return rows.finish(count(data, groups, query, located(data, groups)), query, "self_weight",
    fields, true)
end

-- The name of each line: the first one, A-Z, of its frames in the samples.
local function seen_names(data, groups)
  local names, seen = {}, data:seen()
  for i = 1, data.frames.count do
    local group, name = groups.numbers[i], data.frames.names[i]
    if seen:byte(i) ~= 0 and (not names[group] or name < names[group]) then names[group] = name end
  end
  return names
end

function M.lines(data, query)
  query = misuse.options(query, M.keys)
  rows.sort_key(query, "self_weight", fields)
  local groups = data.frames:by("line")
  local names = seen_names(data, groups)
  local result = count(data, groups, query, function(group, line)
    return names[group], data.frames.files[groups.first[group]], line
  end)
  return rows.finish(result, query, "self_weight", fields, true)
end

-- The groups by a frame's field or a function's result, and the value for each frame.
local function group_by(data, key)
  if key == "name" then return data.frames:by("name"), data.frames.names end
  if key == "file" then return data.frames:by("file"), data.frames.files end
  local list, get, values = data.frames:all(), frame.getter(key), {}
  local groups = data.frames:group(function(i)
    local value = get(list[i])
    values[i] = value
    return value
  end)
  return groups, values
end

-- The number of functions of each group that are in the samples.
local function count_functions(data, groups)
  local functions = data.frames:by("function")
  local seen = data:seen()
  local counts, counted = {}, {}
  for i = 1, data.frames.count do
    local group = groups.numbers[i]
    local key = functions.numbers[i] * (groups.count + 1) + group
    if seen:byte(i) ~= 0 and not counted[key] then
      counted[key] = true
      counts[group] = (counts[group] or 0) + 1
    end
  end
  return counts
end

function M.by(data, key, query)
  query = misuse.options(query, M.keys)
  rows.sort_key(query, "self_weight", by_fields)
  local groups, values = group_by(data, key)
  local functions = count_functions(data, groups)
  local result = count(data, groups, query, function(group)
    return values[groups.first[group]], nil, nil, functions[group] or 0
  end)
  return rows.finish(result, query, "self_weight", by_fields, true)
end

-- The bounds of a share of weight. They are computed as if the profile's samples had equal weights.
local function bounds(share, samples)
  return stats.interval(math.min(share, 1.0) * samples, samples)
end

function M.sum(data, selected)
  local mask = selector.frames(selected, data.frames)
  local groups = data.frames:group(function(i) return mask:byte(i) ~= 0 and 1 or nil end)
  local functions = count_functions(data, groups)
  local name, file = type(selected) == "string" and selected or "(selected)", ""
  if functions[1] == 1 then
    local seen = data:seen()
    for i = data.frames.count, 1, -1 do
      if groups.numbers[i] == 1 and seen:byte(i) ~= 0 then
        name, file = data.frames.names[i], data.frames.files[i]
      end
    end
  end
  local row = count(data, groups, {}, function(_, line)
    return name, file, functions[1] == 1 and line or 0
  end)[1] or {
    name = name, file = "", line = 0, self = 0, total = 0, self_weight = 0.0,
    total_weight = 0.0, self_share = 0.0, total_share = 0.0,
  }
  row.functions = functions[1] or 0
  local samples = data:info().samples
  row.self_low, row.self_high = bounds(row.self_share, samples)
  row.total_low, row.total_high = bounds(row.total_share, samples)
  return row
end

return M
