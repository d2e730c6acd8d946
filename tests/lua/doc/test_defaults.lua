-- Each default that a page or an annotation states is the one that the code has.
local check = dofile("tests/lua/check.lua")
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"
local program = require "pyprof.collect.pyspy.program"
local pyprof = require "pyprof"
local sandbox = require "pyprof.command.sandbox"

local p = assert(pyprof.load("tests/data/sample.speedscope.json.gz"))
local calculator = assert(pyprof.load("tests/data/calculator.speedscope.json"))

local function same(rows, others)
  if #rows ~= #others then return false end
  for i, row in ipairs(rows) do
    for field, value in pairs(row) do
      if type(value) ~= "table" and others[i][field] ~= value then return false end
    end
  end
  return true
end

-- Does the code behave with the number as it does without one, and otherwise with another number?
local by_name = {
  min_share = function(number)
    return same(p:tree(), p:tree { min_share = number }) and
      not same(p:tree(), p:tree { min_share = number + 0.01 })
  end,
  buckets = function(number) return #p:timeline() == number end,
  floor = function(number)
    local function certain(floor)
      return pyprof.diff(calculator, p, { floor = floor, certain = true })
    end
    return same(certain(), certain(number)) and not same(certain(), certain(number + 0.05))
  end,
  rate = function(number)
    local file <close> = assert(process.memory_file())
    local words = table.concat(program.words("py-spy", {}, false, file), " ")
    return words:find(("-r %d "):format(number), 1, true) ~= nil or
      words:find(("-r %d$"):format(number)) ~= nil
  end,
}

-- "functions (0: no function is selected)" and "threads (1 to 64)" tell what a value means.
local meanings = { functions = true, threads = true }

-- "`name` (0.02" or "name (60)" in an annotation; calls of a method are none.
local function stated(text, found, where)
  for name, number in text:gmatch("`%-*([%a_]+) ?%u*`[^%(\n]*%((%d[%d.]*)[;:,)]") do
    if not meanings[name] then found[#found + 1] = { where, name, tonumber(number) } end
  end
  for line in text:gmatch("%-%-%-@param query ([^\n]*)") do
    for name, number in line:gmatch("([%a_]+) %((%d[%d.]*)%)") do
      if not meanings[name] then found[#found + 1] = { where, name, tonumber(number) } end
    end
  end
end

local function text_of(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

check.test("the defaults of options and queries are as stated", function()
  local found, seen = {}, {}
  for _, path in ipairs(embedded.names "lua/pyprof/") do
    if path:find("%.md$") or path:find("/init%.lua$") or path:find("/profile/") then
      stated(text_of(path), found, path)
    end
  end
  for _, it in ipairs(found) do
    local where, name, number = table.unpack(it)
    seen[name] = true
    check.truthy(by_name[name], ("%s: nothing holds the default of %s here"):format(where, name))
    check.truthy(by_name[name](number), ("%s: %s is not %s"):format(where, name, number))
  end
  for name in pairs(by_name) do check.truthy(seen[name], "no page states " .. name) end
end)

check.test("limits and colours are as stated", function()
  local text = text_of("lua/pyprof/doc/pages/sandbox.md")
  local seconds, size = text:match("use (%d+) s of processor time and (%d+) MiB")
  check.equal({ tonumber(seconds), tonumber(size) << 20 }, { sandbox.seconds, sandbox.bytes })
  text = text_of("lua/pyprof/doc/pages/running.md")
  check.equal(tonumber(text:match("%(100; 1 to (%d+)%)")), program.max_rate)
  text = text_of("lua/pyprof/doc/pages/config.md")
  local hot, warm = text:match("`hot` %(shares from (%d+) %%%), `warm` %(from (%d+) %%%)")
  local code = text_of("lua/pyprof/render/text.lua")
  local of_code = table.pack(code:match("local hot, warm = ([%d.]+), ([%d.]+)"))
  check.equal({ hot / 100, warm / 100 }, { tonumber(of_code[1]), tonumber(of_code[2]) })
end)

check.finish()
