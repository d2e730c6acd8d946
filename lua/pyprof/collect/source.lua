-- collect/source.lua - the source that belongs to a target, scanned.
local sys = require "pyprof.core.sys"
local profiles = require "pyprof.profile"
local sources = require "pyprof.source"
local module = require "pyprof.target.module"

local M = {}

M.help = "What the source defines: files, functions, complexity"

-- The files of a program's own frames that exist, sorted.
local function own_files(profile)
  local paths, seen = {}, {}
  for _, path in ipairs(profiles.own_files(profile)) do
    local status = path:find("%.pyw?$") and sys.stat(path)
    if status and status.kind == "file" and not seen[status.id] then
      seen[status.id] = true
      paths[#paths + 1] = path
    end
  end
  return paths
end

--- Can the target have source files?
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.gives(target)
  if target.form == "code" then return nil, "the code is in the command line (name a file)" end
  if target.form == "zip" then return nil, target.path:match("[^/]*$") .. " is an archive" end
  return true
end

local function paths_of(target)
  if target.kind == "source" then return target.paths end
  if target.form == "script" or target.form == "directory" then return { target.path } end
  if target.form == "module" then return module.paths(target) end
  local good, why = M.gives(target)
  if not good then return nil, why end
  local paths = own_files(target.profile())
  if #paths == 0 then
    return nil, "none of the program's own files is here",
      { hint = "--from source=FOLDER says where" }
  end
  return paths
end

--- Scans a file, or the files below a folder.
---@param path string
---@return pyprof.Source|nil
---@return string|nil message
function M.load(path)
  return sources.scan(path)
end

--- Scans the target's files. The files of a recording, a process or a command are those that its
--- own frames name.
---@param target pyprof.Running
---@return pyprof.Source|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target)
  local paths, message, run = paths_of(target)
  if not paths then return nil, message, run end
  local source, reason = sources.scan(table.unpack(paths))
  -- Scan a program's own files now: later they may differ from the code that ran.
  if source and target.kind ~= "source" and not source.folders then source:files() end
  return source, reason
end

return M
