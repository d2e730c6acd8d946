-- export/speedscope.lua - the distinct stacks of each thread as a recording for speedscope.app and
-- other tools.
local numbering = require "pyprof.base.numbering"
local array = require("pyprof.base.scalar").array
local version = require "pyprof.version"

local M = {}

local function profile_of(thread, unit, number)
  local samples, weights = array {}, array {}
  for i, row in ipairs(thread.stacks) do
    samples[i], weights[i] = array {}, row.weight
    for depth, frame in ipairs(row.frames) do
      local key = ("%s\0%s\0%d"):format(frame.name, frame.file, frame.line)
      samples[i][depth] = number(key, frame) - 1
    end
  end
  return {
    type = "sampled", name = ("Thread %d \"%s\""):format(thread.id or 0, thread.name),
    unit = unit, startValue = 0, endValue = thread.weight,
    samples = samples, weights = weights,
  }
end

--- The recording has neither single samples nor their order in time, which the format could hold.
---@param profile pyprof.Profile
---@param name string      the target's name
---@return table
function M.encode(profile, name)
  local frames, threads = array {}, array {}
  local number = numbering.new(function(i, frame)
    frames[i] = { name = frame.name, file = frame.file ~= "" and frame.file or nil,
      line = frame.line > 0 and frame.line or nil }
  end)
  for i, thread in ipairs(profile:split { stacks = "line" }) do
    threads[i] = profile_of(thread, profile.unit, number)
  end
  return {
    ["$schema"] = "https://www.speedscope.app/file-format-schema.json",
    exporter = "pyprof-lua@" .. version, name = name,
    shared = { frames = frames }, profiles = threads,
  }
end

return M
