-- render/html.lua - a page: its facts in a strip, a table for each section; a click on a head sorts
-- it, trees fold, bars stand behind shares.
local fail = require "pyprof.base.fail"
local html = require "pyprof.base.html"
local scalars = require "pyprof.base.scalar"
local text = require "pyprof.base.text"
local embedded = require "pyprof.core.embedded"
local gathering = require "pyprof.render.cells"
local left_of = require("pyprof.render.sections").left_of

local M = {}

local long = 32 -- bytes of a text that may wrap

local function write_cell(column, cell, value, write)
  local class = column.tree and "tree" or column.right and "number" or
    #cell > long and "long" or nil
  local number = ""
  if not column.tree and math.type(value) and value == value and math.abs(value) ~= math.huge then
    number = (' data-value="%s"'):format(scalars.number_of(value))
    if column.share then class = "number bar" end
  end
  write("<td", class and (' class="%s"'):format(class) or "", number, ">", html.escape(cell),
    "</td>")
end

local function tree_of(columns)
  for j, column in ipairs(columns) do
    if column.tree then return j end
  end
end

local function write_table(section, write, context)
  local cells = gathering.gather(section, context.unit, text.clean, true)
  if #cells.texts == 0 then
    return write("<p>", html.shown(section.empty or "(no rows)"), "</p>\n")
  end
  local tree = tree_of(cells.columns)
  write('<div class="wide" tabindex="0"><table', tree and ' role="treegrid"' or "",
    ">\n<thead><tr>")
  for _, column in ipairs(cells.columns) do
    write('<th scope="col"', column.right and ' class="number">' or ">", html.shown(column.head),
      "</th>")
  end
  write("</tr></thead>\n<tbody>\n")
  for _, texts, values in cells.each() do
    write(tree and ('<tr aria-level="%d">'):format(values[tree] + 1) or "<tr>")
    for j, column in ipairs(cells.columns) do write_cell(column, texts[j], values[j], write) end
    write("</tr>\n")
  end
  write("</tbody>\n</table></div>\n")
  local left = left_of(section, context)
  if left then write("<p>", html.shown(left), "</p>\n") end
end

local function write_text(value, write)
  if value and value ~= "" then
    write("<pre>", html.escape(text.clean_lines(value)), "</pre>\n")
  end
end

local verdicts = { passed = "good", failed = "bad", unsure = "warn" }

local function write_section(section, write, context)
  if section.title then
    write("<details open><summary><h2>", html.shown(section.title), "</h2></summary>\n")
  end
  write_text(section.text, write)
  write_text(section.head, write)
  if section.rows then write_table(section, write, context) end
  write_text(section.tail, write)
  if section.verdict then
    write(('<p><strong class="%s">'):format(verdicts[section.verdict]), section.verdict,
      "</strong>", section.because and ": " .. html.shown(section.because) or "", "</p>\n")
  end
  if section.title then write("</details>\n") end
end

-- The title: what the report is about, the command, and the date.
local function title_of(sections, facts)
  local parts = { sections[1] and sections[1].title or facts and facts.report or "pyprof-lua" }
  if facts then
    parts[2] = facts.command ~= "" and facts.command or nil
    parts[#parts + 1] = facts.date:sub(1, 10)
  end
  return table.concat(parts, " · ")
end

local function write_head(facts, write)
  write("<header><h1>", html.shown(facts and facts.command or "pyprof-lua"), "</h1>",
    "<p>", html.shown(facts and facts.report or ""), '</p>',
    '<button id="theme" type="button" hidden>Theme</button></header>\n')
  write('<ul class="facts" aria-label="What this is">')
  for _, fact in ipairs(facts and facts.strip or {}) do
    write(fact.level == "warn" and '<li class="warn"' or "<li",
      fact.tip and (' title="%s">'):format(html.shown(fact.tip)) or ">", html.shown(fact.text),
      "</li>")
  end
  write("</ul>\n<main>\n")
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
  local style = embedded.read("lua/pyprof/render/report.css")
  local script = embedded.read("lua/pyprof/render/report.js")
  local facts = context.facts
  write(html.head(title_of(sections, facts), style, script), "<body>\n")
  write_head(facts, write)
  for _, note in ipairs(context.notes) do
    write('<p class="note">', html.shown(note), "</p>\n")
  end
  for _, section in ipairs(sections) do write_section(section, write, context) end
  write("</main>\n<script>", script, "</script>\n")
end

return M
