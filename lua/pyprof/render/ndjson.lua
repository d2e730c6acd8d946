-- render/ndjson.lua - one table, one JSON object a line, each written as soon as it is there.
local columns = require "pyprof.columns"
local scalars = require "pyprof.render.scalar"

local M = {}

-- Few rows hold lists or objects.
local function json_line(value)
  return require("pyprof.render.json").line_of(value)
end

--- A function that writes one row as an object, the columns' fields in their order, in one call
--- of write; `before` is what stands between rows.
---@param resolved pyprof.Column[]
---@param finish string            what stands behind a row
---@return fun(row: table, rank: integer, write: fun(...: string), before: string)
function M.writer(resolved, finish)
  local fields = columns.fields(resolved)
  local names, gets, heads = {}, {}, {}
  for i, field in ipairs(fields) do
    names[i], gets[i] = field.name, field.get or false
    heads[i] = ", " .. scalars.string_of(field.name) .. ": "
  end
  local parts, unpack, scalar = {}, table.unpack, scalars.of
  return function(row, rank, write, before)
    local count, texts = 1, scalars.cache.texts
    for i = 1, #names do
      local get, value = gets[i]
      if get then value = get(row, rank) else value = row[names[i]] end
      if value ~= nil then
        parts[count + 1] = heads[i]
        parts[count + 2] = math.type(value) == "integer" and value or texts[value] or
          type(value) == "table" and json_line(value) or scalar(value)
        count = count + 2
      end
    end
    parts[1] = before .. "{"
    if count > 1 then parts[2] = parts[2]:sub(3) end
    parts[count + 1] = finish
    write(unpack(parts, 1, count + 1))
  end
end

--- Writes the rows of the one section that there is.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local section, rank, write_row = sections[1], 0, nil
  for row in section.rows do
    rank = rank + 1
    write_row = write_row or M.writer(section.columns or columns.of_row(row, context.unit), "}\n")
    write_row(row, rank, write, "")
  end
end

return M
