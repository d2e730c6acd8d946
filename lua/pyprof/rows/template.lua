-- rows/template.lua - fills a template with rows.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local columns = require "pyprof.rows.columns"

local M = {}

-- Raises for a field that no row has.
local function check(part, rows)
  local field, known, listed = part.fields[1], {}, {}
  for rank, row in ipairs(rows) do
    if columns.value(field, row, rank) ~= nil then return end
    for name in pairs(row) do
      if not listed[name] then
        listed[name] = true
        known[#known + 1] = tostring(name)
      end
    end
  end
  table.sort(known)
  misuse.raise("fill: %s", suggest.unknown("field", field.name, known))
end

--- Fills a template with a row, or with each row of a list, one after the other.
---@param template string     "{rank}. {name} {wall:seconds}": columns in braces
---@param rows table          a row, or a list of rows
---@param between string|nil  the text between two rows; nil: none
---@return string
function M.fill(template, rows, between)
  misuse.want(template, "string", "fill: a template")
  misuse.want(rows, "table", "fill: a row or a list of rows")
  if between ~= nil then misuse.want(between, "string", "fill: a text between rows") end
  if #rows == 0 and next(rows) ~= nil then rows = { rows } end
  local good, parts = pcall(columns.line, template, "none")
  if not good then misuse.raise("fill: %s", parts) end
  local filled = {}
  for _, part in ipairs(#rows > 0 and parts or {}) do
    if type(part) == "table" then check(part, rows) end
  end
  for rank, row in ipairs(rows) do
    local texts = {}
    for i, part in ipairs(parts) do
      texts[i] = type(part) == "string" and part or (part.cell(row, rank))
    end
    filled[rank] = table.concat(texts)
  end
  return table.concat(filled, between or "")
end

return M
