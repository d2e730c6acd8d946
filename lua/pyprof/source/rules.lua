-- source/rules.lua - patterns for parts of Python source, as Source:each_match takes them.
local misuse = require "pyprof.base.misuse"
local regexes = require "pyprof.base.regex"
local suggest = require "pyprof.base.suggest"

local M = {}

local rule_keys = { "pattern", "flags", "where", "at", "name" }
local regions = { "code", "comment", "string", "docstring", "any" }

local function choice(what, value, known)
  for _, name in ipairs(known) do
    if name == value then return value end
  end
  misuse.raise("%s", suggest.unknown(what, value, known))
end

-- A rule in the form of the core, and its name.
local function rule_of(rule, number)
  if type(rule) == "string" then rule = { pattern = rule } end
  misuse.options(rule, rule_keys, "key of a rule")
  if type(rule.pattern) ~= "string" then misuse.raise("rule %d has no pattern", number) end
  local at_line = choice("place", rule.at or "anywhere", { "anywhere", "line" }) == "line"
  local regex, message = regexes.compile(rule.pattern, (rule.flags or "") ..
    (at_line and "a" or ""))
  if not regex then misuse.raise("rule %s: %s", rule.name or number, message) end
  return {
    regex = regex, region = choice("part", rule.where or "code", regions), at_line = at_line,
  }, rule.name or number
end

--- The rules in the form of the core, and the name (or the number) of each.
---@param rules (string|table)[]
---@return table[]
---@return (string|integer)[]
function M.compiled(rules)
  if type(rules) ~= "table" or #rules == 0 then misuse.raise("a list of rules is wanted") end
  local compiled, names = {}, {}
  for i, rule in ipairs(rules) do compiled[i], names[i] = rule_of(rule, i) end
  return compiled, names
end

return M
