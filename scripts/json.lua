-- json.lua: the data of report.lua and more, as one JSON object ("pyprof-lua/1").
local pyprof = require "pyprof"

-- Removes the shares, which follow from the counts. The rows are not copied, since there may be
-- millions.
local function counted(rows)
  for _, row in ipairs(rows) do row.self_share, row.total_share = nil, nil end
  return pyprof.array(rows)
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
  local execution_count, hot = {}, pyprof.array {}
  for _, row in ipairs(p:by("name")) do execution_count[row.name] = row.total end
  local functions = p:functions() -- made after the rows above are freed
  for _, row in ipairs(pyprof.top(functions, "self", 10)) do
    if row.self > 0 then
      hot[#hot + 1] = { name = row.name, file = row.file, line = row.line, samples = row.self,
        percentage = 100 * row.self / p.samples }
    end
  end
  return {
    profiler = p.exporter:match("^[^@]+") or "unknown", rate = p.rate,
    unit = p.unit, metric = p.metric, metrics = pyprof.array(p.metrics),
    total_samples = p.samples, empty_samples = p.empty_samples, total_weight = p.weight,
    unique_functions = #functions, execution_count = execution_count, hot_functions = hot,
    functions = counted(functions), lines = counted(p:lines()),
    threads = pyprof.array(p:threads()), quality = pyprof.array(p.quality), exit = subject.exit,
  }
end

return {
  help = "The common format: scan and profile as one JSON object",
  needs = { "profile" },
  wants = { "source" },
  run = function(subject)
    local target = subject.target
    return { object = {
      schema = "pyprof-lua/1",
      target = { kind = target.kind, name = target.name, words = pyprof.array(target.words) },
      static = subject.source and static_part(subject.source) or
        { missing = subject.missing.source },
      runtime = runtime_part(subject),
    } }
  end,
}
