-- Views and rows agree with a simple, slow implementation, on random recordings.
local check = dofile("tests/lua/check.lua")
local recordings = dofile("tests/lua/profile/by_chance.lua")

require("pyprof.profile.selector").on_empty(function() end)

local cases = 100

local function each_case(run)
  for seed = 1, cases do
    math.randomseed(seed)
    local model = recordings.random(math.random, { mixed = seed % 2 == 0 })
    local good, message = xpcall(run, debug.traceback, model,
      recordings.load(recordings.json(model)), recordings.samples(model))
    if not good then error(("case %d: %s"):format(seed, message), 0) end
  end
end

local function same_functions(p, samples)
  local count, weight = recordings.whole(samples)
  check.equal(p.samples, count, "samples")
  check.equal(p.weight, weight + 0.0, "weight")
  check.equal(p.empty_samples, #samples - count, "empty samples")
  local want = recordings.totals(samples, recordings.function_key)
  local rows = p:functions()
  local own = 0
  for _, row in ipairs(rows) do
    local key = recordings.function_key(row)
    local truth = want[key]
    check.truthy(truth, key .. " in the simple reading")
    want[key] = nil
    check.equal({ row.self, row.total, row.self_weight, row.total_weight, row.line },
      { truth.self, truth.total, truth.self_weight, truth.total_weight, truth.line }, key)
    check.near(row.self_share, weight > 0 and truth.self_weight / weight or 0)
    own = own + row.self
  end
  check.equal(next(want), nil, "functions that are missing")
  check.equal(own, p.samples, "sum of self")
end

local function any(stack, selects)
  for _, frame in ipairs(stack) do
    if selects(frame) then return true end
  end
  return false
end

local function is_a(frame) return frame.name:match("[^.]*$") == "a" end
local function is_library(frame) return frame.file:find("site-packages", 1, true) ~= nil end
local function is_c(frame) return frame.name == "A.c" end

local function fold(selects)
  return function(stack)
    local kept = {}
    for _, frame in ipairs(stack) do
      if #kept == 0 or not selects(frame) then kept[#kept + 1] = frame end
    end
    return kept
  end
end

local function root(selects)
  return function(stack)
    for i, frame in ipairs(stack) do
      if selects(frame) then return table.move(stack, i, #stack, 1, {}) end
    end
  end
end

local function flat(stack)
  local kept = {}
  for _, frame in ipairs(stack) do
    local last = kept[#kept]
    if last and recordings.function_key(last) == recordings.function_key(frame) then
      kept[#kept] = frame
    else
      kept[#kept + 1] = frame
    end
  end
  return kept
end

local function window(from, to)
  return function(stack, sample)
    if sample.from >= from and sample.from < to then return stack end
  end
end

-- Each view: the real implementation, the simple one.
local views = {
  where = { function(p) return p:where("a") end,
    function(stack) return any(stack, is_a) and stack or nil end },
  without = { function(p) return p:without("origin:library") end,
    function(stack) return not any(stack, is_library) and stack or nil end },
  fold = { function(p) return p:fold("origin:library") end, fold(is_library) },
  root = { function(p) return p:root("A.c") end, root(is_c) },
  flat = { function(p) return p:flat() end, flat },
  window = { function(p) return p:window(0.25, 20) end, window(0.25, 20) },
  thread = { function(p) return p:thread("id:^102$") end,
    function(stack, sample) return sample.thread.id == 102 and stack or nil end },
}
local names = {}
for name in pairs(views) do names[#names + 1] = name end
table.sort(names)

check.test("functions are as counted one by one", function()
  each_case(function(_, p, samples) same_functions(p, samples) end)
end)

for _, name in ipairs(names) do
  check.test("view " .. name, function()
    each_case(function(_, p, samples)
      same_functions(views[name][1](p), recordings.view(samples, views[name][2]))
    end)
  end)
end

check.test("views compose, three at a time", function()
  each_case(function(_, p, samples)
    for _ = 1, 3 do
      local view = views[names[math.random(#names)]]
      p, samples = view[1](p), recordings.view(samples, view[2])
    end
    same_functions(p, samples)
  end)
end)

check.test("the parts of a split window add up, and time stays in a merge", function()
  each_case(function(_, p)
    local at = (p.to - p.from) * 0.4
    local early, late = p:window(0, at), p:window(at)
    check.equal(early.samples + late.samples, p.samples)
    local joined = early + late
    check.equal(joined:functions(), p:functions())
    check.equal(joined:window(at):functions(), late:functions())
    check.equal(p:fold("a"):window(at):functions(), p:window(at):fold("a"):functions())
  end)
end)

check.test("merging is commutative and associative", function()
  each_case(function(_, p)
    local b = recordings.load(recordings.json(recordings.random(math.random, { mixed = true })))
    local c = p:where("a")
    check.equal((p + b):functions(), (b + p):functions())
    check.equal((p + b):stacks(), (b + p):stacks())
    check.equal((p + b):threads(), (b + p):threads())
    check.equal(((p + b) + c):lines(), (p + (b + c)):lines())
    check.equal(((p + b) + c).weight, (p + (b + c)).weight)
    check.equal((p + b):runs { by = "stack" }, (b + p):runs { by = "stack" })
  end)
end)

check.test("a merge is the recording of both", function()
  each_case(function(model, p)
    local other = recordings.random(math.random, {})
    local q = recordings.load(recordings.json(other))
    local samples = recordings.samples(model)
    for _, sample in ipairs(recordings.samples(other)) do samples[#samples + 1] = sample end
    same_functions(p + q, samples)
  end)
end)

check.test("lines, by and sum", function()
  each_case(function(_, p, samples)
    local function line_key(frame)
      if frame.file == "" then return "|" .. frame.name end
      return frame.file .. "|" .. frame.line
    end
    local want = recordings.totals(samples, line_key)
    for _, row in ipairs(p:lines()) do
      local truth = want[line_key(row)]
      check.equal({ row.self, row.total, row.line }, { truth.self, truth.total, truth.line })
      want[line_key(row)] = nil
    end
    check.equal(next(want), nil)
    want = recordings.totals(samples, function(frame) return frame.name:match("[^.]*$") end)
    for _, row in ipairs(p:by("bare")) do
      check.equal({ row.self, row.total_weight }, { want[row.name].self,
        want[row.name].total_weight })
    end
    want = recordings.totals(samples, function(frame) return is_a(frame) and "a" or nil end)
    local sum = p:sum("a")
    check.equal(sum.total, want.a and want.a.total or 0)
    check.equal(sum.self_weight, want.a and want.a.self_weight or 0.0)
    check.truthy(sum.total_low <= sum.total_share and sum.total_share <= sum.total_high)
  end)
end)

check.test("stacks", function()
  each_case(function(_, p, samples)
    local want, count = {}, 0
    for _, sample in ipairs(samples) do
      local parts = {}
      for i, frame in ipairs(sample.stack) do parts[i] = recordings.function_key(frame) end
      local key = table.concat(parts, ";")
      if #parts > 0 then
        if not want[key] then want[key], count = { samples = 0, weight = 0.0 }, count + 1 end
        want[key].samples = want[key].samples + 1
        want[key].weight = want[key].weight + sample.weight
      end
    end
    local rows = p:stacks()
    check.equal(#rows, count)
    for _, row in ipairs(rows) do
      local parts = {}
      for i, frame in ipairs(row.frames) do parts[i] = recordings.function_key(frame) end
      local truth = want[table.concat(parts, ";")]
      check.equal({ row.samples, row.weight }, { truth.samples, truth.weight })
    end
    check.equal(p:stacks { limit = 3 }, table.move(rows, 1, math.min(3, #rows), 1, {}))
  end)
end)

-- The callers or callees of the selection, counted one by one.
local function neighbours(samples, selects, callees)
  local rows = {}
  for _, sample in ipairs(samples) do
    local place
    for i, frame in ipairs(sample.stack) do
      if selects(frame) and (callees or not place) then place = i end
    end
    if place then
      local beside = sample.stack[callees and place + 1 or place - 1]
      local key = beside and recordings.function_key(beside) or
        (callees and "|(self)" or "|(root)")
      rows[key] = (rows[key] or 0) + 1
    end
  end
  return rows
end

check.test("callers and callees", function()
  each_case(function(_, p, samples)
    for _, method in ipairs { "callers", "callees" } do
      local want = neighbours(samples, is_a, method == "callees")
      local sum = 0
      for _, row in ipairs(p[method](p, "a")) do
        local key = recordings.function_key(row)
        check.equal(row.samples, want[key], key)
        want[key] = nil
        sum = sum + row.samples
      end
      check.equal(next(want), nil)
      check.equal(sum, p:sum("a").total)
    end
  end)
end)

check.test("the tree adds up", function()
  each_case(function(_, p)
    local rows = p:tree()
    check.equal({ rows[1].name, rows[1].total }, { "(all)", p.samples })
    local below, self = {}, 0
    for i, row in ipairs(rows) do
      self = self + row.self
      if i > 1 then
        check.truthy(row.parent < i and rows[row.parent].depth == row.depth - 1, "parent")
        below[row.parent] = (below[row.parent] or 0) + row.total
      end
    end
    check.equal(self, p.samples)
    for i, row in ipairs(rows) do check.equal(row.self + (below[i] or 0), row.total) end
    for _, row in ipairs(p:tree { min_share = 0.2 }) do
      check.truthy(row.total_share >= 0.2 or row.depth == 0, "share")
    end
    for _, row in ipairs(p:tree { depth = 2 }) do check.truthy(row.depth <= 2, "depth") end
  end)
end)

check.test("threads, timeline and runs", function()
  each_case(function(model, p, samples)
    local by_thread, whole = {}, recordings.whole(samples)
    for _, thread in ipairs(p:threads()) do by_thread[thread.id] = thread.samples end
    for _, thread in ipairs(model.threads) do
      local count = recordings.whole(recordings.view(samples, function(stack, sample)
        return sample.thread == thread and stack or nil
      end))
      check.equal(by_thread[thread.id], count)
    end
    local sum = 0
    local spans = p:timeline { buckets = 7 }
    for i, span in ipairs(spans) do
      local last = i == #spans and math.huge or span.to
      check.equal(span.samples,
        (recordings.whole(recordings.view(samples, window(span.from, last)))))
      sum = sum + span.samples
    end
    check.equal(sum, whole)
    sum = 0
    for _, run in ipairs(p:runs()) do sum = sum + run.samples end
    check.equal(sum, whole)
  end)
end)

check.test("a view knows the profile that it is a view of, and its views", function()
  local p = require("pyprof").load("tests/data/calculator.speedscope.json")
  check.equal({ p.views, p.whole == p }, { {}, true })
  local row = p:functions { limit = 1 }[1]
  local seen = p:where("main"):without({ "fibonacci", row }):thread(function() return true end)
    :window(0.5, 2):window(1):fold("origin:stdlib"):flat():root("main")
  check.equal(seen.views, { "where main", "without fibonacci or compute_heavy",
    "thread (function)", "window 0.5..2", "window 1..", "fold origin:stdlib", "flat", "root main" })
  check.truthy(seen.whole == p)
  check.equal((seen + seen).views, {})
end)

check.finish()
