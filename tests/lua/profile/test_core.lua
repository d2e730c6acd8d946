-- The C module pyprof.core.profile itself: its stub for editors, closing, its errors.
local check = dofile("tests/lua/check.lua")
local core = require "pyprof.core.profile"

local path = "tests/data/calculator-threads.speedscope.json"

local function names_in(text, of)
  local names = {}
  for name in text:gmatch("\nfunction " .. of .. "[.:]([%w_]+)") do names[name] = true end
  return names
end

local function functions_of(list)
  local names = {}
  for name, value in pairs(list) do
    if type(value) == "function" then names[name] = true end
  end
  return names
end

check.test("the stub for editors names what there is", function()
  local file <close> = assert(io.open("lua/pyprof/meta/profile.lua"))
  local text = file:read("a")
  check.equal(names_in(text, "core"), functions_of(core))
  local types = debug.getregistry()
  check.equal(names_in(text, "Profile"), functions_of(types["pyprof.core.profile"].__index))
  check.equal(names_in(text, "Calls"), functions_of(types["pyprof.core.calls"].__index))
end)

check.test("a closed one is refused, closing twice is fine", function()
  local handle = assert(core.load({ path }, {}))
  local view = assert(handle:window(1, 2))
  handle:close()
  handle:close()
  check.error(function() handle:info() end, "the profile is closed")
  check.error(function() core.merge { handle } end, "the profile is closed")
  check.equal(view:info().samples, 100)
end)

check.test("masks and groups must be for all frames", function()
  local handle = assert(core.load({ path }, {}))
  local count = #handle:frames()
  check.error(function() handle:where("x", true) end, "one byte for each is wanted")
  check.error(function() handle:where(("x"):rep(count)) end, "boolean expected")
  check.error(function() handle:totals({ { 1 } }, { 1 }) end, "one group a frame is wanted")
  local groups = {}
  for i = 1, count do groups[i] = 2 end
  check.error(function() handle:totals({ groups }, { 1 }) end, "a group is out of range")
  check.error(function() handle:thread("xx") end, "one byte for each is wanted")
  check.error(function() handle:cut { 1 } end, "two bounds at least are wanted")
  check.error(function() handle:cut { 2, 1 } end, "bounds do not increase")
  check.error(function() handle:slices { 1 } end, "two bounds at least are wanted")
  check.error(function() handle:slices { 2, 1 } end, "bounds do not increase")
  check.error(function() handle:window(0 / 0, 1) end, "not a number")
  check.error(function() core.load({}, {}) end, "no path")
  check.error(function() core.load({ "a\0b" }, {}) end, "contains a zero byte")
  check.error(function() core.merge {} end, "no profile")
  local calls = assert(handle:calls(groups, 2))
  check.error(function() calls:leaves({ 1 }, false) end, "one rank a group is wanted")
  check.error(function() calls:path(99) end, "no such call")
  calls:close()
  check.error(function() calls:tree(nil, 0) end, "the calls are closed")
end)

check.test("progress is called with bytes", function()
  local last
  assert(core.load({ path }, { threads = 1 }, function(done, total) last = { done, total } end))
  check.truthy(last == nil or last[1] <= last[2], "done")
end)

check.finish()
