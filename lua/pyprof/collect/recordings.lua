-- collect/recordings.lua - each recording of a target as its own profile; collect/profile.lua
-- merges them.
local fail = require "pyprof.base.fail"
local profiles = require "pyprof.collect.profile"

local M = {}

--- Can the target be profiled?
---@param target pyprof.Target
---@param options table
---@return true|nil
---@return string|nil why
function M.gives(target, options)
  return profiles.gives(target, options)
end

--- One profile for each recording; any other target gives its only profile.
---@param target pyprof.Running
---@return (pyprof.Profile|pyprof.Graph)[]|nil
---@return string|nil message
function M.collect(target)
  if not M.several(target) then return { target.profile() } end
  local list = {}
  for i, path in ipairs(target.paths) do
    local profile, message = profiles.load(path, target.options)
    if not profile then return nil, message end
    if i > 1 and profile.metric ~= list[1].metric then
      fail.usage("%s: measures '%s', but %s measures '%s'", path, profile.metric,
        target.paths[1], list[1].metric)
    end
    list[i] = profile
  end
  return list
end

--- Does the target have several recordings?
---@param target pyprof.Target
---@return boolean
function M.several(target)
  return target.kind == "recordings" and #target.paths > 1
end

return M
