-- unused.lua - functions that are defined and are in no sample.
local pyprof = require "pyprof"

return {
  help = "Functions that are defined and in no sample: candidates, for sampling proves no absence",
  needs = { "profile", "source" },
  columns = { "name", "file:line" },
  run = function(subject)
    local all, why = pyprof.usage(subject.profile, subject.source)
    if why then return nil, why .. " (--from source=FOLDER names others)" end
    local unseen = pyprof.filter(all, function(row) return row.samples == 0 end)
    return { rows = pyprof.sort(unseen, "file"),
      head = ("%d of %d functions are in none of %d samples. What runs for a moment, or waits, " ..
        "is seldom sampled."):format(#unseen, #all, subject.profile.samples) }
  end,
}
