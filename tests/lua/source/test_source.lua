-- pyprof.scan and rules, on files that this test writes.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"

local function file(text, name)
  local path = os.tmpname()
  if name then
    os.remove(path)
    path = path .. name
  end
  local stream = assert(io.open(path, "wb"))
  stream:write(text)
  stream:close()
  return path
end

local text = [[
"""Module."""
import os, sys  # TODO: one of them

class A:
    def f(self, a="print(1)"):
        '''print(2)'''
        print(3)  # print(4)
        return f"print(5) {print(6)}"

async def g(): return lambda: eval (
    "eval(1)")
]]
local path = file(text)

local function matches(rules)
  local found = {}
  for row in assert(pyprof.scan(path)):each_match(rules) do
    found[#found + 1] = ("%d:%d %s %s"):format(row.line, row.column, row.match,
      row.definition or "-")
  end
  return found
end

check.test("files, definitions and totals", function()
  local source = assert(pyprof.scan(path))
  local files = source:files()
  check.equal(#files, 1)
  check.equal(files[1], {
    file = path, bytes = #text, lines = 11, source = 7, docstring = 2, comment = 0, blank = 2,
    functions = 2, lambdas = 1, classes = 1, imports = 1, complexity = 2,
  })
  local names = {}
  for i, row in ipairs(source:definitions()) do
    names[i] = ("%s %s %d-%d"):format(row.kind, row.name, row.line, row.end_line)
  end
  check.equal(names, { "class A 4-8", "function A.f 5-8", "async function g 10-11" })
  check.equal(source:totals().files, 1)
  check.equal(source:line(path, 4), "class A:")
  check.equal(source:line(path, 99), nil)
  local blank = file("\n\n")
  local lines = assert(pyprof.scan(blank))
  check.equal({ lines:files()[1].lines, lines:line(blank, 1), lines:line(blank, 2) }, { 2, "", "" })
  check.equal(lines:line(blank, 3), nil)
  os.remove(blank)
  local marked = file("\xef\xbb\xbfa = 1\r\n\xef\xbb\xbfb\n")
  lines = assert(pyprof.scan(marked))
  check.equal({ lines:line(marked, 1), lines:line(marked, 2) }, { "a = 1", "\xef\xbb\xbfb" })
  os.remove(marked)
  check.equal(#source:definitions { limit = 2, sort = "complexity" }, 2)
end)

check.test("what is returned may be changed", function()
  local source = assert(pyprof.scan(path))
  source:files()[1].bytes = 0
  source:definitions()[1].name = "changed"
  source:totals().files = 0
  check.equal(source:files()[1].bytes, #text)
  check.equal(source:definitions()[1].name, "A")
  check.equal(source:totals().files, 1)
end)

check.test("rules in code see no comments and no strings", function()
  check.equal(matches { [[print\(]] }, { "7:9 print( A.f", "8:28 print( A.f" })
end)

check.test("rules in the other parts", function()
  check.equal(matches { { pattern = [[print\(\d]], where = "string" } },
    { "5:20 print(1 A.f", "8:18 print(5 A.f" })
  check.equal(matches { { pattern = [[print\(\d]], where = "docstring" } }, { "6:12 print(2 A.f" })
  check.equal(matches { { pattern = [[print\(\d]], where = "comment" } }, { "7:21 print(4 A.f" })
  check.equal(#matches { { pattern = [[print\(\d]], where = "any" } }, 6)
end)

check.test("rules where a logical line begins", function()
  check.equal(matches { { pattern = [[(?:async )?def]], at = "line" } },
    { "5:5 def A.f", "10:1 async def g" })
  check.equal(matches { { pattern = [[.*eval]], at = "line", flags = "s" } },
    { "10:1 async def g(): return lambda: eval g" })
end)

check.test("names, captures and the order of matches", function()
  local rows = {}
  local rules = { { name = "word", pattern = [[(cl)(x)?ass]] }, { name = "a", pattern = "class" } }
  for row in assert(pyprof.scan(path)):each_match(rules) do rows[#rows + 1] = row end
  check.equal(#rows, 2)
  check.equal({ rows[1].rule, rows[2].rule }, { "word", "a" })
  check.equal(rows[1].captures, { "cl", false })
  check.equal(rows[1].text, "class A:")
end)

check.test("outlines: nested, with decorators, parameters and imports", function()
  local outlined = file [[
import os, sys.path as p
from . import (a, # c
  b as c)
if 1: from ..x.y import *
@d.e(1)  # f
@ g
@(h or i)
class A(B):
    @property
    async def f[T](self, a: int = (1, 2), /, *b, c=lambda x, y: {x, y}, **d) -> x[1, 2]:
        """Doc."""
        def inner(): pass
]]
  local made = assert(pyprof.scan(outlined)):each_outline()()
  os.remove(outlined)
  check.equal(made.imported, {
    { line = 1, level = 0, names = { { name = "os" }, { name = "sys.path", as = "p" } } },
    { line = 2, level = 1, module = "", names = { { name = "a" }, { name = "b", as = "c" } } },
    { line = 4, level = 2, module = "x.y", names = { { name = "*" } } },
  })
  local class = made.definitions[1]
  check.equal(class.decorators, { "d.e", "g", "(h or i)" })
  check.equal({ class.name, class.first_line, class.line }, { "A", 5, 8 })
  local method = class.definitions[1]
  check.equal({ method.name, method.parameters, method.async, method.docstring },
    { "A.f", 5, true, true })
  check.equal(method.decorators, { "property" })
  check.equal(method.definitions[1].name, "A.f.<locals>.inner")
  check.equal(method.definitions[1].parameters, 0)
end)

check.test("misuse names the key, the part and the pattern", function()
  check.error(function() pyprof.scan(path, { stub = true }) end, "did you mean 'stubs'?")
  check.error(function() pyprof.scan() end, "a path is wanted")
  check.error(function() pyprof.scan(path, { complexity = "radom" }) end, "did you mean 'radon'?")
  local source = assert(pyprof.scan(path))
  check.error(function() source:each_match { { pattern = "a", where = "comments" } } end,
    "did you mean 'comment'?")
  check.error(function() source:each_match { { patern = "a" } } end, "did you mean 'pattern'?")
  check.error(function() source:each_match { "(" } end, "rule 1: pattern, at character 2")
end)

check.test("a pattern that backtracks without end is stopped", function()
  local bad = file('x = "' .. ("a"):rep(60) .. 'b"\n')
  local each = assert(pyprof.scan(bad)):each_match { { pattern = "(a+)+$", where = "string" } }
  check.error(each, "backtracks without end")
  os.remove(bad)
end)

check.test("what is not there is nil and a message", function()
  local source, message = pyprof.scan("/nowhere/at/all.py")
  check.equal(source, nil)
  check.equal(message, "/nowhere/at/all.py: No such file or directory")
end)

os.remove(path)
check.finish()
