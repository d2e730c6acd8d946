-- dump.lua LIST: reads each recording that LIST names (a line each: the path, a tab, the metric or
-- nothing) and prints its contents as a line of JSON. Numbers are written exactly.
local pyprof = require "pyprof"
local cjson = require "cjson"

local function exact(number)
  return math.type(number) == "integer" and tostring(number) or ("%a"):format(number)
end

local function frame_of(row)
  return { row.name, row.file, row.line or 0 }
end

local function stacks_of(profile)
  local stacks = {}
  for i, row in ipairs(profile:stacks { by = "line" }) do
    local frames = {}
    for k, frame in ipairs(row.frames) do frames[k] = frame_of(frame) end
    stacks[i] = { frames = frames, samples = row.samples, weight = exact(row.weight) }
  end
  return stacks
end

local function runs_of(profile)
  local runs = {}
  if not profile.from then return runs end
  for i, row in ipairs(profile:runs { by = "line" }) do
    runs[i] = { frame = frame_of(row), from = exact(row.from) }
  end
  return runs
end

local function dump(path, metric)
  local p, message = pyprof.load(path, { metric = metric })
  if not p then return { error = message } end
  local threads = {}
  for i, row in ipairs(p:threads()) do
    threads[i] = { name = row.name, id = row.id, pid = row.pid, command = row.command,
      samples = row.samples, weight = exact(row.weight) }
  end
  return {
    samples = p.samples, empty = p.empty_samples, weight = exact(p.weight),
    metric = p.metric, metrics = p.metrics, rate = exact(p.rate or 0), has_time = p.from ~= nil,
    quality = p.quality, stacks = stacks_of(p), threads = threads, runs = runs_of(p),
  }
end

for line in io.lines((...)) do
  local path, metric = line:match("^([^\t]*)\t?(.*)$")
  print(cjson.encode(dump(path, metric ~= "" and metric or nil)))
end
