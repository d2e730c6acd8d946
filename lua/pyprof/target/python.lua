-- target/python.lua - finds a program's Python: by name, by its first line "#!…", by --python.
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"
local sys = require "pyprof.core.sys"

local M = {}

local function basename(path)
  return path:match("([^/]*)/*$")
end

--- Is this the name or the path of a Python?
---@param path string
---@return boolean
function M.is_python(path)
  local name = basename(path)
  return name:find("^python[%d.]*t?$") ~= nil or name:find("^pypy[%d.]*$") ~= nil
end

--- The words of a first line "#!…", without env and its -S: an interpreter and its options.
---@param bytes string      the beginning of a file
---@return string[]         empty if there is no such line
function M.shebang(bytes)
  local words = {}
  for word in (bytes:match("^#!([^\r\n]*)") or ""):gmatch("%S+") do words[#words + 1] = word end
  if words[1] and basename(words[1]) == "env" then
    table.remove(words, 1)
    if words[1] == "-S" then table.remove(words, 1) end
  end
  return words
end

local pytests = { pytest = true, ["py.test"] = true }

--- Does the program run pytest, as far as its words tell?
---@param target pyprof.Target
---@return boolean
function M.runs_pytest(target)
  local argv = target.argv or {}
  if target.form == "command" then
    return pytests[basename(argv[1])] or argv[2] == "-m" and pytests[argv[3]] or false
  end
  return (target.form == "module" or target.form == "script") and
    pytests[basename(target.name)] or false
end

-- Environments that tools make for one program alone: its Python has none of a user's packages.
local of_tools = { "/pipx_metadata.json", "/uv-receipt.toml" }

--- The virtual environment that pip installed this program into.
---@return string|nil
function M.own_environment()
  local folder = (sys.program() or ""):match("^(.*)/bin/[^/]*$")
  if not folder or not sys.stat(folder .. "/pyvenv.cfg") then return nil end
  for _, name in ipairs(of_tools) do
    if sys.stat(folder .. name) then return nil end
  end
  return folder
end

--- The Python to start a program with: the wanted one, else that of the virtual environment that
--- this program was installed into, else the active one's, else python3 or python on PATH.
---@param wanted string|nil    of --python
---@return string
function M.find(wanted)
  local origin = "--python"
  if not wanted then
    wanted, origin = os.getenv "PYPROF_PYTHON", "$PYPROF_PYTHON"
    if wanted == "" then wanted = nil end
  end
  if wanted then
    local path = file.which(wanted)
    if not path then fail.refused("%s: no such interpreter (see %s)", wanted, origin) end
    return path
  end
  local path
  for _, environment in ipairs { M.own_environment() or "", os.getenv "VIRTUAL_ENV" or "" } do
    path = path or environment ~= "" and file.which(environment .. "/bin/python")
  end
  path = path or file.which("python3") or file.which("python")
  if not path then
    fail.refused("python3: not found on PATH (install Python, or name it with --python PATH)")
  end
  return path
end

return M
