-- subject/init.lua - a target with the data collected from it.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"
local views = require "pyprof.options.views"
local collectors = require "pyprof.subject.collectors"
local plan = require "pyprof.subject.plan"

local M = {}

--- A target with the data collected from it. A report may read the data in its needs and wants;
--- reading any other raises an error.
---@class pyprof.Subject
---@field target pyprof.Target
---@field profile pyprof.Profile|nil
---@field recordings pyprof.Profile[]|nil   one by one; the profile merges them
---@field source pyprof.Source|nil
---@field exit table|nil            how the target ended
---@field missing table<string, string>   why wanted data is not there, by name
---@field notes string[]            remarks on the data for a reader of the report
---@field tools table<string, string>   the versions of what measured: py-spy, coverage, memray …

-- Every report may read these.
local always = { target = true, exit = true, missing = true, notes = true, tools = true }

local Subject, methods = { __name = "pyprof.Subject" }, {}

local function field_names(data)
  local names = { "target", "exit", "missing", "notes", "tools" }
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
  if key == "exit" then return data.told or data.ran.exit end
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

-- The data of a collector, or of the file or the other collector that replaces it.
local function obtain(data, name)
  local value, message, run
  if data.from[name] then
    value, message, run = collectors.load(name, data.from[name], data.options)
  else
    value, message, run =
      collectors.collect(data.with[name] or name, data.target, data.options, data.session)
  end
  -- A recording tells how another run ended.
  if data.from[name] or data.target.kind == "recordings" then
    data.told = run and run.exit or data.told
    return value, message, run
  end
  local ran = data.ran
  -- Of several runs of a program the first one tells its exit status.
  ran.exit = data.target.kind == "program" and ran.exit or run.exit or ran.exit
  ran.last, ran.unsaved = run.exit or ran.last, run.unsaved or ran.unsaved
  if run.exit and run.exit.wall then
    ran.passes = ran.passes or {}
    table.insert(ran.passes, { name = name, seconds = run.exit.wall })
  end
  return value, message, run
end

--- Is this a profile, of samples or of calls? Where pyprof.profile is not loaded there is none.
---@param value any
---@return boolean
function M.is_profile(value)
  local profile = package.loaded["pyprof.profile"]
  return profile ~= nil and profile.is(value)
end

-- The value after the command line's views, and a note for each view.
local function viewed(data, value)
  local asked = data.options.views
  if #asked == 0 then return value, {} end
  if M.is_profile(value) then
    local profiles, notes = views.apply(asked, { value })
    return profiles[1], notes
  elseif type(value) == "table" and rawget(value, 2) ~= nil and M.is_profile(value[1]) then
    return views.apply(asked, value) -- a single one is the profile: it has had its views
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
  for tool, version in pairs(run and run.tools or {}) do data.tools[tool] = version end
  if value == nil then
    data.missing[name], data.tried[name], data.hints[name] = message, true, run and run.hint
    return
  end
  if name == "profile" then
    local tool, version = tostring(value.exporter):match("^(.+)@(.+)$")
    if tool then data.tools[tool] = version end
    local metrics = value.metrics
    if metrics and #metrics > 1 and not data.options.metric then
      table.insert(data.notes, ("metric: %s (--metric picks one of: %s)"):format(value.metric,
        table.concat(metrics, ", ")))
    end
  end
  if name == "profile" then data.quality = run and run.quality end
  local notes
  value, notes = viewed(data, value)
  table.move(notes, 1, #notes, #data.notes + 1, data.notes)
  -- Set only now: a collection that Ctrl-C stopped is tried again.
  data.values[name], data.tried[name] = value, true
end

-- Collects again with other options than the command line's, and keeps nothing but the unit of a
-- profile, which heads the columns of a report that returns such rows.
local function collect_anew(data, name, changes)
  if data.options.sandbox then misuse.raise("--sandbox: nothing is collected anew") end
  local options = setmetatable(changes, { __index = data.options })
  local anew = setmetatable({ options = options }, { __index = data })
  local value, message = obtain(anew, name)
  if value ~= nil then value = viewed(anew, value) end
  -- A profile without samples has no unit.
  if M.is_profile(value) and value.samples > 0 then data.unit = value.unit end
  return value, message
end

--- Collects data in the report's wants when the report needs it. With changes of options
--- (`{ duration = 1 }`) each call collects again.
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
--- It ends at a ^C, which ends nothing else, when the process has ended, or after --duration.
---     for profile in subject:again("profile", { duration = 1 }) do
---       print(profile.samples)
---     end
---@param name string
---@param changes table
---@return fun(): any
function methods:again(name, changes)
  local data = rawget(self, "data")
  local ran = data.ran
  if data.options.sandbox then misuse.raise("--sandbox: nothing is collected anew") end
  -- This stays open, so that a ^C between two collections reaches the next one.
  local run = assert(process.open())
  local over, first, whole = false, true, data.options.duration
  local end_at = whole and sys.clock() + whole
  local function collect_next()
    local left = end_at and (first and whole or end_at - sys.clock())
    if over or left and not first and left <= 0 then return nil end
    local options = {}
    for key, value in pairs(changes) do options[key] = value end
    options.duration = left and math.min(left, options.duration or left) or options.duration
    local value, message = self:collect(name, options)
    if value == nil and first then fail.refused("%s", message) end
    over, first = value == nil or ran.last.ended_by ~= "duration", false
    return value
  end
  return collect_next, nil, nil, run
end

-- Can it be collected from the target? Starts nothing.
local function gives(data, name)
  name = plan.made_from(name)
  if data.from[name] then return true end
  return collectors.gives(data.with[name] or name, data.target, data.options)
end

-- Did the command line ask for wanted data, by --with or by a flag of the report with its name?
local function is_asked(data, name)
  return data.with[name] ~= nil or data.asked[name] == "firmly"
end

-- Is wanted data collected before the report runs? It is if that changes no run of the target, or
-- if the user asked for it. A sandbox gets the profile now, since it can collect nothing later.
local function is_due(data, name)
  local rides = collectors.get(name).rides
  name = plan.made_from(name)
  if data.with[name] or data.asked[name] or data.from[name] then return true end
  if name == "profile" and (data.target.kind == "recordings" or data.options.sandbox) then
    return true
  end
  return not (collectors.get(name).runs or rides)
end

-- Refuses a --from or --with that the report does not use.
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

--- The names of a Subject's fields and methods, or only of its methods.
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

-- It is not loaded to read a recording.
local function passes_module()
  return require "pyprof.target.passes"
end

-- What collectors ask of the subject.
local function session_of(data)
  return {
    profile = function()
      collect(data, "profile")
      return data.values.profile or fail.refused("%s", data.missing.profile)
    end,
    files = function() return plan.files(data) end,
    reads = function(name) return data.lazy or data.readable[name] or false end,
    brought = {},
    passes = function()
      data.passes = data.passes or passes_module().new(data.target, function(note)
        table.insert(data.notes, note)
      end)
      return data.passes
    end,
  }
end

--- A subject for a report. Without a report all data is collected when it is first read.
---@param target pyprof.Target
---@param report pyprof.Report|nil
---@param options table
---@param given table<string, any>|nil   data that is there already, by name
---@param asked table<string, string>|nil   the collectors that the report's flags ask for
---@return pyprof.Subject
function M.new(target, report, options, given, asked)
  local data = {
    target = target, options = options, values = {}, missing = {}, hints = {}, notes = {},
    tried = {}, ran = {}, readable = {}, lazy = not report, report = report, from = {}, with = {},
    asked = asked or {}, states = {}, changed = {}, tools = {},
  }
  for name, value in pairs(given or {}) do
    data.values[name], data.tried[name] = value, true
  end
  if options.from or options.with then data.from, data.with = collectors.choices(options) end
  data.collect = function(name) collect(data, name) end
  data.session = session_of(data)
  for _, list in ipairs { report and report.needs or {}, report and report.wants or {} } do
    for _, name in ipairs(list) do data.readable[name] = true end
  end
  return setmetatable({ data = data }, Subject)
end

local function refuse_missing(data, name)
  local message, hint = data.missing[name], data.hints[name]
  if hint then message = ("%s: %s (%s)"):format(data.target.name, message, hint) end
  fail.refused("%s", message)
end

-- Collects in this order. Several runs of a program read the same input, and a file that changes
-- between two of them is noticed.
local function collect_all(data, names, needed)
  local runs = plan.runs(data, names)
  local passes <close> = runs > 1 and data.session.passes() or nil
  if passes then
    local good, message = passes:prepare(runs)
    if not good then fail.refused("%s", message) end
  end
  for _, name in ipairs(names) do
    if passes then plan.watch(data) end
    collect(data, name)
    if data.values[name] == nil then
      local must = needed[name] or name == "source" and fail.is_memory(data.missing[name])
      if must then refuse_missing(data, name) end
      if passes and passes.stopped then
        local why, prefix = data.missing[name], name .. ": "
        table.insert(data.notes, why:sub(1, #prefix) == prefix and why or prefix .. why)
      end
    end
  end
  if passes then plan.watch(data) end
  plan.complete_source(data)
end

--- Collects the data in the report's needs, and the wanted data that is due. Raises if needed data
--- cannot be collected; M.ended tells even then how the target ended.
---@param subject pyprof.Subject
---@return pyprof.Subject
function M.collect(subject)
  local data = rawget(subject, "data")
  local names, needed = {}, {}
  for _, name in ipairs(data.report.needs or {}) do
    names[#names + 1], needed[name] = name, true
    local good, why, kind = gives(data, name)
    if not good then fail[kind or "usage"]("%s", why) end
  end
  for _, name in ipairs(data.report.wants or {}) do
    if not needed[name] and is_due(data, name) then
      local good, why, kind = gives(data, name)
      if good then
        -- A file that the user names must be good.
        names[#names + 1], needed[name] = name, data.from[name] ~= nil
      elseif is_asked(data, name) then
        fail[kind or "usage"]("%s", why)
      else
        data.missing[name], data.tried[name] = why, true
      end
    end
  end
  check_used(data, data.from)
  check_used(data, data.with)
  collect_all(data, plan.order(data, names), needed)
  return subject
end

--- The data that was collected, by name. A subject of a script or of the prompt collects its
--- profile and its source now.
---@param subject pyprof.Subject
---@return table<string, any>
function M.collected(subject)
  local data = rawget(subject, "data")
  if data.lazy then
    data.collect("profile")
    data.collect("source")
  end
  local values = {}
  for name, value in pairs(data.values) do values[name] = value end
  return values
end

--- What is known of how the data was collected, beside the data.
---@param subject pyprof.Subject
---@return pyprof.PageRun
function M.how(subject)
  local data = rawget(subject, "data")
  return { target = data.target, exit = data.ran.exit, notes = data.notes, missing = data.missing,
    tools = data.tools, quality = data.quality, options = data.options, passes = data.ran.passes }
end

--- How the run of the target ended, if it ran, and why its recording could not be saved.
---@param subject pyprof.Subject
---@return pyprof.Exit|nil
---@return string|nil unsaved
function M.ended(subject)
  local ran = rawget(subject, "data").ran
  return ran.exit, ran.unsaved
end

return M
