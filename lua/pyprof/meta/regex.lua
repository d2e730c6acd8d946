---@meta pyprof.core.regex
-- The module of src/bind/regex.c; include/pyprof/regex.h is its contract.
-- luacheck: ignore 212 241
-- PCRE2 with its JIT. Positions count from 1, and ends are inclusive, as in Lua's string library.
-- The methods raise an error if a pattern backtracks without end.
local regex = {}

--- A compiled PCRE2 pattern. A search that backtracks without end raises an error.
---@class pyprof.core.Regex
local Regex = {}

--- Flags: i caseless, m multiline, s dot matches newlines, x extended, u UTF-8, a anchored. An
--- unknown flag raises an error.
---@param pattern string
---@param flags string|nil
---@return pyprof.core.Regex|nil
---@return string|nil message
function regex.compile(pattern, flags) end

--- Does it match?
---     print(pyprof.regex("^a"):test("abc"))  --> true
---@param subject string
---@param init integer|nil
---@return boolean
function Regex:test(subject, init) end

--- The groups, or the whole match if the pattern has no groups; nil without a match.
---     print(pyprof.regex("(a)(b)?"):match("xab"))  --> a b
---@param subject string
---@param init integer|nil
---@return string|nil ...
function Regex:match(subject, init) end

--- The positions of the first and last byte of the match, and its groups.
---     print(pyprof.regex("b(c)"):find("abcd"))  --> 2 3 c
---@param subject string
---@param init integer|nil
---@return integer|nil from
---@return integer|nil to
---@return string|nil ...
function Regex:find(subject, init) end

--- The first match as a table: { from, to, [0] = whole, [1] = group, name = group }.
---     local found = pyprof.regex("(?<key>\\w)=(\\d)"):captures("a=1")
---     print(found.key, found[2], found.from, found.to)  --> a 1 1 3
---@param subject string
---@param init integer|nil
---@return table|nil
function Regex:captures(subject, init) end

--- An iterator over the matches: their groups, or the whole match if the pattern has no groups.
---     for word in pyprof.regex("\\w+"):gmatch("one two") do print(word) end
---@param subject string
---@return fun(): string|nil, ...
function Regex:gmatch(subject) end

--- The number of matches.
---     print(pyprof.regex("a"):count("banana"))  --> 3
---@param subject string
---@return integer
function Regex:count(subject) end

--- The parts between matches, at most `limit`.
---     print(table.concat(pyprof.regex(", *"):split("a, b,c"), "|"))  --> a|b|c
---@param subject string
---@param limit integer|nil
---@return string[]
function Regex:split(subject, limit) end

--- The text with its matches replaced, and the number of replacements. A template may hold $0, $1,
--- ${name} and $$; a function gets the captures, and nil from it leaves the match unchanged.
---     print(pyprof.regex("(\\w)=(\\w)"):gsub("a=b", "$2=$1"))  --> b=a 1
---@param subject string
---@param new string|fun(...: string|nil): string|false|nil
---@param limit integer|nil
---@return string text
---@return integer count
function Regex:gsub(subject, new, limit) end

--- The names of its groups, A-Z.
---     print(table.concat(pyprof.regex("(?<b>x)(?<a>y)"):names(), " "))  --> a b
---@return string[]
function Regex:names() end

return regex
