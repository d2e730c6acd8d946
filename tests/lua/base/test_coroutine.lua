-- The host has coroutines of its own, so that Ctrl-C knows which one runs; they do what Lua's do.
local check = dofile("tests/lua/check.lua")

local function thrower(value) return function() error(value) end end

check.test("values go in and out", function()
  local co = coroutine.create(function(...)
    local more = { coroutine.yield(select("#", ...), ...) }
    return #more, more[1]
  end)
  check.equal({ coroutine.resume(co, 7, 8) }, { true, 2, 7, 8 })
  check.equal({ coroutine.resume(co, "x", "y", "z") }, { true, 3, "x" })
  check.equal({ coroutine.resume(co) }, { false, "cannot resume dead coroutine" })
  check.equal({ coroutine.resume(coroutine.running()) },
    { false, "cannot resume non-suspended coroutine" })
  check.equal(pcall(coroutine.resume, 5), false)
end)

check.test("wrapped ones raise, with the place", function()
  local wrapped = coroutine.wrap(function(a) coroutine.yield(a + 1) error("oops", 0) end)
  check.equal(wrapped(4), 5)
  local _, message = pcall(function() wrapped() end)
  check.truthy(message:find("test_coroutine.lua:%d+: oops$"), message)
  _, message = pcall(function() wrapped() end)
  check.truthy(message:find("cannot resume dead coroutine$"), message)
  local value = {}
  check.equal(select(2, pcall(coroutine.wrap(thrower(value)))) == value, true)
end)

check.test("a wrapped one that fails closes its variables", function()
  local closed = 0
  local function guard(close) return setmetatable({}, { __close = close }) end
  local wrapped = coroutine.wrap(function()
    local _ <close> = guard(function() closed = closed + 1 end)
    error("first", 0)
  end)
  check.truthy(select(2, pcall(wrapped)):find("first$"))
  check.equal(closed, 1)
  wrapped = coroutine.wrap(function()
    local _ <close> = guard(function() error("second", 0) end)
    error("first", 0)
  end)
  check.truthy(select(2, pcall(wrapped)):find("second$"))
end)

check.test("they nest, and pass many values", function()
  local function depth(n) return n == 0 and 0 or 1 + coroutine.wrap(depth)(n - 1) end
  check.equal(depth(150), 150)
  check.equal(select("#", coroutine.wrap(function(...) return ... end)(
    table.unpack({}, 1, 100000))), 100000)
  local _, message = pcall(depth, 250)
  check.truthy(message:find("C stack overflow"), message)
end)
check.finish()
