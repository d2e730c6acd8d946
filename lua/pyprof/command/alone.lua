-- command/alone.lua - the options that take no TARGET: --list, --copy, --new, --doc.
local fail = require "pyprof.base.fail"
local output = require "pyprof.base.output"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local terminal = require "pyprof.base.terminal"
local text = require "pyprof.base.text"
local sys = require "pyprof.core.sys"
local doc = require "pyprof.doc"
local starter = require "pyprof.report.starter"
local collectors = require "pyprof.subject.collectors"

local M = {}

-- The help in a report's text. The file is not run, since it may be a plain script.
local function about(found)
  local code = places.read(found) or ""
  return code:match("%f[%w_]help%s*=%s*\"([^\"\n]*)\"") or code:match("^%-%-%s*([^\n]*)") or ""
end

-- The help of a report or a collector; a user's report tells its place.
local function help_of(entry)
  if entry.help then return entry.help end
  local help = text.clean(about(entry.found))
  if entry.replaces == nil or entry.found.chunk ~= entry.found.path then return help end
  return ("%s (%s%s)"):format(help, text.clean(entry.found.path),
    entry.replaces and ", in place of the one of that name" or "")
end

-- The entries in which one of these words is, in the name or the help; all for no words.
local function matching(entries, words)
  local kept = {}
  for _, entry in ipairs(entries) do
    local help, wanted = help_of(entry), #words == 0
    local shown = (entry.name .. " " .. help):lower()
    for _, word in ipairs(words) do wanted = wanted or shown:find(word:lower(), 1, true) ~= nil end
    if wanted then kept[#kept + 1] = { name = entry.name, help = help } end
  end
  return kept
end

-- Prints names with their help, wrapped to the width of a terminal.
local function print_names(entries)
  local screen = terminal.of()
  for _, entry in ipairs(entries) do
    local help = entry.help
    if screen.breaks then
      help = text.wrap(help, math.max(screen.width - 19, 20)):gsub("\n", "\n" .. (" "):rep(19))
    end
    print(("%-18s %s"):format(entry.name, help))
  end
end

--- --list: prints all reports and collectors, or those in which one of these words is.
---@param words string[]
function M.list(words)
  local reports = matching(places.reports(), words)
  local others = matching(collectors.list(), words)
  if #reports + #others == 0 then
    local names = {}
    for i, entry in ipairs(places.reports()) do names[i] = entry.name:gsub("%.lua$", "") end
    fail.usage("--list: %s (--list alone shows all)",
      suggest.unknown("report", table.concat(words, " "), names))
  end
  print_names(reports)
  if #others == 0 then return end
  if #reports > 0 then print() end
  print("Collectors (for a report's needs and wants, and --with NAME):")
  print_names(others)
end

--- --copy: writes a copy of a report into the working directory.
---@param name string
function M.copy(name)
  local found = places.report(name)
  if not found then fail.usage("%s: no such report (--list shows them)", name) end
  local path = "./" .. found.chunk:match("[^/]*$")
  if sys.stat(path) then fail.refused("%s: is here already (rename it first)", path) end
  local code, message = places.read(found)
  if not code then fail.refused("%s", message) end
  output.write(path, function(write) write(code) end)
  print(path)
end

--- --doc: prints the pages of these names, or the list of all.
---@param names string[]
function M.doc(names)
  local width = terminal.of().width
  if #names == 0 then io.stdout:write(doc.index(width)) end
  for i, name in ipairs(names) do
    local page, message = doc.text(name, width)
    if not page then fail.usage("--doc: %s (--doc lists them)", message) end
    io.stdout:write(i > 1 and "\n" or "", page)
  end
end

--- --new: writes a report to begin with into the working directory.
---@param name string
function M.new(name)
  local path = name:find("%.lua$") and name or name .. ".lua"
  if sys.stat(path) then
    fail.refused("%s: is here already (choose another name)", path)
  end
  local code = starter.text(path:match("[^/]*$"))
  output.write(path, function(write) write(code) end)
  print(path)
end

return M
