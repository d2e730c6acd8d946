-- base/file.lua - a file's bytes, and where the file of a command is.
local sys = require "pyprof.core.sys"

local M = {}

-- The system's message names a file that cannot be opened, but none that cannot be read.
local function read(path, what)
  local stream, message = io.open(path, "rb")
  if not stream then return nil, message end
  local bytes
  bytes, message = stream:read(what)
  stream:close()
  if not bytes and message then return nil, path .. ": " .. message end
  return bytes or ""
end

--- All bytes of a file.
---@param path string
---@return string|nil
---@return string|nil message
function M.read(path)
  return read(path, "a")
end

--- The first bytes of a file: fewer where it is shorter.
---@param path string
---@param count integer
---@return string|nil
---@return string|nil message
function M.first(path, count)
  return read(path, count)
end

--- The full path of a program: as it is if it holds a slash, else the first one on PATH.
---@param name string
---@return string|nil
function M.which(name)
  if name:find("/", 1, true) then return sys.executable_file(name) and name or nil end
  for directory in (os.getenv("PATH") or "/usr/local/bin:/usr/bin:/bin"):gmatch("[^:]+") do
    local path = directory .. "/" .. name
    if sys.executable_file(path) then return path end
  end
end

return M
