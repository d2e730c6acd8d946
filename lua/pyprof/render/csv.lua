-- render/csv.lua - one table as RFC 4180 has it: CRLF, quotes doubled, a line of names first.
local json = require "pyprof.base.json"
local scalars = require "pyprof.base.scalar"
local columns = require "pyprof.rows.columns"

local M = {}

-- A text as it is, but with U+FFFD for NUL, at which many readers stop, and for broken UTF-8.
local function text_field(text)
  if not text:find('[\0\n\r",\x80-\xff]') then return text end
  text = scalars.utf8_of(text):gsub("\0", "\u{FFFD}")
  if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
  return text
end

-- A spreadsheet takes a text that begins like this for a formula, which may open other files.
local function guarded_field(text)
  return text_field(text:find("^[=+@\t\r\n-]") and "'" .. text or text)
end

local function field(value, of_text)
  if math.type(value) == "integer" then return value end
  if type(value) == "string" then return of_text(value) end
  if value == nil then return "" end
  -- JSON cannot say inf and nan, but readers of numbers know them.
  if value ~= value then return "nan" end
  if value == math.huge or value == -math.huge then return value > 0 and "inf" or "-inf" end
  -- Sums of tenths end in 0000000001: people who read a csv file want no more than 15 digits.
  if math.type(value) == "float" then return ("%.15g"):format(value) end
  if type(value) == "table" then
    return text_field(json.line_of(value))
  end
  return scalars.of(value)
end

local function write_record(cells, count, write)
  -- A record of one empty field would be an empty line.
  if count == 1 and cells[1] == "" then cells[1] = '""' end
  write(table.concat(cells, ",", 1, count), "\r\n")
end

--- Writes the rows of the only section.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local section, rank, cells, fields = sections[1], 0, {}, nil
  local of_text = context.csv_raw and text_field or guarded_field
  local function write_heads(resolved)
    fields = columns.fields(resolved)
    for i, it in ipairs(fields) do cells[i] = of_text(it.name) end
    write_record(cells, #fields, write)
  end
  if section.columns then write_heads(section.columns) end
  for row in section.rows do
    rank = rank + 1
    if not fields then write_heads(columns.of_row(row, context.unit)) end
    for i = 1, #fields do
      cells[i] = field(columns.value(fields[i], row, rank), of_text)
    end
    write_record(cells, #fields, write)
  end
end

return M
