local check = dofile("tests/lua/check.lua")
local text = require "pyprof.text"

check.test("width counts columns, not bytes", function()
  check.equal(text.width("abc"), 3)
  check.equal(text.width("é"), 1)
  check.equal(text.width("e\u{301}"), 1)
  check.equal(text.width("漢字"), 4)
end)

check.test("what would move the cursor is shown", function()
  check.equal(text.clean("a\nb\27[31m"), "a\\x0ab\\x1b[31m")
  check.equal(text.clean("a\xffé"), "a\\xffé")
end)

check.test("names are cut in the middle, wide characters whole", function()
  check.equal(text.cut("abcdefghij", 7), "abc…hij")
  check.equal(text.cut("short", 7), "short")
  check.equal(text.cut("漢字漢字", 6), "漢…字")
end)

check.test("filling stands left or right", function()
  check.equal(text.fill("漢", 4), "漢  ")
  check.equal(text.fill("漢", 4, true), "  漢")
end)

check.finish()
