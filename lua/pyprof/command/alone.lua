-- command/alone.lua - the options that take no TARGET: --list, --copy, --new, --doc.
local cjson = require "cjson"
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"
local output = require "pyprof.base.output"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local terminal = require "pyprof.base.terminal"
local text = require "pyprof.base.text"
local libraries = require "pyprof.core.libraries"
local sys = require "pyprof.core.sys"
local doc = require "pyprof.doc"
local layout = require "pyprof.doc.layout"
local starter = require "pyprof.report.starter"
local collectors = require "pyprof.subject.collectors"
local version = require "pyprof.version"

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

--- All reports with their help.
---@return { name: string, help: string }[]
function M.reports()
  return matching(places.reports(), {})
end

--- --list: prints all reports and collectors, or those in which one of these words is.
---@param words string[]
function M.list(words)
  local reports = matching(places.reports(), words)
  local others = matching(collectors.list(), words)
  if #reports + #others == 0 then
    local names = {}
    for i, entry in ipairs(places.reports()) do names[i] = entry.name:gsub("%.lua$", "") end
    local wanted = table.concat(words, " ")
    local near = suggest.nearest(wanted, names)
    fail.usage("--list: no line has '%s' (%s--list alone shows all)", wanted,
      near and ("did you mean '%s'? "):format(near) or "")
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

-- The command that shows a long text page by page, if there is one: $PAGER, else less.
local function pager()
  local named = os.getenv "PAGER"
  if named then return named:find("%S") and named or nil end
  return file.which "less" and "LESS=${LESS-FRX} less" or nil
end

-- Writes Markdown: laid out on a terminal, by a pager if it is longer than the screen.
local function write_page(page)
  local screen = terminal.of()
  local _, height = sys.terminal(1)
  if not height then
    io.stdout:write(page)
    return
  end
  page = layout.page(page, screen.width, terminal.of_reports().coloured)
  local _, lines = page:gsub("\n", "")
  local command = lines >= height and pager()
  if not command then
    io.stdout:write(page)
    return
  end
  -- A file, because a reader who leaves early would break a pipe.
  local path = os.tmpname()
  output.write(path, function(write) write(page) end)
  os.execute(("( %s ) < %s"):format(command, path))
  os.remove(path)
end

-- A user may look for a report among the pages.
local function refuse_page(message, name)
  if places.report(name) then
    fail.usage("--doc: '%s' is a report (pyprof-lua %s --help)", name, name)
  end
  fail.usage("--doc: %s (--doc lists them)", message)
end

--- --doc: shows the pages of these names, or the list of all.
---@param names string[]
function M.doc(names)
  local width, parts = terminal.of().width, {}
  if #names == 0 then parts[1] = doc.index(width) end
  for i, name in ipairs(names) do
    local page, message = doc.text(name, width)
    if not page then refuse_page(message, name) end
    parts[i] = page
  end
  write_page(table.concat(parts, "\n"))
end

--- --search: shows the pages that hold a word, each with the first lines that have it.
---@param word string
function M.search(word)
  local found, width = doc.search(word, terminal.of().width), terminal.of().width
  if #found == 0 then fail.usage("--search: no page has '%s' (--doc lists them)", word) end
  local lines = {}
  for _, entry in ipairs(found) do
    lines[#lines + 1] = ("# %s: %s"):format(entry.page.key, entry.page.about)
    for i, line in ipairs(entry.lines) do
      if i > 3 then
        lines[#lines + 1] = ("    … %d more"):format(#entry.lines - 3)
        break
      end
      line = line:gsub("^[-|#%s]+", ""):gsub("%s*|%s*", "  "):gsub("`", ""):gsub("%*%*", "")
      lines[#lines + 1] = "    " .. (terminal.of().breaks and text.cut(line, width - 4) or line)
    end
  end
  write_page(table.concat(lines, "\n") .. "\n")
end

--- --version: prints the version, the commit, and the versions of the libraries in the program.
function M.version()
  local commit = libraries.commit()
  print(("pyprof-lua %s%s"):format(version, commit ~= "" and (" (%s)"):format(commit) or ""))
  local names = { libraries.versions() }
  table.insert(names, 2, "lua-cjson " .. cjson._VERSION)
  print("with " .. table.concat(names, ", "))
end

--- --new: writes a report to begin with into the working directory.
---@param name string
function M.new(name)
  if name:match("[^/]*$"):gsub("%.lua$", "") == "" then
    fail.usage("--new: '%s' is no name of a report", name)
  end
  local path = name:find("%.lua$") and name or name .. ".lua"
  if sys.stat(path) then
    fail.refused("%s: is here already (choose another name)", path)
  end
  local code = starter.text(path:match("[^/]*$"))
  output.write(path, function(write) write(code) end)
  print(path)
end

return M
