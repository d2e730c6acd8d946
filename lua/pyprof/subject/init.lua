-- subject/init.lua - a target with what has been collected about it.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"

local M = {}

--- A target with what has been collected about it. A report reads what is in its needs and
--- wants; to read anything else raises.
---@class pyprof.Subject
---@field target pyprof.Target
---@field profile pyprof.Profile|nil
---@field recordings pyprof.Profile[]|nil   one by one, where the profile has them merged
---@field source pyprof.Source|nil
---@field exit table|nil            how the target ended
---@field missing table<string, string>   why something wanted is not there
---@field notes string[]            what a reader of the report should know about the data

-- What can be read whatever the report needs.
local always = { target = true, exit = true, missing = true, notes = true }

local Subject, methods = {}, {}

local function field_names(data)
  local names = { "target", "exit", "missing", "notes" }
  for name in pairs(data.readable) do names[#names + 1] = name end
  if data.lazy then
    local more = require("pyprof.subject.collectors").names()
    table.move(more, 1, #more, #names + 1, names)
  end
  return names
end

function Subject.__index(subject, key)
  if methods[key] then return methods[key] end
  local data = rawget(subject, "data")
  if always[key] then
    if key == "exit" then return data.target.exit end
    return data[key]
  end
  if data.readable[key] then return data.values[key] end
  if data.lazy and M.exists(key) then
    data.collect(key)
    if data.values[key] == nil then fail.refused("%s", data.missing[key]) end
    return data.values[key]
  end
  local known = field_names(data)
  table.sort(known)
  if M.exists(key) then
    misuse.raise("subject.%s: not collected (add it to the report's needs or wants)", key)
  end
  misuse.raise("%s", suggest.unknown("field of the subject:", key, known))
end

function Subject.__newindex()
  error("a subject cannot be changed", 2)
end

--- Is there a collector of that name?
---@param name any
---@return boolean
function M.exists(name)
  if type(name) ~= "string" then return false end
  return places.our_collectors[name] or require("pyprof.subject.collectors").get(name) ~= nil
end

-- What a collector gives, or the file or the other collector that has its place.
local function obtain(data, name)
  local collectors = require "pyprof.subject.collectors"
  local args = setmetatable({ profile_of = data.profile_of }, { __index = data.options })
  if data.from[name] then return collectors.load(name, data.from[name], args) end
  return collectors.collect(data.with[name] or name, data.target, args)
end

--- Is this a profile, be it of stacks or only of calls? Asked of what may be a scan: then neither
--- module need be there.
---@param value any
---@return boolean
function M.is_profile(value)
  for _, name in ipairs { "pyprof.profile.samples", "pyprof.profile.graph" } do
    local module = package.loaded[name]
    if module and module.is(value) then return true end
  end
  return false
end

-- As the command line's views leave it.
local function viewed(data, name, value)
  local views = data.options.views
  if #views == 0 then return value, {} end
  local apply = require("pyprof.options.views").apply
  if M.is_profile(value) then
    local profiles, notes = apply(views, { value })
    return profiles[1], notes
  elseif name == "recordings" and require("pyprof.collect.recordings").several(data.target) then
    return apply(views, value)
  end
  return value, {}
end

local function collect(data, name)
  if data.tried[name] then return end
  local value, message, kind = obtain(data, name)
  if value ~= nil and name == "profile" and not M.is_profile(value) then
    value, message = nil, ("%s: gives no profile"):format(data.with.profile)
  end
  local quality = name == "profile" and data.target.quality
  for _, note in ipairs(quality and quality.notes or {}) do table.insert(data.notes, note) end
  if value == nil then
    data.missing[name], data.tried[name] = message, true
    if kind == "usage" then fail.usage("%s", message) end
    return
  end
  if name == "profile" then
    local metrics = value.metrics
    if metrics and #metrics > 1 and not data.options.metric then
      table.insert(data.notes, ("metric: %s (--metric picks one of: %s)"):format(value.metric,
        table.concat(metrics, ", ")))
    end
  end
  local notes
  value, notes = viewed(data, name, value)
  table.move(notes, 1, #notes, #data.notes + 1, data.notes)
  -- Not before it is there: what Ctrl-C stopped is tried again.
  data.values[name], data.tried[name] = value, true
end

-- With other options than the command line's: anew, and nothing is kept.
local function collect_anew(data, name, changes)
  if data.options.sandbox then misuse.raise("--sandbox: nothing is collected anew") end
  local options = setmetatable(changes, { __index = data.options })
  local anew = setmetatable({ options = options }, { __index = data })
  local value, message = obtain(anew, name)
  if value ~= nil then value = viewed(anew, name, value) end
  return value, message
end

--- Collects what the report wants and only may need; with changes of options (`{ duration = 1 }`)
--- it is collected anew each time.
---     local source, message = subject:collect "source"
---@param name string
---@param changes table|nil
---@return any value
---@return string|nil message
function methods:collect(name, changes)
  local data = rawget(self, "data")
  if not M.exists(name) or not data.readable[name] and not data.lazy then
    misuse.raise("subject:collect: '%s' is not in the report's needs or wants", name)
  end
  if changes then return collect_anew(data, name, changes) end
  collect(data, name)
  return data.values[name], data.missing[name]
end

--- Collects again and again, with changes of options (`{ duration = 1 }`): an iterator of values.
--- It ends with a ^C, which is one for it alone, or when the process is gone.
---     for profile in subject:again("profile", { duration = 1 }) do
---       print(profile.samples)
---     end
---@param name string
---@param changes table
---@return fun(): any
function methods:again(name, changes)
  if rawget(self, "data").options.sandbox then
    misuse.raise("--sandbox: nothing is collected anew")
  end
  -- Open all the while: a ^C that comes between two of them is the next one's.
  local run = assert(require("pyprof.core.process").open())
  local over, first = false, true
  local function collect_next()
    if over then return nil end
    local options = {}
    for key, value in pairs(changes) do options[key] = value end
    local value, message = self:collect(name, options)
    if value == nil and first then fail.refused("%s", message) end
    over, first = value == nil or self.exit.ended_by ~= "duration", false
    return value
  end
  return collect_next, nil, nil, run
end

-- A program's source is scanned before it runs; what belongs to a recording, a process or a
-- command is known only from its samples.
local function order(data, names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  local early = data.target.kind == "program" and data.target.form ~= "command"
  table.sort(list, function(a, b)
    if early then return a > b end
    return a < b
  end)
  return list
end

-- Recordings are what the profile is made of.
local function made_from(name)
  return name == "recordings" and "profile" or name
end

-- Known before anything is started: can the target give it?
local function check_possible(data, name)
  name = made_from(name)
  local target, used = data.target, data.with[name] or name
  if data.from[name] then return end
  if used == "source" then
    local message = require("pyprof.collect.source").lacking(target)
    if message then fail.usage("%s", message) end
  elseif used == "stacks" and target.kind ~= "pid" then
    fail.usage("%s", select(2, require("pyprof.collect.stacks").collect(target, data.options)))
  elseif used == "profile" and target.kind == "source" then
    fail.usage("%s: nothing to profile there (name a script, or -m with a module)", target.name)
  elseif not places.our_collectors[used] and target.kind ~= "program" then
    fail.usage("%s", require("pyprof.subject.collectors").cannot(used, target))
  end
end

-- Of what is only wanted: what costs nothing worth asking about, is there already, or was asked
-- for. From a sandbox nothing can be collected later.
local function is_due(data, name)
  name = made_from(name)
  return name == "source" or data.from[name] ~= nil or data.with[name] ~= nil or
    name == "profile" and (data.target.kind == "recordings" or
      data.options.sandbox and data.target.kind ~= "source")
end

-- What --from and --with name must be of use to the report.
local function check_used(data, choices)
  local names = {}
  for name in pairs(choices) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not data.readable[name] and not (name == "profile" and data.readable.recordings) then
      fail.usage("%s: of no use here (the report neither needs nor wants it)", name)
    end
  end
end

-- What is needed and not there.
local function refuse(data, message)
  if message == require("pyprof.collect.source").elsewhere then
    message = ("%s: %s (--from source=FOLDER says where)"):format(data.target.name, message)
  end
  fail.refused("%s", message)
end

--- The names of a Subject's fields and methods, or of the methods alone.
---@param subject pyprof.Subject
---@param only_methods boolean|nil
---@return string[]
function M.names(subject, only_methods)
  local names = only_methods and {} or field_names(rawget(subject, "data"))
  for name in pairs(methods) do names[#names + 1] = name end
  return names
end

--- Is this a Subject?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Subject
end

--- A subject for a report: everything that it needs, and of what it wants what is there or asked
--- for, is collected here. Without a report everything is collected at the first read.
---@param target pyprof.Target
---@param report pyprof.Report|nil
---@param options table
---@param given table<string, any>|nil   what is there already, by name
---@return pyprof.Subject
function M.new(target, report, options, given)
  local data = {
    target = target, options = options, values = {}, missing = {}, notes = {}, tried = {},
    readable = {}, lazy = not report, from = {}, with = {},
  }
  for name, value in pairs(given or {}) do
    data.values[name], data.tried[name] = value, true
  end
  if options.from or options.with then
    data.from, data.with = require("pyprof.subject.collectors").choices(options)
  end
  data.collect = function(name) collect(data, name) end
  data.profile_of = function()
    collect(data, "profile")
    return data.values.profile or fail.refused("%s", data.missing.profile)
  end
  if not report then return setmetatable({ data = data }, Subject) end
  local names, needed = {}, {}
  for _, name in ipairs(report.needs or {}) do
    names[name], needed[name], data.readable[name] = true, true, true
    check_possible(data, name)
  end
  for _, name in ipairs(report.wants or {}) do
    data.readable[name] = true
    if is_due(data, name) then
      names[name] = true
      if name ~= "source" then check_possible(data, name) end
    end
  end
  check_used(data, data.from)
  check_used(data, data.with)
  for _, name in ipairs(order(data, names)) do
    collect(data, name)
    if needed[name] and data.values[name] == nil then refuse(data, data.missing[name]) end
  end
  return setmetatable({ data = data }, Subject)
end

return M
