-- base/json.lua - one value as JSON with stable bytes: keys sorted, numbers exact.
local scalars = require "pyprof.base.scalar"

local M = {}

local cache, is_array, scalar, string_of =
  scalars.cache, scalars.is_array, scalars.of, scalars.string_of
local number_type = math.type

-- An object's sorted keys, and the text before each value in the form on one line.
local function new_shape(object)
  local shape = { keys = {}, heads = {}, has = {} }
  for key in next, object do
    if type(key) ~= "string" then
      error(("JSON objects have text keys, got %s"):format(type(key)), 0)
    end
    shape.keys[#shape.keys + 1], shape.has[key] = key, true
  end
  table.sort(shape.keys)
  for i, key in ipairs(shape.keys) do
    shape.heads[i] = (i > 1 and ", " or "{") .. string_of(key) .. ": "
  end
  return shape
end

-- An object's shape, and whether the object fits on one line. The objects of a list mostly have the
-- same shape, so the previous object's shape is used again if it fits.
local function examine(object, shape)
  local has, count, flat = shape and shape.has, 0, true
  for key, item in next, object do
    count = count + 1
    if has and not has[key] then has = nil end
    if type(item) == "table" and next(item) ~= nil then flat = false end
  end
  if not has or count ~= #shape.keys then shape = new_shape(object) end
  return shape, flat
end

local function is_flat_list(list)
  for i = 1, #list do
    local item = list[i]
    if type(item) == "table" and next(item) ~= nil then return false end
  end
  return true
end

-- A function compiled for one shape takes half the time of a loop over keys. Lua limits
-- the registers of a function, so only objects with few keys get one.
local fits = 50

local function compiled(shape)
  local code = { "local cache, scalar, type = ...\nreturn function(before, object, write)\n",
    "local texts = cache.texts\n" }
  local pieces = { "write(before" }
  for i, key in ipairs(shape.keys) do
    code[#code + 1] = ("local v%d = object[%q]\n"):format(i, key)
    code[#code + 1] = ("if type(v%d) ~= 'integer' then v%d = texts[v%d] or scalar(v%d) end\n")
      :format(i, i, i, i)
    pieces[i + 1] = ("%q, v%d"):format(shape.heads[i], i)
  end
  code[#code + 1] = table.concat(pieces, ", ") .. ", '}') end"
  return load(table.concat(code), "=json")(cache, scalar, number_type)
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
    self:add(shape.heads[i])
    self:add(scalar(value[key]))
    if self.count > many then self:flush() end
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

-- A list that holds non-empty tables gets one line per entry. Each entry tries the shape of the
-- entry before it.
function Writer:list_entries(value, indent)
  local first, between = "[\n" .. indent .. "  ", ",\n" .. indent .. "  "
  local shape, flat, same, write
  for i = 1, #value do
    local item, before, last = value[i], i == 1 and first or between, shape
    shape, flat = nil, false
    if type(item) == "table" and next(item) ~= nil and not is_array(item) then
      shape, flat = examine(item, last)
    end
    if shape ~= last or not shape then same, write = 0, nil end
    same = same + 1
    if same == 3 and #shape.keys <= fits then write = compiled(shape) end
    if write and flat then
      if self.count > 0 then self:flush() end
      write(before, item, self.write)
    else
      self:add(before)
      self:value(item, indent .. "  ", shape)
      if self.count > many then self:flush() end
    end
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
  local flat
  shape, flat = examine(value, shape)
  if flat then
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

return M
