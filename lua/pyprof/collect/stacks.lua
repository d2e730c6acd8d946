-- collect/stacks.lua - the current stacks of a running process, by py-spy dump.
local json = require "pyprof.base.json"
local program = require "pyprof.collect.pyspy.program"
local pythons = require "pyprof.collect.pyspy.pythons"
local sys = require "pyprof.core.sys"

local M = {}

---@class pyprof.Thread
---@field pid integer
---@field id integer        the system's number of the thread
---@field name string
---@field active boolean    it does not wait
---@field gil boolean       it holds the interpreter lock
---@field frames { name: string, file: string, line: integer }[]   innermost frame first

local function thread(entry)
  local frames = {}
  for i, frame in ipairs(entry.frames) do
    frames[i] = {
      name = frame.name, file = frame.filename, line = math.tointeger(frame.line) or 0,
    }
  end
  local name = type(entry.thread_name) == "string" and entry.thread_name or ""
  return {
    pid = math.tointeger(entry.pid), name = name,
    id = math.tointeger(entry.os_thread_id or entry.thread_id) or 0,
    active = entry.active, gil = entry.owns_gil, frames = frames,
  }
end

-- Sorts by process, its main thread first: the id of a main thread is that of its process.
local function first(a, b)
  if a.pid ~= b.pid then return a.pid < b.pid end
  if (a.id == a.pid) ~= (b.id == b.pid) then return a.id == a.pid end
  return a.id < b.id
end

local flags = { "native", "nonblocking" }

--- Only a running process has current stacks.
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.gives(target)
  if target.kind == "pid" then return true end
  return nil, "stacks: only a running process has them (--pid N)"
end

-- The threads of one process, appended to the list.
local function dump(threads, py_spy, pid, options)
  local words = { py_spy, "dump", "--json", "-p", tostring(pid) }
  for _, name in ipairs(flags) do
    if options[name] then words[#words + 1] = "--" .. name end
  end
  local text, message = program.ask(words)
  if not text and program.refused(message) then
    return nil, program.refusal(pid, false, message)
  elseif not text then
    return nil, message
  end
  local decoded = json.value_of(text)
  if type(decoded) ~= "table" then
    return nil, "py-spy: its dump cannot be understood"
  end
  for _, entry in ipairs(decoded) do
    local one = thread(entry)
    -- A thread that has just been made has neither a number nor frames.
    if one.id ~= 0 or #one.frames > 0 then threads[#threads + 1] = one end
  end
  return true
end

--- The threads of a running process with their current stacks; with --subprocesses also those of
--- the Pythons below it. One dump of py-spy shows one process.
---@param target pyprof.Running   of kind "pid"
---@return pyprof.Thread[]|nil
---@return string|nil message
function M.collect(target)
  local options = target.options
  if not sys.stat("/proc/" .. target.pid) then
    return nil, ("process %d: No such process"):format(target.pid)
  end
  local py_spy, message = program.find(options.py_spy)
  if not py_spy then return nil, message end
  local threads = {}
  local children = options.subprocesses and pythons.find(target.pid) or {}
  children[target.pid] = nil
  local seen, why = dump(threads, py_spy, target.pid, options)
  -- A program that is no Python may have Pythons below it.
  if not seen and not next(children) then return nil, why end
  for pid in pairs(children) do
    seen, why = dump(threads, py_spy, pid, options)
    if not seen and sys.stat("/proc/" .. pid) then return nil, why end
  end
  table.sort(threads, first)
  return threads
end

return M
