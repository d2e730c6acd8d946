-- What a report's table may say, and how its arguments come off the command line.
local check = dofile("tests/lua/check.lua")
local options = require "pyprof.options"
local report = require "pyprof.report"

local function accept(extra)
  local made = { help = "x", run = print }
  for key, value in pairs(extra) do made[key] = value end
  return report.accept("r.lua", made)
end

local function read(loaded, ...)
  local given = { views = {} }
  local words = { ... }
  local position = options.read(words, 1, { options.common, loaded.options }, given)
  return report.arguments(loaded, given), position, given
end

check.test("what a report lacks or has too much is said", function()
  check.error(function() report.accept("r.lua", { run = print }) end, "r.lua: 'help' is missing")
  check.error(function() accept { needs = "profile" } end, "'needs' is string (want table)")
  check.error(function() accept { needs = { "profil" } } end,
    "unknown collector 'profil' (did you mean 'profile'?)")
  check.error(function() accept { want = {} } end, "unknown field 'want' (did you mean 'wants'?)")
  check.error(function() accept { args = { rate = 5 } } end,
    "'rate' is the name of a common option")
  check.error(function() accept { args = { x = { 1, typ = "number" } } } end,
    "args.x: unknown key 'typ' (did you mean 'type'?)")
  check.error(function() accept { args = { x = { type = "numbr" } } } end,
    "unknown type 'numbr' (did you mean 'number'?)")
  check.error(function() accept { args = { x = { 1, help = 3 } } } end,
    "args.x: 'help' is number (want string)")
  check.error(function() accept { args = { x = { "a", choice = "a" } } } end,
    "args.x: 'choice' is string (want table)")
  check.error(function() accept { args = { x = { "c", choice = { "a", "b" } } } } end,
    "args.x: the default 'c' is none of its choice")
end)

check.test("arguments have the types of their defaults", function()
  local loaded = accept { args = { count = 3, part = 0.5, name = "a", fast = false, all = true,
    exclude = {}, pick = { "b", choice = { "a", "b" } } } }
  local args = read(loaded)
  check.equal(args, { count = 3, part = 0.5, name = "a", fast = false, all = true, exclude = {},
    pick = "b" })
  args = read(loaded, "--count", "7", "--part=20%", "--name", "x y", "--fast", "--no-all",
    "--exclude", "f", "--exclude", "g", "--pick", "a")
  check.equal(args, { count = 7, part = 0.2, name = "x y", fast = true, all = false,
    exclude = { "f", "g" }, pick = "a" })
  check.error(function() read(loaded, "--count", "2.5") end, "'2.5' is not a whole number")
  check.error(function() read(loaded, "--part", "0x10") end, "'0x10' is not a number")
  check.error(function() read(loaded, "--pick", "c") end, "(one of: a, b)")
  check.error(function() read(loaded, "--no-count") end, "unknown option '--no-count'")
  check.error(function() read(loaded, "--fast=1") end, "--fast: takes no value")
end)

check.test("a required argument is missed", function()
  local loaded = accept { args = { function_name = { type = "string", required = true } } }
  check.error(function() read(loaded) end, "r.lua: --function-name STRING is missing")
  check.equal(read(loaded, "--function-name", "f").function_name, "f")
end)

check.test("views are kept in their order; the target's words are left", function()
  local _, position, given = read(accept {}, "--where", "a", "--fold", "b", "--where", "c",
    "--rate", "50", "-m", "module", "--rate")
  check.equal(given.views, { { name = "where", value = "a" }, { name = "fold", value = "b" },
    { name = "where", value = "c" } })
  check.equal(given.rate, 50)
  check.equal(position, 9)
end)

check.test("every argument stands in the report's help", function()
  local text = report.describe(accept { args = { limit = 20, max_share = { 0.2,
    help = "the most that is fine" } } })
  check.truthy(text:find("%-%-limit INTEGER +at most so many rows %(20%)"), text)
  check.truthy(text:find("%-%-max%-share NUMBER +the most that is fine %(0%.2%)"), text)
end)

check.finish()
