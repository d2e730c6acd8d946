-- Imports from the stacks of a recording: names, nesting, loaders, exec'd code.
local check = dofile("tests/lua/check.lua")
local cjson = require "cjson"
local profile = require "pyprof.profile"

local machinery = {
  find = { "_find_and_load", "<frozen importlib._bootstrap>", 1 },
  from = { "_handle_fromlist", "<frozen importlib._bootstrap>", 2 },
  call = { "_call_with_frames_removed", "<frozen importlib._bootstrap>", 3 },
  code = { "SourceLoader.get_code", "<frozen importlib._bootstrap_external>", 4 },
  so = { "ExtensionFileLoader.create_module", "<frozen importlib._bootstrap_external>", 5 },
  old_so = { "create_module", "<frozen importlib._bootstrap_external>", 6 },
}

-- Each stack is a text: "main:1 find call a/__init__.py:3 find code"; a word is the `<module>` of a
-- file at a line, `name@file:line`, or one of the above.
local function load(stacks)
  local frames, samples, weights = {}, {}, {}
  for i, text in ipairs(stacks) do
    samples[i], weights[i] = {}, 1
    for word in text:gmatch("%S+") do
      local frame = machinery[word]
      if not frame then
        local name, file, line = word:match("^(.*)@(.*):(%d+)$")
        if not name then
          name, file, line = "<module>", word:match("^(.*):(%d+)$")
        end
        frame = { name, file, math.tointeger(line) }
      end
      frames[#frames + 1] = { name = frame[1], file = frame[2], line = frame[3] }
      table.insert(samples[i], #frames - 1)
    end
  end
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(cjson.encode {
    ["$schema"] = "https://www.speedscope.app/file-format-schema.json", exporter = "py-spy@0.4.3",
    shared = { frames = frames },
    profiles = { { type = "sampled", name = "Thread 1 \"\"", unit = "none", startValue = 0,
      endValue = #stacks, samples = samples, weights = weights } },
  })
  file:close()
  local p = assert(profile.load(path))
  os.remove(path)
  return p
end

local function tree_of(p)
  local lines = {}
  for i, row in ipairs(p:imports { tree = true }) do
    lines[i] = ("%s%s %d %d <%s"):format(("  "):rep(row.depth), row.name, row.total, row.self,
      row.importer)
  end
  return lines
end

local function list_of(p)
  local lines = {}
  for i, row in ipairs(p:imports()) do
    lines[i] = ("%s %d %d"):format(row.name, row.total, row.self)
  end
  return lines
end

check.test("modules stand below the module that imports them", function()
  local p = load {
    "main.py:9 f@main.py:20",
    "main.py:1 find call a/__init__.py:3",
    "main.py:1 find call a/__init__.py:5 find call a/b.py:1 work@a/b.py:7",
    "main.py:1 find call a/__init__.py:5 find call a/b.py:1",
    "main.py:9 lazy@main.py:30 find call lib/site-packages/c.py:1",
  }
  check.equal(tree_of(p), {
    "a 3 1 <main:1", "  a.b 2 2 <a:5", "c 1 1 <main:30",
  })
  check.equal(list_of(p), { "a 3 1", "a.b 2 2", "c 1 1" })
  check.near(p:imports()[1].total_share, 3 / 5)
  check.equal(p:imports()[2].file, "a/b.py")
end)

check.test("time before a module runs is its own, if its line imports no other", function()
  local p = load {
    "main.py:1 find code", "main.py:1 find call a.py:1",
    "main.py:2 find code", "main.py:2 find call b.py:1", "main.py:2 find call c.py:1",
    "main.py:3 find code",
  }
  check.equal(tree_of(p), {
    "a 2 2 <main:1", "(import at main:2) 1 1 <main:2", "(import at main:3) 1 1 <main:3",
    "b 1 1 <main:2", "c 1 1 <main:2",
  })
end)

check.test("import a.b: the package is told from the module", function()
  local p = load {
    "main.py:1 find call find code", "main.py:1 find call find call a/__init__.py:1",
    "main.py:1 find code", "main.py:1 find code", "main.py:1 find call a/b.py:1",
  }
  check.equal(tree_of(p), { "a.b 3 3 <main:1", "a 2 2 <main:1" })
end)

check.test("extension modules, and what they import", function()
  local p = load {
    "main.py:1 find so call", "main.py:1 find so call", "main.py:2 find old_so",
    "main.py:1 find so call find call d.py:1",
  }
  check.equal(tree_of(p), {
    "(extension at main:1) 3 2 <main:1", "  d 1 1 <main:1",
    "(extension at main:2) 1 1 <main:2",
  })
end)

check.test("the text of a line names what no sample names", function()
  local folder = os.tmpname()
  os.remove(folder)
  local path = folder .. ".py"
  local file = assert(io.open(path, "w"))
  file:write("import a.b  # comment\nfrom .c import d\nfrom e import f\nfrom g import h, i\n" ..
    "import j as k\nfrom . import l\nimport m, n\nimport _o\nx = 1\n")
  file:close()
  local function name_of(line, words)
    local rows = load({ ("%s:%d %s"):format(path, line, words) }):imports()
    check.equal(#rows, 1)
    return (rows[1].name:gsub("^tmp%.", ""))
  end
  check.equal(name_of(1, "find code"), "a.b")
  check.equal(name_of(1, "find call find code"), "a")
  check.equal(name_of(2, "find code"), "c")
  check.equal(name_of(3, "find code"), "e")
  check.equal(name_of(3, "from call find code"), "e.f")
  check.equal(name_of(4, "find code"), "g")
  check.equal(name_of(5, "find code"), "j")
  check.equal(name_of(6, "from call find code"), "l")
  check.equal(name_of(8, "find so"), "_o")
  for line, words in pairs { [4] = "from call find code", [7] = "find code", [9] = "find code",
    [99] = "find code" } do
    check.truthy(name_of(line, words):find("^%(import at "), line)
  end
  -- The same module elsewhere has a name in samples: it is one row of the list.
  local p = load({ ("%s:8 find so"):format(path), "main.py:1 find call _o.py:1",
    ("main.py:2 find call x.py:1 %s:5 find code"):format(path), "main.py:3 find call j.py:1" })
  check.equal(list_of(p), { "_o 2 2", "j 2 2", "x 1 0" })
  os.remove(path)
end)

check.test("exec'd code is its module's; generated modules are told apart by their importer",
  function()
    local p = load {
      "main.py:1 find call a.py:1 exec@a.py:2 <string>:1",
      "main.py:1 find call a.py:1 find load@x/loader.py:3 <string>:1",
      "main.py:1 find call a.py:2 find load@x/loader.py:3 <string>:1",
      "main.py:5 run@lib/python3.11/runpy.py:1 other.py:1",
    }
    check.equal(tree_of(p), {
      "a 3 1 <main:1", "  <string> at a:1 1 1 <a:1", "  <string> at a:2 1 1 <a:2",
    })
  end)

check.test("a module below itself counts once in the list", function()
  local p = load {
    "main.py:1 find call a.py:1 find call b.py:1 find call a.py:9", "main.py:1 find call a.py:1",
  }
  check.equal(list_of(p), { "a 2 2", "b 1 0" })
end)

check.test("without frames of importlib, a module that a module runs is an import", function()
  local p = load { "main.py:1 a.py:1 b.py:2", "main.py:9 f@main.py:2 g@x.py:1" }
  check.equal(tree_of(p), { "a 1 0 <main:1", "  b 1 1 <a:1" })
end)

check.test("what is no import", function()
  check.equal(tree_of(load { "main.py:1", "main.py:2 f@main.py:3" }), {})
end)

check.test("options", function()
  local p = load { "main.py:1 find call a.py:1", "main.py:2 find call b.py:1",
    "main.py:2 find call b.py:1" }
  check.equal(#p:imports { limit = 1 }, 1)
  check.equal(#p:imports { min_share = 0.5 }, 1)
  check.equal(p:imports { tree = true, sort = "name" }[1].name, "a")
  local good, message = pcall(p.imports, p, { min_share = "x" })
  check.equal(good, false)
  check.truthy(tostring(message):find("min_share is a number", 1, true))
end)

check.test("a package below an own folder has the name that its import says", function()
  local place = os.tmpname()
  os.remove(place)
  assert(os.execute(("mkdir -p '%s/lib/parts'"):format(place)))
  local main = assert(io.open(place .. "/main.py", "w"))
  main:write("import parts\n"):close()
  local p = load {
    ("%s/main.py:1 find call %s/lib/parts/__init__.py:1 find call %s/lib/parts/a.py:1")
      :format(place, place, place),
  }
  local rows = p:imports { tree = true }
  os.execute(("rm -r '%s'"):format(place))
  check.equal(rows[1].name, "parts")
  check.equal(rows[2].name, "parts.a")
  check.equal(rows[2].importer, "parts:1")
end)

check.finish()
