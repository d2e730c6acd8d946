-- memory.lua - memory over time, what holds it at its peak, and the lines of functions.
local pyprof = require "pyprof"

-- At most 40 bars, fewer in a narrow terminal, each as high as the highest point of its part of the
-- time.
local function bars(bytes)
  local most, count = {}, math.min(40, #bytes, math.max(8, pyprof.width() - 24))
  for i, value in ipairs(bytes) do
    local bar = (i - 1) * count // #bytes + 1
    most[bar] = math.max(most[bar] or 0, value)
  end
  return most
end

local function over_time(exit, points)
  local row = { peak = exit and exit.max_rss or 0, seconds = {}, bytes = {} }
  for _, point in ipairs(pyprof.filter(points, function(it) return not it.pid end)) do
    table.insert(row.seconds, point.seconds)
    table.insert(row.bytes, point.bytes)
    row.peak = math.max(row.peak, point.bytes)
  end
  local shown = { peak = row.peak, bars = bars(row.bytes), seconds = row.seconds }
  return { title = "Memory", rows = { shown }, columns = {
    { "peak", format = "bytes" }, { "bars", head = "over time", format = "sparkline" },
    { "seconds", format = function(list) return ("%.2f s"):format(list[#list]) end },
  }, data = { rows = { row }, columns = { "peak", "bytes", "seconds" } } }
end

local function held(p, args)
  local rows = p[args.by .. "s"](p, { limit = args.limit, exclude = args.exclude })
  for _, row in ipairs(rows) do
    row.bytes, row.total_bytes, row.allocations = row.self_weight, row.total_weight, row.self
  end
  return { title = "Allocations", rows = rows, columns = { "rank", { "bytes", format = "bytes" },
    { "total_bytes", format = "bytes" }, "self%", "allocations", "name", "file:line" } }
end

return {
  help = "Memory over time, what holds it at its peak, and line by line (--function SEL)",
  wants = { "profile", "allocations", "memory" },
  args = {
    limit = 20, exclude = {}, by = { "function", choice = { "function", "line" } },
    profile = { true, help = "measure memory over time, in the run of the profile" },
    allocations = { true, help = "what holds the memory at its peak, by memray" },
    memory = { false, help = "lines of functions, by memory_profiler" },
    ["function"] = { type = "selector", collects = "memory", help = "lines of these functions" },
  },
  run = function(subject, args)
    local p, m, results = subject.allocations, subject.memory, {}
    local points = m and m:timeline()[1] and m:timeline() or pyprof.resident(subject.exit)
    if #points > 0 then results[1] = over_time(subject.exit, points) end
    if p then results[#results + 1] = held(p, args) end
    if m and m:lines()[1] then
      results[#results + 1] = { title = "Lines", rows = m:lines(), columns = { "file:line", "name",
        { "increment", format = "bytes" }, { "memory", format = "bytes" }, "hits" } }
    end
    local why = subject.missing.allocations or subject.missing.memory
    if why and #results > 0 then results[#results + 1] = ("(%s)\n"):format(why) end
    return results[1], results[2] or why, results[3], results[4]
  end,
}
