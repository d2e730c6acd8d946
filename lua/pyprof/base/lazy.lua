-- base/lazy.lua - lists and objects whose entries are made when they are read, and not kept.
local misuse = require "pyprof.base.misuse"

local M = {}

local is_number = math.type
local is_lazy = setmetatable({}, { __mode = "k" })

--- A list of `count` entries; make(i) gives the i-th one, each time that it is read. `#`, `list[i]`
--- and ipairs work as on any list; the list cannot be changed.
---@generic T
---@param count integer
---@param make fun(i: integer): T
---@return T[]
function M.list(count, make)
  if math.type(count) ~= "integer" or count < 0 then
    misuse.raise("lazy: count is a whole number, not %s", misuse.shown(count))
  end
  misuse.want(make, "function", "lazy: a function that makes an entry")
  -- An entry at 0 tells next that the list is not empty.
  local list = setmetatable(count > 0 and { [0] = true } or {}, {
    __name = "pyprof.array",
    __len = function() return count end,
    __index = function(_, i)
      if is_number(i) == "integer" and i >= 1 and i <= count then return make(i) end
    end,
    __newindex = function() misuse.raise("a lazy list cannot be changed") end,
    __pairs = function(list) return ipairs(list) end,
  })
  is_lazy[list] = true
  return list
end

--- Is this a lazy list?
---@param value any
---@return boolean
function M.is(value)
  return is_lazy[value] == true
end

local is_object = setmetatable({}, { __mode = "k" })

--- An object of `count` entries for JSON; make(i) gives the i-th key and its value, which is no
--- table. The keys come sorted, each once. pairs works as on any object.
---@param count integer
---@param make fun(i: integer): string, any
---@return table<string, any>
function M.object(count, make)
  local object = setmetatable(count > 0 and { [0] = true } or {}, {
    __pairs = function(object)
      local i = 0
      return function()
        i = i + 1
        if i <= count then return make(i) end
      end, object
    end,
    __newindex = function() misuse.raise("a lazy object cannot be changed") end,
  })
  is_object[object] = true
  return object
end

--- Is this a lazy object?
---@param value any
---@return boolean
function M.is_object(value)
  return is_object[value] == true
end

return M
