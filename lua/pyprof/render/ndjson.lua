-- render/ndjson.lua - one table, one JSON object a line, each written as soon as it is there.
local columns = require "pyprof.columns"
local json = require "pyprof.render.json"

local M = {}

--- Writes the rows of the one section that there is.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local section = sections[1]
  local resolved, rank = section.columns, 0
  for row in section.rows do
    rank = rank + 1
    resolved = resolved or columns.of_row(row, context.unit)
    json.write_row(resolved, row, rank, write)
    write("\n")
  end
end

return M
