---@meta pyprof.core.regex
-- What src/bind/regex.c gives; include/pyprof/regex.h is its contract.
-- luacheck: ignore 212 241
-- PCRE2 with its JIT. Positions count from 1, ends are inclusive, as in Lua's string library. The
-- methods raise where a pattern backtracks without end.
local regex = {}

---@class pyprof.core.Regex
local Regex = {}

--- Flags: i caseless, m multiline, s dot matches newlines, x extended, u UTF-8, a anchored; an
--- unknown one raises.
---@param pattern string
---@param flags string|nil
---@return pyprof.core.Regex|nil
---@return string|nil message
function regex.compile(pattern, flags) end

---@param subject string
---@param init integer|nil
---@return boolean
function Regex:test(subject, init) end

--- The groups, or the whole match where there are none; nil without a match.
---@param subject string
---@param init integer|nil
---@return string|nil ...
function Regex:match(subject, init) end

--- Where the match begins and ends, and its groups.
---@param subject string
---@param init integer|nil
---@return integer|nil from
---@return integer|nil to
---@return string|nil ...
function Regex:find(subject, init) end

--- { from, to, [0] = whole, [1] = group, name = group }
---@param subject string
---@param init integer|nil
---@return table|nil
function Regex:captures(subject, init) end

---@param subject string
---@return fun(): string|nil, ...
function Regex:gmatch(subject) end

---@param subject string
---@return integer
function Regex:count(subject) end

--- The parts between matches, at most `limit`.
---@param subject string
---@param limit integer|nil
---@return string[]
function Regex:split(subject, limit) end

--- $0 $1 ${name} and $$ in a template; a function gets the captures, nil leaves the match.
---@param subject string
---@param new string|fun(...: string|nil): string|false|nil
---@param limit integer|nil
---@return string text
---@return integer count
function Regex:gsub(subject, new, limit) end

--- The names of its groups, in the order of the alphabet.
---@return string[]
function Regex:names() end

return regex
