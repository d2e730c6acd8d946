-- collect/profile.lua - the profile of a target: its recordings, or a run of it.
local fail = require "pyprof.base.fail"
local progress = require "pyprof.base.progress"
local process = require "pyprof.core.process"
local profiles = require "pyprof.profile"
local records = require "pyprof.profile.record"

local M = {}

-- Its six files are not loaded to read a recording.
local function pyspy()
  return require "pyprof.collect.pyspy"
end

-- Reads recordings and merges them; a terminal shows the progress if that takes long.
local function load_recordings(paths, metric)
  local label = #paths == 1 and paths[1]:match("[^/]*$") or #paths .. " recordings"
  local show, finish = progress.bytes(label)
  local arguments = { table.unpack(paths) }
  arguments[#arguments + 1] = { metric = metric, progress = show }
  local profile, message, kind = profiles.load(table.unpack(arguments))
  if finish then finish() end
  if kind == "usage" then fail.usage("%s", message) end
  -- A recording of ours tells of its run what the run told.
  local known = profile and profiles.kind(profile) == "samples" and records.run(profile.records)
  return profile, message, known or nil
end

--- Can the target be profiled? Everything but source can.
---@param target pyprof.Target
---@param options table
---@return true|nil
---@return string|nil why
function M.gives(target, options)
  if target.kind == "recordings" then return true end
  return pyspy().gives(target, options)
end

--- The profile in a recording.
---@param path string
---@param how { metric: string|nil }
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.load(path, how)
  return load_recordings({ path }, how.metric)
end

-- Lets the collectors that ride on the run prepare it; each has its own part of our directory.
local function prepare(riders, target, dir)
  local env, places = {}, {}
  for i, rider in ipairs(riders) do
    places[i] = dir .. "/" .. rider.name
    local good, message = process.make_directory(places[i])
    local changes = good and nil
    if good then changes, message = rider.lead(target, places[i]) end
    if not changes then return nil, message end
    for name, value in pairs(changes) do env[name] = value end
  end
  return env, places
end

--- The target's recordings, merged; of a program or a process, a new recording by py-spy.
---@param target pyprof.Running
---@param _ table
---@param dir string|nil     a private directory, if the target is run
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target, _, dir)
  if target.kind == "recordings" then
    return load_recordings(target.paths, target.options.metric)
  end
  -- A report may ask for it that only wants it.
  local good, why = M.gives(target, target.options)
  if not good then fail.usage("%s", why) end
  local riders = target.riders or {}
  local env, places = prepare(riders, target, dir)
  if not env then return nil, places end
  local profile, message, run = pyspy().collect(target, target.options, dir, env)
  run.brought = {}
  for i, rider in ipairs(riders) do run.brought[rider.name] = rider.gather(places[i]) end
  return profile, message, run
end

return M
