-- target/launch.lua - a target while it runs: signals, time limit, memory, CPU time, and how it
-- ended.
--
-- `next` also reports a collector's own helpers and their output.
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local times = require "pyprof.target.times"

local M = {}

--- How the target ended, and which resources it used.
---@class pyprof.Exit
---@field status integer         as in a shell (128 + n); 0 if --duration ended it
---@field code integer|nil       if it exited
---@field signal integer|nil     the number of the signal that ended it
---@field ended_by "duration"|"signal"|nil  the reason why it, or its profiling, ended early
---@field unknown boolean|nil     status, code and signal are not known: py-spy started the target
---@field wall number            seconds, from when its own code began
---@field user number|nil        seconds of CPU time, its Python's start and its children included
---@field system number|nil
---@field max_rss integer        bytes, of its largest process
---@field memory number[][]|nil  { seconds, bytes } over its run: the resident memory of all its
---  processes, each with the memory that it shares
---@field sampling table|nil      how well it was sampled: pyprof.Quality without the notes

---@class pyprof.Launch
---@field run userdata           see pyprof.core.process
---@field id integer             the target's number in the run
---@field pid integer
---@field helper integer|nil    the process above the target that waits for run:go
---@field ended boolean
---@field stop boolean           the profiling of a process that is not ours must end
---@field began number           on sys.clock
---@field times pyprof.Times|nil   of its threads, if Launch:watch_threads was called
---@field on_child nil|fun(pid: integer)   called for each process below the target, now and again
local Launch = {}
Launch.__index = Launch

local finest, points = 0.02, 500  -- of the memory timeline: seconds between points, most points
local longest = 0.1               -- seconds between readings of the threads, where that is cheap
local most_work = 0.01            -- the share of a processor that the readings may take
local patience, asked = 2, 0.5    -- seconds until progress is shown: by itself, and if asked for
local ending = { "INT", "TERM", "KILL" }

-- Bytes of the output of a run that is kept aside, at most.
local most_kept = 1 << 16

--- Seconds between SIGINT, SIGTERM and SIGKILL.
M.limits = { pause = 2 }

local function children(path)
  local file = io.open(path, "r")
  if not file then return "" end
  local line = file:read("l") or ""
  file:close()
  return line
end

--- All descendants of a process, parents first.
---@param pid integer
---@return integer[]
function M.below(pid)
  local list, at = { pid }, 1
  while list[at] do
    local tasks = ("/proc/%d/task"):format(list[at])
    for _, task in ipairs(sys.list(tasks) or {}) do
      for child in children(tasks .. "/" .. task .. "/children"):gmatch("%d+") do
        list[#list + 1] = math.tointeger(child)
      end
    end
    at = at + 1
  end
  table.remove(list, 1)
  return list
end

local function with_streams(start, streams)
  if not streams then return start end
  start.input, start.input_at, start.capture = streams.input, streams.input_at, streams.aside
  return start
end

--- Starts a target, or begins to watch a running one.
---@param target pyprof.Target
---@param options { duration: number|nil, progress: boolean|nil, env: string[]|nil,
---  gate: string|nil, argv: string[]|nil, helper: table|nil,
---  streams: { input: string, input_at: integer|nil, aside: boolean|nil }|nil }
---  progress: on stderr, where that is a terminal that the target does not write to; nil: only of
---  a longer run; false: never;
---  helper: see run:start_below;
---  streams: the file that it reads as its input; aside: Launch:written tells its output
---@return pyprof.Launch|nil
---@return string|nil message
function M.start(target, options)
  local run, message = process.open()
  if not run then return nil, message end
  local id, helper
  if target.kind == "pid" then
    id, message = run:adopt(target.pid)
  else
    local start = with_streams({
      argv = options.argv or target.argv, env = options.env, gate = options.gate,
      traceable = true,
    }, options.streams)
    if options.helper then
      id, helper = run:start_below(start, options.helper)
      message = not id and helper
    else
      id, message = run:start(start)
    end
  end
  if not id then
    run:close()
    return nil, message
  end
  local launch = setmetatable({
    run = run, id = id, helper = helper, pid = run:pid(id),
    ours = target.kind ~= "pid", ended = false,
    stop = false, duration = options.duration, memory = {},
    progress = options.progress ~= false and sys.terminal(2) ~= nil,
    patience = options.progress and asked or patience,
    peak = 0, every = finest, signalled = {}, streams = options.streams, kept = {}, size = 0,
  }, Launch)
  launch:begin()
  if options.gate then launch.end_at = nil end -- the time limit begins when it is released
  return launch
end

--- The clock of the target starts now.
function Launch:begin()
  self.began = sys.clock()
  self.memory, self.every, self.memory_at = {}, finest, 0
  self.sample_at, self.show_at = self.began, self.began + self.patience
  if self.times then self.times:restart() end
  self.end_at = self.duration and self.began + self.duration
end

--- Replaces the target by a program that starts the target itself. The end of that program does
--- not tell how the target ended, and it handles only SIGINT well.
---@param start table  see run:start
---@return true|nil
---@return string|nil message
function Launch:replace(start)
  self.run:signal(self.id, "KILL")
  local id, message = self.run:start(with_streams(start, self.streams))
  if not id then return nil, message end
  self.id, self.pid, self.indirect = id, self.run:pid(id), true
  if self.times then self:watch_threads() end
  self:begin()
  return true
end

--- Opens the gate of a target that was held.
function Launch:release()
  self.run:release(self.id)
  self:begin()
end

--- Reads the CPU time of each thread from now on, or anew.
---@param profiler integer|nil   the process that samples the target
function Launch:watch_threads(profiler)
  self.times = times.new(self.indirect, profiler)
  self.sample_at = sys.clock()
end

local function thin(list)
  local kept = {}
  for i = 1, #list, 2 do kept[#kept + 1] = list[i] end
  return kept
end

-- Reads one process; returns its resident memory, or nil if it has ended.
function Launch:usage(pid)
  local usage = process.usage(pid)
  if not usage then return nil end
  self.peak = math.max(self.peak, usage.peak_rss, usage.rss)
  if self.times then self.times:process(pid, usage.user + usage.system) end
  return usage.rss, usage.image
end

function Launch:sample(now)
  local before, at = os.clock(), now - self.began
  local below = self.times and self.times:read(self.pid, at) or M.below(self.pid)
  local all, image = self:usage(self.pid)
  for _, pid in ipairs(all and below or {}) do
    all = all + (self:usage(pid) or 0)
    if self.on_child then self.on_child(pid) end
  end
  self.sample_at = now + math.max(self.times and math.min(self.every, longest) or self.every,
    (os.clock() - before) / most_work)
  if not all then return end
  self.image = image
  if at < self.memory_at then return end
  self.memory[#self.memory + 1] = { at, all }
  if #self.memory > points then
    self.memory, self.every = thin(self.memory), self.every * 2
  end
  self.memory_at = at + self.every * 0.9
end

-- Is our standard error a terminal that the target writes to? Its lines would be mixed with ours.
local function shares_terminal(pid)
  local ours, list = sys.real_path("/proc/self/fd/2"), M.below(pid)
  list[#list + 1] = pid
  for _, each in ipairs(list) do
    for stream = 1, 2 do
      if sys.real_path(("/proc/%d/fd/%d"):format(each, stream)) == ours then return true end
    end
  end
  return false
end

function Launch:show(now)
  self.show_at = now + 0.5
  if shares_terminal(self.pid) then return self:clear() end
  local last = self.memory[#self.memory]
  io.stderr:write(("\r%6.1f s %8.1f MiB"):format(now - self.began,
    (last and last[2] or 0) / 1048576))
  self.shown = true
end

-- Signals the target and all its descendants, as a terminal does. They are listed first, since a
-- process that ends loses its children.
function Launch:signal_all(name)
  if self.indirect then
    self.run:signal(self.id, "INT")
    return
  end
  for _, pid in ipairs(M.below(self.pid)) do process.signal(pid, name) end
  self.run:signal(self.id, name)
end

--- Signals the target to end: by SIGINT, the next time by SIGTERM, then by SIGKILL.
function Launch:finish()
  if not self.ours then
    self.stop = true
    return
  end
  self.step = (self.step or 0) + 1
  self.step_at = sys.clock() + M.limits.pause
  self:signal_all(ending[math.min(self.step, #ending)])
end

-- A signal to our whole process group has reached the target, too; one to us alone is passed on.
-- (CPython itself loses a SIGINT now and then while it starts: "Failed checking if argv[0] is an
-- import path entry".)
function Launch:pass_on(name, to_group)
  local now = sys.clock()
  local last = self.signalled[name] or -1
  self.signalled[name] = now
  self.interrupted = self.ours and name or nil
  if not self.ours then
    self.stop, self.ended_by = true, "signal"
  elseif name == "INT" and now - last < 1 then
    self.step = math.max(self.step or 1, 1)
    self:finish()
    self.step_at = nil
  elseif name == "INT" and not to_group then
    self:signal_all(name)
  elseif not to_group then
    self.run:signal(self.id, self.indirect and "INT" or name)
  end
end

function Launch:clear()
  if not self.shown then return end
  io.stderr:write("\r\27[K")
  self.shown = false
end

function Launch:tick()
  if self.ended then return end
  local now = sys.clock()
  if now >= self.sample_at then self:sample(now) end
  if self.progress and now >= self.show_at then self:show(now) end
  if self.end_at and now >= self.end_at then
    self.end_at, self.ended_by = nil, "duration"
    self:finish()
  elseif self.step_at and now >= self.step_at then
    self:finish()
  end
end

-- Keeps the end of the target's output.
function Launch:keep(bytes)
  local kept = self.kept
  kept[#kept + 1], self.size = bytes, self.size + #bytes
  while self.size - #kept[1] >= most_kept do self.size = self.size - #table.remove(kept, 1) end
end

--- The end of the output of a target whose output is kept aside.
---@return string
function Launch:written()
  return table.concat(self.kept):sub(-most_kept)
end

-- The time of the next task that is due, at most `limit` seconds from now.
function Launch:due(limit)
  local due = sys.clock() + limit
  if self.ended then return due end
  due = math.min(due, self.sample_at, self.end_at or due, self.step_at or due)
  return self.progress and math.min(due, self.show_at) or due
end

--- Waits for the next event; handles signals and the target's end itself. "ended" is that end.
---@param limit number seconds
---@return "timeout"|"signal"|"ended"|"exit"|"output"|"ready" kind
---@return integer|nil id of the process
---@return string|nil text of its output
function Launch:next(limit)
  local kind, id, text = self.run:wait(math.max(0, self:due(limit) - sys.clock()))
  if not kind then error(id, 0) end
  if kind == "signal" then
    self:pass_on(id, text)
    return kind
  elseif kind == "exit" and id == self.id then
    self.ended = true
    self:clear()
    local exit = self.run:exit(id)
    if self.times and exit.main_cpu and not self.indirect then
      self.times:ended(self.pid, sys.clock() - self.began, exit.main_cpu, exit.main_delay)
    end
    return "ended"
  elseif kind == "output" and id == self.id then
    self:keep(text)
    self:tick()
    return "timeout"
  end
  self:tick()
  return kind, id, text
end

--- How the target ended, or its state so far.
---@return pyprof.Exit
function Launch:exit()
  local result = self.run:exit(self.id)
  local exit = {
    status = result.status or 0, code = result.code, signal = result.signal,
    ended_by = self.ended_by, wall = result.wall, user = result.user, system = result.system,
    max_rss = math.max(result.max_rss or 0, self.peak),
    memory = #self.memory > 0 and self.memory or nil,
  }
  if self.indirect then
    exit.unknown, exit.status, exit.code, exit.signal = true, 0, nil, nil
  end
  if self.ended_by then exit.status = 0 end
  return exit
end

--- Stops catching signals, and ends the processes that are left.
function Launch:close()
  self:clear()
  if self.on_close then self.on_close() end
  self.run:close()
end

Launch.__close = Launch.close

--- Waits until a target that has no helper has ended.
---@return pyprof.Exit
function Launch:wait()
  local launch <close> = self
  while not launch.ended and not launch.stop do launch:next(60) end
  return launch:exit()
end

return M
