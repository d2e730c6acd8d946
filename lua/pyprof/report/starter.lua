-- report/starter.lua - the report that --new writes, which runs as it is.
local M = {}

local template = [==[
-- %s - functions by self time: change it into what you want to know.
--
--   pyprof-lua %s script.py        a program, run and profiled
--   pyprof-lua %s recording.json   or a recording
local pyprof = require "pyprof"

return {
  help = "Functions by self time",

  -- What is collected before run: "profile", "source".
  needs = { "profile" },

  -- Options of this report and their defaults: --limit 5, --exclude SEL, --min-share 2%%.
  args = {
    limit = 20, exclude = {},
    min_share = { 0.0, help = "leave out what takes less" },
  },

  -- "self%%" is the field self_share as a percentage; --format json has the raw values.
  columns = { "rank", "self_weight", "self%%", "total%%", "name", "file:line" },

  run = function(subject, args)
    local rows = subject.profile:functions { limit = args.limit, exclude = args.exclude }
    return pyprof.filter(rows, function(row) return row.self_share >= args.min_share end)
  end,
}
]==]

--- The text of a new report.
---@param name string   of its file
---@return string
function M.text(name)
  return template:format(name, name, name)
end

return M
