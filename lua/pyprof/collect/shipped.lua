-- collect/shipped.lua - what the shipped collectors are, in the order of their runs. Their files,
-- collect/NAME.lua, are loaded when they are used.
---@type { name: string, help: string, runs: boolean|nil, part_of: string|nil, rides: string|nil,
---  view: string|nil, args: table<string, any>|nil }[]
return {
  { name = "source", help = "What the source defines: files, functions, complexity" },
  { name = "profile", runs = true,
    help = "Where the time goes: recordings, or a run under py-spy" },
  { name = "recordings", part_of = "profile",
    help = "The recordings one by one: a list of profiles" },
  { name = "stacks", runs = true, help = "The current stack of every thread, by py-spy" },
  { name = "tests", rides = "profile", view = "test",
    help = "The tests that run under pytest: outcomes, durations, samples" },
  { name = "coverage", runs = true, help = "Which lines and branches ran, by coverage.py",
    args = {
      isolated = { false,
        help = "ignore coverage.py's configuration (pyproject.toml, .coveragerc …)" },
      no_branch = { false, help = "measure only lines" },
      contexts = { false, help = "record which test executed each line (with pytest: on)" },
    } },
  { name = "counts", runs = true, help = "How often each line ran, exactly",
    args = { all = { false, help = "count the lines of libraries, too" } } },
  { name = "allocations", runs = true,
    help = "What holds the memory at the peak of its use, by memray",
    args = {
      native = { false, help = "frames of C extensions, too" },
      leaks = { false, help = "what is never freed, in place of the peak" },
      objects = { false, help = "every object by itself, small ones too (much slower)" },
    } },
  { name = "memory", runs = true, help = "Memory by line of some functions, by memory_profiler",
    args = { ["function"] = { type = "selector",
      help = "the functions; else those with @profile, else the five hottest" } } },
}
