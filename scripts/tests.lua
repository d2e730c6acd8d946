-- tests.lua - which tests reach a function, cheapest first: what to run after a change of it.
local pyprof = require "pyprof"

-- The tests of these functions: { name = row }.
local function reaching(coverage, takes)
  local tests = {}
  for _, it in ipairs(coverage:functions()) do
    if takes { name = it.name, file = it.file, line = it.line } then
      local first = math.min(it.line + 1, it.end_line) -- a function on one line has but its `def`
      for _, test in ipairs(coverage:tests(it.file, first, it.end_line)) do
        local row = tests[test.name] or { id = test.name, lines = 0, functions = 0, last = nil }
        tests[test.name] = row
        if row.last ~= it then row.last, row.functions = it, row.functions + 1 end
        row.lines = row.lines + test.lines
      end
    end
  end
  return tests
end

local function cheaper(a, b)
  if (a.seconds or 0) ~= (b.seconds or 0) then return (a.seconds or 0) < (b.seconds or 0) end
  return a.id < b.id
end

return {
  help = "Which tests reach --function SEL, cheapest first (for a target that runs pytest)",
  needs = { "coverage" },
  wants = { "tests" },
  args = {
    ["function"] = { type = "selector", required = true, help = "the functions: a selector" },
    seconds = { true, collects = "tests", help = "profile the tests, which tells their seconds" },
    limit = 30,
  },
  title = "Tests",
  columns = { { "seconds", optional = true }, "lines", "functions", "id" },
  run = function(subject, args)
    local coverage = subject.coverage
    if not coverage.contexts then return nil, "no tests were recorded (--coverage-contexts)" end
    local seconds, rows = {}, {}
    for _, test in ipairs(subject.tests and subject.tests:list() or {}) do
      seconds[test.id] = test.seconds
    end
    for _, row in pairs(reaching(coverage, pyprof.selector(args["function"]))) do
      row.seconds, row.last = seconds[row.id], nil
      rows[#rows + 1] = row
    end
    table.sort(rows, cheaper)
    return { rows = pyprof.first(rows, args.limit), empty = "No test reaches such a function." }
  end,
}
