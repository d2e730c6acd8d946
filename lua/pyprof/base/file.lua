-- base/file.lua - a file's bytes, and the path of a command.
local sys = require "pyprof.core.sys"

local M = {}

-- The system's message names the file when it cannot be opened, but not when it cannot be read.
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

--- The first `count` bytes of a file, or all bytes of a shorter one.
---@param path string
---@param count integer
---@return string|nil
---@return string|nil message
function M.first(path, count)
  return read(path, count)
end

--- Writes a new file, or a file anew, in a private directory.
---@param path string
---@param text string
---@return true|nil
---@return string|nil message
function M.write(path, text)
  local stream, message = io.open(path, "wb")
  if not stream then return nil, message end
  local good
  good, message = stream:write(text)
  local closed, close_message = stream:close()
  if good and closed then return true end
  return nil, ("%s: %s (TMPDIR names another place)"):format(path, message or close_message)
end

--- The path of a program: the name itself if it holds a slash, else the first match on PATH.
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
