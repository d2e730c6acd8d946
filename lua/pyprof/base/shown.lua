-- base/shown.lua - how people see the path of a file, and the name of a function.
--
-- A file below site-packages is shown from its package on, a file below the working directory from
-- there on, and any other one with its whole path. Formats for programs get whole paths and names.
local sys = require "pyprof.core.sys"

local M = {}

local whole = false -- --full-paths
local here          -- the working directory, by its path and by the one that the shell took

local known, count = {}, 0 -- paths as they are shown: the same come again and again

local function folders()
  local real, found = sys.real_path(".") or "/", {}
  local named = os.getenv "PWD" or ""
  if real ~= "/" then found[1] = real .. "/" end
  if real ~= "/" and named ~= real and named:find("^/") and sys.real_path(named) == real then
    found[2] = named .. "/"
  end
  return found
end

--- Shows whole paths from now on, or short ones. The working directory is asked for here, because a
--- sandbox cannot do so later.
---@param on boolean|nil
function M.whole(on)
  whole, here, known = on == true, folders(), {}
end

-- The part of a path behind its last folder of installed packages. An egg's own folder is no
-- package.
local function in_packages(path)
  local rest = ("/" .. path):match("^.*[/\\]site%-packages[/\\](.+)$") or
    ("/" .. path):match("^.*[/\\]dist%-packages[/\\](.+)$")
  return rest and rest:gsub("^[^/\\]*%.egg[/\\]", "")
end

local function shortened(path)
  local rest = in_packages(path)
  if rest then return rest end
  return (M.below(path))
end

--- The path from the working directory on, if it is below that.
---@param path string
---@return string path
---@return boolean is_below
function M.below(path)
  here = here or folders()
  for _, folder in ipairs(here) do
    if path:sub(1, #folder) == folder and #path > #folder then
      return path:sub(#folder + 1), true
    end
  end
  return path, false
end

--- The path as people see it.
---@param path string
---@return string
function M.path(path)
  if whole then return path end
  local short = known[path]
  if short then return short end
  if count >= 10000 then known, count = {}, 0 end
  short = shortened(path)
  known[path], count = short, count + 1
  return short
end

--- The path with its line, where there is one.
---@param file string|nil
---@param line integer|nil
---@return string
function M.place(file, line)
  if not file or file == "" then return "" end
  if not line or line == 0 then return M.path(file) end
  return ("%s:%d"):format(M.path(file), line)
end

--- The name of a function as people see it: without the `<locals>.` of functions in functions.
---@param name string
---@return string
function M.name(name)
  return (name:gsub("<locals>%.", ""))
end

return M
