-- export/folded.lua - the distinct stacks as text, one per line, for flamegraph.pl and others.
local misuse = require "pyprof.base.misuse"

local M = {}

local function part(frame, names)
  local name = names and frame.name or ("%s (%s:%d)"):format(frame.name, frame.file, frame.line)
  return (name:gsub("[;%c]", "_"))
end

--- The format has no place for threads, weights and time.
---@param profile pyprof.Profile
---@param options table   by ("function", "line"), names (alone, without file and line)
---@return string
function M.encode(profile, _, options)
  local names = options.names
  if names ~= nil then misuse.want(names, "boolean", "encode: true or false for names") end
  local lines = {}
  for i, row in ipairs(profile:stacks { by = options.by }) do
    local parts = {}
    for depth, frame in ipairs(row.frames) do parts[depth] = part(frame, names) end
    lines[i] = ("%s %d\n"):format(table.concat(parts, ";"), row.samples)
  end
  return table.concat(lines)
end
M.options = { "by", "names" }

return M
