-- page/trees.lua - the call trees of a page, and who ran when in the main one.
local encode = require "pyprof.page.encode"
local array = require("pyprof.base.scalar").array
local profiles = require "pyprof.profile"

local M = {}

local most_runs = 1000000 -- in the order of time

local function kind_of(unit)
  return unit == "bytes" and "memory" or unit:find("seconds$") and "time" or "other"
end

-- The number of each of the tree's functions among the page's; nil if they are the same.
local function map_of(page, functions)
  local map, same = {}, true
  for i, it in ipairs(page.functions) do
    map[i] = functions:number(it.name, it.file, it.line, it)
    same = same and map[i] == i - 1
  end
  return not same and encode.whole(map) or nil
end

local function raw(json)
  return json and encode.raw(json)
end

--- A tree as the page's data has it.
---@param page pyprof.PageTree
---@param profile pyprof.Profile
---@param functions pyprof.PageFunctions
---@param side "before"|"after"|nil
---@return table
function M.tree(page, profile, functions, side)
  return {
    side = side, metric = profile.metric, unit = profile.unit,
    what = kind_of(profile.unit), samples = profile.samples, weight = profile.weight,
    n = page.n, left_out = page.left_out > 0 and page.left_out or nil, depth = raw(page.depth),
    ["function"] = raw(page["function"]), samples_self = raw(page.samples_self),
    each = page.each, weight_self = raw(page.weight_self), cut = raw(page.cut),
    map = map_of(page, functions),
  }
end

--- The columns of a profile.
---@param profile pyprof.Profile
---@param options pyprof.PageOptions
---@param order boolean   who ran when, too
---@return pyprof.PageTree
function M.columns(profile, options, order)
  return profiles.page(profile, {
    nodes = options.limit_nodes, runs = most_runs,
    order = order and (options.order == false and "sums" or "time") or nil,
  })
end

local most_metrics = 4

local small = 50000 -- nodes: fractions as weights are most of a larger file

-- The same samples weighed by CPU time and by the clock, where the recording tells them.
local function other_weights(profile, page, list, notes)
  if not profile.record or profile.weight_kind ~= "samples" then return end
  if page.n > small then
    notes[#notes + 1] = "CPU time and wall time: left out of a large page (--weight shows one)"
    return
  end
  for _, kind in ipairs { "cpu", "wall" } do list[#list + 1] = profiles.weighed(profile, kind) end
end

--- The other metrics of the recordings, and other weights, a profile each. There are no metrics
--- with views, which are of one metric, nor in a sandbox, which can read no file.
---@param profile pyprof.Profile
---@param page pyprof.PageTree
---@param run pyprof.PageRun
---@param notes string[]
---@return pyprof.Profile[]
function M.other_metrics(profile, page, run, notes)
  local list, metrics, target = {}, profile.metrics, run.target
  other_weights(profile, page, list, notes)
  local views, sandbox = run.options.views or {}, run.options.sandbox
  if target.kind ~= "recordings" or #metrics < 2 or #views > 0 or sandbox then return list end
  for _, metric in ipairs(metrics) do
    if metric ~= profile.metric and #list < most_metrics then
      local paths = table.move(target.paths, 1, #target.paths, 1, {})
      paths[#paths + 1] = { metric = metric }
      list[#list + 1] = profiles.load(table.unpack(paths))
    end
  end
  return list
end

--- The page's `order`.
---@param page pyprof.PageTree
---@return table
function M.order(page)
  local order = page.order
  return {
    timed = order.timed, n = order.n, node = raw(order.node), count = raw(order.count),
    thread = raw(order.thread), test = #order.tests > 1 and raw(order.test) or nil,
    weight = raw(order.weight), wait = raw(order.wait), span = raw(order.span),
    tick = order.tick, from = order.from,
  }
end

-- The number of the thread's process among those of the page.
local function process_of(thread, processes, known)
  local key = (thread.pid or "") .. "\0" .. thread.command
  local number = known[key]
  if not number then
    number = #processes
    known[key] = number
    -- The folder of the interpreter would hide what comes after it.
    processes[number + 1] = { pid = thread.pid, command = thread.command, samples = 0,
      name = thread.command:gsub("^%S*/", ""), weight = 0.0, parent = thread.parent }
  end
  local process = processes[number + 1]
  process.samples = process.samples + thread.samples
  process.weight = process.weight + thread.weight
  return number
end

--- The threads as the order numbers them, then those with empty samples alone; and the processes.
---@param page pyprof.PageTree
---@return table[] threads
---@return table[] processes
function M.threads(page)
  local threads, processes, known, there = array {}, array {}, {}, {}
  local function add(number)
    local thread = page.threads[number]
    there[number] = true
    threads[#threads + 1] = {
      name = thread.name, id = thread.id, pid = thread.pid, main = thread.main,
      samples = thread.samples, weight = thread.weight,
      process = process_of(thread, processes, known),
    }
  end
  for _, number in ipairs(page.order.threads) do add(number) end
  for number, thread in ipairs(page.threads) do
    if thread.present and not there[number] then add(number) end
  end
  local of_pid = {}
  for i, process in ipairs(processes) do of_pid[process.pid or -1] = i - 1 end
  for _, process in ipairs(processes) do
    process.parent = process.parent and of_pid[process.parent] or nil
  end
  return threads, processes
end

-- The tests that have samples, of a recording alone: it knows no outcomes.
local function sampled_tests(profile)
  local rows = array {}
  for id, row in pairs(profiles.tests(profile)) do
    row.id, row.file, row.name = id, profiles.test_parts(id)
    rows[#rows + 1] = row
  end
  table.sort(rows, function(a, b)
    if a.samples ~= b.samples then return a.samples > b.samples end
    return a.id < b.id
  end)
  return rows
end

--- The phases of tests as the order numbers them, and the tests.
---@param page pyprof.PageTree
---@param profile pyprof.Profile
---@param results pyprof.Tests|nil
---@return table[]|nil phases
---@return table[]|nil tests
function M.tests(page, profile, results)
  local number_of, phases = {}, array {}
  local tests = results and array(results:list()) or sampled_tests(profile)
  for i, row in ipairs(tests) do number_of[row.id] = i - 1 end
  for i, number in ipairs(page.order.tests) do
    local test = page.tests[number]
    if i > 1 then
      phases[i - 1] = { id = test.id, phase = test.phase, test = number_of[test.id] }
    end
  end
  return phases[1] and phases, (results or tests[1]) and tests
end

return M
