-- The tests that reach a function.
local pyprof = require "pyprof"

return {
  help = "Which tests run a function, and how many of its lines",
  needs = { "coverage" },
  args = { name = { type = "selector", required = true } },
  columns = { "lines", "name" },
  run = function(subject, args)
    local takes, rows = pyprof.selector(args.name), {}
    for _, it in ipairs(subject.coverage:functions()) do
      if takes { name = it.name, file = it.file, line = it.line } then
        local first = math.min(it.line + 1, it.end_line)
        local tests = subject.coverage:tests(it.file, first, it.end_line)
        table.move(tests, 1, #tests, #rows + 1, rows)
      end
    end
    return pyprof.sort(rows, "lines")
  end,
}
