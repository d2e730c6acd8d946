-- Finding the definition of a frame by file, line and name.
local check = dofile("tests/lua/check.lua")
local definitions = require "pyprof.source.definitions"

-- A source with these definitions: { file, name, first_line, end_line, kind }.
local function source(list)
  local rows = {}
  for i, it in ipairs(list) do
    rows[i] = { file = it[1], name = it[2], first_line = it[3], end_line = it[4], line = it[3],
      kind = it[5] or "function" }
  end
  return rows
end

-- The files of the source: those of the definitions, and `more`, which have none.
local function files_of(list, more)
  local rows, seen = {}, {}
  for _, it in ipairs(list) do
    if not seen[it[1]] then rows[#rows + 1] = { file = it[1] } end
    seen[it[1]] = true
  end
  for _, file in ipairs(more or {}) do rows[#rows + 1] = { file = file } end
  return rows
end

local function held(list, files, library, more)
  return definitions.new(files_of(list, more), source(list), files,
    function(file) return file ~= library end)
end

local function name_of(found, file, line, bare)
  local definition, around = found:find(file, line, bare)
  return definition and definition.file .. ":" .. definition.name or
    around and "in " .. around.file .. ":" .. around.name or nil
end

local function one(path, files, file, library)
  return name_of(held({ { path, "f", 1, 9 } }, files, library), file, 5, "f")
end

check.test("a path is itself, or the one that ends alike", function()
  check.equal(one("a.py", { "a.py" }, "a.py"), "a.py:f")
  check.equal(one("examples/a.py", { "/srv/app/a.py" }, "/srv/app/a.py"), "examples/a.py:f")
  check.equal(one("/x/app/a.py", { "/srv/app/a.py", "/srv/b/a.py" }, "/srv/app/a.py"),
    "/x/app/a.py:f")
  check.equal(one("/x/app/a.py", { "/srv/app/a.py", "/srv/b/a.py" }, "/srv/b/a.py"), nil)
  check.equal(one("a.py", { "/srv/b.py" }, "/srv/b.py"), nil)
  check.equal(one("a.py", { "" }, ""), nil)
end)

check.test("where two are as good there is none", function()
  local two = { { "x/a.py", "f", 1, 9 }, { "y/a.py", "f", 1, 9 } }
  check.equal(name_of(held(two, { "/srv/a.py" }), "/srv/a.py", 5, "f"), nil)
  check.equal(name_of(held(two, { "/srv/y/a.py" }), "/srv/y/a.py", 5, "f"), "y/a.py:f")
  check.equal(one("x/a.py", { "/srv/b/a.py", "/srv/c/a.py" }, "/srv/b/a.py"), nil)
end)

check.test("a file that stands in every package, or in a library, needs more in common", function()
  check.equal(one("app/__init__.py", { "/lib/json/__init__.py" }, "/lib/json/__init__.py"), nil)
  check.equal(one("app/__init__.py", { "/srv/app/__init__.py" }, "/srv/app/__init__.py"),
    "app/__init__.py:f")
  check.equal(one("app/utils.py", { "/lib/utils.py" }, "/lib/utils.py", "/lib/utils.py"), nil)
  check.equal(one("sub/utils.py", { "/lib/sub/utils.py" }, "/lib/sub/utils.py",
    "/lib/sub/utils.py"), "sub/utils.py:f")
end)

check.test("a file that is here is no other's", function()
  local here = "tests/lua/source/test_definitions.lua"
  check.equal(one("else/test_definitions.lua", { here }, here), nil)
  check.equal(one("./" .. here, { here }, here), "./" .. here .. ":f")
end)

check.test("a file without definitions is a file of the source, too", function()
  local here = "tests/lua/source/test_definitions.lua"
  local files = { "flat.py", "/srv/app/__main__.py", here }
  local found = held({}, files, nil, { "flat.py", "app/__main__.py", "./" .. here })
  check.equal(found.path_of["flat.py"], "flat.py")
  check.equal(found.path_of["/srv/app/__main__.py"], "app/__main__.py")
  check.equal(found.path_of[here], "./" .. here)
  check.equal(found:any(), true)
  check.equal(name_of(found, "flat.py", 1, "f"), nil)
  local two = held({ { "x/a.py", "f", 1, 9 } }, { "/srv/a.py" }, nil, { "y/a.py" })
  check.equal(two.path_of["/srv/a.py"], nil, "it may be either of them")
end)

check.test("a frame is of the innermost definition of its name", function()
  local found = held({
    { "a.py", "C", 1, 30, "class" }, { "a.py", "C.f", 2, 20 }, { "a.py", "C.f.<locals>.g", 5, 9 },
    { "a.py", "C.f.<locals>.f", 11, 15 }, { "a.py", "h", 40, 40 },
  }, { "a.py" })
  check.equal(name_of(found, "a.py", 3, "f"), "a.py:C.f")
  check.equal(name_of(found, "a.py", 5, "f"), "a.py:C.f", "runs the line of g's def")
  check.equal(name_of(found, "a.py", 6, "g"), "a.py:C.f.<locals>.g")
  check.equal(name_of(found, "a.py", 12, "f"), "a.py:C.f.<locals>.f")
  check.equal(name_of(found, "a.py", 2, "C"), "a.py:C")
  check.equal(name_of(found, "a.py", 40, "h"), "a.py:h")
  check.equal(name_of(found, "a.py", 41, "h"), nil)
  check.equal(name_of(found, "a.py", 0, "h"), nil)
  check.equal(name_of(found, "a.py", 6, "renamed"), nil)
  check.equal(name_of(found, "a.py", 6, "<lambda>"), "in a.py:C.f.<locals>.g")
  check.equal(name_of(found, "a.py", 25, "<listcomp>"), "in a.py:C")
  check.equal(name_of(found, "a.py", 3, "<module>"), nil)
end)

check.test("it is known whether there is any file in common", function()
  check.equal(held({ { "a.py", "f", 1, 2 } }, { "b.py" }):any(), false)
  check.equal(held({ { "a.py", "f", 1, 2 } }, { "b.py", "/x/a.py" }):any(), true)
end)

check.finish()
