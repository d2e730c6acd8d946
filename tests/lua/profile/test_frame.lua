-- The fields of a frame that come from its path.
local check = dofile("tests/lua/check.lua")
local frame = require "pyprof.profile.frame"

local function is(file, module, package, origin)
  local it = frame.new("f", file, 1)
  check.equal({ it.module, it.package, it.origin }, { module, package, origin }, file)
end

check.test("site-packages", function()
  is("/venv/lib/python3.11/site-packages/sympy/core/add.py", "sympy.core.add", "sympy", "library")
  is("/usr/lib/python3/dist-packages/six.py", "six", "six", "library")
  is("/v/site-packages/numpy/__init__.py", "numpy", "numpy", "library")
  is("/v/site-packages/old.egg/old/part.py", "old.part", "old", "library")
  is("/v/site-packages/numpy/core/_multi.cpython-311-x86_64-linux-gnu.so", "numpy.core._multi",
    "numpy", "library")
  is("/a/site-packages/tool/site-packages/inner/x.py", "inner.x", "inner", "library")
  is("site-packages/a/b.py", "a.b", "a", "library")
  is("C:\\venv\\Lib\\site-packages\\six.py", "six", "six", "library")
  is("/srv/my-site-packages/a/b.py", "a.b", "(own)", "own")
end)

check.test("the standard library", function()
  is("/usr/lib/python3.11/json/decoder.py", "json.decoder", "stdlib", "stdlib")
  is("/usr/lib64/python3.9/threading.py", "threading", "stdlib", "stdlib")
  is("/root/.pyenv/versions/3.13.0/lib/python3.13t/json/__init__.py", "json", "stdlib", "stdlib")
  is("/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so", "_json", "stdlib",
    "stdlib")
  is("/opt/python311.zip/json/decoder.py", "json.decoder", "stdlib", "stdlib")
  is("/opt/pypy/lib/pypy3.10/json/decoder.py", "json.decoder", "stdlib", "stdlib")
  is("C:\\Python39\\lib\\json\\decoder.py", "json.decoder", "stdlib", "stdlib")
  is("<frozen importlib._bootstrap>", "importlib._bootstrap", "stdlib", "stdlib")
  is("json/decoder.py", "json.decoder", "stdlib", "stdlib")
  is("threading.py", "threading", "stdlib", "stdlib")
  is("asyncio/events.py", "asyncio.events", "stdlib", "stdlib")
end)

check.test("own code", function()
  is("/srv/app/calculator.py", "app.calculator", "(own)", "own")
  is("/srv/app/parts/__init__.py", "app.parts", "(own)", "own")
  is("calculator.py", "calculator", "(own)", "own")
  is("./calculator.py", "calculator", "(own)", "own")
  is("../pkg/mod.py", "pkg.mod", "(own)", "own")
  is("pkg/sub/mod.py", "pkg.sub.mod", "(own)", "own")
  is("queue/worker.py", "queue.worker", "(own)", "own")
  is("test.py", "test", "(own)", "own")
  is("/x/app.pyz/pkg/mod.py", "pkg.mod", "(own)", "own")
  is("<stdin>", "<stdin>", "(own)", "own")
  is("<ipython-input-3-0a1b>", "<ipython-input-3-0a1b>", "(own)", "own")
end)

check.test("generated code is no own code", function()
  for _, path in ipairs { "<string>", "<attrs generated init a.B>", "<lambdifygenerated-1>",
    "<__array_function__ internals>", "<decorator-gen-12>" } do
    is(path, path, "(generated)", "generated")
  end
  is("<frozen app.main>", "app.main", "(generated)", "generated")
  is("", "", "(own)", "own")
  is("/a.py", "a", "(own)", "own")
end)

check.test("native code", function()
  is("/usr/lib/x86_64-linux-gnu/libc.so.6", "libc", "libc", "library")
  is("libz.so.1.2.13", "libz", "libz", "library")
end)

check.test("the bare name", function()
  for name, bare in pairs {
    ["Add.flatten"] = "flatten", ["f"] = "f", ["f.<locals>.<listcomp>"] = "<listcomp>",
    ["<module>"] = "<module>", ["f.<locals>.g"] = "g",
  } do
    check.equal(frame.new(name, "", 0).bare, bare)
  end
end)

check.test("odd paths break nothing", function()
  for _, file in ipairs { "/", "//", ".", "..", "/site-packages/", "a/", ".py", "/lib/python3.1/",
    "\\", "C:\\", "<", "__init__.py", "/__init__.py" } do
    local it = frame.new("f", file, 1)
    check.equal({ type(it.module), type(it.package), type(it.origin) },
      { "string", "string", "string" }, file)
  end
end)

check.test("a list of frames agrees with each of them", function()
  local list = frame.list({ "A.f", "g" }, { "json/decoder.py", "x.py" }, { 3, 4 })
  check.equal(list:all()[1], frame.new("A.f", "json/decoder.py", 3))
  check.equal(list:all()[2], frame.new("g", "x.py", 4))
end)

check.finish()
