local check = dofile("tests/lua/check.lua")
local columns = require "pyprof.columns"

local row = {
  name = "f", file = "a.py", line = 7, self = 3, self_share = 0.12345, self_weight = 0.03,
  depth = 2,
}

local function texts(specs, unit)
  local list = {}
  for i, column in ipairs(columns.resolve(specs, unit or "seconds")) do
    list[i] = column.text(row, 4)
  end
  return list
end

check.test("a column is a field, a share, a rank, a place or a tree", function()
  check.equal(texts { "rank", "name", "self", "self%", "self_weight", "file:line", "tree" },
    { "4", "f", "3", "12.35%", "0.030", "a.py:7", "    f" })
end)

check.test("raw values keep their fields and types", function()
  local place = columns.resolve({ "file:line" }, "none")[1]
  check.equal(place.fields, { "file", "line" })
  check.equal({ place.raw(row, 1) }, { "a.py", 7 })
end)

check.test("a column with a value, a format and a heading of its own", function()
  local column = columns.resolve({ { "twice", head = "2x", format = function(v) return "<" .. v ..
    ">" end, value = function(r) return r.self * 2 end } }, "none")[1]
  check.equal(column.head, "2x")
  check.equal(column.text(row, 1), "<6>")
end)

check.test("weights follow the unit", function()
  check.equal(texts({ { "w_weight", value = function() return 2048 end } }, "bytes"),
    { "2.0 KiB" })
  check.equal(texts({ { "w_weight", value = function() return 12 end } }, "none"), { "12" })
end)

check.test("an unknown key is refused with a suggestion", function()
  check.error(function() columns.resolve({ { "a", fromat = "count" } }, "none") end,
    "columns[1]: unknown key 'fromat' (did you mean 'format'?)")
end)

check.test("a line's template takes the same names", function()
  check.equal(columns.line("{rank}. {name} - {self} samples ({self%})", "none")(row, 1),
    "1. f - 3 samples (12.35%)")
end)

check.finish()
