-- Which file may require or include which: core <- bind <- host; the library requires the C modules
-- and its own folders as listed; scripts require only the library.
local check = dofile("tests/lua/check.lua")
local layers = dofile("tests/layers.lua")
local sys = require "pyprof.core.sys"

-- Each folder of lua/pyprof, and the folders that it may require beside itself, the version and
-- cjson. A folder stands below those that it may require.
local below_door = { "base", "rows", "source", "profile", "join", "export", "target", "options",
  "collect", "subject", "page" }
local below_prompt = { "init", "report", "render", "doc", table.unpack(below_door) }
local lua_rules = {
  allow = {
    version = {},
    base = {},
    rows = { "base" },
    source = { "base", "rows" },
    profile = { "base", "rows", "source" },
    join = { "base", "rows", "source", "profile" },
    export = { "base", "profile" },
    target = { "base", "profile" },
    options = { "base", "rows", "profile" },
    collect = { "base", "rows", "source", "profile", "target" },
    subject = { "base", "profile", "target", "options", "collect" },
    report = { "base", "rows", "options", "subject" },
    render = { "base", "rows" },
    page = { "base", "rows", "source", "profile", "join" },
    doc = { "base", "options" },
    init = below_door,
    repl = below_prompt,
    command = { "repl", table.unpack(below_prompt) },
    meta = {},
    scripts = { "init", "cjson" },
  },
  -- The C modules that only some may require.
  core = {
    ["pyprof.core.line"] = { "repl" },
    ["pyprof.core.sandbox"] = { "command" },
    ["pyprof.core.serve"] = { "target" },
    ["pyprof.core.process"] = { "target", "collect", "subject" },
  },
  -- The places where a require may stand in a function. The functions of init.lua and a command
  -- load the modules that they need; the prompt loads a global when it is used, so -e starts fast.
  -- Reading a recording takes a seventh fewer instructions without the files that run a program.
  lazy = { init = true, command = true, ["lua/pyprof/repl/environment.lua"] = true,
    ["lua/pyprof/collect/profile.lua"] = true, ["lua/pyprof/subject/collectors.lua"] = true,
    ["lua/pyprof/subject/init.lua"] = true },
  -- Modules that are chosen by a name at run time.
  by_name = {
    ["pyprof.render."] = { "lua/pyprof/render/init.lua" }, ["pyprof.collect."] = { "subject" },
    ["pyprof.export."] = { "init", "export" }, ["pyprof.profile.read."] = { "profile" },
    ["pyprof.profile."] = { "lua/pyprof/profile/init.lua" },
  },
}
for room, list in pairs(lua_rules.allow) do
  if room ~= "scripts" and room ~= "version" then
    table.move({ "version", "cjson" }, 1, 2, #list + 1, list)
  end
end

-- Each folder of src/core, and the other folders whose headers it may include, public ones too.
-- Bindings include only public headers.
local c_allow = {
  common = {},
  input = { "common" },
  profile = { "common" },
  files = { "common" },
  process = { "common" },
  recording = { "common", "input", "profile" },
  source = { "common", "files" },
  bind = {},
  host = { "bind" },
}
-- The folder of the core to which each header of include/pyprof belongs.
local homes = {
  buffer = "common", control = "common", error = "common", intern = "common", regex = "common",
  utf8 = "common", column = "common",
  input = "input",
  calls = "profile", profile = "profile", timeline = "profile", totals = "profile",
  tests = "profile", layout = "profile", weights = "profile",
  files = "files", kept_files = "files",
  process = "process", serve = "process", system = "process",
  recording = "recording",
  rules = "source", scan_many = "source", source = "source",
}

local function paths(directory, ending, found)
  found = found or {}
  for _, name in ipairs(sys.list(directory) or {}) do
    local path = directory .. "/" .. name
    if sys.stat(path).kind == "directory" then
      paths(path, ending, found)
    elseif name:find(ending) then
      found[#found + 1] = path
    end
  end
  return found
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- The texts of all files with that ending below the folders. Each folder must have such files.
local function texts(directories, ending)
  local found = {}
  for _, directory in ipairs(directories) do
    local list = paths(directory, ending)
    check.truthy(#list > 0, "no files in " .. directory)
    for _, path in ipairs(list) do found[path] = read(path) end
  end
  return found
end

local function is_script() return "scripts" end

check.test("the library's folders require those that stand below them", function()
  local files = texts({ "lua/pyprof" }, "%.lua$")
  check.equal(table.concat(layers.faults_of_lua(files, lua_rules, layers.room_of_lua), "\n"), "")
end)

check.test("scripts know only the library", function()
  local files = texts({ "scripts", "examples" }, "%.lua$")
  check.equal(layers.faults_of_lua(files, lua_rules, is_script), {})
end)

check.test("the folders of C include those that stand below them", function()
  local files = texts({ "src/core", "src/bind", "src/host", "include" }, "%.[ch]$")
  check.equal(layers.faults_of_c(files, c_allow, homes), {})
end)

check.test("the core never prints and never ends the program", function()
  for path, text in pairs(texts({ "src/core" }, "%.c$")) do
    text = text:gsub("/%*.-%*/", ""):gsub("__attribute__%(%b()%)", "")
    for _, word in ipairs { "printf", "puts", "exit", "abort", "stderr", "stdout" } do
      if text:find("%f[%w_]" .. word .. "%f[^%w_]") then error(path .. " uses " .. word) end
    end
  end
end)

check.test("the map of README.md names each folder, and what is there", function()
  local map = read("README.md"):match("\n## Where things are\n(.-)\n## ")
  for path in map:gmatch("`([%w_/.]+/[%w_/.]+)`") do
    if not path:find("NAME", 1, true) then check.truthy(sys.stat(path), path) end
  end
  for folder, name in pairs { ["lua/pyprof"] = "lua/pyprof/%s", ["src/core"] = "%s",
    src = "src/%s" } do
    for _, entry in ipairs(sys.list(folder)) do
      local is_folder = sys.stat(folder .. "/" .. entry).kind == "directory"
      local shown = "`" .. name:format(entry) .. "`"
      if is_folder then check.truthy(map:find(shown, 1, true), "in the map, " .. shown) end
    end
  end
end)

-- --- that the checks can fail

local function faults_of(path, text, more)
  local files = more or {}
  files[path] = text
  return layers.faults_of_lua(files, lua_rules, layers.room_of_lua)
end

check.test("a require is found however it is written, and in no comment and no text", function()
  local found = layers.requires([==[#!/usr/bin/lua
    -- require "a"
    --[[ require "b" ]] local c, d = require "c", require('d')
    local text = [[ require "e" ]] .. "require 'f'" .. 'it\'s require "f"'
    if x then require("g").h() end
    for i = 1, 2 do local function f() return require "i" end end
    local j = function() while x do repeat require("j." .. x) until x end end
    function globals.require(name) return name end
    require(k)
  ]==])
  local shown = {}
  for i, it in ipairs(found) do
    shown[i] = tostring(it.name) .. (it.lazy and " lazy" or "") .. (it.computed and " …" or "")
  end
  check.equal(shown, { "c", "d", "g", "i lazy", "j. lazy …", "nil" })
end)

check.test("a require that goes up is a fault, and one in a function", function()
  local path = "lua/pyprof/rows/x.lua"
  check.equal(faults_of(path, 'local t = require "pyprof.base.text"'), {})
  check.equal(faults_of(path, 'local t = require "pyprof.render.json"'),
    { path .. " requires pyprof.render.json" })
  check.equal(faults_of(path, 'local t = require "pyprof"'), { path .. " requires pyprof" })
  check.equal(faults_of(path, 'return function() return require("pyprof.base.text") end'),
    { path .. " requires pyprof.base.text in a function" })
  check.equal(faults_of(path, "return require(name)"), { path .. " requires what no text names" })
  check.equal(faults_of(path, 'return require("pyprof.base." .. name)'),
    { path .. " requires pyprof.base.… by a computed name" })
  check.equal(faults_of(path, 'return require("pyprof.render." .. name)'),
    { path .. " requires pyprof.render.…" })
  check.equal(faults_of(path, 'return require "socket"'), { path .. " requires socket" })
  check.equal(faults_of("lua/pyprof/new/x.lua", ""),
    { "lua/pyprof/new/x.lua is in a room of no list" })
end)

check.test("some may require in functions, and some C modules are for some", function()
  local lazy = 'return function() return require("pyprof.base.text") end'
  check.equal(faults_of("lua/pyprof/init.lua", lazy), {})
  check.equal(faults_of("lua/pyprof/command/x.lua", lazy), {})
  check.equal(faults_of("lua/pyprof/render/init.lua",
    'return function(x) return require("pyprof.render." .. x) end'), {})
  check.equal(#faults_of("lua/pyprof/render/init.lua", lazy), 1)
  check.equal(faults_of("lua/pyprof/base/x.lua", 'require "pyprof.core.sys"'), {})
  check.equal(#faults_of("lua/pyprof/base/x.lua", 'require "pyprof.core.process"'), 1)
  check.equal(#layers.faults_of_lua({ ["scripts/x.lua"] = 'require "pyprof.core.sys"' },
    lua_rules, is_script), 1)
  check.equal(#layers.faults_of_lua({ ["scripts/x.lua"] = 'require "pyprof.rows"' }, lua_rules,
    is_script), 1)
end)

check.test("a circle of files is a fault, one through functions too", function()
  local more = { ["lua/pyprof/command/init.lua"] =
    'return function() return require "pyprof.command.x" end' }
  check.equal(faults_of("lua/pyprof/command/x.lua", 'require "pyprof.command"', more),
    { "a circle of files: pyprof.command > pyprof.command.x > pyprof.command" })
  check.equal(layers.circle { a = { b = true }, b = { c = true }, c = { b = true } }, "b > c > b")
  check.equal(layers.circle { a = { b = true, c = true }, b = { c = true } }, nil)
end)

local function faults_of_include(path, text, more)
  local files = { ["include/pyprof/regex.h"] = "", ["include/pyprof/profile.h"] = "",
    ["src/core/input/json.h"] = "", ["src/core/profile/base.h"] = "", ["src/host/host.h"] = "",
    ["src/bind/bind.h"] = "" }
  for name, content in pairs(more or {}) do files[name] = content end
  files[path] = text
  return layers.faults_of_c(files, c_allow, homes)
end

check.test("an include that goes up is a fault, and a private header elsewhere", function()
  local path = "src/core/input/x.c"
  check.equal(faults_of_include(path, '#include "input/json.h"\n#include <stdio.h>\n' ..
    '#include "pyprof/regex.h"\n/* #include "host.h" */'), {})
  check.equal(faults_of_include(path, '#  include "profile/base.h"'),
    { path .. " includes profile/base.h" })
  check.equal(faults_of_include(path, '#include "pyprof/profile.h"'),
    { path .. " includes pyprof/profile.h" })
  check.equal(faults_of_include(path, "#include <lua.h>"), { path .. " includes lua.h" })
  check.equal(faults_of_include(path, '#include "gone.h"'),
    { path .. " includes gone.h, which is not there" })
  check.equal(faults_of_include("src/bind/x.c", '#include "pyprof/profile.h"\n#include <lua.h>'),
    {})
  check.equal(#faults_of_include("src/bind/x.c", '#include "profile/base.h"'), 1)
  check.equal(#faults_of_include("src/bind/x.c", '#include "host.h"'), 1)
  check.equal(#faults_of_include("src/host/x.c", '#include "profile/base.h"'), 1)
  check.equal(#faults_of_include("include/pyprof/source.h", '#include "input/json.h"'), 1)
  check.equal(faults_of_include("include/pyprof/new.h", ""),
    { "include/pyprof/new.h is in a room of no list" })
end)

check.test("a circle of C files is a fault; a file and its header are one", function()
  local more = { ["src/core/profile/a.h"] = "", ["src/core/profile/a.c"] =
    '#include "profile/a.h"\n#include "profile/b.h"' }
  local path = "src/core/profile/b.c"
  more["src/core/profile/b.h"] = ""
  check.equal(faults_of_include(path, '#include "profile/b.h"', more), {})
  check.equal(faults_of_include(path, '#include "profile/a.h"', more),
    { "a circle of files: src/core/profile/a > src/core/profile/b > src/core/profile/a" })
end)

check.test("Lua files hold to luacheck's rules", function()
  local pipe = assert(io.popen("luacheck -q --no-color " ..
    "--std lua54 --max-line-length 100 lua scripts examples tests 2>&1 || true"))
  local text = pipe:read("a")
  pipe:close()
  check.truthy(text:find("Total: 0 warnings / 0 errors", 1, true), text)
end)

check.finish()
