-- coverage.lua - which lines and branches ran, and which never did.
local function shown(coverage, first)
  local columns = { first, "statements", "missing" }
  if coverage.branch then table.move({ "branches", "partial" }, 1, 2, #columns + 1, columns) end
  return columns
end

local function with(columns, ...)
  return table.move({ ... }, 1, select("#", ...), #columns + 1, columns)
end

return {
  help = "Which lines and branches ran, by coverage.py (--fail-under gives status 3)",
  needs = { "coverage" },
  args = {
    functions = { false, help = "a row for each function, too" },
    fail_under = { type = "number", help = "the least percentage that passes" },
    sort = { type = "string", help = "file, statements, missing, covered_share; -FIELD reverses" },
    limit = { type = "integer" },
  },
  run = function(subject, args)
    local coverage = subject.coverage
    local query = { sort = args.sort, limit = args.limit }
    local totals, percent = coverage:totals(), { "covered_share", head = "covered" }
    local missing = { "missing_lines", optional = true }
    local arcs = { "missing_branches", optional = true }
    local results = { { title = "Coverage", rows = coverage:files(query),
      empty = "No file was measured.",
      columns = with(shown(coverage, "file"), percent, missing, arcs) } }
    if args.functions then
      results[2] = { title = "Functions", rows = coverage:functions(query),
        columns = with(shown(coverage, "name"), percent, "file:line", missing, arcs) }
    end
    results[#results + 1] = { title = "Total", rows = { totals },
      columns = with(shown(coverage, "files"), percent) }
    if args.fail_under then
      local covered = 100 * totals.covered_share
      results[#results + 1] = covered < args.fail_under
        and { verdict = "failed", because = ("%.2f %% are covered, less than %g %%")
          :format(covered, args.fail_under) }
        or { verdict = "passed" }
    end
    return table.unpack(results)
  end,
}
