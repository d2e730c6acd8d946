-- speedscope.lua - each thread's distinct stacks as a recording, for speedscope.app and others.
local pyprof = require "pyprof"

local function profile_of(thread, unit, number)
  local samples, weights = pyprof.array {}, pyprof.array {}
  for i, row in ipairs(thread.stacks) do
    samples[i], weights[i] = pyprof.array {}, row.weight
    for depth, frame in ipairs(row.frames) do
      local key = ("%s\0%s\0%d"):format(frame.name, frame.file, frame.line)
      samples[i][depth] = number(key, frame) - 1
    end
  end
  return {
    type = "sampled", name = ("Thread %d \"%s\""):format(thread.id or 0, thread.name),
    unit = unit, startValue = 0, endValue = thread.weight,
    samples = samples, weights = weights,
  }
end

return {
  help = "A speedscope recording: each thread's distinct stacks, heaviest first, without time",
  needs = { "profile" },
  run = function(subject)
    local frames, profiles = pyprof.array {}, pyprof.array {}
    local number = pyprof.numbering(function(i, frame)
      frames[i] = { name = frame.name, file = frame.file ~= "" and frame.file or nil,
        line = frame.line > 0 and frame.line or nil }
    end)
    local unit = subject.profile.unit
    for i, thread in ipairs(subject.profile:split { stacks = "line" }) do
      profiles[i] = profile_of(thread, unit, number)
    end
    return { object = {
      ["$schema"] = "https://www.speedscope.app/file-format-schema.json",
      exporter = "pyprof-lua@" .. pyprof.version, name = subject.target.name,
      shared = { frames = frames }, profiles = profiles,
    } }
  end,
}
