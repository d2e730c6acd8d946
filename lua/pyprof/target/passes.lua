-- target/passes.lua - the runs of one program: a run for each collector that needs one.
--
-- The first run is the program as it always is. Each later one reads the same input, and its output
-- is kept aside. After a signal no further run begins.
local say = require "pyprof.base.say"
local text = require "pyprof.base.text"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local launches = require "pyprof.target.launch"
local programs = require "pyprof.target.process"

local M = {}

---@class pyprof.Passes
---@field number integer          how many runs have begun
---@field total integer           how many runs will be made
---@field stopped string|nil      why no further run begins
---@field first pyprof.Exit|nil   how the first run ended
local Passes = {}
Passes.__index = Passes

local shown_lines = 10 -- of the output of a run that ended with another status than the first

---@param target pyprof.Target
---@param note fun(message: string)   takes a remark for a reader of the report
---@return pyprof.Passes
function M.new(target, note)
  return setmetatable({ target = target, note = note, number = 0, total = 1 }, Passes)
end

-- What standard input is, and how a later run can read it from the same place.
local function input_of()
  local status = sys.stat("/proc/self/fd/0")
  if not status then return "none" end
  if status.kind == "file" then
    local info <close> = io.open("/proc/self/fdinfo/0", "r")
    local at = info and (info:read("a") or ""):match("pos:%s*(%d+)")
    return "file", { input = "/proc/self/fd/0", input_at = math.tointeger(at) or 0 }
  end
  return status.device and "device" or "pipe"
end

-- Reads a pipe to its end into a file, so that each run reads the same.
local function kept(path)
  local file <close>, message = io.open(path, "wb")
  if not file then return nil, message end
  while true do
    local block
    block, message = io.stdin:read(1 << 16)
    if not block then break end
    local good
    good, message = file:write(block)
    if not good then return nil, ("%s: %s"):format(path, message) end
  end
  if message then return nil, "standard input: " .. message end
  return { input = path, input_at = 0 }
end

--- Prepares so many runs, before the first: keeps their input, and catches signals between them.
---@param total integer
---@return true|nil
---@return string|nil message
function Passes:prepare(total)
  self.total = total
  if total < 2 then return true end
  local message
  programs.signalled = nil
  self.kind, self.later = input_of()
  if self.kind == "pipe" then
    self.directory, message = process.directory()
    if not self.directory then return nil, message end
    self.later, message = kept(self.directory:path() .. "/input")
    if not self.later then return nil, message end
  end
  self.between, message = process.open()
  return self.between ~= nil or nil, message
end

-- Notices the signals that came since the last run.
function Passes:look()
  local name = programs.signalled
  while self.between do
    local kind, got = self.between:wait(0)
    if kind ~= "signal" then break end
    name = got
  end
  if name then self:stop(name) end
end

function Passes:stop(name)
  self.stopped = self.stopped or
    (name == "INT" and "stopped by Ctrl-C" or "stopped by SIG" .. name)
end

function Passes:announce(name, progress)
  if self.total > 1 and (progress or sys.terminal(2)) then
    say.line(("run %d of %d: %s"):format(self.number, math.max(self.total, self.number), name))
  end
end

-- Says that a run ended otherwise than the first one, and what it wrote at last.
function Passes:compare(name, exit, written)
  local first = self.first
  if self.stopped or first.unknown or exit.unknown then return end
  if first.ended_by or exit.ended_by then return end
  if exit.status == first.status then return end
  self.note(("%s: the program ended with status %d in this run, with %d in the first one")
    :format(name, exit.status, first.status))
  local lines = {}
  for line in written:gmatch("[^\n]+") do lines[#lines + 1] = "  " .. text.clean(line) end
  if #lines == 0 then return end
  say.line(("%s: the program's last lines in this run:"):format(name))
  io.stderr:write(table.concat(lines, "\n", math.max(1, #lines - shown_lines + 1)), "\n")
end

--- Starts a run for a collector: the next one of the program, or the watching of a process.
---@param name string       of the collector
---@param options table     see pyprof.target.launch
---@return pyprof.Launch|nil
---@return string|nil message
function Passes:start(name, options)
  if self.target.kind ~= "program" then return launches.start(self.target, options) end
  self:look()
  if self.stopped then return nil, "not run: " .. self.stopped end
  self.number = self.number + 1
  self:announce(name, options.progress)
  if self.number == 1 and options.progress and sys.terminal(2) then
    self.note("--progress: not shown in the first run: the program writes to the same terminal")
  end
  local streams = self.later
  if self.number > 1 then
    streams = streams or { input = "/dev/null" }
    streams = { input = streams.input, input_at = streams.input_at, aside = true }
  elseif self.kind ~= "pipe" then
    streams = nil
  end
  local launch, message = launches.start(self.target,
    setmetatable({ streams = streams }, { __index = options }))
  if not launch then return nil, message end
  launch.on_close = function()
    if launch.interrupted then self:stop(launch.interrupted) end
    local exit = launch:exit()
    if not self.first then
      self.first = exit
    elseif launch.ended then
      self:compare(name, exit, launch:written())
    end
  end
  return launch
end

--- No further run begins: the signals are no longer caught, and the kept input is removed.
function Passes:close()
  if self.between then
    self:look()
    self.between:close()
  end
  if self.directory then self.directory:close() end
  self.between, self.directory, self.later = nil, nil, nil
end

Passes.__close = Passes.close

return M
