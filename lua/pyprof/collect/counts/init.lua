-- collect/counts/init.lua - how often each line ran, by counters that each Python of the run puts
-- into the program's own files when it compiles them.
local file = require "pyprof.base.file"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"
local data = require "pyprof.collect.counts.data"
local lead = require "pyprof.target.lead"

local M = {}

--- The counted files that are here: they belong to the program's source.
M.files = data.paths

--- Can the target be counted?
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.gives(target)
  if target.kind ~= "program" then
    return nil, ("%s: has no counts (name a program)"):format(target.name)
  end
  return lead.allowed(target)
end

local function code()
  local parts = {}
  for i, name in ipairs { "plan", "instrument", "live", "helper" } do
    parts[i] = embedded.read(("lua/pyprof/collect/counts/%s.py"):format(name))
  end
  return table.concat(parts, "\n\n")
end

-- A path as people write it here: relative, if it is below the current folder.
local function name_of(path)
  local here = sys.real_path(".") .. "/"
  return path:sub(1, #here) == here and path:sub(#here + 1) or path
end

local function read(dir)
  local texts = {}
  for i, path in ipairs(lead.results(dir)) do texts[i] = assert(file.read(path)) end
  return data.new(texts, name_of)
end

--- Runs the target with counters in its files.
---@param target pyprof.Running
---@param args table
---@param dir string    a private directory
---@return pyprof.LineCounts|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target, args, dir)
  local env, message = lead.make(dir, {
    name = "counts", code = code(), follow = true, options = { all = args.all },
  })
  if not env then return nil, message end
  local exit
  exit, message = target:run { env = env }
  if not exit then return nil, message end
  local lost, running = lead.lost(dir)
  local run = { exit = exit, notes = lead.notes(dir) }
  local counts = read(dir)
  if not counts then
    return nil, run.notes[1] or "counts: no file of the program's own was counted " ..
      "(--counts-all counts libraries, too)", run
  end
  local gaps = lead.gaps("counts", lost, running)
  table.move(gaps, 1, #gaps, #run.notes + 1, run.notes)
  return counts, nil, run
end

return M
