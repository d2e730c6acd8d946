-- render/text.lua - sections for a terminal: titles, text, and tables that fit the width.
local colours = require "pyprof.base.colours"
local json = require "pyprof.base.json"
local text = require "pyprof.base.text"
local gathering = require "pyprof.render.cells"
local left_of = require("pyprof.render.sections").left_of
local laying = require "pyprof.render.table"

local M = {}

local hot, warm = 0.2, 0.05   -- the least shares of hot and warm cells

-- The text in that colour, if colours are on.
local function paint(context, name, value)
  if not context.coloured then return value end
  context.colours = context.colours or colours.codes()
  local code = context.colours[name]
  return code == "" and value or "\27[" .. code .. "m" .. value .. "\27[0m"
end

-- A row's cell, in a colour if it is a large share.
local function heat(context, column, value, cell)
  if not context.coloured or not column.share then return cell end
  if not math.type(value) then return cell end
  return value >= hot and paint(context, "hot", cell) or
    value >= warm and paint(context, "warm", cell) or cell
end

local function write_heads(layout, context, write)
  local height = 1
  for _, column in ipairs(layout.columns) do
    height = math.max(height, #column.lines + column.raised)
  end
  for level = height, 1, -1 do
    local parts, used = {}, 0
    for _, column in ipairs(layout.columns) do
      local line = column.lines[#column.lines - (level - 1 - column.raised)]
      if line then
        local width = text.width(line)
        local start = column.right and column.start + column.width - width or column.start
        parts[#parts + 1] = (" "):rep(start - used) .. line
        used = start + width
      end
    end
    write(paint(context, "head", table.concat(parts)), "\n")
  end
end

-- Writes the remarks below a row, "    error: …", within the width.
local function write_rare(layout, texts, context, write)
  for _, column in ipairs(layout.rare) do
    if texts[column.index] ~= "" then
      local value = text.wrap(("    %s: %s"):format(column.head, texts[column.index]),
        context.width)
      write(paint(context, "dim", value), "\n")
    end
  end
end

-- A text cut to the width, but for the branches before a name.
local function cut(value, width, stem)
  if width == math.huge then return value end
  if not stem then return text.cut(value, width) end
  return stem .. text.cut(value:sub(#stem + 1), math.max(width - text.width(stem), 1))
end

local function write_row(layout, cells, rank, texts, values, context, write)
  local parts, used = {}, 0
  for k, column in ipairs(layout.columns) do
    local j = column.index
    local stem = cells.columns[j].tree and cells.stems[rank]
    local room = layout.whole or column.width
    local cell = (column.right or column.bars) and texts[j] or cut(texts[j], room, stem)
    local width = text.width(cell)
    if width > 0 then
      local start = column.right and column.start + column.width - width or column.start
      -- A later number may be wider than the gathered ones.
      start = math.max(start, used + (k > 1 and 1 or 0))
      parts[#parts + 1] = (" "):rep(start - used) ..
        heat(context, cells.columns[j], values and values[j], cell)
      used = start + width
    end
  end
  write(table.concat(parts), "\n")
  write_rare(layout, texts, context, write)
end

-- Writes one block for each row, if rows do not fit in lines.
local function write_blocks(layout, cells, context, write)
  local label = 0
  for _, column in ipairs(layout.all) do label = math.max(label, text.width(column.head)) end
  for i, texts, values in cells.each() do
    if i > 1 then write("\n") end
    for _, column in ipairs(layout.all) do
      local cell = texts[column.index]
      local stem = column.stem > 0 and cells.stems[i]
      if not column.right and not column.bars then
        cell = cut(cell, math.max(context.width - label - 2, 8), stem)
      end
      write(paint(context, "head", text.fill(column.head, label)), "  ",
        heat(context, cells.columns[column.index], values and values[column.index], cell), "\n")
    end
  end
end

local function write_prose(value, context, write)
  write(context.breaks and text.wrap(value, context.width) or value)
  if value:sub(-1) ~= "\n" then write("\n") end
end

local function write_text(value, context, write)
  if value and value ~= "" then write_prose(text.clean_lines(value), context, write) end
end

local function write_table(section, context, write)
  local cells = gathering.gather(section, context.unit, text.clean,
    context.coloured, context.width)
  if #cells.texts == 0 then return write_text(section.empty or "(no rows)", context, write) end
  local layout = laying.layout(cells, context.width)
  if not layout.columns then return write_blocks(layout, cells, context, write) end
  write_heads(layout, context, write)
  for rank, texts, values in cells.each() do
    write_row(layout, cells, rank, texts, values, context, write)
  end
end

local function write_lines(section, context, write)
  local rank = 0
  for row in section.rows do
    rank = rank + 1
    local texts = {}
    for i, part in ipairs(section.line) do
      texts[i] = type(part) == "string" and part or text.clean((part.cell(row, rank)))
    end
    write_prose(table.concat(texts), context, write)
  end
  if rank == 0 then write_text(section.empty, context, write) end
end

local function write_section(section, context, write)
  if section.title then
    write(paint(context, "title", "=== " .. text.clean(section.title) .. " ==="), "\n")
  end
  if section.object ~= nil then
    json.write_value(section.object, write)
    write("\n")
  end
  write_text(section.text, context, write)
  write_text(section.head, context, write)
  if section.rows then (section.line and write_lines or write_table)(section, context, write) end
  write_text(left_of(section, context), context, write)
  write_text(section.tail, context, write)
  if section.verdict then
    write("verdict: ", paint(context, section.verdict, section.verdict),
      section.because and " (" .. text.clean(section.because) .. ")" or "", "\n")
  end
end

--- Writes the sections one after the other, an empty line between them.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  for _, note in ipairs(context.notes) do
    write_prose("(" .. text.clean(note) .. ")", context, write)
  end
  if #context.notes > 0 then write("\n") end
  for i, section in ipairs(sections) do
    if i > 1 then write("\n") end
    write_section(section, context, write)
  end
end

return M
