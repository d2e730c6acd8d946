-- base/places.lua - finds reports and collectors: in the user's folders first, then the program's
-- own, then files of the working directory.
local file = require "pyprof.base.file"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"

local M = {}

---@class pyprof.Found
---@field path string         its path, or its name in the program
---@field chunk string        its name in errors
---@field text string|nil     the bytes of an embedded copy

local function add_directories(list, text)
  for directory in (text or ""):gmatch("[^:]+") do list[#list + 1] = directory end
end

--- The folder of the user's config.lua, reports and collectors.
---@return string|nil
function M.config_directory()
  local config, home = os.getenv("XDG_CONFIG_HOME"), os.getenv("HOME")
  if config and config ~= "" then return config .. "/pyprof-lua" end
  return home and home ~= "" and home .. "/.config/pyprof-lua" or nil
end

--- The user's config.lua, where there is one.
---@return string|nil
function M.config_file()
  local directory = M.config_directory()
  local path = directory and directory .. "/config.lua"
  return path and sys.stat(path) and path or nil
end

--- The directories that hold a user's reports, in the order of the search.
---@return string[]
function M.directories()
  local list = {}
  add_directories(list, os.getenv("PYPROF_PATH"))
  list[#list + 1] = M.config_directory()
  return list
end

local function is_file(path)
  local status = sys.stat(path)
  return status and status.kind ~= "directory"
end

-- `ours` is the folder of the shipped files: "scripts/" or "lua/pyprof/collect/".
local function find_shipped(name, ours)
  if embedded.share then
    local path = embedded.share .. "/" .. ours .. name
    if is_file(path) then return { path = path, chunk = name } end
  end
  local text = embedded.read(ours .. name)
  return text and { path = ours .. name, chunk = name, text = text }
end

-- A report of the user's folders or of the program's own.
local function known(name)
  if not name:find("%.lua$") or name == "config.lua" or name:find("/", 1, true) then return nil end
  for _, directory in ipairs(M.directories()) do
    local path = directory .. "/" .. name
    if is_file(path) then return { path = path, chunk = path } end
  end
  return find_shipped(name, "scripts/")
end

--- Finds a report by its path, or by its name with or without ".lua". A name means a file in the
--- working directory only if no report has it: a foreign folder must not replace a report.
---@param name string
---@return pyprof.Found|nil
---@return string|nil here   what the name does not mean: a file or folder in the working directory
function M.report(name)
  if name:find("\0", 1, true) then return nil end
  local found = known(name)
  if not found and is_file(name) then return { path = name, chunk = name } end
  found = found or known(name .. ".lua")
  if not found then return nil end
  for _, path in ipairs { "./" .. name, "./" .. name .. ".lua" } do
    if sys.stat(path) then return found, path end
  end
  return found
end

--- The names of all reports of the user's folders and the shipped ones, sorted, with the place of
--- each. A user's may replace another of its name.
---@return { name: string, found: pyprof.Found, replaces: boolean }[]
function M.reports()
  local seen, list = {}, {}
  local function add(name, found)
    if not name:find("%.lua$") or name == "config.lua" then return end
    if seen[name] then
      seen[name].replaces = true -- the first one is found
      return
    end
    seen[name] = { name = name, found = found, replaces = false }
    list[#list + 1] = seen[name]
  end
  for _, directory in ipairs(M.directories()) do
    for _, name in ipairs(sys.list(directory) or {}) do
      local path = directory .. "/" .. name
      if is_file(path) then add(name, { path = path, chunk = path }) end
    end
  end
  for _, path in ipairs(embedded.names("scripts/")) do
    local name = path:sub(#"scripts/" + 1)
    add(name, find_shipped(name, "scripts/"))
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- Finds a user's collector. A name must not be a path, because a report may have written it.
---@param name string
---@return pyprof.Found|nil
function M.collector(name)
  if not name:find("^%l[%l%d_]*$") then return nil end
  for _, directory in ipairs(M.directories()) do
    local path = ("%s/collect/%s.lua"):format(directory, name)
    if is_file(path) then return { path = path, chunk = path } end
  end
end

--- The user's collectors, sorted by name.
---@return { name: string, found: pyprof.Found }[]
function M.collectors()
  local seen, list = {}, {}
  for _, directory in ipairs(M.directories()) do
    for _, entry in ipairs(sys.list(directory .. "/collect") or {}) do
      local name = entry:match("^(.*)%.lua$")
      local found = name and not seen[name] and M.collector(name)
      if found then
        seen[name] = true
        list[#list + 1] = { name = name, found = found }
      end
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The place of a word for a message: "FILE:LINE", or FILE where the file does not hold the word.
---@param chunk string
---@param text string|nil   the file's bytes
---@param word string
---@return string
function M.place(chunk, text, word)
  local number = 0
  local pattern = "%f[%w_]" .. word:gsub("%p", "%%%0") .. "%f[^%w_]"
  for line in ((text or "") .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    if line:gsub("^%s*%-%-.*", ""):find(pattern) then return chunk .. ":" .. number end
  end
  return chunk
end

--- The bytes of a found file.
---@param found pyprof.Found
---@return string|nil text
---@return string|nil message
function M.read(found)
  if found.text then return found.text end
  local plain, _, special = sys.plain(found.path)
  if not plain then return nil, ("%s: is %s (name a regular file)"):format(found.path, special) end
  return file.read(found.path)
end

return M
