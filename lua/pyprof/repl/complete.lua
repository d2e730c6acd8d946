-- repl/complete.lua - completion by Tab: names, methods, options, functions, reports, files.
local pyprof = require "pyprof"
local places = require "pyprof.base.places"
local text = require "pyprof.base.text"
local sys = require "pyprof.core.sys"
local doc = require "pyprof.doc"
local profile = require "pyprof.profile"
local diff = require "pyprof.profile.diff"
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

local function report_names()
  local names = {}
  for _, entry in ipairs(places.reports()) do
    names[#names + 1] = (entry.name:gsub("%.lua$", ""))
  end
  return names
end

-- The names of the rows that a method of the profile `p` gives.
local function names_at_hand(method)
  local at_hand, names = rawget(_G, "p"), {}
  if profile.kind(at_hand) ~= "samples" then return names end
  for _, row in ipairs(at_hand[method](at_hand)) do names[#names + 1] = row.name end
  return names
end

local function selector_names()
  local names = names_at_hand "functions"
  for _, field in ipairs { "origin", "package", "module", "file" } do
    names[#names + 1] = field .. ":"
  end
  return names
end

local function page_names()
  local names = {}
  for i, page in ipairs(doc.pages()) do names[i] = page.key end
  return names
end

-- Does the option or method take a selector? A method's page names its parameters.
local function takes_selector(name)
  if name == "include" or name == "exclude" then return true end
  local page = doc.pages()["profile." .. name]
  for _, param in ipairs(page and page.item.params or {}) do
    if param.name == "selected" then return true end
  end
  return false
end

local function options_of(method)
  return method == "diff" and diff.options or profile.options[method]
end

local function file_names(begun)
  local directory = begun:match("^.*/") or ""
  local names = {}
  for _, name in ipairs(sys.list(directory == "" and "." or directory) or {}) do
    local status = sys.stat(directory .. name)
    local is_directory = status and status.kind == "directory"
    names[#names + 1] = directory .. name .. (is_directory and "/" or "")
  end
  return names
end

-- The string that is open at the end of the line: the text before it, and its beginning.
local function open_string(line)
  local quote, from
  local i = 1
  while i <= #line do
    local c = line:sub(i, i)
    if quote and c == "\\" then
      i = i + 1
    elseif quote and c == quote then
      quote = nil
    elseif not quote and (c == '"' or c == "'") then
      quote, from = c, i
    end
    i = i + 1
  end
  if quote then return line:sub(1, from - 1), line:sub(from + 1) end
end

local function global_names()
  local names = { table.unpack(keywords) }
  for name in next, _G do names[#names + 1] = tostring(name) end
  for _, name in ipairs { "pyprof", "subject", "p", "reports", "help" } do
    names[#names + 1] = name
  end
  return names
end

-- The names that fit at the end of the line, and the part of a name that is there.
local function candidates(line)
  local before, begun = open_string(line)
  if before then
    local name = before:match("([%a_][%w_]*)%s*[=%({]?%s*{?%s*$")
    if name == "help" then return page_names(), begun end
    if name == "thread" then return names_at_hand "threads", begun end
    if name == "test" then return names_at_hand "tests", begun end
    if name and takes_selector(name) then return selector_names(), begun end
    local option = before:match("[{,]%s*([%a_]+)%s*=%s*$")
    if option then return option == "by" and { "line", "function", "stack" } or {}, begun end
    return file_names(begun), begun
  end
  local owner, mark, name = line:match("([%a_][%w_%.]*)([%.:])([%w_]*)$")
  if owner == "reports" and mark == "." then return report_names(), name end
  if owner and (value_of(owner) ~= nil or owner == "p") then
    return names_of(value_of(owner), mark == ":"), name
  end
  -- A view's result is a profile; any other value before the colon is taken for one.
  mark, name = line:match("[%)}\"']%s*([%.:])([%a_]?[%w_]*)$")
  if mark then return names_of(nil, mark == ":"), name end
  local method, inside = line:match("[%.:]([%a_]+)%s*%(?[^(){}]*{([^{}]*)$")
  local options = method and options_of(method)
  if options then
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
