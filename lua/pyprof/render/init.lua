-- render/init.lua - from sections to a format: which one, and the renderer that writes it.
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"

local M = {}

---@class pyprof.RenderContext
---@field unit string             of weights
---@field width integer           how many columns text may take
---@field coloured boolean|nil    text goes to a terminal that shows colours
---@field colours table<string, string>|nil   others than the usual, as render.colours has them
---@field breaks boolean|nil      lines of prose may be broken to the width
---@field notes string[]          what a reader should know about the data
---@field csv_raw boolean|nil    csv takes texts as they are
---@field section string|nil     only the section of that title
---@field sandbox boolean|nil     what the sections hold came out of a sandbox

local endings = {
  [".json"] = "json", [".txt"] = "text", [".ndjson"] = "ndjson", [".jsonl"] = "ndjson",
  [".csv"] = "csv", [".md"] = "markdown", [".markdown"] = "markdown", [".html"] = "html",
  [".htm"] = "html",
}
--- Formats for programs: they show rows field by field, not as the texts of cells.
M.by_field = { json = true, ndjson = true, csv = true }

--- The format: as asked for, by the file's ending, json for a report that is one object.
---@param options table
---@param sections pyprof.Section[]
---@return string
function M.format_for(options, sections)
  if options.format then return options.format end
  local ending = options.output and options.output:match("%.%w+$")
  if ending and endings[ending:lower()] then return endings[ending:lower()] end
  if #sections == 1 and sections[1].object ~= nil then return "json" end
  return "text"
end

--- The worst verdict of the sections, if it is not that all passed.
---@param sections pyprof.Section[]
---@return "failed"|"unsure"|nil
function M.verdict(sections)
  local worst
  for _, section in ipairs(sections) do
    if section.verdict == "failed" then return "failed" end
    if section.verdict == "unsure" then worst = "unsure" end
  end
  return worst
end

-- What csv and ndjson can hold: one table, the first.
local function one_table(sections, format)
  for _, section in ipairs(sections) do
    if section.rows then return { section } end
  end
  fail.usage("--format %s: the report has no table (text and json show it)", format)
end

-- --section: the one section of that title.
local function titled(sections, title)
  local titles = {}
  for _, section in ipairs(sections) do
    if section.title == title then return { section } end
    titles[#titles + 1] = section.title
  end
  fail.usage("--section: %s%s", suggest.unknown("title", title, titles),
    #titles > 0 and " (there are: " .. table.concat(titles, "; ") .. ")" or "")
end

-- What a browser or a reader of Markdown would take as its own.
local marked_up = { html = true, markdown = true }

--- Is a text the whole output, as it is? A report may make a page of its own; in a sandbox it may
--- not: what it gives for a page is text.
---@param sections pyprof.Section[]
---@param format string
---@param context pyprof.RenderContext
---@return boolean
function M.is_whole(sections, format, context)
  return #sections == 1 and sections[1].text ~= nil and
    not (context.sandbox and marked_up[format])
end

--- Writes the sections in a format.
---@param format string
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(format, sections, write, context)
  if context.section then sections = titled(sections, context.section) end
  if M.is_whole(sections, format, context) then return write(sections[1].text) end
  if format == "csv" or format == "ndjson" then sections = one_table(sections, format) end
  require("pyprof.render." .. format).render(sections, write, context)
end

return M
