-- Hot functions with lines or branches that nothing has run.
local pyprof = require "pyprof"

return {
  help = "Hot functions that are not wholly covered",
  needs = { "profile", "coverage", "source" },
  args = { min_share = 0.01 },
  columns = { "total%", "covered%", "name", "missing_lines",
    { "missing_branches", optional = true } },
  run = function(subject, args)
    return pyprof.sort(pyprof.filter(pyprof.join(subject), function(row)
      return row.total_share >= args.min_share and (row.covered_share or 1) < 1
    end), "total_share")
  end,
}
