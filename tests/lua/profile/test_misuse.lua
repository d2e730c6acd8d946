-- A method of a profile returns rows or a view, or raises an error at the script's line, for any
-- arguments.
local check = dofile("tests/lua/check.lua")
local profile = require "pyprof.profile"
local pyprof = require "pyprof"
require("pyprof.profile.selector").on_empty(function() end)

local path = os.tmpname()
local file = assert(io.open(path, "w"))
file:write("version: 1\nevents: us\nfl=a.py\nfn=main\n9 1\ncfn=add\ncalls=2 1\n9 4\nfn=add\n1 4\n")
file:close()
local objects = { profile = assert(pyprof.load("tests/data/calculator-threads.speedscope.json")),
  graph = assert(pyprof.load(path)) }
os.remove(path)

local odd = { 5, -1, 1.5, 0 / 0, math.huge, true, false, "", "nobody", "a\0b", "name:(", {}, { 5 },
  { {} }, { a = 1 }, { name = 5 }, { name = 5, file = 5 }, { name = "main" },
  setmetatable({}, { __name = "pyprof.Row" }), io.stdout, coroutine.create(function() end),
  function() return {} end, function() return 0 / 0 end, function() error("said so") end,
  objects.profile, objects.graph }

-- It stands on one line, because an error must name exactly that line.
local function call(method, ...) local value = method(...) return value end
local here = "^tests/lua/profile/test_misuse.lua:" .. debug.getinfo(call, "S").linedefined .. ": "

local function holds(what, method, ...)
  local good, message = pcall(call, method, ...)
  if not good and not tostring(message):find(here) and
    not tostring(message):find("^tests/lua/profile/test_misuse.lua:%d+: said so") then
    error(what .. ": " .. tostring(message), 0)
  end
  return good
end

local function shown(value)
  return type(value) == "table" and "a table" or tostring(value)
end

for name, object in pairs(objects) do
  check.test("odd arguments of the methods of a " .. name, function()
    for _, method in ipairs(profile.names(object, true)) do
      for _, value in ipairs(odd) do
        local what = ("%s(%s)"):format(method, shown(value))
        holds(what, object[method], object, value)
        holds("main, " .. what, object[method], object, "main", value)
        holds("module, " .. what, object[method], object, "module", value)
      end
      holds(method .. "()", object[method], object)
    end
  end)

  check.test("odd options of the methods of a " .. name, function()
    for _, method in ipairs(profile.names(object, true)) do
      for _, option in ipairs(profile.options[method] or {}) do
        for _, value in ipairs(odd) do
          local what = ("%s %s = %s"):format(method, option, shown(value))
          holds(what, object[method], object, { [option] = value })
          holds("main, " .. what, object[method], object, "main", { [option] = value })
          holds("module, " .. what, object[method], object, "module", { [option] = value })
        end
      end
    end
  end)

  check.test("odd fields of a " .. name, function()
    for _, value in ipairs(odd) do
      if value == value then
        local good, message = pcall(function() local it = object[value] return it end)
        check.truthy(not good and message:find("^tests/lua/profile/test_misuse.lua:%d+: "), message)
      end
      local good, message = pcall(function() object.weight = value end)
      check.truthy(not good and message:find("^tests/lua/profile/test_misuse.lua:%d+: "), message)
    end
  end)
end

local functions = {
  load = function(...) return pyprof.load("tests/data/calculator.speedscope.json", ...) end,
  diff = pyprof.diff, usage = pyprof.usage, encode = pyprof.encode,
  join = function(p, source) return pyprof.join { profile = p, source = source } end,
}

check.test("odd arguments of the functions that take a profile", function()
  local p = objects.profile
  for _, value in ipairs(odd) do
    for name in pairs(functions) do
      local what = ("%s(%s)"):format(name, shown(value))
      holds(what, functions[name], value)
      holds("p, " .. what, functions[name], p, value)
      holds("value, p, " .. what, functions[name], value, p)
      holds("p, p, " .. what, functions[name], p, p, value)
    end
    for _, option in ipairs { "metric", "threads", "progress" } do
      holds("load " .. option, functions.load, { [option] = value })
    end
    for _, option in ipairs(require("pyprof.profile.diff").options) do
      holds("diff " .. option, functions.diff, p, p, { [option] = value })
    end
    for _, option in ipairs { "by", "names" } do
      holds("encode " .. option, functions.encode, p, "folded", "x", { [option] = value })
    end
  end
end)

check.finish()
