-- source/file_id.lua - the id of a file: all paths of one file have the same id.
local sys = require "pyprof.core.sys"

local M = {}

local kept = {}

--- The file's id; nil if there is no such file.
---@param path string
---@return string|nil
function M.of(path)
  if kept[path] ~= nil then return kept[path] or nil end
  local status = path ~= "" and sys.stat(path)
  return status and status.kind == "file" and status.id or nil
end

--- Keeps the ids of these paths, for a sandbox, which cannot ask the system.
---@param paths string[]
function M.keep(paths)
  for _, path in ipairs(paths) do kept[path] = M.of(path) or false end
end

return M
