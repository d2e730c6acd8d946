-- environment.lua - the globals of -e: pyprof, subject, p, each made when first touched.
local M = {}

--- Puts the names into the global table.
---@param make_subject (fun(): pyprof.Subject)|nil   nil where no TARGET was named
function M.make(make_subject)
  local makers = {
    pyprof = function() return require "pyprof" end,
    subject = function()
      if not make_subject then error("there is no subject (name a TARGET)", 4) end
      return make_subject()
    end,
    p = function() return _G.subject.profile end,
  }
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
