-- unused.lua - functions that never ran, or of which nothing shows that they did.
local pyprof = require "pyprof"

local order = { never = 1, unseen = 2, unknown = 3 }

return {
  help = "Functions that never ran: with proof by --with coverage or counts, else candidates",
  needs = { "profile", "source" },
  wants = { "coverage", "counts" },
  args = {
    coverage = { false, help = "run the program again, to prove it by coverage.py" },
    counts = { false, help = "run the program again, to prove it by exact counts" },
  },
  columns = { "status", "name", "file:line", { "why", optional = true } },
  finding = function(row)
    if row.status == "never" then return row.name .. " never ran" end
    return ("%s: nothing shows that it ran%s"):format(row.name,
      row.why and " (" .. row.why .. ")" or ""), "note"
  end,
  run = function(subject)
    local proof = subject.coverage or subject.counts
    local all = pyprof.filter(pyprof.join(subject),
      function(row) return row.status ~= "unmatched" end)
    local rows = pyprof.filter(all, function(row) return order[row.status] ~= nil end)
    if not proof then
      local why = rows[1] and rows[1].status == "unknown" and rows[1].why
      if why then return nil, why .. " (--from source=FOLDER names others)" end
      return { rows = rows, columns = { "name", "file:line" }, empty = "All of them were seen.",
        head = ("%d of %d functions are in none of %s. What runs for a moment, or " ..
          "waits, is seldom sampled: --coverage proves it.")
          :format(#rows, #all, pyprof.format(subject.profile.samples, "samples")) }
    end
    table.sort(rows, function(a, b)
      if a.status ~= b.status then return order[a.status] < order[b.status] end
      if a.file ~= b.file then return a.file < b.file end
      return a.line < b.line
    end)
    local never = #pyprof.filter(rows, function(row) return row.status == "never" end)
    local more = #rows > never and
      (", of %d more nothing shows that they did"):format(#rows - never) or ""
    return { rows = rows, empty = "All of them ran.",
      head = ("%d of %d functions never ran%s"):format(never, #all, more) }
  end,
}
