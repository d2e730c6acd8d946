-- A profile's fields, its error messages, resolve, and the order of rows.
local check = dofile("tests/lua/check.lua")
local recordings = dofile("tests/lua/profile/by_chance.lua")
local pyprof = require "pyprof"
local profile = require "pyprof.profile"

require("pyprof.profile.selector").on_empty(function() end)

local path = "tests/data/calculator-threads.speedscope.json"
local p = assert(profile.load(path))

check.test("fields", function()
  check.equal({ p.samples, p.empty_samples, p.weight, p.unit, p.metric, p.rate, p.from, p.to },
    { 314, 0, 3.14, "seconds", "seconds", 100.0, 0.0, 3.14 })
  check.equal(p.metrics, { "seconds" })
  check.truthy(p.exporter:find("py-spy", 1, true), p.exporter)
  check.equal(p.quality, {})
  check.equal(tostring(p), "profile: 314 samples, 3.14 seconds")
  local view = p:window(1, 2)
  check.equal({ view.from, view.to, view.samples }, { 1.0, 2.0, 100 })
  check.equal(p:window(3).to, 3.14)
  check.equal(p.exit, nil)
  local q = assert(pyprof.load(path))
  q.exit = { status = 3 }
  check.equal(q:where("main").exit, { status = 3 })
end)

check.test("fields are not the profile's own tables", function()
  p.metrics[1] = "changed"
  check.equal(p.metrics, { "seconds" })
end)

check.test("misuse is told at the script's own line, with a suggestion", function()
  local function fails(run, message)
    check.error(run, "^tests/lua/profile/test_samples.lua:%d+: ")
    check.error(run, message)
  end
  fails(function() return (p.sampels) end,
    "unknown field of a profile: 'sampels' (did you mean 'samples'?)")
  fails(function() return (p:functoins()) end, "(did you mean 'functions'?)")
  fails(function() p.samples = 3 end, "a profile cannot be changed")
  fails(function() return (p.functions()) end,
    "a profile is wanted (methods are called with a colon)")
  for _, method in ipairs { "functions", "lines", "stacks", "tree", "threads", "runs",
    "timeline" } do
    fails(function() return (p[method](p, { limti = 3 })) end,
      "unknown option 'limti' (did you mean 'limit'?)")
    fails(function() return (p[method](p, { limit = -1 })) end, "limit is a whole number, not -1")
    fails(function() return (p[method](p, { sort = "wieght" })) end,
      "unknown field to sort by: 'wieght'")
    fails(function() return (p[method](p, 3)) end, "a table of options is wanted, not a number")
    fails(function() return (p[method](p, { of = 3 })) end, "a profile is wanted")
  end
  fails(function() return (p:by("modul")) end, "by: unknown field 'modul' (did you mean 'module'?)")
  fails(function() return (p:by(function() return {} end)) end, "by: the function gave a table")
  fails(function() return (p:by()) end, "by: a field of a frame is wanted, or a function, not nil")
  fails(function() return (p:stacks { by = "lin" }) end,
    "unknown value of by: 'lin' (did you mean 'line'?)")
  fails(function() return (p:callers()) end, "a selector is wanted")
  fails(function() return (p:where(7)) end, "a selector is wanted")
  fails(function() return (p:window("1")) end, "window(from, to): seconds are wanted")
  fails(function() return (p:window(2, 1)) end, "it ends before it begins")
  fails(function() return (p:window(0 / 0)) end, "seconds are wanted")
  fails(function() return (p:timeline { buckets = 0 }) end,
    "buckets is a whole number from 1, not 0")
  fails(function() return (p:tree { depth = 1.5 }) end, "depth is a whole number")
  fails(function() return (p:tree { min_share = "x" }) end, "min_share is a number")
  fails(function() return (p + 1) end, "a profile is wanted")
  fails(function() return (pyprof.load()) end, "load: a path is wanted")
  fails(function() return (pyprof.load(3)) end, "load: a path is a string, not a number")
  fails(function() return (pyprof.load("a\0b")) end, "a path holds a zero byte")
  fails(function() return (pyprof.load(path, { metrc = "seconds" })) end,
    "unknown option 'metrc' (did you mean 'metric'?)")
end)

check.test("where a tail call lost the line, the script is named", function()
  local _, message = coroutine.resume(coroutine.create(function()
    return p:functions { limti = 3 }
  end))
  check.equal(message,
    "tests/lua/profile/test_samples.lua: unknown option 'limti' (did you mean 'limit'?)")
end)

check.test("what the world refuses is nil and a message", function()
  local none, message, kind = profile.load("/nowhere/at/all.json")
  check.equal({ none, kind }, {})
  check.truthy(message:find("/nowhere/at/all.json", 1, true), message)
  none, message, kind = profile.load(path, { metric = "bytes" })
  check.equal({ none, kind }, { nil, "usage" })
  check.truthy(message:find("bytes", 1, true), message)
end)

check.test("folded text has no time", function()
  local folded = recordings.load("a;b 3\na;c 1\n")
  check.equal({ folded.samples, folded.from, folded.to }, { 4 })
  for _, run in ipairs { function() return folded:window(0, 1) end,
    function() return folded:timeline() end, function() return folded:runs() end } do
    check.error(run, "the recording has no time")
  end
  check.equal(folded:functions { limit = 1 }[1].name, "b")
end)

check.test("shares are of the profile asked, or of another", function()
  local main = p:where("fibonacci")
  check.equal(main:functions()[1].total_share, 1.0)
  check.near(main:functions { of = p }[1].total_share, main.weight / p.weight)
  check.near(main:threads { of = p }[1].share, main.weight / p.weight)
  local nothing = p:where("no such function")
  check.equal(nothing:functions(), {})
  check.equal(nothing:tree()[1].total_share, 0.0)
  check.equal(nothing:sum("main").self_share, 0.0)
  check.equal({ nothing:sum("main").self_low, nothing:sum("main").self_high }, { 0.0, 1.0 })
end)

check.test("include and exclude choose rows, denominators stay", function()
  local rows = p:functions { include = "Calculator.add" }
  check.equal(#rows, 1)
  check.near(rows[1].self_share, 3 / 314)
  check.equal(#p:functions { exclude = "Calculator.add" }, #p:functions() - 1)
  check.equal(#p:functions { exclude = { "add", "multiply" } }, #p:functions() - 2)
  check.equal(p:callers("fibonacci", { exclude = "main" }), {})
  check.equal(p:by("module", { include = "main" })[1].total, 314)
  check.equal(p:stacks { include = "Calculator.add" }[1].name, "Calculator.add")
end)

check.test("sort and limit", function()
  local names = {}
  for i, row in ipairs(p:functions { sort = "-name", limit = 2 }) do names[i] = row.name end
  check.equal(names, { "main", "fibonacci" })
  check.equal(p:functions { limit = 0 }, {})
  check.equal(p:functions { sort = "self", limit = 1 }[1].self, 304)
  check.equal(p:runs { sort = "weight", limit = 1 }[1].samples, 67)
end)

check.test("ties are settled by name, file and line, whatever the order in the file", function()
  local one = recordings.load("b;x 1\na;x 1\nc 1\na;y 1\n")
  local other = recordings.load("a;y 1\nc 1\na;x 1\nb;x 1\n")
  for _, method in ipairs { "functions", "lines", "stacks", "tree" } do
    check.equal(one[method](one), other[method](other), method)
  end
end)

check.test("a callback runs once a distinct frame", function()
  local calls = 0
  p:by(function(frame)
    calls = calls + 1
    return frame.name
  end)
  check.equal(calls, #p:lines())
end)

check.test("by a function: nil belongs to no row, numbers are fine", function()
  local rows = p:by(function(frame) return frame.name == "main" and 1 or nil end)
  check.equal({ #rows, rows[1].name, rows[1].functions }, { 1, "1", 1 })
end)

check.test("sum of several functions counts a sample once", function()
  local sum = p:sum { "Calculator.add", "Calculator.multiply" }
  check.equal({ sum.functions, sum.self, sum.total, sum.name }, { 2, 6, 6, "(selected)" })
  local one = p:sum("compute_heavy")
  check.equal({ one.functions, one.name, one.line }, { 1, "compute_heavy", 23 })
  check.equal(p:sum("gone").functions, 0)
end)

check.test("callers by line are call sites", function()
  local rows = p:callers("Calculator.add", { by = "line" })
  local lines = {}
  for i, row in ipairs(rows) do lines[i] = row.line end
  check.equal(lines, { 13 })
  check.equal(p:callers("<module>")[1].name, "(root)")
  check.equal(p:callees("compute_heavy")[1].name, "(self)")
end)

-- --- resolve

-- A source as after its scan.
local function source(definitions)
  local files, seen = {}, {}
  for _, row in ipairs(definitions) do
    if not seen[row.file] then files[#files + 1] = { file = row.file } end
    seen[row.file] = true
  end
  return { definitions = true, kept = { files = files, definitions = definitions } }
end

local function def(file, name, first, last, kind)
  return { file = file, kind = kind or "def", name = name, first_line = first, line = first,
    end_line = last }
end

local function frames_json(frames)
  local parts = {}
  for i, frame in ipairs(frames) do
    parts[i] = ('{"name":"%s","file":"%s","line":%d}'):format(frame[1], frame[2], frame[3])
  end
  local stack = {}
  for i = 1, #frames do stack[i] = i - 1 end
  return ('{"shared":{"frames":[%s]},"profiles":[{"type":"sampled","name":"x","unit":"seconds",' ..
    '"startValue":0,"endValue":1,"samples":[[%s]],"weights":[1]}]}'):format(
    table.concat(parts, ","), table.concat(stack, ","))
end

check.test("resolve gives frames the qualified names of their definitions", function()
  local file = "/gone/app/shop.py"
  local old = recordings.load(frames_json {
    { "<module>", file, 40 }, { "run", file, 12 }, { "run", file, 22 },
    { "<listcomp>", file, 23 }, { "inner", file, 32 }, { "outer", file, 31 },
    { "other", file, 22 }, { "run", "/x/else.py", 12 },
  })
  local resolved = old:resolve(source {
    def("app/shop.py", "A", 10, 18, "class"), def("app/shop.py", "A.run", 11, 18),
    def("app/shop.py", "B", 20, 28, "class"), def("app/shop.py", "B.run", 21, 28),
    def("app/shop.py", "outer", 30, 36), def("app/shop.py", "outer.<locals>.inner", 31, 35),
  })
  local stack = resolved:stacks { by = "line" }[1].stack
  check.equal(stack, "<module>;A.run;B.run;B.run.<locals>.<listcomp>;outer.<locals>.inner;outer;" ..
    "other;run")
  check.equal(resolved.samples, old.samples)
  check.equal(#resolved:functions(), 8)
  check.equal(resolved:sum("B.run").total, 1)
end)

check.test("resolve leaves alone what two files could mean", function()
  local old = recordings.load(frames_json { { "f", "shop.py", 2 } })
  local resolved = old:resolve(source {
    def("/a/shop.py", "A.f", 1, 3), def("/b/shop.py", "B.f", 1, 3),
  })
  check.equal(resolved:functions()[1].name, "f")
end)

check.test("rows come in the order that sorting gives, lazily or not, in every view", function()
  for seed = 1, 40 do
    math.randomseed(seed)
    local model = recordings.random(math.random, { mixed = seed % 2 == 0 })
    local q = recordings.load(recordings.json(model))
    for _, view in ipairs { q, q:without "a", q:where "d", q:fold "file:util" } do
      for _, way in ipairs { "functions", "lines", "by" } do
        local function ask(query)
          if way == "by" then return view:by("name", query) end
          return view[way](view, query)
        end
        local all = ask {}
        for _, key in ipairs { "self", "-total", "self_weight", "-self_share", "total_share",
          "name", "-name" } do
          local what = ("seed %d, %s by %s"):format(seed, way, key)
          local want = #all > 0 and pyprof.sort(all, key) or all
          check.equal(ask { sort = key }, want, what)
          local lazy = ask { sort = key, lazy = true, limit = 3 }
          check.equal(#lazy, math.min(3, #want), what)
          for i = 1, #lazy do check.equal(lazy[i], want[i], what) end
          check.equal(lazy[#lazy + 1], nil)
        end
      end
    end
  end
end)

check.test("a lazy list is a list that cannot be changed", function()
  local rows = p:functions { lazy = true }
  check.equal(pyprof.filter(rows, function(row) return row.self > 30 end),
    pyprof.filter(p:functions(), function(row) return row.self > 30 end))
  check.equal(pyprof.sort(rows, "name"), pyprof.sort(p:functions(), "name"))
  check.error(function() rows[1] = {} end, "a lazy list cannot be changed")
  check.error(function() rows[#rows + 1] = {} end, "a lazy list cannot be changed")
  check.error(function() pyprof.lazy(-1, print) end, "lazy: count is a whole number, not -1")
  check.error(function() pyprof.lazy(1) end, "lazy: a function that makes an entry")
end)

check.finish()
