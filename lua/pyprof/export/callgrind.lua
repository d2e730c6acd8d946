-- export/callgrind.lua - a profile in callgrind's format, for callgrind_annotate and KCachegrind.
local numbering = require "pyprof.base.numbering"
local kind = require("pyprof.profile").kind
local version = require "pyprof.version"

local M = {}

-- The format's name of each unit, and the factor from ours to it. Costs are whole numbers.
local units = { seconds = { "us", 1e6 }, milliseconds = { "us", 1e3 }, microseconds = { "us", 1 },
  nanoseconds = { "ns", 1 }, bytes = { "bytes", 1 }, none = { "weight", 1 } }

-- The encoder takes a profile of calls, too.
M.calls = true

local function one_line(text) return (text:gsub("%c", " ")) end

-- Adds to the cost of a function's line, either its self cost or the cost of a call.
local function add(costs, key, samples, weight, line, callee)
  local cost = costs[key]
  if not cost then
    cost = { line = line, callee = callee, samples = 0, weight = 0 }
    costs[key] = cost
    costs[#costs + 1] = cost
  end
  cost.samples, cost.weight = cost.samples + samples, cost.weight + weight
end

-- The functions of a profile of calls, each with its costs.
local function functions_of_calls(profile)
  local list, of_key = {}, {}
  local function key_of(it) return ("%s\0%s\0%d"):format(it.name, it.file, it.line) end
  for i, row in ipairs(profile:functions()) do
    local it = { id = i, name = row.name, file = row.file, line = row.line,
      costs = { { line = row.line, weight = row.self_weight } } }
    list[i], of_key[key_of(row)] = it, it
  end
  for _, call in ipairs(profile:calls()) do
    local caller = of_key[key_of(call.caller)]
    local line = call.line > 0 and call.line or call.caller.line
    caller.costs[#caller.costs + 1] = { line = line, weight = call.weight, calls = call.calls,
      callee = of_key[key_of(call.callee)] }
  end
  return list
end

-- The functions of a profile of samples, each with its costs. A recursive call counts once in a
-- stack, so a call that is on the path already adds nothing. This uses the call tree, which needs
-- less memory than the stacks.
local function functions_of(profile)
  local list, path, open = {}, {}, {}
  local number = numbering.new(function(id, row)
    list[id] = { id = id, name = row.name, file = row.file, line = row.line, costs = {} }
  end)
  local function enter(row)
    for depth = #path, row.depth, -1 do
      local key = path[depth].key
      open[key], path[depth] = open[key] - 1, nil
    end
    local callee, above = list[number(row.name .. "\0" .. row.file, row)], path[row.depth - 1]
    callee.line = math.min(callee.line, row.line)
    local key = above and ("%d:%d:%d"):format(above.of.id, above.line, callee.id) or ""
    if above and (open[key] or 0) == 0 then
      add(above.of.costs, key, row.total, row.total_weight, above.line, callee)
    end
    open[key] = (open[key] or 0) + 1
    path[row.depth] = { of = callee, line = row.line, key = key }
    if row.self > 0 then
      add(callee.costs, ("%d"):format(row.line), row.self, row.self_weight, row.line)
    end
  end
  for _, row in ipairs(profile:tree { by = "line" }) do
    if row.depth > 0 then enter(row) end
  end
  return list
end

--- The format has no place for stacks, threads and time. Its calls are samples, unless the profile
--- is a profile of calls.
---@param profile pyprof.Profile|pyprof.Graph
---@param name string      the target's name
---@return string
function M.encode(profile, name)
  local unit, factor = table.unpack(units[profile.unit])
  local sampled = kind(profile) == "samples"
  local events = unit .. (sampled and " samples" or "")
  local out = { "# callgrind format", "version: 1", "creator: pyprof-lua " .. version,
    "cmd: " .. one_line(name), "positions: line", "events: " .. events }
  local named = {}
  local function name_of(it) -- the full name comes first, then its number alone
    if named[it.id] then return ("(%d)"):format(it.id) end
    named[it.id] = true
    return ("(%d) %s"):format(it.id, one_line(it.name))
  end
  local function file_of(it) return it.file ~= "" and one_line(it.file) or "???" end
  local function costs(cost)
    local weight = ("%.0f"):format(cost.weight * factor)
    return sampled and ("%d %s %d"):format(cost.line, weight, cost.samples) or
      ("%d %s"):format(cost.line, weight)
  end
  for _, caller in ipairs((sampled and functions_of or functions_of_calls)(profile)) do
    out[#out + 1] = ("\nfl=%s\nfn=%s"):format(file_of(caller), name_of(caller))
    for _, cost in ipairs(caller.costs) do
      local callee = cost.callee
      if callee then
        out[#out + 1] = ("cfi=%s\ncfn=%s\ncalls=%d %d"):format(file_of(callee), name_of(callee),
          cost.calls or cost.samples, callee.line)
      end
      out[#out + 1] = costs(cost)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return M
