-- options/arguments.lua - the arguments of reports and collectors: makes options of the command
-- line from `args`, and values from the words given there.
local contract = require "pyprof.base.contract"
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local regex = require "pyprof.base.regex"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local sys = require "pyprof.core.sys"
local options = require "pyprof.options"
local views = require "pyprof.options.views"
local profiles = require "pyprof.profile"
local selector = require "pyprof.profile.selector"
local rows = require "pyprof.rows"

local M = {}

-- Arguments that mean the same in every report.
local built_in = {
  limit = { type = "integer", all = true, short = "n", help = "at most so many rows, or all" },
  sort = { type = "string", help = "the field to sort by; -FIELD reverses" },
  include = { type = "selector", many = true, help = "only these rows" },
  exclude = { type = "selector", many = true, help = "not these rows" },
}
local keys = contract.new("key", {
  { 1 }, { "default" }, { "help", "string" }, { "type", "string" }, { "choice", "table" },
  { "many", "boolean" }, { "required", "boolean", "table" }, { "collects", "string" },
  { "min", "number" }, { "max", "number" }, { "fields", "table" },
})
local types = { "number", "percent", "integer", "boolean", "string", "pattern", "selector",
  "thread", "window", "recording", "file", "lua" }

-- The names of values in the help, where they are not those of the types.
local value_names = { recording = "FILE", thread = "SELECTOR", window = "A..B" }

local function type_of(default)
  local kind = math.type(default) or type(default)
  if kind == "float" then return "number" end
  if kind == "table" then return "string" end
  return kind
end

local function is_of(kind, value)
  if kind == "integer" then return math.type(value) == "integer" end
  if kind == "percent" then return type(value) == "number" end
  if kind == "number" or kind == "boolean" or kind == "string" then return type(value) == kind end
  return true
end

-- Refuses a default, or an item of a list of defaults, that is not of the argument's type.
local function check_default(where, name, kind, many, default, choice)
  local list = many and type(default) == "table" and default or { default }
  for _, value in ipairs(list) do
    if not is_of(kind, value) then
      fail.refused("%s: args.%s: the default '%s' is %s (want %s)", where, name, tostring(value),
        math.type(value) or type(value), kind)
    end
    if choice and not tables.has(choice, value) then
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
  local full = prefix and prefix .. "_" .. name or name
  local flag = full:gsub("_", "-")
  if reserved[flag] then
    fail.refused("%s: args: '%s' is the name of a common option (choose another)", where, name)
  end
  local common = built_in[name] or {}
  local described = type(entry) == "table" and (#entry > 0 or next(entry) ~= nil)
  local default = entry
  if described then
    default = entry[1]
    local message, key = contract.fault(keys, entry)
    if message then fail.refused("%s: args.%s: %s", at(key), name, message) end
    if default == nil then default = entry.default end
  else
    entry = {}
  end
  local many = entry.many or common.many or (type(default) == "table" and #default == 0)
  local kind = entry.type or common.type or (default ~= nil and type_of(default)) or "string"
  if not tables.has(types, kind) then
    fail.refused("%s: args.%s: %s", where, name, suggest.unknown("type", kind, types))
  end
  check_default(where, name, kind, many, default, entry.choice)
  for i, field in ipairs(entry.fields or {}) do
    if type(field) ~= "string" then
      fail.refused("%s: args.%s: fields[%d] is %s (want a field's name)", where, name, i,
        type(field))
    end
  end
  if many and default == nil and entry.required ~= true then default = {} end
  -- An empty list would include no row; without a value every row is included.
  if name == "include" and type(default) == "table" and #default == 0 then default = nil end
  local option = {
    name = flag, key = full, argument = name, kind = kind, choice = entry.choice,
    many = many or nil, required = entry.required, default = default, collects = entry.collects,
    help = entry.help or common.help or "", all = common.all,
    min = entry.min, max = entry.max, fields = entry.fields,
    short = not prefix and common.short or nil,
  }
  if kind == "boolean" then
    option.negatable = default == true
  else
    option.value = value_names[kind] or kind:upper()
    if kind == "number" or kind == "percent" or kind == "integer" then option.type = kind end
  end
  return option
end

--- The options that a table of `args` declares, sorted by name.
---@param name string         of the file, for complaints
---@param args table|nil
---@param text string|nil     the file's bytes: complaints then name the line
---@param prefix string|nil   of a collector: its name
---@return pyprof.Option[]
function M.options(name, args, text, prefix)
  local reserved, own = options.reserved(), {}
  local function at(word) return places.place(name, text, word) end
  for _, key in ipairs(tables.keys(args or {})) do
    own[#own + 1] = argument(at, key, args[key], reserved, prefix)
  end
  table.sort(own, function(a, b) return a.name < b.name end)
  return own
end

local function as_it_is(value) return value end

-- A FIFO or a device is refused: it may never send anything.
local function check_plain(value, where)
  local good, message = sys.plain(value)
  if not good then fail.refused("--%s: %s", where, message) end
end

local function checker(kind)
  return function(value, where)
    local good, message = misuse.of_option(selector.check, value, kind)
    if not good then fail.usage("--%s: %s", where, message) end
    return value
  end
end

-- Refuses a pattern that PCRE2 cannot compile; the report's argument `flags` belongs to it.
local function check_pattern(value, where, given)
  misuse.want(value, "string", where .. ": a pattern")
  local flags = type(given.flags) == "string" and given.flags or ""
  local good, message = regex.compile("", flags)
  if not good then fail.usage("--flags: %s", message) end
  good, message = regex.compile(value, flags)
  if not good then fail.usage("--%s: %s", where, message) end
  return value
end

-- Refuses a number that is out of the argument's range, and a field that no row has; gives the
-- name of the field for the head of its column.
local function check_value(option, value)
  if math.type(value) and option.min and value < option.min then
    fail.usage("--%s: %.14g is less than %.14g", option.name, value, option.min)
  elseif math.type(value) and option.max and value > option.max then
    fail.usage("--%s: %.14g is more than %.14g", option.name, value, option.max)
  elseif option.fields then
    local field, message = rows.sort_field(value, option.fields)
    if not field then fail.usage("--%s: %s", option.name, message) end
    return field
  end
  return value
end

local converters = {
  number = as_it_is, percent = as_it_is, integer = as_it_is, boolean = as_it_is,
  string = as_it_is, pattern = check_pattern,
  selector = checker "frame", thread = checker "thread",
  window = function(value, where)
    return type(value) == "string" and { views.window(value, where) } or value
  end,
  file = function(value, where)
    check_plain(value, where)
    local good, message = sys.readable(value)
    if not good then fail.refused("--%s: %s", where, message) end
    return value
  end,
  recording = function(value, where, given)
    if profiles.is(value) then return value end
    if type(value) ~= "string" then
      fail.usage("--%s: a recording or a profile is wanted, not %s", where, misuse.shown(value))
    end
    check_plain(value, where)
    local profile, message, kind = profiles.load(value, { metric = given.metric })
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

-- The types whose converters open files. They open no default of a report in a sandbox.
local opened = { recording = true, file = true, lua = true }

local function names_file(option, default)
  if not opened[option.kind] then return false end
  for _, value in ipairs(type(default) == "table" and option.many and default or { default }) do
    if type(value) == "string" then return true end
  end
  return false
end

-- The sandbox applies the report's own defaults and runs files of Lua. Nothing that the report
-- supplies is converted here.
local function in_sandbox(option, value, loaded)
  if value == nil and names_file(option, option.default) then
    fail.usage("%s: --%s %s is missing (--sandbox: a report's own default is not opened)",
      loaded.name, option.name, option.value)
  end
  return value, option.kind == "lua" and as_it_is or converters[option.kind]
end

-- Is a required option missing? `required` may be a list of options of which one is enough.
local function check_given(loaded, option, given)
  local others = {}
  for i, name in ipairs(type(option.required) == "table" and option.required or {}) do
    if given[name] ~= nil then return end
    others[i] = "--" .. name:gsub("_", "-")
  end
  fail.usage("%s: --%s %s is missing%s", loaded.name, option.name, option.value or "",
    #others > 0 and (" (or of TARGET: %s)"):format(table.concat(others, ", ")) or "")
end

-- Recordings after the views; adds a note for each view.
local function viewed(option, value, given, notes)
  local seen, left = views.apply(given, option.many and value or { value })
  for _, note in ipairs(left) do notes[#notes + 1] = ("--%s, %s"):format(option.name, note) end
  return option.many and seen or seen[1]
end

-- Is this one value, and no list of them? A profile is, and so is a row as a selector.
local function is_one(value)
  return type(value) ~= "table" or profiles.is(value) or rawget(value, "name") ~= nil
end

-- A report may only read arguments that it declares; one without a value is nil. The library may
-- read others, since it gets the table as a query.
local function strict(args, own)
  local names, known = {}, {}
  for i, option in ipairs(own) do names[i], known[option.argument] = option.argument, true end
  return setmetatable(args, { __index = function(_, key)
    if known[key] or misuse.is_from_library() then return nil end
    misuse.raise("%s", suggest.unknown("argument", key, names))
  end })
end

--- A report's or a collector's arguments: the given values, converted, and the defaults of the
--- others. Views apply to recordings here as to the target's. A sandbox gets only given values.
---@param loaded pyprof.LoadedReport|pyprof.Collector
---@param given table<string, any>
---@return table<string, any>
---@return string[] notes    the share that each view left of the recordings
function M.values(loaded, given)
  local args, notes = {}, {}
  -- Collectors run outside of the sandbox, with their defaults.
  local confined = given.sandbox and rawget(loaded, "report") ~= nil
  for _, option in ipairs(loaded.options) do
    local value, convert = given[option.key], converters[option.kind]
    if value == nil then
      if option.required then check_given(loaded, option, given) end
      if not confined then value = option.default end
    end
    if option.all and value == "all" then value = options.all end -- the prompt gives what it got
    if confined then value, convert = in_sandbox(option, value, loaded) end
    local listed = option.many and (type(value) == "table" or option.kind == "recording")
    if value ~= nil and listed then
      local list = {}
      if is_one(value) then value = { value } end
      for i, item in ipairs(value) do
        list[i] = check_value(option, convert(item, option.name, given))
      end
      args[option.argument] = list
    elseif value ~= nil then
      args[option.argument] = check_value(option, convert(value, option.name, given))
    end
    local any = option.kind == "recording" and value ~= nil and not (option.many and #value == 0)
    if any and #given.views > 0 then
      args[option.argument] = viewed(option, args[option.argument], given.views, notes)
    end
  end
  return strict(args, loaded.options), notes
end

--- The collectors that the command line asks for by a report's arguments: a flag asks for the one
--- of its name; any argument with `collects` asks for the one of that name. A flag that is on by
--- itself asks mildly: for what can be collected.
---@param loaded pyprof.LoadedReport
---@param args table<string, any>
---@return table<string, "firmly"|"mildly">
function M.asked(loaded, args)
  local asked = {}
  for _, option in ipairs(loaded.options) do
    if (option.kind == "boolean" or option.collects) and args[option.argument] then
      asked[option.collects or option.argument] = option.default and "mildly" or "firmly"
    end
  end
  return asked
end

return M
