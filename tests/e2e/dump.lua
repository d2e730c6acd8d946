-- dump.lua LIST: what the core makes of each recording that LIST names (a line each: the path,
-- a tab, the metric or nothing), as one line of JSON each. Numbers are written exactly.
local core = require "pyprof.core.profile"
local cjson = require "cjson"

local function exact(number)
  return math.type(number) == "integer" and tostring(number) or ("%a"):format(number)
end

local function stacks_of(profile, frames)
  local groups = {}
  for i = 1, #frames do groups[i] = i end
  local calls = assert(profile:calls(groups, #frames))
  local numbers, samples, weights = calls:leaves()
  local stacks = {}
  for i, number in ipairs(numbers) do
    local path = calls:path(number)
    for k, group in ipairs(path) do path[k] = frames[group] end
    stacks[i] = { frames = path, samples = samples[i], weight = exact(weights[i]) }
  end
  local runs = {}
  if profile:info().rate or profile:info().from then
    for i, run in ipairs(assert(profile:runs(groups, #frames, calls))) do
      local path = calls:path(run.key)
      for k, group in ipairs(path) do path[k] = frames[group] end
      runs[i] = { thread = run.thread, frames = path, samples = run.samples,
                  weight = exact(run.weight), from = exact(run.from) }
    end
  end
  return stacks, runs
end

local function dump(path, metric)
  local profile, message = core.load({ path }, { metric = metric }, nil)
  if not profile then return { error = message } end
  local names, files, lines = profile:frames()
  local frames = {}
  for i = 1, #names do frames[i] = { names[i], files[i], lines[i] or 0 } end
  local info = profile:info()
  local threads = profile:threads()
  for _, thread in ipairs(threads) do thread.weight = exact(thread.weight) end
  local stacks, runs = stacks_of(profile, frames)
  profile:close()
  return {
    samples = info.samples, empty = info.empty_samples, weight = exact(info.weight),
    metric = info.metric, metrics = info.metrics, rate = exact(info.rate or 0),
    has_time = info.from ~= nil, quality = info.quality,
    stacks = stacks, threads = threads, runs = runs,
  }
end

for line in io.lines((...)) do
  local path, metric = line:match("^([^\t]*)\t?(.*)$")
  print(cjson.encode(dump(path, metric ~= "" and metric or nil)))
end
