-- The result of a sandbox: plain values come out as they went in, and any bytes that a report could
-- send are plain values or an error.
local check = dofile("tests/lua/check.lua")
local plain = require "pyprof.base.plain"
local render = require "pyprof.render"
local to_sections = require("pyprof.render.sections").of
local json = require "pyprof.base.json"
local scalars = require "pyprof.base.scalar"
local result = require "pyprof.command.sandbox_result"

local function same(value)
  check.equal(json.text_of(plain.decode(plain.encode(value))), json.text_of(value))
end

check.test("plain values come out as they went in", function()
  for _, value in ipairs { 0, -1, 1.5, math.maxinteger, math.mininteger, 0.1, "", "a\0b\xff", true,
    false, { 1, 2, { x = "y" } }, scalars.array {}, scalars.array { 1 }, { a = scalars.null } } do
    same(value)
  end
  check.equal(plain.decode(plain.encode(nil)), nil)
  check.equal(math.type(plain.decode(plain.encode(1.0))), "float")
  check.equal(plain.decode(plain.encode(1 / 0)), 1 / 0)
end)

check.test("a function is an error, or one that does nothing", function()
  check.error(function() plain.encode { print } end, "JSON has no function")
  local bytes = plain.encode({ print }, function() return "c" end)
  check.equal(plain.decode(bytes)[1](1, 2), nil)
end)

check.test("a table that holds itself is an error", function()
  local loop = {}
  loop.loop = loop
  check.error(function() plain.encode(loop) end, "holds itself")
  check.error(function() plain.decode(("{t"):rep(1000)) end, "holds itself")
end)

check.test("bytes that are no value are an error", function()
  for _, bytes in ipairs { "", "x", "{", "{t", "{nt}", "tt", "s\255\255\255\255a", "i", "}",
    "{d" .. string.pack("<d", 0 / 0) .. "t}" } do
    check.equal(pcall(plain.decode, bytes), false, bytes)
  end
end)

-- The bytes that a sandbox sends for a report's results.
local function sent(results, by_field)
  local parts = {}
  local sections = to_sections(table.pack(table.unpack(results)), {}, "r.lua", "none")
  result.send(sections, "none", by_field, function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end)
  return table.concat(parts)
end

local function received(bytes, limit)
  local from = 1
  return result.receive(function() -- a few bytes at a time, as a pipe may give them
    local some = bytes:sub(from, from + 6)
    from = from + 7
    return some ~= "" and some or nil
  end, function(message) error({ refused = message }, 0) end, limit or 1 << 20)
end

local function rendered(sections, format)
  local parts = {}
  render.render(format, sections, function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = tostring(part) end
  end, { unit = "none", width = 80, notes = {}, sandbox = true })
  return table.concat(parts)
end

local everything = {
  { title = "T", head = "h", tail = "t",
    columns = { "rank", "name", { "share", format = "percent" }, "file:line" },
    rows = { { name = "a\27", share = 0.5, file = "x.py", line = 3 },
    { name = "b", share = 0.25, file = "y.py", line = 4 } } },
  { rows = { { depth = 0, name = "r" }, { depth = 1, name = "s" } }, columns = { "tree" } },
  { line = "{rank}. {name}: {n}", rows = { { name = "q", n = 1 } } },
  { object = { list = scalars.array {}, deep = { { 1, 2 } } }, title = "O" },
  { rows = {} }, "text", { verdict = "unsure", because = "so" },
}

check.test("a result is rendered the same outside", function()
  for _, format in ipairs { "text", "json", "markdown", "csv", "ndjson" } do
    local sections = to_sections(table.pack(table.unpack(everything)), {}, "r.lua", "none")
    local out = received(sent(everything, render.by_field[format] or false))
    check.equal(rendered(out, format), rendered(sections, format), format)
  end
end)

check.test("a result has a size", function()
  local rows = {}
  for i = 1, 1000 do rows[i] = { a = {} } end
  local bytes = sent({ rows }, true)
  received(bytes, 200000)
  local _, message = pcall(received, bytes, 100000)
  check.equal(message.refused, "gave more than 0 MiB (a sandbox's limit)")
end)

check.test("bytes that somebody changed are a result or refused", function()
  math.randomseed(7)
  local refusals, results = 0, 0
  for _, by_field in ipairs { false, true } do
    local bytes = sent(everything, by_field)
    for _ = 1, 4000 do
      local at, changed = math.random(#bytes), bytes
      for _ = 1, math.random(3) do
        local byte = string.char(math.random(4) == 1 and math.random(0, 255) or
          ("{[}nt0fcids\0\1"):byte(math.random(13)))
        changed = changed:sub(1, at - 1) .. byte .. changed:sub(at + math.random(0, 2))
        at = math.random(#changed)
      end
      local good, value, fields = pcall(received, changed)
      if good then
        results = results + 1
        for _, format in ipairs(fields and { "json", "csv", "ndjson" } or { "text", "markdown" }) do
          local fine, message = pcall(rendered, value, format)
          -- JSON has no infinity, and csv no place for a result without a table.
          check.truthy(fine or tostring(message):find("JSON") or tostring(message):find("no table"),
            tostring(message))
        end
      else
        refusals = refusals + 1
        check.truthy(type(value) == "table" and value.refused, tostring(value))
      end
    end
  end
  check.truthy(refusals > 1000 and results > 100, refusals .. " " .. results)
end)

check.finish()
