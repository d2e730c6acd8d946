-- repl/environment.lua - the globals of -e and the REPL, each made at its first use.
local M = {}

-- reports.NAME(profile, args): the report's results for a profile.
local function run_report(name, make_subject, profile, args)
  local misuse = require "pyprof.base.misuse"
  local report = require "pyprof.report"
  local script = misuse.script
  local loaded = report.load(name .. ".lua", {})
  misuse.script = script
  if not loaded.report then return end
  local known, given = {}, {}
  for i, option in ipairs(loaded.options) do known[i] = option.key end
  for key, value in pairs(misuse.options(args, known)) do given[key] = value end
  given.views = {}
  local options = { views = given.views }
  local target = { kind = "recordings", paths = {}, words = {}, name = "the profile" }
  if make_subject then target = _G.subject.target end
  local subjects = require "pyprof.subject"
  local subject = subjects.collect(subjects.new(target, loaded.report, options,
    profile and { profile = profile, recordings = { profile } }))
  local values = require("pyprof.options.arguments").values(loaded, given)
  local results = table.pack(loaded.report.run(subject, values))
  if results.n > 0 and results[1] == nil then error(tostring(results[2] or name), 0) end
  for i = 1, results.n do
    if type(results[i]) == "function" then
      local rows = {}
      for row in results[i] do rows[#rows + 1] = row end
      results[i] = rows
    end
  end
  if type(results[1]) == "table" then
    require("pyprof.repl.show").results[results[1]] = {
      results = results, report = loaded.report, unit = profile and profile.unit or "none",
    }
  end
  return table.unpack(results, 1, results.n)
end

local function make_reports(make_subject)
  return setmetatable({}, {
    __tostring = function()
      local names = {}
      for i, entry in ipairs(require("pyprof.base.places").reports()) do
        names[i] = (entry.name:gsub("%.lua$", ""))
      end
      return "reports: " .. table.concat(names, " ") .. " (reports.top(p, { limit = 5 }))"
    end,
    __index = function(_, name)
      return function(profile, args)
        if profile ~= nil and not require("pyprof.profile").is(profile) then
          require("pyprof.base.misuse").raise(
            "reports.%s(p, { option = value }): a profile is wanted", name)
        end
        return run_report(name, make_subject, profile, args)
      end
    end,
  })
end

--- Puts the names into the global table.
---@param make_subject (fun(): pyprof.Subject)|nil   nil if no TARGET was named
---@param more table<string, any>|nil                further globals
function M.make(make_subject, more)
  local makers = {
    pyprof = function() return require "pyprof" end,
    subject = function()
      if not make_subject then error("there is no subject (name a TARGET)", 4) end
      return make_subject()
    end,
    p = function() return _G.subject.profile end,
    help = function() return require("pyprof.repl.help").help end,
    show = function() return require("pyprof.repl.show").show end,
    save = function() return require("pyprof.repl.save").save end,
    reports = function() return make_reports(make_subject) end,
  }
  for name, value in pairs(more or {}) do rawset(_G, name, value) end
  local original = print
  -- What shows tables is loaded by the first table that is printed.
  rawset(_G, "print", function(...)
    for i = 1, select("#", ...) do
      if type((select(i, ...))) == "table" then
        return require("pyprof.repl.show").print(original, ...)
      end
    end
    original(...)
  end)
  setmetatable(_G, {
    __index = function(globals, name)
      local maker = makers[name]
      if not maker then return nil end
      local value = maker()
      rawset(globals, name, value)
      return value
    end,
  })
end

return M
