-- The columns of rows at the prompt.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"
local doc = require "pyprof.doc"
local kinds = require "pyprof.repl.kinds"

local p = assert(pyprof.load("tests/data/calculator.speedscope.json"))
local busy = assert(pyprof.load("tests/data/sample.speedscope.json.gz"))
local source = assert(pyprof.scan("examples"))

local function names(rows)
  local list = {}
  for i, column in ipairs((kinds.of(rows))) do
    list[i] = type(column) == "table" and column[1] or column
  end
  return table.concat(list, " ")
end

check.test("every kind of row that a page describes has columns, and these are fields", function()
  for _, page in ipairs(doc.pages()) do
    if page.key:find("Row$") then check.truthy(kinds.columns[page.key], page.key) end
  end
  for name, columns in pairs(kinds.columns) do
    local known = { rank = true, path = true, tree = true, ["file:line"] = true, parent = true }
    for _, field in ipairs(doc.fields_of(doc.pages()[name].item)) do known[field.name] = true end
    for _, column in ipairs(columns) do
      column = (type(column) == "table" and column[1] or column):gsub("%%$", "_share")
      check.truthy(known[column], name .. ": " .. column)
    end
  end
end)

check.test("rows have the columns of their kind", function()
  local functions = "rank self_weight self% total% name file:line"
  for rows, columns in pairs {
    [p:functions()] = functions, [p:lines()] = functions,
    [p:by("origin")] = "self_weight self% total% functions name",
    [p:stacks()] = "samples weight share path", [p:tree()] = "total% self% tree file:line",
    [p:callers("main")] = "samples weight share name file:line",
    [busy:threads()] = "weight share samples id name",
    [busy:split()] = "weight share samples id name",
    [p:runs()] = "from to samples share name file:line",
    [busy:runs()] = "from to samples share thread name file:line",
    [p:timeline()] = "from to samples weight share",
    [pyprof.diff(p, p)] = "before% after% change% change_weight certain name file:line",
    [source:files()] = "lines source functions classes imports complexity file",
    [source:definitions()] = "kind complexity name file:line",
  } do
    check.equal(names(rows), columns)
    check.truthy(kinds.has(rows[1]))
  end
end)

check.test("fields of a script's own come after those of the kind", function()
  local rows = p:functions()
  for i, row in ipairs(rows) do row.place, row.cost = "x", i end
  check.equal(names(rows), "rank self_weight self% total% name file:line cost place")
end)

check.test("rows of no kind: numbers, texts, names, places", function()
  check.equal(names { { name = "a", zeal = 1, alpha = "x", file = "f", line = 1, ok = true } },
    "zeal ok alpha name file:line")
  check.equal(names { { rank = 3, tree = "oak" } }, "rank tree")
  check.truthy(not kinds.has { a = 1 })
  check.truthy(not kinds.has {})
end)

check.finish()
