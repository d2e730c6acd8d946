-- pyprof.regex: PCRE2 over any bytes.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"

check.test("match gives the groups, or the whole", function()
  check.equal({ pyprof.regex([[(\w+)=(\d+)?]]):match("a=1") }, { "a", "1" })
  check.equal(pyprof.regex([[\d+]]):match("ab12c"), "12")
  check.equal(pyprof.regex([[\d+]]):match("ab"), nil)
  check.equal({ pyprof.regex([[\d]]):find("ab1", 2) }, { 3, 3 })
  check.equal(pyprof.regex("b"):test("abc", 3), false)
  check.equal(pyprof.regex("c"):test("abc", -1), true)
end)

check.test("captures by number and by name", function()
  local captures = pyprof.regex([[(?<key>\w+)=(?<value>\d)?]]):captures("x k=")
  check.equal(captures, { [0] = "k=", "k", key = "k", from = 3, to = 4 })
  check.equal(pyprof.regex([[(?<b>x)(?<a>y)]]):names(), { "a", "b" })
end)

check.test("gmatch, count and split", function()
  local found = {}
  for key, value in pyprof.regex([[(\w)(\d)]]):gmatch("a1 b2") do
    found[#found + 1] = key .. value
  end
  check.equal(found, { "a1", "b2" })
  check.equal(pyprof.regex("a*"):count("baac"), 4)
  check.equal(pyprof.regex(","):split("a,b,,c"), { "a", "b", "", "c" })
  check.equal(pyprof.regex(","):split("a,b,c", 2), { "a", "b,c" })
  check.equal(pyprof.regex(""):split("abc"), { "a", "b", "c" })
end)

check.test("gsub with a template and with a function", function()
  local re = pyprof.regex([[(?<first>\w)(\d)]])
  check.equal({ re:gsub("a1 b2", "$2${first}$$$0") }, { "1a$a1 2b$b2", 2 })
  check.equal({ re:gsub("a1 b2", "-", 1) }, { "- b2", 1 })
  check.equal((re:gsub("a1 b2", function(a, b) return a == "a" and b or nil end)), "1 b2")
  check.error(function() re:gsub("a1", "${no}") end, "no group 'no'")
  check.error(function() re:gsub("a1", "$3") end, "no group '3'")
  check.error(function() re:gsub("a1", function() return {} end) end, "returned a table")
  -- The replacing function may use the same regex.
  check.equal((re:gsub("a1 b2", function(a) return re:match("z9") .. a end)), "za zb")
end)

check.test("any bytes", function()
  check.equal(pyprof.regex("a\0b"):test("xa\0b"), true)
  check.equal(pyprof.regex(".", "u"):count("é\0ß"), 3)
  check.equal(pyprof.regex("."):count("é"), 2)
  check.equal(pyprof.regex("é", "ui"):count("É\xff\xc3é"), 2)
end)

check.test("flags", function()
  check.equal(pyprof.regex("^b", "m"):count("a\nb\nb"), 2)
  check.equal(pyprof.regex("a . c", "xs"):test("a\nc"), true)
  check.equal(pyprof.regex("b", "a"):test("ab"), false)
  check.error(function() pyprof.regex("a", "q") end, "unknown flag 'q'")
end)

check.test("what is no pattern raises, with the place", function()
  check.error(function() pyprof.regex("a(b") end, "at character 4: missing closing parenthesis")
end)

check.test("endless backtracking is stopped", function()
  local re = pyprof.regex("(a+)+$")
  check.error(function() re:test(("a"):rep(60) .. "b") end, "backtracks without end")
end)

check.test("a pattern may do without the compiler", function()
  check.equal(pyprof.regex("(*NO_JIT)b+"):match("abbc"), "bb")
end)

check.finish()
