-- repl/save.lua - save(value, path): writes what the prompt shows into a file.
local misuse = require "pyprof.base.misuse"
local output = require "pyprof.base.output"
local terminal = require "pyprof.base.terminal"
local profile = require "pyprof.profile"
local render = require "pyprof.render"
local sections = require "pyprof.render.sections"
local kinds = require "pyprof.repl.kinds"
local show = require "pyprof.repl.show"

local M = {}

-- The results of a report, or the rows as those of one.
local function results_of(value)
  local result = show.results[value]
  if result then return result.results, result.report, result.unit, result.limits end
  if not show.is_rows(value) then
    misuse.raise("save(value, path): rows, the result of a report or a text is wanted%s",
      profile.is(value) and " (of a profile: reports.speedscope(p))" or "")
  end
  return { n = 1, value }, { columns = kinds.of(value) }, show.unit_at_hand()
end

--- Writes rows, the result of a report or a text; the path's ending chooses the format.
---@param value any
---@param path string   "x.csv", "x.md", "x.json", "x.html" …
---@return string path
function M.save(value, path)
  misuse.want(path, "string", "save(value, path): a path")
  if type(value) == "string" then
    output.write(path, function(write) write(value) end)
    return path
  end
  local results, report, unit, limits = results_of(value)
  local made = sections.of(results, report, "save", unit)
  local format = render.format_for({ output = path }, made)
  local context = terminal.of_reports(path)
  context.unit, context.notes, context.limits = unit, {}, limits
  output.write(path, function(write) render.render(format, made, write, context) end, format)
  return path
end

return M
