-- page/groups.lua - the groups by which a page colours functions: packages, or modules.
local sys = require "pyprof.core.sys"

local M = {}

local most = 39         -- groups beside the last one
local worth = 0.04      -- the share that makes a package count
local enough = 4        -- so many of these packages tell more than modules do

M.rest = "standard library, other"

-- nil for the standard library, and for what is not written in Python.
local function package_of(frame)
  local built_in = frame.file == "" and frame.name:sub(1, 1) == "<"
  return frame.origin ~= "stdlib" and not built_in and frame.package or nil
end

local function is_file(path)
  local status = sys.stat(path)
  return status ~= nil and status.kind == "file"
end

-- The name by which Python imports a file that is here: a folder without __init__.py is no package.
local function imported_as(file)
  local folder, name = file:match("^(.-)([^/]+)%.pyw?$")
  if not name or not is_file(file) then return nil end
  if name == "__init__" then name = nil end
  while is_file(folder .. "__init__.py") do
    local around, package = folder:match("^(.-)([^/]+)/$")
    if not package then break end
    folder, name = around, name and package .. "." .. name or package
  end
  return name
end

-- The program's own code by its modules, libraries by their packages.
local function new_module_of()
  local known = {}
  return function(frame)
    local package = package_of(frame)
    if not package or frame.origin ~= "own" or frame.module == "" then return package end
    local file = frame.file
    known[file] = known[file] or imported_as(file) or frame.module
    return known[file]
  end
end

--- The names of the groups, and a function that tells the number of a frame's group. Own code comes
--- first, and the heaviest first.
---@param profile pyprof.Profile|pyprof.Graph|nil
---@return string[] names
---@return fun(frame: pyprof.Frame): integer
function M.of(profile)
  if not profile then return { M.rest }, function() return 0 end end
  local heavy = 0
  for _, row in ipairs(profile:by(package_of)) do
    if row.self_share >= worth then heavy = heavy + 1 end
  end
  local key = heavy >= enough and package_of or new_module_of()
  local own = {}
  local rows = profile:by(function(frame)
    local name = key(frame)
    if name then own[name] = own[name] or frame.origin == "own" end
    return name
  end)
  local names, number_of = {}, {}
  for _, wanted in ipairs { true, false } do
    for _, row in ipairs(rows) do
      if own[row.name] == wanted and #names < most then
        number_of[row.name] = #names
        names[#names + 1] = row.name
      end
    end
  end
  local last = #names
  names[last + 1] = M.rest
  return names, function(frame)
    local name = key(frame)
    return name and number_of[name] or last
  end
end

return M
