-- repl/reports.lua - reports.NAME(profile, options): runs a report at the prompt and in -e.
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local terminal = require "pyprof.base.terminal"
local options = require "pyprof.options"
local arguments = require "pyprof.options.arguments"
local profiles = require "pyprof.profile"
local render = require "pyprof.render"
local sections = require "pyprof.render.sections"
local show = require "pyprof.repl.show"
local report = require "pyprof.report"
local subjects = require "pyprof.subject"

local M = {}

-- The options of every report that make sense here.
local common = { "format", "section" }

--- The report of that name, with or without ".lua".
---@param name string
---@return pyprof.LoadedReport
function M.load(name)
  local script = misuse.script
  local loaded = report.load(name:find("%.lua$") and name or name .. ".lua", {})
  misuse.script = script
  return loaded
end

--- How the option is written in a table of options: { function_ = … } for a keyword of Lua.
---@param option pyprof.Option
---@return string
function M.written(option)
  return load(("return { %s = 1 }"):format(option.key)) and option.key or option.key .. "_"
end

--- Has the report the option limit?
---@param loaded pyprof.LoadedReport
---@return boolean
function M.has_limit(loaded)
  return loaded.report.args ~= nil and loaded.report.args.limit ~= nil
end

-- The options' values by their keys; `given` has them as a user writes them.
local function values_of(loaded, given)
  local known, of, values = table.move(common, 1, #common, 1, {}), {}, { views = {} }
  for _, option in ipairs(loaded.options) do
    known[#known + 1] = M.written(option)
    of[known[#known]], of[option.key] = option, option
  end
  for key, value in pairs(given or {}) do
    local option = of[key]
    if not option then
      misuse.options({ [key] = value }, known)
    elseif option.choice and not tables.has(option.choice, value) then
      misuse.raise("%s: %s", key, suggest.unknown("value", value, option.choice))
    end
    if key == "limit" and value == "all" then value = options.all end
    values[option and option.key or key] = value
  end
  return values
end

-- Rows from an iterator as a list: the prompt may show them more than once.
local function as_list(rows)
  if type(rows) ~= "function" then return rows end
  local list = {}
  for row in rows do list[#list + 1] = row end
  return list
end

-- What the user gets of the results: the rows of a table, else the result itself.
local function listed(results)
  local given = { n = results.n }
  for i = 1, results.n do
    local result = as_list(results[i])
    if type(result) == "table" and getmetatable(result) == nil and result.rows ~= nil then
      result.rows = as_list(result.rows)
      given[i] = result.rows
    else
      given[i] = result
    end
    results[i] = result
  end
  return given
end

-- The whole text of the results in a format.
local function rendered(results, loaded, values, unit, notes)
  local parts, context = {}, terminal.of_reports()
  context.unit, context.section, context.notes = unit, values.section, notes
  context.coloured, context.limits = false, M.has_limit(loaded)
  local made = sections.of(results, loaded.report, loaded.name, unit, values.format)
  render.render(values.format or render.format_for({}, made), made, function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end, context)
  return table.concat(parts)
end

local function option_named(name)
  for _, option in ipairs(options.common) do
    if option.name == name then return option end
  end
end

-- The report's results for a profile, or for the target with the command line's options; or their
-- text if a format is given.
local function run(name, target, how, profile, given)
  local loaded = M.load(name)
  if not loaded.report then return end
  local values = values_of(loaded, given)
  if values.format ~= nil then options.converted(option_named "format", tostring(values.format)) end
  local args = arguments.values(loaded, values)
  report.check_arguments(loaded, args, values)
  local subject = subjects.collect(subjects.new(target, loaded.report, how,
    profile and { profile = profile, recordings = { profile } }))
  local results = table.pack(loaded.report.run(subject, args))
  if results.n > 0 and results[1] == nil then error(tostring(results[2] or name), 0) end
  local given_back = listed(results)
  local data = rawget(subject, "data")
  profile = profile or data.values.profile
  local unit = profile and profile.unit or data.unit or "none"
  if values.format or values.section then
    return rendered(results, loaded, values, unit, subject.notes)
  end
  if type(given_back[1]) == "table" then
    show.results[given_back[1]] = { results = results, report = loaded.report, unit = unit,
      notes = subject.notes, limits = M.has_limit(loaded) }
  end
  return table.unpack(given_back, 1, given_back.n)
end

local no_target = { kind = "recordings", paths = {}, words = {}, name = "the profile" }

-- A function that runs the report of that name.
local function runner(name, subject_of)
  return function(profile, given)
    if profile ~= nil and not profiles.is(profile) then
      misuse.raise("reports.%s(p, { option = value }): a profile is wanted", name)
    end
    local subject = subject_of and subject_of()
    local how = { views = {} }
    if subject and not profile then
      local known = subjects.how(subject)
      how = tables.copy(known.options)
      if known.exit then how.save = nil end -- the run that `p` shows stays saved
    end
    return run(name, subject and subject.target or no_target, how, profile, given)
  end
end

local runners = setmetatable({}, { __mode = "k" })

--- The name of the report that the function reports.NAME runs; nil for any other function.
---@param value function
---@return string|nil
function M.name_of(value)
  return runners[value]
end

--- The table `reports`.
---@param subject_of (fun(): pyprof.Subject)|nil   nil if no TARGET was named
---@return table<string, fun(profile: pyprof.Profile|nil, given: table|nil): any>
function M.new(subject_of)
  return setmetatable({}, {
    __tostring = function()
      local names = {}
      for i, entry in ipairs(places.reports()) do names[i] = (entry.name:gsub("%.lua$", "")) end
      return "reports: " .. table.concat(names, " ") .. " (reports.top(p, { limit = 5 }))"
    end,
    __index = function(reports, name)
      local value = runner(name, subject_of)
      runners[value] = name
      rawset(reports, name, value)
      return value
    end,
  })
end

return M
