-- py-spy as a program: its command line, its messages, and why it may not be permitted.
local check = dofile("tests/lua/check.lua")
local program = require "pyprof.collect.pyspy.program"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

check.test("each of Yama's scopes is named with its ways out", function()
  local real, myself = program.yama_scope, sys.process_id()
  local function says(scope, ours)
    program.yama_scope = function() return scope end
    local text = program.refusal(myself, ours, "Permission Denied")
    local begin = ("py-spy: may not read process %d: "):format(myself)
    check.equal(text:sub(1, #begin), begin)
    return text:sub(#begin + 1)
  end
  local forbidden = "this system forbids ptrace (in a container: --cap-add SYS_PTRACE; else root)"
  check.equal(says(nil, false), forbidden)
  check.equal(says(0, true), forbidden)
  check.equal(says(1, true), forbidden)
  check.equal(says(1, false),
    "Yama allows it to parents alone (sudo, or sysctl kernel.yama.ptrace_scope=0)")
  check.equal(says(2, true),
    "Yama allows it to root alone (sudo, or sysctl kernel.yama.ptrace_scope=1)")
  check.equal(says(3, false),
    "Yama forbids it to all until the next boot (kernel.yama.ptrace_scope is 3)")
  program.yama_scope = function() return nil end
  check.equal(program.refusal(myself, false, "Failed to suspend process: EPERM: Operation"),
    ("py-spy: may not read process %d: this system forbids ptrace (in a container: --cap-add " ..
    "SYS_PTRACE; else --nonblocking)"):format(myself))
  program.yama_scope = real
end)

check.test("of its log only what may not be looked at matters", function()
  local begin = "[2026-01-01T00:00:00.123456789Z WARN  py_spy::sampler] "
  local failed = begin .. "Failed to profile python from process 12: "
  local function says(line) return table.pack(program.log_line(line)) end
  check.equal(says("Error: nothing"), { n = 1, false })
  check.equal(says(begin .. "Failed to get initialization status"), { n = 1, true })
  check.equal(says(failed .. "Failed to find python version from target process"),
    { n = 1, true })
  check.equal(says(failed .. "Failed to suspend process"),
    { n = 3, true, 12, "Failed to suspend process" })
  local name = "Failed to get process executable name. Check that the process is running."
  check.equal(says(failed .. name), { n = 3, true, 12, name })
end)

check.test("every option becomes a word of py-spy's", function()
  local file <close> = assert(process.memory_file())
  local function words(args, subprocesses)
    local list = program.words("py-spy", args, subprocesses, file)
    check.equal(table.concat(list, " ", 1, 5), "py-spy record -f speedscope -o")
    return table.concat(list, " ", 7)
  end
  check.equal(words({}, false), "-r 100")
  check.equal(words({ rate = 1e3, idle = true }, true),
    "-r 1000 --idle --subprocesses")
  check.equal(words({ gil = true, native = true }, false), "-r 100 --gil --native")
  check.equal(words({ nonblocking = true }, false), "-r 100 --nonblocking")
end)

check.test("what it says when it fails becomes one line", function()
  check.equal(program.said { "Error: Unsupported", "", "Caused by:", "    0: one", "    1: two",
    "Stack backtrace:", "   0: py_spy::main" }, "Unsupported: one: two")
  check.equal(program.said { "Error: twice", "twice" }, "twice")
  check.equal(program.said {}, "")
  check.truthy(program.refused("Permission Denied: Try running again"))
  check.truthy(program.refused("Failed to open: Permission denied (os error 13)"))
  check.truthy(not program.refused("No such file"))
end)

check.test("py-spy's log names the Python that it found", function()
  local before = "[2026-11-30T10:05:42.725065313Z INFO  py_spy::python_spy] "
  check.equal(program.python_of(before .. "python version 3.11.7 detected"), "3.11.7")
  check.equal(program.python_of(before .. "python version 3.14.0rc1 detected"), "3.14.0rc1")
  check.equal(program.python_of(before .. "Found interpreter at 0x1"), nil)
  check.equal(program.python_of("python version 3.11.7 detected"), nil)
end)

check.finish()
