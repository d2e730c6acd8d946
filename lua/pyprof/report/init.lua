-- report/init.lua - the contract of a report: loading it, checking it, its own arguments.
local fail = require "pyprof.base.fail"
local find = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local options = require "pyprof.options"

local M = {}

---@class pyprof.Report
---@field help string
---@field run fun(subject: pyprof.Subject, args: table): ...
---@field needs string[]|nil
---@field wants string[]|nil
---@field args table<string, any>|nil
---@field title string|nil
---@field columns any[]|nil
---@field binary boolean|nil      what run returns is no text: never onto a terminal

local fields = {
  help = "string", run = "function", needs = "table", wants = "table", args = "table",
  title = "string", columns = "table", binary = "boolean",
}
local field_names = { "help", "run", "needs", "wants", "args", "title", "columns", "binary" }

-- Arguments that mean the same in every report.
local built_in = {
  limit = { type = "integer", help = "at most so many rows" },
  sort = { type = "string", help = "the field to sort by; -FIELD reverses" },
  include = { type = "selector", many = true, help = "only these rows" },
  exclude = { type = "selector", many = true, help = "not these rows" },
}
local argument_keys = { "default", "help", "type", "choice", "many", "required" }
local argument_types = {
  help = "string", type = "string", choice = "table", many = "boolean", required = "boolean",
}
local types = { "number", "integer", "boolean", "string", "selector", "recording", "file", "lua" }

local function one_of(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local function type_of(default)
  local kind = math.type(default) or type(default)
  if kind == "float" then return "number" end
  if kind == "table" then return "string" end
  return kind
end

local function is_of(kind, value)
  if kind == "integer" then return math.type(value) == "integer" end
  if kind == "number" or kind == "boolean" or kind == "string" then return type(value) == kind end
  return true
end

-- Has the default the argument's type, or, where many may come, is it a list of such?
local function check_default(where, name, kind, many, default, choice)
  local list = many and type(default) == "table" and default or { default }
  for _, value in ipairs(list) do
    if not is_of(kind, value) then
      fail.refused("%s: args.%s: the default '%s' is %s (want %s)", where, name, tostring(value),
        math.type(value) or type(value), kind)
    end
    if choice and not one_of(choice, value) then
      fail.refused("%s: args.%s: the default '%s' is none of its choice", where, name,
        tostring(value))
    end
  end
end

-- One entry of `args` as a pyprof.Option; `at(word)` begins every complaint. A collector's
-- arguments begin with its name.
local function argument(at, name, entry, reserved, prefix)
  local where = at(tostring(name))
  if type(name) ~= "string" or not name:find("^%l[%l%d_]*$") then
    fail.refused("%s: args: '%s' is no name for an argument (use small letters, digits and _)",
      where, tostring(name))
  end
  local key = prefix and prefix .. "_" .. name or name
  local flag = key:gsub("_", "-")
  if reserved[flag] then
    fail.refused("%s: args: '%s' is the name of a common option (choose another)", where, name)
  end
  local common = built_in[name] or {}
  local described = type(entry) == "table" and (#entry > 0 or next(entry) ~= nil)
  local default = entry
  if described then
    default = entry[1]
    for given in pairs(entry) do
      if given ~= 1 and not one_of(argument_keys, given) then
        fail.refused("%s: args.%s: %s", at(tostring(given)), name,
          suggest.unknown("key", given, argument_keys))
      end
      local want = argument_types[given]
      if want and type(entry[given]) ~= want then
        fail.refused("%s: args.%s: '%s' is %s (want %s)", at(tostring(given)), name, given,
          type(entry[given]), want)
      end
    end
    if default == nil then default = entry.default end
  else
    entry = {}
  end
  local many = entry.many or common.many or (type(default) == "table" and #default == 0)
  local kind = entry.type or common.type or (default ~= nil and type_of(default)) or "string"
  if not one_of(types, kind) then
    fail.refused("%s: args.%s: %s", where, name, suggest.unknown("type", kind, types))
  end
  check_default(where, name, kind, many, default, entry.choice)
  if many and default == nil and not entry.required then default = {} end
  -- Where none is named every row is included, not none.
  if name == "include" and type(default) == "table" and #default == 0 then default = nil end
  local option = {
    name = flag, key = key, argument = name, kind = kind, choice = entry.choice, many = many or nil,
    required = entry.required, default = default, help = entry.help or common.help or "",
  }
  if kind == "boolean" then
    option.negatable = default == true
  else
    option.value = kind == "recording" and "FILE" or kind:upper()
    if kind == "number" or kind == "integer" then option.type = kind end
  end
  return option
end

-- A list has no names: what is written beside its entries would not be read.
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
    if not find.our_collectors[name] then
      local collectors = require "pyprof.subject.collectors"
      if not collectors.get(name) then
        fail.refused("%s: %s: %s", at(name), field,
          suggest.unknown("collector", name, collectors.names()))
      end
    end
  end
end

local function check_columns(at, report)
  if not report.columns then return end
  check_list(at, report, "columns")
  local good, message = pcall(require("pyprof.rows.columns").resolve, report.columns, "none")
  if good then return end
  message = tostring(message)
  fail.refused("%s: %s", at(message:match("'([^']*)'") or "columns"), message)
end

local function check(where, at, report)
  for key, value in pairs(report) do
    if fields[key] == nil then
      fail.refused("%s: %s", at(tostring(key)), suggest.unknown("field", key, field_names))
    end
    if type(value) ~= fields[key] then
      fail.refused("%s: '%s' is %s (want %s)", at(key), key, type(value), fields[key])
    end
  end
  for _, key in ipairs { "help", "run" } do
    if report[key] == nil then
      fail.refused("%s: '%s' is missing (a report has help and run)", where, key)
    end
  end
  check_collectors(at, report, "needs")
  check_collectors(at, report, "wants")
  check_columns(at, report)
end

---@class pyprof.LoadedReport
---@field name string             as the user wrote it
---@field report pyprof.Report|nil   nil for a plain script
---@field chunk function|nil      the plain script, not yet run
---@field options pyprof.Option[] its own arguments, sorted by name
---@field brought pyprof.Option[]|nil  those of the users' collectors that it needs or wants

-- What a report's file returns.
local function execute(text, chunk_name, words)
  local chunk, message = load(text, "@" .. chunk_name, "t")
  if not chunk and not chunk_name:find("%.lua$") then
    fail.usage("%s: is no report (which comes before the target: pyprof-lua REPORT %s)", chunk_name,
      chunk_name)
  end
  if not chunk then fail.refused("%s", message) end
  require("pyprof.base.misuse").script = chunk_name
  return chunk(table.unpack(words))
end

--- Finds a report, runs its file once and checks what it returns.
---@param name string
---@param words string[]          what follows it on the command line
---@param executed (fun(text: string, chunk_name: string, words: string[]): any)|nil   another way
---  to run it
---@return pyprof.LoadedReport    without `report` where the file was a plain script and is done
function M.load(name, words, executed)
  local found = find.report(name)
  if not found then
    local names = {}
    if find.report(name .. ".lua") then
      fail.usage("unknown report '%s' (did you mean '%s.lua'?)", name, name)
    end
    for _, entry in ipairs(find.reports()) do names[#names + 1] = entry.name end
    fail.usage("%s (pyprof-lua --list shows the reports)", suggest.unknown("report", name, names))
  end
  local text, message = find.read(found)
  if not text then fail.refused("%s", message) end
  text = text:gsub("^#[^\n]*", "", 1)
  local report = (executed or execute)(text, found.chunk, words)
  if type(report) ~= "table" then return { name = name, options = {} } end
  return M.accept(name, report, text)
end

-- A function from a word of a file to where complaints about it belong.
local function places(name, text)
  return function(word) return find.place(name, text, word) end
end

--- The options that a table of `args` means, sorted by name.
---@param name string         of the file, for complaints
---@param args table|nil
---@param text string|nil     the file's bytes: complaints then name the line
---@param prefix string|nil   of a collector: its name
---@return pyprof.Option[]
function M.own_options(name, args, text, prefix)
  local reserved, own = options.reserved(), {}
  for key, entry in pairs(args or {}) do
    own[#own + 1] = argument(places(name, text), key, entry, reserved, prefix)
  end
  table.sort(own, function(a, b) return a.name < b.name end)
  return own
end

--- Checks a report's table.
---@param name string
---@param report table
---@param text string|nil     the file's bytes: complaints then name the line
---@return pyprof.LoadedReport
function M.accept(name, report, text)
  check(name, places(name, text), report)
  local brought = {}
  for _, list in ipairs { report.needs or {}, report.wants or {} } do
    for _, used in ipairs(list) do
      if not find.our_collectors[used] then
        local more = require("pyprof.subject.collectors").get(used).options
        table.move(more, 1, #more, #brought + 1, brought)
      end
    end
  end
  return {
    name = name, report = report, brought = brought,
    options = M.own_options(name, report.args, text),
  }
end

local function as_it_is(value) return value end

-- Nobody knows whether anything will come.
local function check_plain(value, where)
  local good, message = require("pyprof.core.sys").plain(value)
  if not good then fail.refused("--%s: %s", where, message) end
end

local converters = {
  number = as_it_is, integer = as_it_is, boolean = as_it_is, string = as_it_is,
  selector = function(value, where)
    local misuse = require "pyprof.base.misuse"
    local script = misuse.script
    misuse.script = nil -- the option is at fault, not the report
    local good, message = pcall(require("pyprof.profile.selector").check, value)
    misuse.script = script
    if not good then fail.usage("--%s: %s", where, (tostring(message):gsub("^[^:]*:%d+: ", ""))) end
    return value
  end,
  file = function(value, where)
    check_plain(value, where)
    local sys = require "pyprof.core.sys"
    local good, message = sys.readable(value)
    if not good then fail.refused("--%s: %s", where, message) end
    return value
  end,
  recording = function(value, where, given)
    if type(value) ~= "string" then return value end
    check_plain(value, where)
    local profile, message, kind = require("pyprof.profile.samples").load(value,
      { metric = given.metric })
    if not profile then fail[kind or "refused"]("--%s: %s", where, message) end
    return profile
  end,
  lua = function(value, where)
    if type(value) ~= "string" then return value end
    check_plain(value, where)
    local chunk, message = loadfile(value, "t")
    if not chunk then fail.refused("--%s: %s", where, message) end
    local result = chunk()
    if result == nil then fail.refused("--%s: %s: returns nothing", where, value) end
    return result
  end,
}

-- What the converters open. A report's own default is not opened for a report in a sandbox.
local opened = { recording = true, file = true, lua = true }

local function names_file(option, default)
  if not opened[option.kind] then return false end
  for _, value in ipairs(type(default) == "table" and option.many and default or { default }) do
    if type(value) == "string" then return true end
  end
  return false
end

-- In a sandbox a report has its defaults there; what it supplies is not converted here, and a file
-- of Lua is run there.
local function in_sandbox(option, value, loaded)
  if value == nil and names_file(option, option.default) then
    fail.usage("%s: --%s %s is missing (--sandbox: a report's own default is not opened)",
      loaded.name, option.name, option.value)
  end
  return value, option.kind == "lua" and as_it_is or converters[option.kind]
end

-- Recordings as the views leave them, which is noted.
local function viewed(option, value, views, notes)
  local seen, left = require("pyprof.options.views").apply(views,
    option.many and value or { value })
  for _, note in ipairs(left) do notes[#notes + 1] = ("--%s, %s"):format(option.name, note) end
  return option.many and seen or seen[1]
end

-- A report can only ask for arguments that it names; what was not given is nil. The library gets
-- them as queries.
local function strict(args, own)
  local misuse = require "pyprof.base.misuse"
  local names, known = {}, {}
  for i, option in ipairs(own) do names[i], known[option.argument] = option.argument, true end
  return setmetatable(args, { __index = function(_, key)
    if known[key] or misuse.is_from_library() then return nil end
    misuse.raise("%s", suggest.unknown("argument", key, names))
  end })
end

--- A report's or a collector's arguments: what was given, converted, and the defaults of the rest.
--- Views hold for recordings too, as they do for the target's. For a sandbox it is only what was
--- given.
---@param loaded pyprof.LoadedReport|pyprof.Collector
---@param given table<string, any>
---@return table<string, any>
---@return string[] notes    what views left of recordings
function M.arguments(loaded, given)
  local args, notes = {}, {}
  for _, option in ipairs(loaded.options) do
    local value, convert = given[option.key], converters[option.kind]
    if value == nil then
      if option.required then
        fail.usage("%s: --%s %s is missing", loaded.name, option.name, option.value or "")
      end
      if not given.sandbox then value = option.default end
    end
    if given.sandbox then value, convert = in_sandbox(option, value, loaded) end
    if value ~= nil and option.many and type(value) == "table" then
      local list = {}
      for i, item in ipairs(value) do list[i] = convert(item, option.name, given) end
      args[option.argument] = list
    elseif value ~= nil then
      args[option.argument] = convert(value, option.name, given)
    end
    if option.kind == "recording" and value ~= nil and #given.views > 0 then
      args[option.argument] = viewed(option, args[option.argument], given.views, notes)
    end
  end
  return strict(args, loaded.options), notes
end

-- What an option does, which values it has, and which without being given.
local function described(option)
  local default, remarks = option.default, {}
  if option.required then remarks[1] = "required" end
  if option.choice then
    local names = {}
    for i, choice in ipairs(option.choice) do names[i] = tostring(choice) end
    remarks[#remarks + 1] = table.concat(names, ", ")
  end
  if option.many then remarks[#remarks + 1] = "may come again" end
  if default == true then
    remarks[#remarks + 1] = "on"
  elseif default ~= nil and default ~= false and type(default) ~= "table" then
    remarks[#remarks + 1] = (option.choice and "by itself " or "") .. tostring(default)
  end
  if #remarks == 0 then return option.help end
  return (("%s (%s)"):format(option.help, table.concat(remarks, "; ")):gsub("^ ", ""))
end

--- What `REPORT --help` prints.
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
    listed[i] = setmetatable({ help = described(option) }, { __index = option })
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
