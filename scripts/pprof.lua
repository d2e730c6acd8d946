-- pprof.lua - the profile for `go tool pprof` and other readers of its format.
local pyprof = require "pyprof"

return {
  help = "For go tool pprof, Pyroscope and Parca: all but the order in time (-o FILE)",
  needs = { "profile" },
  binary = true,
  run = function(subject)
    local bytes, message = pyprof.encode(subject.profile, "pprof", subject.target.name)
    return bytes, message
  end,
}
