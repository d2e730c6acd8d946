-- export/protobuf.lua - writes the wire format of Protocol Buffers.
local misuse = require "pyprof.base.misuse"

local M = {}

local char, concat = string.char, table.concat
local varint_type, length_type = 0, 2

-- The same small numbers come again and again, so their bytes are kept.
local known = {}

local function varint(number)
  local text = known[number]
  if text then return text end
  local bytes, n = {}, number
  while n > 0x7f or n < 0 do -- the shift turns a number below 0 into the format's 64 bits
    bytes[#bytes + 1] = char(n & 0x7f | 0x80)
    n = n >> 7
  end
  bytes[#bytes + 1] = char(n)
  text = concat(bytes)
  if number >= 0 and number < 1 << 14 then known[number] = text end
  return text
end

local function packed(list, field)
  local parts = {}
  for i, number in ipairs(list) do
    if math.type(number) ~= "integer" then
      misuse.raise("protobuf: field %d: a list of integers holds %s", field, tostring(number))
    end
    parts[i] = varint(number)
  end
  return concat(parts)
end

--- Encodes a message. It also writes zeros, empty texts and empty lists if they are given.
---@param fields table[]   { number, value } each; a value is an integer, a text or message, or a
---  list of integers
---@return string
function M.message(fields)
  local parts = {}
  for _, entry in ipairs(fields) do
    local field, value = entry[1], entry[2]
    if math.type(field) ~= "integer" or field < 1 then
      misuse.raise("protobuf: a field's number is a whole number from 1, not %s", tostring(field))
    end
    if math.type(value) == "integer" then
      parts[#parts + 1] = varint(field << 3 | varint_type)
      parts[#parts + 1] = varint(value)
    else
      local text = value
      if type(value) == "table" then text = packed(value, field) end
      if type(text) ~= "string" then
        misuse.raise("protobuf: field %d: an integer, text or a list of integers is wanted, not %s",
          field, math.type(value) or type(value))
      end
      parts[#parts + 1] = varint(field << 3 | length_type)
      parts[#parts + 1] = varint(#text)
      parts[#parts + 1] = text
    end
  end
  return concat(parts)
end

return M
