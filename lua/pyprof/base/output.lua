-- base/output.lua - where a report goes: standard output, or a file that is whole or untouched.
local fail = require "pyprof.base.fail"
local terminal = require "pyprof.base.terminal"
local sys = require "pyprof.core.sys"

local M = {}

local least_room = 65536 -- bytes that a disk must have left for a report

-- Where the bytes of a file are gathered before they are the file.
local function temporary_of(path)
  return ("%s.%d.tmp"):format(path, sys.process_id())
end

-- A file to gather bytes in: one without a name where the file system has such, so that none is
-- left whatever becomes of us.
local function gather(path)
  local file = sys.unnamed_file(path:match("^(.*/)") or ".")
  if file then return file, true end
  local message
  file, message = io.open(temporary_of(path), "wb")
  return file, false, message
end

-- What was gathered becomes the file.
local function place(file, unnamed, path)
  local temporary = temporary_of(path)
  -- Before it has a name: what a full disk refused is not refused a second time.
  local good, why = file:flush()
  if good and unnamed then
    if sys.name_file(file, path) then return file:close() end -- where none was
    good, why = sys.name_file(file, temporary)
  end
  local closed, reason = file:close()
  if not good then return nil, why end
  if not closed then return nil, reason end
  return os.rename(temporary, path)
end

-- Where a file will really be: behind symbolic links, so that those stay.
local function real(path)
  return sys.real_path(path) or path
end

--- Refuses, before anything is run, a file that could not be written afterwards.
---@param path string
function M.check(path)
  local status = sys.stat(path)
  if status and status.kind == "directory" then fail.refused("%s: Is a directory", path) end
  if status then
    local good, message = sys.writable(path)
    if not good then fail.refused("%s", message) end
    if status.kind ~= "file" then return end
  end
  -- Permissions alone do not tell (a full disk, /proc): what will be done is tried.
  local file, unnamed, message = gather(real(path))
  local good = false
  if file then
    good, message = file:write((" "):rep(least_room))
    local closed, why = file:close()
    if good then good, message = closed, why end
    if not unnamed then os.remove(temporary_of(real(path))) end
  end
  if not good then
    fail.refused("%s: cannot be written (%s)", path, message:match(": (.*)$") or message)
  end
end

--- Calls fill(write). With a path, the bytes go to another file beside it, which takes the path's
--- place only when all is written: whatever fails leaves what was there before.
---@param path string|nil
---@param fill fun(write: fun(...: string))
---@param format string|nil     what is no text has no colours for a terminal
function M.write(path, fill, format)
  local status = path and sys.stat(path)
  if not path or status and status.kind ~= "file" then
    local file, message = io.stdout, nil
    if path then file, message = io.open(path, "wb") end
    if not file then fail.refused("%s", message) end
    local function check(good, reason)
      if good then return end
      if not path then fail.unwritten() end
      fail.refused("%s: %s", path, reason)
    end
    local function put(...) check(file:write(...)) end
    if sys.terminal(file) then
      local coloured = format == nil or format == "text"
      local cleaned, finish = terminal.cleaned(put, coloured)
      fill(cleaned)
      finish()
    else
      fill(put)
    end
    check(file:flush())
    if path then file:close() end
    return
  end
  path = real(path)
  local file, unnamed, message = gather(path)
  if not file then fail.refused("%s: %s", path, message:match(": (.*)$") or message) end
  local good, reason = pcall(function()
    fill(function(...)
      local written, why = file:write(...)
      if not written then fail.refused("%s: %s", path, why) end
    end)
    local placed, why = place(file, unnamed, path)
    if not placed then fail.refused("%s: %s", path, why) end
  end)
  if not good then
    if io.type(file) == "file" then file:close() end
    os.remove(temporary_of(path))
    error(reason, 0)
  end
end

return M
