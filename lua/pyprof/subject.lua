-- subject.lua - a target with what has been collected about it.
local fail = require "pyprof.fail"
local misuse = require "pyprof.misuse"
local suggest = require "pyprof.suggest"
local sys = require "pyprof.core.sys"

local M = {}

---@class pyprof.Subject
---@field target pyprof.Target
---@field profile pyprof.Profile|nil
---@field source pyprof.Source|nil
---@field exit table|nil            how the target ended
---@field missing table<string, string>   why something wanted is not there
---@field notes string[]            what a reader of the report should know about the data

-- What can be read whatever the report needs.
local always = { target = true, exit = true, missing = true, notes = true }

local Subject, methods = {}, {}

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
  local known = { "target", "exit", "missing", "notes" }
  for name in pairs(data.readable) do known[#known + 1] = name end
  if data.lazy then
    local names = require("pyprof.collectors").names()
    table.move(names, 1, #names, #known + 1, known)
  end
  table.sort(known)
  if M.exists(key) then
    error(("subject.%s: not collected (add it to the report's needs or wants)"):format(key), 2)
  end
  error(suggest.unknown("field of the subject:", key, known), 2)
end

function Subject.__newindex()
  error("a subject cannot be changed", 2)
end

local function file_name(path)
  return path:match("[^/]*$")
end

-- The files of a program's own frames that exist, sorted.
local function own_files(profile)
  local paths, seen = {}, {}
  for _, path in ipairs(require("pyprof.profile").own_files(profile)) do
    local status = path:find("%.pyw?$") and sys.stat(path)
    if status and status.kind == "file" and not seen[status.id] then
      seen[status.id] = true
      paths[#paths + 1] = path
    end
  end
  return paths
end

-- The paths of source that belong to the target, or nil and why there are none.
local function source_paths(data)
  local target = data.target
  if target.kind == "source" then return target.paths end
  if target.form == "script" or target.form == "directory" then return { target.path } end
  if target.form == "module" then
    return require("pyprof.collect.pyspy").module_paths(target)
  end
  if target.form == "code" then return nil, "the code is in the command line" end
  if target.form == "zip" then return nil, file_name(target.path) .. " is an archive" end
  local paths = own_files(data.profile_of())
  if #paths == 0 then return nil, "none of the program's own files is here" end
  return paths
end

local function load_recordings(paths, metric)
  local label = #paths == 1 and file_name(paths[1]) or #paths .. " recordings"
  local show, finish = require("pyprof.progress").bytes(label)
  local arguments = { table.unpack(paths) }
  arguments[#arguments + 1] = { metric = metric, progress = show }
  local profile, message, kind = require("pyprof.profile").load(table.unpack(arguments))
  if finish then finish() end
  return profile, message, kind
end

-- What each collector does. A value, or nil and a message.
M.collectors = {
  source = function(data)
    local paths, message = source_paths(data)
    if not paths then return nil, message end
    local source, reason = require("pyprof.source").scan(table.unpack(paths))
    -- Of a program's own files one wants to know what they were when it was started.
    if source and data.target.kind ~= "source" and not source.folders then source:files() end
    return source, reason
  end,
  profile = function(data)
    local target, options = data.target, data.options
    if target.kind == "recordings" then return load_recordings(target.paths, options.metric) end
    return require("pyprof.collect.pyspy").collect(target, options)
  end,
  stacks = function(data)
    return require("pyprof.collect.stacks").collect(data.target, data.options)
  end,
}

-- The share of samples that a view left, as a note for the report's reader.
local function note_view(data, view, before, after)
  local share = before > 0 and after / before or 0
  table.insert(data.notes, ("--%s %s: %d of %d samples (%.2f%%)"):format(view.name, view.value,
    after, before, 100 * share))
end

local function apply_view(profile, view)
  if view.name == "window" then
    local from, to = view.value:match("^([%d.]*)%.%.([%d.]*)$")
    from, to = tonumber(from == "" and "0" or from), to ~= "" and tonumber(to) or nil
    if not from then fail.usage("--window: '%s' is not A..B (seconds)", view.value) end
    return profile:window(from, to)
  end
  return profile[view.name](profile, view.value)
end

local function apply_views(data, profile, quiet)
  for _, view in ipairs(data.options.views) do
    -- The option is at fault, not the report.
    local script = misuse.script
    misuse.script = nil
    local good, result = pcall(apply_view, profile, view)
    misuse.script = script
    if not good then
      if fail.of(result) then error(result, 0) end
      fail.usage("--%s: %s", view.name, (tostring(result):gsub("^[^:]*:%d+: ", "")))
    end
    if not quiet then note_view(data, view, profile.samples, result.samples) end
    profile = result
  end
  return profile
end

--- Is there a collector of that name?
---@param name any
---@return boolean
function M.exists(name)
  if M.collectors[name] then return true end
  return type(name) == "string" and require("pyprof.collectors").get(name) ~= nil
end

-- What a file already holds.
local function take(data, name, path)
  if name == "profile" then return load_recordings({ path }, data.options.metric) end
  if name == "source" then return require("pyprof.source").scan(path) end
  return require("pyprof.collectors").load(name, path)
end

-- What a collector gives, or the file or the other collector that has its place.
local function obtain(data, name)
  local path, used = data.from[name], data.with[name] or name
  if path then return take(data, name, path) end
  if M.collectors[used] then return M.collectors[used](data) end
  return require("pyprof.collectors").collect(used, data.target, data.options)
end

--- Is this a profile, be it of stacks or only of calls? Asked of what may be a scan: then neither
--- module need be there.
---@param value any
---@return boolean
function M.is_profile(value)
  for _, name in ipairs { "pyprof.profile", "pyprof.graph" } do
    local module = package.loaded[name]
    if module and module.is(value) then return true end
  end
  return false
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
  if M.is_profile(value) then value = apply_views(data, value) end
  -- Not before it is there: what Ctrl-C stopped is tried again.
  data.values[name], data.tried[name] = value, true
end

-- With other options than the command line's: anew, and nothing is kept.
local function collect_anew(data, name, changes)
  if data.options.sandbox then misuse.raise("--sandbox: nothing is collected anew") end
  local options = setmetatable(changes, { __index = data.options })
  local value, message = obtain(setmetatable({ options = options }, { __index = data }), name)
  if M.is_profile(value) then value = apply_views(data, value, true) end
  return value, message
end

--- Collects what the report wants and only may need; with changes of options (`{ duration = 1 }`)
--- it is collected anew each time.
---@param name string
---@param changes table|nil
---@return any value
---@return string|nil message
function methods:collect(name, changes)
  local data = rawget(self, "data")
  if not M.exists(name) or not data.readable[name] and not data.lazy then
    error(("subject:collect: '%s' is not in the report's needs or wants"):format(name), 2)
  end
  if changes then return collect_anew(data, name, changes) end
  collect(data, name)
  return data.values[name], data.missing[name]
end

--- Collects again and again, with changes of options (`{ duration = 1 }`): an iterator of values.
--- It ends with a ^C, which is one for it alone, or when the process is gone.
---@param name string
---@param changes table
---@return fun(): any
function methods:again(name, changes)
  if rawget(self, "data").options.sandbox then
    misuse.raise("--sandbox: nothing is collected anew")
  end
  local run = assert(require("pyprof.core.process").open())
  local over, first = false, true
  local function collect_next()
    if over then return nil end
    local options = { outer = run }
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

-- Known before anything is started: can the target give it?
local function check_possible(data, name)
  local target, used = data.target, data.with[name] or name
  if data.from[name] then return end
  if used == "source" and (target.form == "code" or target.form == "zip") then
    fail.usage("%s", select(2, source_paths(data)))
  elseif used == "stacks" and target.kind ~= "pid" then
    fail.usage("%s", select(2, M.collectors.stacks(data)))
  elseif used == "profile" and target.kind == "source" then
    fail.usage("%s: nothing to profile there (name a script, or -m with a module)", target.name)
  elseif not M.collectors[used] and target.kind ~= "program" then
    fail.usage("%s", require("pyprof.collectors").cannot(used, target))
  end
end

-- Of what is only wanted: what costs nothing worth asking about, is there already, or was asked
-- for. From a sandbox nothing can be collected later.
local function is_due(data, name)
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
    if not data.readable[name] then
      fail.usage("%s: of no use here (the report neither needs nor wants it)", name)
    end
  end
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
    data.from, data.with = require("pyprof.collectors").choices(options)
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
    if needed[name] and data.values[name] == nil then fail.refused("%s", data.missing[name]) end
  end
  return setmetatable({ data = data }, Subject)
end

return M
