-- base/output.lua - writes a report to standard output, or to a file: wholly or not at all.
local fail = require "pyprof.base.fail"
local terminal = require "pyprof.base.terminal"
local sys = require "pyprof.core.sys"

local M = {}

local least_room = 65536 -- free bytes that a disk must have for a report

-- The file that gets the bytes until all of them are written.
local function temporary_of(path)
  return ("%s.%d.tmp"):format(path, sys.process_id())
end

-- Opens a temporary file. It has no name where the file system allows that, so that no file is left
-- behind if the program is killed.
local function gather(path)
  local file = sys.unnamed_file(path:match("^(.*/)") or ".")
  if file then return file, true end
  local message
  file, message = io.open(temporary_of(path), "wb")
  return file, false, message
end

-- Gives the temporary file its final name.
local function place(file, unnamed, path)
  local temporary = temporary_of(path)
  -- This comes before the name, since a full disk refuses only once: close would succeed.
  local good, why = file:flush()
  if good and unnamed then
    if sys.name_file(file, path) then return file:close() end -- no file was there
    good, why = sys.name_file(file, temporary)
  end
  local closed, reason = file:close()
  if not good then return nil, why end
  if not closed then return nil, reason end
  return os.rename(temporary, path)
end

-- The path behind symbolic links, so that the links stay.
local function real(path)
  return sys.real_path(path) or path
end

--- Refuses a file that cannot be written, before anything is run.
---@param path string
function M.check(path)
  local status = sys.stat(path)
  if status and status.kind == "directory" then fail.refused("%s: Is a directory", path) end
  if status then
    local good, message = sys.writable(path)
    if not good then fail.refused("%s", message) end
    if status.kind ~= "file" then return end
  end
  -- Permissions do not tell everything (a full disk, /proc), so this tries to write.
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

--- Calls fill(write). With a path, the bytes go to a temporary file beside it, which replaces the
--- path only when all of them are written: a failure leaves the old file unchanged.
---@param path string|nil
---@param fill fun(write: fun(...: string))
---@param format string|nil     a format that is not text gets no colours on a terminal
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
