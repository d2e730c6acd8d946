-- export/init.lua - a profile in the format of another tool.
--
-- An encoder is export/NAME.lua. It has encode(profile, name, options) and perhaps `calls` (true:
-- it takes a profile of calls, too), `timed` (true: it needs a recording with time) and `options`
-- (the names of its options).
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local profiles = require "pyprof.profile"

local M = {}

local formats = { "callgrind", "chrome", "firefox", "folded", "pprof", "speedscope" }

--- Encodes the profile in the format: text, or a value for `{ object = … }`.
---@param profile pyprof.Profile|pyprof.Graph
---@param format string
---@param name string           the target's name
---@param options table|nil
---@return string|table|nil
---@return string|nil message   if the format needs time and the recording has none
function M.encode(profile, format, name, options)
  profiles.want(profile, "encode")
  misuse.want(name, "string", "encode: a name")
  local known = false
  for _, one in ipairs(formats) do known = known or one == format end
  if not known then misuse.raise("encode: %s", suggest.unknown("format", format, formats)) end
  local encoder = require("pyprof.export." .. format)
  options = misuse.options(options, encoder.options or {}, "option of " .. format)
  if not encoder.calls then profiles.refuse_calls(profile, "encode") end
  if encoder.timed and not profile.from then
    return nil, "the recording has no time (pprof.lua and callgrind.lua need none)"
  end
  return encoder.encode(profile, name, options)
end

return M
