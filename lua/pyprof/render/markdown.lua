-- render/markdown.lua - sections as GitHub shows them.
local columns = require "pyprof.columns"
local json = require "pyprof.render.json"
local text = require "pyprof.text"

local M = {}

-- Names hold whatever they like: what Markdown or HTML would take as theirs is escaped.
local function escape(value)
  return (text.clean(value):gsub("[\\`*_{}%[%]<>#|~&]", "\\%0"))
end

local function write_table(section, write, context)
  local resolved, lines, rank = section.columns, {}, 0
  for row in section.rows do
    rank = rank + 1
    resolved = resolved or columns.of_row(row, context.unit)
    local cells = {}
    for i, column in ipairs(resolved) do cells[i] = column.text(row, rank) end
    lines[rank] = cells
  end
  if rank == 0 then return write("(no rows)\n") end
  local heads, rules = {}, {}
  columns.align(resolved, lines)
  for i, column in ipairs(resolved) do
    heads[i] = escape(column.head)
    rules[i] = column.right and "---:" or "---"
  end
  write("| ", table.concat(heads, " | "), " |\n| ", table.concat(rules, " | "), " |\n")
  for _, cells in ipairs(lines) do
    for i, cell in ipairs(cells) do cells[i] = escape(cell) end
    write("| ", table.concat(cells, " | "), " |\n")
  end
end

-- Text keeps its lines: a fence longer than any run of backquotes in it holds it.
local function write_text(value, write)
  local fence = "```"
  for run in value:gmatch("`+") do
    if #run >= #fence then fence = ("`"):rep(#run + 1) end
  end
  write(fence, "text\n", value, value:sub(-1) == "\n" and "" or "\n", fence, "\n")
end

--- Writes the sections one after the other, titles as headings.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  for _, note in ipairs(context.notes) do write("> ", escape(note), "\n") end
  if #context.notes > 0 then write("\n") end
  for i, section in ipairs(sections) do
    if i > 1 then write("\n") end
    if section.title then write("## ", escape(section.title), "\n\n") end
    if section.object ~= nil then
      write("```json\n")
      json.write_value(section.object, write)
      write("\n```\n")
    end
    for _, part in ipairs { section.text or "", section.head or "" } do
      if part ~= "" then
        write_text(part, write)
        write("\n")
      end
    end
    if section.rows then write_table(section, write, context) end
    if section.tail and section.tail ~= "" then
      write("\n")
      write_text(section.tail, write)
    end
    if section.verdict then
      write("**", section.verdict, "**",
        section.because and ": " .. escape(section.because) or "", "\n")
    end
  end
end

return M
