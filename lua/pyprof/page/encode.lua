-- page/encode.lua - the page's data as JSON: columns, lists and texts, deflated from 4 KiB on.
local bytes = require "pyprof.core.bytes"
local scalars = require "pyprof.base.scalar"

local M = {}

local packed_from = 4096 -- bytes

-- Text that is JSON already.
local Raw = {}

--- JSON that stays as it is.
---@param json string
---@return table
function M.raw(json)
  return setmetatable({ json = json }, Raw)
end

local function add(parts, value, count)
  local kind = type(value)
  if value == nil then
    parts[#parts + 1] = "null"
  elseif kind ~= "table" then
    parts[#parts + 1] = tostring(scalars.of(value))
  elseif getmetatable(value) == Raw then
    parts[#parts + 1] = value.json
  elseif count or scalars.is_array(value) then
    parts[#parts + 1] = "["
    for i = 1, count or #value do
      if i > 1 then parts[#parts + 1] = "," end
      add(parts, value[i])
    end
    parts[#parts + 1] = "]"
  else
    local keys = {}
    for key in pairs(value) do keys[#keys + 1] = key end
    table.sort(keys)
    for i, key in ipairs(keys) do
      parts[#parts + 1] = (i > 1 and "," or "{") .. scalars.string_of(key) .. ":"
      add(parts, value[key])
    end
    parts[#parts + 1] = #keys > 0 and "}" or "{}"
  end
end

--- Any value as JSON on one line. A list of `count` elements may have holes, which are null.
---@param value any
---@param count integer|nil
---@return string
function M.json(value, count)
  local parts = {}
  add(parts, value, count)
  return table.concat(parts)
end

local function packed(kind, json, text)
  if #text < packed_from then
    return M.raw(('{"type":"%s","z":0,"data":'):format(kind) .. json .. "}")
  end
  return M.raw(('{"type":"%s","z":1,"data":"'):format(kind) .. bytes.deflate(text) .. '"}')
end

--- A list or an object as a column.
---@param value any
---@param count integer|nil   of a list that may have holes
---@return table
function M.list(value, count)
  local json = M.json(value, count)
  return packed("json", json, json)
end

--- A text as a column.
---@param text string
---@return table
function M.text(text)
  text = scalars.utf8_of(text)
  return packed("text", scalars.string_of(text), text)
end

--- Whole numbers from 0 as a column.
---@param list integer[]
---@return table
function M.whole(list)
  return M.raw(bytes.column(list))
end

--- Any numbers as a column.
---@param list number[]
---@return table
function M.numbers(list)
  return M.raw(bytes.column(list, true))
end

-- U+2028 to U+202E: separators of lines and marks of direction.
local function escaped(character)
  return ("\\u%04x"):format(utf8.codepoint(character))
end

--- The JSON as the text of a script element: no tag can end it, no text can begin a comment.
---@param json string
---@return string
function M.in_element(json)
  return (json:gsub("<", "\\u003c"):gsub("\xe2\x80[\xa8-\xae]", escaped))
end

return M
