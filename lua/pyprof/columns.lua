-- columns.lua - the grammar of columns: from what a report writes to what a renderer draws.
local format = require "pyprof.format"
local suggest = require "pyprof.suggest"

local M = {}

---@class pyprof.Column
---@field head string
---@field fields string[]                 what json, ndjson and csv write, in this order
---@field raw fun(row: table, rank: integer): any...   the fields' values
---@field text fun(row: table, rank: integer): string  the cell
---@field plain string|nil                the one field that is written as it is in the row
---@field right boolean                   numbers stand to the right
---@field optional boolean

local keys = { "head", "format", "align", "value", "optional" }

-- How a field's value is shown where its column does not say.
local function default_format(field, unit)
  if field:find("share$") then
    return function(value) return format.format(value, "percent") end
  elseif field:find("weight$") then
    return function(value) return format.weight(value, unit) end
  end
  return function(value)
    if math.type(value) == "float" and math.tointeger(value) then
      return ("%d"):format(value)
    elseif math.type(value) == "float" then
      return ("%.3f"):format(value)
    end
    return tostring(value)
  end
end

local function heading(name)
  return (name:gsub("_", " "))
end

local special = {}

special.rank = function()
  return {
    head = "#", fields = { "rank" }, right = true,
    raw = function(_, rank) return rank end,
    text = function(_, rank) return ("%d"):format(rank) end,
  }
end

special["file:line"] = function()
  return {
    head = "file:line", fields = { "file", "line" }, right = false,
    raw = function(row) return row.file, row.line end,
    text = function(row)
      if not row.file or row.file == "" then return "" end
      if not row.line or row.line == 0 then return row.file end
      return ("%s:%d"):format(row.file, row.line)
    end,
  }
end

special.tree = function()
  return {
    head = "function", fields = { "depth", "name" }, right = false,
    raw = function(row) return row.depth, row.name end,
    text = function(row) return ("  "):rep(row.depth or 0) .. (row.name or "") end,
  }
end

local function field_column(spec, unit)
  local name = spec[1]
  local field = name:gsub("%%$", "_share")
  local show = spec.format or default_format(field, unit)
  if type(show) == "string" then
    local kind = show
    show = function(value) return format.format(value, kind) end
  end
  local value = spec.value or function(row) return row[field] end
  local numbers = { share = true, weight = true }
  return {
    head = spec.head or heading(name),
    fields = { field },
    right = spec.align == "right" or
      spec.align == nil and (numbers[field:match("[^_]*$")] or nil),
    raw = value,
    plain = not spec.value and field or nil,
    text = function(row)
      local got = value(row)
      if got == nil then return "" end
      return show(got)
    end,
    optional = spec.optional,
  }
end

--- Columns as a renderer takes them.
---@param specs any[]        strings, or { "name", head=, format=, align=, value=, optional= }
---@param unit string        the unit of weights
---@return pyprof.Column[]
function M.resolve(specs, unit)
  local columns = {}
  for i, spec in ipairs(specs) do
    if type(spec) == "string" then spec = { spec } end
    if type(spec) ~= "table" or type(spec[1]) ~= "string" then
      error(("columns[%d]: want a name, or a table that begins with one"):format(i), 0)
    end
    for key in pairs(spec) do
      if key ~= 1 then
        local known = false
        for _, name in ipairs(keys) do known = known or name == key end
        if not known then
          error(("columns[%d]: %s"):format(i, suggest.unknown("key", key, keys)), 0)
        end
      end
    end
    local make = not spec.value and special[spec[1]]
    columns[i] = make and make() or field_column(spec, unit)
    columns[i].head = spec.head or columns[i].head
  end
  return columns
end

--- The columns of rows whose report names none: the first row's fields, sorted.
---@param row table
---@param unit string
---@return pyprof.Column[]
function M.of_row(row, unit)
  local names = {}
  for key in pairs(row) do names[#names + 1] = tostring(key) end
  table.sort(names)
  return M.resolve(names, unit)
end

--- Decides of each column that does not say: numbers stand to the right.
---@param resolved pyprof.Column[]
---@param lines string[][]        the cells' texts
function M.align(resolved, lines)
  for i, column in ipairs(resolved) do
    if column.right == nil then
      column.right = true
      for _, cells in ipairs(lines) do
        if cells[i] ~= "" and not cells[i]:find("^[+-]?[%d,.]+%%?$") then column.right = false end
      end
    end
  end
end

--- A function that writes a row by a template: "{rank}. {name} - {self} samples ({self%})".
---@param template string
---@param unit string
---@return fun(row: table, rank: integer): string
function M.line(template, unit)
  local parts = {}
  for text, name in (template .. "{}"):gmatch("([^{]*){([^}]*)}") do
    parts[#parts + 1] = text
    if name ~= "" then parts[#parts + 1] = M.resolve({ name }, unit)[1] end
  end
  return function(row, rank)
    local texts = {}
    for i, part in ipairs(parts) do
      texts[i] = type(part) == "string" and part or part.text(row, rank)
    end
    return table.concat(texts)
  end
end

return M
