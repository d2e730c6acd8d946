-- render/csv.lua - one table as RFC 4180 has it: CRLF, quotes doubled, a line of names first.
local columns = require "pyprof.columns"
local json = require "pyprof.render.json"

local M = {}

local function field(value)
  if value == nil then return "" end
  local text
  if type(value) == "number" then
    text = json.number_of(value)
  elseif type(value) == "table" then
    local parts = {}
    json.write_value(value, function(...)
      for _, part in ipairs { ... } do parts[#parts + 1] = part end
    end)
    text = table.concat(parts)
  else
    text = tostring(value)
  end
  if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
  return text
end

--- Writes the rows of the one section that there is.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local section = sections[1]
  local resolved, rank = section.columns, 0
  local function write_heads()
    local heads = {}
    for _, column in ipairs(resolved) do
      for _, name in ipairs(column.fields) do heads[#heads + 1] = field(name) end
    end
    write(table.concat(heads, ","), "\r\n")
  end
  if resolved then write_heads() end
  for row in section.rows do
    rank = rank + 1
    if not resolved then
      resolved = columns.of_row(row, context.unit)
      write_heads()
    end
    local cells = {}
    for _, column in ipairs(resolved) do
      local values = table.pack(column.raw(row, rank))
      for i = 1, #column.fields do cells[#cells + 1] = field(values[i]) end
    end
    write(table.concat(cells, ","), "\r\n")
  end
end

return M
