-- render/table.lua - fits a table of texts into a width.
--
-- Numbers and bars are never cut, nor the branches of a tree. A table that is too wide first breaks
-- its heads at spaces, then moves remarks below their rows, then cuts paths, then names. If these
-- would become too short, heads of numbers go on two levels, so that each may reach over its
-- neighbour; then numbers move closer. A table that still does not fit is written as one block for
-- each row.
local text = require "pyprof.base.text"

local M = {}

-- The ways to fit a table, in the order of their use: the least width of cut texts, the gap between
-- numbers, the levels of their heads, and the least width of numbers, for an even grid.
local ways = {
  { text = 20, gap = 2, levels = 1, number = 0 },
  { text = 20, gap = 2, levels = 2, number = 4 },
  { text = 20, gap = 1, levels = 2, number = 4 },
  { text = 16, gap = 1, levels = 2, number = 4 },
  { text = 12, gap = 1, levels = 2, number = 0 },
}
local whole = { text = math.huge, gap = 2, levels = 1, number = 0 }

local function words_of(head)
  local words = {}
  for word in head:gmatch("%S+") do words[#words + 1] = word end
  return words
end

-- A head of several words, broken into lines of at most this width.
local function broken(head, width)
  local lines = {}
  for _, word in ipairs(words_of(head)) do
    local last = lines[#lines]
    if last and text.width(last) + 1 + text.width(word) <= width then
      lines[#lines] = last .. " " .. word
    else
      lines[#lines + 1] = word
    end
  end
  return lines
end

local function widest_of(lines)
  local widest = 0
  for _, line in ipairs(lines) do widest = math.max(widest, text.width(line)) end
  return widest
end

-- Each column as it is before anything is cut or moved.
local function measured(cells)
  local columns = {}
  for j, column in ipairs(cells.columns) do
    local widest, filled = 0, 0
    for _, texts in ipairs(cells.texts) do
      local cell = texts[j]
      local width = text.width(cell)
      if width > widest then widest = width end
      if width > 0 then filled = filled + 1 end
    end
    columns[j] = { index = j, head = text.clean(column.head), right = column.right,
      bars = column.bars, content = widest, filled = filled, optional = column.optional,
      path = column.path, stem = column.tree and widest_of(cells.stems) or 0 }
  end
  return columns
end

local function gap_before(columns, j, gap)
  if j == 1 then return 0 end
  return columns[j].right and columns[j - 1].right and gap or 2
end

-- Gives each column its place and its width, from left to right; `cuts` holds the widths of cut
-- columns. On two levels, a number's head of one line goes where it needs less room.
local function place(columns, cuts, way)
  local right, ends, gap = 0, {}, way.gap
  for j, column in ipairs(columns) do
    local content = cuts[column] or column.content
    local start = right + gap_before(columns, j, gap)
    local lines, raised = column.lines, 0
    right = start + math.max(content, column.right and way.number or 0)
    if not column.right or way.levels == 1 then
      right = math.max(right, start + widest_of(lines))
    else
      local function needed(level)
        local edge = 0
        for k, line in ipairs(lines) do
          local below = ends[level + #lines - k]
          edge = math.max(edge, text.width(line) + (below and below + gap or 0))
        end
        return edge
      end
      local low, high = needed(1), #lines == 1 and needed(2) or math.huge
      if low > right and high < low then raised = 1 end
      right = math.max(right, math.min(low, high))
    end
    for k = 1, #lines do
      ends[raised + #lines - k + 1] = column.right and right or start + text.width(lines[k])
    end
    column.start, column.width, column.raised = start, right - start, raised
  end
  return right
end

-- Cuts texts by `excess` in all, the widest ones first, none to less than `floor` columns and its
-- branches. Returns the excess that is left.
local function cut_widest(candidates, cuts, excess, floor)
  local function free(column) return cuts[column] - column.stem end
  while excess > 0 do
    local widest, second = 0, floor
    for _, column in ipairs(candidates) do widest = math.max(widest, free(column)) end
    if widest <= floor then return excess end
    local at = {}
    for _, column in ipairs(candidates) do
      if free(column) == widest then at[#at + 1] = column
      else second = math.max(second, free(column)) end
    end
    local step = math.max(1, math.min(widest - second, excess // #at))
    for _, column in ipairs(at) do
      if excess > 0 then
        cuts[column], excess = cuts[column] - step, excess - step
      end
    end
  end
  return excess
end

local shortest_path = 14 -- the name of a file and a line mostly fit

-- The width of each text after a cut by `excess` in all: paths give way first. nil: there is too
-- little room.
local function cut(columns, excess, floor)
  local cuts, paths, others = {}, {}, {}
  for _, column in ipairs(columns) do
    if not column.right and not column.bars then
      table.insert(column.path and paths or others, column)
      cuts[column] = column.content
    end
  end
  excess = cut_widest(paths, cuts, excess, math.min(floor, shortest_path))
  return cut_widest(others, cuts, excess, floor) <= 0 and cuts or nil
end

-- Places the columns in the width in one of the ways; false: they do not fit.
local function try(columns, width, way)
  local excess = 0
  for _ = 1, 4 do
    local cuts = cut(columns, excess, way.text)
    if not cuts then return false end
    local total = place(columns, cuts, way)
    if total <= width then return true end
    excess = excess + total - width
  end
  return false
end

local sentence = 30 -- a longer text is a sentence, which must not be cut

-- Moves remarks out of the table: columns that few rows fill, and sentences in the last column.
local function take_rare(columns, rows)
  local kept, rare = {}, {}
  for j, column in ipairs(columns) do
    local is_remark = column.optional and not column.right and
      (column.filled * 2 < rows or j == #columns and column.content > sentence)
    table.insert(is_remark and rare or kept, column)
  end
  return kept, rare
end

-- Later rows may hold wider texts: the widest column gets the room that is left.
local function widen(columns, width)
  local widest, spare = nil, width - columns[#columns].start - columns[#columns].width
  for k, column in ipairs(columns) do
    local is_text = not column.right and not column.bars
    if is_text and (not widest or column.width > columns[widest].width) then widest = k end
  end
  if not widest or spare <= 0 then return end
  columns[widest].width = columns[widest].width + spare
  for k = widest + 1, #columns do columns[k].start = columns[k].start + spare end
end

---@class pyprof.Layout
---@field whole number|nil      math.huge: nothing is cut
---@field columns table[]|nil   in their places; nil: one block for each row
---@field rare table[]          columns whose texts are written below their rows
---@field all table[]

local function layout_of(cells, width)
  local all = measured(cells)
  for _, column in ipairs(all) do column.lines = { column.head } end
  if try(all, width, whole) then return { columns = all, rare = {}, all = all } end
  for _, column in ipairs(all) do
    column.lines = broken(column.head,
      math.max(column.content, widest_of(words_of(column.head))))
  end
  if try(all, width, whole) then return { columns = all, rare = {}, all = all } end
  local columns, rare = take_rare(all, #cells.texts)
  for _, way in ipairs(ways) do
    if try(columns, width, way) then return { columns = columns, rare = rare, all = all } end
  end
  return { rare = {}, all = all }
end

--- The layout of a table in a width.
---@param cells pyprof.Cells
---@param width number
---@return pyprof.Layout
function M.layout(cells, width)
  local layout = layout_of(cells, width)
  if width == math.huge then layout.whole = width
  elseif layout.columns and cells.more then widen(layout.columns, width) end
  return layout
end

return M
