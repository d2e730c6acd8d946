-- render/ndjson.lua - one table, one JSON object a line, each written as soon as it is there.
local columns = require "pyprof.columns"
local json = require "pyprof.render.json"

local M = {}

--- Writes the rows of the one section that there is.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local section, rank, write_row = sections[1], 0, nil
  for row in section.rows do
    rank = rank + 1
    write_row = write_row or
      json.row_writer(section.columns or columns.of_row(row, context.unit), "}\n")
    write_row(row, rank, write, "")
  end
end

return M
