-- regex.lua - PCRE2 for scripts: pyprof.regex(pattern, flags).
local core = require "pyprof.core.regex"
local misuse = require "pyprof.misuse"

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

--- A compiled pattern. Flags are letters: i caseless, m multiline, s dot matches newlines,
--- x extended, u UTF-8 (bytes that are none never match), a anchored. `match` and `gmatch` give
--- the groups, or the whole match where there are none; `captures` a table by number and name;
--- in gsub's template $1, ${name}, $0 and $$ stand for groups and a dollar.
--- Raises at the caller's line where the pattern is none.
---@param pattern string
---@param flags string|nil
---@return pyprof.Regex
function M.new(pattern, flags)
  local regex, message = core.compile(pattern, flags)
  if not regex then misuse.raise("%s", message) end
  return regex
end

return M
