-- source/file_id.lua - a file under whatever name: two paths of one file have one id.
local sys = require "pyprof.core.sys"

local M = {}

local kept = {}

--- The same for two paths of one file; nil where there is none.
---@param path string
---@return string|nil
function M.of(path)
  if kept[path] ~= nil then return kept[path] or nil end
  local status = path ~= "" and sys.stat(path)
  return status and status.kind == "file" and status.id or nil
end

--- Keeps the ids of these paths for a process that cannot ask the system, as in a sandbox.
---@param paths string[]
function M.keep(paths)
  for _, path in ipairs(paths) do kept[path] = M.of(path) or false end
end

return M
