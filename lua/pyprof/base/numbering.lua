-- base/numbering.lua - numbers things in the order in which they come.
local M = {}

--- A function that gives each key its number, from 1 on; see pyprof.numbering.
---@param add fun(number: integer, ...)|nil   called for each new key, with the other arguments
---@return fun(key: any, ...): integer
function M.new(add)
  local numbers, count = {}, 0
  return function(key, ...)
    local number = numbers[key]
    if not number then
      number = count + 1
      numbers[key], count = number, number
      if add then add(number, ...) end
    end
    return number
  end
end

return M
