-- base/fail.lua - the two ways in which a command ends badly, as errors that carry their outcome.
local M = {}

---@class pyprof.Failure
---@field outcome "usage"|"refused"
---@field message string
---@field said_elsewhere boolean|nil   the message is printed elsewhere

local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  return self.message
end

--- The command line has no meaning: exit status 2.
---@param message string
---@return any never
function M.usage(message, ...)
  error(setmetatable({ outcome = "usage", message = message:format(...) }, Failure), 0)
end

--- Something outside the program fails (a file, py-spy, a broken recording): exit status 1.
---@param message string
---@return any never
function M.refused(message, ...)
  error(setmetatable({ outcome = "refused", message = message:format(...) }, Failure), 0)
end

--- Standard output cannot be written. The program prints the reason once, when it ends.
---@return any never
function M.unwritten()
  error(setmetatable({ outcome = "refused", message = "standard output: cannot be written",
    said_elsewhere = true }, Failure), 0)
end

--- Does the message say that memory has run out? Lua and the C library use different words.
---@param message any
---@return boolean
function M.is_memory(message)
  message = tostring(message)
  return message:find("not enough memory%)?$") ~= nil or
    message:find("Cannot allocate memory%)?$") ~= nil
end

--- The error value, if it is a failure; nil for an error of a script.
---@param value any
---@return pyprof.Failure|nil
function M.of(value)
  return getmetatable(value) == Failure and value or nil
end

return M
