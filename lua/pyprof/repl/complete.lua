-- repl/complete.lua - completion by Tab: names, methods, options, functions, reports, files.
local pyprof = require "pyprof"
local text = require "pyprof.base.text"
local sys = require "pyprof.core.sys"
local profile = require "pyprof.profile"
local offers = require "pyprof.repl.offers"
local subject = require "pyprof.subject"

local M = {}

local most = 60   -- choices that are listed

local keywords = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

-- The value of a name with dots; a global that is made at its first use is not made.
local function value_of(path)
  local value = _G
  for name in path:gmatch("[%a_][%w_]*") do
    if type(value) ~= "table" then return nil end
    local own = rawget(value, name)
    if own == nil and value == _G and name == "pyprof" then own = pyprof end
    value = own
  end
  return value
end

local function names_of(value, only_functions)
  local names = {}
  if subject.is(value) then return subject.names(value, only_functions) end
  if profile.is(value) or value == nil then return profile.names(value, only_functions) end
  if type(value) == "string" then value = string end
  local index = getmetatable(value)
  index = index and index.__index
  for _, each in ipairs { value, index } do
    if type(each) == "table" then
      for name, element in next, each do
        if type(name) == "string" and name:find("^[%a_][%w_]*$") and
          (not only_functions or type(element) == "function") then
          names[#names + 1] = name
        end
      end
    end
  end
  return names
end

local function global_names()
  local names = { table.unpack(keywords) }
  for name in next, _G do names[#names + 1] = tostring(name) end
  for _, name in ipairs { "pyprof", "subject", "p", "reports", "help", "show", "save", "list" } do
    names[#names + 1] = name
  end
  return names
end

-- The brackets that are open at the end of the line, and the string: the innermost comes last. A
-- bracket has its mark and its place; `inside` is its own text, without what is closed in it.
local function opened(line)
  local open, quote, from = { { mark = "", inside = "" } }, nil, nil
  local i = 1
  while i <= #line do
    local c = line:sub(i, i)
    local last = open[#open]
    if quote then
      if c == "\\" then i = i + 1 elseif c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote, from = c, i
    elseif c == "(" or c == "{" or c == "[" then
      open[#open + 1] = { mark = c, at = i, inside = "" }
    elseif (c == ")" or c == "}" or c == "]") and #open > 1 then
      open[#open] = nil
    else
      last.inside = last.inside .. c
    end
    i = i + 1
  end
  return open, quote and from
end

-- The call that an open bracket belongs to: "p:functions", "reports.top", "help".
local function call_of(line, open)
  local bracket = open[#open]
  local outer = open[#open - 1]
  if bracket.mark == "{" and outer and outer.mark == "(" then bracket = outer end
  return bracket.at and line:sub(1, bracket.at - 1):match("([%a_][%w_]*[%.:]?[%w_]*)%s*$") or
    nil
end

local assigned = "([%a_][%w_]*)%s*=%s*$"

-- The option whose value stands in the innermost brackets, alone or in a list, and its call.
local function option_of(line, open)
  local last, outer = open[#open], open[#open - 1]
  if last.mark ~= "{" then return nil end
  local option = last.inside:match(assigned)
  if option then return option, call_of(line, open) end
  if outer and outer.mark == "{" and not last.inside:find("=", 1, true) then
    return outer.inside:match(assigned), call_of(line, table.move(open, 1, #open - 1, 1, {}))
  end
end

-- What is offered in an open string, and its beginning.
local function in_string(line, open, from)
  local before, begun = line:sub(1, from - 1), line:sub(from + 1)
  local option, call = option_of(line, open)
  if option then return offers.values(call, option, begun), begun end
  call = before:match("([%a_][%w_]*[%.:]?[%w_]*)%s*%(?%s*$") or call_of(line, open)
  return offers.argument(call, begun), begun
end

-- The names that fit at the end of the line, and the part of a name that is there.
local function candidates(line)
  local open, from = opened(line)
  if from then return in_string(line, open, from) end
  local path, at, mark, name = line:match("([%a_][%w_%.]*)(%[?%d*%]?)([%.:])([%w_]*)$")
  if path == "reports" and mark == "." then return offers.reports(), name end
  if path and (value_of(path) ~= nil or path == "p") then
    local value = value_of(path)
    if at ~= "" and type(value) == "table" then value = value[tonumber(at:match("%d+"))] end
    return names_of(value, mark == ":"), name
  end
  -- A view's result is a profile; any other value before the colon is taken for one.
  mark, name = line:match("[%)}\"']%s*([%.:])([%a_]?[%w_]*)$")
  if mark then return names_of(nil, mark == ":"), name end
  local options = open[#open].mark == "{" and offers.options(call_of(line, open))
  if options then
    local inside = open[#open].inside
    local word = inside:match("^%s*([%w_]*)$") or inside:match(",%s*([%w_]*)$")
    if word then return options, word end
  end
  return global_names(), line:match("[%a_][%w_]*$") or ""
end

--- The text that Tab inserts; if that is empty, the choices as a list.
---@param line string   up to the cursor
---@return string insert
---@return string|nil choices
function M.complete(line)
  local names, begun = candidates(line)
  local known, fitting = {}, {}
  for _, name in ipairs(names) do
    if name:sub(1, #begun) == begun and not known[name] then
      known[name] = true
      fitting[#fitting + 1] = name
    end
  end
  if #fitting == 0 then return "" end
  table.sort(fitting)
  local low, high, shared = fitting[1], fitting[#fitting], #begun
  while shared < #low and low:byte(shared + 1) == high:byte(shared + 1) do shared = shared + 1 end
  if shared > #begun then return low:sub(#begun + 1, shared) end
  if #fitting == 1 then return "" end
  local more = #fitting - most
  local listed = table.concat(fitting, "  ", 1, math.min(most, #fitting))
  if more > 0 then listed = ("%s  (%d more)"):format(listed, more) end
  return "", text.wrap(listed, sys.terminal(1) or 80)
end

return M
