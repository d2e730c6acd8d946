-- lcov.lua - coverage as lcov.info, for genhtml and editors.
local pyprof = require "pyprof"

return {
  help = "For genhtml and editors: coverage as lcov.info",
  needs = { "coverage" },
  run = function(subject)
    local text, message = pyprof.encode(subject.coverage, "lcov", subject.target.name)
    return text, message
  end,
}
