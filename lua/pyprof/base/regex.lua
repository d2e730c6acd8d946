-- base/regex.lua - PCRE2 for scripts: pyprof.regex(pattern, flags).
local misuse = require "pyprof.base.misuse"
local core = require "pyprof.core.regex"

local M = {}

---@class pyprof.Regex
---@field test fun(self: pyprof.Regex, subject: string, init: integer?): boolean
---@field match fun(self: pyprof.Regex, subject: string, init: integer?): string?, ...
---@field find fun(self: pyprof.Regex, subject: string, init: integer?): integer?, integer?, ...
---@field captures fun(self: pyprof.Regex, subject: string, init: integer?): table?
---@field gmatch fun(self: pyprof.Regex, subject: string): fun(): string?, ...
---@field gsub fun(self: pyprof.Regex, subject: string, new: any, limit: integer?): string, integer
---@field count fun(self: pyprof.Regex, subject: string): integer
---@field split fun(self: pyprof.Regex, subject: string, limit: integer?): string[]
---@field names fun(self: pyprof.Regex): string[]

-- A misspelt field raises an error, as other objects do.
local methods = getmetatable(core.compile "").__index
setmetatable(methods, { __index = misuse.no_field("a regex", {}, methods) })

local flag_names =
  "i caseless, m multiline, s dot matches newlines, x extended, u UTF-8, a anchored"

--- A compiled pattern, or nil and the reason why it is not valid.
---@param pattern string
---@param flags string|nil
---@return pyprof.Regex|nil
---@return string|nil message
function M.compile(pattern, flags)
  local unknown = type(flags) == "string" and flags:match("[^imsxua]")
  if unknown then return nil, ("unknown flag '%s' (%s)"):format(unknown, flag_names) end
  return core.compile(pattern, flags)
end

--- A compiled pattern. Flags are letters: i caseless, m multiline, s dot matches newlines,
--- x extended, u UTF-8 (invalid bytes never match), a anchored. `match` and `gmatch` give the
--- groups, or the whole match where the pattern has no groups; `captures` gives a table by number
--- and name; in gsub's template $1, ${name} and $0 stand for groups, and $$ for a dollar.
--- A pattern that is not valid raises an error at the caller's line.
---@param pattern string
---@param flags string|nil
---@return pyprof.Regex
function M.new(pattern, flags)
  misuse.want(pattern, "string", "regex: a pattern")
  if flags ~= nil then misuse.want(flags, "string", "regex: flags, as a text,") end
  local regex, message = M.compile(pattern, flags)
  if not regex then misuse.raise("%s", message) end
  return regex
end

return M
