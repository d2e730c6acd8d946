-- pytest.lua - tests by their time, each with its outcome and its hottest own function.
return {
  help = "Tests of pytest by their time: outcomes, samples, hottest own functions",
  needs = { "tests" },
  args = { limit = 30, sort = { "seconds", fields = { "seconds", "setup", "call", "teardown",
    "share", "samples", "weight", "outcome", "worker", "id", "name", "file", "line",
    "hottest" } } },
  run = function(subject, args)
    local tests = subject.tests
    local total = tests:totals()
    return {
        title = "Tests", rows = tests:list { sort = args.sort, limit = args.limit },
        columns = { { "seconds", also = { "setup", "call", "teardown" } },
          { "share", also = { "samples", "weight" } }, "outcome", { "worker", optional = true },
          { "id", also = { "name", "file", "line" } },
          { "hottest", head = "mostly in", format = "name", optional = true } },
        empty = "No test ran.",
      }, {
        title = "Total", rows = { total },
        columns = { "tests", "passed", "failed", "error", "skipped", "xfailed", "xpassed",
          "seconds", "status" },
      }
  end,
}
