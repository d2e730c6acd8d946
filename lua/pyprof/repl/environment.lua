-- repl/environment.lua - the globals of -e and the REPL, each made at its first use.
local fail = require "pyprof.base.fail"

local M = {}

--- Puts the names into the global table.
---@param make_subject (fun(): pyprof.Subject)|nil   nil if no TARGET was named
---@param more table<string, any>|nil                further globals
function M.make(make_subject, more)
  local makers = {
    pyprof = function() return require "pyprof" end,
    subject = function()
      if not make_subject then fail.usage("there is no subject (name a TARGET)") end
      return make_subject()
    end,
    p = function() return _G.subject.profile end,
    help = function() return require("pyprof.repl.help").help end,
    show = function() return require("pyprof.repl.show").show end,
    list = function() return require("pyprof.repl.list").list end,
    save = function() return require("pyprof.repl.save").save end,
    reports = function()
      return require("pyprof.repl.reports").new(make_subject and function()
        return _G.subject
      end)
    end,
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
