-- profile/time.lua - rows of threads, of runs of consecutive samples, and of spans of time.
local misuse = require "pyprof.base.misuse"
local totals = require "pyprof.profile.totals"
local tree = require "pyprof.profile.tree"
local rows = require "pyprof.rows"

local M = {}

local plain_keys = { "sort", "limit", "of" }
local split_keys = { "stacks", "runs", "tests", table.unpack(plain_keys) }
local run_keys = { "by", table.unpack(plain_keys) }
local timeline_keys = { "buckets", table.unpack(plain_keys) }

--- The options of each method.
M.options = { threads = plain_keys, split = split_keys, runs = run_keys,
  timeline = timeline_keys }

local thread_fields = {
  "name", "id", "pid", "parent", "command", "main", "samples", "weight", "share",
}

-- The rows, and the core's number of each.
local function thread_rows(data, query)
  rows.sort_key(query, "weight", thread_fields)
  local share = totals.share(data, query)
  local result, number_of = {}, {}
  for number, thread in ipairs(data:call("threads")) do
    -- py-spy sees a thread that is just being made: it has no number yet, and no stack.
    if thread.present and (thread.id ~= 0 or thread.samples > 0) then
      thread.present = nil
      thread.share = share(thread.weight)
      result[#result + 1], number_of[thread] = thread, number
    end
  end
  return rows.finish(result, query, "weight", thread_fields), number_of
end

function M.threads(data, query)
  return (thread_rows(data, misuse.options(query, plain_keys)))
end

-- --- runs

local run_fields = {
  "from", "to", "thread", "id", "pid", "samples", "weight", "share", "name", "file", "line",
  "stack",
}

local function leaf_of(data, groups, group)
  local first = groups.first[group]
  return data.frames.names[first], data.frames.files[first], data.frames.lines[first]
end

-- A function from a call's number to its frame, depth and parent; each is made once.
local function call_maker(call_tree, frame_of)
  local made = {}
  return function(number)
    local waiting = {}
    while number ~= 0 and not made[number] do
      local parent, group = call_tree:step(number)
      waiting[#waiting + 1] = { number = number, group = group }
      number = parent
    end
    local call = made[number]
    for i = #waiting, 1, -1 do
      call = { frame = frame_of(waiting[i].group), parent = call,
        depth = call and call.depth + 1 or 1 }
      made[waiting[i].number] = call
    end
    return call
  end
end

-- A function that puts the name, file, line, stack or call of a run's key into its row.
local function describer(data, groups, call_tree, by)
  local lines = select(5, data:totals(groups))
  if not call_tree then
    return function(row, key)
      row.name, row.file = leaf_of(data, groups, key)
      row.line = lines[key]
    end
  end
  local stacks, frame_of = {}, tree.frames(data, groups, lines)
  if by == "call" then
    local call_of = call_maker(call_tree, frame_of)
    return function(row, key)
      row.call = call_of(key)
      local leaf = row.call.frame
      row.name, row.file, row.line = leaf.name, leaf.file, leaf.line
    end
  end
  return function(row, key)
    local known = stacks[key]
    if not known then
      local frames, names = {}, {}
      for i, group in ipairs(call_tree:path(key)) do
        frames[i] = frame_of(group)
        names[i] = frames[i].name
      end
      known = { text = table.concat(names, ";"), frames = frames }
      stacks[key] = known
    end
    local leaf = known.frames[#known.frames]
    row.stack, row.frames = known.text, known.frames
    row.name, row.file, row.line = leaf.name, leaf.file, leaf.line
  end
end

-- Each thread's rank in the order of names, ids and process ids.
local function thread_ranks(threads)
  local order = {}
  for i in ipairs(threads) do order[i] = i end
  table.sort(order, function(a, b)
    local one, other = threads[a], threads[b]
    if one.name ~= other.name then return one.name < other.name end
    if one.id ~= other.id then return (one.id or -1) < (other.id or -1) end
    if one.pid ~= other.pid then return (one.pid or -1) < (other.pid or -1) end
    return one.command < other.command
  end)
  local ranks, rank = {}, 0
  for i, number in ipairs(order) do
    local one, last = threads[number], threads[order[i - 1]]
    -- Threads that are equal in all of these share a rank.
    local alike = last and one.name == last.name and one.id == last.id and
      one.pid == last.pid and one.command == last.command
    if not alike then rank = i end
    ranks[number] = rank
  end
  return ranks
end

-- The orders that the core knows, by the query's sort.
local orders = { ["-from"] = "start", weight = "weight", share = "weight", samples = "samples" }

-- The runs in the order of the query, and the core's number of each run's thread.
local function run_rows(data, query, sort, more)
  local share = totals.share(data, query)
  local groups = tree.groups(data, query, { "stack", more })
  local call_tree <close> = (query.by == "stack" or query.by == "call") and
    data:call("calls", groups.numbers, groups.count) or nil
  local threads = data:call("threads")
  local describe = describer(data, groups, call_tree, query.by)
  local result = data:call("runs", groups.numbers, groups.count, {
    calls = call_tree, order = orders[sort] or "start", limit = orders[sort] and query.limit,
    group_ranks = tree.ranks(groups), thread_ranks = thread_ranks(threads),
  })
  local numbers = {}
  for i, row in ipairs(result) do
    local thread = threads[row.thread]
    numbers[i] = row.thread
    row.thread, row.id, row.pid = thread.name, thread.id, thread.pid
    row.share = share(row.weight)
    describe(row, row.key)
    row.key = nil
  end
  return result, numbers
end

function M.runs(data, query)
  query = misuse.options(query, run_keys)
  local sort = rows.sort_key(query, "-from", run_fields)
  local result = run_rows(data, query, sort)
  return orders[sort] and result or rows.finish(result, query, "-from", run_fields)
end

-- --- threads, each by itself

-- Gives each row to its thread, by the core's number of the thread.
local function deal(threads, number_of, field, list, numbers)
  local of = {}
  for _, thread in ipairs(threads) do
    thread[field] = {}
    of[number_of[thread]] = thread
  end
  for i, row in ipairs(list) do
    local thread = of[numbers[i]]
    if thread then
      row.share = thread.weight == 0 and 0.0 or row.weight / thread.weight
      table.insert(thread[field], row)
    end
  end
end

--- One row per thread, with the profile of its samples alone; or, if the query asks for them, with
--- its stacks or runs, which are found for all threads in one pass.
---@param data table
---@param query table|nil
---@param wrap fun(handle: userdata): pyprof.Profile
---@return table[]
function M.split(data, query, wrap)
  query = misuse.options(query, split_keys)
  local threads, number_of = thread_rows(data, query)
  if query.stacks ~= nil then
    local list, numbers, tests = tree.thread_stacks(data, { by = query.stacks,
      tests = query.tests })
    local labels = query.tests and data:call "tests"
    for i, row in ipairs(labels and list or {}) do row.test = labels[tests[i]].label end
    deal(threads, number_of, "stacks", list, numbers)
  end
  if query.runs ~= nil then
    deal(threads, number_of, "runs", run_rows(data, { by = query.runs }, "-from", "call"))
  end
  if query.stacks == nil and query.runs == nil then
    local numbers = {}
    for i, thread in ipairs(threads) do numbers[i] = number_of[thread] end
    for i, handle in ipairs(data:call("split", numbers)) do threads[i].profile = wrap(handle) end
  end
  return threads
end

-- --- the timeline

local timeline_fields = { "from", "to", "samples", "weight", "share" }

function M.timeline(data, query)
  query = misuse.options(query, timeline_keys)
  rows.sort_key(query, "-from", timeline_fields)
  local buckets = query.buckets or 60
  if math.type(buckets) ~= "integer" or buckets < 1 then
    misuse.raise("buckets is a whole number from 1, not %s", misuse.shown(buckets))
  end
  local info = data:info()
  if not info.from then misuse.raise("the recording has no time") end
  local share = totals.share(data, query)
  local bounds = {}
  for i = 0, buckets do bounds[i + 1] = info.from + (info.to - info.from) * i / buckets end
  local to = bounds[buckets + 1]
  -- The last span also takes a sample of no length at the very end.
  bounds[buckets + 1] = math.huge
  local samples, weights = data:call("cut", bounds)
  bounds[buckets + 1] = to
  local result = {}
  for i = 1, buckets do
    result[i] = {
      from = bounds[i], to = bounds[i + 1], samples = samples[i], weight = weights[i],
      share = share(weights[i]),
    }
  end
  return rows.finish(result, query, "-from", timeline_fields)
end

return M
