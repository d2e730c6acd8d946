-- profile/resolve.lua - names frames by the definitions that hold them.
--
-- A frame gets the qualified name of its definition, with <locals> as Python 3.11 and later write
-- it. A comprehension or lambda gets the name of the definition around it, then its own. <module>,
-- and frames without a definition, keep their names.
local frame = require "pyprof.profile.frame"
local sources = require "pyprof.source"
local definitions = require "pyprof.source.definitions"

local M = {}

local function is_own(file)
  return frame.new("", file, 0).origin == "own"
end

--- The definitions of a source, for frames of these files.
---@param files string[]
---@param source pyprof.Source
---@return pyprof.Definitions
function M.definitions(files, source)
  return definitions.new(sources.kept_files(source), sources.kept_definitions(source), files,
    is_own)
end

--- The new names by frame number; nil for a frame that keeps its name.
---@param frames pyprof.Frames
---@param source pyprof.Source
---@return table<integer, string>
function M.names(frames, source)
  local held, names = M.definitions(frames.files, source), {}
  for i = 1, frames.count do
    local bare = frames.names[i]:match("[^.]*$")
    local definition, around = held:find(frames.files[i], frames.lines[i], bare)
    if definition then
      names[i] = definition.name
    elseif around then
      names[i] = around.name .. (around.kind == "class" and "." or ".<locals>.") .. bare
    end
  end
  return names
end

return M
