-- collect/memory/modules.lua - the program's own files that its files import, from their source.
local sys = require "pyprof.core.sys"
local frame = require "pyprof.profile.frame"
local outline = require "pyprof.source.outline"

local M = {}

local most = 10000 -- files that are looked at

local function is_file(path)
  local status = sys.stat(path)
  return status ~= nil and status.kind == "file"
end

-- The files of a dotted name below a folder: its module, and the packages around it.
local function files_of(folder, dotted)
  local found, path = {}, folder
  for part in dotted:gmatch("[^.]+") do
    path = path .. "/" .. part
    if is_file(path .. ".py") then found[#found + 1] = path .. ".py" end
    if is_file(path .. "/__init__.py") then found[#found + 1] = path .. "/__init__.py" end
  end
  return found
end

-- The dotted names that an import statement may load.
local function names_of(import)
  local names, module = {}, import.module
  for _, it in ipairs(import.names) do
    names[#names + 1] = module and module ~= "" and module .. "." .. it.name or it.name
  end
  if module and module ~= "" then names[#names + 1] = module end
  return names
end

local function parent_of(path)
  return path:match("^(.*)/[^/]*$") or "."
end

--- These files and those that they import, directly or not, each under its real path.
---@param paths string[]
---@param folders string[]   where imports are looked for
---@return string[]
function M.reached(paths, folders)
  local files, known = {}, {}
  local function add(path)
    local real = sys.real_path(path)
    if not real or known[real] or #files >= most then return end
    known[real] = true
    if frame.new("", real, 0).origin == "own" then files[#files + 1] = real end
  end
  for _, path in ipairs(paths) do add(path) end
  local i = 1
  while files[i] do
    local made = outline.of(files[i])
    for _, import in ipairs(made and made.imported or {}) do
      local places = folders
      if import.level > 0 then
        local place = parent_of(files[i])
        for _ = 2, import.level do place = parent_of(place) end
        places = { place }
      end
      for _, name in ipairs(names_of(import)) do
        for _, place in ipairs(places) do
          for _, path in ipairs(files_of(place, name)) do add(path) end
        end
      end
    end
    i = i + 1
  end
  return files
end

return M
