-- folded.lua - the distinct stacks as text, one a line, for flamegraph.pl and its like.
local pyprof = require "pyprof"

return {
  help = "For flamegraph.pl and grep: a line for each stack, `a;b;c 12` (--by line: with lines)",
  needs = { "profile" },
  args = {
    names = { false, help = "names alone, without file and line" },
    by = { "function", choice = { "function", "line" }, help = "what frames are told apart by" },
  },
  run = function(subject, args)
    local text, message = pyprof.encode(subject.profile, "folded", subject.target.name,
      { by = args.by, names = args.names })
    return text, message
  end,
}
