-- html.lua - everything that was collected as one page: flame graph, functions, source, timeline.
local pyprof = require "pyprof"

local function page(subject, args)
  return pyprof.page(subject, { source = args.source, order = args.order,
    limit_nodes = args.limit_nodes })
end

return {
  help = "One HTML file: flame graph, functions, source, timeline and tests",
  binary = true,
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations", "memory", "tests" },
  args = {
    coverage = { false, help = "what ran and what never did, by another run" },
    counts = { false, help = "how often each line ran, by another run" },
    memory = { false, collects = "allocations", help = "what holds the bytes, by another run" },
    tests = { false, help = "outcomes and times of tests, for a target that runs pytest" },
    source = { true, help = "the text of the source" },
    order = { true, help = "who ran when, which makes the file up to twice as large" },
    limit_nodes = { type = "integer", help = "at most so many nodes of the call tree" },
  },
  run = page,
}
