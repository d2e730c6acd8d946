-- Functions that never ran: dead code, as far as this run shows.
local pyprof = require "pyprof"

return {
  help = "Functions that coverage proves never ran, the longest first",
  needs = { "coverage", "source" },
  columns = { "lines", "complexity", "name", "file:line" },
  run = function(subject)
    local rows = pyprof.filter(pyprof.join(subject), function(row)
      row.lines = row.end_line - row.first_line + 1
      return row.status == "never"
    end)
    return pyprof.sort(rows, "lines")
  end,
}
