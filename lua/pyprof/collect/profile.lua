-- collect/profile.lua - the profile of a target: its recordings, or a run of it.
local M = {}

M.help = "Where the time goes: recordings, or a run under py-spy"

-- Reads recordings, merged; long reading shows on a terminal.
local function load_recordings(paths, metric)
  local label = #paths == 1 and paths[1]:match("[^/]*$") or #paths .. " recordings"
  local show, finish = require("pyprof.base.progress").bytes(label)
  local arguments = { table.unpack(paths) }
  arguments[#arguments + 1] = { metric = metric, progress = show }
  local profile, message, kind = require("pyprof.profile.samples").load(table.unpack(arguments))
  if finish then finish() end
  return profile, message, kind
end

--- What a recording holds.
---@param path string
---@param args table     metric
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return "usage"|nil kind
function M.load(path, args)
  return load_recordings({ path }, args.metric)
end

--- What the target's recordings hold, merged; of a program or a process, what py-spy sees.
---@param target pyprof.Target
---@param args table     the common options' values
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return "usage"|nil kind
function M.collect(target, args)
  if target.kind == "recordings" then return load_recordings(target.paths, args.metric) end
  return require("pyprof.collect.pyspy").collect(target, args)
end

return M
