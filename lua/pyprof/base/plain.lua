-- base/plain.lua - plain values as bytes: a sandbox sends nothing else to the program outside it.
--
-- An attacker may control the process that sends the bytes. So decode makes only nil, booleans,
-- numbers, texts and tables of these, without metatables (except the mark of a list). Everything
-- else is an error.
local lazy = require "pyprof.base.lazy"
local scalars = require "pyprof.base.scalar"

local M = {}

--- The greatest depth of nested tables.
M.deepest = 200

local too_deep = ("a table holds itself, or tables stand more than %d deep"):format(M.deepest)

local encoders = {
  ["nil"] = function() return "n" end,
  boolean = function(value) return value and "t" or "f" end,
  integer = function(value) return string.pack("<c1i8", "i", value) end,
  float = function(value) return string.pack("<c1d", "d", value) end,
  string = function(value) return string.pack("<c1s4", "s", value) end,
}

local encode

local function encode_table(value, other, depth)
  if depth > M.deepest then error(too_deep, 0) end
  local is_lazy = lazy.is(value)
  local parts = { (is_lazy or getmetatable(value) == scalars.Array) and "[" or "{" }
  local step, list, start = next, value, nil
  if is_lazy or lazy.is_object(value) then step, list, start = pairs(value) end
  for key, item in step, list, start do
    parts[#parts + 1] = encode(key, other, depth + 1)
    parts[#parts + 1] = encode(item, other, depth + 1)
  end
  parts[#parts + 1] = "}"
  return table.concat(parts)
end

function encode(value, other, depth)
  if type(value) == "table" then return encode_table(value, other, depth) end
  local encoder = encoders[math.type(value) or type(value)]
  if encoder then return encoder(value) end
  if value == scalars.null then return "0" end
  return other(value)
end

local function no_other(value)
  error("JSON has no " .. type(value), 0)
end

--- The value as bytes.
---@param value any
---@param other (fun(value: any): string)|nil   gives the bytes for a function, a coroutine or
---  userdata: "c" is a function that does nothing; without `other` such a value is an error
---@return string
function M.encode(value, other)
  return encode(value, other or no_other, 1)
end

local function stub() end

local formats = { i = "<i8", d = "<d", s = "<s4" }
local constants = { t = true, f = false, c = stub, ["0"] = scalars.null }

local decode

-- At the end of the text the next byte is "", which is no kind of value: decode raises.
local function decode_table(bytes, position, depth, spend, mark)
  if depth > M.deepest then error(too_deep, 0) end
  spend(64)
  local result = {}
  while bytes:byte(position) ~= 125 do -- "}"
    local key, item
    key, position = decode(bytes, position, depth + 1, spend)
    item, position = decode(bytes, position, depth + 1, spend)
    if key == nil or key ~= key then error("a table has no such key", 0) end
    result[key] = item
  end
  if mark == "[" then scalars.array(result) end
  return result, position + 1
end

function decode(bytes, position, depth, spend)
  local kind = bytes:sub(position, position)
  local format = formats[kind]
  if format then return string.unpack(format, bytes, position + 1) end
  if kind == "{" or kind == "[" then
    return decode_table(bytes, position + 1, depth, spend, kind)
  end
  local constant = constants[kind]
  if constant == nil and kind ~= "n" then error("no plain value", 0) end
  return constant, position + 1
end

--- The value that the bytes encode. Raises where they encode none.
---@param bytes string
---@param spend fun(bytes: integer)|nil   gets the memory that each table takes; may raise
---@return any
function M.decode(bytes, spend)
  local value, position = decode(bytes, 1, 1, spend or stub)
  if position ~= #bytes + 1 then error("more than one value", 0) end
  return value
end

return M
