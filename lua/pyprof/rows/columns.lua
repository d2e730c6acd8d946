-- rows/columns.lua - the grammar of columns: turns a report's columns into those of a renderer.
local contract = require "pyprof.base.contract"
local json = require "pyprof.base.json"
local shown = require "pyprof.base.shown"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local without_tabs = require("pyprof.base.text").without_tabs
local units = require "pyprof.base.units"

local M = {}

--- The value that json, ndjson and csv write for a column: a field of the row, or get's result.
---@class pyprof.Field
---@field name string
---@field get (fun(row: table, rank: integer): any)|nil   nil: row[name]

---@class pyprof.Column
---@field head string
---@field fields pyprof.Field[]
---@field cell fun(row: table, rank: integer): string, any   the text, and the value that it shows
---@field tree boolean|nil        drawn with lines where all rows are known
---@field right boolean|nil       aligned to the right; nil: only if the cells are numbers
---@field share boolean           the value is a share
---@field code boolean|nil        the text is a name, a path or source: Markdown shows it as code
---@field plain boolean|nil       numbers get as many decimals as the others of the column
---@field path boolean|nil        the text is a path, which gives way before others do
---@field bars boolean|nil        the text is a row of bars, of which each is a part of the time
---@field optional boolean|nil

local keys = contract.new("key", {
  { 1 }, { "head", "string" }, { "format", "string", "function" }, { "align", "string" },
  { "value", "function" }, { "optional", "boolean" }, { "also", "table" },
  { "code", "boolean" },
})

local function number_text(value)
  if math.type(value) == "float" and not math.tointeger(value) then
    return ("%.3f"):format(value)
  end
  return ("%d"):format(value)
end

-- A cell shows a list or an object as JSON.
local function plain_text(value)
  if math.type(value) then return number_text(value) end
  local meta = getmetatable(value)
  if type(value) == "table" and not (type(meta) == "table" and rawget(meta, "__tostring")) then
    return json.line_of(value)
  end
  return tostring(value)
end

-- Fields with a format of their own. A line that is not known is no number.
local of_field = {
  file = function(value) return type(value) == "string" and shown.path(value) or value end,
  name = function(value) return type(value) == "string" and shown.name(value) or value end,
  line = function(value) return value == 0 and "" or plain_text(value) end,
}

-- The format of a field whose column names none. A change shows its sign.
local function default_format(field, unit)
  local show = of_field[field] or plain_text
  if field:find("share$") then
    show = function(value) return units.format(value, "percent") end
  elseif field:find("weight$") then
    show = function(value) return units.weight(value, unit) end
  end
  if not field:find("^change") then return show end
  return function(value)
    local text = show(value)
    return math.type(value) and value > 0 and "+" .. text or text
  end
end

local function format_of(spec, field, unit, where)
  local given = spec.format
  if given == nil then return default_format(field, unit) end
  if type(given) == "function" then return given end
  if not units.kinds[given] then
    error(("%s: %s"):format(where, suggest.unknown("format", given, units.names)), 0)
  end
  return function(value) return units.format(value, given) end
end

local short_units = { seconds = "s", milliseconds = "ms", microseconds = "µs", nanoseconds = "ns" }

-- The head of a weight names its unit; texts of bytes have theirs.
local function heading(name, field, unit)
  local head = name:gsub("_", " ")
  if not field:find("weight$") or unit == "none" then return head end
  if unit == "bytes" then return (head:gsub("weight$", "bytes")) end
  local of = head:gsub(" ?weight$", "")
  return ("%s (%s)"):format(of == "" and "time" or of, short_units[unit] or unit)
end

local special = {}

special.rank = function()
  local function rank_of(_, rank) return rank end
  return {
    head = "#", fields = { { name = "rank", get = rank_of } }, right = true,
    cell = function(_, rank) return ("%d"):format(rank), rank end,
  }
end

special["file:line"] = function()
  return {
    head = "file:line", fields = { { name = "file" }, { name = "line" } }, right = false,
    path = true, code = true,
    cell = function(row)
      local text = shown.place(row.file, row.line)
      return text, text ~= "" and text or nil
    end,
  }
end

special.tree = function()
  return {
    head = "function", fields = { { name = "depth" }, { name = "name" } }, right = false,
    cell = function(row)
      return ("  "):rep(row.depth or 0) .. shown.name(row.name or ""), nil
    end,
    tree = true, code = true,
  }
end

-- The path of a stack, outermost frame first. A cell shows only the two ends of a deep one.
local deep = 20

local function path_of(row)
  local names = {}
  for i, frame in ipairs(row.frames or {}) do names[i] = frame.name end
  return names
end

special.path = function()
  local function whole(row) return table.concat(path_of(row), " > ") end
  return {
    head = "path", fields = { { name = "path", get = whole } }, right = false, code = true,
    cell = function(row)
      local names = path_of(row)
      local over = #names - deep
      if over > 0 then names = { names[1], "…", table.unpack(names, over + 1) } end
      local text = shown.name(table.concat(names, " > "))
      return text, text
    end,
  }
end

-- Fields that hold names, paths or source.
local of_code = { name = true, file = true, module = true, stack = true, definition = true,
  hottest = true, worst = true, text = true, id = true }

local function field_column(spec, unit, where)
  local name = spec[1]
  local field = name:gsub("%%$", "_share")
  local show, value = format_of(spec, field, unit, where), spec.value
  local right
  if spec.align then
    right = spec.align == "right"
  elseif field:find("share$") or field:find("weight$") then
    right = true
  end
  return {
    head = heading(name, field, spec.format == nil and unit or "none"),
    fields = { { name = field, get = value } },
    right = right, plain = spec.format == nil, code = of_code[field],
    share = field:find("share$") ~= nil and not field:find("^change"),
    path = spec.format == "path" or spec.format == nil and field == "file",
    cell = function(row, rank)
      local got
      if value then got = value(row, rank) else got = row[field] end
      if got == nil then return "", nil end
      -- The field `text` is a line of source, which tabs may indent.
      local seen = field == "text" and type(got) == "string" and without_tabs(got) or got
      return tostring(show(seen, row)), got
    end,
    optional = spec.optional, bars = spec.format == "sparkline",
  }
end

local sides = { "left", "right" }

local function check_spec(spec, where)
  if type(spec) ~= "table" or type(spec[1]) ~= "string" then
    error(where .. ": want a name, or a table that begins with one", 0)
  end
  local message = contract.fault(keys, spec)
  if not message and spec.align ~= nil and not tables.has(sides, spec.align) then
    message = suggest.unknown("align", spec.align, sides)
  end
  for _, name in ipairs(not message and spec.also or {}) do
    if type(name) ~= "string" then message = "also: want names of fields" end
  end
  if message then error(("%s: %s"):format(where, message), 0) end
end

local function resolve_one(spec, unit, where)
  if type(spec) == "string" then spec = { spec } end
  check_spec(spec, where)
  local make = not spec.value and special[spec[1]]
  local column = make and make() or field_column(spec, unit, where)
  column.head = spec.head or column.head
  if spec.code ~= nil then column.code = spec.code end
  for _, name in ipairs(spec.also or {}) do
    column.fields[#column.fields + 1] = { name = name }
  end
  return column
end

--- Turns a report's columns into those of a renderer.
---@param specs any[]   strings, or { "name", head=, format=, align=, value=, optional=, also=,
---  code= }
---@param unit string        the unit of weights
---@param where string|nil    who named them, for messages
---@return pyprof.Column[]
function M.resolve(specs, unit, where)
  where = where and where .. ": " or ""
  local columns = {}
  for i, spec in ipairs(specs) do
    columns[i] = resolve_one(spec, unit, ("%scolumns[%d]"):format(where, i))
  end
  return columns
end

--- The columns for a report that names none: the fields of its first row, sorted.
---@param row table
---@param unit string
---@return pyprof.Column[]
function M.of_row(row, unit)
  local columns = {}
  -- A field may have the name of a special column; here the name means the field.
  for i, name in ipairs(tables.names(row)) do
    columns[i] = field_column({ name }, unit, "columns")
  end
  return columns
end

--- The fields of all columns, each once. Where two columns show one field, the first column counts.
---@param resolved pyprof.Column[]
---@return pyprof.Field[]
function M.fields(resolved)
  local fields, seen = {}, {}
  for _, column in ipairs(resolved) do
    for _, field in ipairs(column.fields) do
      if not seen[field.name] then
        seen[field.name] = true
        fields[#fields + 1] = field
      end
    end
  end
  return fields
end

--- The value of a row's field.
---@param field pyprof.Field
---@param row table
---@param rank integer
---@return any
function M.value(field, row, rank)
  if field.get then return field.get(row, rank) end
  return row[field.name]
end

-- The column in a template's braces, perhaps with a format after it: "wall:seconds".
local function template_column(word, unit)
  if word:find("[{\n]") then
    error(("line: {%s: is not closed"):format(word:match("^[^{\n]*")), 0)
  end
  local where = ("line: {%s}"):format(word)
  local name, kind = word:match("^(.+):(%l+)$")
  local spec = name and not special[word] and { name, format = kind } or word
  return resolve_one(spec, unit, where)
end

--- Splits a row's template, "{rank}. {name} - {self} samples ({self%})", into texts and columns.
---@param template string
---@param unit string
---@return (string|pyprof.Column)[]
function M.line(template, unit)
  local parts = {}
  for text, name in (template .. "{}"):gmatch("([^{]*){([^}]*)}?") do
    if text ~= "" then parts[#parts + 1] = text end
    if name ~= "" then parts[#parts + 1] = template_column(name, unit) end
  end
  return parts
end

return M
