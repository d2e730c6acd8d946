-- profile/totals.lua - rows of functions, of lines, of groups by any key of a frame, and the sum of
-- a selection.
local lazy = require "pyprof.base.lazy"
local misuse = require "pyprof.base.misuse"
local stats = require "pyprof.base.stats"
local core = require "pyprof.core.profile"
local frame = require "pyprof.profile.frame"
local kind = require "pyprof.profile.kind"
local selector = require "pyprof.profile.selector"
local rows = require "pyprof.rows"

local M = {}

M.keys = { "sort", "limit", "of", "include", "exclude" }
--- The options of rows that may be made one by one.
M.lazy_keys = { "lazy", table.unpack(M.keys) }

--- The options of each method.
M.options = { functions = M.lazy_keys, lines = M.lazy_keys, by = M.lazy_keys }

local fields = {
  "name", "file", "line", "self", "total", "self_weight", "total_weight", "self_share",
  "total_share",
}
local by_fields = { "functions", "name", table.unpack(fields, 4) }

--- The weight of the profile, or of the query's `of`.
---@param data table
---@param query table
---@return number
function M.whole(data, query)
  if query.of ~= nil then
    kind.want_samples(query.of, "of: a profile is wanted, not " .. misuse.shown(query.of))
    data = data.of_profile(query.of)
  end
  return data:info().weight
end

--- A function that divides a weight by the weight of the profile, or of the query's `of`.
---@param data table
---@param query table
---@return fun(weight: number): number
function M.share(data, query)
  local whole = M.whole(data, query)
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
  if not include and not exclude:find("[^\0]") then return nil end
  local wanted = {}
  for i = 1, data.frames.count do
    if (not include or include:byte(i) ~= 0) and (not exclude or exclude:byte(i) == 0) then
      wanted[groups.numbers[i]] = true
    end
  end
  return wanted
end

-- A function that makes the row of a group; identify(group, line) returns name, file, line and
-- functions. One constructor makes each row, because fields added one by one cost three times as
-- much.
local function row_maker(data, groups, query, identify)
  local share = M.share(data, query)
  local self, total, self_weight, total_weight, lines = data:totals(groups)
  return function(group)
    local name, file, line, functions = identify(group, lines[group])
    return {
      name = name, file = file, line = line, functions = functions,
      self = self[group], total = total[group],
      self_weight = self_weight[group], total_weight = total_weight[group],
      self_share = share(self_weight[group]), total_share = share(total_weight[group]),
    }
  end
end

-- The groups with samples that are wanted, in their order.
local function counted(data, groups, query)
  local wanted = M.wanted(data, query, groups)
  local _, total = data:totals(groups)
  local result = {}
  for group = 1, groups.count do
    if total[group] > 0 and (not wanted or wanted[group]) then result[#result + 1] = group end
  end
  return result
end

-- Where data:totals has the field by which rows are sorted.
local numbers = { self = 1, total = 2, self_weight = 3, self_share = 3, total_weight = 4,
  total_share = 4 }

-- The groups in the order of the query, without a row of each; nil if only rows tell the order.
local function in_order(data, groups, query, key)
  if key == "name" then return counted(data, groups, query) end
  local name = key:gsub("^%-", "")
  if not numbers[name] then return nil end
  local kept = { data:totals(groups) }
  local divisor = name:find("share$") and M.whole(data, query) or 1
  local order = core.rank(kept[numbers[name]], kept[2], divisor, name ~= key)
  local wanted = M.wanted(data, query, groups)
  if not wanted then return order end
  local result = {}
  for i = 1, #order do
    if wanted[order[i]] then result[#result + 1] = order[i] end
  end
  return result
end

-- The rows of groups. tidy: the groups' numbers are in the order of the rows' names, files and
-- lines, which decides between equal rows.
local function finished(data, groups, query, names, identify, tidy)
  local key = rows.sort_key(query, "self_weight", names)
  local make = row_maker(data, groups, query, identify)
  local order = tidy and in_order(data, groups, query, key)
  if not order then
    local result = counted(data, groups, query)
    for i, group in ipairs(result) do result[i] = make(group) end
    return rows.finish(result, query, "self_weight", names, true)
  end
  local count = math.min(#order, query.limit or #order)
  local result = {}
  if query.lazy then
    result = lazy.list(count, function(i) return make(order[i]) end)
  else
    for i = 1, count do result[i] = make(order[i]) end
  end
  return rows.note_left_out(result, #order - count)
end

function M.functions(data, query)
  query = misuse.options(query, M.lazy_keys)
  local groups, names, files = data.frames:by("function"), data.frames.names, data.frames.files
  return finished(data, groups, query, fields, function(group, line)
    local first = groups.first[group]
    return names[first], files[first], line
  end, true)
end

-- The name of each line: the first one, A-Z, of its frames in the samples. nil if that is the name
-- of each line's first frame, as it mostly is.
local function seen_names(data, groups)
  local seen, regular = data:seen(), true
  local _, total = data:totals(groups)
  for group = 1, groups.count do
    regular = regular and (total[group] == 0 or seen:byte(groups.first[group]) ~= 0)
  end
  if regular then return nil end
  local names = {}
  for i = 1, data.frames.count do
    local group, name = groups.numbers[i], data.frames.names[i]
    if seen:byte(i) ~= 0 and (not names[group] or name < names[group]) then names[group] = name end
  end
  return names
end

function M.lines(data, query)
  query = misuse.options(query, M.lazy_keys)
  local groups, names, files = data.frames:by("line"), data.frames.names, data.frames.files
  local others = seen_names(data, groups)
  return finished(data, groups, query, fields, function(group, line)
    local first = groups.first[group]
    return others and others[group] or names[first], files[first], line
  end, not others)
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

-- The number of functions of each group that are in the samples. `whole`: all frames of a function
-- are in one group.
local function count_functions(data, groups, whole)
  local functions = data.frames:by("function")
  local seen = data:seen()
  local counts, known = {}, {}
  for i = 1, data.frames.count do
    local group, key = groups.numbers[i], functions.numbers[i]
    if not whole then key = key * (groups.count + 1) + group end
    if seen:byte(i) ~= 0 and not known[key] then
      known[key] = true
      counts[group] = (counts[group] or 0) + 1
    end
  end
  return counts
end

function M.by(data, key, query)
  query = misuse.options(query, M.lazy_keys)
  rows.sort_key(query, "self_weight", by_fields)
  local groups, values = group_by(data, key)
  local functions = count_functions(data, groups, type(key) == "string")
  return finished(data, groups, query, by_fields, function(group)
    return values[groups.first[group]], nil, nil, functions[group] or 0
  end, key == "name")
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
  local _, total = data:totals(groups)
  local row = groups.count == 1 and total[1] > 0 and row_maker(data, groups, {}, function(_, line)
    return name, file, functions[1] == 1 and line or 0
  end)(1) or {
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
