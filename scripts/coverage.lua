-- coverage.lua - which lines and branches ran, and which never did.
local function shown(coverage, first)
  local columns = { first, "statements", "missing" }
  if coverage.branch then table.move({ "branches", "partial" }, 1, 2, #columns + 1, columns) end
  return columns
end

local function with(columns, ...)
  return table.move({ ... }, 1, select("#", ...), #columns + 1, columns)
end

-- Both numbers, with as many digits as it takes to tell them apart.
local function compared(covered, least)
  local digits, text = 2, ("%.2f"):format(covered)
  while tonumber(text) >= least and digits < 15 do
    digits = digits + 1
    text = ("%%.%df"):format(digits):format(covered)
  end
  return ("%s %% are covered, less than %.14g %%"):format(text, least)
end

return {
  help = "Which lines and branches ran, by coverage.py (--fail-under gives status 3)",
  needs = { "coverage" },
  args = {
    functions = { false, help = "a row for each function, too" },
    fail_under = { type = "percent", min = 0, max = 100,
      help = "the least percentage that passes: 90 or 90%" },
    sort = { fields = { "file", "statements", "missing", "branches", "partial", "covered_share" } },
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
        and { verdict = "failed", because = compared(covered, args.fail_under) }
        or { verdict = "passed" }
    end
    return table.unpack(results)
  end,
}
