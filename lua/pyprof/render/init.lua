-- render/init.lua - chooses the format, and the renderer that writes sections in it.
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"

local M = {}

---@class pyprof.RenderContext
---@field unit string             of weights
---@field width number            how many columns text may take; math.huge: as many as it needs
---@field coloured boolean|nil    text goes to a terminal that shows colours
---@field colours table<string, string>|nil   in place of the usual ones of base/colours.lua
---@field breaks boolean|nil      lines of prose may be broken to the width
---@field facts pyprof.RenderFacts|nil   what the report is about, for a page
---@field limits boolean|nil      the report has --limit
---@field notes string[]          remarks on the data for a reader
---@field csv_raw boolean|nil    csv takes texts as they are
---@field section string|nil     only the section of that title
---@field sandbox boolean|nil     the sections came out of a sandbox

---@class pyprof.RenderFacts
---@field report string           the report's name
---@field command string
---@field date string
---@field strip { text: string, tip: string|nil, level: "plain"|"warn" }[]

local endings = {
  [".json"] = "json", [".txt"] = "text", [".ndjson"] = "ndjson", [".jsonl"] = "ndjson",
  [".csv"] = "csv", [".md"] = "markdown", [".markdown"] = "markdown", [".html"] = "html",
  [".htm"] = "html", [".sarif"] = "sarif",
}
--- Formats for programs: they show rows field by field, not as the texts of cells.
M.by_field = { json = true, ndjson = true, csv = true, sarif = true }

--- The format that is asked for: the given one, else that of the file's ending.
---@param options table
---@return string|nil
function M.format_asked(options)
  if options.format then return options.format end
  local ending = options.output and options.output:match("%.%w+$")
  return ending and endings[ending:lower()]
end

--- The format: the one that is asked for, else json for a single object.
---@param options table
---@param sections pyprof.Section[]
---@return string
function M.format_for(options, sections)
  local asked = M.format_asked(options)
  if asked then return asked end
  if #sections == 1 and sections[1].object ~= nil then return "json" end
  return "text"
end

--- The worst verdict of the sections; nil if all passed.
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

-- The sections as a format for programs shows them: the data behind them, where they have any.
local function as_data(sections)
  local list = {}
  for i, section in ipairs(sections) do list[i] = section.data or section end
  return list
end

-- The first table: csv and ndjson can hold only one.
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
  local message = suggest.unknown("title", title, titles)
  fail.usage("--section: %s%s", message, #titles > 0 and not message:find("(one of: ", 1, true) and
    " (there are: " .. table.concat(titles, "; ") .. ")" or "")
end

-- The formats in which a text could hold markup.
local marked_up = { html = true, markdown = true }

--- Is the whole output one text that is written unchanged? A report may make its own page; one in a
--- sandbox may not, so that its text is escaped.
---@param sections pyprof.Section[]
---@param format string
---@param context pyprof.RenderContext
---@return boolean
function M.is_whole(sections, format, context)
  local only = #sections == 1 and sections[1]
  return only and only.text ~= nil and not (context.sandbox and marked_up[format]) and
    not (only.markdown and (format == "html" or only.title ~= nil))
end

--- Writes the sections in a format.
---@param format string
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(format, sections, write, context)
  if context.section then sections = titled(sections, context.section) end
  if M.is_whole(sections, format, context) then return write(sections[1].text) end
  if M.by_field[format] then sections = as_data(sections) end
  if format == "csv" or format == "ndjson" then sections = one_table(sections, format) end
  require("pyprof.render." .. format).render(sections, write, context)
end

return M
