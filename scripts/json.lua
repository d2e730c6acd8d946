-- json.lua: the data of report.lua and more, as one JSON object ("pyprof-lua/1").
local pyprof = require "pyprof"

-- The rows without the shares, which follow from the counts; each is made when it is written.
local function counted(rows)
  return pyprof.lazy(#rows, function(i)
    local row = rows[i]
    row.self_share, row.total_share = nil, nil
    return row
  end)
end

local function static_part(source)
  local all = source:totals()
  return {
    file_size = all.bytes, lines_of_code = all.lines, functions = all.functions,
    classes = all.classes, imports = all.imports, complexity = all.complexity,
    files = pyprof.array(source:files { sort = "file" }),
    definitions = pyprof.array(source:definitions { sort = "file" }),
  }
end

local function runtime_part(subject)
  local p = subject.profile
  local threads = pyprof.array(p:threads()) -- a profile of calls has none: it says so
  local names, hot = p:by("name", { sort = "name", lazy = true }), pyprof.array {}
  local functions = p:functions { lazy = true }
  for _, row in ipairs(p:functions { sort = "self", limit = 10 }) do
    if row.self > 0 then
      hot[#hot + 1] = { name = row.name, file = row.file, line = row.line, samples = row.self,
        percentage = 100 * row.self / p.samples }
    end
  end
  return {
    profiler = p.exporter:match("^[^@]+") or "unknown", rate = p.rate, unit = p.unit,
    metric = p.metric, metrics = pyprof.array(p.metrics), total_weight = p.weight,
    total_samples = p.samples, empty_samples = p.empty_samples, hot_functions = hot,
    unique_functions = #functions, execution_count = pyprof.lazy_object(#names, function(i)
      local row = names[i]
      return row.name, row.total
    end),
    functions = counted(functions), lines = counted(p:lines { lazy = true }),
    threads = threads, quality = pyprof.array(p.quality), exit = subject.exit,
  }
end

-- Adds what was collected by --with, and its join with the definitions.
local function add_evidence(object, subject)
  local coverage, counts, tests = subject.coverage, subject.counts, subject.tests
  local bytes = subject.allocations
  object.coverage = coverage and { version = coverage.version, branch = coverage.branch,
    total = coverage:totals(), files = pyprof.array(coverage:files()) }
  object.counts = counts and { files = pyprof.array(counts:files()),
    lines = pyprof.array(counts:lines()) }
  object.memory = bytes and { peak = bytes.weight, allocations = bytes.samples,
    functions = counted(bytes:functions { lazy = true }),
    lines = counted(bytes:lines { lazy = true }) }
  object.tests = tests and { total = tests:totals(), list = pyprof.array(tests:list()) }
  if subject.source and (coverage or counts or bytes) then
    object.functions = pyprof.array(pyprof.join(subject))
  end
  return object
end

return {
  help = "For programs: scan, profile and what --with adds, as one JSON object",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations", "tests" },
  run = function(subject)
    local target = subject.target
    return { object = add_evidence({
      schema = "pyprof-lua/1",
      target = { kind = target.kind, name = target.name, words = pyprof.array(target.words) },
      static = subject.source and static_part(subject.source) or
        { missing = subject.missing.source },
      runtime = runtime_part(subject),
    }, subject) }
  end,
}
