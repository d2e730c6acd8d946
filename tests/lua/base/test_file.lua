-- Reading all of a file or its beginning, and finding a command.
local check = dofile("tests/lua/check.lua")
local file = require "pyprof.base.file"

local path = os.tmpname()
local stream = assert(io.open(path, "wb"))
stream:write("one\0\r\ntwo")
stream:close()

check.test("all bytes of a file, or its first, as they are", function()
  check.equal(file.read(path), "one\0\r\ntwo")
  check.equal(file.first(path, 4), "one\0")
  check.equal(file.first(path, 400), "one\0\r\ntwo")
  check.equal(file.first("/dev/null", 4), "")
end)

check.test("why a file cannot be read names it", function()
  local text, message = file.read("/nowhere/x")
  check.equal({ text, message }, { nil, "/nowhere/x: No such file or directory" })
  text, message = file.first("/proc", 4)
  check.equal({ text, message }, { nil, "/proc: Is a directory" })
end)

check.test("a command is looked for on PATH, a path is taken as it is", function()
  check.equal(file.which("/bin/sh"), "/bin/sh")
  check.truthy(file.which("sh"):find("/sh$"))
  check.equal(file.which("/bin/no-such-command"), nil)
  check.equal(file.which("no-such-command"), nil)
  check.equal(file.which(path), nil) -- not executable
end)

os.remove(path)
check.finish()
