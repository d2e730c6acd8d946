-- collect.lua RESULT OPTIONS WORD…: the py-spy collector alone, for tests that look at the
-- recordings themselves. It writes RESULT as JSON: exit, quality, message, kind and the recordings'
-- texts. OPTIONS are fields of a Lua table ("rate = 1000, pid = 7"). yama = N pretends that Yama's
-- ptrace_scope is N; confined = true pretends that nobody privileged is under scope 1. A target has
-- pause = SECONDS to end when asked to, py-spy has limit = SECONDS for each step. The file
-- RESULT.sampling appears when py-spy samples.
local cjson = require "cjson"
local pyspy = require "pyprof.collect.pyspy"
local launches = require "pyprof.target.launch"
local target_module = require "pyprof.target"

local words = { ... }
local path, options = words[1], assert(load("return {" .. words[2] .. "}"))()

function pyspy.load(...)
  local texts = {}
  for i, name in ipairs { ... } do
    local file = assert(io.open(name, "rb"))
    texts[i] = file:read("a")
    file:close()
  end
  return { texts = texts }
end

local yama, confined, pause, limit =
  options.yama, options.confined, options.pause, options.limit
options.yama, options.confined, options.pause, options.limit = nil, nil, nil, nil
local program = require "pyprof.collect.pyspy.program"
if yama then program.yama_scope = function() return yama end end
if confined then program.confined = function() return true end end
if pause then launches.limits.pause = pause end
if limit then
  local limits = require("pyprof.collect.pyspy.recorder").limits
  limits.attach, limits.stall = limit, limit
end
local Recorder = require("pyprof.collect.pyspy.recorder").Recorder
local begun = Recorder.begun
function Recorder:begun()
  begun(self)
  assert(io.open(path .. ".sampling", "w")):close()
end
local target = target_module.new(table.move(words, 3, #words, 1, {}), options)
local profile, message, kind, run
local good, why = pyspy.gives(target, options)
if good then
  local directory <close> = assert(require("pyprof.core.process").directory())
  local running = setmetatable({
    launch = function(start) return launches.start(target, start) end,
  }, { __index = target })
  profile, message, run = pyspy.collect(running, options, directory:path())
else
  message, kind, run = why, "usage", {}
end
if run.quality and #run.quality.notes == 0 then run.quality.notes = nil end
local file = assert(io.open(path, "wb"))
file:write(cjson.encode {
  exit = run.exit, quality = run.quality, message = message, kind = kind,
  recordings = profile and profile.texts,
})
file:close()
os.exit(run.exit and run.exit.status or 0, true)
