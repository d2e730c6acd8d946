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
  check.equal({ completed('p:functions { sort = "') }, { "" })
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

check.finish()
