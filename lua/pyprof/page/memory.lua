-- page/memory.lua - resident memory over time.
local encode = require "pyprof.page.encode"

local M = {}

-- The points of a file of mprof, else of the run of the profile.
local function points_of(collected, run)
  local list = {}
  for _, row in ipairs(collected.memory and collected.memory:timeline() or {}) do
    if not row.pid then list[#list + 1] = { row.seconds, row.bytes } end
  end
  if list[1] then return list, "memory" end
  local exit = run.exit or collected.profile and collected.profile.exit
  return exit and exit.memory or {}, "profile"
end

--- The page's `memory`; nil if nothing was measured.
---@param collected table<string, any>
---@param run pyprof.PageRun
---@return table|nil
function M.of(collected, run)
  local points, from = points_of(collected, run)
  if not points[1] then return nil end
  local seconds, bytes, peak = {}, {}, 0
  for i, point in ipairs(points) do
    seconds[i], bytes[i] = point[1], math.floor(point[2])
    peak = math.max(peak, bytes[i])
  end
  return { run = from, seconds = encode.numbers(seconds), bytes = encode.whole(bytes),
    peak = peak }
end

return M
