-- Points of CPU time by thread: bounded, increasing, with both ends.
local check = dofile("tests/lua/check.lua")
local process = require "pyprof.core.process"
local times = require "pyprof.target.times"

-- A process as a test tells it: the times of its threads at each reading.
local function reading(of)
  local real = process.threads
  local read = times.new()
  return read, function(at)
    process.threads = function()
      local flat = {}
      for _, thread in ipairs(of(at)) do table.move(thread, 1, 3, #flat + 1, flat) end
      return flat, {}
    end
    read:read(7, at)
    process.threads = real
  end
end

local function check_increases(thread)
  check.equal(#thread.cpu, #thread.at)
  if thread.delay then check.equal(#thread.delay, #thread.at) end
  for i = 2, #thread.at do
    check.truthy(thread.at[i] > thread.at[i - 1])
    check.truthy(thread.cpu[i] >= thread.cpu[i - 1])
    check.truthy(not thread.delay or thread.delay[i] >= thread.delay[i - 1])
  end
end

check.test("a long run has a bounded number of points, its begin and its end", function()
  local read, at = reading(function(at) return { { 1, at / 2, at / 4 }, { 2, at / 8, 0.0 } } end)
  for i = 1, 20000 do at(i / 10) end
  local list = read:taken()
  check.equal(#list, 2)
  for _, thread in ipairs(list) do
    check_increases(thread)
    check.truthy(#thread.at > 200 and #thread.at <= 501)
    check.equal(thread.at[1], 0.1)
    check.equal(thread.at[#thread.at], 2000.0)
  end
  check.equal(list[1].cpu[1], 0.05)
  check.equal(list[1].cpu[#list[1].cpu], 1000.0)
  check.equal(list[1].delay[#list[1].delay], 500.0)
end)

check.test("a thread that waits has few points, and the ends of its wait", function()
  local function cpu(at) return at < 10 and 0.0 or math.min(at - 10, 1) end
  local read, at = reading(function(now) return { { 1, cpu(now), 0.0 } } end)
  for i = 0, 1000 do at(i / 50) end
  local thread = read:taken()[1]
  check_increases(thread)
  check.truthy(#thread.at < 60)
  check.equal({ thread.at[1], thread.cpu[1] }, { 0.0, 0.0 })
  check.equal({ thread.at[2], thread.cpu[2] }, { 10.0, 0.0 })
  check.equal({ thread.at[#thread.at], thread.cpu[#thread.cpu] }, { 20.0, 1.0 })
end)

check.test("of ten thousand short threads the bounded number with the most CPU stays", function()
  local read, at = reading(function(now)
    local round = math.floor(now * 10 + 0.5)
    local list = { { 1, now, 0.0 } }
    for i = 1, 20 do list[#list + 1] = { 2 + round * 20 + i, 0.001 * i, 0.0 } end
    if round == 3 then list[#list + 1] = { 2, 0.05, 0.0 } end
    return list
  end)
  for i = 0, 500 do at(i / 10) end
  local list = read:taken()
  check.truthy(#list <= 1000 and #list > 300)
  local found = {}
  for _, thread in ipairs(list) do
    check_increases(thread)
    found[thread.tid] = thread
  end
  check.equal(found[1].at[#found[1].at], 50.0)
  check.equal(found[2].cpu, { 0.0, 0.05 })
end)

check.test("a thread that is seen once began after the reading before", function()
  local read, at = reading(function(now)
    return now < 1 and { { 1, 0.5, 0.0 } } or { { 1, 0.5, 0.0 }, { 2, 0.25, 0.5 } }
  end)
  at(0.0)
  at(1.0)
  local list = read:taken()
  check.equal({ list[1].at, list[1].cpu }, { { 0.0, 1.0 }, { 0.5, 0.5 } })
  check.equal({ list[2].at, list[2].cpu, list[2].delay },
    { { 0.25, 1.0 }, { 0.0, 0.25 }, { 0.0, 0.5 } })
end)

check.test("a number that the kernel gives to another thread begins anew", function()
  local read, at = reading(function(now) return { { 1, now < 1 and 5 + now or now - 1, 0.0 } } end)
  for i = 0, 19 do at(i / 10) end
  local list = read:taken()
  check.equal(#list, 2)
  for _, thread in ipairs(list) do check_increases(thread) end
  check.equal({ list[1].cpu[1], list[1].cpu[#list[1].cpu] }, { 5.0, 5.9 })
  check.near(list[2].cpu[#list[2].cpu], 0.9)
end)

check.test("where the kernel does not tell the delay there is none", function()
  local read, at = reading(function(now) return { { 1, now, now > 0 and -1 or 0 } } end)
  for i = 0, 5 do at(i / 10) end
  check.equal(read:taken()[1].delay, nil)
end)

check.test("a process keeps its last CPU time, with that of threads that ended", function()
  local read, at = reading(function() return { { 1, 0.5, 0.0 } } end)
  for i = 1, 3000 do
    at(i / 10)
    read:process(7, i / 10)
    read:process(100 + i, i == 5 and 9.5 or 0.0)
  end
  local _, list = read:taken()
  check.truthy(#list <= 1000)
  check.equal(list[1], { pid = 7, cpu = 300.0 })
  local kept = false
  for _, one in ipairs(list) do kept = kept or one.pid == 105 and one.cpu == 9.5 end
  check.truthy(kept)
end)

check.finish()
