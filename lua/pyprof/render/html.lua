-- render/html.lua - a plain page: one table for each section; a click on a head sorts it.
local fail = require "pyprof.base.fail"
local scalars = require "pyprof.base.scalar"
local text = require "pyprof.base.text"
local gathering = require "pyprof.render.cells"

local M = {}

local style = [[

:root { color-scheme: light dark; --line: #8883; --stripe: #8881; --back: #fff; --mark: #07c; }
@media (prefers-color-scheme: dark) { :root { --back: #16181d; --mark: #6bf; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; background: var(--back); }
h2 { margin: 1.6em 0 .5em; font-size: 1.2em; }
.wide { overflow: auto; width: fit-content; max-width: 100%; max-height: 90vh;
  border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; }
th, td { padding: .25em .8em; text-align: left; white-space: pre; }
th { position: sticky; top: 0; background: var(--back); box-shadow: 0 1px var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
td:not(.number), pre { font-family: ui-monospace, monospace; font-size: 13px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th button { all: unset; cursor: pointer; font: inherit; }
th button:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
th[aria-sort="ascending"] button::after { content: " ▲"; color: var(--mark); }
th[aria-sort="descending"] button::after { content: " ▼"; color: var(--mark); }
pre { overflow-x: auto; }
@media (max-width: 40em) { body { margin: .6rem; font-size: 14px; } th, td { padding: .3em .5em; } }
]]

-- Numbers are sorted largest first, texts A-Z; a second click reverses the order.
local script = [[

for (const head of document.querySelectorAll("th")) {
  const table = head.closest("table"), i = head.cellIndex;
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.onclick = () => {
    const rows = [...table.tBodies[0].rows].map(row => {
      const cell = row.cells[i], raw = cell.dataset.value;
      return { row, key: raw === undefined ? cell.textContent : +raw };
    });
    const numbers = rows.some(x => typeof x.key === "number");
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : numbers;
    const order = (x, y) => x === y ? 0 : x === "" ? 1 : y === "" ? -1 :
      (typeof x === "number" && typeof y === "number" ? x - y :
        String(x).localeCompare(String(y), undefined, { numeric: true })) * (down ? -1 : 1);
    rows.sort((a, b) => order(a.key, b.key));
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows.map(x => x.row));
  };
}
]]

-- The policy allows only the style and the script above. The hashes are SHA-256 of these two texts,
-- in base64.
local begin = [[
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ]] .. [[
style-src 'sha256-Oe+8fgkPm2IRvb/GCevUw7rE/ql8us3cUkiD21GRqXI='; ]] .. [[
script-src 'sha256-zlwI7RXOrZj+x6WSTranOqxhnyKzRFlsmfn67GqJ70g='; ]] .. [[
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
]]

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(value)
  return (value:gsub('[&<>"]', entities))
end

local function write_cell(cell, value, right, write)
  local number = ""
  if math.type(value) and value == value and math.abs(value) ~= math.huge then
    number = (' data-value="%s"'):format(scalars.number_of(value))
  end
  write("<td", right and ' class="number"' or "", number, ">", escape(cell), "</td>")
end

local function write_table(section, write, context)
  local cells = gathering.gather(section, context.unit, text.clean, true)
  if #cells.texts == 0 then return write("<p>(no rows)</p>\n") end
  write('<div class="wide"><table>\n<thead><tr>')
  for _, column in ipairs(cells.columns) do
    write(column.right and '<th class="number">' or "<th>", escape(text.clean(column.head)),
      "</th>")
  end
  write("</tr></thead>\n<tbody>\n")
  for _, texts, values in cells.each() do
    write("<tr>")
    for j, column in ipairs(cells.columns) do
      write_cell(texts[j], values[j], column.right, write)
    end
    write("</tr>\n")
  end
  write("</tbody>\n</table></div>\n")
end

local function write_text(value, write)
  if value and value ~= "" then
    write("<pre>", escape(text.clean_lines(value)), "</pre>\n")
  end
end

--- Writes one page with all sections.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  for _, section in ipairs(sections) do
    if section.object ~= nil then
      fail.usage("--format html: the report gives a JSON object (json and text show it)")
    end
  end
  local title = sections[1] and sections[1].title or "pyprof-lua"
  write(begin:format(escape(text.clean(title))), "<style>", style, "</style>\n<body>\n")
  for _, note in ipairs(context.notes) do
    write("<p><em>", escape(text.clean(note)), "</em></p>\n")
  end
  for _, section in ipairs(sections) do
    if section.title then write("<h2>", escape(text.clean(section.title)), "</h2>\n") end
    write_text(section.text, write)
    write_text(section.head, write)
    if section.rows then write_table(section, write, context) end
    write_text(section.tail, write)
    if section.verdict then
      write("<p><strong>", section.verdict, "</strong>",
        section.because and ": " .. escape(text.clean(section.because)) or "", "</p>\n")
    end
  end
  write("<script>", script, "</script>\n")
end

return M
