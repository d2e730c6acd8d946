-- render/cells.lua - all rows of a section as texts: for formats that see all before they write.
local columns = require "pyprof.columns"

local M = {}

-- What stands before the name of each row of a tree in preorder: the lines to its parent and
-- past it. Whether a brother follows is known only from below.
local function branches(rows)
  local base = math.huge
  for _, row in ipairs(rows) do base = math.min(base, row.depth or 0) end
  local open, before = {}, {}
  for i = #rows, 1, -1 do
    local depth, parts = (rows[i].depth or 0) - base, {}
    for level = 1, depth - 1 do parts[level] = open[level] and "│  " or "   " end
    if depth > 0 then parts[depth] = open[depth] and "├─ " or "└─ " end
    before[i] = table.concat(parts)
    for level = depth + 1, #open do open[level] = false end
    for level = #open + 1, depth - 1 do open[level] = false end
    if depth > 0 then open[depth] = true end
  end
  return before
end

-- Numbers, with a unit behind them perhaps.
local function is_number(text, value)
  if math.type(value) then return text:find("^[+-]?[%d.]") ~= nil end
  return text:find("^[+-]?%d[%d,.]*%%?$") ~= nil
end

---@class pyprof.Cells
---@field columns pyprof.Column[]   without the optional ones that are empty in all rows
---@field texts string[][]          each row's
---@field values any[][]            what the texts show; empty where nobody asked for it

-- Optional columns in which nothing stands are left out.
local function leave_out_empty(resolved, cells)
  local kept = {}
  for j, column in ipairs(resolved) do
    local any = not column.optional
    for _, texts in ipairs(cells.texts) do
      if any then break end
      any = texts[j] ~= ""
    end
    if any then kept[#kept + 1] = j end
  end
  if #kept == #resolved then return end
  for k, j in ipairs(kept) do
    cells.columns[k] = resolved[j]
    for i, texts in ipairs(cells.texts) do
      local values = cells.values[i]
      texts[k] = texts[j]
      if values then values[k] = values[j] end
    end
  end
  for k = #resolved, #kept + 1, -1 do
    cells.columns[k] = nil
    for i, texts in ipairs(cells.texts) do
      local values = cells.values[i]
      texts[k] = nil
      if values then values[k] = nil end
    end
  end
end

local function first_seen(section, unit, row)
  local resolved = section.columns or columns.of_row(row, unit)
  local tree, numbers = false, {}
  for j, column in ipairs(resolved) do
    tree = tree or column.tree
    numbers[j] = column.right == nil
  end
  return resolved, tree, numbers
end

--- All rows of a section as texts, for a renderer that must see all before it writes the first.
--- A column that does not say stands to the right if all that is in it are numbers.
---@param section pyprof.Section
---@param unit string
---@param clean fun(text: string): string     what each text passes
---@param with_values boolean|nil
---@return pyprof.Cells
function M.gather(section, unit, clean, with_values)
  local cells = { columns = {}, texts = {}, values = {} }
  local resolved, tree, numbers, rows = {}, false, nil, {}
  for row in section.rows do
    local rank, texts, values = #cells.texts + 1, {}, with_values and {}
    if rank == 1 then resolved, tree, numbers = first_seen(section, unit, row) end
    for j = 1, #resolved do
      local text, value = resolved[j].cell(row, rank)
      texts[j] = clean(text)
      if values then values[j] = value end
      if numbers[j] and text ~= "" and not is_number(text, value) then numbers[j] = false end
    end
    cells.texts[rank] = texts
    if values then cells.values[rank] = values end
    if tree then rows[rank] = row end
  end
  for j, column in ipairs(resolved) do
    cells.columns[j] = column
    if column.right == nil then column.right = numbers[j] end
    for i, lines in ipairs(column.tree and branches(rows) or {}) do
      cells.texts[i][j] = lines .. clean(rows[i].name or "")
    end
  end
  leave_out_empty(resolved, cells)
  return cells
end

return M
