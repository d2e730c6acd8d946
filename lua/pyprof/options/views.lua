-- options/views.lua - the command line's views (--where, --window …), applied in the order given.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local units = require "pyprof.base.units"

local M = {}

-- The share of samples that a view left, for the report's reader.
local function note_of(view, before, after)
  if view.name == "weight" then return ("--weight %s"):format(view.value) end
  local share = before > 0 and after / before or 0
  return ("--%s %s: %d of %s (%.2f%%)"):format(view.name, view.value, after,
    units.several(before, "sample"), 100 * share)
end

--- The seconds of "A..B", of which either may be left out.
---@param text string
---@param option string   its name, for complaints
---@return number from
---@return number|nil to
function M.window(text, option)
  local from, to = text:match("^([%d.]*)%.%.([%d.]*)$")
  from, to = tonumber(from == "" and "0" or from), to ~= "" and tonumber(to) or nil
  if not from then fail.usage("--%s: '%s' is not A..B (seconds)", option, text) end
  return from, to
end

local function seen_through(view, profile)
  if view.name == "window" then return profile:window(M.window(view.value, "window")) end
  if view.name == "weight" then return profile:weights(view.value) end
  return profile[view.name](profile, view.value)
end

local function all_seen_through(view, profiles)
  local seen, before, after = {}, 0, 0
  for i, profile in ipairs(profiles) do
    seen[i] = seen_through(view, profile)
    before, after = before + profile.samples, after + seen[i].samples
  end
  return seen, note_of(view, before, after)
end

--- The profiles after all views.
---@param views { name: string, value: string }[]
---@param profiles pyprof.Profile[]
---@return pyprof.Profile[]
---@return string[] notes    the share of all samples that each view left
function M.apply(views, profiles)
  local notes = {}
  for i, view in ipairs(views) do
    local good, seen, note = misuse.of_option(all_seen_through, view, profiles)
    if not good then
      if fail.of(seen) then error(seen, 0) end
      fail.usage("--%s: %s", view.name, seen)
    end
    profiles, notes[i] = seen, note
  end
  return profiles, notes
end

return M
