-- profile/kind.lua - tells by the metatable which kind of profile a value is.
local misuse = require "pyprof.base.misuse"

local M = {}

local kinds = { ["pyprof.Profile"] = "samples", ["pyprof.Graph"] = "calls" }

--- The kind of a profile; nil if the value is no profile.
---@param value any
---@return "samples"|"calls"|nil
function M.of(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and kinds[rawget(meta, "__name")] or nil
end

--- Raises if the value is a profile of calls, because the caller needs samples.
---@param value any
---@param name string|nil   the method or field that needs samples
function M.refuse_calls(value, name)
  if M.of(value) == "calls" then getmetatable(value).refuse(value, name) end
end

--- Raises unless the value is a profile, of whichever kind.
---@param value any
---@param what string|nil   the function that wants a profile
function M.want(value, what)
  if M.of(value) then return end
  misuse.raise("%sa profile is wanted, not %s", what and what .. ": " or "", misuse.shown(value))
end

--- Raises unless the value is a profile of samples.
---@param value any
---@param message string   the error if it is no profile at all
---@param name string|nil  the function that wants a profile
function M.want_samples(value, message, name)
  if M.of(value) == "samples" then return end
  M.refuse_calls(value, name)
  misuse.raise("%s", message)
end

return M
