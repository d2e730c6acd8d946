-- collect/source.lua - the source that belongs to a target, scanned.
local sys = require "pyprof.core.sys"
local frames = require "pyprof.profile.frame"
local sources = require "pyprof.source"
local module = require "pyprof.target.module"

local M = {}

local function is_own(paths)
  return paths == nil or frames.new("", sys.real_path(paths[1]) or paths[1], 0).origin == "own"
end

-- A script beside an interpreter, such as .venv/bin/black, was installed with a package.
local function is_installed(path)
  local folder = (sys.real_path(path) or path):match("^(.*/)[^/]*$") or ""
  return not path:find("%.pyw?$") and
    (sys.stat(folder .. "python3") or sys.stat(folder .. "python")) ~= nil
end

--- Is it known before a program runs which source belongs to it? A module of the standard library
--- or of an installed package, such as pytest, runs the source of somebody else, and so does the
--- script of a package.
---@param target pyprof.Target   of kind "program", but no command
---@return boolean
function M.is_known(target)
  if target.form == "script" then return not is_installed(target.path) end
  return target.form ~= "module" or is_own(module.paths(target))
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
  if target.form == "directory" or target.form == "script" and M.is_known(target) then
    return { target.path }
  end
  if target.form == "module" then
    local paths, message = module.paths(target)
    if not paths or is_own(paths) then return paths, message end
  end
  local good, why = M.gives(target)
  if not good then return nil, why end
  local paths = target.files()
  if #paths == 0 then
    target.profile()
    paths = target.files()
  end
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

--- Scans the target's files. The files of a recording, a process or a command are those of its own
--- that its runs show.
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

--- The source with more files, those that it does not have yet.
---@param source pyprof.Source
---@param paths string[]
---@return pyprof.Source
function M.extended(source, paths)
  local known, all = {}, table.move(source.paths, 1, #source.paths, 1, {})
  for _, row in ipairs(source:files()) do
    local status = sys.stat(row.file)
    if status then known[status.id] = true end
  end
  for _, path in ipairs(paths) do
    if not known[sys.stat(path).id] then all[#all + 1] = path end
  end
  if #all == #source.paths then return source end
  local more = sources.scan(table.unpack(all))
  if not more then return source end
  more:files()
  return more
end

return M
