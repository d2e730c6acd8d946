local check = dofile("tests/lua/check.lua")
local text = require "pyprof.base.text"

check.test("width counts columns, not bytes", function()
  check.equal(text.width("abc"), 3)
  check.equal(text.width("é"), 1)
  check.equal(text.width("e\u{301}"), 1)
  check.equal(text.width("漢字"), 4)
end)

check.test("what would move the cursor is shown", function()
  check.equal(text.clean("a\nb\27[31m"), "a\\x0ab\\x1b[31m")
  check.equal(text.clean("a\xffé"), "a\\xffé")
  check.equal(text.clean("\u{9b}2J\u{202e}x\u{2028}\u{feff}"), "\\x9b2J\\u202ex\\u2028\\ufeff")
  check.equal(text.clean("e\u{301} 👩\u{200d}💻"), "e\u{301} 👩\u{200d}💻")
  check.equal(text.clean_lines("a\n\tb\27\xff\0"), "a\n\tb\\x1b\\xff\\x00")
end)

check.test("a tab becomes spaces up to the next multiple of 8 columns", function()
  check.equal(text.without_tabs("\tx"), "        x")
  check.equal(text.without_tabs("ab\tc\t\td"), "ab      c               d")
  check.equal(text.without_tabs("12345678\tx"), "12345678        x")
  check.equal(text.without_tabs("日本\tx"), "日本    x")
  check.equal(text.without_tabs("\x01\tx\xff"), "\x01    x\xff", "\\x01 takes 4 columns")
  check.equal(text.without_tabs("x\t"), "x       ")
  check.equal(text.without_tabs("a b"), "a b")
end)

check.test("names are cut in the middle, wide characters whole", function()
  check.equal(text.cut("abcdefghij", 7), "abc…hij")
  check.equal(text.cut("short", 7), "short")
  check.equal(text.cut("漢字漢字", 6), "漢…字")
end)

check.test("of a path the last parts stay whole where they fit", function()
  check.equal(text.cut("/srv/calculator/calculator.py:23", 25), "/srv/ca…/calculator.py:23")
  check.equal(text.cut("/srv/calculator/calculator.py:23", 30), "…/calculator/calculator.py:23")
  check.equal(text.cut("/a/b/c/d.py", 10), "…/b/c/d.py")
  check.equal(text.cut("/srv/a_rather_long_name.py:1", 12), "…g_name.py:1")
  check.equal(text.cut("/usr/lib/python3.11/threading.py:327", 17), "…threading.py:327")
end)

check.test("what combines stays with its character, or goes with it", function()
  check.equal(text.cut("xe\u{301}yyyye\u{301}z", 5), "xe\u{301}…e\u{301}z")
  check.equal(text.cut("xe\u{301}yyyye\u{301}", 3), "x…e\u{301}")
end)

check.test("lines are broken at spaces, below the beginning of their text", function()
  check.equal(text.wrap("- one two three\n12. four five six\nseven_is_long x", 9),
    "- one two\n  three\n12. four\n    five\n    six\nseven_is_long\nx")
  check.equal(text.wrap("fits\n", 9), "fits\n")
end)

check.test("filling stands left or right", function()
  check.equal(text.fill("漢", 4), "漢  ")
  check.equal(text.fill("漢", 4, true), "  漢")
end)

check.finish()
