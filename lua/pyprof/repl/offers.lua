-- repl/offers.lua - what Tab offers: options of methods and reports, fields, selectors, files.
local places = require "pyprof.base.places"
local tables = require "pyprof.base.tables"
local sys = require "pyprof.core.sys"
local doc = require "pyprof.doc"
local profile = require "pyprof.profile"
local diff = require "pyprof.profile.diff"
local frame = require "pyprof.profile.frame"
local selector = require "pyprof.profile.selector"
local reports = require "pyprof.repl.reports"
local report = require "pyprof.report"

local M = {}

--- The names of all reports, without ".lua".
---@return string[]
function M.reports()
  local names = {}
  for i, entry in ipairs(places.reports()) do names[i] = (entry.name:gsub("%.lua$", "")) end
  return names
end

--- The report that a call runs: "reports.top". A plain script, and a file of the working directory,
--- must not run because of a Tab.
---@param call string|nil
---@return pyprof.LoadedReport|nil
function M.report(call)
  local name = call and call:match("^reports%.([%w_]+)$")
  if not name then return nil end
  for _, entry in ipairs(places.reports()) do
    local code = entry.name == name .. ".lua" and places.read(entry.found)
    if code and code:find("help%s*=") and code:find("run%s*=") then
      local good, loaded = pcall(reports.load, name)
      return good and loaded.report and loaded or nil
    end
  end
end

-- The page of a method or a function: "p:functions", "x:where", "pyprof.diff".
local function page_of(call)
  local owner, mark, name = (call or ""):match("^([%a_][%w_]*)([%.:])([%a_][%w_]*)$")
  if not owner then
    owner, name = "p", (call or ""):match("^:?([%a_][%w_]*)$")
  end
  if not name then return nil end
  if mark == "." then return doc.pages()[owner .. "." .. name], name end
  return doc.pages()["profile." .. name], name
end

--- The options of a call.
---@param call string|nil
---@return string[]|nil
function M.options(call)
  local loaded = M.report(call)
  if loaded then
    local names = { "format", "section" }
    for _, option in ipairs(loaded.options) do names[#names + 1] = reports.written(option) end
    return names
  end
  local _, name = page_of(call)
  if not name then return nil end
  return name == "diff" and diff.options or profile.options[name]
end

-- --- selectors

local function at_hand()
  local p = rawget(_G, "p")
  return profile.kind(p) == "samples" and p or nil
end

-- The rows that a method of the profile `p` gives.
local function rows_at_hand(method)
  local p = at_hand()
  return p and p[method](p) or {}
end

local function add(names, known, value)
  if value ~= "" and not known[value] then
    known[value] = true
    names[#names + 1] = value
  end
end

-- The values of a frame's field, each after "field:"; of a path its last part, too.
local function frame_values(field)
  local names, known = {}, {}
  for _, row in ipairs(rows_at_hand "functions") do
    local value = field == "name" and row.name or frame.new(row.name, row.file, row.line)[field]
    add(names, known, field .. ":" .. value)
    if field == "file" then add(names, known, "file:" .. value:match("[^/]*$")) end
  end
  return names
end

local label_fields = { threads = { "name", "id", "pid", "command", "main" },
  tests = { "id", "name", "file", "phase" } }

-- Names, and fields with their values once a field is there; `method` lists what is selected.
local function labels(method, begun)
  local names, known, field = {}, {}, begun:match("^(%l+):")
  for _, row in ipairs(rows_at_hand(method)) do
    local value = row[field or "name"]
    add(names, known, field and field .. ":" .. tostring(value) or tostring(value))
    if method == "tests" and not field then add(names, known, row.id) end
  end
  for _, each in ipairs(field and {} or label_fields[method]) do add(names, known, each .. ":") end
  return names
end

-- What a selector may be, after "not:" or "!".
local function selectors(begun, of)
  local negation = begun:match("^!") or begun:match("^not:") or ""
  local rest, names = begun:sub(#negation + 1), {}
  local field = rest:match("^(%l+):")
  if of ~= "functions" then
    names = labels(of, rest)
  elseif tables.has(frame.fields, field) then
    names = frame_values(field)
  else
    local known = {}
    for _, row in ipairs(rows_at_hand "functions") do add(names, known, row.name) end
    for _, each in ipairs(frame.fields) do add(names, known, each .. ":") end
    for _, name in ipairs(selector.named()) do add(names, known, "@" .. name) end
  end
  for i, name in ipairs(names) do names[i] = negation .. name end
  if negation == "" then names[#names + 1] = "not:" end
  return names
end

-- --- the values of options, and arguments

local function files(begun)
  local directory = begun:match("^.*/") or ""
  local names = {}
  for _, name in ipairs(sys.list(directory == "" and "." or directory) or {}) do
    local status = sys.stat(directory .. name)
    local is_directory = status and status.kind == "directory"
    names[#names + 1] = directory .. name .. (is_directory and "/" or "")
  end
  return names
end

-- The fields that a call's rows may be sorted by.
local function sort_fields(call, loaded, begun)
  local names = {}
  if loaded then
    names = report.sort_fields(loaded.report.columns)
  else
    local page = page_of(call)
    for _, tag in ipairs(page and doc.row_fields(page) or {}) do names[#names + 1] = tag.name end
  end
  local list = {}
  for _, name in ipairs(names) do
    for part in name:gmatch("[^%s,]+") do
      list[#list + 1] = begun:match("^%-?") .. part
    end
  end
  return list
end

local formats = { "text", "json", "ndjson", "csv", "markdown", "html", "sarif" }

--- The values of an option of a call, within a string that has begun.
---@param call string|nil
---@param option string
---@param begun string
---@return string[]
function M.values(call, option, begun)
  local loaded = M.report(call)
  if option == "sort" then return sort_fields(call, loaded, begun) end
  for _, each in ipairs(loaded and loaded.options or {}) do
    if reports.written(each) == option or each.key == option then
      if each.choice then return each.choice end
      if each.kind == "selector" then return selectors(begun, "functions") end
      if each.kind == "thread" then return selectors(begun, "threads") end
      return (each.kind == "recording" or each.kind == "file" or each.kind == "lua") and
        files(begun) or {}
    end
  end
  if loaded and option == "format" then return formats end
  if option == "include" or option == "exclude" then return selectors(begun, "functions") end
  if option == "by" then return { "line", "function", "stack" } end
  if option == "compare" then return { "self", "total" } end
  return {}
end

-- Does the function take a selector? Its page names its parameters.
local function takes_selector(page)
  for _, param in ipairs(page and page.item and page.item.params or {}) do
    if param.name == "selected" then return true end
  end
  return false
end

--- What is offered as a text given to a call: pages of help, selectors, fields, files.
---@param call string|nil
---@param begun string
---@return string[]
function M.argument(call, begun)
  if call == "help" then
    local names = {}
    for i, page in ipairs(doc.pages()) do names[i] = page.key end
    for _, entry in ipairs(places.reports()) do names[#names + 1] = entry.name end
    return names
  end
  if call == "list" then return selectors(begun, "functions") end
  local page, name = page_of(call)
  if name == "thread" then return selectors(begun, "threads") end
  if name == "test" then return selectors(begun, "tests") end
  if name == "by" and page then return frame.fields end
  return takes_selector(page) and selectors(begun, "functions") or files(begun)
end

return M
