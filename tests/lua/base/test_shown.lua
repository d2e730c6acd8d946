local check = dofile("tests/lua/check.lua")
local shown = require "pyprof.base.shown"
local sys = require "pyprof.core.sys"
local units = require "pyprof.base.units"

check.test("a path is shown from its package on, or from the working directory on", function()
  local here = assert(sys.real_path("."))
  for path, want in pairs {
    ["/v/lib/python3.11/site-packages/sympy/core/cache.py"] = "sympy/core/cache.py",
    ["/usr/lib/python3/dist-packages/apt/cache.py"] = "apt/cache.py",
    ["/a/site-packages/b/site-packages/c/d.py"] = "c/d.py",
    ["/v/site-packages/x-1.0.egg/x/y.py"] = "x/y.py",
    ["C:\\Python\\Lib\\site-packages\\six.py"] = "six.py",
    ["/v/my-site-packages/a.py"] = "/v/my-site-packages/a.py",
    ["/v/site-packages/"] = "/v/site-packages/",
    ["/usr/lib/python3.11/json/decoder.py"] = "/usr/lib/python3.11/json/decoder.py",
    [here .. "/src/a.py"] = "src/a.py", [here .. "x/a.py"] = here .. "x/a.py",
    [here .. "/.venv/lib/site-packages/m.py"] = "m.py", [here] = here, [here .. "/"] = here .. "/",
    ["src/a.py"] = "src/a.py", ["<string>"] = "<string>", [""] = "",
  } do
    check.equal(shown.path(path), want, path)
  end
  shown.whole(true)
  check.equal(shown.path(here .. "/src/a.py"), here .. "/src/a.py")
  shown.whole(false)
  check.equal(shown.path(here .. "/src/a.py"), "src/a.py")
end)

check.test("a place is a path with its line, where there is one", function()
  check.equal(shown.place("a.py", 3), "a.py:3")
  check.equal(shown.place("a.py", 0), "a.py")
  check.equal(shown.place("", 3), "")
  check.equal(shown.place(nil, nil), "")
end)

check.test("reports format paths and names in the same way", function()
  check.equal(units.format("tree.<locals>.<lambda>", "name"), "tree.<lambda>")
  check.equal(units.format("a.<locals>.b.<locals>.c", "name"), "a.b.c")
  check.equal(units.format("/x/site-packages/p/q.py", "path"), "p/q.py")
end)

check.finish()
