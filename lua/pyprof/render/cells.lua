-- render/cells.lua - the rows of a section as texts, for formats that read many before they write.
local shown = require "pyprof.base.shown"
local columns = require "pyprof.rows.columns"

local M = {}

-- The levels of a tree that are drawn, at most. A deeper row is drawn at the last level, with its
-- depth before it: more levels would fill the width, and 100,000 levels the memory.
local most_levels = 12

local function levels_in(width)
  return math.max(2, math.min(most_levels, (width - 32) // 6))
end

-- The branches before the name of each row of a tree in preorder. Rows are read from the last to
-- the first, since a branch depends on whether a sibling follows.
local function branches(rows, levels)
  local base = math.huge
  for _, row in ipairs(rows) do base = math.min(base, row.depth or 0) end
  local open, before = {}, {}
  for i = #rows, 1, -1 do
    local real = (rows[i].depth or 0) - base
    local depth, parts = math.min(real, levels), {}
    for level = 1, depth - 1 do parts[level] = open[level] and "│  " or "   " end
    if depth > 0 then parts[depth] = open[depth] and "├─ " or "└─ " end
    if real > levels then parts[depth] = ("%d: "):format(real) end
    before[i] = table.concat(parts)
    for level = depth + 1, #open do open[level] = false end
    for level = #open + 1, depth - 1 do open[level] = false end
    if depth > 0 and real <= levels then open[depth] = true end
  end
  return before
end

-- Is this a number, perhaps with a unit after it?
local function is_number(text, value)
  if math.type(value) then return text:find("^[+-]?[%d.]") ~= nil end
  return text:find("^[+-]?%d[%d,.]*%%?$") ~= nil
end

---@class pyprof.Cells
---@field columns pyprof.Column[]   without the optional ones that are empty in all rows
---@field texts string[][]          of each row, or of each gathered row
---@field stems string[]            the branches before each name of a tree
---@field values any[][]            the values of the texts; empty without with_values
---@field more boolean              there may be rows that are not gathered
---@field each fun(): (fun(): integer?, string[], any[]?)   all rows, each once

-- So many rows are gathered to choose the columns; each later row is written at once.
local gathered = 10000

-- Leaves out optional columns that are empty.
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

-- The digits behind the point, if the text is a number alone.
local function decimals_of(cell)
  local whole, rest = cell:match("^[+-]?%d+(%.?)(%d*)$")
  return whole and #rest
end

-- Numbers of one column get equally many decimals. Returns the decimals of each such column.
local function even_out(cells)
  local most = {}
  for j, column in ipairs(cells.columns) do
    local many = 0
    for _, texts in ipairs(column.plain and column.right and cells.texts or {}) do
      many = math.max(many, decimals_of(texts[j]) or 0)
    end
    if many > 0 then most[j] = many end
  end
  return most
end

local function with_decimals(texts, most)
  for j, many in pairs(most) do
    local decimals = decimals_of(texts[j])
    if decimals and decimals < many then
      texts[j] = texts[j] .. (decimals == 0 and "." or "") .. ("0"):rep(many - decimals)
    end
  end
  return texts
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

--- The rows of a section as texts, for a renderer that must read many before it writes the first.
--- A column that does not set `right` is aligned to the right if it holds only numbers.
---@param section pyprof.Section
---@param unit string
---@param clean fun(text: string): string     called for each text
---@param with_values boolean|nil
---@param width number|nil          the width of the table
---@return pyprof.Cells
function M.gather(section, unit, clean, with_values, width)
  local cells = { columns = {}, texts = {}, values = {}, stems = {}, more = false }
  local resolved, tree, numbers, rows = {}, false, nil, {}
  local function texts_of(row, rank)
    local texts, values = {}, with_values and {} or nil
    for j = 1, #resolved do
      local text, value = "", nil -- that of a tree's column is made when all rows are known
      if not resolved[j].tree then text, value = resolved[j].cell(row, rank) end
      texts[j] = clean(text)
      if values then values[j] = value end
      if numbers[j] and text ~= "" and not is_number(text, value) then numbers[j] = false end
    end
    return texts, values
  end
  for row in section.rows do
    local rank = #cells.texts + 1
    if rank == 1 then resolved, tree, numbers = first_seen(section, unit, row) end
    cells.texts[rank], cells.values[rank] = texts_of(row, rank)
    if tree then rows[rank] = row end
    cells.more = rank == gathered and not tree
    if cells.more then break end
  end
  for j, column in ipairs(resolved) do
    cells.columns[j] = column
    if column.right == nil then column.right = numbers[j] end
    for i, stem in ipairs(column.tree and branches(rows, levels_in(width or math.huge)) or {}) do
      cells.texts[i][j] = stem .. clean(shown.name(rows[i].name or ""))
      cells.stems[i] = stem
      if with_values then cells.values[i][j] = rows[i].depth or 0 end
    end
  end
  if not cells.more then leave_out_empty(resolved, cells) end
  local most = even_out(cells)
  if next(most) then
    for _, texts in ipairs(cells.texts) do with_decimals(texts, most) end
  end
  function cells.each()
    local rank = 0
    return function()
      rank = rank + 1
      if cells.texts[rank] then return rank, cells.texts[rank], cells.values[rank] end
      local row = cells.more and section.rows()
      if not row then return nil end
      local texts, values = texts_of(row, rank)
      return rank, with_decimals(texts, most), values
    end
  end
  return cells
end

return M
