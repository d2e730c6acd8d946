local check = dofile("tests/lua/check.lua")
local json = require "pyprof.render.json"

local function text(value)
  local parts = {}
  json.write_value(value, function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end)
  return table.concat(parts)
end

check.test("numbers are exact and short", function()
  check.equal(text(9007199254740993), "9007199254740993")
  check.equal(text(0.1), "0.1")
  check.equal(text(0.1 + 0.2), "0.30000000000000004")
  check.equal(text(1e300), "1e+300")
  check.error(function() text(0 / 0) end, "JSON has no")
end)

check.test("strings are escaped, and broken UTF-8 is replaced", function()
  check.equal(text('a"b\\c\n\1/é'), '"a\\"b\\\\c\\n\\u0001/é"')
  check.equal(text("a\xffb"), '"a\u{FFFD}b"')
end)

check.test("keys are sorted; an empty list says that it is one", function()
  check.equal(text { b = 1, a = json.array {}, c = {} }, '{"a": [], "b": 1, "c": {}}')
end)

check.test("what cannot be JSON is refused", function()
  check.error(function() text(print) end, "JSON has no function")
  check.error(function() text { [true] = 1 } end, "text keys")
end)

check.finish()
