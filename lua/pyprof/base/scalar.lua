-- base/scalar.lua - texts, numbers and empty tables as JSON.
local lazy = require "pyprof.base.lazy"

local M = {}

local escapes = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return escapes[character] or ("\\u%04x"):format(character:byte())
end

--- The text as valid UTF-8: each invalid byte becomes U+FFFD.
---@param text string
---@return string
function M.utf8_of(text)
  if utf8.len(text) then return text end
  local parts, position = {}, 1
  while true do
    local _, bad = utf8.len(text, position)
    if not bad then
      parts[#parts + 1] = text:sub(position)
      return table.concat(parts)
    end
    parts[#parts + 1] = text:sub(position, bad - 1) .. "\u{FFFD}"
    position = bad + 1
  end
end

--- A text as a JSON string.
---@param text string
---@return string
function M.string_of(text)
  -- The patterns avoid %c and %w, which depend on the locale. Most names and paths match the first
  -- pattern, which takes a third of the time of the second.
  if text:find("^[a-z_/.A-Z0-9-]*$") then return '"' .. text .. '"' end
  if not text:find('[\0-\x1f"\\\x7f-\xff]') then return '"' .. text .. '"' end
  text = M.utf8_of(text):gsub('[\0-\x1f"\\\x7f]', escape)
  -- Some terminals also obey the second set of control characters.
  return '"' .. text:gsub("\xc2([\x80-\x9f])", escape) .. '"'
end

--- The shortest text that reads back as the same number.
---@param number number
---@return string
function M.number_of(number)
  if math.type(number) == "integer" then return ("%d"):format(number) end
  if number ~= number or number == math.huge or number == -math.huge then
    error("JSON has no " .. tostring(number), 0)
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(number)
    if tonumber(text) == number then return text end
  end
end

--- Marks a list that may be empty, so that it is written as [] and not as {}.
---@generic T
---@param list T[]|nil
---@return T[]
function M.array(list)
  if lazy.is(list) then return list end
  return setmetatable(list or {}, M.Array)
end
M.Array = { __name = "pyprof.array" }

--- Is the table a list? An empty one is a list if it is marked.
---@param value table
---@return boolean
function M.is_array(value)
  return getmetatable(value) == M.Array or #value > 0 or lazy.is(value)
end

--- cjson's null, so that a value read by cjson can be written again.
M.null = require("cjson").null

-- The same names, files and weights come again and again, so their texts are kept, up to a limit.
local cache = { texts = {}, count = 0 }
M.cache = cache

local function keep(value, text)
  if cache.count >= 30000 then cache.texts, cache.count = {}, 0 end
  cache.texts[value], cache.count = text, cache.count + 1
  return text
end

local number_type = math.type

--- A value without entries as JSON. Integers are returned unchanged, because files write them as
--- JSON does.
---@param value any
---@return string|integer
function M.of(value)
  if number_type(value) == "integer" then return value end
  local text = cache.texts[value]
  if text then return text end
  if type(value) == "table" then return M.is_array(value) and "[]" or "{}" end
  local kind = type(value)
  if kind == "string" then return keep(value, M.string_of(value)) end
  if kind == "number" then return keep(value, M.number_of(value)) end
  if value == M.null then return "null" end
  if kind == "boolean" then return tostring(value) end
  error("JSON has no " .. kind, 0)
end

return M
