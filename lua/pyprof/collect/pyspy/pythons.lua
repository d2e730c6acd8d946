-- collect/pyspy/pythons.lua - the Pythons among a process and its descendants.
local file = require "pyprof.base.file"
local process = require "pyprof.core.process"
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

-- Seconds of CPU time after which a child is a Python that runs: between fork and exec a child that
-- becomes another program is a Python, too, and on a busy machine it is so for long.
local least_work = 0.005

--- Counts child Pythons that did some work. The resource tracker of multiprocessing is left out.
---@return fun(pid: integer): integer   takes a process; gives how many were counted so far
function M.counter()
  local known, count = {}, 0
  return function(pid)
    if known[pid] or not M.program(pid) then return count end
    local times = process.threads(pid)
    if not times or (times[2] or 0) < least_work then return count end
    known[pid] = true
    local words = file.read(("/proc/%d/cmdline"):format(pid)) or ""
    if not words:find("multiprocessing.resource_tracker", 1, true) then count = count + 1 end
    return count
  end
end

return M
