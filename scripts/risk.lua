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
    local rows, ran, found = {}, 0, 0
    for _, row in ipairs(pyprof.join(subject)) do
      local risk = row.total > 0 and pyprof.risk(row)
      if risk then
        local whole = row.covered_share == 1
        ran, found = ran + 1, found + (whole and 0 or 1)
        row.risk, row.weighed = risk, risk * row.total_share
        if args.all or not whole then rows[#rows + 1] = row end
      end
    end
    return { rows = pyprof.top(rows, "weighed", args.limit),
      empty = "No function that ran lacks coverage (--all shows the others).",
      head = ("Functions that ran and are not wholly covered: %d of %d, by risk × total share. " ..
        "Risk is complexity² × (1 − covered)³ + complexity."):format(found, ran) }
  end,
}
