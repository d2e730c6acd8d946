-- Lists of rows, and the interval of a share.
local check = dofile("tests/lua/check.lua")
local stats = require "pyprof.base.stats"
local rows = require "pyprof.rows"

local list = {
  { name = "b", self = 2, file = "y" }, { name = "a", self = 2, file = "z" },
  { name = "c", self = 5.5 }, { name = "a", self = 2, file = "x" }, { name = "d" },
}

local function names(of)
  local parts = {}
  for i, row in ipairs(of) do parts[i] = row.name .. (row.file or "") end
  return table.concat(parts, " ")
end

check.test("numbers largest first, text A-Z, ties by name and file", function()
  check.equal(names(rows.sort(list, "self")), "c ax az by d")
  check.equal(names(rows.sort(list, "-self")), "ax az by c d")
  check.equal(names(rows.sort(list, "name")), "ax az by c d")
  check.equal(names(rows.sort(list, "-name")), "d c by ax az")
  check.equal(names(list), "by az c ax d")
end)

check.test("a column's head names its field; an unknown one is told with all", function()
  local shares = { { name = "a", self_share = 0.1, self_weight = 2 },
    { name = "b", self_share = 0.9, self_weight = 1 } }
  check.equal(names(rows.sort(shares, "self%")), "b a")
  check.equal(names(rows.sort(shares, "-self%")), "a b")
  check.equal(names(rows.sort(shares, "self weight")), "a b")
  local fields = { "name", "self_share", "self_weight" }
  check.equal(rows.sort_key({ sort = "-self%" }, "name", fields), "-self_share")
  check.error(function() rows.sort(shares, "slef%") end, "unknown field 'slef_share' (did you " ..
    "mean 'self_share'?); the fields: name, self_share, self_weight")
  check.error(function() rows.sort_key({ sort = "zzz" }, "name", fields) end,
    "unknown field to sort by: 'zzz' (one of: name, self_share, self_weight)")
end)

check.test("filter, top, group", function()
  check.equal(names(rows.filter(list, function(row) return row.self == 2 end)), "by az ax")
  check.equal(names(rows.top(list, "self", 2)), "c ax")
  check.equal(names(rows.top(list, "self", 99)), "c ax az by d")
  check.equal(rows.group(list, "name", { self = "sum", file = "first", many = "count",
    most = function(group) return #group end }),
    { { name = "a", self = 4, file = "z", many = 2, most = 2 },
      { name = "b", self = 2, file = "y", many = 1, most = 1 },
      { name = "c", self = 5.5, many = 1, most = 1 },
      { name = "d", self = 0, many = 1, most = 1 } })
  check.equal(rows.group(list, function(row) return row.self and "some" end, { self = "max" }),
    { { name = "some", self = 5.5 } })
  check.equal(rows.sort({}, "anything"), {})
end)

check.test("names that come twice say where, in copies", function()
  local place = { { name = "a", file = "x", line = 3 }, { name = "b", file = "x", line = 4 },
    { name = "a", file = "y", line = 5 }, { name = "a" } }
  local distinct = rows.distinct(place)
  local got = {}
  for i, row in ipairs(distinct) do got[i] = row.name end
  check.equal(got, { "a (x:3)", "b", "a (y:5)", "a" })
  check.equal(place[1].name, "a")
  check.equal(distinct[3].line, 5)
end)

check.test("misuse", function()
  check.error(function() rows.sort(list, "sefl") end,
    "test_rows.lua:%d+: unknown field 'sefl' %(did you mean 'self'%?%)")
  check.error(function() rows.sort(nil, "self") end, "rows are wanted, not a nil")
  check.error(function() rows.top(list, "self", 1.5) end, "top: n is a whole number")
  check.error(function() rows.group(list, "name", { self = "smu" }) end,
    "unknown reduction 'smu' (did you mean 'sum'?)")
  check.error(function() rows.group(list, "naem", {}) end,
    "unknown field 'naem' (did you mean 'name'?)")
  check.error(function() rows.group(list, "name", { sefl = "sum" }) end,
    "unknown field 'sefl' (did you mean 'self'?)")
  check.error(function() rows.filter(list, "self") end, "a function is wanted")
end)

-- Other implementations computed these figures.
check.test("Wilson's interval", function()
  local low, high = stats.interval(10, 100)
  check.near(low, 0.05522913706067509)
  check.near(high, 0.17436566150491348)
  check.equal({ stats.interval(0, 0) }, { 0.0, 1.0 })
  low, high = stats.interval(0, 20)
  check.equal(low, 0.0)
  check.near(high, 0.16112515805281938)
  low, high = stats.interval(20, 20)
  check.near(low, 0.8388748419471806)
  check.equal(high, 1.0)
  check.error(function() stats.interval(3, 2) end, "0 <= samples <= of is wanted")
end)

check.test("distributions", function()
  check.near(stats.student(2.2281388519649385, 10), 0.05, 1e-9)
  check.near(stats.student(12.706204736432095, 1), 0.05, 1e-9)
  check.near(stats.student(0, 3), 1)
  check.near(stats.beta(2, 3, 0.4), 0.5248)
  check.near(stats.means({ 1, 2, 3 }, { 4, 5, 6 }, 0, 0, 0), 0.02131164112875672)
  check.near(stats.means({ 1, 2, 3 }, { 4, 5, 6 }, 0.5, 4, 0), 0.0028272985928, 1e-12)
  check.near(stats.means({ 1, 2, 3 }, { 4, 5, 6 }, 0.5, 4, 1), 0.0062710621038, 1e-12)
  check.near(stats.means({ 0.1 }, { 0.2 }, 0.001, 16, 0), 0.0399447191745, 1e-12)
  check.equal(stats.means({ 0.1 }, { 0.1 }, 0, 16, 0), 1.0)
end)

check.test("Holm's adjustment", function()
  local adjusted = stats.holm { 0.01, 0.04, 0.03, 0.005 }
  for i, want in ipairs { 0.03, 0.06, 0.06, 0.02 } do check.near(adjusted[i], want) end
  check.equal(stats.holm {}, {})
  check.equal(stats.holm { 0.9, 0.8 }, { 1.0, 1.0 })
end)

check.finish()
