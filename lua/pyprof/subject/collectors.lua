-- subject/collectors.lua - the contract of collect/NAME.lua, a user's or ours; loads and runs it.
local contract = require "pyprof.base.contract"
local fail = require "pyprof.base.fail"
local file = require "pyprof.base.file"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local shipped = require "pyprof.collect.shipped"
local arguments = require "pyprof.options.arguments"

local M = {}

--- A collector. The shipped ones and a user's own have the same contract.
---@class pyprof.Collector
---@field help string
---@field gives nil|fun(target: pyprof.Target, args: table): true|nil, string|nil, string|nil   can
---  it collect from this target, or why not ("refused": something is missing here). It is called
---  before the start. Without it: from every program
---@field runs boolean|nil        it starts the target, or looks into it while it runs; nil: true
---  for a user's, false for a shipped one
---@field args table<string, any>|nil   as a report's; on the command line --NAME-ARG
---@field load nil|fun(path: string, how: { metric: string|nil, python: string|nil }): any,
---  string|nil, pyprof.Run|nil   for --from
---@field collect fun(target: pyprof.Running, args: table, dir: string): any, string|nil, table|nil
---  the data, or nil and a message; how the run went, if it did not use target:run
---@field files nil|fun(value: any): string[]   the program's own files that the data names
---@field part_of string|nil      the collector whose --from and --with apply to it, too
---@field rides string|nil        the collector on whose run it rides, which calls lead(target, dir)
---  for changes of environment, and gather(dir) for what target.brought has afterwards
---@field name string             set when it is loaded
---@field prefix string           of its messages; set when it is loaded
---@field options pyprof.Option[] set when it is loaded

--- The target as a collector gets it.
---@class pyprof.Running : pyprof.Target
---@field options table           the common options' values
---@field profile fun(): pyprof.Profile|pyprof.Graph   the subject's, collected if it is not yet
---@field files fun(): string[]   the program's own files that its runs have shown, sorted
---@field launch fun(options: table): pyprof.Launch|nil, string|nil   starts the next run; see
---  pyprof.target.launch
---@field riders pyprof.Collector[]   what rides on its run
---@field brought table<string, any>   what riders have gathered, by name
---@field run fun(self: pyprof.Running, how: pyprof.Wrapping|nil): pyprof.Exit|nil, string|nil
---  runs the program to its end

--- How a run of the target went.
---@class pyprof.Run
---@field exit pyprof.Exit|nil
---@field quality pyprof.Quality|nil   how well a profiler sampled it
---@field brought table<string, any>|nil   what riders have gathered, by name
---@field tools table<string, string>|nil   the versions of what measured, by name
---@field notes string[]|nil      remarks for a reader of the figures
---@field unsaved string|nil      why the recording could not be saved, and where it is instead
---@field hint string|nil         if there is no value: an option that may help

local fields = contract.new("field", {
  { "help", "string" }, { "args", "table" }, { "load", "function" }, { "collect", "function" },
  { "gives", "function" }, { "runs", "boolean" }, { "files", "function" },
}, { "help", "collect" }, "a collector")
-- These names are fields and methods of every subject.
local taken = { target = true, exit = true, missing = true, notes = true, collect = true }

local loaded = {}
-- What is known of a shipped collector without its file.
local described = { part_of = true, rides = true, view = true, args = true }

local shipped_of = {}
for place, entry in ipairs(shipped) do
  entry.place, shipped_of[entry.name] = place, entry
end

local function is_shipped(name)
  return shipped_of[name] ~= nil
end

--- The place of a collector's run among the runs of a target: the shipped ones come first.
---@param name string
---@return integer
function M.rank(name)
  return is_shipped(name) and shipped_of[name].place or #shipped + 1
end

--- All collectors, by name: the shipped ones with their help, a user's with its place.
---@return { name: string, help: string|nil, found: pyprof.Found|nil }[]
function M.list()
  local list = {}
  for i, entry in ipairs(shipped) do list[i] = { name = entry.name, help = entry.help } end
  for _, entry in ipairs(places.collectors()) do
    if not is_shipped(entry.name) then list[#list + 1] = entry end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The names of all collectors, sorted.
---@return string[]
function M.names()
  local names = {}
  for i, entry in ipairs(M.list()) do names[i] = entry.name end
  return names
end

local function check(found, text, made)
  if type(made) ~= "table" then
    fail.refused("%s: returns %s (a collector is a table)", found.chunk, type(made))
  end
  local message, key = contract.fault(fields, made)
  if message then
    fail.refused("%s: %s", key and places.place(found.chunk, text, key) or found.chunk, message)
  end
end

-- A user's file, run and checked.
local function read(name, found)
  local text, message = places.read(found)
  if not text then fail.refused("%s", message) end
  local chunk
  chunk, message = load(text, "@" .. found.chunk, "t")
  if not chunk then fail.refused("%s", message) end
  local made = chunk()
  check(found, text, made)
  return made, arguments.options(found.chunk, made.args, text, name)
end

-- A shipped one: its functions come with its file.
local function shipped_one(name)
  local entry = shipped_of[name]
  local collector = {
    name = name, prefix = "", help = entry.help, runs = entry.runs or false,
    options = arguments.options("collect/" .. name, entry.args, nil, name),
  }
  return setmetatable(collector, { __index = function(_, key)
    if described[key] then return entry[key] end
    return require("pyprof.collect." .. name)[key]
  end })
end

--- The collector of that name; a user's file is run and checked once.
---@param name string
---@return pyprof.Collector|nil   nil: there is none
function M.get(name)
  if loaded[name] then return loaded[name] end
  if is_shipped(name) then
    loaded[name] = shipped_one(name)
    return loaded[name]
  end
  local found = not taken[name] and places.collector(name)
  if not found then return nil end
  local made, options = read(name, found)
  local collector = setmetatable({ name = name, options = options, prefix = name .. ": " },
    { __index = made })
  if collector.runs == nil then collector.runs = true end
  loaded[name] = collector
  return collector
end

--- A name that no collector has is a usage error.
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

--- The values of `--from` and `--with`, by the collector that they replace.
---@param options table       the common options' values
---@return table<string, string> from    files
---@return table<string, string> with    names of collectors
function M.choices(options)
  local from, with = {}, {}
  for _, value in ipairs(options.from or {}) do
    local name, path = value:match("^([^=]+)=(.+)$")
    if not name then fail.usage("--from: '%s' is not COLLECTOR=FILE", value) end
    M.check("--from", name)
    if not M.get(name).load then
      fail.usage("--from: '%s' cannot be taken from a file", name)
    end
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

--- The data in a file, loaded by the collector that would have made it.
---@param name string
---@param path string
---@param options table       the options' values
---@return any value
---@return string|nil message
---@return pyprof.Run|nil run   with notes, if there are any
function M.load(name, path, options)
  local good, why = sys.plain(path)
  if not good then return nil, "--from: " .. why end
  local value, message, run =
    M.get(name).load(path, { metric = options.metric, python = options.python })
  if value == nil then return nil, message or path .. ": load returned nil" end
  return value, nil, run
end

-- The argument list of a run: `before` stands before all, `via` after the interpreter, and `argv`
-- replaces all.
local function words_of(target, how)
  if how.argv then return how.argv end
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

-- The collectors that ride on this one's run of the target, if the report reads their data.
local function riders(name, target, options, session)
  local list = {}
  for _, rider in ipairs(target.kind == "program" and shipped or {}) do
    local wanted = rider.rides == name and session.reads(rider.name)
    for _, view in ipairs(options.views) do
      wanted = wanted or rider.rides == name and view.name == rider.view
    end
    if wanted and M.gives(rider.name, target, options) then list[#list + 1] = M.get(rider.name) end
  end
  return list
end

-- The target as a collector gets it; stores in `went` how its run ended.
local function running(name, target, options, session, went)
  local function launch(settings)
    return session.passes():start(name, settings)
  end
  local function run(_, how)
    how = misuse.options(how, { "before", "via", "env", "argv" })
    local argv, message = words_of(target, how)
    if not argv then return nil, message end
    if not file.which(argv[1]) then
      return nil, argv[1] .. ": no such command"
    end
    local started
    started, message = launch {
      argv = argv, env = require("pyprof.target.process").changes(how.env),
      duration = options.duration, progress = options.progress,
    }
    if not started then return nil, message end
    went.exit = started:wait()
    return went.exit
  end
  return setmetatable({
    run = run, options = options, profile = session.profile, files = session.files,
    launch = launch, riders = riders(name, target, options, session), brought = session.brought,
  }, { __index = target })
end

--- Can the collector collect from this target? Starts nothing.
---@param name string
---@param target pyprof.Target
---@param options table       the options' values
---@return true|nil
---@return string|nil why
function M.gives(name, target, options)
  local collector = M.get(name)
  if collector.gives then return collector.gives(target, options) end
  if target.kind == "program" then return true end
  return nil, ("%s: has no %s (name a program, or --from %s=FILE)"):format(target.name, name, name)
end

--- Runs a collector. One that starts the target gets a directory of its own until it returns.
---@param name string
---@param target pyprof.Target
---@param options table       the options' values
---@param session { profile: function, files: function, passes: fun(): pyprof.Passes,
---  reads: fun(name: string): boolean, brought: table<string, any> }
---@return any value
---@return string|nil message
---@return pyprof.Run run     how the target's run went, if there was one
function M.collect(name, target, options, session)
  local collector, went = M.get(name), {}
  local args = arguments.values(collector, options)
  local starts = collector.runs and (target.kind == "program" or target.kind == "pid")
  local place, reason
  if starts then
    place, reason = process.directory()
    if not place then return nil, reason, went end
  end
  local directory <close> = place
  local value, message, run = collector.collect(
    running(name, target, options, session, went), args, starts and directory:path() or nil)
  for rider, found in pairs(run and run.brought or {}) do session.brought[rider] = found end
  if value == nil then message = collector.prefix .. (message or "collect returned nil") end
  return value, message, run or went
end

return M
