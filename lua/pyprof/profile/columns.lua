-- profile/columns.lua - the call tree and the order in time as columns, for a page.
local tests = require "pyprof.profile.tests"

local M = {}

---@class pyprof.PageTree: pyprof.core.Page
---@field functions pyprof.Frame[]      of each function, with its lowest line
---@field threads pyprof.core.Thread[]  all, by number
---@field tests pyprof.TestRow[]        all, by number; the first is no test

--- The core's columns of a profile, and the functions that they number.
---@param data table
---@param options { nodes: integer|nil, runs: integer|nil, order: "time"|"sums"|nil }
---@return pyprof.PageTree
function M.page(data, options)
  local groups = data.frames:by("function")
  local page = data:call("page", groups.numbers, groups.count, options)
  local frames, lines = data.frames:all(), (select(5, data:totals(groups)))
  page.threads, page.tests, page.functions = data:call("threads"), tests.all(data), {}
  for i, group in ipairs(page.groups) do
    local frame = frames[groups.first[group]]
    page.functions[i] = setmetatable({ line = lines[group] }, { __index = frame })
  end
  return page
end

return M
