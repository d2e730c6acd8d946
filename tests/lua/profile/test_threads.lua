-- Threads that a profiler sees while they are being made.
local check = dofile("tests/lua/check.lua")
local cjson = require "cjson"
local export = require "pyprof.export"
local profile = require "pyprof.profile"

local function thread(name, samples)
  local weights = {}
  for i in ipairs(samples) do weights[i] = 1 end
  return { type = "sampled", name = name, unit = "seconds", startValue = 0, endValue = #samples,
    samples = samples, weights = weights }
end

local function load(threads)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  local text = cjson.encode {
    ["$schema"] = "https://www.speedscope.app/file-format-schema.json", exporter = "py-spy@0.4.3",
    shared = { frames = { { name = "f", file = "a.py", line = 1 } } }, profiles = threads,
  }
  file:write((text:gsub("{}", "[]")))
  file:close()
  local p = assert(profile.load(path))
  os.remove(path)
  return p
end

check.test("a thread of number 0 is shown only with samples", function()
  local p = load { thread('Thread 7 "main"', { { 0 }, {} }), thread('Thread 0 ""', { {}, {} }),
    thread('Thread 8 "idle"', { {} }) }
  local ids = {}
  for i, row in ipairs(p:threads { sort = "-id" }) do ids[i] = row.id end
  check.equal(ids, { 7, 8 })
  check.equal(#p:split(), 2)
  check.equal(#p:split { stacks = "line" }, 2)
  check.equal(#p:split { runs = "stack" }, 2)
  check.equal(p.samples, 1)
  check.equal(#load { thread('Thread 0 ""', { { 0 } }) }:threads(), 1)
  check.truthy(not cjson.encode(export.encode(p, "speedscope", "x")):find("Thread 0", 1, true))
end)

check.finish()
