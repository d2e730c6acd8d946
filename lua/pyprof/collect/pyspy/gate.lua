-- collect/pyspy/gate.lua - holding a Python program before its first line until a profiler samples
-- it.
--
-- A directory of ours, first on PYTHONPATH, has a sitecustomize.py that runs gate.py and then
-- imports the user's own. With Python's options -I, -E and -S the gate would not run, and the
-- program would keep our variables and our descriptor: this file looks for them before the start.
local file = require "pyprof.base.file"
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"
local python = require "pyprof.target.python"

local M = {}

--- The name of a variable that tells the gate its descriptor.
M.variable = "PYPROF_LUA_GATE"

-- Readers of recordings drop samples with a frame of exactly this file: the gate held the program.
-- Our sitecustomize.py is in a directory of the same name. The user's own runs below its frame, so
-- readers remove only that frame, with its file "…/<pyprof-lua gate>/sitecustomize.py".
local folder = "<pyprof-lua gate>"

-- Do these words after the interpreter let sitecustomize run with our environment?
local function options_allow(words, position)
  while words[position] do
    local word = words[position]
    if word:sub(1, 1) ~= "-" or word == "-" or word == "--" then return true end
    if word:sub(1, 2) == "--" then
      if word == "--check-hash-based-pycs" then position = position + 1 end
    else
      for at = 2, #word do
        local letter = word:sub(at, at)
        if letter == "I" or letter == "E" or letter == "S" then return false end
        if letter == "c" or letter == "m" then return true end
        if letter == "W" or letter == "X" or letter == "Q" then
          if at == #word then position = position + 1 end
          break
        end
      end
    end
    position = position + 1
  end
  return true
end

--- Does the target begin as a Python, and can the gate hold it?
---@param target pyprof.Target
---@return boolean python
---@return boolean gate
function M.judge(target)
  local argv = target.argv
  if target.python or python.is_python(argv[1]) then return true, options_allow(argv, 2) end
  local words = python.shebang(file.first(file.which(argv[1]) or argv[1], 256) or "")
  if words[1] and python.is_python(words[1]) then return true, options_allow(words, 2) end
  return false, false
end

local function write(path, text)
  local stream, message = io.open(path, "wb")
  if not stream then return nil, message end
  local good
  good, message = stream:write(text)
  local closed, close_message = stream:close()
  if good and closed then return true end
  return nil, ("%s: %s (TMPDIR names another place)"):format(path, message or close_message)
end

--- Makes the gate in a directory; returns the changes of environment that lead a Python through it.
---@param directory string
---@return string[]|nil changes
---@return string|nil message
function M.make(directory)
  local path = directory .. "/" .. folder
  local good, message = process.make_directory(path)
  if not good then return nil, message end
  local code = embedded.read("lua/pyprof/collect/pyspy/gate.py")
  local stub = ('exec(compile(r"""%s""", "%s", "exec"), {})\nimport sitecustomize\n')
    :format(code, folder)
  good, message = write(path .. "/sitecustomize.py", stub)
  if not good then return nil, message end
  local before = os.getenv("PYTHONPATH")
  local changes = {
    "PYPROF_LUA_DIRECTORY=" .. path,
    "PYTHONPATH=" .. path .. (before and before ~= "" and ":" .. before or ""),
  }
  if before then changes[#changes + 1] = "PYPROF_LUA_PYTHONPATH=" .. before end
  return changes
end

return M
