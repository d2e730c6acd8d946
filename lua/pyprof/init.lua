-- pyprof - the library: what a report gets from require "pyprof".
---@class pyprof
local M = { version = require "pyprof.version" }

--- The words are as on the command line: one or more recordings, merged.
---@param ... string|table   paths; a last table holds options: metric
---@return pyprof.Profile|nil
---@return string|nil message
function M.load(...)
  return require("pyprof.profile").load(...)
end

--- Scans a file, a folder, or several.
---@param ... string
---@return pyprof.Source|nil
---@return string|nil message
function M.scan(...)
  return require("pyprof.source").scan(...)
end

--- A value as people read it; kind is "seconds", "bytes", "percent" or "count".
---@param value number
---@param kind string
---@return string
function M.format(value, kind)
  return require("pyprof.format").format(value, kind)
end

--- Marks a list that may be empty, so that JSON shows it as a list.
---@param list table|nil
---@return table
function M.array(list)
  return require("pyprof.render.json").array(list)
end

return M
