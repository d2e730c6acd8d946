-- The changes between profiles.
local check = dofile("tests/lua/check.lua")
local recordings = dofile("tests/lua/profile/by_chance.lua")
local pyprof = require "pyprof"

-- A list of name numbers, each as often as its count says: spread as evenly as possible, or one
-- name after the other.
local function order_of(names, counts, phases)
  local order, left, whole = {}, {}, 0
  for i, name in ipairs(names) do
    left[i], whole = 0, whole + counts[name]
    for _ = 1, phases and counts[name] or 0 do order[#order + 1] = i end
  end
  while #order < whole do
    local most = 1
    for i, name in ipairs(names) do
      left[i] = left[i] + counts[name]
      if left[i] > left[most] then most = i end
    end
    left[most] = left[most] - whole
    order[#order + 1] = most
  end
  return order
end

-- A recording of functions by name; each has its count of self samples below main.
local function of(counts, directory, phases)
  local names, frames, samples, weights = {}, {}, {}, {}
  for name in pairs(counts) do names[#names + 1] = name end
  table.sort(names)
  local file = (directory or "/srv/app") .. "/main.py"
  frames[1] = ('{"name":"main","file":"%s","line":1}'):format(file)
  for i, name in ipairs(names) do
    frames[i + 1] = ('{"name":"%s","file":"%s","line":%d}'):format(name, file, i * 10)
  end
  for _, i in ipairs(order_of(names, counts, phases)) do
    samples[#samples + 1] = ("[0,%d]"):format(i)
    weights[#weights + 1] = "0.01"
  end
  return recordings.load(('{"shared":{"frames":[%s]},"profiles":[{"type":"sampled","name":"m",' ..
    '"unit":"seconds","startValue":0,"endValue":1,"samples":[%s],"weights":[%s]}]}'):format(
    table.concat(frames, ","), table.concat(samples, ","), table.concat(weights, ",")))
end

local function named(rows)
  local by = {}
  for _, row in ipairs(rows) do by[row.name] = row end
  return by
end

check.test("what functions cannot be compared by is refused", function()
  local p = assert(require("pyprof").load("tests/data/calculator.speedscope.json"))
  check.error(function() require("pyprof").diff(p, p, { by = "lin" }) end,
    "diff: by: unknown field 'lin' (did you mean 'line'?)")
end)

check.test("before, after, change of each function", function()
  local rows = pyprof.diff(of { a = 100, b = 300, gone = 100 }, of { a = 300, b = 300, new = 400 })
  check.equal(#rows, 4)
  check.equal({ rows[1].name, rows[2].name }, { "new", "b" })
  local by = named(rows)
  check.equal({ by.a.before, by.a.after, by.a.change }, { 100, 300, 200 })
  check.equal({ by.a.before_weight, by.a.after_weight, by.a.change_weight }, { 1.0, 3.0, 2.0 })
  check.near(by.a.before_share, 0.2)
  check.near(by.a.after_share, 0.3)
  check.near(by.a.change_share, 0.1)
  check.equal({ by.new.before, by.new.after, by.gone.after }, { 0, 400, 0 })
  check.truthy(by.new.certain and by.a.certain, "certain")
  check.equal(by.main, nil)
end)

check.test("total, by other keys, floor, certain, sort and limit", function()
  local a, b = of { a = 500, b = 500 }, of { a = 510, b = 490 }
  check.equal(named(pyprof.diff(a, b, { compare = "total" })).main.after, 1000)
  check.equal(pyprof.diff(a, b, { by = "module", compare = "total" })[1].name, "app.main")
  check.equal(#pyprof.diff(a, b, { by = "line" }), 2)
  check.equal(pyprof.diff(a, b, { certain = true }), {})
  check.equal(pyprof.diff(a, b, { sort = "name", limit = 1 })[1].name, "a")
  check.equal(#pyprof.diff(a, b, { exclude = "b" }), 1)
  local c = of { a = 630, b = 370 }
  check.equal(#pyprof.diff(a, c, { certain = true }), 2)
  check.equal(pyprof.diff(a, c, { certain = true, floor = 0.15 }), {})
end)

check.test("what has one stretch of a run may have met a slow machine", function()
  local function pair(phases)
    local a, b = { a = 200, b = 300, c = 500 }, { a = 350, b = 300, c = 500 }
    return named(pyprof.diff(of(a, nil, phases), of(b, nil, phases))).a
  end
  check.truthy(pair(false).certain, "spread evenly")
  check.equal(pair(true).certain, false)
  check.truthy(pair(false).p_value * 10 < pair(true).p_value, "by far")
  -- Without time a function is taken to lie between the two.
  local a, b = recordings.load("m;a 50\nm;b 950\n"), recordings.load("m;a 120\nm;b 880\n")
  check.truthy(named(pyprof.diff(a, b)).a.certain, "no time")
end)

check.test("functions are asked once a frame, recordings may lack what others have", function()
  local asked = 0
  local function by(it)
    asked = asked + 1
    return it.bare ~= "main" and it.bare or nil
  end
  local a = of { a = 500, b = 500 }
  check.equal(#pyprof.diff(a, of { a = 400, c = 600 }, { by = by }), 3)
  check.equal(asked, 6)
  local rows = named(pyprof.diff({ a, a }, { of { c = 900 }, of { c = 800 } }))
  check.truthy(rows.c.certain and rows.a.certain, "certain")
  check.equal({ rows.c.before, rows.c.after, rows.a.after }, { 0.0, 850.0, 0.0 })
end)

check.test("another checkout matches by module and name, or by the file's own name", function()
  local rows = pyprof.diff(of({ a = 100, b = 10 }, "/home/one/app"), of({ a = 90, b = 20 },
    "/builds/two/app"))
  check.equal(#rows, 2)
  check.equal(named(rows).a.file, "/builds/two/app/main.py")
  rows = pyprof.diff(of({ a = 100 }, "/home/v1"), of({ a = 90 }, "/home/v2"))
  check.equal({ #rows, rows[1].before, rows[1].after }, { 1, 100, 90 })
end)

check.test("several recordings a side measure the noise between runs", function()
  local function run(a) return of { a = a, b = 1000 - a } end
  local noisy = { run(100), run(200), run(150), run(260) }
  local other = { run(180), run(240), run(130), run(290) }
  check.equal(pyprof.diff(noisy, other, { certain = true }), {})
  check.truthy(#pyprof.diff(noisy[1], other[4], { certain = true }) > 0, "one pair alone")
  local assumed = named(pyprof.diff(run(150), run(250))).a.p_value
  local measured = named(pyprof.diff({ run(150), run(150), run(150) },
    { run(250), run(250), run(250) })).a.p_value
  check.truthy(measured * 10 < assumed, "more runs, more certain")
  local slower = { run(400), run(420), run(390), run(405) }
  local by = named(pyprof.diff({ run(200), run(210), run(190), run(205) }, slower))
  check.truthy(by.a.certain, "a real change")
  check.near(by.a.before, 201.25)
  check.near(by.a.after_share, 0.40375)
end)

check.test("nothing against nothing", function()
  local empty = of { a = 1 }:where("main"):without("main")
  check.equal(pyprof.diff(empty, empty), {})
  check.equal(pyprof.diff(empty, of { a = 5 })[1].certain, false)
end)

check.test("misuse", function()
  local p = of { a = 1 }
  local function fails(run, message)
    check.error(run, "^tests/lua/profile/test_diff.lua:%d+: ")
    check.error(run, message)
  end
  fails(function() pyprof.diff(p) end, "diff: after is a profile, or a list of them")
  fails(function() pyprof.diff({}, p) end, "diff: before is a profile")
  fails(function() pyprof.diff({ p, 1 }, p) end, "diff: before is a profile")
  fails(function() pyprof.diff(p, p, { flor = 1 }) end, "(did you mean 'floor'?)")
  fails(function() pyprof.diff(p, p, { compare = "slef" }) end, "(did you mean 'self'?)")
  fails(function() pyprof.diff(p, p, { floor = "x" }) end, "floor is a share")
  fails(function() pyprof.diff(p, recordings.load("a 1\n")) end, "metrics differ: seconds and none")
end)

check.finish()
