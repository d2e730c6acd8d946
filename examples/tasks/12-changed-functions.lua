-- The functions that a diff changes: their cost, and whether they run.
local pyprof = require "pyprof"

return {
  help = "What the changed functions cost, and whether they ran",
  needs = { "profile", "coverage", "source" },
  args = { diff = { type = "file", required = true, help = "git diff -U0" } },
  columns = { "status", "total%", "covered%", "name", "file:line" },
  run = function(subject, args)
    local changed, file = {}, ""
    for line in io.lines(args.diff) do
      file = line:match("^%+%+%+ .-([^/]+)$") or file
      changed[file .. (line:match("^@@ [^+]*%+(%d+)") or "")] = true
    end
    return pyprof.filter(pyprof.join(subject), function(row)
      for line = row.first_line or 1, row.end_line or 0 do
        if changed[row.file:match("[^/]*$") .. line] then return true end
      end
    end)
  end,
}
