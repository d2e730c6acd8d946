-- The rows of coverage, and what its misuse says.
local check = dofile("tests/lua/check.lua")
local data = require "pyprof.collect.coverage.data"

local function summary(statements, missing)
  return { num_statements = statements, missing_lines = missing, excluded_lines = 1,
    num_branches = 4, num_partial_branches = 1, covered_branches = 2 }
end

local function new(tests)
  return data.new {
    meta = { version = "7.17" }, totals = summary(7, 3), tests = tests,
    files = { ["a.py"] = { summary = summary(7, 3), executed_lines = { 1, 2.0, 9, 12 },
      missing_lines = { 4, 6, 10 }, excluded_lines = { 12 },
      executed_branches = { { 2, 4 }, { 9, -1 } }, missing_branches = { { 9, 10 }, { 2, -2 } } } },
  }
end

check.test("missing lines are one range if no other statement is between them", function()
  local row = new():files()[1]
  check.equal(row.missing_lines, "4-6, 10")
  check.equal(row.missing_branches, "2->exit, 9->10")
  check.equal({ row.statements, row.missing, row.excluded, row.branches, row.partial },
    { 7, 3, 1, 4, 1 })
  check.equal(row.covered_share, 6 / 11)
  check.equal(math.type(row.statements), "integer")
end)

check.test("a line is covered, missing, partial or excluded", function()
  local found = {}
  for i, row in ipairs(new():lines "a.py") do found[i] = row.line .. " " .. row.status end
  check.equal(table.concat(found, ", "), "1 covered, 2 partial, 4 missing, 6 missing, " ..
    "9 partial, 10 missing, 12 excluded")
end)

check.test("branches have their exits last", function()
  local found = {}
  for _, row in ipairs(new():branches "a.py") do
    for _, arc in ipairs(row.arcs) do
      found[#found + 1] = ("%d->%d %s %d"):format(row.line, arc.to, arc.ran, row.taken)
    end
  end
  check.equal(table.concat(found, ", "),
    "2->4 true 1, 2->-2 false 1, 9->10 false 1, 9->-1 true 1")
end)

check.test("tests are the contexts, without the empty one", function()
  local rows = new({ ["a.py"] = { ["t.py::test|run"] = { 1, 2 }, ["m.f"] = { 2 } } })
    :tests("a.py", 2)
  check.equal({ rows[1].name, rows[1].phase, rows[1].lines, rows[2].name, rows[2].phase },
    { "m.f", nil, 1, "t.py::test", "run" })
end)

check.test("misuse says what there is", function()
  local coverage = new()
  check.error(function() return coverage.file end, "unknown field of the coverage: 'file'")
  check.error(function() coverage:lines "b.py" end, "lines: unknown file 'b.py'")
  check.error(function() coverage:lines(1) end, "lines: a file is wanted, not 1")
  check.error(function() coverage:files { sort = "x" } end, "unknown field to sort by: 'x'")
  check.error(function() coverage:functions { limits = 1 } end, "unknown option 'limits'")
  check.error(function() coverage:tests "a.py" end, "no contexts were recorded")
end)

check.finish()
