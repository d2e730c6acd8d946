-- profile/data.lua - what is behind a Profile: the core's handle, its frames and its run.
local misuse = require "pyprof.base.misuse"
local frame = require "pyprof.profile.frame"
local kind = require "pyprof.profile.kind"

local M = {}

M.key = {} -- the key under which a Profile keeps its data

local Data = {}
Data.__index = Data

--- The data behind a profile; an error if it is none.
---@param profile pyprof.Profile
function M.of(profile)
  local data = type(profile) == "table" and rawget(profile, M.key)
  if data then return data end
  kind.refuse_calls(profile)
  misuse.raise("a profile is wanted (methods are called with a colon)")
end

--- Calls a method of the core; a failure raises an error.
function Data:call(method, ...)
  local first, second, third, fourth, fifth = self.handle[method](self.handle, ...)
  if first == nil then misuse.raise("%s", second) end
  return first, second, third, fourth, fifth
end

function Data:info()
  if not self.facts then
    local info = self:call("info")
    for what, count in pairs {
      ["records of a run that cannot be used"] = self.run.refused,
      ["samples of threads without CPU time"] = self.run.unknown,
    } do
      if count > 0 then table.insert(info.quality, { what = what, count = count }) end
    end
    table.sort(info.quality, function(a, b) return a.what < b.what end)
    table.sort(info.metrics)
    self.facts = info
  end
  return self.facts
end

-- Most reports need these three groupings, and counting all three at once costs little more.
local together = { "function", "line", "name" }

--- self, total, self_weight, total_weight and line by group. The results are kept for later calls.
---@param groups pyprof.Groups
function Data:totals(groups)
  local kept = self.counted[groups]
  if kept then return table.unpack(kept, 1, 5) end
  local list = { groups }
  for _, way in ipairs(together) do
    if not self.alone and self.frames:by(way) == groups then
      list = {}
      for i, each in ipairs(together) do list[i] = self.frames:by(each) end
    end
  end
  local numbers, sizes = {}, {}
  for i, each in ipairs(list) do numbers[i], sizes[i] = each.numbers, each.count end
  local results, seen = self:call("totals", numbers, sizes)
  self.seen_frames = seen
  for i, each in ipairs(list) do self.counted[each] = results[i] end
  return table.unpack(self.counted[groups], 1, 5)
end

--- A mask of the frames in the samples of this view.
---@return string
function Data:seen()
  -- The totals give it too, and most callers need them as well.
  if not self.seen_frames then self:totals(self.frames:by("function")) end
  return self.seen_frames
end

--- `run` has what is known of the run: `exit`, `records`, `unknown`; all views have the same one.
---@param handle userdata      of the core
---@param frames table|nil     those of the profile that it is a view of; nil: of its own
---@param run table
function M.new(handle, frames, run)
  if not frames then
    local names, files, lines, order = handle:frames()
    if not names then misuse.raise("%s", files) end
    frames = frame.list(names, files, lines, order, handle)
  end
  return setmetatable({
    handle = handle, frames = frames, run = run, of_profile = M.of,
    counted = setmetatable({}, { __mode = "k" }),
  }, Data)
end

return M
