-- profile/program.lua - what a program took as a whole, what its samples stand for, and its hottest
-- functions by the weights that tell the truth.
local stats = require "pyprof.base.stats"
local kind = require "pyprof.profile.kind"
local rows = require "pyprof.rows"

local M = {}

--- What a run took as a whole. What is not known is nil.
---@class pyprof.ProgramRow
---@field wall number|nil      seconds
---@field cpu number|nil       seconds of CPU time
---@field memory integer|nil   bytes at its peak
---@field waited number|nil    the share of its time in which no thread ran or was ready to
---@field processes integer    how many were sampled
---@field idle boolean         its samples count waiting
---@field sampled number|nil   the seconds that its samples stand for, if these count no waiting
---@field misleads boolean     these differ from the CPU time by more than a quarter

-- The seconds in which threads of the program ran, or were ready to and waited for a processor.
local function ready(record, cpu)
  local seconds = 0
  for _, thread in ipairs(record and record.threads or {}) do
    seconds = seconds + thread.cpu[#thread.cpu] + (thread.delay and thread.delay[#thread.at] or 0)
  end
  return math.max(seconds, cpu)
end

function M.program(profile, exit)
  kind.want(profile, "program")
  if kind.of(profile) == "calls" then return { processes = 0, idle = false, misleads = false } end
  exit = exit or profile.exit or {}
  local record = profile.record
  local cpu = exit.user and exit.system and exit.user + exit.system
  local idle = record and record.options.idle or false
  local processes = rows.group(profile:threads(), function(row) return row.pid end)
  local sampled = profile.rate and not idle and profile.whole.samples / profile.rate or nil
  return { wall = exit.wall, cpu = cpu, memory = exit.max_rss, idle = idle,
    processes = math.max(#processes, 1),
    misleads = sampled and cpu and math.abs(sampled - cpu) >= math.max(cpu / 4, 0.2) or false,
    waited = cpu and exit.wall and exit.wall > 0 and
      math.max(0.0, 1 - ready(record, cpu) / exit.wall) or nil,
    sampled = sampled }
end

-- The least figure of a side's runs: a busy machine only adds to it.
local function least(side, field)
  local low
  for _, profile in ipairs(side) do
    local value = M.program(profile)[field]
    if not value then return nil end
    low = math.min(low or value, value)
  end
  return low
end

-- Is a part of a side's recordings left out by views?
local function is_part(side)
  for _, profile in ipairs(side) do
    if profile.samples ~= profile.whole.samples then return true end
  end
  return false
end

local figures = {
  { "wall", "wall time", "seconds" }, { "cpu", "CPU time", "seconds" },
  { "memory", "peak memory", "bytes" },
}

function M.changes(before, after, limits)
  local result, verdict = {}, limits and next(limits) and "passed" or nil
  -- What a whole program took says nothing of a part against a whole.
  if not verdict and is_part(before) ~= is_part(after) then return result end
  for _, it in ipairs(figures) do
    local field, name, unit = table.unpack(it)
    local old, new, limit = least(before, field), least(after, field), limits and limits[field]
    if limit and limit >= 10 then
      return nil, ("a limit of %g is %g %%: 20%% is written 20%% or 0.2"):format(limit, 100 * limit)
    elseif old and new and old > 0 then
      local change = new / old - 1
      result[#result + 1] = { field = field, name = name, kind = unit, before = old, after = new,
        change_share = change }
      if limit and change > limit then verdict = "failed" end
    elseif limit then
      return nil, ("a recording does not say its %s"):format(name)
    end
  end
  return result, verdict
end

-- One profile by CPU time, or nil. Calls have no weights to choose.
local function one_by_cpu(profile)
  kind.want(profile, "by_cpu")
  if kind.of(profile) == "calls" or not profile.clock or profile.weight_given then return nil end
  return profile:weights "cpu"
end

function M.by_cpu(...)
  local result = {}
  for i, value in ipairs { ... } do
    if kind.of(value) then
      result[i] = one_by_cpu(value)
    else
      result[i] = {}
      for k, profile in ipairs(value) do
        result[i][k] = one_by_cpu(profile)
        if not result[i][k] then return nil end
      end
    end
    if not result[i] then return nil end
  end
  return table.unpack(result)
end

local function key_of(row) return row.file .. "\0" .. row.name end

-- Does a share of CPU time differ by three points from that of samples, and by more than that many
-- samples can by chance?
local function differs(share, cpu_share, samples)
  local low, high = stats.interval(math.min(share, 1) * samples, samples)
  return math.abs(cpu_share - share) >= 0.03 and (cpu_share < low or cpu_share > high)
end

local function thread_of(row) return ("%s %s"):format(row.pid, row.id) end

-- The kernel says exactly how much CPU time each thread had.
local function threads_differ(profile, cpu)
  local samples_of = {}
  for _, row in ipairs(profile:threads()) do samples_of[thread_of(row)] = row.samples end
  for _, row in ipairs(cpu:threads()) do
    local samples = samples_of[thread_of(row)] or 0
    if differs(samples / profile.samples, row.share, profile.samples) then return true end
  end
  return false
end

-- Within a thread, samples say which function had the CPU time. Of samples that got no processor,
-- a second of CPU time has no more than the rate.
local function functions_differ(profile, cpu, hot, ranked)
  local worth = math.min(profile.samples, math.max(1, cpu.weight * (profile.rate or 100)))
  local cpu_share = {}
  for _, row in ipairs(ranked) do
    cpu_share[key_of(row)] = row.self_share
    if differs(row.self / profile.samples, row.self_share, worth) then return true end
  end
  for _, row in ipairs(hot) do
    local share = row.self / profile.samples
    if not cpu_share[key_of(row)] and share >= 0.03 then return true end
  end
  return false
end

function M.hottest(profile, limit)
  local function top(of)
    local all = rows.filter(of:functions(), function(row) return row.self > 0 end)
    return rows.top(all, "self_weight", limit), #all
  end
  local hot, count = top(profile)
  local cpu = M.by_cpu(profile)
  -- Waiting is what --idle is for: CPU time would hide it.
  if not cpu or profile.record.options.idle or profile.samples == 0 then
    return hot, profile, count
  end
  local ranked = top(cpu)
  if not threads_differ(profile, cpu) and not functions_differ(profile, cpu, hot, ranked) then
    return hot, profile, count
  end
  for _, row in ipairs(ranked) do
    row.cpu_share, row.self_share = row.self_share, row.self / profile.samples
    row.total_share = row.total / profile.samples
  end
  return ranked, cpu, count
end

return M
