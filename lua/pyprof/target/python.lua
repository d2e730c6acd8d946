-- target/python.lua - finds a program's Python: by name, by its first line "#!…", by --python.
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"

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

--- The Python to start a program with: the wanted one, else the active virtual environment's, else
--- python3 or python on PATH.
---@param wanted string|nil    of --python
---@return string
function M.find(wanted)
  if wanted then
    local path = file.which(wanted)
    if not path then fail.refused("%s: no such interpreter (see --python)", wanted) end
    return path
  end
  local environment = os.getenv("VIRTUAL_ENV")
  local path = environment and environment ~= "" and file.which(environment .. "/bin/python")
  path = path or file.which("python3") or file.which("python")
  if not path then
    fail.refused("python3: not found on PATH (install Python, or name it with --python PATH)")
  end
  return path
end

return M
