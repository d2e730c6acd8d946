-- base/tables.lua - small functions for lists and maps.
local M = {}

--- The place of the value in the list, or nil.
---@param list any[]
---@param value any
---@return integer|nil
function M.find(list, value)
  for place, item in ipairs(list) do
    if item == value then return place end
  end
end

--- Is the value one of the list?
---@param list any[]
---@param value any
---@return boolean
function M.has(list, value)
  return M.find(list, value) ~= nil
end

--- The keys of a map, sorted as texts, so that keys of any type always have the same order.
---@param map table
---@return any[]
function M.keys(map)
  local keys = {}
  for key in next, map do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

--- The keys of a map as texts, sorted.
---@param map table
---@return string[]
function M.names(map)
  local names = M.keys(map)
  for i, key in ipairs(names) do names[i] = tostring(key) end
  return names
end

--- The value, or a table of its own with copies of all that it holds.
---@generic T
---@param value T
---@return T
function M.copy(value)
  if type(value) ~= "table" then return value end
  local result = {}
  for key, element in pairs(value) do result[key] = M.copy(element) end
  return result
end

return M
