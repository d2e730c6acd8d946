-- export/chrome.lua - a profile as trace events, for Perfetto, chrome://tracing and speedscope.
local array = require("pyprof.base.scalar").array

local M = {}

local function microseconds(seconds) return math.floor(seconds * 1e6 + 0.5) end

-- Ends the lane's calls below the depth, at the lane's present time less a nanosecond: some readers
-- take an end and a beginning at the same moment for one call that took no time.
local function close(events, lane, depth)
  for i = #lane.open, depth + 1, -1 do
    local it = lane.open[i].event
    events[#events + 1] = { ph = "E", name = it.name, cat = it.cat, ts = lane.now - 0.001,
      pid = it.pid, tid = it.tid, args = it.args }
    lane.open[i] = nil
  end
end

-- Goes to the next run: calls that it does not have end, and new calls begin.
local function add_run(events, lane, run)
  local from, open, new, call = microseconds(run.from), lane.open, {}, run.call
  if from > lane.now then close(events, lane, 0) end -- no samples in between
  while call and not (open[call.depth] and open[call.depth].call == call) do
    new[#new + 1], call = call, call.parent
  end
  lane.now = from
  close(events, lane, call and call.depth or 0)
  for i = #new, 1, -1 do
    local frame = new[i].frame
    local event = { ph = "B", name = frame.name, cat = "python", ts = from, pid = lane.pid,
      tid = lane.tid, args = { file = frame.file, line = frame.line } }
    open[new[i].depth] = { call = new[i], event = event }
    events[#events + 1] = event
  end
  lane.now = microseconds(run.to)
end

-- A thread gets one lane, or more if recordings of it overlap, since each recording begins at 0.
local function add_thread(events, thread, used)
  local lanes = {}
  local function new_lane()
    local pid, tid = thread.pid or 0, thread.id or 1
    while used[pid .. ":" .. tid] do tid = tid + 1 end
    used[pid .. ":" .. tid] = true
    local function meta(name, value)
      events[#events + 1] = { ph = "M", name = name, pid = pid, tid = tid, ts = 0,
        args = { name = value } }
    end
    meta("thread_name", thread.name)
    if thread.command ~= "" then meta("process_name", thread.command) end
    lanes[#lanes + 1] = { open = {}, now = 0, pid = pid, tid = tid }
    return lanes[#lanes]
  end
  for _, run in ipairs(thread.runs) do
    local number = 1
    while lanes[number] and lanes[number].now > microseconds(run.from) do number = number + 1 end
    add_run(events, lanes[number] or new_lane(), run)
  end
  for _, lane in ipairs(lanes) do close(events, lane, 0) end
end

--- The format has no place for weights that are not time. A call lasts as long as consecutive
--- samples hold it.
---@param profile pyprof.Profile   with time
---@return table
function M.encode(profile)
  local events, used = {}, {}
  for _, thread in ipairs(profile:split { runs = "call" }) do add_thread(events, thread, used) end
  return { traceEvents = array(events), displayTimeUnit = "ms" }
end
M.timed = true

return M
