-- profile/clock.lua - when samples were taken and what CPU time they stand for, by a run's record.
--
-- py-spy writes the samples of a thread in order, but neither their times nor the pauses between
-- them. The record (`profile.record`) has what the kernel said of each thread again and again while
-- it ran: the CPU time that it had had so far, and how long it had been ready and waited for a
-- processor. py-spy samples a thread that is ready, and now and then one that waits. So between two
-- looks a thread has samples in proportion to
--
--   (ready + idle · p) · density
--
-- where p, the same for the whole thread, is how often a thread that waits is sampled: 1 with
-- --idle, else what the number of its samples says. The density is how often py-spy sampled then:
-- on a busy machine it stops, and makes up for it in a burst; its own CPU time tells when. A
-- sample's CPU time is the CPU time between its two looks, in equal parts, without what it cost the
-- thread that py-spy stopped it.
local core = require "pyprof.core.profile"
local records = require "pyprof.profile.record"

local M = {}

-- --- the figures of one thread, as steps between two looks

-- The first look at any of the threads: what was used before it was not sampled.
local function first_look(record)
  local first = math.huge
  for _, thread in ipairs(record.threads) do first = math.min(first, thread.at[1]) end
  return first
end

-- A thread that was first seen later began since then: it has used all of its time.
local function steps_of(thread, first, density)
  local steps, delays = {}, thread.delay
  local at, cpu, delay = thread.at[1], thread.cpu[1], delays and delays[1] or 0
  if at > first then
    local ready = cpu + delay
    if ready > 0 then
      steps[1] = { from = math.max(first, at - ready), to = at, cpu = cpu, ready = ready }
    end
  end
  for i = 2, #thread.at do
    local used, late = thread.cpu[i] - cpu, (delays and delays[i] or 0) - delay
    local to = thread.at[i]
    if to > at then
      steps[#steps + 1] = { from = at, to = to, cpu = used, ready = used + late }
    end
    at, cpu, delay = to, thread.cpu[i], delays and delays[i] or 0
  end
  for _, step in ipairs(steps) do
    step.ready = math.min(step.ready, step.to - step.from)
    step.density = density(step.from, step.to)
  end
  return steps
end

-- A function from two times to how often py-spy sampled between them, against its mean.
local function density_of(record)
  local sampler, i = record.sampler, 1
  if not sampler or sampler.cpu[#sampler.cpu] <= sampler.cpu[1] then
    return function() return 1 end
  end
  local at, cpu = sampler.at, sampler.cpu
  local mean = (cpu[#cpu] - cpu[1]) / (at[#at] - at[1])
  local function used(time)
    if time <= at[1] then return mean * (time - at[1]) end
    if time >= at[#at] then return cpu[#at] - cpu[1] + mean * (time - at[#at]) end
    if at[i] > time then i = 1 end
    while at[i + 1] < time do i = i + 1 end
    local part = (time - at[i]) / (at[i + 1] - at[i])
    return cpu[i] + part * (cpu[i + 1] - cpu[i]) - cpu[1]
  end
  return function(from, to) return (used(to) - used(from)) / mean / (to - from) end
end

-- How often it was sampled while it waited.
local function sampled_idle(steps, samples, options, rate)
  if options.idle then return 1 end
  local ready, idle = 0, 0
  for _, step in ipairs(steps) do
    ready = ready + step.ready * step.density
    idle = idle + (step.to - step.from - step.ready) * step.density
  end
  if idle <= 0 then return ready > 0 and 0 or 1 end
  local p = (samples - rate * ready) / (rate * idle)
  if ready == 0 then return 1 end
  return math.max(0, math.min(1, p))
end

-- Where a step's samples are in it, if they take only a part of it: at its end, if the thread went
-- on after it, else at its start.
local function place(steps, i, samples, rate)
  local step = steps[i]
  local whole = step.to - step.from
  local length = math.min(whole, math.max(step.ready, samples / rate))
  if whole - length < 2 / rate then return step.from, step.to end
  local before, after = steps[i - 1], steps[i + 1]
  local late = after and after.ready / (after.to - after.from) >
    (before and before.ready / (before.to - before.from) or 0)
  if late then return step.to - length, step.to end
  return step.from, step.from + length
end

local weights_of = {
  samples = function() return 0 end,
  wall = function(step, options) return options.idle and step.to - step.from or step.ready end,
}

-- One look's samples are few, so how much CPU time each stands for is chance: looks that follow
-- each other share it, until the thread was ready for so many seconds; but where it waits and where
-- it does not stay apart.
local shared = 0.3
local function share_cpu(steps, expected)
  local shares, i = {}, 1
  while i <= #steps do
    local first, busy, ready, cpu, all = i, nil, 0, 0, 0
    while i <= #steps and ready < shared do
      local step = steps[i]
      local is_busy = step.ready >= 0.5 * (step.to - step.from)
      if busy ~= nil and (is_busy ~= busy or step.from > steps[i - 1].to) then break end
      busy, ready, cpu, all = is_busy, ready + step.ready, cpu + step.cpu, all + expected(step)
      i = i + 1
    end
    for k = first, i - 1 do
      shares[steps[k]] = all > 0 and cpu * expected(steps[k]) / all or steps[k].cpu
    end
  end
  return shares
end

-- Four numbers for each span: samples, from, to, weight.
local function spans_of(steps, samples, options, kind, rate)
  local p, weigh, all = sampled_idle(steps, samples, options, rate), weights_of[kind], 0
  local function expected(step)
    return (step.ready + p * (step.to - step.from - step.ready)) * step.density
  end
  for _, step in ipairs(steps) do all = all + expected(step) end
  if kind == "cpu" then
    local shares = share_cpu(steps, expected)
    weigh = function(step) return shares[step] end
  end
  local spans, sum, done, waiting = {}, 0, 0, 0
  for i, step in ipairs(steps) do
    sum, waiting = sum + expected(step), waiting + weigh(step, options)
    local upto = i == #steps and samples or
      math.min(samples, all > 0 and math.floor(samples * sum / all + 0.5) or 0)
    if upto > done then
      local from, to = place(steps, i, upto - done, rate)
      table.move({ upto - done, from, to, waiting }, 1, 4, #spans + 1, spans)
      done, waiting = upto, 0
    end
  end
  spans[#spans] = spans[#spans] + waiting
  return spans
end

-- --- the tracks of a recording

-- The record's threads by id, and by process and id: their steps and the seconds that they were
-- ready. The kernel may give the id of a thread that has ended to a new one, whose steps follow.
local function threads_by_id(record)
  local of, list, first, density = {}, {}, first_look(record), density_of(record)
  for _, thread in ipairs(record.threads) do
    local key = ("%d/%d"):format(thread.pid or -1, thread.tid)
    if not of[key] then
      of[key] = { pid = thread.pid, steps = {}, ready = 0 }
      of[thread.tid] = of[thread.tid] or of[key]
      list[#list + 1] = of[key]
    end
    for _, step in ipairs(steps_of(thread, first, density)) do
      table.insert(of[key].steps, step)
      of[key].ready = of[key].ready + step.ready
    end
  end
  return of, list
end

local function thread_of(of, track)
  if not track.id then return nil end
  local thread = track.pid and of[("%d/%d"):format(track.pid, track.id)] or of[track.id]
  return thread and #thread.steps > 0 and thread or nil
end

-- py-spy takes a thread that gets the stack of one that has ended for that one. So threads that no
-- track names follow one that ended before they began and has more samples than fit.
local function follow(list, rate)
  table.sort(list, function(a, b)
    local one, other = a.steps[1], b.steps[1]
    return (one and one.from or 0) < (other and other.from or 0)
  end)
  for _, late in ipairs(list) do
    local wanted, best, most = rate * late.ready, nil, 0
    for _, early in ipairs(not late.samples and wanted >= 1 and list or {}) do
      local over = (early.samples or 0) - rate * early.ready
      local before = early.samples and early.pid == late.pid and #early.steps > 0 and
        early.steps[#early.steps].to <= late.steps[1].from
      if before and over > most and over >= wanted / 3 then best, most = early, over end
    end
    if best then
      table.move(late.steps, 1, #late.steps, #best.steps + 1, best.steps)
      best.ready = best.ready + late.ready
    end
  end
end

-- The samples that a second of a thread has. After a delay py-spy takes more, as a
-- thread that was always ready shows.
local function true_rate(list, rate)
  local most = rate
  for _, thread in ipairs(list) do
    local steps = thread.steps
    local life = #steps > 0 and steps[#steps].to - steps[1].from or 0
    if thread.samples and thread.ready > 0.3 and thread.ready >= 0.95 * life then
      most = math.max(most, thread.samples / thread.ready)
    end
  end
  return most
end

-- The CPU time that one look of py-spy costs a thread: to look, it stops the thread, which runs for
-- a moment to stop and again to go on waiting. Threads that wait nearly always show it; it was 11
-- to 40 microseconds where it was measured.
local most_pause = 5e-5
local function pause_of(list, rate)
  local costs, looks_at_all = {}, 0
  for _, thread in ipairs(list) do
    local looks, cpu = 0, 0
    for _, step in ipairs(thread.steps) do
      looks, cpu = looks + rate * step.density * (step.to - step.from), cpu + step.cpu
    end
    if looks >= 20 and (thread.samples or 0) < 0.2 * looks then
      costs[#costs + 1], looks_at_all = { cpu / looks, looks }, looks_at_all + looks
    end
  end
  table.sort(costs, function(a, b) return a[1] < b[1] end)
  -- Some of them work a little: the quarter with the least does not.
  local sum = 0
  for _, cost in ipairs(costs) do
    sum = sum + cost[2]
    if sum >= looks_at_all / 4 then return cost[1] <= most_pause and cost[1] or 0 end
  end
  return 0
end

local function leave_out_pauses(list, rate)
  local pause = pause_of(list, rate)
  for _, thread in ipairs(list) do
    for _, step in ipairs(thread.steps) do
      local looks = rate * step.density * (step.to - step.from)
      step.cpu = math.max(0, step.cpu - pause * looks)
    end
  end
end

-- What is left for threads without figures, by process (0: of all, where a track names none): how
-- many samples, and how much CPU time beyond that of the threads that the record names.
local function left_over(record, record_number, tracks, of)
  local left, counted = {}, {}
  local function add(pid, name, value)
    for _, key in ipairs { pid or 0, 0 } do
      left[key] = left[key] or { samples = 0, cpu = 0 }
      left[key][name] = left[key][name] + value
      if key == 0 then break end
    end
  end
  for _, process in ipairs(record.processes) do add(process.pid, "cpu", process.cpu) end
  for _, thread in ipairs(record.threads) do
    add(thread.pid, "cpu", -thread.cpu[#thread.cpu])
  end
  for _, track in ipairs(tracks) do
    -- Tracks that differ in their test alone have the same samples: these count once.
    local again = track.family and counted[track.family]
    if track.record == record_number and not thread_of(of, track) and not again then
      if track.family then counted[track.family] = true end
      add(track.pid, "samples", track.samples)
    end
  end
  return left
end

-- A thread without figures: its samples stand side by side from the start. They get equal parts of
-- what is left over, but none gets more than the time that it stands for.
local function unknown_spans(track, left, rate)
  local of = left[track.pid or 0]
  local each = math.min(math.max(0, of.cpu) / of.samples, 1 / rate)
  return { track.samples, 0, track.samples / rate, track.samples * each }
end

local function tables_of(record, number, tracks, kind, tables)
  local of, list = threads_by_id(record)
  local rate = record.options.rate or 100
  for _, track in ipairs(tracks) do
    local thread = track.record == number and thread_of(of, track)
    if thread then thread.samples = track.samples end
  end
  follow(list, rate)
  local found = true_rate(list, rate)
  leave_out_pauses(list, found)
  local left = left_over(record, number, tracks, of)
  for i, track in ipairs(tracks) do
    if track.record == number and track.samples > 0 then
      local thread = thread_of(of, track)
      tables[i] = thread and spans_of(thread.steps, track.samples, record.options, kind, found) or
        unknown_spans(track, left, rate)
    end
  end
  return left[0] and left[0].samples or 0
end

local no_record = "the recording has no record of its run (those that pyprof-lua makes have one)"

-- The profile of the core with a clock and with weights of this kind, and the number of samples of
-- threads that the records do not know; or nil and a message.
local function reweigh(handle, by_number, kind)
  local tables, unknown, tracks = {}, 0, handle:tracks()
  for i, track in ipairs(tracks) do
    if kind ~= "samples" and not by_number[track.record] then return nil, no_record end
    tables[i] = {}
  end
  for number, record in ipairs(by_number) do
    if record then unknown = unknown + tables_of(record, number, tracks, kind, tables) end
  end
  local made, message = handle:reweigh(kind, tables)
  return made, made and unknown or message
end

--- A profile of the core with weights of this kind; nil and a message: its recordings do not say
--- them.
---@param data table   of a Profile
---@param kind "samples"|"cpu"|"wall"
---@return userdata|nil
---@return string|nil message
function M.weighed(data, kind)
  if data:info().weight_kind == kind then return data.handle end
  return reweigh(data.handle, data.run.by_number, kind)
end

--- Merges two profiles, whose weights are of one kind.
---@param one table     the data of a Profile
---@param other table
---@return userdata|nil
---@return table|string run   of the merged profile; or a message
function M.merge(one, other)
  local kind, handles = one:info().weight_kind, { one.handle, other.handle }
  -- The merged profile knows the recorded weights of both.
  local again = kind ~= "samples" and other:info().weight_kind == kind
  if again then
    for i, data in ipairs { one, other } do handles[i] = assert(M.weighed(data, "samples")) end
  end
  local merged, message = core.merge(handles)
  if not merged then return nil, message end
  local run = records.of(merged)
  run.exit, run.unknown = one.run.exit or other.run.exit, one.run.unknown + other.run.unknown
  if again then merged, message = reweigh(merged, run.by_number, kind) end
  return merged, merged and run or message
end

--- A profile of the core with a clock, where its recordings have records.
---@param handle userdata
---@return userdata|nil
---@return table|string run   what is known of the run; or a message
function M.attach(handle)
  local run, unknown = records.of(handle), 0
  if #run.records > 0 then
    handle, unknown = reweigh(handle, run.by_number, "samples")
    if not handle then return nil, tostring(unknown) end
  end
  run.unknown = unknown
  return handle, run
end

return M
