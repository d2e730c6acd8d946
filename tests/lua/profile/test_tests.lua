-- The tests of samples: markers in random recordings change nothing but p:tests and p:test.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"
local profiles = require "pyprof.profile"
local recordings = dofile("tests/lua/profile/by_chance.lua")

local said
require("pyprof.profile.selector").on_empty(function(message) said = message end)

local labels = {
  "tests/test_a.py::test_one [setup]", "tests/test_a.py::test_one [call]",
  "tests/test_a.py::TestB::test_two[x::y [call]-1] [call]",
  "tests/test_b.py::test_two[[z]] [teardown]",
}

-- The model with a marker somewhere in some stacks, and other code of the plugin above it; each
-- sample knows its label. Some thread starts within a test.
local function marked(model, random)
  local made = { frames = table.move(model.frames, 1, #model.frames, 1, {}), threads = {},
    unit = model.unit }
  local function frame(name, line)
    table.insert(made.frames, { name = name, file = "<pyprof-lua tests>", line = line })
    return #made.frames
  end
  local other, markers = frame("run", 3), {}
  for i, label in ipairs(labels) do markers[i] = { frame(label, 7), frame(label, 8) } end
  for t, thread in ipairs(model.threads) do
    made.threads[t] = { name = thread.name, id = thread.id, samples = {} }
    for i, sample in ipairs(thread.samples) do
      local stack = table.move(sample.stack, 1, #sample.stack, 1, {})
      local which = random(#labels + 1)
      sample.label = labels[which]
      if sample.label then
        local at = random(#stack + 1)
        table.insert(stack, at, markers[which][random(2)])
        table.insert(stack, at, other)
      end
      made.threads[t].samples[i] = { stack = stack, weight = sample.weight }
    end
  end
  return made
end

local function each_case(run)
  for seed = 1, 60 do
    math.randomseed(seed)
    local model = recordings.random(math.random, { mixed = seed % 2 == 0 })
    local plain = recordings.load(recordings.json(model))
    local good, message = xpcall(run, debug.traceback,
      recordings.load(recordings.json(marked(model, math.random))), plain, model)
    if not good then error(("case %d: %s"):format(seed, message), 0) end
  end
end

-- The samples and weight of the model's samples that `selects(label)` takes.
local function whole(model, selects)
  local count, weight = 0, 0.0
  for _, thread in ipairs(model.threads) do
    for _, sample in ipairs(thread.samples) do
      if #sample.stack > 0 and selects(sample.label) then
        count, weight = count + 1, weight + sample.weight
      end
    end
  end
  return count, weight
end

check.test("markers change no row of functions, stacks, trees, threads and time", function()
  each_case(function(p, plain)
    for _, method in ipairs { "functions", "lines", "stacks", "tree", "threads", "timeline" } do
      check.equal(p[method](p), plain[method](plain), method)
    end
    for _, name in ipairs { "samples", "empty_samples", "weight", "from", "to", "rate" } do
      check.equal(p[name], plain[name], name)
    end
    check.equal(p:flat():fold("a"):functions(), plain:flat():fold("a"):functions())
    check.equal(p:window(0, 0.2):functions(), plain:window(0, 0.2):functions())
  end)
end)

check.test("each phase of a test is a row", function()
  each_case(function(p, _, model)
    local rows = {}
    for _, row in ipairs(p:tests()) do rows[row.id .. " [" .. row.phase .. "]"] = row end
    for _, label in ipairs(labels) do
      local count, weight = whole(model, function(each) return each == label end)
      local row = rows[label] or { samples = 0, weight = 0.0 }
      check.equal({ row.samples, row.weight }, { count, weight }, label)
    end
  end)
end)

check.test("p:test takes ids, names, fields and rows, and views of views", function()
  each_case(function(p, _, model)
    for selected, selects in pairs {
      ["test_one"] = function(label) return label and label:find("test_one", 1, true) end,
      ["test_two"] = function(label) return label and label:find("test_two", 1, true) end,
      ["test_two[[z]]"] = function(label) return label == labels[4] end,
      ["tests/test_a.py::test_one"] = function(label) return label == labels[1] or
        label == labels[2] end,
      ["phase:^call$"] = function(label) return label == labels[2] or label == labels[3] end,
      ["file:test_b"] = function(label) return label == labels[4] end,
      ["name:x::y"] = function(label) return label == labels[3] end,
      ["id:^$"] = function(label) return label == nil end,
      ["!phase:call"] = function(label) return label ~= labels[2] and label ~= labels[3] end,
    } do
      check.equal(p:test(selected).samples, (whole(model, selects)), selected)
      check.equal(p:flat():fold("b"):test(selected).weight, p:test(selected):fold("b").weight)
    end
    for _, row in ipairs(p:tests()) do
      check.equal(p:test(row).samples, row.samples)
      check.equal(p:test({ id = row.id }):test({ row }).samples, row.samples)
    end
    local of_none = p:test "id:^$"
    check.equal(#of_none:tests(), 0)
  end)
end)

check.test("profiles keep their tests when they are added", function()
  each_case(function(p)
    local both = p:fold("a") + p:test("test_two")
    local want = {}
    for _, list in ipairs { p:fold("a"):tests(), p:test("test_two"):tests() } do
      for _, row in ipairs(list) do
        local key = row.id .. row.phase
        want[key] = (want[key] or 0) + row.samples
      end
    end
    for _, row in ipairs(both:tests()) do check.equal(row.samples, want[row.id .. row.phase]) end
  end)
end)

check.test("exports for other tools are the same as without tests", function()
  each_case(function(p, plain)
    for _, format in ipairs { "callgrind", "chrome", "folded", "speedscope" } do
      check.equal(pyprof.encode(p, format, "x"), pyprof.encode(plain, format, "x"), format)
    end
    -- A run ends where its test ends; nothing else may differ.
    local function joined(profile)
      local list = {}
      for _, run in ipairs(profile:runs { by = "stack" }) do
        local last = list[#list]
        if last and last.to == run.from and last.stack == run.stack and last.id == run.id then
          last.to, last.samples = run.to, last.samples + run.samples
        else
          list[#list + 1] = { id = run.id, stack = run.stack, from = run.from, to = run.to,
            samples = run.samples }
        end
      end
      return list
    end
    for _, thread in ipairs(plain:threads()) do
      check.equal(joined(p:thread(thread)), joined(plain:thread(thread)))
    end
  end)
end)

check.test("pprof files keep the tests", function()
  each_case(function(p)
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "wb"))
    file:write((pyprof.encode(p, "pprof", "x")))
    file:close()
    local again = pyprof.load(path)
    os.remove(path)
    local function rows(profile)
      local list = {}
      for _, row in ipairs(profile:tests()) do
        if row.samples > 0 then list[#list + 1] = row.id .. row.phase .. row.samples end
      end
      table.sort(list)
      return list
    end
    check.equal(rows(again), rows(p))
  end)
end)

check.test("the heaviest own function of each test", function()
  local model = {
    frames = {
      { name = "test_one", file = "/srv/app/tests/test_a.py", line = 1 },
      { name = "work", file = "/srv/app/main.py", line = 1 },
      { name = "loads", file = "/usr/lib/python3.11/json/decoder.py", line = 1 },
      { name = labels[1], file = "<pyprof-lua tests>", line = 1 },
      { name = labels[2], file = "<pyprof-lua tests>", line = 1 },
    },
    threads = { { name = "MainThread", id = 1, samples = {} } }, unit = "seconds",
  }
  for _, stack in ipairs { { 4, 1 }, { 5, 1, 2 }, { 5, 1, 2 }, { 5, 1, 2, 3 }, { 5, 1, 2, 3 },
    { 5, 1, 2, 3 }, { 2 }, { 1 } } do
    table.insert(model.threads[1].samples, { stack = stack, weight = 1 })
  end
  local p = recordings.load(recordings.json(model))
  check.equal(profiles.tests(p),
    { ["tests/test_a.py::test_one"] = { samples = 6, weight = 6.0, hottest = "work" } })
end)

check.test("a selector that selects nothing is noted", function()
  math.randomseed(1)
  local model = recordings.random(math.random, {})
  local p = recordings.load(recordings.json(marked(model, math.random)))
  check.equal(p:test("test_onee").samples, 0)
  check.equal(said, "no test 'test_onee' (did you mean 'test_one'?)")
  local plain = recordings.load(recordings.json(model))
  check.equal(plain:test("test_three").samples, 0)
  check.equal(said, "no test 'test_three' (the recording has no tests)")
  check.equal(plain:test("id:^$").samples, plain.samples)
  check.error(function() p:test("function:x") end, "unknown field 'function'")
end)

check.finish()
