-- base/json.lua - one value as JSON with stable bytes: keys sorted, numbers exact; and back.
local cjson = require "cjson"
local fail = require "pyprof.base.fail"
local lazy = require "pyprof.base.lazy"
local scalars = require "pyprof.base.scalar"
local core = require "pyprof.core.json"

local M = {}

local is_array, scalar, string_of = scalars.is_array, scalars.of, scalars.string_of

-- An object's sorted keys.
local function new_shape(object)
  local keys = {}
  for key in next, object do
    if type(key) ~= "string" then
      error(("JSON objects have text keys, got %s"):format(type(key)), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return { keys = keys }
end

-- Has the object the keys of this shape?
local function has_shape(object, shape)
  if not shape.has then
    shape.has = {}
    for _, key in ipairs(shape.keys) do shape.has[key] = true end
  end
  local has, count = shape.has, 0
  for key in next, object do
    if not has[key] then return false end
    count = count + 1
  end
  return count == #shape.keys
end

-- The texts before each value in the form on one line. An object that stands alone may have
-- millions of keys, so they are made for the objects of lists only.
local function heads_of(shape)
  local heads = {}
  for i, key in ipairs(shape.keys) do
    heads[i] = (i > 1 and ", " or "{") .. string_of(key) .. ": "
  end
  return heads
end

local function is_flat(value)
  for _, item in next, value do
    if type(item) == "table" and next(item) ~= nil then return false end
  end
  return true
end

local function is_flat_list(list)
  for i = 1, #list do
    local item = list[i]
    if type(item) == "table" and next(item) ~= nil then return false end
  end
  return true
end

-- What core.flat does not write itself, as text.
local function text_of_scalar(value)
  return tostring(scalar(value))
end

-- The writer gathers pieces and writes many at a time.
local many = 120
local Writer = {}
Writer.__index = Writer

function Writer:flush()
  self.write(table.unpack(self, 1, self.count))
  self.count = 0
end

function Writer:add(text)
  self.count = self.count + 1
  self[self.count] = text
end

-- An object on one line.
function Writer:flat_object(value, shape)
  for i, key in ipairs(shape.keys) do
    self:add((i > 1 and ", " or "{") .. string_of(key) .. ": ")
    self:add(scalar(value[key]))
    if self.count > many then self:flush() end
  end
  self:add("}")
end

function Writer:lazy_object(value)
  local before = "{"
  for key, item in pairs(value) do
    self:add(before)
    self:add(string_of(key))
    self:add(": ")
    self:add(scalar(item))
    if self.count > many then self:flush() end
    before = ", "
  end
  self:add("}")
end

function Writer:flat_list(value)
  self:add("[")
  for i = 1, #value do
    if i > 1 then self:add(", ") end
    self:add(scalar(value[i]))
    if self.count > many then self:flush() end
  end
  self:add("]")
end

-- A list that holds non-empty tables gets one line per entry. The objects of a list mostly have the
-- same keys, so each entry tries those of the entry before it.
function Writer:list_entries(value, indent)
  local first, between = "[\n" .. indent .. "  ", ",\n" .. indent .. "  "
  local shape
  for i = 1, #value do
    local item = value[i]
    local is_object = type(item) == "table" and next(item) ~= nil and not is_array(item)
    local text
    if is_object and shape then
      shape.heads = shape.heads or heads_of(shape)
      text = core.flat(item, shape.keys, shape.heads, text_of_scalar)
    end
    self:add(i == 1 and first or between)
    if text then
      self:add(text)
    else
      if not is_object then
        shape = nil
      elseif not shape or not has_shape(item, shape) then
        shape = new_shape(item)
      end
      self:value(item, indent .. "  ", shape)
    end
    if self.count > many then self:flush() end
  end
  self:add("\n" .. indent .. "]")
end

function Writer:object_entries(value, indent, shape)
  local inner = indent .. "  "
  self:add("{")
  for i, key in ipairs(shape.keys) do
    self:add((i > 1 and ",\n" or "\n") .. inner .. string_of(key) .. ": ")
    self:value(value[key], inner)
    if self.count > many then self:flush() end
  end
  self:add("\n" .. indent .. "}")
end

function Writer:value(value, indent, shape)
  if type(value) ~= "table" or next(value) == nil then return self:add(scalar(value)) end
  if is_array(value) then
    if is_flat_list(value) then return self:flat_list(value) end
    return self:list_entries(value, indent)
  end
  if lazy.is_object(value) then return self:lazy_object(value) end
  shape = shape or new_shape(value)
  if is_flat(value) then
    self:flat_object(value, shape)
  else
    self:object_entries(value, indent, shape)
  end
end

--- Writes one value.
---@param value any
---@param write fun(...: string)
---@param indent string|nil   the indentation of the line on which the value begins
function M.write_value(value, write, indent)
  local writer = setmetatable({ count = 0, write = write }, Writer)
  writer:value(value == nil and scalars.null or value, indent or "")
  writer:flush()
end

--- One value as text of several lines.
---@param value any
---@return string
function M.text_of(value)
  local parts = {}
  M.write_value(value, function(...)
    parts[#parts + 1] = table.concat({ ... })
  end)
  return table.concat(parts)
end

--- One value as text on one line. JSON's strings hold no newline, so only the space between values
--- changes.
---@param value any
---@return string
function M.line_of(value)
  if type(value) ~= "table" then return tostring(scalar(value)) end
  local text = M.text_of(value):gsub("([%[{])\n *", "%1"):gsub("\n *([%]}])", "%1")
  return (text:gsub("\n *", " "))
end

--- The value that a text is, by cjson: null is cjson.null, and numbers are floats. A lack of memory
--- is an error.
---@param text string
---@return any              nil: it is broken
---@return string|nil message
function M.value_of(text)
  local good, value = pcall(cjson.decode, text)
  if good then return value end
  if fail.is_memory(value) then error(value, 0) end
  return nil, value
end

return M
