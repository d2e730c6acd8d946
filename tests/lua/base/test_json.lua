local check = dofile("tests/lua/check.lua")
local json = require "pyprof.base.json"
local lazy = require "pyprof.base.lazy"
local plain = require "pyprof.base.plain"
local scalars = require "pyprof.base.scalar"

local text = json.text_of

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
  check.equal(text { b = 1, a = scalars.array {}, c = {} }, '{"a": [], "b": 1, "c": {}}')
end)

check.test("a list's objects may change their shape at any place", function()
  local cjson = require "cjson"
  for seed = 1, 200 do
    math.randomseed(seed)
    local list, keys = scalars.array(), { "a", "b\n\"", "c%s", "d\\", "é" }
    for i = 1, math.random(1, 12) do
      local item = {}
      for k = 1, math.random(2) == 1 and #keys or math.random(0, #keys) do
        local kind = math.random(6)
        item[keys[k]] = kind == 1 and "s" .. i or kind == 2 and i + 0.5 or
          kind == 3 and i % 2 == 0 or kind == 4 and math.random(5) == 1 and { { x = i } } or
          kind == 5 and scalars.array { i } or i
      end
      list[i] = math.random(8) == 1 and i or item
    end
    local back = cjson.decode(text(list))
    check.equal(text(scalars.array(back)), text(list), "seed " .. seed)
    check.equal(#back, #list)
  end
end)

check.test("lists and objects may be long and wide", function()
  local list, wide = {}, {}
  for i = 1, 100000 do list[i] = i end
  for i = 1, 300 do wide[("k%03d"):format(i)] = i end
  check.equal(text(list), "[" .. table.concat(list, ", ") .. "]")
  local many = text { wide, wide, wide, wide, wide }
  local line = '  {"k001": 1, "k002": 2, .-"k300": 300}'
  check.truthy(many:find("^%[\n" .. (line .. ",\n"):rep(4) .. line .. "\n%]$"), "five lines")
  local count = 0
  for _ in pairs(require("cjson").decode(many)[5]) do count = count + 1 end
  check.equal(count, 300)
end)

check.test("lazy lists and objects are written like others", function()
  for count = 0, 4 do
    local list, object = scalars.array {}, {}
    for i = 1, count do list[i], object["k\n" .. i] = { n = i, t = { i } }, i / 2 end
    local same = { list = lazy.list(count, function(i) return list[i] end),
      object = lazy.object(count, function(i) return "k\n" .. i, i / 2 end), x = { y = {} } }
    local want = text { list = list, object = object, x = { y = {} } }
    check.equal(text(same), want)
    check.equal(text(plain.decode(plain.encode(same))), want)
    check.equal(text(scalars.array(same.list)), text(list))
  end
end)

check.test("an object on one line: every kind of value", function()
  local values = { 0, -0.0, 1, math.mininteger, 2^53, 0.1, 1e300, 5e-324, true, false, "", "a b",
    "é", '"', "\\", "\x7f", "\x1f", "\xff", "\xc2\x80", scalars.array {}, {}, scalars.null }
  for _, value in ipairs(values) do
    local one = text { v = value, w = 1 }
    check.equal(text { { v = value, w = 1 }, { v = value, w = 1 } },
      "[\n  " .. one .. ",\n  " .. one .. "\n]")
  end
  check.error(function() text { { v = 1 }, { v = 0 / 0 } } end, "JSON has no")
  check.error(function() text { { v = 1 }, { v = print } } end, "JSON has no function")
end)

check.test("what cannot be JSON is refused", function()
  check.error(function() text(print) end, "JSON has no function")
  check.error(function() text { [true] = 1 } end, "text keys")
end)

check.finish()
