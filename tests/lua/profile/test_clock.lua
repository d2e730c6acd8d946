-- The clock of a recording and weights that are CPU time, by the record of its run.
local check = dofile("tests/lua/check.lua")
local recordings = dofile("tests/lua/profile/by_chance.lua")
local json = require "pyprof.base.json"

-- A recording: threads = { { id, "aab", pid } … }, a letter for the function of each sample.
local function text_of(threads, record)
  local profiles = {}
  for i, thread in ipairs(threads) do
    local samples, weights = {}, {}
    for letter in thread[2]:gmatch "." do
      samples[#samples + 1] = ("[%d]"):format(letter:byte() - 97)
      weights[#weights + 1] = "0.01"
    end
    local name = thread[3] and ('Process %d Thread %d \\"t%d\\"'):format(thread[3], thread[1], i) or
      ('Thread %d \\"t%d\\"'):format(thread[1], i)
    profiles[i] = ('{"type":"sampled","name":"%s","unit":"seconds","startValue":0,"endValue":1,' ..
      '"samples":[%s],"weights":[%s]}'):format(name, table.concat(samples, ","),
      table.concat(weights, ","))
  end
  local frames = {}
  for i = 0, 25 do
    frames[i + 1] = ('{"name":"%s","file":"x.py","line":%d}'):format(string.char(97 + i), i + 1)
  end
  return ('{"shared":{"frames":[%s]},"profiles":[%s],"exporter":"py-spy@0.4.3"%s}'):format(
    table.concat(frames, ","), table.concat(profiles, ","),
    record and ',"pyprof-lua":' .. (type(record) == "string" and record or json.line_of(record)) or
    "")
end

local function record_of(threads, more)
  local record = { format = 1, version = "x", date = "2026-11-30T10:00:00Z", command = { "x" },
    tools = { python = "3.11.2" }, notes = { "a note" },
    options = { rate = 100, idle = false }, exit = { wall = 2.5, user = 1.5, status = 0 },
    threads = threads, processes = { { pid = 1, cpu = 2 } } }
  for name, value in pairs(more or {}) do record[name] = value end
  return record
end

local function load(threads, record)
  return recordings.load(text_of(threads, record))
end

local function weights_of(p, kind)
  local of = {}
  for _, row in ipairs(p:weights(kind):functions()) do of[row.name] = row.self_weight end
  return of
end

-- It is busy, waits for a second, and is busy again.
local twice = { { pid = 1, tid = 1, at = { 0.1, 0.3, 1.3, 1.5 }, cpu = { 0.05, 0.25, 0.25, 0.35 },
  delay = { 0.0, 0.0, 0.0, 0.1 } } }

check.test("a sample stands for the CPU time between two looks at its thread", function()
  local p = load({ { 1, ("a"):rep(20) .. ("b"):rep(20) } }, record_of(twice))
  check.equal({ p.weight_kind, p.clock, p.from }, { "samples", true, 0.0 })
  check.near(p.to, 1.5)
  check.near(p.weight, 0.4)
  local cpu = weights_of(p, "cpu")
  check.near(cpu.a, 0.2)
  check.near(cpu.b, 0.1)
  local wall = weights_of(p, "wall")
  check.near(wall.a, 0.2)
  check.near(wall.b, 0.2)
  local it = p:weights "cpu"
  check.equal({ it.weight_kind, it.metric, it.unit, it.samples },
    { "cpu", "seconds CPU time", "seconds", 40 })
  check.equal(it:weights("samples").weight, p.weight)
  check.equal(p:weights("wall").metric, "seconds wall clock")
end)

check.test("times are seconds since the run began, and runs end where the thread waits", function()
  local p = load({ { 1, ("a"):rep(40) } }, record_of(twice))
  local runs = p:runs()
  check.equal(#runs, 2)
  for i, times in ipairs { { 0.1, 0.3 }, { 1.3, 1.5 } } do
    check.near(runs[i].from, times[1])
    check.near(runs[i].to, times[2])
    check.equal(runs[i].samples, 20)
  end
  check.equal(p:window(0.5, 1.2).samples, 0)
  check.equal(p:window(0.195, 1.395).samples, 20)
  check.equal(p:window(0.195, 1.395):weights("cpu").samples, 20)
  check.near(p:window(0, 1):weights("cpu").weight, 0.2)
  local spans = p:timeline { buckets = 3 }
  check.equal({ spans[1].samples, spans[2].samples, spans[3].samples }, { 20, 0, 20 })
end)

check.test("samples of a thread that waits have next to no weight", function()
  local threads = { twice[1], { pid = 1, tid = 2, at = { 0.1, 1.5 }, cpu = { 0.0, 0.002 },
    delay = { 0.0, 0.001 } } }
  local p = load({ { 1, ("a"):rep(40) }, { 2, ("w"):rep(60) } }, record_of(threads))
  check.near(weights_of(p, "cpu").w, 0.002)
  check.near(p:weights("cpu").weight, 0.302)
  -- Those of one thread too: 100 samples in 0.4 s are too many, so some are of the pause.
  p = load({ { 1, ("a"):rep(20) .. ("w"):rep(60) .. ("b"):rep(20) } }, record_of(twice))
  check.near(weights_of(p, "cpu").w, 0)
  check.near(weights_of(p, "cpu").a, 0.2)
  check.equal(p:where("w"):runs()[1].from > 0.299, true)
end)

check.test("what the looks of py-spy cost a thread is no CPU time of the program", function()
  -- In two seconds are 200 looks; each costs 40 microseconds, in the thread that works, too.
  local threads = {
    { pid = 1, tid = 1, at = { 0.0, 1.0, 2.0 }, cpu = { 0.0, 0.904, 1.808 },
      delay = { 0, 0.096, 0.192 } },
    { pid = 1, tid = 2, at = { 0.0, 2.0 }, cpu = { 0.0, 0.008 }, delay = { 0, 0 } },
  }
  local p = load({ { 1, ("a"):rep(200) }, { 2, "bbb" } }, record_of(threads))
  local cpu = weights_of(p, "cpu")
  check.near(cpu.a, 1.8)
  check.near(cpu.b, 0)
  -- A thread that works more than that while it waits keeps its time.
  threads[2].cpu[2] = 0.15
  cpu = weights_of(load({ { 1, ("a"):rep(200) }, { 2, "bbb" } }, record_of(threads)), "cpu")
  check.near(cpu.b, 0.15)
end)

check.test("py-spy's own CPU time says when it sampled", function()
  -- It took no sample in the first second, and twice as many in the next one.
  local threads = { { pid = 1, tid = 1, at = { 0.0, 1.0, 2.0 }, cpu = { 0.0, 1.0, 2.0 },
    delay = { 0, 0, 0 } } }
  local record = record_of(threads,
    { sampler = { at = { 0.0, 1.0, 2.0 }, cpu = { 1.0, 1.0, 3.0 } } })
  local p = load({ { 1, ("a"):rep(100) .. ("b"):rep(100) } }, record)
  check.equal(p:window(0, 0.99).samples, 0)
  local even = load({ { 1, ("a"):rep(100) .. ("b"):rep(100) } }, record_of(threads))
  check.truthy(even:window(0, 0.99).samples > 90)
end)

check.test("with --idle samples are as dense where a thread waits", function()
  local p = load({ { 1, ("a"):rep(20) .. ("w"):rep(100) .. ("b"):rep(20) } },
    record_of(twice, { options = { rate = 100, idle = true } }))
  check.near(weights_of(p, "wall").w, 1.0)
  check.near(weights_of(p, "wall").b, 0.2)
  check.near(weights_of(p, "cpu").w, 0)
  check.equal(p:window(0.35, 1.25).samples, 90)
end)

check.test("threads without figures share what the processes' total leaves", function()
  local p = load({ { 1, ("a"):rep(40) }, { 7, ("c"):rep(30) }, { 8, ("d"):rep(10) } },
    record_of(twice, { processes = { { pid = 1, cpu = 0.55 } } }))
  local cpu = weights_of(p, "cpu")
  check.near(cpu.c, 0.15)
  check.near(cpu.d, 0.05)
  check.equal(p.quality, { { what = "samples of threads without CPU time", count = 40 } })
  -- None stands for more than its interval.
  p = load({ { 1, ("a"):rep(40) }, { 7, "c" } }, record_of(twice))
  check.near(weights_of(p, "cpu").c, 0.01)
end)

check.test("a thread that py-spy takes for one that has ended keeps its times", function()
  local late = { pid = 1, tid = 9, at = { 2.0, 2.4 }, cpu = { 0.0, 0.4 }, delay = { 0.0, 0.0 } }
  local p = load({ { 1, ("a"):rep(40) .. ("l"):rep(40) } }, record_of { twice[1], late })
  check.near(weights_of(p, "cpu").l, 0.4)
  check.near(p:where("l"):runs()[1].from, 2.0)
end)

check.test("a thread that was always ready shows how many samples a second has", function()
  local busy = { pid = 1, tid = 2, at = { 0.1, 1.1 }, cpu = { 0.0, 1.0 } }
  local p = load({ { 1, ("a"):rep(40) .. ("b"):rep(40) }, { 2, ("c"):rep(200) } },
    record_of { twice[1], busy })
  -- 80 samples fit in 0.4 s, so none is of the pause.
  check.equal(p:without("c"):window(0.31, 1.29).samples, 0)
  check.near(weights_of(p, "cpu").b, 0.1)
end)

check.test("the id of a process tells threads of one id apart", function()
  local threads = { { pid = 1, tid = 5, at = { 0.0, 1.0 }, cpu = { 0.0, 1.0 } },
    { pid = 2, tid = 5, at = { 0.0, 1.0 }, cpu = { 0.0, 0.1 } } }
  local p = load({ { 5, ("a"):rep(50), 1 }, { 5, ("b"):rep(50), 2 } }, record_of(threads))
  check.near(weights_of(p, "cpu").a, 1.0)
  check.near(weights_of(p, "cpu").b, 0.1)
end)

check.test("each part of a merged profile has its own record", function()
  local one = load({ { 1, ("a"):rep(40) } }, record_of(twice))
  local other = load({ { 1, ("b"):rep(10) } }, record_of { { pid = 1, tid = 1,
    at = { 3.0, 4.0 }, cpu = { 0.0, 0.6 }, delay = { 0.0, 0.4 } } })
  for _, p in ipairs { one + other, one:window(0, 9) + other, (one + other):flat() } do
    local cpu = weights_of(p, "cpu")
    check.near(cpu.a, 0.3)
    check.near(cpu.b, 0.6)
    check.near(p.to, 4.0)
    check.equal(p:where("b"):runs()[1].from >= 3.0, true)
  end
  local sum = one:weights "cpu" + other:weights "cpu"
  check.near(sum.weight, 0.9)
  check.near(sum:weights("samples").weight, 0.5)
  check.error(function() return one + other:weights "cpu" end, "metrics differ")
end)

check.test("without a record there are no such weights", function()
  local p = load { { 1, "ab" } }
  check.equal({ p.clock, p.record, p.exit, p.weight_kind }, { false, nil, nil, "samples" })
  check.equal(p:weights("samples").samples, 2)
  check.error(function() p:weights "cpu" end, "no record of its run")
  local half = p + load({ { 1, "a" } }, record_of(twice))
  check.error(function() half:weights "cpu" end, "no record of its run")
  check.equal({ half.clock, half.samples }, { false, 3 })
  check.error(function() p:weights "cpus" end, "cpu")
end)

check.test("the record says how the run ended", function()
  local p = load({ { 1, "ab" } }, record_of(twice))
  check.equal({ p.exit.wall, p.exit.status, p.record.command }, { 2.5, 0, { "x" } })
  check.equal(math.type(p.exit.status), "integer")
  check.equal(p:where("a").record.notes, { "a note" })
end)

check.test("a record that does not hold is as none", function()
  local function with(thread, more)
    return json.line_of(record_of({ thread }, more))
  end
  local function series(at, cpu) return with { pid = 1, tid = 1, at = at, cpu = cpu } end
  local bad = { "1", "null", "[]", '{"format":1}', series({ 1, 0 }, { 0, 0 }),
    series({ 1 }, { 0, 0 }), series({ 0, 1 }, { 0, -1 }), series({ 0, 1 }, { 0, "x" }),
    series({ 0, 1e300 }, { 0, 1 }), series({ -1, 1 }, { 0, 1 }),
    with({ pid = 1, tid = 1.5, at = { 0, 1 }, cpu = { 0, 1 } }),
    with(twice[1], { processes = { { cpu = "x" } } }), with(twice[1], { options = { rate = 0 } }) }
  for _, text in ipairs(bad) do
    local p = load({ { 1, "ab" } }, text)
    check.equal({ p.samples, p.record, p.clock }, { 2, nil, false }, text)
    check.equal(p.quality, { { what = "records of a run that cannot be used", count = 1 } }, text)
  end
  for _, text in ipairs { series({ 5 }, { 1 }), json.line_of(record_of({})) } do
    local p = load({ { 1, "ab" } }, text)
    check.equal({ p.samples, p.clock, p:weights("cpu").samples }, { 2, true, 2 }, text)
  end
end)

check.test("views of weights and weights of views are the same", function()
  local p = load({ { 1, ("ab"):rep(10) .. ("bc"):rep(10) }, { 2, ("acca"):rep(9) } },
    record_of { twice[1], { pid = 1, tid = 2, at = { 0.0, 0.5, 1.0 }, cpu = { 0, 0.1, 0.5 } } })
  for name, view in pairs {
    where = function(of) return of:where "a" end,
    window = function(of) return of:window(0.2, 1) end,
    thread = function(of) return of:thread "id:2" end, fold = function(of) return of:fold "b" end,
    without = function(of) return of:without "c" end, flat = function(of) return of:flat() end,
  } do
    local one, other = view(p:weights "cpu"), view(p):weights "cpu"
    check.equal(one:functions(), other:functions(), name)
    check.equal(one:runs(), other:runs(), name)
    check.equal(one:weights("samples"):functions(), view(p):functions(), name)
  end
end)

check.finish()
