-- collect/coverage/python.lua - the Pythons that have coverage.py, and what they read for us.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local programs = require "pyprof.target.process"
local python = require "pyprof.target.python"

local M = {}

-- The last line that the probe prints; before it stands what the interpreter's own start prints.
local probe = [[
import sys
if sys.path[0] == "": sys.path.pop(0)
found = "none"
try:
    from coverage import version
    found = version.__version__
except Exception:
    pass
words = tuple(sys.version_info[:2]) + (found,)
sys.stdout.write("\npyprof-lua coverage %d.%d %s\n" % words)
]]

local known = {}

-- coverage.py starts by itself where the user's environment says so.
local unmeasured = { COVERAGE_PROCESS_START = false, COVERAGE_PROCESS_CONFIG = false }

-- What an interpreter says of itself: its version and that of its coverage.py, if it has one.
local function ask(interpreter)
  if known[interpreter] then return known[interpreter] end
  local ended, message = programs.run { interpreter, "-B", "-c", probe, env = unmeasured }
  if not ended then return nil, message end
  local version, coverage = ended.output:match("\npyprof%-lua coverage (%S+) (%S+)\n")
  if not version then return nil, interpreter .. ": does not start as a Python" end
  known[interpreter] = { version = version, coverage = coverage ~= "none" and coverage or nil }
  return known[interpreter]
end

local sites

--- The folders with our copies of coverage.py, by Python's version: those of the virtual
--- environment that is active, and of the one that the program brings.
---@return table<string, string>
function M.sites()
  if sites then return sites end
  sites = {}
  local own, places = sys.program(), { os.getenv "VIRTUAL_ENV" or "" }
  local folder = own and own:match("^(.*)/[^/]*$")
  if folder then
    places[#places + 1] = folder .. "/../libexec/pyprof-lua"
    places[#places + 1] = folder .. "/../.venv"
  end
  for _, place in ipairs(places) do
    for _, name in ipairs(place ~= "" and sys.list(place .. "/lib") or {}) do
      local version = name:match("^python(%d+%.%d+)$")
      local site = version and ("%s/lib/%s/site-packages"):format(place, name)
      if site and not sites[version] and sys.stat(site .. "/coverage/version.py") then
        sites[version] = sys.real_path(site)
      end
    end
  end
  return sites
end

local function is_old(version)
  local major, minor = version:match("^(%d+)%.(%d+)")
  return tonumber(major) < 3 or tonumber(major) == 3 and tonumber(minor) < 8
end

--- Can this interpreter be measured?
---@param interpreter string
---@return true|nil
---@return string|nil why
---@return string|nil site   where its coverage.py is, if it is not the interpreter's own
function M.check(interpreter)
  local found, message = ask(interpreter)
  if not found then return nil, message end
  if is_old(found.version) then
    return nil, ("coverage: Python %s is too old (%s; 3.8 is needed)"):format(found.version,
      interpreter)
  end
  local site = not found.coverage and M.sites()[found.version] or nil
  if found.coverage or site then return true, nil, site end
  return nil, ("coverage: not found for %s (%s -m pip install coverage)"):format(interpreter,
    interpreter)
end

-- An interpreter with coverage.py, for data that no interpreter was named for.
local function any(wanted)
  if wanted then
    local good, why, site = M.check(python.find(wanted))
    return good and python.find(wanted), why, site
  end
  local first = python.find()
  local good, why, site, _ = M.check(first)
  if good then return first, nil, site end
  for version in pairs(M.sites()) do
    local path = file.which("python" .. version)
    if path then
      good, _, site = M.check(path)
      if good then return path, nil, site end
    end
  end
  return nil, why
end

--- Lets coverage.py read data files: what `coverage json` says, with the tests of each line.
---@param request { python: string|nil, site: string|nil, wanted: string|nil, data: string[],
---  config: string|boolean, tolerant: boolean|nil }   without `python` one is looked for
---@return table|nil report
---@return string|nil message
---@return string|nil kind     coverage.py's name of the error
function M.read(request)
  local interpreter, site = request.python, request.site
  if not interpreter then
    local why
    interpreter, why, site = any(request.wanted)
    if not interpreter then return nil, why end
  end
  local directory <close>, reason = process.directory()
  if not directory then return nil, reason end
  local scratch = directory:path()
  local good, message = file.write(scratch .. "/request.json", json.line_of {
    site = site or false, data = request.data, config = request.config,
    tolerant = request.tolerant or false, scratch = scratch, output = scratch .. "/answer.json",
  })
  if not good then return nil, message end
  good, message = file.write(scratch .. "/reader.py",
    embedded.read("lua/pyprof/collect/coverage/reader.py"))
  if not good then return nil, message end
  local ended
  ended, message = programs.run {
    interpreter, scratch .. "/reader.py", scratch .. "/request.json", env = unmeasured,
  }
  if not ended then return nil, message end
  local text = file.read(scratch .. "/answer.json")
  local report
  good, report = pcall(cjson.decode, text or "")
  if not good then
    return nil, ("%s: coverage.py did not answer: %s"):format(interpreter,
      ended.output:match("([^\n]*)\n*$"))
  end
  if report.error then return nil, "coverage: " .. report.error, report.kind end
  return report
end

return M
