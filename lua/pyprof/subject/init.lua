-- subject/init.lua - a target with what has been collected about it.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local process = require "pyprof.core.process"
local views = require "pyprof.options.views"
local collectors = require "pyprof.subject.collectors"

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

local Subject, methods = { __name = "pyprof.Subject" }, {}

local function field_names(data)
  local names = { "target", "exit", "missing", "notes" }
  for name in pairs(data.readable) do names[#names + 1] = name end
  if data.lazy then
    local more = collectors.names()
    table.move(more, 1, #more, #names + 1, names)
  end
  return names
end

function Subject.__index(subject, key)
  if methods[key] then return methods[key] end
  local data = rawget(subject, "data")
  if key == "exit" then return data.ran.exit end
  if always[key] then
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
  return collectors.get(name) ~= nil
end

-- What a collector gives, or the file or the other collector that has its place.
local function obtain(data, name)
  if data.from[name] then return collectors.load(name, data.from[name], data.options) end
  local value, message, run =
    collectors.collect(data.with[name] or name, data.target, data.options, data.profile)
  local ran = data.ran
  ran.exit, ran.unsaved = run.exit or ran.exit, run.unsaved or ran.unsaved
  return value, message, run
end

--- Is this a profile, be it of stacks or only of calls? Asked of what may be a scan: then the
--- module need not be there.
---@param value any
---@return boolean
function M.is_profile(value)
  local profile = package.loaded["pyprof.profile"]
  return profile ~= nil and profile.is(value)
end

-- As the command line's views leave it.
local function viewed(data, value)
  local asked = data.options.views
  if #asked == 0 then return value, {} end
  if M.is_profile(value) then
    local profiles, notes = views.apply(asked, { value })
    return profiles[1], notes
  elseif type(value) == "table" and rawget(value, 2) ~= nil and M.is_profile(value[1]) then
    return views.apply(asked, value) -- of one the view was applied when it was made
  end
  return value, {}
end

local function collect(data, name)
  if data.tried[name] then return end
  local value, message, run = obtain(data, name)
  if value ~= nil and name == "profile" and not M.is_profile(value) then
    value, message = nil, ("%s: gives no profile"):format(data.with.profile)
  end
  for _, note in ipairs(run and run.notes or {}) do table.insert(data.notes, note) end
  if value == nil then
    data.missing[name], data.tried[name], data.hints[name] = message, true, run and run.hint
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
  value, notes = viewed(data, value)
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
  if value ~= nil then value = viewed(anew, value) end
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
  local run = assert(process.open())
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

-- What does not start the target comes first: a program's source is scanned before it runs. But
-- what belongs to a recording, a process or a command is known only from its samples.
local function order(data, names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  local known = data.target.kind == "program" and data.target.form ~= "command"
  table.sort(list, function(a, b)
    local a_runs, b_runs = collectors.get(a).runs, collectors.get(b).runs
    if a_runs ~= b_runs then return a_runs ~= known end
    return a < b
  end)
  return list
end

-- Recordings are what the profile is made of.
local function made_from(name)
  return collectors.get(name).part_of or name
end

-- Known before anything is started: can the target give it?
local function gives(data, name)
  name = made_from(name)
  if data.from[name] then return true end
  return collectors.gives(data.with[name] or name, data.target, data.options)
end

-- Of what is only wanted: what does not run the target, or was asked for. From a sandbox nothing
-- can be collected later.
local function is_due(data, name)
  name = made_from(name)
  return not collectors.get(name).runs or data.target.kind == "recordings" or
    data.from[name] ~= nil or data.with[name] ~= nil or
    name == "profile" and data.options.sandbox ~= nil
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

--- A subject for a report. Without one everything is collected at the first read.
---@param target pyprof.Target
---@param report pyprof.Report|nil
---@param options table
---@param given table<string, any>|nil   what is there already, by name
---@return pyprof.Subject
function M.new(target, report, options, given)
  local data = {
    target = target, options = options, values = {}, missing = {}, hints = {}, notes = {},
    tried = {}, ran = {}, readable = {}, lazy = not report, report = report, from = {}, with = {},
  }
  for name, value in pairs(given or {}) do
    data.values[name], data.tried[name] = value, true
  end
  if options.from or options.with then data.from, data.with = collectors.choices(options) end
  data.collect = function(name) collect(data, name) end
  data.profile = function()
    collect(data, "profile")
    return data.values.profile or fail.refused("%s", data.missing.profile)
  end
  for _, list in ipairs { report and report.needs or {}, report and report.wants or {} } do
    for _, name in ipairs(list) do data.readable[name] = true end
  end
  return setmetatable({ data = data }, Subject)
end

--- Collects everything that the report needs, and of what it wants what is there or asked for.
--- Raises where something needed cannot be had; how the target ended is known then, too.
---@param subject pyprof.Subject
---@return pyprof.Subject
function M.collect(subject)
  local data = rawget(subject, "data")
  local names, needed = {}, {}
  for _, name in ipairs(data.report.needs or {}) do
    names[name], needed[name] = true, true
    local good, why = gives(data, name)
    if not good then fail.usage("%s", why) end
  end
  for _, name in ipairs(data.report.wants or {}) do
    if is_due(data, name) then
      local good, why = gives(data, name)
      if good then
        names[name] = true
      elseif data.with[name] then
        fail.usage("%s", why)
      else
        data.missing[name], data.tried[name] = why, true
      end
    end
  end
  check_used(data, data.from)
  check_used(data, data.with)
  for _, name in ipairs(order(data, names)) do
    collect(data, name)
    if needed[name] and data.values[name] == nil then
      local message, hint = data.missing[name], data.hints[name]
      if hint then message = ("%s: %s (%s)"):format(data.target.name, message, hint) end
      fail.refused("%s", message)
    end
  end
  return subject
end

--- How the run of the target ended, and where its recording is that could not be saved.
---@param subject pyprof.Subject
---@return pyprof.Exit|nil
---@return string|nil unsaved
function M.ended(subject)
  local ran = rawget(subject, "data").ran
  return ran.exit, ran.unsaved
end

return M
