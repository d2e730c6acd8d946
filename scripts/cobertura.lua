-- cobertura.lua - coverage as Cobertura's XML, for Jenkins, GitLab and others.
local pyprof = require "pyprof"

return {
  help = "For Jenkins, GitLab and others: coverage as Cobertura's XML",
  needs = { "coverage" },
  run = function(subject)
    local text, message = pyprof.encode(subject.coverage, "cobertura", subject.target.name)
    return text, message
  end,
}
