-- The collector memory: which files a program imports, rows of lines, files of mprof.
local check = dofile("tests/lua/check.lua")
local data = require "pyprof.collect.memory.data"
local modules = require "pyprof.collect.memory.modules"
local mprof = require "pyprof.collect.memory.mprof"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

check.test("the files that a program imports are found, each once", function()
  local directory <close> = assert(process.directory())
  local root = sys.real_path(directory:path())
  for _, folder in ipairs { "/pkg", "/pkg/sub", "/other", "/lib", "/lib/site-packages" } do
    assert(process.make_directory(root .. folder))
  end
  local files = {
    ["main.py"] = "import os, pkg.one as it\nfrom pkg import (two,\n  nothing)\nimport beside\n" ..
      "import lib.site_packages\ntext = 'import never'\nfrom . import main\n",
    ["pkg/__init__.py"] = "", ["pkg/one.py"] = "from . import two\nfrom .sub.deep import x\n",
    ["pkg/two.py"] = "def f():\n  from ..pkg import one\n", ["pkg/sub/__init__.py"] = "",
    ["pkg/sub/deep.py"] = "from ... import top\nfrom ...top import y\n", ["top.py"] = "",
    ["other/beside.py"] = "import main\n", ["never.py"] = "", ["os.py"] = "",
  }
  for name, text in pairs(files) do write(root .. "/" .. name, text) end
  local found = modules.reached({ root .. "/main.py", root .. "/./main.py", root .. "/gone.py" },
    { root, root .. "/other" })
  for i, path in ipairs(found) do found[i] = path:sub(#root + 2) end
  table.sort(found)
  check.equal(found, { "main.py", "os.py", "other/beside.py", "pkg/__init__.py", "pkg/one.py",
    "pkg/sub/__init__.py", "pkg/sub/deep.py", "pkg/two.py", "top.py" })
end)

local MiB = 1 << 20

check.test("rows of several processes are added up", function()
  local memory = data.new({ { "b.py", 3, "f", 1.5, 10.0, 2 }, { "a.py", 9, "g", 2.0, 3.0, 1 },
    { "b.py", 3, "f", -0.5, 12.0, 1 } }, { { name = "f" } }, {})
  local rows = {
    { file = "a.py", line = 9, name = "g", increment = 2 * MiB, memory = 3 * MiB, hits = 1 },
    { file = "b.py", line = 3, name = "f", increment = MiB, memory = 12 * MiB, hits = 3 },
  }
  check.equal(memory:lines(), rows)
  check.equal(memory:lines { sort = "hits", limit = 1 }, { rows[2] })
  check.equal(memory:lines { limit = 1 }, { rows[1] })
  check.equal(memory:timeline(), {})
  check.error(function() memory:lines { sort = "hist" } end, "did you mean 'hits'?")
  check.error(function() return memory.line end, "did you mean 'lines'?")
  check.error(function() memory.functions = {} end, "memory cannot be changed")
end)

check.test("a file of mprof: points, children, functions, a command of several lines", function()
  local memory = assert(mprof.read("x", "CMDLINE python -c\nMEM\nFUNC x\nCHLD\n" ..
    "MEM 1.5 100.5\nFUNC a.f 1.0 100.6 2.5 101.0 0\nFUNC <block> 3 101 2 102\n" ..
    "CHLD 7 0.5 101.5\nMEM 2 102.5\n"))
  check.equal(memory:timeline(), { { seconds = 0.0, bytes = MiB * 3 // 2 },
    { seconds = 1.0, bytes = MiB // 2, pid = 7 }, { seconds = 2.0, bytes = 2 * MiB } })
  check.near(memory.functions[1].from, 0.1, 1e-6)
  check.equal({ memory.functions[2].name, memory.functions[2].increment }, { "<block>", -MiB })
  check.equal(memory:lines(), {})
end)

check.finish()
