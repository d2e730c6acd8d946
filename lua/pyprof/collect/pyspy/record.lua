-- collect/pyspy/record.lua - the record of a run, which stands in its recording: what was run and
-- how, how it ended, and the CPU time of each thread.
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local array = require("pyprof.base.scalar").array
local version = require "pyprof.version"

local M = {}

local flags = { "idle", "gil", "native", "nonblocking" }

-- The words of the program, for a process those that it was started with.
local function command_of(target)
  if target.kind ~= "pid" then return table.move(target.words, 1, #target.words, 1, {}) end
  local words = {}
  for word in (file.read(("/proc/%d/cmdline"):format(target.pid)) or ""):gmatch("([^\0]*)\0") do
    words[#words + 1] = word
  end
  return words
end

--- The part of the record that is known before the run.
---@param target pyprof.Target
---@param args table
---@param how pyprof.How
---@return table
function M.begun(target, args, how)
  local options = { rate = math.tointeger(args.rate or 100), subprocesses = how.subprocesses }
  for _, name in ipairs(flags) do options[name] = args[name] or false end
  return {
    format = 1, version = version, date = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    command = array(command_of(target)), options = options,
  }
end

-- py-spy writes its version at the end of a recording.
local function py_spy_of(path)
  local reader <close> = io.open(path, "rb")
  if not reader then return nil end
  reader:seek("set", math.max(reader:seek("end") - 300, 0))
  return (reader:read("a") or ""):match('"exporter":"py%-spy@([^"]+)"')
end

--- Writes the record into a recording in memory, in place of an earlier one. A recording that
--- cannot take it stays as it is.
---@param recording userdata
---@param begun table             the result of M.begun
---@param run pyprof.Run
---@param times pyprof.Times|nil  of its threads, while it was recorded
function M.write(recording, begun, run, times)
  local threads, processes, sampler = {}, {}, nil
  if times then threads, processes, sampler = times:taken() end
  local record = {
    exit = run.exit, notes = array(run.notes), threads = array(threads),
    processes = array(processes), sampler = sampler,
    tools = { python = run.tools.python, ["py-spy"] = py_spy_of(recording:path()) },
  }
  for key, value in pairs(begun) do record[key] = value end
  recording:set_last(',"pyprof-lua":' .. json.line_of(record))
end

return M
