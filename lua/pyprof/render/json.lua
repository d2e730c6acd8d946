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

local function is_flat(value)
  for _, item in pairs(value) do
    if type(item) == "table" and next(item) ~= nil then return false end
  end
  return true
end

local write_value

-- One line for what holds only plain values, else one line an entry.
local function write_entries(value, open, close, each, count, write, indent)
  local flat = is_flat(value)
  local inner = flat and "" or indent .. "  "
  write(open)
  for i = 1, count do
    if i > 1 then write(flat and ", " or ",") end
    if not flat then write("\n", inner) end
    each(i, inner)
  end
  if not flat then write("\n", indent) end
  write(close)
end

local function write_table(value, write, indent)
  if next(value) == nil then return write(is_array(value) and "[]" or "{}") end
  if is_array(value) then
    return write_entries(value, "[", "]", function(i, inner)
      write_value(value[i], write, inner)
    end, #value, write, indent)
  end
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error(("JSON objects have text keys, got %s"):format(type(key)), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  write_entries(value, "{", "}", function(i, inner)
    write(string_of(keys[i]), ": ")
    write_value(value[keys[i]], write, inner)
  end, #keys, write, indent)
end

function write_value(value, write, indent)
  local kind = type(value)
  if kind == "table" then
    write_table(value, write, indent)
  elseif kind == "string" then
    write(string_of(value))
  elseif kind == "number" then
    write(M.number_of(value))
  elseif kind == "boolean" or value == nil or value == M.null then
    write(value == M.null and "null" or tostring(value == nil and "null" or value))
  else
    error("JSON has no " .. kind, 0)
  end
end

--- cjson's null, so that what one reads can be written again.
M.null = require("cjson").null

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

local integer_or_float = math.type

local function text_of(value)
  if type(value) == "string" then return string_of(value) end
  local parts = {}
  write_value(value, function(...)
    for i = 1, select("#", ...) do parts[#parts + 1] = (select(i, ...)) end
  end, "")
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
        -- table.concat writes whole numbers as JSON does.
        parts[count + 2] = integer_or_float(value) == "integer" and value or text_of(value)
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
