-- A plain script may have a TARGET of its own and start other programs.
local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"

local recording = "tests/data/calculator.speedscope.json"

check.test("process.run gives how a program ended and what it wrote", function()
  local ended = assert(pyprof.process.run { "sh", "-c", "echo $A; echo $HOME >&2; pwd; exit 3",
    env = { A = "x y", HOME = false }, directory = "/" })
  check.equal(ended.output, "x y\n\n/\n")
  check.equal({ ended.status, ended.code, ended.signal }, { 3, 3 })
end)

check.test("no shell reads the words", function()
  check.equal(pyprof.process.run({ "echo", "$HOME", "a  b;c" }).output, "$HOME a  b;c\n")
end)

check.test("what cannot be started is nil and a message", function()
  local ended, message = pyprof.process.run { "nosuch-program" }
  check.equal(ended, nil)
  check.truthy(message:find("nosuch%-program"), message)
end)

check.test("misuse of process is raised at the script's line", function()
  check.error(function() pyprof.process.run {} end, "test_session.lua:25: a program and its words")
  check.error(function() pyprof.process.run { "true", evn = {} } end,
    "test_session.lua:26: unknown option 'evn' (did you mean 'env'?)")
  check.error(function() pyprof.process.spawn { "true", env = { ["A=B"] = 1 } } end,
    "env: 'A=B' is no name of a variable")
end)

check.test("a spawned program can be waited for, signalled, and is ended when closed", function()
  local pid
  do
    local program <close> = assert(pyprof.process.spawn { "sleep", "60" })
    local ended, message = program:wait(0.01)
    check.equal(ended, nil)
    check.equal(message, "timeout")
    check.equal(program:signal("TERM"), true)
    check.equal(program:wait().signal, 15)
    check.equal(program:wait().status, 143)
    check.equal(program:signal("TERM"), false)
  end
  do
    local program <close> = assert(pyprof.process.spawn { "sleep", "60" })
    pid = program.pid
  end
  check.equal(pyprof.process.run({ "kill", "-0", tostring(pid) }).status ~= 0, true)
end)

check.test("a subject is collected when it is read", function()
  local subject = assert(pyprof.subject(recording))
  check.equal(subject.target.kind, "recordings")
  check.equal(subject.profile.samples, assert(pyprof.load(recording)).samples)
  check.error(function() return subject.profil end, "(did you mean 'profile'?)")
end)

check.test("recordings are one by one what the profile has merged, views included", function()
  local other = "tests/data/sample.speedscope.json.gz"
  local whole = assert(pyprof.load(recording, other))
  local subject = assert(pyprof.subject("--where", "origin:own", recording, other))
  local each = subject.recordings
  check.equal(#each, 2)
  check.equal(each[1].samples, assert(pyprof.load(recording)):where("origin:own").samples)
  check.equal(each[1].samples + each[2].samples, whole:where("origin:own").samples)
  check.equal(subject.profile.samples, each[1].samples + each[2].samples)
  subject = assert(pyprof.subject("--where", "fibonacci", recording))
  check.equal({ #subject.recordings, subject.recordings[1].samples },
    { 1, subject.profile.samples })
end)

check.test("a subject's words are as on the command line", function()
  local whole = assert(pyprof.load(recording))
  local subject = assert(pyprof.subject("--where", "fibonacci", recording))
  check.equal(subject.profile.samples, whole:where("fibonacci").samples)
  check.error(function() pyprof.subject("--wher", "x", recording) end,
    "unknown option '--wher' (did you mean '--where'?)")
end)

check.test("join gives a row a definition, and what no definition holds", function()
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("def f():\n    pass\n\n\ndef g():\n    pass\n")
  file:close()
  local folded = os.tmpname()
  file = assert(io.open(folded, "w"))
  file:write(("<module> (%s:9);f (%s:2) 3\n<module> (%s:9);h (%s:40) 1\n"):format(path, path,
    path, path))
  file:close()
  local subject = { profile = assert(pyprof.load(folded)), source = assert(pyprof.scan(path)) }
  local rows = pyprof.join(subject)
  os.remove(path)
  os.remove(folded)
  local seen = {}
  for i, row in ipairs(rows) do
    seen[i] = ("%s %d %d %s"):format(row.name, row.line, row.total, row.status)
  end
  check.equal(seen, { "f 1 3 ran", "g 5 0 unseen", "h 40 1 unmatched" })
  check.equal(rows[1].total_share, 0.75)
  check.equal(rows[2].self_weight, 0)
end)

check.test("a subject of nothing that is there is nil and a message", function()
  local subject, message = pyprof.subject("nosuch.py")
  check.equal(subject, nil)
  check.equal(message, "nosuch.py: No such file or directory")
end)

check.test("record refuses keys that are no options, at the script's line", function()
  check.error(function() pyprof.record { "x.py", rte = 5 } end,
    "test_session.lua:110: unknown option 'rte' (did you mean 'rate'?)")
  local profile, message = pyprof.record { "nosuch.py" }
  check.equal(profile, nil)
  check.equal(message, "nosuch.py: No such file or directory")
end)

local function blocked()
  for line in io.lines("/proc/self/status") do
    if line:find("^SigBlk") then return line end
  end
end

check.test("programs at one time have their signals, and we have ours back", function()
  local before = blocked()
  local one = assert(pyprof.process.spawn { "sleep", "60" })
  local other = assert(pyprof.process.spawn { "sleep", "60" })
  check.equal(other:signal "TERM", true)
  check.equal(other:wait(30).signal, 15)
  one:close()
  local third = assert(pyprof.process.spawn { "sleep", "60" })
  other:close()
  third:signal "INT"
  check.equal(third:wait(30).signal, 2)
  third:close()
  check.equal(blocked(), before)
end)

check.test("a misspelt field of any object is raised, with what it may have been", function()
  local p = assert(pyprof.load(recording))
  local source = assert(pyprof.scan("examples/calculator.py"))
  local regex = pyprof.regex("a")
  local program <close> = assert(pyprof.process.spawn { "true" })
  for _, case in ipairs {
    { function() return p.sampels end, "field of a profile: 'sampels' (did you mean 'samples'?)" },
    { function() return source:definition() end, "a source: 'definition' (did you mean 'definit" },
    { function() return regex:mtach("a") end, "field of a regex: 'mtach' (did you mean 'match'?)" },
    { function() return program:wiat() end, "field of a program: 'wiat' (did you mean 'wait'?)" },
    { function() return pyprof.process.rnu {} end, "pyprof.process: 'rnu' (did you mean 'run'?)" },
    { function() p:where(function(it) return it.nmae end) end, "a frame: 'nmae' (did you mean" },
    { function() p:by(function(it) return it.modul end) end, "a frame: 'modul' (did you mean" },
    { function() p:thread(function(it) return it.mian end) end, "a thread: 'mian' (did you mean" },
  } do
    check.error(case[1], case[2])
    check.error(case[1], "^tests/lua/subject/test_session.lua:%d+: ")
  end
  check.equal(source.folders, false)
  check.equal(p:thread(function(it) return it.pid == -1 or it.id ~= nil end).samples, 311)
  check.error(function() p:resolve(p) end, "a source is wanted (pyprof.scan gives one)")
end)

check.test("what is no recording is refused when it is loaded", function()
  for _, path in ipairs { "examples/calculator.py", "README.md", "tests/lua/check.lua" } do
    local p, message = pyprof.load(path)
    check.equal(p, nil)
    check.truthy(message:find("neither a speedscope recording nor folded stacks", 1, true), message)
  end
end)

check.finish()
