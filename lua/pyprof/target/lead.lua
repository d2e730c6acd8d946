-- target/lead.lua - leads a helper of ours, in Python, into each Python of a run.
--
-- A folder of ours, first on PYTHONPATH, has a sitecustomize.py that takes the folder away again,
-- runs the helper, and then imports the user's own. With Python's options -I, -E and -S it would
-- not run, and the program would keep our variables: `judge` looks for them before the start.
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local python = require "pyprof.target.python"

local M = {}

--- Seconds to wait for processes that end after the program does, as a resource tracker.
M.limits = { rest = 2 }

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

--- Does the target begin as a Python, and can we be led into it?
---@param target pyprof.Target
---@return boolean python
---@return boolean allowed
function M.judge(target)
  local argv = target.argv
  if target.python or python.is_python(argv[1]) then return true, options_allow(argv, 2) end
  local words = python.shebang(file.first(file.which(argv[1]) or argv[1], 256) or "")
  if words[1] and python.is_python(words[1]) then return true, options_allow(words, 2) end
  return false, false
end

--- Can a helper be led into the target? Any command may start a Python.
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.allowed(target)
  local is_python, allowed = M.judge(target)
  if allowed or not is_python then return true end
  return nil, ("%s: Python's -I, -E and -S keep the collector out (leave them away)")
    :format(target.name)
end

--- Makes a folder with our sitecustomize.py and other files; returns the changes of environment
--- that lead a Python to it.
---@param directory string
---@param files table<string, string>  their texts, by name
---@param before string|nil            PYTHONPATH as the Python is to see it
---@return table<string, string>|nil env
---@return string|nil message
function M.folder(directory, files, before)
  local good, message = process.make_directory(directory)
  if not good then return nil, message end
  for name, text in pairs(files) do
    good, message = file.write(directory .. "/" .. name, text)
    if not good then return nil, message end
  end
  -- An empty one is written as our folder twice, see leave.py.
  local rest = before and ":" .. (before == "" and directory or before) or ""
  return { PYTHONPATH = directory .. rest }
end

--- The text of leave.py, with which each sitecustomize.py begins.
---@return string
function M.leave()
  return embedded.read("lua/pyprof/target/leave.py")
end

local coding = "# -*- coding: utf-8 -*-\n" -- for Python 2
local stub = [[
directory = os.path.dirname(__file__)
base = os.path.dirname(directory)
ourselves = sys.modules["sitecustomize"]  # Python 2 empties a module that nobody knows
leave(directory)


def load(file):
    import _frozen_importlib_external as external
    return external.SourceFileLoader(file, "%%s/%%s.py" %% (directory, file)).get_code(file)


if sys.version_info >= (3, 8):
    exec(load("lead"), {
        "directory": directory, "base": base, "load": load, "name": "%s",
        "follow": %s,
        "options": eval(r'''%s''', {"true": True, "false": False, "null": None}),
    })
else:
    with open("%%s/notes/%%d" %% (base, os.getpid()), "w") as file:
        file.write("Python %%d.%%d: too old (3.8 is needed)" %% sys.version_info[:2])
import sitecustomize
]]

--- What a helper is.
---@class pyprof.Helper
---@field name string           of the collector
---@field code string           Python, run in each process with one name `lead`, see lead.py
---@field options table|nil     lead.options
---@field follow boolean|nil    Pythons that the program starts are led, too
---@field before string|nil     PYTHONPATH as the program is to see it; nil: ours

--- Prepares a private directory for a helper; returns the changes of environment for target:run.
---@param dir string
---@param helper pyprof.Helper
---@return table<string, string>|nil env
---@return string|nil message
function M.make(dir, helper)
  for _, name in ipairs { "data", "notes", "begun", "term", "tools" } do
    local good, message = process.make_directory(dir .. "/" .. name)
    if not good then return nil, message end
  end
  -- Inside of r'''…''' no quote and no backslash may end the text.
  local options = json.line_of(helper.options or {}):gsub("'", "\\u0027")
  local files = {
    ["sitecustomize.py"] = coding .. M.leave() .. stub:format(helper.name,
      helper.follow and "True" or "False", options),
    ["helper.py"] = helper.code,
  }
  for _, name in ipairs { "lead.py", "lead_children.py", "lead_end.py" } do
    files[name] = embedded.read("lua/pyprof/target/" .. name)
  end
  return M.folder(("%s/<pyprof-lua %s>"):format(dir, helper.name), files,
    helper.before or os.getenv("PYTHONPATH"))
end

--- The complete files of results.
---@param dir string
---@return string[] paths   sorted
function M.results(dir)
  local paths = {}
  for _, name in ipairs(sys.list(dir .. "/data") or {}) do
    if not name:find("%.part$") then paths[#paths + 1] = dir .. "/data/" .. name end
  end
  table.sort(paths)
  return paths
end

--- The versions of the modules that measured, by their names.
---@param dir string
---@return table<string, string>
function M.tools(dir)
  local tools = {}
  for _, name in ipairs(sys.list(dir .. "/tools") or {}) do
    tools[name] = file.read(dir .. "/tools/" .. name)
  end
  return tools
end

--- The distinct remarks of the helpers.
---@param dir string
---@return string[]   sorted
function M.notes(dir)
  local notes, known = {}, {}
  for _, name in ipairs(sys.list(dir .. "/notes") or {}) do
    local text = file.read(dir .. "/notes/" .. name)
    if text and text ~= "" and not known[text] then
      known[text] = true
      notes[#notes + 1] = text
    end
  end
  table.sort(notes)
  return notes
end

local function runs(pid)
  local state = (file.read("/proc/" .. pid .. "/stat") or ""):match(".*%) (%a)")
  return state ~= nil and state ~= "Z" and state ~= "X"
end

-- The processes that began and have not said that they end: those that are gone, those that run.
local function unfinished(dir)
  local gone, running = 0, 0
  for _, name in ipairs(sys.list(dir .. "/begun") or {}) do
    if runs(name:match("^%d+")) then running = running + 1 else gone = gone + 1 end
  end
  return gone, running
end

--- How many processes began and left no data: they were killed. Waits a moment for those that end
--- after the program.
---@param dir string
---@return integer lost
---@return integer running   still
function M.lost(dir)
  local gone, running = unfinished(dir)
  if running == 0 then return gone, 0 end
  local run <close> = assert(process.open())
  local limit = sys.clock() + M.limits.rest
  while running > 0 and sys.clock() < limit do
    if run:wait(0.01) == "signal" then break end
    gone, running = unfinished(dir)
  end
  return gone, running
end

--- What to say of processes whose results lack, for the reader of the figures.
---@param name string     the collector's
---@param lost integer    how many were killed
---@param running integer how many run on
---@param effect string|nil  what it means that one was killed
---@return string[]
function M.gaps(name, lost, running, effect)
  local notes = {}
  if lost > 0 then
    notes[1] = ("%s: %d %s killed%s"):format(name, lost,
      lost == 1 and "process was" or "processes were", effect or " and left no data")
  end
  if running > 0 then
    notes[#notes + 1] = ("%s: %d %s on, and %s missing"):format(name, running,
      running == 1 and "process runs" or "processes run",
      running == 1 and "its data is" or "their data is")
  end
  return notes
end

return M
