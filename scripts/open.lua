-- open.lua - the page of html.lua, opened in a browser, or shown to one elsewhere by --serve.
local pyprof = require "pyprof"

return {
  help = "The page of html.lua in a browser; --serve shows it to one on another machine",
  needs = { "profile" },
  wants = { "source", "tests", "coverage", "counts", "allocations", "memory" },
  args = {
    coverage = { false, help = "what ran and what never did, by another run" },
    counts = { false, help = "how often each line ran, by another run" },
    memory = { false, collects = "allocations", help = "what holds the bytes, by another run" },
    tests = { false, help = "the tests of a target that runs pytest" },
    serve = { false, help = "at an address of this machine with a random token, until Ctrl-C" },
    port = { type = "integer", help = "--serve: the port, else any that is free" },
  },
  run = function(subject, args)
    local page = pyprof.page(subject)
    return pyprof.open(page, { serve = args.serve, port = args.port })
  end,
}
