-- render/ndjson.lua - one table, one JSON object on each line; each row is written at once.
local json = require "pyprof.base.json"
local scalars = require "pyprof.base.scalar"
local columns = require "pyprof.rows.columns"

local M = {}

local function cell_of(value)
  if value == nil then return nil end
  return type(value) == "table" and json.line_of(value) or scalars.of(value)
end

local most = 60 -- fields of a compiled function: each takes two of Lua's 200 local variables

-- A function for rows that have their first field, compiled for these columns: it takes half the
-- time. It skips fields that a row does not have.
local function compiled(names, heads, finish)
  local code = { "local cache, cell_of, type = ...\nreturn function(before, row, write)\n",
    "local texts = cache.texts\n" }
  local pieces = { "write(before" }
  for i, name in ipairs(names) do
    code[#code + 1] = ("local h%d, v%d = %q, row[%q]\n"):format(i, i, heads[i], name)
    code[#code + 1] = ("if type(v%d) ~= 'integer' then v%d = texts[v%d] or cell_of(v%d)\n")
      :format(i, i, i, i)
    code[#code + 1] = ("if v%d == nil then h%d, v%d = '', '' end end\n"):format(i, i, i)
    pieces[i + 1] = ("h%d, v%d"):format(i, i)
  end
  code[#code + 1] = ("%s, %q) end"):format(table.concat(pieces, ", "), finish)
  return load(table.concat(code), "=json")(scalars.cache, cell_of, math.type)
end

--- A function that writes one row as an object, the columns' fields in their order, in one call
--- of write; `before` separates rows.
---@param resolved pyprof.Column[]
---@param finish string            the text after a row
---@return fun(row: table, rank: integer, write: fun(...: string), before: string)
function M.writer(resolved, finish)
  local fields = columns.fields(resolved)
  local names, gets, heads, plain = {}, {}, {}, #fields <= most
  for i, field in ipairs(fields) do
    names[i], gets[i] = field.name, field.get or false
    heads[i] = (i > 1 and ", " or "{") .. scalars.string_of(field.name) .. ": "
    plain = plain and not field.get
  end
  local parts, rows, write_plain = {}, 0, nil
  return function(row, rank, write, before)
    if write_plain and row[names[1]] ~= nil then return write_plain(before, row, write) end
    rows = rows + 1
    if rows == 3 and plain then write_plain = compiled(names, heads, finish) end
    local count = 1
    for i = 1, #names do
      local get, value = gets[i]
      if get then value = get(row, rank) else value = row[names[i]] end
      if value ~= nil then
        parts[count + 1], parts[count + 2] = heads[i], cell_of(value)
        count = count + 2
      end
    end
    parts[1] = before
    if count == 1 or parts[2] ~= heads[1] then -- the brace stands in the first field's head
      parts[1] = before .. "{"
      if count > 1 then parts[2] = parts[2]:sub(3) end
    end
    parts[count + 1] = finish
    write(table.unpack(parts, 1, count + 1))
  end
end

--- Writes the rows of the only section.
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
