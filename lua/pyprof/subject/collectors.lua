-- subject/collectors.lua - what collect/NAME.lua has to be, a user's or ours, and running it.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"

local M = {}

---@class pyprof.Collector
---@field help string
---@field collect fun(target: pyprof.Target, args: table, dir: string): any, string|nil
---@field load nil|fun(path: string): any, string|nil   for --from NAME=FILE
---@field args table<string, any>|nil   as a report's; on the command line --NAME-ARG. Ours have
---  the common options in their place
---@field name string             set when it is loaded
---@field options pyprof.Option[] set when it is loaded

local fields = { help = "string", args = "table", load = "function", collect = "function" }
local field_names = { "help", "args", "load", "collect" }
-- What a subject has under these names is something else.
local taken = { target = true, exit = true, missing = true, notes = true, collect = true }

local loaded = {}

--- The names of all collectors, sorted.
---@return string[]
function M.names()
  local names = {}
  for name in pairs(places.our_collectors) do names[#names + 1] = name end
  for _, entry in ipairs(places.collectors()) do names[#names + 1] = entry.name end
  table.sort(names)
  return names
end

local function check(found, text, made)
  if type(made) ~= "table" then
    fail.refused("%s: returns %s (a collector is a table)", found.chunk, type(made))
  end
  local unknown = {}
  for key in pairs(made) do
    if fields[key] == nil then unknown[#unknown + 1] = tostring(key) end
  end
  table.sort(unknown)
  if unknown[1] then
    fail.refused("%s: %s", places.place(found.chunk, text, unknown[1]),
      suggest.unknown("field", unknown[1], field_names))
  end
  for _, key in ipairs(field_names) do
    local value = made[key]
    if value == nil and (key == "help" or key == "collect") then
      fail.refused("%s: '%s' is missing (a collector has help and collect)", found.chunk, key)
    elseif value ~= nil and type(value) ~= fields[key] then
      fail.refused("%s: '%s' is %s (want %s)", places.place(found.chunk, text, key), key,
        type(value), fields[key])
    end
  end
end

--- The collector of that name; a user's file is run and checked once.
---@param name string
---@return pyprof.Collector|nil   nil: there is none
function M.get(name)
  if loaded[name] then return loaded[name] end
  if places.our_collectors[name] then return require("pyprof.collect." .. name) end
  local found = not taken[name] and places.collector(name)
  if not found then return nil end
  local text, message = places.read(found)
  if not text then fail.refused("%s", message) end
  local chunk
  chunk, message = load(text, "@" .. found.chunk, "t")
  if not chunk then fail.refused("%s", message) end
  local made = chunk()
  check(found, text, made)
  local collector = setmetatable({ name = name }, { __index = made })
  collector.options = require("pyprof.report").own_options(found.chunk, made.args, text, name)
  loaded[name] = collector
  return collector
end

--- Refuses a name that no collector has: the command line means nothing.
---@param where string
---@param name string
function M.check(where, name)
  if not M.get(name) then
    fail.usage("%s: %s", where, suggest.unknown("collector", name, M.names()))
  end
end

--- The options that `--with` brings: those of the collector that it names.
---@param value string    [COLLECTOR=]NAME
---@return pyprof.Option[]
function M.options_of(value)
  local collector = M.get(value:match("[^=]*$"))
  return collector and collector.options or {}
end

--- `--from` and `--with` by the collector whose place they take.
---@param options table       the common options' values
---@return table<string, string> from    files
---@return table<string, string> with    names of collectors
function M.choices(options)
  local from, with = {}, {}
  for _, value in ipairs(options.from or {}) do
    local name, path = value:match("^([^=]+)=(.+)$")
    if not name then fail.usage("--from: '%s' is not COLLECTOR=FILE", value) end
    M.check("--from", name)
    from[name] = path
  end
  for _, value in ipairs(options.with or {}) do
    local name, other = value:match("^([^=]+)=(.+)$")
    M.check("--with", name or value)
    if other then M.check("--with", other) end
    if name == "recordings" then
      fail.usage("--with: recordings are those of the profile (profile=%s)", other)
    end
    with[name or value] = other or value
  end
  return from, with
end

--- What a file holds, by the collector that would have made it.
---@param name string
---@param path string
---@param options table       the options' values
---@return any value
---@return string|nil message
---@return "usage"|nil kind
function M.load(name, path, options)
  local collector = M.get(name)
  if not collector or not collector.load then
    return nil, ("--from: '%s' cannot be taken from a file"):format(name), "usage"
  end
  local good, why = require("pyprof.core.sys").plain(path)
  if not good then return nil, "--from: " .. why end
  if places.our_collectors[name] then return collector.load(path, options) end
  local value, message = collector.load(path)
  if value == nil then return nil, message or path .. ": load returned nil" end
  return value
end

-- The argument list of a run: `before` stands before all, `via` after the interpreter.
local function words_of(target, how)
  local argv = {}
  local function add(list, first) table.move(list, first, #list, #argv + 1, argv) end
  add(how.before or {}, 1)
  if not how.via then
    add(target.argv, 1)
    return argv
  end
  if not target.python then
    return nil, ("%s: not run by a Python that is known (name a script, or -m with a module)")
      :format(target.name)
  end
  argv[#argv + 1] = target.python
  add(how.via, 1)
  add(target.argv, 2)
  return argv
end

-- The target as a collector sees it: it can be run, and how it ended is remembered.
local function runnable(target, options)
  local function run(_, how)
    how = misuse.options(how, { "before", "via", "env" })
    local argv, message = words_of(target, how)
    if not argv then return nil, message end
    local which = require("pyprof.target").which
    if not which(argv[1]) then return nil, argv[1] .. ": no such command" end
    return require("pyprof.target.launch").run(target, {
      argv = argv, env = require("pyprof.target.process").changes(how.env),
      duration = options.duration, progress = options.progress,
    })
  end
  return setmetatable({ run = run }, { __index = target })
end

--- Runs a collector; a user's has a directory of its own, which is gone afterwards.
---@param name string
---@param target pyprof.Target
---@param options table       the options' values
---@return any value
---@return string|nil message
---@return "usage"|nil kind
function M.collect(name, target, options)
  local collector = M.get(name)
  if places.our_collectors[name] then return collector.collect(target, options) end
  if target.kind ~= "program" then
    return nil, M.cannot(name, target), "usage"
  end
  local args = require("pyprof.report").arguments(collector, options)
  local place, message = require("pyprof.core.process").directory()
  if not place then return nil, message end
  local directory <close> = place
  local value
  value, message = collector.collect(runnable(target, options), args, directory:path())
  if value == nil then return nil, name .. ": " .. (message or "collect returned nil") end
  return value
end

--- What is said where a target cannot give what a report needs.
---@param name string
---@param target pyprof.Target
---@return string
function M.cannot(name, target)
  return ("%s: has no %s (name a program, or --from %s=FILE)"):format(target.name, name, name)
end

return M
