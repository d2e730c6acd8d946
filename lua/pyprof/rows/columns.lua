-- rows/columns.lua - the grammar of columns: from what a report writes to what a renderer draws.
local contract = require "pyprof.base.contract"
local json = require "pyprof.base.json"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local units = require "pyprof.base.units"

local M = {}

--- What json, ndjson and csv write of a column: one field of the row, or what get says.
---@class pyprof.Field
---@field name string
---@field get (fun(row: table, rank: integer): any)|nil   nil: row[name]

---@class pyprof.Column
---@field head string
---@field fields pyprof.Field[]
---@field cell fun(row: table, rank: integer): string, any   the text, and the value behind it
---@field tree boolean|nil        drawn with lines where all rows are known
---@field right boolean|nil       numbers stand to the right; nil: as the cells turn out to be
---@field share boolean           the value is a share
---@field optional boolean|nil

local keys = contract.new("key", {
  { 1 }, { "head", "string" }, { "format", "string", "function" }, { "align", "string" },
  { "value", "function" }, { "optional", "boolean" },
})

local function number_text(value)
  if math.type(value) == "float" and not math.tointeger(value) then
    return ("%.3f"):format(value)
  end
  return ("%d"):format(value)
end

-- A list or an object has no place in a cell but as the JSON that it is.
local function plain_text(value)
  if math.type(value) then return number_text(value) end
  local meta = getmetatable(value)
  if type(value) == "table" and not (type(meta) == "table" and rawget(meta, "__tostring")) then
    return json.line_of(value)
  end
  return tostring(value)
end

-- How a field's value is shown where its column does not say; a change shows its sign.
local function default_format(field, unit)
  local show = plain_text
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

local function heading(name)
  return (name:gsub("_", " "))
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
    cell = function(row)
      if not row.file or row.file == "" then return "", nil end
      if not row.line or row.line == 0 then return row.file, row.file end
      local text = ("%s:%d"):format(row.file, row.line)
      return text, text
    end,
  }
end

special.tree = function()
  return {
    head = "function", fields = { { name = "depth" }, { name = "name" } }, right = false,
    cell = function(row) return ("  "):rep(row.depth or 0) .. (row.name or ""), nil end,
    tree = true,
  }
end

-- Of a stack the whole way, outermost first; of a deep one a cell shows the two ends.
local deep = 20

local function path_of(row)
  local names = {}
  for i, frame in ipairs(row.frames or {}) do names[i] = frame.name end
  return names
end

special.path = function()
  local function whole(row) return table.concat(path_of(row), " > ") end
  return {
    head = "path", fields = { { name = "path", get = whole } }, right = false,
    cell = function(row)
      local names = path_of(row)
      local over = #names - deep
      if over > 0 then names = { names[1], "…", table.unpack(names, over + 1) } end
      local text = table.concat(names, " > ")
      return text, text
    end,
  }
end

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
    head = heading(name),
    fields = { { name = field, get = value } },
    right = right,
    share = field:find("share$") ~= nil and not field:find("^change"),
    cell = function(row, rank)
      local got
      if value then got = value(row, rank) else got = row[field] end
      if got == nil then return "", nil end
      return tostring(show(got)), got
    end,
    optional = spec.optional,
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
  if message then error(("%s: %s"):format(where, message), 0) end
end

local function resolve_one(spec, unit, where)
  if type(spec) == "string" then spec = { spec } end
  check_spec(spec, where)
  local make = not spec.value and special[spec[1]]
  local column = make and make() or field_column(spec, unit, where)
  column.head = spec.head or column.head
  return column
end

--- Columns as a renderer takes them.
---@param specs any[]        strings, or { "name", head=, format=, align=, value=, optional= }
---@param unit string        the unit of weights
---@param where string|nil    who named them, for complaints
---@return pyprof.Column[]
function M.resolve(specs, unit, where)
  where = where and where .. ": " or ""
  local columns = {}
  for i, spec in ipairs(specs) do
    columns[i] = resolve_one(spec, unit, ("%scolumns[%d]"):format(where, i))
  end
  return columns
end

--- The columns of rows whose report names none: the first row's fields, sorted.
---@param row table
---@param unit string
---@return pyprof.Column[]
function M.of_row(row, unit)
  local columns = {}
  -- A field may be called as a special column is: here it is the field that is meant.
  for i, name in ipairs(tables.names(row)) do
    columns[i] = field_column({ name }, unit, "columns")
  end
  return columns
end

--- The fields of all columns, each once: where two columns show one field, the first.
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

--- What a row has in a field.
---@param field pyprof.Field
---@param row table
---@param rank integer
---@return any
function M.value(field, row, rank)
  if field.get then return field.get(row, rank) end
  return row[field.name]
end

-- What stands in a template's braces: a column, perhaps with a format behind it: "wall:seconds".
local function template_column(word, unit)
  if word:find("[{\n]") then
    error(("line: {%s: is not closed"):format(word:match("^[^{\n]*")), 0)
  end
  local where = ("line: {%s}"):format(word)
  local name, kind = word:match("^(.+):(%l+)$")
  local spec = name and not special[word] and { name, format = kind } or word
  return resolve_one(spec, unit, where)
end

--- A row's template, "{rank}. {name} - {self} samples ({self%})", as what stands in it: texts and
--- columns.
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
