-- callgrind.lua - a profile in callgrind's format, as callgrind_annotate and KCachegrind read it.
local pyprof = require "pyprof"

local M = {}

-- What a unit is called here, and how many of it are one of ours: costs are whole numbers.
local units = { seconds = { "us", 1e6 }, milliseconds = { "us", 1e3 }, microseconds = { "us", 1 },
  nanoseconds = { "ns", 1 }, bytes = { "bytes", 1 }, none = { "weight", 1 } }

local function one_line(text) return (text:gsub("%c", " ")) end

-- Adds a row to what one line of a function costs, by itself or in one call.
local function add(costs, key, row, line, callee)
  local cost = costs[key]
  if not cost then
    cost = { line = line, callee = callee, samples = 0, weight = 0 }
    costs[key] = cost
    costs[#costs + 1] = cost
  end
  cost.samples, cost.weight = cost.samples + row.samples, cost.weight + row.weight
end

-- The functions, each with its costs; a call counts once in a stack, whatever the recursion.
local function functions_of(profile)
  local list = {}
  local number = pyprof.numbering(function(id, frame)
    list[id] = { id = id, name = frame.name, file = frame.file, line = frame.line, costs = {} }
  end)
  for _, row in ipairs(profile:stacks { by = "line" }) do
    local seen, caller, line = {}, nil, 0
    for _, frame in ipairs(row.frames) do
      local callee = list[number(frame.name .. "\0" .. frame.file, frame)]
      callee.line = math.min(callee.line, frame.line)
      local key = caller and ("%d:%d:%d"):format(caller.id, line, callee.id)
      if caller and not seen[key] then add(caller.costs, key, row, line, callee) end
      seen[key or ""], caller, line = true, callee, frame.line
    end
    add(caller.costs, ("%d"):format(line), row, line)
  end
  return list
end

--- What the format has no place for: stacks, threads, time. Its calls are samples.
---@param profile pyprof.Profile
---@param name string      of the target
---@return string
function M.encode(profile, name)
  local unit, factor = table.unpack(units[profile.unit])
  local out = { "# callgrind format", "version: 1", "creator: pyprof-lua " .. pyprof.version,
    "cmd: " .. one_line(name), "positions: line", "events: " .. unit .. " samples" }
  local named = {}
  local function name_of(it) -- in full where it comes first
    if named[it.id] then return ("(%d)"):format(it.id) end
    named[it.id] = true
    return ("(%d) %s"):format(it.id, one_line(it.name))
  end
  local function file_of(it) return it.file ~= "" and one_line(it.file) or "???" end
  local function costs(cost)
    return ("%d %d %d"):format(cost.line, math.floor(cost.weight * factor + 0.5), cost.samples)
  end
  for _, caller in ipairs(functions_of(profile)) do
    out[#out + 1] = ("\nfl=%s\nfn=%s"):format(file_of(caller), name_of(caller))
    for _, cost in ipairs(caller.costs) do
      local callee = cost.callee
      if callee then
        out[#out + 1] = ("cfi=%s\ncfn=%s\ncalls=%d %d"):format(file_of(callee), name_of(callee),
          cost.samples, callee.line)
      end
      out[#out + 1] = costs(cost)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return M
