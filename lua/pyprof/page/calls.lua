-- page/calls.lua - a profile of calls: edges in place of a tree.
local encode = require "pyprof.page.encode"

local M = {}

--- The edges; numbers the functions.
---@param profile pyprof.Graph
---@param functions pyprof.PageFunctions
---@return table
function M.of(profile, functions)
  for _, row in ipairs(profile:functions {}) do functions:number(row.name, row.file, row.line) end
  local caller, callee, line, calls, weight = {}, {}, {}, {}, {}
  for i, edge in ipairs(profile:calls()) do
    local from, to = edge.caller, edge.callee
    caller[i] = functions:number(from.name, from.file, from.line)
    callee[i] = functions:number(to.name, to.file, to.line)
    line[i], calls[i], weight[i] = edge.line, edge.calls, edge.weight
  end
  return { caller = encode.whole(caller), callee = encode.whole(callee),
    line = encode.whole(line), calls = encode.numbers(calls), weight = encode.numbers(weight) }
end

--- Adds what only such a profile tells of a function.
---@param columns table
---@param profile pyprof.Graph
function M.add_figures(columns, profile)
  local self, total, calls = {}, {}, {}
  for i, row in ipairs(profile:functions {}) do
    self[i], total[i], calls[i] = row.self_weight, row.total_weight, row.calls
  end
  columns.self, columns.total = encode.list(self, columns.n), encode.list(total, columns.n)
  columns.calls = encode.list(calls, columns.n)
end

return M
