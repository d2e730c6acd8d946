-- budget.lua - fails if a function or the program takes more than its limit: status 3, for CI.
-- limits.lua: return { { "parse", "total", 0.20 }, { "*", "risk", 30 }, … }
local pyprof = require "pyprof"

local function optional(field, format) return { field, optional = true, format = format } end
-- A figure of the whole program has a unit.
local function shown(value, row) return row.unit and pyprof.format(value, row.unit) or value end

return {
  help = "Fail if a function takes more than its limit (status 3; 4 if that is not certain)",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations" },
  args = {
    limits = { type = "lua", help = "return { { 'parse', 'total', 0.20 } }" },
    max_wall = { type = "number", min = 0, help = "seconds of the whole program" },
    max_cpu = { type = "number", min = 0, help = "seconds of CPU time, of the whole program" },
    max_memory = { type = "number", min = 0, help = "bytes that it may hold at its peak" },
    coverage = { false, help = "covered, risk …, by another run" },
    counts = { false, help = "calls and executions, by another run" },
    memory = { false, collects = "allocations", help = "bytes, by another run" },
  },
  columns = { "verdict", "name", "kind", optional "share", optional "low_share",
    optional "high_share", optional "max_share", optional("worst", "name"),
    optional("value", shown), optional "min", optional("max", shown), optional "why" },
  finding = function(row)
    if row.verdict == "passed" then return nil end
    local value, limit = row.value, row.max or row.min
    if row.share then
      value, limit = pyprof.format(row.share, "percent"), pyprof.format(row.max_share, "percent")
    end
    return ("%s: %s is %s (limit %s): %s"):format(row.name, row.kind,
      value and shown(value, row) or "not known", shown(limit, row), row.verdict),
      row.verdict == "failed" and "error" or "warning"
  end,
  check = function(args, given)
    local fault = args.limits ~= nil and pyprof.limits_fault(args.limits)
    if fault then return ("--limits: %s: %s"):format(given.limits, fault) end
    return args.limits == nil and not (args.max_wall or args.max_cpu or args.max_memory) and
      "no limits (--limits FILE, --max-wall S, --max-cpu S or --max-memory BYTES)" or nil
  end,
  run = function(subject, args)
    local whole = { wall = args.max_wall, cpu = args.max_cpu, memory = args.max_memory }
    local rows, worst = pyprof.check(subject, args.limits, whole)
    if not rows then return nil, worst end
    return rows, { verdict = worst }
  end,
}
