-- render/json.lua - values as JSON with stable bytes: keys sorted, numbers exact.
local columns = require "pyprof.columns"

local M = {}

local escapes = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return escapes[character] or ("\\u%04x"):format(character:byte())
end

-- JSON is UTF-8: a byte that is none of it becomes U+FFFD.
local function valid(text)
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

local function string_of(text)
  if not text:find('[%c"\\\x7f-\xff]') then return '"' .. text .. '"' end
  if not utf8.len(text) then text = valid(text) end
  return '"' .. text:gsub('[%c"\\\x7f]', escape) .. '"'
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
  return setmetatable(list or {}, M.Array)
end
M.Array = { __name = "pyprof.array" }

local function is_array(value)
  return getmetatable(value) == M.Array or #value > 0
end

--- cjson's null, so that what one reads can be written again.
M.null = require("cjson").null

-- Names, files and weights come again and again: their texts are kept, until there are many.
local known, known_count = {}, 0

local function keep(value, text)
  if known_count >= 10000 then known, known_count = {}, 0 end
  known[value], known_count = text, known_count + 1
  return text
end

-- Anything but a table. Whole numbers stay what they are: table.concat writes them as JSON does.
local function scalar(value)
  if math.type(value) == "integer" then return value end
  local text = known[value]
  if text then return text end
  local kind = type(value)
  if kind == "string" then return keep(value, string_of(value)) end
  if kind == "number" then return keep(value, M.number_of(value)) end
  if value == M.null then return "null" end
  if kind == "boolean" then return tostring(value) end
  error("JSON has no " .. kind, 0)
end

-- The keys of an object, sorted, and under each key what stands before its value. Objects of one
-- list mostly have one shape: the one of the object before is taken if it fits.
local function shape_of(object, shape)
  local count = 0
  for key in next, object do
    if shape and not shape[key] then shape = nil end
    count = count + 1
  end
  if shape and #shape == count then return shape end
  shape = {}
  for key in next, object do
    if type(key) ~= "string" then
      error(("JSON objects have text keys, got %s"):format(type(key)), 0)
    end
    shape[#shape + 1] = key
  end
  table.sort(shape)
  for i = 1, count do shape[shape[i]] = string_of(shape[i]) .. ": " end
  return shape
end

local function is_flat(value)
  for _, item in next, value do
    if type(item) == "table" and next(item) ~= nil then return false end
  end
  return true
end

-- Texts are gathered and written many at a time.
local Writer = {}
Writer.__index = Writer

function Writer:flush()
  self.write(table.concat(self, "", 1, self.count))
  self.count = 0
end

function Writer:add(text)
  self.count = self.count + 1
  self[self.count] = text
end

-- One line for what holds only plain values, else one line an entry.
function Writer:table(value, indent, shape)
  local list = is_array(value)
  if next(value) == nil then return self:add(list and "[]" or "{}") end
  shape = not list and shape_of(value, shape) or nil
  local flat = is_flat(value)
  local inner = flat and "" or indent .. "  "
  local between = flat and ", " or ",\n" .. inner
  local inner_shape
  self:add((list and "[" or "{") .. (flat and "" or "\n" .. inner))
  for i = 1, #(list and value or shape) do
    if i > 1 then self:add(between) end
    local item = value[i]
    if not list then
      self:add(shape[shape[i]])
      item = value[shape[i]]
    end
    if type(item) == "table" then
      inner_shape = self:table(item, inner, inner_shape)
    else
      self:add(scalar(item))
    end
  end
  self:add((flat and "" or "\n" .. indent) .. (list and "]" or "}"))
  if self.count > 5000 then self:flush() end
  return shape
end

local function write_value(value, write, indent)
  if type(value) ~= "table" then return write(value == nil and "null" or scalar(value)) end
  local writer = setmetatable({ count = 0, write = write }, Writer)
  writer:table(value, indent)
  writer:flush()
end

--- Writes one value.
---@param value any
---@param write fun(...: string)
function M.write_value(value, write)
  write_value(value, write, "")
end

-- What stands before a column's values, made once and kept with it: as an object's first, and not.
local function heads_of(column)
  local heads = { first = {}, next = {} }
  for i, field in ipairs(column.fields) do
    heads.first[i] = string_of(field) .. ": "
    heads.next[i] = ", " .. heads.first[i]
  end
  column.json_heads = heads
  return heads
end

local function text_of(value)
  if type(value) ~= "table" then return scalar(value) end
  local parts = {}
  write_value(value, function(text) parts[#parts + 1] = text end, "")
  return table.concat(parts)
end

--- Writes one row as an object, its columns' fields in their order.
---@param resolved pyprof.Column[]
---@param row table
---@param rank integer
---@param write fun(...: string)
function M.write_row(resolved, row, rank, write)
  local parts, count = { "{" }, 1
  for i = 1, #resolved do
    local column = resolved[i]
    local heads, plain = column.json_heads or heads_of(column), column.plain
    local values = not plain and table.pack(column.raw(row, rank))
    for j = 1, plain and 1 or #column.fields do
      local value = plain and row[plain]
      if not plain then value = values[j] end
      if value ~= nil then
        parts[count + 1] = (count == 1 and heads.first or heads.next)[j]
        parts[count + 2] = text_of(value)
        count = count + 2
      end
    end
  end
  parts[count + 1] = "}"
  write(table.concat(parts))
end

local function write_rows(section, write, context, indent)
  local resolved, rank = section.columns, 0
  write("[")
  for row in section.rows do
    rank = rank + 1
    resolved = resolved or columns.of_row(row, context.unit)
    write(rank > 1 and "," or "", "\n", indent, "  ")
    M.write_row(resolved, row, rank, write)
  end
  write(rank > 0 and "\n" .. indent or "", "]")
end

--- An object alone is itself, one table an array of objects, several an object by title.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local tables, verdict = {}, nil
  for _, section in ipairs(sections) do
    if section.rows or section.object ~= nil then tables[#tables + 1] = section end
    if section.verdict then verdict = section end
  end
  local function write_section(section, indent)
    if section.object ~= nil then return write_value(section.object, write, indent) end
    write_rows(section, write, context, indent)
  end
  if #tables == 1 and not verdict then
    write_section(tables[1], "")
  else
    table.sort(tables, function(a, b) return (a.title or "") < (b.title or "") end)
    write("{")
    for i, section in ipairs(tables) do
      write(i > 1 and "," or "", "\n  ", string_of(section.title or "rows"), ": ")
      write_section(section, "  ")
    end
    if verdict then
      write(#tables > 0 and "," or "", "\n  \"verdict\": ")
      write_value({ verdict = verdict.verdict, because = verdict.because }, write, "  ")
    end
    write("\n}")
  end
  write("\n")
end

return M
