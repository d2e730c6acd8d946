-- export/init.lua - a profile, or coverage, in the format of another tool.
--
-- An encoder is export/NAME.lua. It has encode(profile, name, options) and perhaps `calls` (true:
-- it takes a profile of calls, too), `timed` (true: it needs a recording with time), `coverage`
-- (true: it takes no profile but a subject's coverage) and `options` (the names of its options).
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local profiles = require "pyprof.profile"

local M = {}

local formats = {
  "callgrind", "chrome", "cobertura", "firefox", "folded", "lcov", "pprof", "speedscope",
}

local function want(value, encoder)
  if not encoder.coverage then return profiles.want(value, "encode") end
  local meta = getmetatable(value)
  if type(meta) ~= "table" or meta.__name ~= "pyprof.Coverage" then
    misuse.raise("encode: a subject's coverage is wanted, not %s", misuse.shown(value))
  end
end

--- Encodes the profile, or the coverage, in the format: text, or a value for `{ object = … }`.
---@param profile pyprof.Profile|pyprof.Graph|pyprof.Coverage
---@param format string
---@param name string           the target's name
---@param options table|nil
---@return string|table|nil
---@return string|nil message   if the format needs time and the recording has none
function M.encode(profile, format, name, options)
  misuse.want(name, "string", "encode: a name")
  local known = false
  for _, one in ipairs(formats) do known = known or one == format end
  if not known then misuse.raise("encode: %s", suggest.unknown("format", format, formats)) end
  local encoder = require("pyprof.export." .. format)
  want(profile, encoder)
  options = misuse.options(options, encoder.options or {}, "option of " .. format)
  if not encoder.calls and not encoder.coverage then profiles.refuse_calls(profile, "encode") end
  if encoder.timed and not profile.from then
    return nil, "the recording has no time (pprof.lua and callgrind.lua need none)"
  end
  return encoder.encode(profile, name, options)
end

return M
