-- profile/read/pstats.lua - the format of cProfile and profile: times and calls of functions, and
-- their callers.
local marshal = require "pyprof.profile.read.marshal"

local M = {}

--- Does the beginning of a file look like this format? It holds a dict that is empty or whose first
--- key is a tuple of three.
---@param head string
---@return boolean
function M.is(head)
  return head:find("^[{\xfb][)\xa9]\3") ~= nil or
    head:find("^[{\xfb][(\xa8]\3%z%z%z") ~= nil or head == "{0"
end

local function is_tuple(value, count)
  return type(value) == "table" and value.count == count
end

local function is_time(value)
  return math.type(value) and value == value and value > -math.huge and value < math.huge
end

local function is_count(value)
  return is_time(value) and value >= 0
end

-- The function's number. Built-in functions have the file "~" and line 0 in cProfile.
local function function_of(graph, key)
  local file, line, name = key[1], key[2], key[3]
  if not is_tuple(key, 3) or type(file) ~= "string" or math.type(line) ~= "integer" or
    type(name) ~= "string" then
    return nil
  end
  return graph:add_function(name, file == "~" and "" or file, math.max(line, 0))
end

local function add_callers(graph, callee, callers)
  if type(callers) ~= "table" or not callers.keys then return false end
  for i, key in ipairs(callers.keys) do
    local value, caller = callers.values[i], type(key) == "table" and function_of(graph, key)
    if not caller then return false end
    if is_tuple(value, 4) and is_count(value[2]) and is_time(value[4]) then
      graph:add_call(caller, callee, 0, value[2], math.max(value[4], 0))
    elseif is_count(value) then -- the module `profile` only counts calls
      graph:count("calls without times", 1)
    else
      return false
    end
  end
  return true
end

--- Fills the graph.
---@param text string
---@param graph pyprof.GraphData
---@return boolean|nil
---@return string|nil message
function M.read(text, graph)
  local stats, message = marshal.read(text)
  if not stats then return nil, message end
  if type(stats) ~= "table" or not stats.keys then
    return nil, "byte 0: a dict of functions is expected, as pstats has it"
  end
  graph.exporter, graph.keeper, graph.unit = "cProfile", "cProfile", "seconds"
  graph:set_metrics { "seconds" }
  for i, key in ipairs(stats.keys) do
    local value, number = stats.values[i], type(key) == "table" and function_of(graph, key)
    local good = number and is_tuple(value, 5) and is_count(value[2]) and is_time(value[3]) and
      is_time(value[4])
    if good then
      graph:add_cost(number, value[2], math.max(value[3], 0), math.max(value[4], 0))
      good = add_callers(graph, number, value[5])
    end
    if not good then
      return nil, ("entry %d of %d is no function with its callers, as pstats " ..
      "has them"):format(i, #stats.keys)
    end
  end
  return true
end

return M
