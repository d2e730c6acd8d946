-- The walls of --sandbox: a child cannot do anything outside, even with all functions of Lua and of
-- the library, and the limits hold inside C functions.
local check = dofile("tests/lua/check.lua")
local fail = require "pyprof.base.fail"
local regex = require "pyprof.base.regex"
local sandbox = require "pyprof.command.sandbox"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local seconds, bytes = sandbox.seconds, sandbox.bytes

-- Runs work in a child and returns its result as text, or nil and why the child failed.
local function inside(work)
  local parts = {}
  local good, reason = pcall(sandbox.run, "test", function()
    io.stdout:write(tostring(work()))
    return "done"
  end, function(some) parts[#parts + 1] = some end)
  if good then return table.concat(parts) end
  return nil, fail.of(reason) and reason.message or tostring(reason)
end

-- A test that the work does nothing outside: it must have been refused.
local function cannot(name, work)
  check.test("cannot " .. name, function() check.equal(inside(work), "refused") end)
end

local function matches(text, pattern)
  check.truthy(tostring(text):find(pattern), tostring(text))
end

local function refused(value)
  return value and "done" or "refused"
end

check.test("what is computed comes out", function()
  check.equal(inside(function() return ("x"):rep(100000) end), ("x"):rep(100000))
end)

local path = os.tmpname()
local kept = assert(io.open(path, "w"))
kept:write("kept")
kept:flush()

cannot("read a file", function() return refused(io.open("/etc/passwd")) end)
cannot("write a file", function() return refused(io.open(path, "w")) end)
cannot("append to a file", function() return refused(io.open(path, "a")) end)
cannot("remove a file", function() return refused(os.remove(path)) end)
cannot("rename a file", function() return refused(os.rename(path, path .. "2")) end)
cannot("make a directory", function() return refused(sys.make_directories(path .. "3")) end)
cannot("ask about a file", function() return refused(sys.stat("/etc/passwd")) end)
cannot("list a directory", function() return refused(sys.list("/")) end)
cannot("run a command", function() return refused(os.execute("true")) end)
cannot("read from a command", function()
  local good, stream = pcall(io.popen, "echo x")
  return refused(good and stream)
end)
cannot("start a program", function()
  return refused(pcall(function()
    assert(assert(process.open()):start { argv = { "/bin/true" } })
  end))
end)
cannot("load a library of C", function()
  return refused(package.loadlib("libresolv.so.2", "*"))
end)
cannot("read standard input", function() return refused(io.read(1)) end)
cannot("use what was open before", function()
  kept:write("more")
  return refused(kept:flush())
end)
cannot("read a module from a file", function()
  package.path = "/usr/share/lua/5.4/?.lua;tests/lua/?.lua"
  return refused(pcall(require, "check"))
end)

check.test("nothing of that has left a trace", function()
  kept:close()
  local file = assert(io.open(path))
  check.equal(file:read("a"), "kept")
  file:close()
  os.remove(path)
  check.equal(sys.stat(path .. "2"), nil)
  check.equal(sys.stat(path .. "3"), nil)
end)

check.test("the library that a child changes is its own", function()
  check.equal(inside(function()
    rawset(string, "format", nil)
    fail.refused = nil
    package.loaded.pyprof, getmetatable("").__index = nil, nil
    return "changed"
  end), "changed")
  check.truthy(string.format and fail.refused and ("x"):rep(1))
end)

-- --- the limits

local function takes_too_long(name, work)
  check.test("the time limit holds in " .. name, function()
    sandbox.seconds = 1
    local _, message = inside(work)
    sandbox.seconds = seconds
    check.equal(message, "test: took more than 1 s of processor time (a sandbox's limit)")
  end)
end

takes_too_long("a loop", function() while true do end end)
takes_too_long("a pattern that blows up", function()
  return string.find(("a"):rep(3000), ".-.-.-.-b")
end)
takes_too_long("gsub", function() return (("a"):rep(3000):gsub(".-.-.-.-b", "")) end)
takes_too_long("coroutines", function()
  while true do coroutine.wrap(function() coroutine.yield() end)() end
end)
takes_too_long("a __gc", function()
  setmetatable({}, { __gc = function() while true do end end })
  collectgarbage()
end)
takes_too_long("an error that is never done", function()
  error(setmetatable({}, { __tostring = function() while true do end end }))
end)
takes_too_long("a __close", function()
  local _ <close> = setmetatable({}, { __close = function() while true do end end })
end)
takes_too_long("calls that catch what ends them", function()
  while true do pcall(function() while true do pcall(error) end end) end
end)
takes_too_long("PCRE2, asked again and again", function()
  local pattern, text = regex.new("(a+)+b"), ("a"):rep(40)
  while true do pcall(pattern.test, pattern, text) end
end)
takes_too_long("PCRE2 where it counts no steps", function()
  return regex.new("(?=.*[0-9])a"):match(("a"):rep(1 << 20))
end)
takes_too_long("table.move", function()
  return table.move(setmetatable({}, { __index = function() return 1 end,
    __newindex = function() end }), 1, math.maxinteger - 1, 2)
end)
takes_too_long("table.concat", function()
  return table.concat(setmetatable({}, { __index = function() return "" end }), "", 1,
    math.maxinteger - 1)
end)
takes_too_long("utf8", function()
  local text = ("é"):rep(1 << 20)
  while true do utf8.len(text) end
end)

check.test("a pattern of PCRE2 that backtracks without end is given up", function()
  local _, message = inside(function() return regex.new("(a+)+$"):test(("a"):rep(60) .. "b") end)
  matches(message, "backtracks without end")
end)

local sanitized = sys.real_path("/proc/self/exe"):find("%-asan[^/]*$")

local function takes_too_much(name, work)
  if sanitized then
    print(("skip - the memory limit holds in %s: the sanitizer maps more than any limit")
      :format(name))
    return
  end
  check.test("the memory limit holds in " .. name, function()
    sandbox.bytes = 64 << 20
    local _, message = inside(work)
    sandbox.bytes = bytes
    matches(message, "not enough memory %(a sandbox has 64 MiB%)")
  end)
end

takes_too_much("a string of a billion characters", function() return #("x"):rep(1000000000) end)
takes_too_much("string.rep with a separator", function() return #("x"):rep(1 << 26, "yy") end)
takes_too_much("table.concat", function()
  local parts = {}
  for i = 1, 1000 do parts[i] = ("x"):rep(1 << 20) end
  return #table.concat(parts)
end)
takes_too_much("gsub", function()
  return #("x"):rep(1 << 20):gsub(".", ("y"):rep(1000))
end)
takes_too_much("a table that grows", function()
  local last
  while true do last = { last } end
end)
takes_too_much("coroutines", function()
  local last
  while true do
    local before = last
    last = coroutine.create(function() return before end)
  end
end)

check.test("output has an end", function()
  sandbox.bytes = 64 << 20
  local _, message = inside(function()
    local block = ("x"):rep(1 << 20)
    while true do io.stdout:write(block) end
  end)
  sandbox.bytes = bytes
  check.equal(message, "test: wrote more than 64 MiB (a sandbox's limit)")
end)

check.test("recursion has an end", function()
  local function deeper() return 1 + deeper() end
  matches(select(2, inside(deeper)), "stack overflow")
  matches(select(2, inside(function()
    return assert(load("return " .. ("("):rep(1000) .. "1" .. (")"):rep(1000)))
  end)), "overflow")
end)

check.test("a sort whose comparison lies is an error or an order", function()
  local text, message = inside(function()
    local list = {}
    for i = 1, 1000 do list[i] = i end
    table.sort(list, function() return true end)
    return "sorted"
  end)
  check.truthy(text == "sorted" or message:find("invalid order function"))
end)

check.test("messages without end do not stop anybody", function()
  local started = assert(require("pyprof.core.sandbox").start(function(say)
    for _ = 1, 10000 do say(("x"):rep(1000)) end
    return 3
  end, 10, bytes))
  local child <close> = started
  check.equal(child:read(), nil)
  local status, messages = child:finish()
  check.equal(status, 3)
  check.truthy(#messages < 1000 and messages[1] == ("x"):rep(1000))
end)

check.finish()
