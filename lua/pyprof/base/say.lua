-- base/say.lua - one line on standard error.
local text = require "pyprof.base.text"

local M = {}

--- Writes a message behind the program's name. A terminal is shown what names and words hold, and
--- obeys none of it.
---@param message string
function M.line(message)
  io.stderr:write("pyprof-lua: ", text.clean_lines(message), "\n")
end

return M
