-- The common parts of the exports: protobuf, packing, numbering, one profile per thread.
local check = dofile("tests/lua/check.lua")
local cjson = require "cjson"
local recordings = dofile("tests/lua/profile/by_chance.lua")
local pyprof = require "pyprof"

check.test("Protocol Buffers' documented examples", function()
  local message = pyprof.protobuf
  check.equal(message { { 1, 150 } }, "\x08\x96\x01")
  check.equal(message { { 2, "testing" } }, "\x12\x07testing")
  check.equal(message { { 3, message { { 1, 150 } } } }, "\x1a\x03\x08\x96\x01")
  check.equal(message { { 6, { 3, 270, 86942 } } }, "\x32\x06\x03\x8e\x02\x9e\xa7\x05")
  check.equal(message { { 1, 0 }, { 2, "" }, { 3, {} } }, "\x08\x00\x12\x00\x1a\x00")
  check.equal(message { { 1, -1 } }, "\x08" .. ("\xff"):rep(9) .. "\x01")
  check.equal(message { { 1, math.maxinteger } }, "\x08" .. ("\xff"):rep(8) .. "\x7f")
  check.equal(message { { 16, 1 } }, "\x80\x01\x01")
  check.equal(message {}, "")
end)

check.test("what is no field is refused", function()
  check.error(function() pyprof.protobuf { { 0, 1 } } end, "a field's number is a whole number")
  check.error(function() pyprof.protobuf { { 1, 1.5 } } end, "field 1: an integer, text or a list")
  check.error(function() pyprof.protobuf { { 7, { 1, "x" } } } end,
    "test_export.lua:%d+: protobuf: field 7: a list of integers holds x")
end)

-- The value without the marks of empty lists, and with numbers of one kind.
local function as_json(value) return cjson.decode(cjson.encode(value)) end

check.test("encode gives what the report of the format writes", function()
  local program = os.getenv("TEST_PROGRAM") or "build/pyprof-lua"
  local path = "tests/data/calculator-threads.speedscope.json"
  local p = assert(pyprof.load(path))
  for _, format in ipairs { "callgrind", "chrome", "firefox", "folded", "pprof", "speedscope" } do
    local pipe <close> = assert(io.popen(("%s %s.lua %s"):format(program, format, path)))
    local value = assert(pyprof.encode(p, format, path))
    local written = pipe:read("a")
    if type(value) == "table" then
      check.equal(as_json(cjson.decode(written)), as_json(value), format)
    else
      check.truthy(written == value, format)
    end
  end
  check.equal(pyprof.encode(p, "folded", "x", { by = "line", names = true }):find("[(:]"), nil)
end)

check.test("what encode is given is checked at the script's line", function()
  local p = assert(pyprof.load("tests/data/calculator.speedscope.json"))
  for _, misused in ipairs {
    function() return (pyprof.encode(3, "folded", "x")) end,
    function() return (pyprof.encode(p, "svg", "x")) end,
    function() return (pyprof.encode(p, {}, "x")) end,
    function() return (pyprof.encode(p, "folded")) end,
    function() return (pyprof.encode(p, "folded", "x", 3)) end,
    function() return (pyprof.encode(p, "folded", "x", { by = 3 })) end,
    function() return (pyprof.encode(p, "folded", "x", { names = "yes" })) end,
    function() return (pyprof.encode(p, "pprof", "x", { by = "line" })) end,
  } do
    check.error(misused,
      "^tests/lua/export/test_export.lua:" .. debug.getinfo(misused).linedefined .. ": ")
  end
end)

check.test("gzip packs what reads back, the same each time", function()
  local text = recordings.json(recordings.random(math.random, { mixed = true }))
  local packed = pyprof.gzip(text)
  check.equal(packed:sub(1, 8), "\x1f\x8b\8\0\0\0\0\0")
  check.equal(packed, pyprof.gzip(text))
  check.equal(recordings.load(packed).weight, recordings.load(text).weight)
  check.truthy(#pyprof.gzip("") >= 18)
  local noise = {}
  for i = 1, 100000 do noise[i] = string.char(math.random(0, 255)) end
  check.truthy(#pyprof.gzip(table.concat(noise)) > 90000)
  check.error(function() pyprof.gzip() end, "a text is wanted, not nil")
end)

check.test("things are numbered in the order of coming", function()
  local added = {}
  local number = pyprof.numbering(function(n, what) added[n] = what end)
  check.equal({ number("a", "A"), number("b", "B"), number("a", "C") }, { 1, 2, 1 })
  check.equal(added, { "A", "B" })
  check.equal(pyprof.numbering()("x"), 1)
end)

check.test("one profile a thread, and together they are all", function()
  for _ = 1, 20 do
    local p = recordings.load(recordings.json(recordings.random(math.random, { mixed = true })))
    local threads, split = p:threads(), p:split()
    check.equal(#split, #threads)
    local samples, empty = 0, 0
    for i, row in ipairs(split) do
      check.equal(row.profile.samples, threads[i].samples)
      samples, empty = samples + row.profile.samples, empty + row.profile.empty_samples
      row.profile = nil
      check.equal(row, threads[i])
    end
    check.equal({ samples, empty }, { p.samples, p.empty_samples })
  end
end)

-- The rows to compare. A function's line is its lowest in that profile.
local function plain(list, by)
  local result = {}
  for i, row in ipairs(list) do
    result[i] = { row.stack or row.name, by == "line" and row.line or 0, row.samples, row.weight,
      row.share, row.from or 0, row.to or 0 }
  end
  return result
end

check.test("the stacks and runs of all threads are those of each one's profile", function()
  for round = 1, 20 do
    local p = recordings.load(recordings.json(recordings.random(math.random, { mixed = true })))
    local top = p:functions { sort = "total", limit = 1 }[1] -- none where all stacks are empty
    if round % 3 == 0 and top then p = p:where(top) end
    if round % 4 == 0 and p.from then p = p:window(p.from, (p.from + p.to) / 2) end
    local split = p:split()
    for _, by in ipairs { "function", "line" } do
      for i, row in ipairs(p:split { stacks = by }) do
        check.equal(row.id, split[i].id)
        check.equal(plain(row.stacks, by), plain(split[i].profile:stacks { by = by }, by))
      end
    end
    for _, by in ipairs(p.from and { "function", "line", "stack" } or {}) do
      for i, row in ipairs(p:split { runs = by, limit = 3 }) do
        check.equal(plain(row.runs, by), plain(split[i].profile:runs { by = by }, by))
      end
    end
  end
end)

-- A thread of a thread, a view of a view: the samples that the first kept stay.
check.test("a view of one thread is split and viewed as any other", function()
  local p = recordings.load(recordings.json(recordings.random(math.random, { mixed = true })))
  for _, row in ipairs(p:split()) do
    local again = row.profile:split()
    check.equal(#again, 1)
    check.equal(plain(again[1].profile:stacks()), plain(row.profile:stacks()))
    check.equal(plain(row.profile:flat():where(function() return true end):stacks()),
      plain(row.profile:flat():stacks()))
    check.equal((row.profile + row.profile).samples, 2 * row.profile.samples)
  end
end)

check.test("runs of a stack have its frames", function()
  local p = recordings.load(recordings.json(recordings.random(math.random, {})))
  for _, row in ipairs(p:runs { by = "stack" }) do
    local names = {}
    for i, frame in ipairs(row.frames) do names[i] = frame.name end
    check.equal(table.concat(names, ";"), row.stack)
    check.equal(row.frames[#row.frames], { name = row.name, file = row.file, line = row.line })
  end
end)

check.finish()
