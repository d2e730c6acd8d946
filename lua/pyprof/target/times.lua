-- target/times.lua - the CPU time of each thread of a target while it runs, read from the kernel.
--
-- A thread has points of time, CPU and delay: its figures grow evenly between two of them. The
-- number of points is bounded. A thread that waits adds none: its last point moves.
local process = require "pyprof.core.process"

local M = {}

--- A thread's figures: seconds on the clock of the target, and the seconds that it had so far.
---@class pyprof.ThreadTime
---@field pid integer
---@field tid integer
---@field at number[]           increasing
---@field cpu number[]          CPU time
---@field delay number[]|nil    it could run and waited for a processor; nil: not known here

--- A process: its CPU time as it was last seen, with that of threads that ended.
---@class pyprof.ProcessTime
---@field pid integer
---@field cpu number

--- The CPU time of the profiler: it takes more where it samples more often.
---@class pyprof.SamplerTime
---@field at number[]           increasing
---@field cpu number[]

---@class pyprof.Times
---@field profiler integer|nil  the process that samples the target
---@field reads integer         how often the threads were read
---@field last number           when they were read last
local Times = {}
Times.__index = Times

local finest = 0.02              -- seconds between two points
local finest_at, finest_cpu = 1e-4, 1e-6   -- seconds: what is written of a time, and of CPU time
local least = 1e-3               -- seconds of CPU and delay that make another point
-- At most so many points of a thread and of all, so many threads, and so many processes.
local most = { each = 500, all = 50000, threads = 1000, processes = 1000 }

--- No threads yet. Of an indirect target the first process is not the program.
---@param indirect boolean|nil
---@param profiler integer|nil   the process that samples the target
---@return pyprof.Times
function M.new(indirect, profiler)
  local times = setmetatable({ indirect = indirect, profiler = profiler }, Times)
  times:restart()
  return times
end

--- Forgets all: the figures of the next reading are where each thread begins.
function Times:restart()
  self.threads, self.thread_count, self.points, self.every = {}, 0, 0, finest
  self.processes, self.process_count = {}, 0
  self.reads, self.last, self.reused = 0, 0, 0
  self.sampler = { at = {}, cpu = {} }
end

-- Drops the half with the least CPU of those that have ended. What ended is not in two readings.
local function drop(self, list, count)
  local ended = {}
  for key, one in pairs(list) do
    if one.seen < self.reads - 1 then ended[#ended + 1] = key end
  end
  table.sort(ended, function(a, b)
    local one, other = list[a].last_cpu, list[b].last_cpu
    return one < other or one == other and a < b
  end)
  for i = 1, (#ended + 1) // 2 do
    self.points = self.points - #(list[ended[i]].at or {})
    list[ended[i]] = nil
    count = count - 1
  end
  return count
end

-- Keeps the first point and every second one after it. The last reading is beside the points.
local function thin(list)
  local kept = {}
  for i = 1, #list, 2 do kept[#kept + 1] = list[i] end
  return kept
end

function Times:thin()
  self.every, self.points = self.every * 2, 0
  local sampler = self.sampler
  sampler.at, sampler.cpu = thin(sampler.at), thin(sampler.cpu)
  for _, thread in pairs(self.threads) do
    thread.at, thread.cpu, thread.delay =
      thin(thread.at), thin(thread.cpu), thread.delay and thin(thread.delay)
    self.points = self.points + #thread.at
  end
end

function Times:point(thread, at, cpu, delay)
  local count = #thread.at + 1
  thread.at[count], thread.cpu[count] = at, cpu
  if thread.delay then thread.delay[count] = delay end
  self.points = self.points + 1
  if count > most.each or self.points > most.all then self:thin() end
end

function Times:add(key, pid, tid, at, cpu, delay)
  if self.thread_count >= most.threads then
    if self.dropped == self.reads then return end
    self.dropped = self.reads
    self.thread_count = drop(self, self.threads, self.thread_count)
    if self.thread_count >= most.threads then return end
  end
  local thread = { pid = pid, tid = tid, at = {}, cpu = {}, delay = {} }
  self.threads[key], self.thread_count = thread, self.thread_count + 1
  -- A thread that the reading before did not see began after it.
  local began = math.max(self.last, at - cpu - math.max(delay, 0))
  if self.reads > 1 and at - began > 2 * finest_at then self:point(thread, began, 0.0, 0.0) end
  return thread
end

function Times:thread(pid, tid, at, cpu, delay)
  local key = pid << 32 | tid
  local thread = self.threads[key]
  if thread and cpu < thread.last_cpu then
    -- The kernel gave its number to another thread.
    self.reused = self.reused + 1
    self.threads[-self.reused], thread = thread, nil
  end
  if not thread then
    thread = self:add(key, pid, tid, at, cpu, delay)
    if not thread then return end
  else
    local count = #thread.at
    local grown = count > 0 and cpu - thread.cpu[count] +
      (thread.delay and delay - thread.delay[count] or 0)
    if not grown or grown >= least and thread.last_at - thread.at[count] >= self.every * 0.9 then
      self:point(thread, thread.last_at, thread.last_cpu, thread.last_delay)
    end
  end
  if delay < 0 then thread.delay = nil end
  thread.last_at, thread.last_cpu, thread.last_delay = at, cpu, delay
  thread.seen = self.reads
end

--- Notes the CPU time of a process.
---@param pid integer
---@param cpu number
function Times:process(pid, cpu)
  local one = self.processes[pid]
  if not one then
    if self.process_count >= most.processes then
      self.process_count = drop(self, self.processes, self.process_count)
      if self.process_count >= most.processes then return end
    end
    one = { pid = pid }
    self.processes[pid], self.process_count = one, self.process_count + 1
  end
  one.last_cpu, one.seen = cpu, self.reads
end

-- The profiler's threads together. One that ended takes its time along, so it never falls.
function Times:read_profiler(at)
  local times, cpu = process.threads(self.profiler), 0
  for i = 2, times and #times or 0, 3 do cpu = cpu + times[i] end
  local sampler = self.sampler
  local count = #sampler.at
  if cpu == 0 or cpu < (sampler.last_cpu or 0) then return end
  if count == 0 or sampler.last_at - sampler.at[count] >= self.every * 0.9 then
    sampler.at[count + 1], sampler.cpu[count + 1] = sampler.last_at or at, sampler.last_cpu or cpu
    if count >= most.each then self:thin() end
  end
  sampler.last_at, sampler.last_cpu = at, cpu
end

--- Reads the threads of a process and of all processes below it.
---@param pid integer
---@param at number       the time of the target's clock
---@return integer[]      the processes below it, parents first
function Times:read(pid, at)
  local list = { pid }
  self.reads = self.reads + 1
  local number = 1
  while list[number] do
    local one = list[number]
    local times, children = process.threads(one)
    for i = 1, not (self.indirect and number == 1) and times and #times or 0, 3 do
      self:thread(one, times[i], at, times[i + 1], times[i + 2])
    end
    for _, child in ipairs(children or {}) do list[#list + 1] = child end
    number = number + 1
  end
  self.last = at
  if self.profiler then self:read_profiler(at) end
  table.remove(list, 1)
  return list
end

--- Notes the times of a process's main thread at its end.
---@param pid integer
---@param at number
---@param cpu number
---@param delay number
function Times:ended(pid, at, cpu, delay)
  local thread = self.threads[pid << 32 | pid]
  if thread and cpu >= thread.last_cpu and at > thread.last_at + finest_at then
    self:thread(pid, pid, at, cpu, delay)
  end
end

local function rounded(list, last, unit)
  local result, places = {}, 1 / unit
  for i, value in ipairs(list) do result[i] = math.floor(value * places + 0.5) / places end
  result[#result + 1] = math.floor(last * places + 0.5) / places
  return result
end

local function by_number(a, b)
  if a.pid ~= b.pid then return a.pid < b.pid end
  if a.tid ~= b.tid then return a.tid < b.tid end
  return a.at and a.at[1] < b.at[1]
end

--- What is known of the threads and the processes so far.
---@return pyprof.ThreadTime[]
---@return pyprof.ProcessTime[]
---@return pyprof.SamplerTime|nil
function Times:taken()
  local threads, processes, sampler = {}, {}, self.sampler
  for _, one in pairs(self.threads) do
    threads[#threads + 1] = {
      pid = one.pid, tid = one.tid, at = rounded(one.at, one.last_at, finest_at),
      cpu = rounded(one.cpu, one.last_cpu, finest_cpu),
      delay = one.delay and rounded(one.delay, one.last_delay, finest_cpu),
    }
  end
  for _, one in pairs(self.processes) do
    processes[#processes + 1] = { pid = one.pid, cpu = one.last_cpu }
  end
  table.sort(threads, by_number)
  table.sort(processes, by_number)
  return threads, processes, #sampler.at > 1 and {
    at = rounded(sampler.at, sampler.last_at, finest_at),
    cpu = rounded(sampler.cpu, sampler.last_cpu, finest_cpu),
  } or nil
end

return M
