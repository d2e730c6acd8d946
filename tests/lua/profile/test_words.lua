-- The functions of the library: each sentence of the reference is checked on a small recording.
local check = dofile("tests/lua/check.lua")
local recordings = dofile("tests/lua/profile/by_chance.lua")
local pyprof = require "pyprof"

local said = {}
require("pyprof.profile.selector").on_empty(function(message) said[#said + 1] = message end)

local own, library = "/srv/app/main.py", "/v/lib/python3.11/site-packages/sympy/core/add.py"
local json = "/usr/lib/python3.11/json/__init__.py"
local frames = {
  { name = "<module>", file = own, line = 90 }, { name = "parse", file = own, line = 10 },
  { name = "loads", file = json, line = 300 }, { name = "parse", file = own, line = 12 },
  { name = "Add.flatten", file = library, line = 50 },
  { name = "simplify", file = "/v/lib/python3.11/site-packages/sympy/simplify.py", line = 7 },
  { name = "other", file = "/v/lib/python3.11/site-packages/sympy/simplify.py", line = 9 },
}

-- Stacks as lists of frame numbers; a sample lasts 0.1 s.
local function of(stacks, unit, weight)
  local samples = {}
  for i, stack in ipairs(stacks) do samples[i] = { stack = stack, weight = weight or 0.1 } end
  return recordings.load(recordings.json { frames = frames, unit = unit or "seconds",
    threads = { { name = "worker", id = 7, samples = samples } } })
end

local stacks = { { 1, 2, 3 }, { 1, 2, 3 }, { 1, 4 }, { 1, 2, 4, 3 }, { 1, 5 }, { 1, 5, 6 },
  { 6, 7 }, { 5, 6, 1 }, { 1 }, { 1, 7 } }
local p = of(stacks)

local function names(rows, field)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row[field or "name"] end
  return list
end

local function row_of(rows, name)
  for _, row in ipairs(rows) do
    if row.name == name then return row end
  end
end

-- --- rules

check.test("a minus turns the order round, in every list and by every field", function()
  local function in_order(list, field, backwards)
    for i = 2, #list do
      local a, b = list[i - 1][field], list[i][field]
      if backwards then a, b = b, a end
      if math.type(a) then check.truthy(a >= b, field) else check.truthy(a <= b, field) end
    end
  end
  local asked = {
    functions = { "name", "file", "line", "self", "total", "self_weight", "total_share" },
    lines = { "name", "line", "self", "total_weight" },
    stacks = { "name", "stack", "samples", "weight", "share" },
    threads = { "name", "samples", "weight" },
    runs = { "from", "to", "samples", "name" },
    timeline = { "from", "samples", "weight", "share" },
  }
  for method, fields in pairs(asked) do
    for _, field in ipairs(fields) do
      in_order(p[method](p, { sort = field }), field)
      in_order(p[method](p, { sort = "-" .. field }), field, true)
    end
  end
  in_order(p:by("package", { sort = "functions" }), "functions")
  in_order(p:by("package", { sort = "-functions" }), "functions", true)
  in_order(p:callers("loads", { sort = "-samples" }), "samples", true)
end)

check.test("rows are fresh plain tables: what a caller changes comes back to nobody", function()
  local ask = {
    function() return p:functions() end, function() return p:lines() end,
    function() return p:by("package") end, function() return p:stacks() end,
    function() return p:tree() end, function() return p:callers("loads") end,
    function() return p:callees("parse") end, function() return p:threads() end,
    function() return p:runs() end, function() return p:timeline { buckets = 3 } end,
    function() return pyprof.diff(p, p:where("parse"), { floor = 0 }) end,
  }
  for _, rows in ipairs(ask) do
    local first, before = rows(), rows()
    check.truthy(#first > 0)
    for _, row in ipairs(first) do
      check.equal(getmetatable(row), nil)
      for key in pairs(row) do row[key] = nil end
    end
    first[1] = nil
    check.equal(rows(), before)
  end
end)

check.test("an unknown field of the library is misuse, with a suggestion", function()
  check.error(function() return pyprof.recrod end,
    "test_words.lua:%d+: unknown field of pyprof: 'recrod' %(did you mean 'record'%?%)")
end)

check.test("a recording alone decides: files that come and go change nothing", function()
  local path = os.tmpname()
  local text = ("<module> (%s:9);f (%s:2) 3\n"):format(path, path)
  local with = recordings.load(text)
  local there = { with:functions(), with:by("module"), with:by("origin"), with:lines() }
  os.remove(path)
  local without = recordings.load(text)
  check.equal({ without:functions(), without:by("module"), without:by("origin"),
    without:lines() }, there)
end)

-- --- misuse, from any caller

check.test("misuse is told at the script's line through helpers, callbacks and coroutines",
  function()
    local function line_of(run)
      local good, message = pcall(run)
      check.equal(good, false)
      return message
    end
    local function helper(limit)
      local rows = p:functions { limit = limit } -- HERE
      return rows
    end
    local here = debug.getinfo(helper, "S").linedefined + 1
    local want =
      ("tests/lua/profile/test_words.lua:%d: limit is a whole number, not -1"):format(here)
    local function deep(n)
      local rows = n > 0 and deep(n - 1) or helper(-1)
      return rows
    end
    check.equal(line_of(function() deep(20) end), want)
    check.equal(line_of(function() p:by(function() helper(-1) end) end), want)
    check.equal(line_of(function() p:where(function() helper(-1) end) end), want)
    check.equal(line_of(function() pyprof.filter({ {} }, function() helper(-1) end) end), want)
    check.equal(line_of(coroutine.wrap(function() deep(3) end)), want)
    check.equal(line_of(function() xpcall(helper, function(m) error(m, 0) end, -1) error(
      select(2, pcall(helper, -1)), 0) end), want)
  end)

check.test("whatever is misused, the line is the script's", function()
  local scan = assert(pyprof.scan("examples"))
  for _, misused in ipairs {
    function() return (pyprof.scan()) end, function() return (pyprof.scan(3)) end,
    function() return (pyprof.regex("(")) end, function() return (pyprof.regex()) end,
    function() return (pyprof.regex("a", "q")) end, function() return (pyprof.regex("a", 1)) end,
    function() return (pyprof.regex("a"):match()) end,
    function() return (pyprof.format(1, "secnds")) end,
    function() return (pyprof.format("x", "seconds")) end,
    function() return (pyprof.group({ { a = 1 } })) end, function() return (pyprof.group(3)) end,
    function() return (pyprof.join()) end, function() return (pyprof.join {}) end,
    function() return (pyprof.join { profile = p }) end, function() return (pyprof.usage(p)) end,
    function() return (pyprof.usage(3, scan)) end, function() return (pyprof.interval("x", 3)) end,
    function() return (pyprof.gzip()) end, function() return (pyprof.array(3)) end,
    function() return (pyprof.numbering(3)) end, function() return (pyprof.protobuf(3)) end,
    function() return (pyprof.diff(p)) end, function() return (pyprof.diff(p, p, { by = 3 })) end,
    function() return (pyprof.subject(3)) end, function() return (pyprof.subject()) end,
    function() return (pyprof.record()) end, function() return (pyprof.record {}) end,
    function() return (pyprof.record { 3 }) end,
    function() return (pyprof.record { "x.py", rate = "fast" }) end,
    function() return (p:resolve()) end, function() return (p:resolve(3)) end,
    function() return (p:thread()) end, function() return (p:sum()) end,
    function() return (p:fold(3)) end, function() return (p:root {  a = 1 }) end,
    function() return (p:without("file:(")) end, function() return (p:where("@nobody")) end,
    function() return (p:by("module", { sort = "file" })) end,
    function() return (p:callees("parse", { by = "lines" })) end,
    function() return (p + of(stacks, "bytes", 8)) end,
    function() return (scan:files { srt = 1 }) end, function() return (scan:line(own)) end,
    function() return (pyprof.top({ { a = 1 } }, "a", -1)) end,
  } do
    check.error(misused,
      "^tests/lua/profile/test_words.lua:" .. debug.getinfo(misused).linedefined .. ": ")
  end
end)

check.test("a failing world is nil and a message", function()
  for _, ask in ipairs {
    function() return pyprof.load("/nosuch") end, function() return pyprof.scan("/nosuch") end,
    function() return pyprof.load("examples") end,
    function() return pyprof.subject("/nosuch.py") end,
    function() return pyprof.record { "/nosuch.py" } end,
    function() return pyprof.record { "--", "/nosuch" } end,
    function() return pyprof.process.run { "/nosuch" } end,
  } do
    local value, message = ask()
    check.equal({ value, type(message), message:find("\n") }, { nil, "string" })
  end
end)

-- --- words

check.test("self and total in samples, weights and shares; the lowest line seen", function()
  local row = row_of(p:functions(), "parse")
  check.equal({ row.self, row.total, row.line, row.file }, { 1, 4, 10, own })
  check.equal({ row.self_share, row.total_share }, { 0.1, 0.4 })
  local sum = 0
  for _, each in ipairs(p:functions()) do sum = sum + each.self end
  check.equal(sum, p.samples)
end)

check.test("equal weights give exact multiples, whatever their order", function()
  local many = {}
  for i = 1, 1000 do many[i] = i % 3 == 0 and { 1, 2 } or { 1, 5 } end
  local q = of(many, "seconds", 0.029412)
  check.equal(q.weight, 29.412)
  local rows = q:functions()
  check.equal({ rows[1].self_weight, rows[2].self_weight }, { 19.617804, 9.794196 })
  check.equal(rows[1].total_weight + 0.0, rows[1].self_weight)
end)

check.test("the frame that a callback gets has all its fields", function()
  local seen = {}
  p:where(function(frame)
    seen[#seen + 1] = frame
    return false
  end)
  table.sort(seen, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.line < b.line
  end)
  check.equal(seen[2], { name = "Add.flatten", bare = "flatten", module = "sympy.core.add",
    package = "sympy", origin = "library", file = library, line = 50 })
  check.equal(seen[3].package, "stdlib")
  check.equal(seen[1].package, "(own)")
end)

check.test("threads are told apart by more than their names; main is no number", function()
  local function thread(name, id)
    return { name = name, id = id, samples = { { stack = { 1 }, weight = 1 } } }
  end
  local q = recordings.load(recordings.json { frames = frames, unit = "seconds",
    threads = { thread("worker", 3), thread("worker", 4), thread("main", 9) } })
  check.equal(#q:threads(), 3)
  check.equal(q:thread("worker").samples, 2)
  check.equal(q:thread("id:^4$").samples, 1)
  check.equal(q:thread(q:threads { sort = "id" }[1]):threads()[1].id, 9)
  check.equal(q:thread { "id:^3$", "id:^9$" }.samples, 2)
  check.equal(q:thread("!name:work").samples, 1)
  check.equal(q:thread(function(it) return it.id > 3 end).samples, 2)
end)

-- --- getting one

check.test("metrics must agree, in load and in a sum", function()
  local paths = {}
  for i, unit in ipairs { "seconds", "bytes" } do
    paths[i] = os.tmpname()
    local file <close> = assert(io.open(paths[i], "w"))
    file:write(recordings.json { frames = frames, unit = unit, threads = { { name = "t", id = 1,
      samples = { { stack = { 1 }, weight = 1 } } } } })
  end
  local merged, message = pyprof.load(paths[1], paths[2])
  check.equal(merged, nil)
  check.truthy(message:find("measures .bytes., but .* measures .seconds."), message)
  local same = assert(pyprof.load(paths[1], paths[1]))
  check.equal({ same.samples, same.weight }, { 2, 2.0 })
  for _, path in ipairs(paths) do os.remove(path) end
  check.error(function() return p + of(stacks, "bytes", 8) end, "metrics differ")
  check.error(function() pyprof.diff(p, of(stacks, "bytes", 8)) end, "metrics differ")
end)

check.test("the rate is nil where it is mixed", function()
  check.equal(p.rate, 10.0)
  check.equal((p + of(stacks, "seconds", 0.1)).rate, 10.0)
  check.equal((p + of(stacks, "seconds", 0.25)).rate, nil)
end)

-- --- views

check.test("where keeps samples whole, without drops them, exclude hides rows", function()
  local loads = p:where("json.loads")
  check.equal({ loads.samples, row_of(loads:functions(), "<module>").total }, { 3, 3 })
  check.equal(p:without("json.loads").samples, 7)
  local hidden = p:functions { exclude = "!file:^/srv/" }
  check.equal(names(hidden), { "<module>", "parse" })
  check.equal({ hidden[1].self, hidden[1].self_share }, { 2, 0.2 })
end)

check.test("a window is half open, and time is of samples", function()
  check.equal(p:window(0.1, 0.3).samples, 2)
  check.equal(p:window(0.05, 0.1).samples, 0)
  check.equal(p:window(0.5).samples, 5)
  local cut = p:window(0.5)
  check.equal({ cut.from, cut.to }, { 0.5, 1.0 })
  check.error(function() return (recordings.load("a;b 1\n"):window(0)) end,
    "test_words.lua:%d+: the recording has no time")
end)

check.test("fold: no sample is lost, selected frames vanish into their caller", function()
  local folded = p:fold("origin:library|stdlib")
  check.equal({ folded.samples, folded.weight }, { p.samples, p.weight })
  check.equal(row_of(folded:functions(), "parse").self, 4)
  -- Of several selected frames at the root the outermost stays.
  check.equal(names(folded:stacks { sort = "stack" }, "stack"),
    { "<module>", "<module>;parse", "<module>;parse;parse", "Add.flatten;<module>", "simplify" })
  for _, name in ipairs { "<module>", "parse" } do
    check.equal(row_of(folded:functions(), name).total, row_of(p:functions(), name).total)
  end
end)

check.test("flat makes one of neighbours of a function, root cuts above the outermost", function()
  check.equal(p:flat():stacks { include = "loads" }[1].stack, "<module>;parse;loads")
  check.equal(p:flat():stacks { include = "loads" }[1].samples, 3)
  local root = p:root("parse")
  check.equal(root.samples, 4)
  check.equal(names(root:stacks { sort = "stack" }, "stack"),
    { "parse", "parse;loads", "parse;parse;loads" })
end)

-- --- rows

check.test("by counts a sample once, and how many functions", function()
  local row = row_of(p:by("package"), "sympy")
  check.equal({ row.functions, row.self, row.total, row.file }, { 3, 4, 5 })
  local rows = p:by(function(frame) return frame.origin == "own" and "mine" or nil end)
  check.equal({ #rows, rows[1].name, rows[1].total, rows[1].functions }, { 1, "mine", 9, 2 })
end)

check.test("sum is one row with Wilson's bounds", function()
  local sum = p:sum("parse")
  check.equal({ sum.self, sum.total, sum.functions, sum.name }, { 1, 4, 1, "parse" })
  check.equal({ sum.self_low, sum.self_high }, { pyprof.interval(1, 10) })
  check.equal({ sum.total_low, sum.total_high }, { pyprof.interval(4, 10) })
  local gone = p:sum("renamed")
  check.equal({ gone.functions, gone.total, gone.total_low }, { 0, 0, 0.0 })
end)

check.test("stacks say root to leaf, and the leaf", function()
  local row = p:stacks()[1]
  check.equal({ row.stack, row.name, row.file, row.line, row.samples, row.share },
    { "<module>;parse;loads", "loads", json, 300, 2, 0.2 })
  check.equal(names(row.frames), { "<module>", "parse", "loads" })
  check.equal(#p:stacks(), 9)
  check.equal(#p:stacks { by = "line", include = "loads" }, 2)
end)

check.test("the tree: row 1 is all, parent is an index, small and deep is left out", function()
  local rows = p:tree()
  check.equal({ rows[1].name, rows[1].total, rows[1].depth, rows[1].parent },
    { "(all)", 10, 0 })
  check.equal({ rows[2].name, rows[2].depth, rows[2].parent, rows[2].total },
    { "<module>", 1, 1, 8 })
  for i = 2, #rows do
    check.truthy(rows[i].parent < i and rows[rows[i].parent].depth == rows[i].depth - 1)
  end
  check.equal(#p:tree { depth = 1 }, 4)
  for _, row in ipairs(p:tree { min_share = 0.2 }) do check.truthy(row.total_share >= 0.2) end
  check.equal(#p:tree { min_share = 0.2 }, 5)
end)

check.test("callers and callees add up with (root) and (self); by line are call sites", function()
  local callers, callees = p:callers("Add.flatten"), p:callees("parse")
  check.equal({ row_of(callers, "<module>").samples, row_of(callers, "(root)").samples },
    { 2, 1 })
  check.equal({ row_of(callees, "loads").samples, row_of(callees, "(self)").samples }, { 3, 1 })
  local sites = p:callers("loads", { by = "line", sort = "line" })
  check.equal(names(sites, "line"), { 12, 10 })
  check.equal(names(sites, "samples"), { 1, 2 })
end)

check.test("runs are consecutive samples of one leaf, in time order", function()
  local runs = p:runs()
  check.equal(names(runs), { "loads", "parse", "loads", "Add.flatten", "simplify", "other",
    "<module>", "other" })
  check.equal({ runs[1].from, runs[1].to, runs[1].samples, runs[1].thread },
    { 0.0, 0.2, 2, "worker" })
  check.equal({ runs[7].samples, runs[7].weight }, { 2, 0.2 })
  check.equal(#p:runs { by = "stack" }, 9)
end)

check.test("a timeline has as many spans as asked for, or 60", function()
  local spans = p:timeline { buckets = 5 }
  check.equal(names(spans, "samples"), { 2, 2, 2, 2, 2 })
  check.equal({ spans[1].from, spans[5].to, spans[1].share }, { 0.0, 1.0, 0.2 })
  check.equal(#p:timeline(), 60)
end)

check.test("callbacks run once a distinct frame", function()
  local q, calls = of({ { 1, 2 }, { 1, 2 }, { 1, 2 }, { 2, 1, 2 } }), 0
  local function count()
    calls = calls + 1
    return true
  end
  for _, ask in ipairs { function() q:where(count) end, function() q:by(function()
    count()
    return "x"
  end) end, function() q:fold(count) end, function() q:sum(count) end,
    function() q:functions { include = count } end, function() q:callers(count) end } do
    calls = 0
    ask()
    check.truthy(calls <= 7 and calls > 0, "calls " .. calls)
  end
end)

-- --- results that misled people

check.test("a name is a function, never a file; bare names are searched as such", function()
  check.equal(p:where("simplify").samples, 3)
  check.equal(p:where("file:simplify").samples, 4)
  check.equal(p:where("name:^flat").samples, 0)
  check.equal(p:where("bare:^flat").samples, 3)
end)

check.test("what selects nothing is said once, of rows as well", function()
  said = {}
  for _ = 1, 2 do
    check.equal(p:where("site-packages").samples, 0)
    check.equal(p:where({ name = "parse", file = "/other/main.py" }).samples, 0)
  end
  check.equal(said, { "no function 'site-packages': 2 files match 'file:site-packages'",
    "no function 'parse' of /other/main.py" })
end)

check.finish()
