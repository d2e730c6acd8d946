-- profile/kind.lua - which kind of profile a value is, asked of its metatable.
local misuse = require "pyprof.base.misuse"

local M = {}

local kinds = { ["pyprof.Profile"] = "samples", ["pyprof.Graph"] = "calls" }

--- What a profile is of; nil: the value is none.
---@param value any
---@return "samples"|"calls"|nil
function M.of(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and kinds[rawget(meta, "__name")] or nil
end

--- Raises where the value is a profile of calls: what is asked for needs samples.
---@param value any
---@param name string|nil   what is asked for
function M.refuse_calls(value, name)
  if M.of(value) == "calls" then getmetatable(value).refuse(value, name) end
end

--- Raises unless it is a profile, of whichever kind.
---@param value any
---@param what string|nil   what it is wanted for
function M.want(value, what)
  if M.of(value) then return end
  misuse.raise("%sa profile is wanted, not %s", what and what .. ": " or "", misuse.shown(value))
end

--- Raises unless it is a profile of samples.
---@param value any
---@param message string   where it is neither
---@param name string|nil  what asks for it
function M.want_samples(value, message, name)
  if M.of(value) == "samples" then return end
  M.refuse_calls(value, name)
  misuse.raise("%s", message)
end

return M
