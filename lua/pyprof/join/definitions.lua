-- join/definitions.lua - the definitions of the source, for the files that the data names.
local evidence = require "pyprof.join.evidence"
local profiles = require "pyprof.profile"
local resolve = require "pyprof.profile.resolve"

local M = {}

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

--- The definitions of the source of what was collected.
---@param data pyprof.Joined
---@return pyprof.Definitions
function M.of(data)
  local files = {}
  for _, name in ipairs { "profile", "allocations" } do
    if data[name] then append(files, profiles.files(data[name])) end
  end
  for _, name in ipairs { "coverage", "counts" } do
    if data[name] then append(files, evidence.files(data[name])) end
  end
  return resolve.definitions(files, data.source)
end

return M
