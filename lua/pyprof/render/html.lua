-- render/html.lua - a plain page: one table a section, sorted by a click on a column's head.
local columns = require "pyprof.columns"
local json = require "pyprof.render.json"
local text = require "pyprof.text"

local M = {}

local begin = [[
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%s</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color-scheme: light dark; }
table { border-collapse: collapse; }
th, td { padding: .2em .8em; text-align: left; border-bottom: 1px solid #8884; }
th { cursor: pointer; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; }
</style>
]]

local finish = [[
<script>
for (const head of document.querySelectorAll("th")) head.onclick = () => {
  const body = head.closest("table").tBodies[0], i = head.cellIndex;
  const down = head.dataset.down = head.dataset.down === "1" ? "0" : "1";
  const value = row => {
    const raw = row.cells[i].dataset.value;
    return raw === undefined ? row.cells[i].textContent : +raw;
  };
  body.append(...[...body.rows].sort((a, b) => {
    const x = value(a), y = value(b);
    const order = x < y ? -1 : x > y ? 1 : 0;
    return (typeof x === "number") === (down === "1") ? -order : order;
  }));
};
</script>
]]

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(value)
  return (value:gsub('[&<>"]', entities))
end

local function write_cell(cell, raw, right, write)
  local number = type(raw) == "number" and (' data-value="%s"'):format(json.number_of(raw)) or ""
  write("<td", right and ' class="number"' or "", number, ">", escape(cell), "</td>")
end

local function write_table(section, write, context)
  local resolved, lines, raws, rank = section.columns, {}, {}, 0
  for row in section.rows do
    rank = rank + 1
    resolved = resolved or columns.of_row(row, context.unit)
    local cells, values = {}, {}
    for i, column in ipairs(resolved) do
      cells[i], values[i] = text.clean(column.text(row, rank)), (column.raw(row, rank))
    end
    lines[rank], raws[rank] = cells, values
  end
  if rank == 0 then return write("<p>(no rows)</p>\n") end
  columns.align(resolved, lines)
  write("<table>\n<thead><tr>")
  for _, column in ipairs(resolved) do
    write(column.right and '<th class="number">' or "<th>", escape(column.head), "</th>")
  end
  write("</tr></thead>\n<tbody>\n")
  for i, cells in ipairs(lines) do
    write("<tr>")
    for j, column in ipairs(resolved) do write_cell(cells[j], raws[i][j], column.right, write) end
    write("</tr>\n")
  end
  write("</tbody>\n</table>\n")
end

local function write_text(value, write)
  if value and value ~= "" then write("<pre>", escape(value), "</pre>\n") end
end

--- Writes one page with all sections.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  write(begin:format(escape(sections[1] and sections[1].title or "pyprof-lua")))
  for _, note in ipairs(context.notes) do write("<p><em>", escape(note), "</em></p>\n") end
  for _, section in ipairs(sections) do
    if section.title then write("<h2>", escape(section.title), "</h2>\n") end
    write_text(section.text, write)
    write_text(section.head, write)
    if section.rows then write_table(section, write, context) end
    write_text(section.tail, write)
    if section.verdict then
      write("<p><strong>", section.verdict, "</strong>",
        section.because and ": " .. escape(section.because) or "", "</p>\n")
    end
  end
  write(finish)
end

return M
