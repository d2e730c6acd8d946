-- A file of calls gives a graph that answers every question, or an error that names the place.
local profile = require "pyprof.profile"
local formats = require "pyprof.profile.read.formats"

-- No message if no function is called "a".
require("pyprof.profile.selector").on_empty(function() end)

---@param format string
---@return fun(bytes: string, path: string)
return function(format)
  return function(_, path)
    if formats.of_calls(path) ~= format then return end
    local loaded, message = profile.load(path)
    if not loaded then
      local said = message:sub(#path + 1)
      assert(said:find("^: byte %d+") or said:find("^: entry %d+ of %d+"), message)
      assert(not said:find("\n"), "more than one line")
      return
    end
    local weight = 0.0
    for _, row in ipairs(loaded:functions()) do
      assert(row.self_weight >= 0 and row.total_weight >= 0 and row.calls >= 0, "less than nothing")
      weight = weight + row.self_weight
    end
    assert(math.abs(weight - loaded.weight) <= 1e-9 * weight or weight == math.huge, "the sum")
    assert(#loaded:calls() >= 0 and loaded:sum("name:.*").functions == #loaded:functions())
    loaded:by "file"
    loaded:callers "name:a"
    loaded:callees "name:a"
    assert(tostring(loaded) and loaded.quality and loaded.metrics)
  end
end
