local check = dofile("tests/lua/check.lua")
local columns = require "pyprof.rows.columns"

local row = {
  name = "f", file = "a.py", line = 7, self = 3, self_share = 0.12345, self_weight = 0.03,
  depth = 2,
}

local function texts(specs, unit)
  local list = {}
  for i, column in ipairs(columns.resolve(specs, unit or "seconds")) do
    list[i] = column.cell(row, 4)
  end
  return list
end

check.test("a column is a field, a share, a rank, a place or a tree", function()
  check.equal(texts { "rank", "name", "self", "self%", "self_weight", "file:line", "tree" },
    { "4", "f", "3", "12.35%", "0.030", "a.py:7", "    f" })
end)

check.test("raw values keep their fields and types", function()
  local place = columns.resolve({ "file:line" }, "none")[1]
  check.equal(place.fields, { { name = "file" }, { name = "line" } })
  local specs = { "line", "file:line", "self%", "self_share" }
  local both = columns.fields(columns.resolve(specs, "none"))
  check.equal(#both, 3)
  check.equal(columns.value(both[1], row, 1), 7)
  check.equal(columns.value(both[3], row, 1), 0.12345)
end)

check.test("a column with a value, a format and a heading of its own", function()
  local column = columns.resolve({ { "twice", head = "2x", format = function(v) return "<" .. v ..
    ">" end, value = function(r) return r.self * 2 end } }, "none")[1]
  check.equal(column.head, "2x")
  check.equal(column.cell(row, 1), "<6>")
end)

check.test("weights follow the unit", function()
  check.equal(texts({ { "w_weight", value = function() return 2048 end } }, "bytes"),
    { "2.0 KiB" })
  check.equal(texts({ { "w_weight", value = function() return 12 end } }, "none"), { "12" })
end)

check.test("a stack's path is cut in a cell, whole as a field", function()
  local frames = {}
  for i = 1, 23 do frames[i] = { name = "f" .. i } end
  local column = columns.resolve({ "path" }, "none")[1]
  check.equal(column.cell({ frames = { { name = "a" }, { name = "b" } } }, 1), "a > b")
  check.equal(column.cell({ frames = frames }, 1):sub(1, 18), "f1 > … > f4 > f5")
  local whole = columns.value(column.fields[1], { frames = frames }, 1)
  check.equal(whole:sub(1, 17), "f1 > f2 > f3 > f4")
  check.equal(column.cell({}, 1), "")
end)

check.test("a template is filled with a row or with rows", function()
  local fill = require("pyprof.rows.template").fill
  local list = { { name = "a", share = 0.5, size = 2048 }, { name = "b", share = 0.25 } }
  check.equal(fill("{rank}. {name} {share}\n", list), "1. a 50.00%\n2. b 25.00%\n")
  check.equal(fill("{name} {size:bytes}", list, ", "), "a 2.0 KiB, b ")
  check.equal(fill("{self%}|{self_weight:seconds}|{file:line}", row), "12.35%|0.030 s|a.py:7")
  check.equal({ fill("{any}", {}), fill("no field", { row }) }, { "", "no field" })
  check.error(function() fill("{nmae}", list) end,
    "test_columns.lua:%d+: fill: unknown field 'nmae' %(did you mean 'name'%?%)")
  check.error(function() fill("{size:bits}", { list[1] }) end,
    "unknown format 'bits' (one of: seconds")
  check.error(function() fill("{name", { list[1] }) end, "line: {name: is not closed")
  check.error(function() fill(nil, list) end, "fill: a template is wanted, not nil")
end)

check.test("an unknown key is refused with a suggestion", function()
  check.error(function() columns.resolve({ { "a", fromat = "count" } }, "none") end,
    "columns[1]: unknown key 'fromat' (did you mean 'format'?)")
end)

check.test("formats by name, and what they show", function()
  check.equal(texts({ { "self", format = "count" }, { "self_share", format = "percent" },
    { "big", format = "bytes", value = function() return 3 * 2 ^ 20 end },
    { "list", format = "sparkline", value = function() return { 1, 8 } end } }),
    { "3", "12.35%", "3.0 MiB", "▁█" })
  check.error(function() columns.resolve({ { "a", format = "precent" } }, "none") end,
    "columns[1]: unknown format 'precent' (did you mean 'percent'?)")
  check.error(function() columns.resolve({ "b", { "a", align = "rihgt" } }, "none") end,
    "columns[2]: unknown align 'rihgt' (did you mean 'right'?)")
  check.error(function() columns.resolve({ { "a", value = "b" } }, "none") end,
    "columns[1]: 'value' is string (want function)")
end)

check.test("a change shows its sign", function()
  row.change_share, row.change_weight = 0.045, -0.3
  check.equal(texts { "change%", "change_weight" }, { "+4.50%", "-0.300" })
end)

local function gathered(rows, specs)
  local i = 0
  local section = { columns = columns.resolve(specs, "none"), rows = function()
    i = i + 1
    return rows[i]
  end }
  return require("pyprof.render.cells").gather(section, "none", function(text) return text end)
end

check.test("a tree's lines lead to each row's parent", function()
  local rows = {}
  for i, depth in ipairs { 0, 1, 2, 3, 2, 1, 2, 3 } do
    rows[i] = { depth = depth, name = "n" .. i }
  end
  local cells, lines = gathered(rows, { "tree" }), {}
  for i, row_texts in ipairs(cells.texts) do lines[i] = row_texts[1] end
  check.equal(lines, { "n1", "├─ n2", "│  ├─ n3", "│  │  └─ n4", "│  └─ n5", "└─ n6",
    "   └─ n7", "      └─ n8" })
end)

check.test("deep in a tree rows say how deep, and take no more room", function()
  local rows = {}
  for i = 1, 100000 do rows[i] = { depth = i - 1, name = "n" } end
  local lines = gathered(rows, { "tree" }).texts
  check.equal(lines[13][1], ("   "):rep(11) .. "└─ n")
  check.equal(lines[14][1], ("   "):rep(11) .. "13: n")
  check.equal(lines[100000][1], ("   "):rep(11) .. "99999: n")
  check.equal(#lines, 100000)
end)

check.test("numbers stand right, and optional columns that are empty are left out", function()
  local cells = gathered({ { a = "x", b = 1, d = "1.5%" }, { a = "y", b = 2.5, d = "" } },
    { "a", "b", { "c", optional = true }, "d", { "b", align = "left" } })
  local rights, heads = {}, {}
  for i, column in ipairs(cells.columns) do rights[i], heads[i] = column.right, column.head end
  check.equal(heads, { "a", "b", "d", "b" })
  check.equal(rights, { false, true, true, false })
  check.equal(cells.texts[2], { "y", "2.500", "", "2.500" })
end)

check.test("a column may bring fields that only data formats write", function()
  local resolved = columns.resolve({ { "b", also = { "a", "c" } }, "a" }, "none")
  local names = {}
  for i, field in ipairs(columns.fields(resolved)) do names[i] = field.name end
  check.equal(names, { "b", "a", "c" })
  check.equal(resolved[1].cell({ a = 1, b = 2 }, 1), "2")
  check.error(function() columns.resolve({ { "b", also = { 1 } } }, "none") end,
    "columns[1]: also: want names of fields")
end)

check.test("a line of source is shown with spaces for tabs, and data formats keep them", function()
  local function shown(value) return "│ " .. value end
  local resolved = columns.resolve({ "text", { "text", format = shown }, "name" }, "none")
  local line = { text = "\tx\ty", name = "a\tb" }
  check.equal((resolved[1].cell(line, 1)), "        x       y")
  check.equal((resolved[2].cell(line, 1)), "│         x       y")
  check.equal((resolved[3].cell(line, 1)), "a\tb")
  check.equal(columns.value(resolved[1].fields[1], line, 1), "\tx\ty")
end)

check.test("a line's template takes the same names", function()
  local parts = columns.line("{rank}. {name} - {self} samples ({self%})", "none")
  for i, part in ipairs(parts) do
    if type(part) == "table" then parts[i] = part.cell(row, 1) end
  end
  check.equal(table.concat(parts), "1. f - 3 samples (12.35%)")
end)

check.finish()
