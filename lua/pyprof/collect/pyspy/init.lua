-- collect/pyspy/init.lua - the profile of a program, by py-spy.
--
-- We start the target and hold it at a gate; py-spy attaches to it; the gate opens when py-spy
-- samples. A target that cannot be held is started at once, and py-spy attaches as soon as there is
-- a Python. If py-spy started the target, it would lose exit statuses, kill programs that trap ^C
-- and mix its lines into the output.
local files = require "pyprof.collect.pyspy.files"
local gate = require "pyprof.collect.pyspy.gate"
local program = require "pyprof.collect.pyspy.program"
local record = require "pyprof.collect.pyspy.record"
local recorder = require "pyprof.collect.pyspy.recorder"
local process = require "pyprof.core.process"
local changes_of = require("pyprof.target.process").changes

local M = {}

M.load = require("pyprof.profile").load

--- Can py-spy profile the target with these options? It would panic or hang on some of them.
---@param target pyprof.Target
---@param args table
---@return true|nil
---@return string|nil why
function M.gives(target, args)
  if target.kind ~= "program" and target.kind ~= "pid" then
    return nil, ("%s: nothing to profile there (name a script, or -m with a module)")
      :format(target.name)
  end
  local rate, duration = args.rate or 100, args.duration
  if math.type(math.tointeger(rate)) ~= "integer" or rate < 1 or rate > program.max_rate then
    return nil, ("--rate: %s is not a whole number from 1 to %d"):format(rate, program.max_rate)
  end
  if duration and not (duration > 0 and duration <= 1e7) then
    return nil, ("--duration: %s is not a number of seconds above 0, up to 10000000")
      :format(duration)
  end
  if args.native and args.nonblocking then
    return nil, "--native, --nonblocking: not together (py-spy must pause to see native frames)"
  end
  return true
end

-- A recording that py-spy left broken is skipped if another one is good.
local function load_recordings(paths, recording)
  local profile, message = M.load(table.unpack(paths))
  if profile then return profile end
  local good = {}
  for _, path in ipairs(#paths > 1 and paths or {}) do
    if M.load(path) then good[#good + 1] = path end
  end
  message = message:gsub("^/proc/self/fd/%d+: ", "")
  if #good == 0 then return nil, "py-spy: its recording is broken: " .. message end
  recording:note("py-spy left %d of %d recordings broken: %s", #paths - #good, #paths, message)
  return M.load(table.unpack(good))
end

-- Starts the target, held if possible; the third result says how.
local function start(target, args, py_spy, directory, env)
  local options = { duration = args.duration, progress = args.progress, env = changes_of(env) }
  -- What rides on the run also looks into child processes.
  local how = { holds = false, subprocesses = args.subprocesses or next(env) ~= nil }
  if target.kind == "pid" then
    local launch, message = target.launch(options)
    return launch, message, how
  end
  local python, message
  python, how.holds = gate.judge(target)
  -- Any other command most likely runs Python as a child.
  how.subprocesses = how.subprocesses or not python
  if how.holds then
    options.gate = gate.variable
    local changes
    changes, message = gate.make(directory, env.PYTHONPATH)
    if not changes then return nil, message end
    env.PYTHONPATH = nil
    options.env = table.move(changes_of(env), 1, 100, #changes + 1, changes)
  end
  if how.subprocesses and program.confined() then
    how.helper_file, message = process.memory_file()
    if not how.helper_file then return nil, message end
    options.helper = program.start(py_spy, args, true, how.helper_file, "PID")
  end
  local launch
  launch, message = target.launch(options)
  return launch, message, how
end

-- Runs the target; stores in `run` how that went.
local function run_target(target, args, py_spy, directory, env, run)
  local started, message, how = start(target, args, py_spy, directory, env)
  if not started then return nil, message end
  local launch <close> = started
  local recording = recorder.new(launch, target, args, py_spy, how)
  local begun = record.begun(target, args, how)
  recording:work()
  run.quality, run.notes = recording.quality, recording.quality.notes
  if not recording.unbegun then
    run.exit = launch:exit()
    run.exit.sampling = recording:figures()
  end
  run.tools = { python = recording.python }
  if recording.failure then return nil, recording.failure end
  if #recording.files == 0 then
    recording.files[1], message = files.nothing()
    if #recording.files == 0 then return nil, message end
  end
  return recording, begun
end

-- Completes, saves and loads the recordings. A note that loading adds is for their records, too.
local function finish(recording, begun, args, run)
  local paths, notes = {}, recording.quality.notes
  local last, profile, message, known
  for i, file in ipairs(recording.files) do paths[i] = file:path() end
  repeat
    known = #notes
    for i, file in ipairs(recording.files) do
      record.write(file, begun, run, recording.times[i])
    end
    -- The profile is shown even if saving fails.
    if args.save then last, run.unsaved = files.save(paths, args.save) end
    profile, message = load_recordings(paths, recording)
    if profile and profile.samples == 0 and #notes == 0 then
      recording:note("no samples: it was never seen running (try a higher --rate, up to %d%s)",
        program.max_rate, args.idle and "" or ", or --idle")
    end
  until #notes == known or not profile
  if #paths > 1 and last then
    recording:note("the run has %d recordings, the last is %s", #paths, last)
  end
  return profile, message
end

--- Runs the target under py-spy.
---@param target pyprof.Running
---@param args table       the common options' values
---@param directory string a private one
---@param env table<string, string|false>|nil   changes of environment
---@return pyprof.Profile|nil
---@return string|nil message
---@return pyprof.Run run  how that went, also if there is no profile
function M.collect(target, args, directory, env)
  local run = {}
  local py_spy, message = program.find(args.py_spy)
  if not py_spy then return nil, message, run end
  local good, recording, begun
  good, message = files.check(args.save)
  if not good then return nil, message, run end
  recording, begun = run_target(target, args, py_spy, directory, env or {}, run)
  if not recording then return nil, begun, run end
  local profile
  profile, message = finish(recording, begun, args, run)
  if profile then profile.exit = run.exit end
  return profile, message, run
end

return M
