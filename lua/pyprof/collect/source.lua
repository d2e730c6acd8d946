-- collect/source.lua - the source that belongs to a target, scanned.
local sys = require "pyprof.core.sys"

local M = {}

M.help = "What the source defines: files, functions, complexity"

--- What is said where no source can be found by the frames of a profile.
M.elsewhere = "none of the program's own files is here"

-- The files of a program's own frames that exist, sorted.
local function own_files(profile)
  local paths, seen = {}, {}
  for _, path in ipairs(require("pyprof.profile.samples").own_files(profile)) do
    local status = path:find("%.pyw?$") and sys.stat(path)
    if status and status.kind == "file" and not seen[status.id] then
      seen[status.id] = true
      paths[#paths + 1] = path
    end
  end
  return paths
end

--- Why a target has no source, whatever it does; nil where it may have some.
---@param target pyprof.Target
---@return string|nil
function M.lacking(target)
  if target.form == "code" then return "the code is in the command line (name a file)" end
  if target.form == "zip" then return target.path:match("[^/]*$") .. " is an archive" end
end

local function paths_of(target, profile_of)
  if target.kind == "source" then return target.paths end
  if target.form == "script" or target.form == "directory" then return { target.path } end
  if target.form == "module" then
    return require("pyprof.collect.pyspy").module_paths(target)
  end
  local message = M.lacking(target)
  if message then return nil, message end
  local paths = own_files(profile_of())
  if #paths == 0 then return nil, M.elsewhere end
  return paths
end

--- What the files define that are, or are below, a path.
---@param path string
---@return pyprof.Source|nil
---@return string|nil message
function M.load(path)
  return require("pyprof.source").scan(path)
end

--- What the target's files define; those of a recording, a process or a command are the ones that
--- its own frames name.
---@param target pyprof.Target
---@param args table     profile_of() is the profile
---@return pyprof.Source|nil
---@return string|nil message
function M.collect(target, args)
  local paths, message = paths_of(target, args.profile_of)
  if not paths then return nil, message end
  local source, reason = require("pyprof.source").scan(table.unpack(paths))
  -- Of a program's own files one wants to know what they were when it was started.
  if source and target.kind ~= "source" and not source.folders then source:files() end
  return source, reason
end

return M
