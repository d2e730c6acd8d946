-- pyspy.lua - the profile of a program, by py-spy, so that the truth survives.
--
-- We start the target and hold it at a gate; py-spy attaches to it; the gate opens when py-spy
-- samples. What cannot be held is started at once and attached to as soon as there is a Python.
-- py-spy alone loses exit statuses, kills what traps ^C and mixes its lines into the output.
local gate = require "pyprof.gate"
local launch_module = require "pyprof.launch"
local process = require "pyprof.core.process"
local recorder = require "pyprof.recorder"
local sys = require "pyprof.core.sys"
local target_module = require "pyprof.target"

local M = {}

M.help = "Profile by py-spy"
M.args = {
  rate = 100, duration = { type = "number" }, idle = false, gil = false, native = false,
  subprocesses = false, nonblocking = false, full_filenames = false,
}

M.load = function(...) return require("pyprof.profile").load(...) end
M.module_paths = function(target) return require("pyprof.module").paths(target) end

local max_rate = 10000

--- Checks what py-spy itself would panic or hang on.
---@param args table
---@return true|nil
---@return string|nil message
function M.check(args)
  local rate, duration = args.rate or 100, args.duration
  if math.type(math.tointeger(rate)) ~= "integer" or rate < 1 or rate > max_rate then
    return nil, ("--rate: %s is not a whole number from 1 to %d"):format(rate, max_rate)
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

--- The py-spy to use.
---@param wanted string|nil  --py-spy
---@return string|nil path
---@return string|nil message
function M.find(wanted)
  local name, origin = wanted, "--py-spy"
  if not name then name, origin = os.getenv "PYPROF_PY_SPY", "$PYPROF_PY_SPY" end
  if name and name ~= "" then
    local path = target_module.which(name)
    if path then return path end
    return nil, ("%s: no such program (%s names it)"):format(name, origin)
  end
  local environment, own = os.getenv "VIRTUAL_ENV", sys.program()
  local places = {}
  if environment and environment ~= "" then places[1] = environment .. "/bin/py-spy" end
  places[#places + 1] = "py-spy"
  local folder = own and own:match("^(.*)/[^/]*$")
  if folder then
    places[#places + 1] = folder .. "/../libexec/pyprof-lua/py-spy"
    places[#places + 1] = folder .. "/../.venv/bin/py-spy"
  end
  for _, place in ipairs(places) do
    local path = target_module.which(place)
    if path then return path end
  end
  return nil, "py-spy: not found (pip install py-spy, or name it with --py-spy PATH)"
end

-- Can the recording be kept there? Known before the run, not after.
local function check_save(path)
  if not path then return true end
  local file, message = io.open(path, "ab")
  if not file then return nil, "--save: " .. message end
  file:close()
  return true
end

local function read_all(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text
  text, message = file:read("a")
  file:close()
  return text, message
end

local function write_all(path, text)
  local file, message = io.open(path, "wb")
  if not file then return nil, message end
  local good
  good, message = file:write(text)
  local closed, close_message = file:close()
  if good and closed then return true end
  return nil, path .. ": " .. (message or close_message)
end

-- The second recording of one run goes next to the first: run.json, run-2.json.
local function numbered(path, number)
  if number == 1 then return path end
  local stem, ending = path:match("^(.*[^/])(%.[^./]+)$")
  if not stem then return path .. "-" .. number end
  return stem .. "-" .. number .. ending
end

local function save(paths, wanted)
  for number, path in ipairs(paths) do
    local text, message = read_all(path)
    local good
    if text then good, message = write_all(numbered(wanted, number), text) end
    if not good then return nil, "--save: " .. message end
  end
  return true
end

local nothing = '{"$schema":"https://www.speedscope.app/file-format-schema.json",'
  .. '"profiles":[],"shared":{"frames":[]},"exporter":"py-spy","activeProfileIndex":null}\n'

-- The recordings that hold samples; one without any where there are none.
local function recordings(made, directory)
  local paths = {}
  for _, file in ipairs(made) do
    local text = file:size() < 1000 and read_all(file:path()) or ""
    if file:size() > 0 and not text:find('"profiles":[]', 1, true) then
      paths[#paths + 1] = file:path()
    end
  end
  if #paths == 0 then
    paths[1] = directory .. "/nothing.json"
    local good, message = write_all(paths[1], nothing)
    if not good then return nil, message end
  end
  return paths
end

-- One that py-spy left broken costs the others nothing, if there are others.
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

-- Starts the target, held if it can be; how it was done.
local function start(target, args, py_spy, directory)
  local options = { duration = args.duration, progress = args.progress }
  local how = { python = false, holds = false, subprocesses = args.subprocesses or false }
  if target.kind == "pid" then
    local launch, message = launch_module.start(target, options)
    return launch, message, how
  end
  how.python, how.holds = gate.judge(target)
  -- The Python of another command is most likely a child of it.
  how.subprocesses = how.subprocesses or not how.python
  local message
  if how.holds then
    options.gate = gate.variable
    options.env, message = gate.make(directory)
    if not options.env then return nil, message end
  end
  if how.subprocesses and recorder.confined() then
    how.helper_file, message = process.memory_file()
    if not how.helper_file then return nil, message end
    options.helper = recorder.start(py_spy, args, true, how.helper_file, "PID")
  end
  local launch
  launch, message = launch_module.start(target, options)
  return launch, message, how
end

--- Runs the target under py-spy. `target.exit` says how it ended, `target.quality` how well it
--- was seen, also where the profile could not be had.
---@param target pyprof.Target
---@param args table  see M.args; py_spy, save, progress
---@return pyprof.Profile|nil
---@return string|nil message
---@return "usage"|nil kind
function M.collect(target, args)
  local good, message = M.check(args)
  if not good then return nil, message, "usage" end
  local py_spy
  py_spy, message = M.find(args.py_spy)
  if not py_spy then return nil, message end
  good, message = check_save(args.save)
  if not good then return nil, message end
  local place
  place, message = process.directory()
  if not place then return nil, message end
  local directory <close> = place
  local started, start_message, how = start(target, args, py_spy, directory:path())
  if not started then return nil, start_message end
  local launch <close> = started
  local recording = recorder.new(launch, target, args, py_spy, how)
  recording:work()
  target.quality = recording.quality
  if not recording.unbegun then
    target.exit = launch:exit()
    target.exit.sampling = recording:figures()
  end
  if recording.failure then return nil, recording.failure end
  local paths
  paths, message = recordings(recording.files, directory:path())
  if not paths then return nil, message end
  if args.save then
    good, message = save(paths, args.save)
    if not good then return nil, message end
  end
  local profile
  profile, message = load_recordings(paths, recording)
  if profile then profile.exit = target.exit end
  return profile, message
end

return M
