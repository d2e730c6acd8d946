-- target/tool.lua - finds a Python package that measures: the target interpreter's own, else our
-- copy of it, where that fits the interpreter.
local file = require "pyprof.base.file"
local sys = require "pyprof.core.sys"
local lead = require "pyprof.target.lead"
local programs = require "pyprof.target.process"
local python = require "pyprof.target.python"

local M = {}

--- The changes of environment for a Python of ours: coverage.py starts by itself where the user's
--- environment says so.
M.unmeasured = { COVERAGE_PROCESS_START = false, COVERAGE_PROCESS_CONFIG = false }

-- The last line that the probe prints; before it stands what the interpreter's own start prints. A
-- folder that only has the module's name has no file.
local probe = [[
import sys
if sys.path[0] == "": sys.path.pop(0)
try:
    import %s as module
    found = module.__file__ is not None
except Exception:
    found = False
sys.stdout.write("\npyprof-lua %%d.%%d %%d\n" %% (sys.version_info[0], sys.version_info[1], found))
]]

local answers, sites_of = {}, {}

-- What an interpreter says: its version, and whether it has the module.
local function ask(interpreter, module)
  local key = interpreter .. "\0" .. module
  if answers[key] then return answers[key] end
  local ended, message = programs.run { interpreter, "-B", "-c", probe:format(module),
    env = M.unmeasured }
  if not ended then return nil, message end
  local version, found = ended.output:match("\npyprof%-lua (%S+) (%d)\n")
  if not version then return nil, interpreter .. ": does not start as a Python" end
  answers[key] = { version = version, has_it = found == "1" }
  return answers[key]
end

--- The interpreter of a program, as far as its words tell.
---@param target pyprof.Target
---@return string|nil
function M.interpreter(target)
  if target.python then return target.python end
  if target.argv and python.is_python(target.argv[1]) then return file.which(target.argv[1]) end
end

--- The folders with our copies of a module, by Python's version: those of the virtual environment
--- that is active, and of the one that this program brings.
---@param module string
---@return table<string, string>
function M.sites(module)
  if sites_of[module] then return sites_of[module] end
  local sites, own = {}, sys.program()
  local places = { os.getenv "VIRTUAL_ENV" or "" }
  local folder = own and own:match("^(.*)/[^/]*$")
  if folder then
    places[#places + 1] = folder .. "/.."
    places[#places + 1] = folder .. "/../libexec/pyprof-lua"
    places[#places + 1] = folder .. "/../.venv"
  end
  for _, place in ipairs(places) do
    for _, name in ipairs(place ~= "" and sys.list(place .. "/lib") or {}) do
      local version = name:match("^python(%d+%.%d+)$")
      local site = version and ("%s/lib/%s/site-packages"):format(place, name)
      local is_there = site and (sys.stat(("%s/%s/__init__.py"):format(site, module)) or
        sys.stat(("%s/%s.py"):format(site, module)))
      if is_there and not sites[version] then sites[version] = sys.real_path(site) end
    end
  end
  sites_of[module] = sites
  return sites
end

--- Can an interpreter use the module?
---@param interpreter string
---@param module string
---@return true|nil
---@return string|nil why     with the command that installs it
---@return "refused"|nil kind  the interpreter lacks something
function M.check(interpreter, module)
  local found, message = ask(interpreter, module)
  if not found then return nil, message, "refused" end
  local major, minor = found.version:match("^(%d+)%.(%d+)")
  if tonumber(major) * 1000 + tonumber(minor) < 3008 then
    return nil, ("%s: Python %s is too old (%s; 3.8 is needed)"):format(module, found.version,
      interpreter), "refused"
  end
  if found.has_it or M.sites(module)[found.version] then return true end
  return nil, ("%s: not found for %s (%s -m pip install %s)"):format(module, interpreter,
    interpreter, module), "refused"
end

--- The folder with the module, where it is not the interpreter's own.
---@param interpreter string
---@param module string
---@return string|nil
function M.site(interpreter, module)
  local found = ask(interpreter, module)
  return found and not found.has_it and M.sites(module)[found.version] or nil
end

--- Can a helper in a program's Python use the module?
---@param target pyprof.Target
---@param module string
---@return true|nil
---@return string|nil why
---@return "refused"|nil kind
function M.usable(target, module)
  local good, why = lead.allowed(target)
  if not good then return nil, why end
  local interpreter = M.interpreter(target)
  if not interpreter then return true end -- the helper will see
  return M.check(interpreter, module)
end

return M
