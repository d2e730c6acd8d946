-- collect/pyspy/pythons.lua - the Pythons among a process and its descendants.
local file = require "pyprof.base.file"
local sys = require "pyprof.core.sys"
local launch = require "pyprof.target.launch"

local M = {}

local function has_library(pid)
  local maps <close> = io.open(("/proc/%d/maps"):format(pid), "r")
  return maps ~= nil and (maps:read("a") or ""):find("/libpython", 1, true) ~= nil
end

--- The executable of a process, if its name is that of a Python.
---@param pid integer
---@return string|nil path
function M.program(pid)
  local path = sys.real_path(("/proc/%d/exe"):format(pid))
  return path and path:find("/python[%d.]*t?$") and path or nil
end

--- The executables, by process. Pythons are known by their names, and the first process also by its
--- library: to look into all takes long.
---@param pid integer
---@return table<integer, string>
function M.find(pid)
  local set, list = {}, launch.below(pid)
  if has_library(pid) then set[pid] = sys.real_path(("/proc/%d/exe"):format(pid)) end
  list[#list + 1] = pid
  for _, one in ipairs(list) do set[one] = M.program(one) or set[one] end
  return set
end

--- Counts child Pythons. A process is counted when it is shown for the second time: between fork
--- and exec a child that becomes another program is a Python, too. The resource tracker of
--- multiprocessing is left out.
---@return fun(pid: integer): integer   takes a process; gives how many were counted so far
function M.counter()
  local looks, count = {}, 0
  return function(pid)
    local seen = looks[pid] or 0
    if seen == 2 then return count end
    seen = M.program(pid) and seen + 1 or 0
    looks[pid] = seen
    if seen == 2 then
      local words = file.read(("/proc/%d/cmdline"):format(pid)) or ""
      if not words:find("multiprocessing.resource_tracker", 1, true) then count = count + 1 end
    end
    return count
  end
end

return M
