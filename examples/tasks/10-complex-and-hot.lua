-- Functions with complexity over 10 that are hot.
local pyprof = require "pyprof"

return {
  help = "Functions that are complex and hot",
  needs = { "profile", "source" },
  args = { complexity = 10, min_share = 0.01 },
  columns = { "complexity", "self%", "total%", "name", "line" },
  run = function(subject, args)
    return pyprof.sort(pyprof.filter(pyprof.join(subject), function(row)
      return (row.complexity or 0) > args.complexity and
        row.total_share >= args.min_share
    end), "total_share")
  end,
}
