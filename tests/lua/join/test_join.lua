-- Definitions held against what was collected: statuses, evidence, figures, lines.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"

local text = [[
def ran():
    pass


@decorated
def never():
    pass


def unseen():
    pass


def unknown():
    """Nothing."""
]]

local function with_files(source_text, folded, work)
  local path, recording = os.tmpname(), os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(source_text):close()
  file = assert(io.open(recording, "w"))
  file:write((folded:gsub("PATH", path))):close()
  local good, message = pcall(work, path, recording)
  os.remove(path)
  os.remove(recording)
  if not good then error(message, 0) end
end

-- A value with the methods of coverage and counts.
local function value(path, functions, lines)
  for _, row in ipairs(functions) do row.file = path end
  return {
    files = function() return { { file = path } } end,
    functions = function() return functions end,
    lines = function() return lines or {} end,
  }
end

local function covered(name, line, statements, missing, ran, more)
  local row = { name = name, line = line, statements = statements, missing = missing, ran = ran,
    excluded = 0, covered_share = statements > 0 and 1 - missing / statements or 1.0 }
  for key, field in pairs(more or {}) do row[key] = field end
  return row
end

local function statuses(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = ("%s %s %s"):format(row.name, row.status, row.evidence)
  end
  return list
end

check.test("samples, coverage and counts together tell what ran", function()
  with_files(text, "ran (PATH:2) 3\n", function(path, recording)
    local data = { profile = assert(pyprof.load(recording)), source = assert(pyprof.scan(path)) }
    check.equal(statuses(pyprof.join(data)),
      { "ran ran samples", "never unseen ", "unseen unseen ", "unknown unseen " })
    data.coverage = value(path, { covered("ran", 1, 1, 0, true), covered("never", 6, 1, 1, false),
      covered("unknown", 14, 0, 0, nil) })
    local rows = pyprof.join(data)
    check.equal(statuses(rows), { "ran ran samples, coverage", "never never coverage",
      "unseen unseen ", "unknown unknown " })
    check.equal(rows[4].why, "coverage sees no statement in its body")
    check.equal({ rows[2].line, rows[2].first_line, rows[2].covered_share }, { 6, 5, 0.0 })
    data.counts = value(path, { { name = "ran", line = 1, calls = 3, executions = 3 },
      { name = "unknown", line = 14, calls = 2, executions = 2 } })
    rows = pyprof.join(data)
    check.equal(statuses(rows), { "ran ran samples, coverage, counts", "never never coverage",
      "unseen unseen ", "unknown ran counts" })
    check.equal({ rows[1].calls, rows[1].total, rows[4].executions }, { 3, 3, 2 })
  end)
end)

check.test("without samples there are no figures of samples", function()
  with_files(text, "a 1\n", function(path)
    local data = { source = assert(pyprof.scan(path)),
      coverage = value(path, { covered("ran", 1, 1, 0, true) }) }
    local row = pyprof.join(data)[1]
    check.equal({ row.status, row.total, row.self_share }, { "ran" })
    check.error(function() pyprof.join { source = data.source } end,
      "a profile, coverage or counts are wanted beside the source")
  end)
end)

check.test("excluded lines are a reason", function()
  with_files(text, "a 1\n", function(path)
    local rows = pyprof.join { source = assert(pyprof.scan(path)),
      coverage = value(path, { covered("ran", 1, 0, 0, nil, { excluded = 1 }) }) }
    check.equal({ rows[1].status, rows[1].why }, { "unknown", "its lines are excluded" })
  end)
end)

check.test("what samples prove, coverage does not deny", function()
  with_files(text, "never (PATH:7) 2\n", function(path, recording)
    local rows = pyprof.join { source = assert(pyprof.scan(path)),
      profile = assert(pyprof.load(recording)),
      coverage = value(path, { covered("never", 6, 1, 1, false) }) }
    check.equal(statuses(rows)[2], "never ran samples")
  end)
end)

check.test("a file that changed is not joined", function()
  with_files(text, "ran (PATH:2) 3\n", function(path, recording)
    local source = assert(pyprof.scan(path))
    source.changed = { [path] = true }
    local row = pyprof.join { profile = assert(pyprof.load(recording)), source = source,
      coverage = value(path, { covered("ran", 1, 1, 0, true) }) }[1]
    check.equal({ row.status, row.total, row.statements, row.why },
      { "unknown", 0, nil, "the file changed between two runs" })
  end)
end)

check.test("risk is complexity squared times what is untested cubed, and complexity", function()
  check.equal(pyprof.risk { complexity = 5, covered_share = 0 }, 30.0)
  check.equal(pyprof.risk { complexity = 5, covered_share = 1 }, 5.0)
  check.equal(pyprof.risk { complexity = 2, covered_share = 0.5 }, 2.5)
  check.equal(pyprof.risk { complexity = 2 }, nil)
end)

check.test("each line has what was collected about it", function()
  with_files(text, "ran (PATH:2) 3\nunseen (PATH:11) 1\n", function(path, recording)
    local rows = pyprof.annotate { source = assert(pyprof.scan(path)),
      profile = assert(pyprof.load(recording)),
      counts = value(path, {}, { { file = path, line = 2, count = 7 } }) }
    check.equal(#rows, 15)
    check.equal({ rows[2].samples, rows[2].share, rows[2].count, rows[2].text },
      { 3, 0.75, 7, "    pass" })
    check.equal({ rows[3].samples, rows[3].count, rows[3].text }, { nil, nil, "" })
    check.equal(#pyprof.annotate({ source = assert(pyprof.scan(path)),
      profile = assert(pyprof.load(recording)) }, { file = "nosuch" }), 0)
  end)
end)

check.test("the lines of a file without definitions have what was collected, too", function()
  with_files("s = 0\ns += 1\n\n", "<module> (PATH:2) 3\n", function(path, recording)
    local counts = value(path, {}, { { file = path, line = 1, count = 7 } })
    local rows = pyprof.annotate { source = assert(pyprof.scan(path)),
      profile = assert(pyprof.load(recording)), counts = counts }
    check.equal(#rows, 3)
    check.equal({ rows[1].count, rows[2].samples, rows[2].share, rows[3].text }, { 7, 3, 1.0, "" })
  end)
end)

check.test("a selector chooses rows", function()
  local takes = pyprof.selector "Calculator.add"
  check.equal(takes { name = "Calculator.add", file = "a.py", line = 3 }, true)
  check.equal(takes { name = "add" }, false)
  check.equal(pyprof.selector { "file:b%", "name:^f$" } { name = "f", file = "a.py" }, true)
end)

check.finish()
