-- profile/read/marshal.lua - Python's marshal format, versions 0 to 5, for data only, without code
-- objects.
local clean = require("pyprof.base.text").clean

local M = {}

local deepest = 50

---@class pyprof.marshal.Tuple: table   a tuple or list; `count` is its length
---@class pyprof.marshal.Dict: table    { keys = {}, values = {} } in the file's order

local function fail(at, message, ...)
  error({ marshal = ("byte %d: " .. message):format(at - 1, ...) }, 0)
end

local function take(state, format, what)
  local size = string.packsize(format)
  if state.at + size - 1 > #state.text then fail(state.at, "%s is cut off", what) end
  local value = string.unpack(format, state.text, state.at)
  state.at = state.at + size
  return value
end

local function text_of(state, format)
  local start = state.at
  local length = take(state, format, "a text's length")
  if length < 0 or state.at + length - 1 > #state.text then
    fail(start, "a text of %d bytes is cut off", length)
  end
  state.at = state.at + length
  return state.text:sub(state.at - length, state.at - 1)
end

-- The number has digits of 15 bits. Beyond 60 bits it becomes a float, which is exact enough.
local function long(state)
  local start = state.at
  local count = take(state, "<i4", "a number")
  local value, scale = count < -4 and 0.0 or count > 4 and 0.0 or 0, 1
  if value == 0.0 and math.type(value) == "float" then scale = 1.0 end
  if math.abs(count) > 1000 then fail(start, "a number of %d digits is too long", count) end
  for _ = 1, math.abs(count) do
    value, scale = value + take(state, "<I2", "a number") * scale, scale * 32768
  end
  return count < 0 and -value or value
end

local read

local function items(state, count, list)
  local start = state.at
  if count < 0 or count > #state.text then fail(start, "a tuple of %d is cut off", count) end
  list.count = count
  for i = 1, count do list[i] = read(state) end
  return list
end

local null = {}

local function dict(state, result)
  result.keys, result.values = {}, {}
  while true do
    local key = read(state)
    if key == null then return result end
    local value = read(state)
    if value == null then fail(state.at, "a key without a value") end
    result.keys[#result.keys + 1] = key
    result.values[#result.keys] = value
  end
end

-- The reader of each type. A container gets its table before its contents, which may refer to it.
local readers = {
  N = function() return false end,
  F = function() return false end,
  T = function() return true end,
  i = function(state) return take(state, "<i4", "a number") end,
  I = function(state) return take(state, "<i8", "a number") end,
  l = long,
  g = function(state) return take(state, "<d", "a number") end,
  f = function(state)
    local start, text = state.at, text_of(state, "<B")
    return tonumber(text) or fail(start, "'%s' is no number", clean(text))
  end,
  s = function(state) return text_of(state, "<i4") end,
  t = function(state)
    local text = text_of(state, "<i4")
    state.interned[#state.interned + 1] = text
    return text
  end,
  z = function(state) return text_of(state, "<B") end,
  R = function(state)
    local start, number = state.at, take(state, "<i4", "a reference")
    return state.interned[number + 1] or fail(start, "no text has the number %d", number)
  end,
  r = function(state)
    local start, number = state.at, take(state, "<i4", "a reference")
    local value = state.references[number + 1]
    if value == nil then fail(start, "no object has the number %d", number) end
    return value
  end,
}
readers.u, readers.a, readers.A, readers.Z = readers.s, readers.s, readers.s, readers.z
local containers = {
  ["("] = function(state, it) return items(state, take(state, "<i4", "a length"), it) end,
  [")"] = function(state, it) return items(state, take(state, "<B", "a length"), it) end,
  ["{"] = dict,
}
containers["["] = containers["("]

local has_reference = 0x80

read = function(state)
  local start = state.at
  local code = take(state, "<B", "the data")
  local kind = string.char(code & ~has_reference)
  if kind == "0" then return null end
  local place
  if code & has_reference ~= 0 and kind ~= "r" then
    place = #state.references + 1
    state.references[place] = null -- it is numbered before its contents
  end
  local value
  if containers[kind] then
    value = {}
    if place then state.references[place] = value end
    state.depth = state.depth + 1
    if state.depth > deepest then fail(start, "nested more than %d deep", deepest) end
    containers[kind](state, value)
    state.depth = state.depth - 1
  elseif readers[kind] then
    value = readers[kind](state)
    if place then state.references[place] = value end
  elseif kind == "c" then
    fail(start, "a code object, which -m profile leaves there (-m cProfile does not)")
  else
    fail(start, "a type that no profile has (0x%02x)", code)
  end
  return value
end

--- The object that the text holds.
---@param text string
---@return any                  nil if the text is broken
---@return string|nil message   "byte N: …"
function M.read(text)
  local state = { text = text, at = 1, depth = 0, references = {}, interned = {} }
  local good, value = pcall(read, state)
  if good and value ~= null and state.at <= #text then
    return nil, ("byte %d: %d bytes after the end"):format(state.at - 1, #text - state.at + 1)
  end
  if good then return value end
  if type(value) == "table" and value.marshal then return nil, value.marshal end
  error(value, 0)
end

return M
