-- profile/tree.lua - rows of whole stacks, of the call tree, of callers and callees.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local selector = require "pyprof.profile.selector"
local totals = require "pyprof.profile.totals"
local rows = require "pyprof.rows"

local M = {}

--- The groups of the query's `by`: "function" (the default) or "line".
---@param data table
---@param query table
---@param more string[]|nil   other valid values, which group by functions
---@return pyprof.Groups
function M.groups(data, query, more)
  local by = query.by == nil and "function" or query.by
  if by == "function" then return data.frames:by("function") end
  if by == "line" then return data.frames:by("frame") end
  local known = { "function", "line" }
  for _, name in ipairs(more or {}) do
    if name == by then return data.frames:by("function") end
    known[#known + 1] = name
  end
  misuse.raise("%s", suggest.unknown("value of by:", by, known))
end

local stack_keys = { "by", table.unpack(totals.keys) }
local stack_fields = { "name", "file", "line", "stack", "samples", "weight", "share" }

--- One table per group; the rows share these tables, so a stack costs only its length.
---@param data table
---@param groups pyprof.Groups
---@param lines integer[]
---@return fun(group: integer): table
function M.frames(data, groups, lines)
  local names, files = data.frames.names, data.frames.files
  local made = {}
  return function(group)
    local it = made[group]
    if not it then
      local first = groups.first[group]
      it = { name = names[first], file = files[first], line = lines[group] }
      made[group] = it
    end
    return it
  end
end

--- Each group's rank in the order of names, files and lines, in which groups are numbered; 0 for
--- groups that are not wanted.
---@param groups pyprof.Groups
---@param wanted table<integer, boolean>|nil
---@return integer[]
function M.ranks(groups, wanted)
  local ranks = {}
  for group = 1, groups.count do ranks[group] = (not wanted or wanted[group]) and group or 0 end
  return ranks
end

local function stack_rows(data, groups, call_tree, share, numbers, samples, weights)
  local frame_of = M.frames(data, groups, (select(5, data:totals(groups))))
  local result = {}
  for i, number in ipairs(numbers) do
    local list, names = {}, {}
    for k, group in ipairs(call_tree:path(number)) do
      list[k] = frame_of(group)
      names[k] = list[k].name
    end
    local leaf = list[#list]
    result[i] = {
      frames = list, stack = table.concat(names, ";"), name = leaf.name, file = leaf.file,
      line = leaf.line, samples = samples[i], weight = weights[i], share = share(weights[i]),
    }
  end
  return result
end

function M.stacks(data, query)
  query = misuse.options(query, stack_keys)
  local sort = rows.sort_key(query, "weight", stack_fields)
  local groups = M.groups(data, query)
  local call_tree <close> = data:call("calls", groups.numbers, groups.count)
  -- The core returns the heaviest first, so it needs no rows beyond the limit.
  local ready = sort == "weight" or sort == "share" or sort == "samples"
  local share = totals.share(data, query)
  local ranks = M.ranks(groups, totals.wanted(data, query, groups))
  local numbers, samples, weights = call_tree:leaves(ranks, sort == "samples",
    ready and query.limit or nil)
  if not numbers then misuse.raise("%s", samples) end
  local result = stack_rows(data, groups, call_tree, share, numbers, samples, weights)
  return ready and result or rows.finish(result, query, "weight", stack_fields)
end

--- The stacks of all threads, each thread's heaviest first, and the core's number of the thread of
--- each stack, and of its test.
---@param data table
---@param query table   by; tests: each test of a thread by itself
---@return pyprof.StackRow[]
---@return integer[] threads
---@return integer[] tests
function M.thread_stacks(data, query)
  local groups = M.groups(data, query)
  local call_tree <close> = data:call("calls", groups.numbers, groups.count)
  local threads, numbers, samples, weights, tests = call_tree:thread_leaves(data.handle,
    M.ranks(groups), query.tests)
  if not threads then misuse.raise("%s", numbers) end
  return stack_rows(data, groups, call_tree, totals.share(data, query), numbers, samples, weights),
    threads, tests
end

-- --- the tree

local tree_keys = { "by", "depth", "min_share", "sort", "limit", "of" }

--- The options of each method.
M.options = { stacks = stack_keys, tree = tree_keys, callers = stack_keys, callees = stack_keys }

local tree_fields = {
  "name", "file", "line", "self", "total", "self_weight", "total_weight", "self_share",
  "total_share",
}

local function check_tree_query(query)
  local depth, least = query.depth, query.min_share
  if depth ~= nil and (math.type(depth) ~= "integer" or depth < 0) then
    misuse.raise("depth is a whole number, not %s", misuse.shown(depth))
  end
  if least ~= nil and not math.type(least) then
    misuse.raise("min_share is a number, 0.01 for 1 %")
  end
end

-- Each row's children, by the row's number in the call tree.
local function children_of(data, groups, calls, share)
  local names, files = data.frames.names, data.frames.files
  local children, root = {}, nil
  for _, call in ipairs(calls) do
    local first = groups.first[call.group]
    local row = {
      number = call.number, depth = call.depth, name = first and names[first] or "(all)",
      file = first and files[first] or "", line = call.line, self = call.self,
      total = call.total, self_weight = call.self_weight, total_weight = call.total_weight,
      self_share = share(call.self_weight), total_share = share(call.total_weight),
    }
    if call.number == 0 then
      root = row
    else
      children[call.parent] = children[call.parent] or {}
      table.insert(children[call.parent], row)
    end
  end
  return children, root
end

function M.tree(data, query)
  query = misuse.options(query, tree_keys)
  check_tree_query(query)
  local sort = rows.sort_key(query, "total_weight", tree_fields)
  local share = totals.share(data, query)
  local groups = M.groups(data, query)
  local call_tree <close> = data:call("calls", groups.numbers, groups.count)
  local least = query.min_share or 0
  local whole = share(1) > 0 and 1 / share(1) or 0
  -- The limit is a little lower, so that rounding drops no row; the loop below drops small rows.
  local calls = call_tree:tree(query.depth, least * whole * (1 - 1e-9))
  local children, root = children_of(data, groups, calls, share)
  local result = {}
  -- A loop with its own stack instead of recursion, because a tree may be thousands of levels deep.
  local waiting = { { row = root } }
  while #waiting > 0 do
    local entry = table.remove(waiting)
    local row = entry.row
    result[#result + 1] = row
    row.parent = entry.parent
    local index = #result
    local list = rows.sort(children[row.number] or {}, sort)
    for i = #list, 1, -1 do
      if list[i].total_share >= least then
        waiting[#waiting + 1] = { row = list[i], parent = index }
      end
    end
  end
  for _, row in ipairs(result) do row.number = nil end
  return rows.cut(result, query)
end

-- --- neighbours

local neighbour_fields = { "name", "file", "line", "samples", "weight", "share" }

local function neighbours(data, method, selected, query, end_name)
  query = misuse.options(query, stack_keys)
  rows.sort_key(query, "weight", neighbour_fields)
  local groups = M.groups(data, query)
  local share = totals.share(data, query)
  local wanted = totals.wanted(data, query, groups)
  local mask = selector.frames(selected, data.frames)
  local samples, weights, lines = data:call(method, mask, groups.numbers, groups.count)
  local result = {}
  for group = 1, groups.count + 1 do
    local first = groups.first[group]
    if samples[group] > 0 and (not wanted or not first or wanted[group]) then
      result[#result + 1] = {
        name = first and data.frames.names[first] or end_name,
        file = first and data.frames.files[first] or "", line = lines[group],
        samples = samples[group], weight = weights[group], share = share(weights[group]),
      }
    end
  end
  return rows.finish(result, query, "weight", neighbour_fields)
end

function M.callers(data, selected, query)
  return neighbours(data, "callers", selected, query, "(root)")
end

function M.callees(data, selected, query)
  return neighbours(data, "callees", selected, query, "(self)")
end

return M
