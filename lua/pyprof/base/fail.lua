-- base/fail.lua - the two ways in which a command ends badly, as errors that carry their outcome.
local M = {}

---@class pyprof.Failure
---@field outcome "usage"|"refused"
---@field message string
---@field said_elsewhere boolean|nil   the message needs no saying

local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  return self.message
end

--- The command line cannot mean anything: exit status 2.
---@param message string
---@return any never
function M.usage(message, ...)
  error(setmetatable({ outcome = "usage", message = message:format(...) }, Failure), 0)
end

--- The world refuses (a file, py-spy, a broken recording): exit status 1.
---@param message string
---@return any never
function M.refused(message, ...)
  error(setmetatable({ outcome = "refused", message = message:format(...) }, Failure), 0)
end

--- Standard output takes no more: why is said at the program's end, whoever wrote.
---@return any never
function M.unwritten()
  error(setmetatable({ outcome = "refused", message = "standard output: cannot be written",
    said_elsewhere = true }, Failure), 0)
end

--- Does the message say that memory has ended? Lua says it by one name, the C library by another.
---@param message any
---@return boolean
function M.is_memory(message)
  message = tostring(message)
  return message:find("not enough memory%)?$") ~= nil or
    message:find("Cannot allocate memory%)?$") ~= nil
end

--- The failure that an error value is, or nil for an error of a script.
---@param value any
---@return pyprof.Failure|nil
function M.of(value)
  return getmetatable(value) == Failure and value or nil
end

return M
