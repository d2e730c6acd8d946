-- The completions that Tab offers within a line.
local check = dofile("tests/lua/check.lua")
local complete = require("pyprof.repl.complete").complete

local profiles = require "pyprof.profile"
local profile = assert(require("pyprof").load("tests/data/calculator.speedscope.json"))

local function completed(line)
  rawset(_G, "p", profile)
  local insert, choices = complete(line)
  rawset(_G, "p", nil)
  return insert, choices
end

check.test("a selector's string knows functions and fields", function()
  check.equal(completed('p:where("fibo'), "nacci")
  check.equal(completed('p:functions { exclude = "orig'), "in:")
end)

check.test("a query's keys are those that the method's page lists", function()
  check.equal(completed("p:split { sta"), "cks")
  check.equal(completed("p:split { limit = 1, ru"), "ns")
  check.equal(completed("p:tree { min"), "_share")
  check.equal(completed("pyprof.diff(p, p, { cert"), "ain")
  check.equal({ completed("p:functions { ") }, { "", "exclude  include  lazy  limit  of  sort" })
  check.equal({ completed("p:timeline { ") }, { "", "buckets  limit  of  sort" })
end)

check.test("an option's string is no file's name", function()
  check.equal(completed('p:functions { sort = "self_w'), "eight")
  check.equal(completed('p:functions { limit = 1, sort = "-na'), "me")
  check.equal(select(2, completed('p:threads { sort = "')):find("share", 1, true) ~= nil, true)
  check.equal(completed('p:callers("main", { by = "fu'), "nction")
  check.equal(completed('pyprof.load("tests/gol'), "den/")
end)

check.test("each method's options are offered, and functions where it selects", function()
  local pages = require("pyprof.doc").pages()
  for _, page in ipairs(pages.profile.members) do
    local name, params = page.item.name, {}
    for _, param in ipairs(page.item.params) do params[param.name] = param.text end
    if name ~= "thread" and name ~= "test" then -- their selectors select these
      local _, choices = completed(("p:%s(\""):format(name))
      local offered = choices ~= nil and choices:find("fibonacci", 1, true) ~= nil
      check.equal(offered, params.selected ~= nil, name)
    end
    local insert, choices = completed(("p:%s { "):format(name))
    local _, other = completed("")
    check.equal(insert == "" and choices ~= other, params.query ~= nil, name)
    for _, option in ipairs(profiles.options[name] or {}) do
      check.truthy(params.query:find("%f[%w_]" .. option .. "%f[^%w_]"), name .. ": " .. option)
    end
  end
  check.equal(completed("p:split { st"), "acks")
  check.equal(completed("p:split { limit = 3, r"), "uns")
  check.equal(completed("pyprof.diff(p, p, { certa"), "in")
end)

check.test("reports: their options, and these options' values", function()
  check.equal(completed("reports.to"), "p")
  check.equal(completed("reports.top(p, { lim"), "it")
  check.equal(completed('reports.top(p:where("main"), { sort = "self", exc'), "lude")
  check.equal({ completed("reports.threads(p, { ") }, { "", "format  limit  section  sort" })
  check.equal(completed("reports.callers(p, { func"), "tion_")
  check.equal(completed('reports.callers(p, { function_ = "fibo'), "nacci")
  check.equal(completed('reports.top(p, { sort = "tot'), "al%")
  check.equal(completed('reports.packages(p, { by = "mod'), "ule")
  check.equal(completed('reports.top(p, { format = "mark'), "down")
  check.equal(completed('reports.diff(p, { before = "tests/gol'), "den/")
  check.equal(completed('reports.diff(p, { before_thread = "ma'), "in:")
  check.equal(completed('help "budg'), "et.lua")
end)

check.test("selectors: fields, their values, and what is not selected", function()
  check.equal(completed('p:where("fi'), "")
  check.equal(completed('p:where("file:calc'), "ulator.py")
  check.equal(completed('p:where("not:file:calc'), "ulator.py")
  check.equal(completed('p:where "!fibo'), "nacci")
  check.equal(completed('p:where("origin:o'), "wn")
  check.equal(completed('p:functions { exclude = { "main", "fibo'), "nacci")
  check.equal(completed('p:functions { limit = 2, exclude = "name:compute'), "_heavy")
  check.equal(completed('p:without({ "main", "fibo'), "nacci")
  check.equal(completed('p:thread("ma'), "in:")
  check.equal(completed('p:thread("main:'), "true")
  check.equal(completed('p:by("pack'), "age")
  check.equal(completed('list "fibo'), "nacci")
end)

check.test("rows: their fields", function()
  rawset(_G, "_", profile:functions())
  check.equal(completed("_[1].self_w"), "eight")
  check.equal(completed("print(_[2].fi"), "le")
  rawset(_G, "_", nil)
end)

check.test("an unknown report has no options", function()
  check.equal({ completed("reports.nosuch(p, { xyzzy") }, { "" })
end)

check.finish()
