-- What Tab offers within a line.
local check = dofile("tests/lua/check.lua")
local complete = require("pyprof.repl.complete").complete

local profile = assert(require("pyprof").load("tests/data/calculator.speedscope.json"))

local function completed(line)
  rawset(_G, "p", profile)
  local insert, choices = complete(line)
  rawset(_G, "p", nil)
  return insert, choices
end

check.test("a selector's string knows functions and fields", function()
  check.equal(completed('p:where("fibo'), "nacci")
  check.equal(completed('p:functions { exclude = "orig'), "in:")
end)

check.test("a query's keys are those that the method's page lists", function()
  check.equal(completed("p:split { sta"), "cks")
  check.equal(completed("p:split { limit = 1, ru"), "ns")
  check.equal(completed("p:tree { min"), "_share")
  check.equal(completed("pyprof.diff(p, p, { cert"), "ain")
  check.equal({ completed("p:functions { ") }, { "", "exclude  include  limit  of  sort" })
  check.equal({ completed("p:timeline { ") }, { "", "buckets  limit  of  sort" })
end)

check.test("an option's string is no file's name", function()
  check.equal({ completed('p:functions { sort = "') }, { "" })
  check.equal(completed('p:callers("main", { by = "fu'), "nction")
  check.equal(completed('pyprof.load("tests/gol'), "den/")
end)

check.finish()
