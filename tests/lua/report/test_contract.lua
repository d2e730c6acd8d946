-- The fields of a report's table, and its arguments on the command line.
local check = dofile("tests/lua/check.lua")
local options = require "pyprof.options"
local arguments = require "pyprof.options.arguments"
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
  return arguments.values(loaded, given), position, given
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

check.test("columns and lists are checked when the report is loaded", function()
  check.error(function() accept { columns = { "name", { "self", fromat = "count" } } } end,
    "r.lua: columns[2]: unknown key 'fromat' (did you mean 'format'?)")
  check.error(function() accept { columns = { { "self", format = "cuont" } } } end,
    "r.lua: columns[1]: unknown format 'cuont' (did you mean 'count'?)")
  check.error(function() accept { columns = { 3 } } end, "r.lua: columns[1]: want a name")
  check.error(function() accept { columns = { name = "x" } } end,
    "r.lua: columns: 'name' has no place in a list")
  check.error(function() accept { needs = { profile = true } } end,
    "r.lua: needs: 'profile' has no place in a list")
  local text = "return {\n  help = 'x',\n  columns = { 'a', { 'b', hed = 'c' } },\n}"
  check.error(function()
    report.accept("r.lua", { help = "x", run = print, columns = { "a", { "b", hed = "c" } } }, text)
  end, "r.lua:3: columns[2]: unknown key 'hed' (did you mean 'head'?)")
end)

check.test("a default has its argument's type", function()
  check.error(function() accept { args = { limit = "x" } } end,
    "args.limit: the default 'x' is string (want integer)")
  check.error(function() accept { args = { limit = 2.5 } } end,
    "args.limit: the default '2.5' is float (want integer)")
  check.error(function() accept { args = { n = { { "a" }, type = "number", many = true } } } end,
    "args.n: the default 'a' is string (want number)")
end)

check.test("every name of a common option is refused", function()
  for name in pairs(options.reserved()) do
    check.error(function() accept { args = { [name:gsub("-", "_")] = 1 } } end,
      "is the name of a common option")
  end
  for _, name in ipairs { "output", "format", "where", "from", "with", "py-spy", "eval", "copy" } do
    check.truthy(options.reserved()[name], name)
  end
end)

check.test("many gives a list, with none given an empty one", function()
  local loaded = accept { args = { word = { type = "string", many = true }, include = {},
    part = { type = "number", many = true, choice = { 0.5, 1 } } } }
  check.equal(read(loaded), { word = {}, part = {} })
  check.equal(read(loaded, "--word", "a", "--part", "50%", "--word=b", "--include", "f"),
    { word = { "a", "b" }, part = { 0.5 }, include = { "f" } })
  check.error(function() read(loaded, "--part", "2") end,
    "--part: unknown value '2'")
  check.equal(read(accept { args = { exclude = "origin:library" } }),
    { exclude = "origin:library" })
end)

check.test("a selector is checked as an option, before anything is started", function()
  local loaded = accept { args = { exclude = {}, ["function"] = { type = "selector" } } }
  check.error(function() read(loaded, "--exclude", "fiel:x") end,
    "--exclude: selector 'fiel:x': unknown field 'fiel' (did you mean 'file'?)")
  check.error(function() read(loaded, "--function", "file:(") end, "--function: selector 'file:('")
  check.equal(read(loaded, "--function", "json.loads")["function"], "json.loads")
end)

local function file_of(text)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

check.test("recording, file and lua become what they name, defaults as well", function()
  local folded, limits = file_of("a;b 3\n"), file_of("return { 1, 2 }")
  local loaded = accept { args = { before = { type = "recording" }, path = { type = "file" },
    limits = { limits, type = "lua" } } }
  local args = read(loaded, "--before", folded, "--path", folded)
  check.equal({ args.before.samples, args.path, args.limits }, { 3, folded, { 1, 2 } })
  check.error(function() read(loaded, "--before", "/nosuch") end, "--before: /nosuch: No such file")
  check.error(function() read(loaded, "--path", "/nosuch") end, "--path: /nosuch: No such file")
  local wrong = file_of("return nil")
  check.error(function() read(loaded, "--limits", wrong) end, "returns nothing")
  for _, path in ipairs { folded, limits, wrong } do os.remove(path) end
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
  check.error(function() read(loaded, "--all=false") end, "(--no-all turns it off)")
  check.error(function() return args.cuont end,
    "test_contract.lua:%d+: unknown argument 'cuont' %(did you mean 'count'%?%)")
end)

check.test("--help says what may be given", function()
  local text = report.describe(accept { args = { all = { true, help = "every one" },
    pick = { "b", choice = { "a", "b" } }, first = { required = true, help = "of two" },
    exclude = {}, count = 3 } })
  for _, line in ipairs { "  --[no-]all              every one (on)\n",
    "  --count INTEGER         (3)\n", "  --first STRING          of two (required)\n",
    "  --pick STRING           (a, b; default b)\n",
    "  --exclude SELECTOR      not these rows (may be repeated)\n" } do
    check.truthy(text:find(line, 1, true), text)
  end
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
  check.truthy(text:find("%-%-limit INTEGER +at most so many rows, or all %(20%)"), text)
  check.truthy(text:find("%-%-max%-share NUMBER +the most that is fine %(0%.2%)"), text)
end)

check.finish()
