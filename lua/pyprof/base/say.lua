-- base/say.lua - one line on standard error.
local text = require "pyprof.base.text"

local M = {}

--- Writes a message after the program's name. Control characters are escaped, so that a terminal
--- shows them and obeys none.
---@param message string
function M.line(message)
  io.stderr:write("pyprof-lua: ", text.clean_lines(message), "\n")
end

return M
