-- profile/graph_data.lua - the data of a profile of calls; the readers of the formats fill it.
local frame = require "pyprof.profile.frame"

local M = {}

---@class pyprof.GraphData
---@field exporter string
---@field keeper string         the profiler whose format it is
---@field unit string
---@field metrics string[]
---@field metric string
---@field total_of_calls boolean|nil   the file has no totals: a total is self and callees
local Data = {}
Data.__index = Data

--- Makes empty data.
---@return pyprof.GraphData
function M.new()
  return setmetatable({
    exporter = "", keeper = "", unit = "none", numbers = {}, names = {}, files = {}, lines = {},
    calls = {}, self = {}, total = {}, keys = {}, edges = {}, edge_of = {}, counts = {},
  }, Data)
end

---@param metrics string[]
---@param chosen integer|nil
function Data:set_metrics(metrics, chosen)
  self.metric = metrics[chosen or 1]
  self.metrics = table.move(metrics, 1, #metrics, 1, {})
end

function Data:count(what, times)
  self.counts[what] = (self.counts[what] or 0) + times
end

--- The function's number; a new function gets the next number.
---@param name string
---@param file string
---@param line integer
---@return integer
function Data:add_function(name, file, line)
  local key = ("%s\0%s\0%d"):format(name, file, line)
  local number = self.numbers[key]
  if not number then
    number = #self.names + 1
    self.numbers[key] = number
    self.names[number], self.files[number], self.lines[number] = name, file, line
    self.keys[number] = line
    self.calls[number], self.self[number], self.total[number] = 0, 0, 0
  end
  return number
end

local exact = 1 << 53

-- Whole numbers wrap around at 2^63, so a large sum goes on as a float.
local function sum(so_far, more)
  if more > exact then more = more + 0.0 end
  local both = so_far + more
  return both > exact and both + 0.0 or both
end

--- Adds to the cost of a function, and perhaps a line of it; the lowest line is kept.
---@param number integer
---@param calls integer
---@param self_weight number
---@param total_weight number
---@param line integer|nil
function Data:add_cost(number, calls, self_weight, total_weight, line)
  self.calls[number] = sum(self.calls[number], calls)
  self.self[number] = sum(self.self[number], self_weight)
  self.total[number] = sum(self.total[number], total_weight)
  local known = self.lines[number]
  if line and line > 0 and (known == 0 or line < known) then self.lines[number] = line end
end

--- Adds to a call: the calling line (0: unknown), the number of calls, the cost with all callees.
---@param caller integer
---@param callee integer
---@param line integer
---@param calls integer
---@param weight number
function Data:add_call(caller, callee, line, calls, weight)
  local key = ("%d:%d:%d"):format(caller, callee, line)
  local edge = self.edge_of[key]
  if not edge then
    edge = { caller = caller, callee = callee, line = line, calls = 0, weight = 0 }
    self.edge_of[key] = edge
    self.edges[#self.edges + 1] = edge
  end
  edge.calls, edge.weight = sum(edge.calls, calls), sum(edge.weight, weight)
end

--- Adds all data of another one.
function Data:add(other)
  local numbers = {}
  for i, name in ipairs(other.names) do
    numbers[i] = self:add_function(name, other.files[i], other.keys[i])
    self:add_cost(numbers[i], other.calls[i], other.self[i], other.total[i], other.lines[i])
  end
  for _, edge in ipairs(other.edges) do
    self:add_call(numbers[edge.caller], numbers[edge.callee], edge.line, edge.calls, edge.weight)
  end
  for what, count in pairs(other.counts) do self:count(what, count) end
end

-- Computes the sums after the last file, and the totals if the files have none. Such a total is too
-- large for functions that call each other, but never larger than the whole.
function Data:finish()
  self.weight = 0.0
  for i = 1, #self.names do self.weight = self.weight + self.self[i] end
  if self.total_of_calls then
    local outside = {}
    for _, edge in ipairs(self.edges) do
      local calls = edge.caller ~= edge.callee
      if calls then outside[edge.caller] = sum(outside[edge.caller] or 0, edge.weight) end
      self.calls[edge.callee] = sum(self.calls[edge.callee], edge.calls)
    end
    for i = 1, #self.names do
      self.total[i] = math.min(self.self[i] + (outside[i] or 0), self.weight)
    end
  end
  self.frames = frame.list(self.names, self.files, self.lines)
  return self
end

--- Adds up several; the profiler, the unit and the metrics are those of the first.
---@param list pyprof.GraphData[]
---@return pyprof.GraphData|nil
---@return string|nil message
function M.merged(list)
  local data = M.new()
  local first = list[1]
  data.exporter, data.unit, data.total_of_calls = first.exporter, first.unit, first.total_of_calls
  data.keeper = first.keeper
  data.metrics, data.metric = first.metrics, first.metric
  for _, other in ipairs(list) do
    if other.metric ~= data.metric then
      return nil, ("metrics differ: %s and %s"):format(data.metric, other.metric)
    end
    data:add(other)
  end
  return data
end

return M
