-- memray.lua - a collector: the allocations that hold memory at the peak of its use.
--
-- To use it, put it into ~/.config/pyprof-lua/collect/, and install memray (pip install memray) in
-- the target's Python. A report can then have needs = { "memray" }, and
--   pyprof-lua report.lua --with profile=memray script.py
-- shows memory in place of time.
local pyprof = require "pyprof"

return {
  help = "Memory at the peak of its use, by memray",
  args = { native = { false, help = "frames of C extensions, too" } },
  load = pyprof.load,
  collect = function(target, args, dir)
    local results, recording = dir .. "/memray.bin", dir .. "/memray.json"
    local via = { "-m", "memray", "run", "-q", "-o", results }
    if args.native then table.insert(via, 4, "--native") end
    local exit, message = target:run { via = via }
    if not exit then return nil, message end

    local ended
    ended, message = pyprof.process.run { target.python, "-m", "memray", "transform",
      "speedscope", "-f", "-o", recording, results }
    if not ended then return nil, message end
    if ended.status ~= 0 then return nil, "memray transform: " .. ended.output end
    return pyprof.load(recording)
  end,
}
