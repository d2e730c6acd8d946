-- risk.lua - functions that are hot, complex and untested, by the CRAP score times the share.
local pyprof = require "pyprof"

return {
  help = "Functions that are hot, complex and untested: what to test first",
  needs = { "profile", "coverage", "source" },
  args = {
    limit = 20,
    all = { false, help = "those that are wholly covered, too" },
  },
  title = "Risk",
  columns = {
    "rank", "name", "file:line", "total%", "complexity", { "covered_share", head = "covered" },
    { "risk", format = function(risk) return ("%.1f"):format(risk) end, align = "right" },
    { "missing_branches", optional = true },
  },
  finding = function(row)
    return ("%s: risk %.1f: complexity %d, covered %.0f %%, %.1f %% of the time"):format(row.name,
      row.risk, row.complexity, 100 * (row.covered_share or 0), 100 * row.total_share)
  end,
  run = function(subject, args)
    local all, unseen = pyprof.risks(subject)
    local found = pyprof.filter(all, function(row) return row.covered_share < 1 end)
    local rows = args.all and all or found
    return { rows = pyprof.top(rows, "weighed", args.limit),
      empty = "No function in the samples lacks coverage (--all shows the others).",
      head = ("Functions in the samples that are not wholly covered: %d of %d, by risk × total " ..
        "share. Risk is complexity² × (1 − covered)³ + complexity."):format(#found, #all),
      tail = unseen > 0 and ("Not wholly covered, but in no sample: %d (coverage.lua shows the " ..
        "lines)"):format(unseen) or nil }
  end,
}
