-- base/colours.lua - the colours of the output, and the codes of ANSI terminals for them.
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"

local M = {}

--- The usual colour of each kind of text; `colours` in config.lua changes it.
---@type table<string, string>
M.usual = {
  title = "bold", head = "bold", hot = "bold red", warm = "yellow", dim = "dim",
  passed = "green", failed = "bold red", unsure = "yellow",
}

-- The numbers of the escape sequence "select graphic rendition".
local codes = { plain = "", bold = "1", dim = "2", italic = "3", underline = "4", reverse = "7" }
for i, name in ipairs { "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white" } do
  codes[name] = tostring(29 + i)
  codes["bright-" .. name] = tostring(89 + i)
end

-- "bold red" → "1;31"; "plain" → ""
local function code_of(words)
  local numbers = {}
  for word in words:gmatch("%S+") do
    if not codes[word] then
      return nil, suggest.unknown("colour", word, tables.names(codes))
    end
    if word ~= "plain" then numbers[#numbers + 1] = codes[word] end
  end
  return table.concat(numbers, ";")
end

--- The terminal's code for each kind of text: the given colour, or the usual one.
---@param given table<string, string>|nil   { hot = "bold magenta", head = "plain" }
---@return table<string, string>|nil
---@return string|nil message
---@return string|nil key      the given key that is unknown, or whose colour is unknown
function M.codes(given)
  local result = {}
  for name, words in pairs(M.usual) do result[name] = code_of(words) end
  for _, name in ipairs(tables.keys(given or {})) do
    if not M.usual[name] then
      return nil, suggest.unknown("thing to colour", name, tables.names(M.usual)), tostring(name)
    end
    local words = given[name]
    if type(words) ~= "string" then
      return nil, ("'%s' is %s (want a colour's name)"):format(name, type(words)), name
    end
    local code, message = code_of(words)
    if not code then return nil, message, name end
    result[name] = code
  end
  return result
end

return M
