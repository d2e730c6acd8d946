-- The frames that selectors select, and the message if they select nothing.
local check = dofile("tests/lua/check.lua")
local frame = require "pyprof.profile.frame"
local selector = require "pyprof.profile.selector"

local said = {}
selector.on_empty(function(message) said[#said + 1] = message end)

local frames = frame.list(
  { "loads", "JSONDecoder.decode", "main", "Add.flatten", "outer.<locals>.inner", "<module>",
    "std::vector<int>::push", "load" },
  { "/usr/lib/python3.11/json/__init__.py", "/usr/lib/python3.11/json/decoder.py",
    "/srv/app/main.py", "/v/site-packages/sympy/core/add.py", "/srv/app/main.py",
    "/srv/app/main.py", "", "/v/site-packages/yaml/__init__.py" },
  { 1, 2, 3, 4, 5, 6, 0, 8 })

local function selects(what, ...)
  local numbers = {}
  local mask = selector.frames(what, frames)
  for i = 1, frames.count do
    if mask:byte(i) ~= 0 then numbers[#numbers + 1] = i end
  end
  check.equal(numbers, { ... }, type(what) == "string" and what or type(what))
end

check.test("a plain name: the whole name, or the last dotted parts of module.name", function()
  selects("loads", 1)
  selects("json.loads", 1)
  selects("decode", 2)
  selects("JSONDecoder.decode", 2)
  selects("json.decoder.JSONDecoder.decode", 2)
  selects("decoder.JSONDecoder.decode", 2)
  selects("flatten", 4)
  selects("core.add.Add.flatten", 4)
  selects("inner", 5)
  selects("outer.inner", 5)
  selects("outer.<locals>.inner", 5)
  selects("app.main.outer.inner", 5)
  selects("std::vector<int>::push", 7)
  selects("ads")
  selects("son.loads")
end)

check.test("a field", function()
  selects("file:/json/", 1, 2)
  selects("bare:^l", 1, 8)
  selects("name:^Add", 4)
  selects("origin:^(library|stdlib)$", 1, 2, 4, 8)
  selects("package:^sympy$", 4)
  selects("module:json", 1, 2)
end)

check.test("not, lists, functions, rows", function()
  selects("!origin:own", 1, 2, 4, 8)
  selects("!!loads", 1)
  selects({ "loads", "main" }, 1, 3)
  selects({ "loads", { "main", "file:sympy" } }, 1, 3, 4)
  selects({})
  selects({ name = "main", file = "/srv/app/main.py", line = 99 }, 3)
  selects({ name = "main", file = "/elsewhere/main.py" })
  local calls = 0
  selects(function(it)
    calls = calls + 1
    return it.line > 4
  end, 5, 6, 8)
  check.equal(calls, frames.count)
end)

check.test("an empty list needs no frame with all its fields", function()
  local two = frame.list({ "a", "b" }, { "f", "g" }, { 1, 2 }, { 1, 2 })
  check.equal(selector.frames({}, two), "\0\0")
  check.equal(two.frames, nil)
  selector.frames("a", two)
  check.equal(#two.frames, 2)
end)

check.test("named ones", function()
  selector.set_named { mine = "origin:own", both = { "@mine", "loads" } }
  selects("@mine", 3, 5, 6, 7)
  selects("!@mine", 1, 2, 4, 8)
  selects("@both", 1, 3, 5, 6, 7)
  check.error(function() selector.frames("@mien", frames) end,
    "unknown named selector 'mien' (did you mean 'mine'?)")
end)

check.test("not: is another !", function()
  selects("not:loads", 2, 3, 4, 5, 6, 7, 8)
  check.equal(selector.frames("not:origin:own", frames), selector.frames("!origin:own", frames))
  check.equal(selector.frames("not:!not:loads", frames), selector.frames("!loads", frames))
  check.error(function() selector.frames("not:", frames) end, "a selector is empty")
end)

check.test("a name with * is told to be no pattern, with a selector that works", function()
  for written, hint in pairs {
    ["load*"] = " (a name is no pattern; did you mean 'name:^load'?)",
    ["!*oad*"] = " (a name is no pattern; did you mean 'name:oad'?)",
    ["not:*.py"] = " (a name is no pattern; did you mean 'file:\\.py$'?)",
    ["zzz*"] = " (a name is no pattern: 'name:^zzz' would be one)",
  } do
    said = {}
    selector.frames(written, frames, true)
    selector.frames(written, frames)
    check.equal(said, { ("no function '%s'%s"):format(written:match("[^!:]*$"), hint) })
  end
  said = {}
  selector.frames({ "name:^l.*s$" }, frames)
  selector.threads("wor*", { { name = "worker", command = "", main = false } })
  check.equal(said, { "no thread 'wor*' (a name is no pattern; did you mean 'name:^wor'?)" })
end)

check.test("misuse", function()
  local function fails(what, message)
    check.error(function() selector.frames(what, frames) end, message)
  end
  fails("fiel:x", "test_selector.lua:%d+: selector 'fiel:x': unknown field 'fiel' %(did you " ..
    "mean 'file'%?%)")
  fails("file:(", "selector 'file:(':")
  fails("", "a selector is empty")
  fails(nil, "a selector is wanted (a string, function, row or list), not nil")
  fails(3, "not a number")
  fails({ name = "sympy", functions = 3 }, "the row 'sympy' has no file: it is no function")
  fails({ nmae = 3 }, "neither a row nor a list")
end)

check.test("what selects nothing is said once, with a hint", function()
  said = {}
  selector.frames("site-packages", frames)
  selector.frames("site-packages", frames)
  selector.frames("laods", frames)
  selector.frames("file:nowhere", frames)
  selector.frames({ "loads", "zzzzzz" }, frames)
  selector.frames("quiet", frames, true)
  check.equal(said, {
    "no function 'site-packages': 2 files match 'file:site-packages'",
    "no function 'laods' (did you mean 'loads'?)",
    "no frame whose file matches 'nowhere'",
    "no function 'zzzzzz'",
  })
end)

check.test("threads", function()
  local threads = {
    { name = "MainThread", id = 10, pid = 10, command = "python a.py", main = true },
    { name = "worker", id = 11, pid = 10, command = "python a.py", main = false },
    { name = "worker", command = "", main = false },
  }
  local function mask(what)
    return (selector.threads(what, threads):gsub(".", function(byte)
      return byte == "\0" and "-" or "x"
    end))
  end
  check.equal(mask("worker"), "-xx")
  check.equal(mask("name:^Main"), "x--")
  check.equal(mask("id:^11$"), "-x-")
  check.equal(mask("pid:10"), "xx-")
  check.equal(mask("command:a%.py"), "---")
  check.equal(mask("command:a\\.py"), "xx-")
  check.equal(mask("main:true"), "x--")
  check.equal(mask("!main:true"), "-xx")
  check.equal(mask(function(thread) return not thread.main end), "-xx")
  check.equal(mask(threads[2]), "-x-")
  check.equal(mask { threads[1], threads[3] }, "x-x")
  check.error(function() mask("file:x") end, "unknown field 'file'")
  said = {}
  mask("wroker")
  check.equal(said, { "no thread 'wroker' (did you mean 'worker'?)" })
end)

check.finish()
