-- report/init.lua - the contract of a report: loads a report, checks it, describes its options.
local contract = require "pyprof.base.contract"
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local options = require "pyprof.options"
local arguments = require "pyprof.options.arguments"
local columns = require "pyprof.rows.columns"
local collectors = require "pyprof.subject.collectors"

local M = {}

---@class pyprof.Report
---@field help string
---@field run fun(subject: pyprof.Subject, args: table): ...
---@field needs string[]|nil
---@field wants string[]|nil
---@field check (fun(args: table, given: table): string|nil)|nil   what is wrong with the arguments;
---  `given` has them as they were written
---@field args table<string, any>|nil
---@field title string|nil
---@field columns any[]|nil
---@field html (fun(subject: pyprof.Subject, args: table): string)|nil   in run's place for
---  --format html
---@field finding (fun(row: table): string|nil, string|nil)|nil   the message of a row for
---  --format sarif, and its level: error, warning (without one) or note; nil: no finding
---@field binary boolean|nil      run returns no text: it is never written to a terminal

local fields = contract.new("field", {
  { "help", "string" }, { "run", "function" }, { "needs", "table" }, { "wants", "table" },
  { "args", "table" }, { "title", "string" }, { "columns", "table" }, { "binary", "boolean" },
  { "html", "function" }, { "finding", "function" }, { "check", "function" },
}, { "help", "run" }, "a report")

-- Refuses a named field in a list: nothing would read it.
local function check_list(at, report, field)
  for key in pairs(report[field] or {}) do
    if math.type(key) ~= "integer" then
      fail.refused("%s: %s: '%s' has no place in a list", at(tostring(key)), field, tostring(key))
    end
  end
end

-- Needs and wants are lists of names of collectors.
local function check_collectors(at, report, field)
  check_list(at, report, field)
  for index, name in ipairs(report[field] or {}) do
    if type(name) ~= "string" then
      fail.refused("%s: %s[%d] is %s (want a collector's name)", at(field), field, index,
        type(name))
    end
    if not collectors.get(name) then
      fail.refused("%s: %s: %s", at(name), field,
        suggest.unknown("collector", name, collectors.names()))
    end
  end
end

local function check_columns(at, report)
  if not report.columns then return end
  check_list(at, report, "columns")
  local good, message = pcall(columns.resolve, report.columns, "none")
  if good then return end
  message = tostring(message)
  fail.refused("%s: %s", at(message:match("'([^']*)'") or "columns"), message)
end

local function check(where, at, report)
  local message, key = contract.fault(fields, report)
  if message then fail.refused("%s: %s", key and at(key) or where, message) end
  check_collectors(at, report, "needs")
  check_collectors(at, report, "wants")
  check_columns(at, report)
end

---@class pyprof.LoadedReport
---@field name string             as the user wrote it
---@field report pyprof.Report|nil   nil for a plain script
---@field chunk function|nil      the plain script, not yet run
---@field options pyprof.Option[] its own arguments, sorted by name
---@field brought pyprof.Option[]|nil  those of users' collectors in its needs and wants

-- Runs a report's file and returns its value.
local function execute(text, chunk_name, words)
  local chunk, message = load(text, "@" .. chunk_name, "t")
  if not chunk and not chunk_name:find("%.lua$") then
    fail.usage("%s: neither a report, a program nor a recording (a program ends in .py, or is " ..
      "named with -m, -c or --)", chunk_name)
  end
  if not chunk then fail.refused("%s", message) end
  misuse.script = chunk_name
  return chunk(table.unpack(words))
end

local function refuse_unknown(name)
  if places.report(name .. ".lua") then
    fail.usage("unknown report '%s' (for the file here: ./%s.lua)", name, name)
  end
  local ending = name:match("%.[%w_]+$")
  if name:find("/", 1, true) or ending and ending ~= ".lua" then
    fail.usage("%s: No such file (nor a report: pyprof-lua --list shows them)", name)
  end
  for _, option in ipairs(options.alone) do -- a word of another program's command line
    if option.name == name or name == "help" then
      fail.usage("unknown report '%s' (did you mean --%s?)", name, name)
    end
  end
  local names = {}
  for _, entry in ipairs(places.reports()) do
    names[#names + 1] = ending and entry.name or entry.name:gsub("%.lua$", "")
  end
  fail.usage("%s (pyprof-lua --list shows the reports)", suggest.unknown("report", name, names))
end

--- Finds a report, runs its file once and checks its table.
---@param name string
---@param words string[]          the words after it on the command line
---@param executed (fun(text: string, chunk_name: string, words: string[]): any)|nil   another way
---  to run it
---@return pyprof.LoadedReport    without `report` if the file was a plain script, which has run
function M.load(name, words, executed)
  local found = places.report(name)
  if not found then refuse_unknown(name) end
  if not name:find("%.lua$") and found.chunk:find("%.lua$") then name = name .. ".lua" end
  local text, message = places.read(found)
  if not text then fail.refused("%s", message) end
  text = text:gsub("^#[^\n]*", "", 1)
  local report = (executed or execute)(text, found.chunk, words)
  if type(report) ~= "table" then return { name = name, options = {} } end
  return M.accept(name, report, text)
end

--- Checks a report's table.
---@param name string
---@param report table
---@param text string|nil     the file's bytes: complaints then name the line
---@return pyprof.LoadedReport
function M.accept(name, report, text)
  local function at(word) return places.place(name, text, word) end
  check(name, at, report)
  local brought = {}
  for _, list in ipairs { report.needs or {}, report.wants or {} } do
    for _, used in ipairs(list) do
      local more = collectors.get(used).options
      table.move(more, 1, #more, #brought + 1, brought)
    end
  end
  return {
    name = name, report = report, brought = brought,
    options = arguments.options(name, report.args, text),
  }
end

--- Refuses arguments that the report's own check finds wrong, before anything is started.
---@param loaded pyprof.LoadedReport
---@param args table<string, any>
---@param values table              the options' values as they were given
function M.check_arguments(loaded, args, values)
  if not loaded.report.check then return end
  local given = {}
  for _, option in ipairs(loaded.options) do given[option.argument] = values[option.key] end
  local message = loaded.report.check(args, given)
  if message ~= nil then fail.usage("%s", tostring(message)) end
end

--- The fields that a report's rows may be sorted by: those of its columns.
---@param specs any[]|nil
---@return string[]
function M.sort_fields(specs)
  local names = {}
  for _, spec in ipairs(specs or {}) do
    local name = type(spec) == "table" and spec[1] or spec
    if name == "file:line" then name = "file, line" end
    if name ~= "rank" and not (type(spec) == "table" and (spec.optional or spec.value)) then
      names[#names + 1] = name
    end
  end
  return names
end

--- The help of an option, with its choice of values and its default.
---@param option pyprof.Option
---@param report pyprof.Report
---@return string
function M.described(option, report)
  local default, remarks = option.default, {}
  if option.fields then
    remarks[1] = table.concat(option.fields, ", ")
  elseif option.argument == "sort" and report.columns then
    remarks[1] = table.concat(M.sort_fields(report.columns), ", ")
  end
  if option.required == true then remarks[#remarks + 1] = "required" end
  if option.choice then
    local names = {}
    for i, choice in ipairs(option.choice) do names[i] = tostring(choice) end
    remarks[#remarks + 1] = table.concat(names, ", ")
  end
  if option.many then remarks[#remarks + 1] = "may be repeated" end
  if default == true then
    remarks[#remarks + 1] = "on"
  elseif default ~= nil and default ~= false and type(default) ~= "table" then
    remarks[#remarks + 1] = (#remarks > 0 and "default " or "") .. tostring(default)
  end
  if #remarks == 0 then return option.help end
  return (("%s (%s)"):format(option.help, table.concat(remarks, "; ")):gsub("^ ", ""))
end

--- The text of `REPORT --help`.
---@param loaded pyprof.LoadedReport
---@return string
function M.describe(loaded)
  local report = loaded.report
  local lines = { ("%s - %s"):format(loaded.name, report.help), "",
    ("usage: pyprof-lua %s [options] TARGET [target arguments]"):format(loaded.name) }
  local listed = {}
  local own = table.move(loaded.options, 1, #loaded.options, 1, {})
  table.move(loaded.brought or {}, 1, #(loaded.brought or {}), #own + 1, own)
  for i, option in ipairs(own) do
    listed[i] = setmetatable({ help = M.described(option, report) }, { __index = option })
  end
  if #listed > 0 then
    lines[#lines + 1] = ""
    lines[#lines + 1] = options.describe(listed)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "The options of all reports: pyprof-lua --help"
  return table.concat(lines, "\n")
end

return M
