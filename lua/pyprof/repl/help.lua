-- repl/help.lua - help(value): the page of a function, of an object or of a name.
local pyprof = require "pyprof"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local regex = require "pyprof.base.regex"
local terminal = require "pyprof.base.terminal"
local text = require "pyprof.base.text"
local doc = require "pyprof.doc"
local layout = require "pyprof.doc.layout"
local profile = require "pyprof.profile"
local reports = require "pyprof.repl.reports"
local show = require "pyprof.repl.show"
local report = require "pyprof.report"
local source = require "pyprof.source"
local subject = require "pyprof.subject"

local M = {}

local page_of_kind = { samples = "profile", calls = "graph" }

-- A Lua function of the library is found by its place in the source, a C function by its value.
local function name_of_function(value)
  local where = debug.getinfo(value, "S")
  local page = doc.page_at(where.source, where.linedefined)
  if page then return page.key end
  if where.source:find("lua/pyprof/repl/", 1, true) then return "repl" end
  local sample = regex.new("")
  for _, member in ipairs(doc.pages().regex.members) do
    if sample[member.item.name] == value then return member.key end
  end
end

local function name_of_object(value)
  if value == pyprof then return "pyprof" end
  if value == pyprof.process then return "process" end
  if source.is(value) then return "source" end
  if subject.is(value) then return "subject" end
  return page_of_kind[profile.kind(value)]
end

-- The page of a report: its options as they are written at the prompt.
local function report_page(name, width)
  local loaded = reports.load(name)
  name = name:gsub("%.lua$", "")
  if not loaded.report then
    return nil, ("%s.lua is a plain script, which has run; it has no help"):format(name)
  end
  local lines, tags = {}, {}
  for i, option in ipairs(loaded.options) do
    tags[i] = { name = reports.written(option), type = option.kind,
      text = text.clean(report.described(option, loaded.report)) }
  end
  lines[1] = ("# reports.%s(p, { option = value })"):format(name)
  lines[2] = ""
  lines[3] = text.clean(loaded.report.help)
  if #tags > 0 then
    table.move({ "", "## Options", "" }, 1, 3, #lines + 1, lines)
    doc.add_tags(lines, tags, width)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "At a shell: pyprof-lua " .. name .. " --help"
  return table.concat(lines, "\n") .. "\n"
end

local function report_names()
  local names = {}
  for i, entry in ipairs(places.reports()) do names[i] = entry.name end
  return names
end

-- The page of that name, else the report of that name.
local function page_named(name, width)
  local is_report = not name:find("/", 1, true) and places.report(name) ~= nil
  if name:find("%.lua$") and is_report then return report_page(name, width) end
  local page, message = doc.text(name, width, report_names())
  if not page and is_report then return report_page(name, width) end
  if page and is_report then
    page = ("%s\nThere is a report of that name: help \"%s.lua\"\n"):format(page, name)
  end
  return page, message
end

--- The text that help(value) shows: the list of pages for nil, else the page of a name, a function,
--- a report or an object of the library.
---@param value any
---@param width integer   columns
---@return string|nil
---@return string|nil message
function M.of(value, width)
  if value == nil then return doc.index(width) end
  if type(value) == "string" then return page_named(value, width) end
  if type(value) == "function" and reports.name_of(value) then
    return report_page(reports.name_of(value), width)
  end
  local name
  if type(value) == "function" then
    name = name_of_function(value)
  else
    name = name_of_object(value)
  end
  if not name then
    return nil, ("no page on a %s like this (help() lists the pages)"):format(type(value))
  end
  return doc.text(name, width)
end

--- Prints the help on a value: help(), help "selectors", help(p.functions), help(p).
---@param value any
function M.help(value)
  local screen = terminal.of()
  local page, message = M.of(value, screen.width)
  if not page then misuse.raise("help: %s", message) end
  show.text(screen.breaks and layout.page(page, screen.width, terminal.of_reports().coloured)
    or page)
end

return M
