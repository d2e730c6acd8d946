-- The page's data as JSON, and the groups by which it colours functions.
local check = dofile("tests/lua/check.lua")
local by_chance = dofile("tests/lua/profile/by_chance.lua")
local cjson = require "cjson"
local array = require("pyprof.base.scalar").array
local encode = require "pyprof.page.encode"
local groups = require "pyprof.page.groups"
local shell = require "pyprof.base.shell"

check.test("a list of a known length has null for its holes", function()
  check.equal(encode.json({ 1, nil, "a" }, 4), '[1,null,"a",null]')
  check.equal(encode.json({ b = array {}, a = { x = 0.5 } }), '{"a":{"x":0.5},"b":[]}')
  check.equal(encode.json(nil), "null")
  check.equal(encode.json { a = encode.raw "[ 1 ]", b = true }, '{"a":[ 1 ],"b":true}')
end)

check.test("short lists and texts stay as they are, long ones are deflated", function()
  check.equal(encode.list({ 1, 2 }).json, '{"type":"json","z":0,"data":[1,2]}')
  check.equal(encode.text("a\xffb").json, '{"type":"text","z":0,"data":"a\u{FFFD}b"}')
  for _, packed in ipairs { encode.text(("x"):rep(5000)), encode.list { ("x"):rep(5000) } } do
    local column = cjson.decode(packed.json)
    check.truthy(column.z == 1 and #column.data < 200, packed.json)
  end
end)

check.test("no text ends its element", function()
  local text = encode.in_element(encode.json { "</script><!--\u{2028}\u{202e}é" })
  check.equal(text, '["\\u003c/script>\\u003c!--\\u2028\\u202eé"]')
  check.equal(cjson.decode(text)[1], "</script><!--\u{2028}\u{202e}é")
end)

local function recording(files)
  local model = { frames = {}, threads = { { name = "t", id = 1, samples = {} } },
    unit = "seconds" }
  for i, file in ipairs(files) do
    model.frames[i] = { name = "f" .. i, file = file, line = i }
    model.threads[1].samples[i] = { stack = { i }, weight = 1 }
  end
  return by_chance.load(by_chance.json(model))
end

local function group_names(files)
  local profile = recording(files)
  local names, group_of = groups.of(profile)
  local of = {}
  for _, row in ipairs(profile:functions { sort = "-line" }) do
    of[#of + 1] = names[group_of(require("pyprof.profile.frame").new(row.name, row.file, row.line))
      + 1]
  end
  return names, of
end

local library, python = "/v/lib/python3.11/site-packages/", "/usr/lib/python3.11/"

check.test("few packages: own code by its modules, first; the standard library is last", function()
  local names, of = group_names { library .. "numpy/a.py", "/app/x/a.py", python .. "json/b.py",
    "/app/x/b.py", "/app/x/a.py" }
  check.equal(names, { "x.a", "x.b", "numpy", groups.rest })
  check.equal(of, { "numpy", "x.a", groups.rest, "x.b", "x.a" })
end)

check.test("many packages: own code is one group", function()
  local names = group_names { library .. "a/x.py", library .. "b/x.py", library .. "c/x.py",
    "/app/x/a.py", "/app/x/b.py" }
  check.equal(names, { "(own)", "a", "b", "c", groups.rest })
end)

check.test("no profile, and one without samples, have the last group alone", function()
  check.equal((groups.of(nil)), { groups.rest })
  check.equal((groups.of(recording {})), { groups.rest })
end)

check.test("words are quoted where a shell would take them for its own", function()
  check.equal(shell.line { "a.py", "--x=1", "", "a b", "it's", "$HOME", "*" },
    [[a.py --x=1 '' 'a b' 'it'\''s' '$HOME' '*']])
end)

check.finish()
