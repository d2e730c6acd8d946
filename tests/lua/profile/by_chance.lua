-- by_chance.lua - random recordings, and a simple, slow implementation of views and rows to compare
-- the real one with. Weights are whole multiples of 1/1024, so their sums are exact.
local M = {}

local function file_of(i)
  return ({ "/srv/app/main.py", "/srv/app/util.py", "/usr/lib/python3.11/json/decoder.py",
    "/venv/lib/python3.11/site-packages/sympy/core/add.py", "" })[i]
end

--- A model: { frames = { { name, file, line } }, threads = { { name, samples = { { stack =
--- { frame number … }, weight } } } }, unit }
function M.random(random, options)
  local model = { frames = {}, threads = {}, unit = options.unit or "seconds" }
  for i = 1, 12 do
    model.frames[i] = {
      name = ({ "a", "b", "A.c", "d", "<module>" })[random(5)], file = file_of(random(5)),
      line = random(4) * 10,
    }
  end
  for t = 1, random(3) do
    local thread = { name = "worker", id = 100 + t, samples = {} }
    local stack, weight = {}, 1 / 64
    for i = 1, random(60) do
      if random(3) > 1 or #stack == 0 then
        stack = {}
        for k = 1, random(0, 6) do stack[k] = random(#model.frames) end
      end
      if options.mixed then weight = random(0, 5000) / 1024 end
      thread.samples[i] = { stack = stack, weight = weight }
    end
    model.threads[t] = thread
  end
  return model
end

local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

--- Writes the model as speedscope JSON.
function M.json(model)
  local frames, profiles = {}, {}
  for i, frame in ipairs(model.frames) do
    frames[i] = ('{"name":%s,"file":%s,"line":%d}'):format(quote(frame.name), quote(frame.file),
      frame.line)
  end
  for t, thread in ipairs(model.threads) do
    local samples, weights = {}, {}
    for i, sample in ipairs(thread.samples) do
      local stack = {}
      for k, number in ipairs(sample.stack) do stack[k] = number - 1 end
      samples[i] = "[" .. table.concat(stack, ",") .. "]"
      weights[i] = ("%.17g"):format(sample.weight)
    end
    profiles[t] = ('{"type":"sampled","name":%s,"unit":"%s","startValue":0,"endValue":0,' ..
      '"samples":[%s],"weights":[%s]}'):format(quote(('Thread %d "%s"'):format(thread.id,
      thread.name)), model.unit, table.concat(samples, ","), table.concat(weights, ","))
  end
  return ('{"$schema":"https://www.speedscope.app/file-format-schema.json",' ..
    '"shared":{"frames":[%s]},"profiles":[%s],"exporter":"py-spy@0.4.3"}'):format(
    table.concat(frames, ","), table.concat(profiles, ","))
end

--- Loads the text of a recording.
function M.load(text, options)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local profile, message = require("pyprof.profile").load(path, options or {})
  os.remove(path)
  return profile or error(message, 2)
end

-- --- the simple implementation

--- A flat list of samples: { stack = { frame … }, weight, thread, from }; stack is nil if a view
--- leaves the sample out.
function M.samples(model)
  local list = {}
  for _, thread in ipairs(model.threads) do
    local now = 0
    for _, sample in ipairs(thread.samples) do
      local stack = {}
      for k, number in ipairs(sample.stack) do stack[k] = model.frames[number] end
      list[#list + 1] = { stack = stack, weight = sample.weight, thread = thread, from = now }
      now = now + sample.weight
    end
  end
  return list
end

--- A view: change(stack, sample) → the new stack, or nil to leave the sample out.
function M.view(samples, change)
  local list = {}
  for _, sample in ipairs(samples) do
    local stack = change(sample.stack, sample)
    if stack then
      list[#list + 1] = { stack = stack, weight = sample.weight, thread = sample.thread,
        from = sample.from }
    end
  end
  return list
end

--- samples, weight
function M.whole(samples)
  local count, weight = 0, 0
  for _, sample in ipairs(samples) do
    if #sample.stack > 0 then count, weight = count + 1, weight + sample.weight end
  end
  return count, weight
end

--- Sums by a key of each frame: { self, total, self_weight, total_weight, line }.
function M.totals(samples, key)
  local rows = {}
  for _, sample in ipairs(samples) do
    local seen = {}
    for depth, frame in ipairs(sample.stack) do
      local name = key(frame)
      if name ~= nil then
        local row = rows[name] or
          { self = 0, total = 0, self_weight = 0.0, total_weight = 0.0, line = math.huge }
        rows[name] = row
        row.line = math.min(row.line, frame.line)
        if not seen[name] then
          seen[name] = true
          row.total, row.total_weight = row.total + 1, row.total_weight + sample.weight
        end
        if depth == #sample.stack then
          row.self, row.self_weight = row.self + 1, row.self_weight + sample.weight
        end
      end
    end
  end
  return rows
end

function M.function_key(frame)
  return frame.file .. "|" .. frame.name
end

return M
