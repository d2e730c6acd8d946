-- render/markdown.lua - sections as GitHub's Markdown.
local json = require "pyprof.base.json"
local text = require "pyprof.base.text"
local gathering = require "pyprof.render.cells"
local left_of = require("pyprof.render.sections").left_of

local M = {}

-- An underscore between letters or digits needs no escape: names stay readable.
local function escape_underscores(value)
  return (value:gsub("()_+()", function(from, to)
    local inside = value:sub(from - 1, from - 1):find("%w") and value:sub(to, to):find("%w")
    if from == 1 or not inside then return ("\\_"):rep(to - from) end
  end))
end

-- Markdown would drop spaces at the ends, and show several in a row as one.
local function keep_spaces(value)
  value = value:gsub("^ +", function(run) return ("&nbsp;"):rep(#run) end)
  value = value:gsub("  +", function(run) return ("&nbsp;"):rep(#run - 1) .. " " end)
  return (value:gsub(" $", "&nbsp;"))
end

-- Names may hold any text: characters that have a meaning in Markdown or HTML are escaped.
local function escape(value)
  if not value:find("[^%w., -]") and not value:find("^ ") and not value:find("  ") and
    value:sub(-1) ~= " " then
    return value
  end
  value = value:gsub("[\\`*%[%]<>#|~&$]", "\\%0")
  -- An address would become a link, and escapes do not work in links.
  value = value:gsub("://", "\\%0"):gsub("([wW][wW][wW])%.", "%1\\.")
  return keep_spaces(escape_underscores(value))
end

-- A name or a path in backquotes, which show it as it is. A table cannot hold all texts like that.
local function code(value)
  if value:find("[`|\\]") or not value:find("[^ ]") then return escape(value) end
  value = value:gsub("^ +", function(run) return ("\u{a0}"):rep(#run) end)
  value = value:gsub("  +", function(run) return ("\u{a0}"):rep(#run) end)
  return "`" .. value:gsub(" $", "\u{a0}") .. "`"
end

-- A line of text. Lists stay lists, and nothing else begins at the start of a line.
local function line_of(value)
  local mark, rest = value:match("^([-*] )(.*)$")
  if not mark then mark, rest = value:match("^(%d+%. )(.*)$") end
  if mark then return mark .. escape(rest), true end
  value = value:gsub("^\t+", function(run) return ("    "):rep(#run) end)
  value = escape(value):gsub("^([-+=])", "\\%1"):gsub("^(%d+)([.)])", "%1\\%2")
  return value, false
end

-- A text as paragraphs and lists, each line on a line of its own.
local function prose(value)
  local parts, after_text, after_item = {}, false, false
  for line in (text.clean_lines(value):gsub("\n+$", "") .. "\n"):gmatch("([^\n]*)\n") do
    local shown, is_item = line_of(line)
    local is_text = shown ~= "" and not is_item
    if is_text and after_text then parts[#parts] = parts[#parts] .. "\\" end
    if is_text and after_item then parts[#parts + 1] = "" end
    parts[#parts + 1] = shown
    after_text, after_item = is_text, is_item
  end
  return table.concat(parts, "\n") .. "\n"
end

local function write_table(section, context, block, write)
  local cells = gathering.gather(section, context.unit, text.clean)
  if #cells.texts == 0 then
    return block(escape(text.clean(section.empty or "(no rows)")) .. "\n")
  end
  local heads, rules = {}, {}
  for j, column in ipairs(cells.columns) do
    heads[j] = escape(text.clean(column.head))
    rules[j] = column.right and "---:" or "---"
  end
  local function line(texts)
    return "| " .. table.concat(texts, " | ") .. " |\n"
  end
  block(line(heads) .. line(rules))
  for _, texts in cells.each() do
    for j, cell in ipairs(texts) do
      texts[j] = cells.columns[j].code and cell ~= "" and code(cell) or escape(cell)
    end
    write(line(texts))
  end
end

-- JSON keeps its lines in a fence that is longer than any run of backquotes in it.
local function fenced(value)
  value = text.clean_lines(value)
  local fence = "```"
  for run in value:gmatch("`+") do
    if #run >= #fence then fence = ("`"):rep(#run + 1) end
  end
  return fence .. "json\n" .. value .. (value:sub(-1) == "\n" and "" or "\n") .. fence .. "\n"
end

local function write_section(section, context, block, write)
  local function add_text(value)
    if value and value:find("[^\n]") then block(prose(value)) end
  end
  if section.title then block("## " .. escape(text.clean(section.title)) .. "\n") end
  if section.object ~= nil then
    block(fenced(json.text_of(section.object)))
  end
  if section.markdown then
    block(section.text:gsub("\n*$", "\n", 1))
  else
    add_text(section.text)
  end
  add_text(section.head)
  if section.rows then write_table(section, context, block, write) end
  local left = left_of(section, context)
  if left then block(left .. "\n") end
  add_text(section.tail)
  if section.verdict then
    local because = section.because and ": " .. escape(text.clean(section.because)) or ""
    block("**" .. section.verdict .. "**" .. because .. "\n")
  end
end

--- Writes the sections one after the other, titles as headings.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local first = true
  local function block(value)
    write(first and "" or "\n", value)
    first = false
  end
  for _, note in ipairs(context.notes) do block("> " .. escape(text.clean(note)) .. "\n") end
  for _, section in ipairs(sections) do write_section(section, context, block, write) end
end

return M
