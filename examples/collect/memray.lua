-- memray.lua - a collector: what was allocated where, when memory use was at its height.
--
-- To have it at hand, put it into ~/.config/pyprof-lua/collect/, and memray (pip install memray)
-- into the target's Python. A report then says needs = { "memray" }; and
--   pyprof-lua report.lua --with profile=memray script.py
-- shows memory in the place of time.
local pyprof = require "pyprof"

return {
  help = "Memory at its height by memray",
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
