-- render/text.lua - sections for a terminal: a title, text, and a table that fits the width.
local columns = require "pyprof.columns"
local text = require "pyprof.text"

local M = {}

-- A table wider than the terminal gives way in its text columns, the widest first.
local function fit(widths, resolved, width)
  local total = 2 * (#widths - 1)
  for _, w in ipairs(widths) do total = total + w end
  while total > width do
    local widest
    for i, column in ipairs(resolved) do
      if not column.right and widths[i] > 12 and
        (not widest or widths[i] > widths[widest]) then
        widest = i
      end
    end
    if not widest then return end
    widths[widest] = widths[widest] - 1
    total = total - 1
  end
end

local function write_table(section, write, context)
  local resolved, lines, ranks = section.columns, {}, 0
  for row in section.rows do
    ranks = ranks + 1
    resolved = resolved or columns.of_row(row, context.unit)
    local cells = {}
    for i, column in ipairs(resolved) do cells[i] = text.clean(column.text(row, ranks)) end
    lines[ranks] = cells
  end
  if ranks == 0 then return write("(no rows)\n") end
  columns.align(resolved, lines)
  local widths = {}
  for i, column in ipairs(resolved) do
    widths[i] = text.width(column.head)
    for _, line in ipairs(lines) do widths[i] = math.max(widths[i], text.width(line[i])) end
  end
  fit(widths, resolved, context.width)
  local function write_line(cells)
    local parts = {}
    for i, column in ipairs(resolved) do
      parts[i] = text.fill(text.cut(cells[i], widths[i]), widths[i], column.right)
    end
    write((table.concat(parts, "  "):gsub(" +$", "")), "\n")
  end
  local heads = {}
  for i, column in ipairs(resolved) do heads[i] = column.head end
  write_line(heads)
  for _, cells in ipairs(lines) do write_line(cells) end
end

local function write_lines(section, write)
  local rank = 0
  for row in section.rows do
    rank = rank + 1
    write(text.clean(section.line(row, rank)), "\n")
  end
end

local function write_text(value, write)
  write(value)
  if value:sub(-1) ~= "\n" then write("\n") end
end

--- Writes the sections one after the other, an empty line between them.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  for _, note in ipairs(context.notes) do write("(", text.clean(note), ")\n") end
  if #context.notes > 0 then write("\n") end
  for i, section in ipairs(sections) do
    if i > 1 then write("\n") end
    if section.title then write("=== ", text.clean(section.title), " ===\n") end
    if section.object ~= nil then
      require("pyprof.render.json").write_value(section.object, write)
      write("\n")
    end
    if section.text then write_text(section.text, write) end
    if section.head then write_text(section.head, write) end
    if section.rows then
      (section.line and write_lines or write_table)(section, write, context)
    end
    if section.tail and section.tail ~= "" then write_text(section.tail, write) end
    if section.verdict then
      write("verdict: ", section.verdict,
        section.because and " (" .. section.because .. ")" or "", "\n")
    end
  end
end

return M
