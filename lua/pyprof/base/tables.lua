-- base/tables.lua - small functions for lists and maps.
local M = {}

--- Is the value one of the list?
---@param list any[]
---@param value any
---@return boolean
function M.has(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
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

return M
