-- manual.lua SECTION: prints a manual page as Markdown, made of what --doc, --help and --list show.
-- The Makefile has lowdown make a man page of it.
local options = require "pyprof.options"
local alone = require "pyprof.command.alone"
local doc = require "pyprof.doc"

local pages = {
  ["1"] = { "running", "recordings", "selectors", "views", "words", "formats", "exports",
    "status", "config", "sandbox", "licences" },
  ["5"] = { "tutorial", "reports", "rows", "join", "collectors" },
}

-- lowdown wants code in a list eight spaces deeper than the list, as the first Markdown did.
local function page(name)
  local in_list, out = false, {}
  for line in (doc.text(name, 80)):gmatch("([^\n]*)\n") do
    if line:find("^%S") then in_list = line:find("^[-*] ") ~= nil or line:find("^%d+%. ") ~= nil end
    out[#out + 1] = in_list and line:find("^      ") and "    " .. line or line
  end
  return table.concat(out, "\n") .. "\n"
end

-- What stands in texts as it is: no sign of it means anything in Markdown.
local function plain(text) return (text:gsub("[%[%]*_<>`\\|]", "\\%0")) end

local function entry(term, help) print(("\n%s\n: %s"):format(term, plain(help))) end

local function option_list(list)
  for _, option in ipairs(list) do
    local term = "**--" .. option.name .. "**"
    if option.short then term = "**-" .. option.short .. "**, " .. term end
    entry(option.value and ("%s *%s*"):format(term, plain(option.value)) or term, option.help)
  end
end

local first = {
  ["1"] = function()
    print [==[
# NAME

pyprof-lua - profile Python programs, and read profiles, by reports in Lua

# SYNOPSIS

**pyprof-lua** [*OPTION*...] [*REPORT* [*OPTION*...]] *TARGET* [*ARGUMENT*...]

**pyprof-lua** **-e** *CODE* | **-i** | **--list** | **--copy** *REPORT* |
**--new** *NAME* | **--doc** [*PAGE*...] | **--version**

# DESCRIPTION

**pyprof-lua** starts a Python program, lets py-spy watch it from outside, scans
its source, and prints a report that a short Lua file makes of both. It also
reads recordings of other profilers, and source without running it. *TARGET* is
a script, **-m** *MODULE*, **-c** *CODE*, **--** *COMMAND*, **--pid** *N*,
recordings, or folders of source; everything after it belongs to the program.
**pyprof-lua** *REPORT* **--help** shows a report's own options;
**pyprof-lua --doc** lists all pages of the manual, of which this is a part.
pyprof-lua(5) tells how reports are written.

# OPTIONS

These stand before or after *REPORT*, always before *TARGET*:]==]
    option_list(options.common)
    print "\nThese stand instead of *REPORT*:"
    option_list(options.alone)
    print "\n# REPORTS"
    for _, report in ipairs(alone.reports()) do
      entry("**" .. report.name:gsub("%.lua$", "") .. "**", report.help)
    end
    print [==[

# ENVIRONMENT

**PYPROF_PATH**
: folders with reports and collectors, separated by colons

**PYPROF_PYTHON**, **VIRTUAL_ENV**
: the Python, or the environment of the Python, that runs the target

**PYPROF_PY_SPY**
: the py-spy to use

**XDG_CONFIG_HOME**
: its folder pyprof-lua has config.lua, reports and collectors (\~/.config)

**NO_COLOR**, **PAGER**, **BROWSER**
: no colours; what shows long pages; what shows the report open
]==]
  end,
  ["5"] = function()
    print [==[
# NAME

pyprof-lua - reports of pyprof-lua: files of Lua

# DESCRIPTION

A report is a file of Lua that turns what was collected about a Python program
into rows. pyprof-lua(1) runs it. **pyprof-lua --doc** has the pages of each
function of the library, too.
]==]
  end,
}

local section = ...
first[section]()
for _, name in ipairs(pages[section]) do print(page(name)) end
print("# SEE ALSO\n\n" .. (section == "1" and "pyprof-lua(5), " or "pyprof-lua(1), ") ..
  "py-spy(1), coverage(1), lua(1)")
