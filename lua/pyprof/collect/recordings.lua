-- collect/recordings.lua - each recording of a target for itself, where the profile has them
-- merged.
local M = {}

M.help = "The recordings one by one: a list of profiles"

--- One profile a recording; what is not recordings has one, its profile.
---@param target pyprof.Target
---@param args table     metric; profile_of() is the profile
---@return (pyprof.Profile|pyprof.Graph)[]|nil
---@return string|nil message
---@return "usage"|nil kind
function M.collect(target, args)
  if not M.several(target) then return { args.profile_of() } end
  local load_one = require("pyprof.collect.profile").load
  local list = {}
  for i, path in ipairs(target.paths) do
    local profile, message, kind = load_one(path, args)
    if not profile then return nil, message, kind end
    if i > 1 and profile.metric ~= list[1].metric then
      return nil, ("%s: measures '%s', but %s measures '%s'"):format(path, profile.metric,
        target.paths[1], list[1].metric), "usage"
    end
    list[i] = profile
  end
  return list
end

--- Are there several to be read?
---@param target pyprof.Target
---@return boolean
function M.several(target)
  return target.kind == "recordings" and #target.paths > 1
end

return M
