-- The lines whose single execution takes longest.
local pyprof = require "pyprof"

return {
  help = "Lines by the time of one execution",
  needs = { "profile", "counts", "source" },
  args = { limit = 5, min_count = 100 },
  columns = { { "each", format = "duration" }, { "count", format = "count" },
    "file:line", "text" },
  run = function(subject, args)
    local rows = pyprof.filter(pyprof.annotate(subject), function(row)
      local often = (row.count or 0) >= args.min_count
      row.each = row.samples and often and row.weight / row.count or 0
      row.text = row.text:gsub("^%s+", "")
      return row.each > 0
    end)
    return pyprof.top(rows, "each", args.limit)
  end,
}
