-- collect/pyspy/program.lua - py-spy as a program: where it is, its command line, its output, why
-- the system refuses it.
local file = require "pyprof.base.file"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local M = {}

--- Samples a second, at most.
M.max_rate = 10000

--- The py-spy to use.
---@param wanted string|nil  --py-spy
---@return string|nil path
---@return string|nil message
function M.find(wanted)
  local name, origin = wanted, "--py-spy"
  if not name then name, origin = os.getenv "PYPROF_PY_SPY", "$PYPROF_PY_SPY" end
  if name and name ~= "" then
    local path = file.which(name)
    if path then return path end
    return nil, ("%s: no such program (%s names it)"):format(name, origin)
  end
  local environment, own = os.getenv "VIRTUAL_ENV", sys.program()
  local places = {}
  if environment and environment ~= "" then places[1] = environment .. "/bin/py-spy" end
  places[#places + 1] = "py-spy"
  local folder = own and own:match("^(.*)/[^/]*$")
  if folder then
    -- pip has put it beside the program.
    if sys.stat(folder .. "/../pyvenv.cfg") then
      table.insert(places, 1, folder .. "/py-spy")
    end
    places[#places + 1] = folder .. "/../libexec/pyprof-lua/py-spy"
    places[#places + 1] = folder .. "/../.venv/bin/py-spy"
  end
  for _, place in ipairs(places) do
    local path = file.which(place)
    if path then return path end
  end
  return nil, "py-spy: not found (pip install py-spy, or name it with --py-spy PATH)"
end

local flags = { "idle", "gil", "native", "nonblocking" }

--- The part of py-spy's command line that is the same for every target.
---@param py_spy string
---@param args table
---@param subprocesses boolean
---@param recording userdata   the file in memory that py-spy writes
---@return string[]
function M.words(py_spy, args, subprocesses, recording)
  local words = {
    py_spy, "record", "-f", "speedscope", "-o", recording:path(), "-r",
    ("%d"):format(args.rate or 100),
  }
  for _, name in ipairs(flags) do
    if args[name] then words[#words + 1] = "--" .. name end
  end
  if subprocesses then words[#words + 1] = "--subprocesses" end
  return words
end

--- The start of a py-spy that attaches to a process.
---@param pid integer|string
---@return table start   see run:start
function M.start(py_spy, args, subprocesses, recording, pid)
  local words = M.words(py_spy, args, subprocesses, recording)
  table.move({ "-p", tostring(pid) }, 1, 2, #words + 1, words)
  -- Only the log of py-spy says why it cannot sample a child, and which Python it found.
  local log = "RUST_LOG=" .. (subprocesses and "warn" or "error") .. ",py_spy::python_spy=info"
  return { argv = words, keep = recording, capture = true, group = true, urgent = true,
    env = { log } }
end

local cannot_pause = "Failed to suspend process"

--- Is this a line of py-spy's log?
---@param line string
---@return boolean
---@return integer|nil pid      a process that ended, or that py-spy may not read
---@return string|nil reason
function M.log_line(line)
  local text = line:match("^%[%S+ %u+ +py_spy[%w_:]*%] (.*)")
  if not text then return false end
  local pid, reason = text:match("^Failed to profile python from process (%d+): (.*)")
  if pid and (reason:find(cannot_pause, 1, true) or
    reason:find("Failed to get process executable name", 1, true)) then
    return true, math.tointeger(pid), reason
  end
  return true
end

--- The version of Python that a line of py-spy's log names.
---@param line string
---@return string|nil
function M.python_of(line)
  return line:match("%] python version (%d+%.%d+%S*) detected$")
end

--- py-spy's error message as one line, without the backtrace.
---@param lines string[]
---@return string
function M.said(lines)
  local kept = {}
  for _, line in ipairs(lines) do
    if line == "Stack backtrace:" then break end
    line = line:gsub("^%s*%d*:?%s*", ""):gsub("^Error: ", "")
    if line ~= "" and line ~= "Caused by:" and line ~= kept[#kept] then kept[#kept + 1] = line end
  end
  return table.concat(kept, ": ")
end

local function read_all(path)
  return file.read(path) or ""
end

local function status_field(pid, pattern)
  return read_all(("/proc/%s/status"):format(pid)):match(pattern)
end

--- Whom Yama allows to trace: 0 everybody, 1 only ancestors, 2 only root, 3 nobody; nil without
--- Yama.
---@return integer|nil
function M.yama_scope()
  return math.tointeger(read_all("/proc/sys/kernel/yama/ptrace_scope"):match("%d+") or "")
end

--- May we trace only our descendants?
---@return boolean
function M.confined()
  local sys_ptrace = 1 << 19
  local capabilities = tonumber(status_field("self", "\nCapEff:%s*(%x+)") or "0", 16)
  return M.yama_scope() == 1 and capabilities & sys_ptrace == 0
end

local refusals = {
  "Permission denied (os error 13)", "Operation not permitted (os error 1)",
  cannot_pause .. ": EPERM",
}

--- Does py-spy's message mean that the system forbids it to trace?
---@param message string
---@return boolean
function M.refused(message)
  if message:find("^Permission Denied") then return true end
  for _, part in ipairs(refusals) do
    if message:find(part, 1, true) then return true end
  end
  return false
end

--- Why we may not trace a process, and what the user can do.
---@param pid integer
---@param ours boolean   we started it
---@param message string   py-spy's
---@return string
function M.refusal(pid, ours, message)
  local what = ("py-spy: may not read process %d: "):format(pid)
  local scope, user = M.yama_scope(), "\nUid:%s*(%d+)"
  local me = status_field("self", user)
  local tracer = status_field(pid, "\nTracerPid:%s*([1-9]%d*)")
  if tracer then
    return ("%sprocess %s traces it (end that, or --nonblocking)"):format(what, tracer)
  elseif me ~= "0" and status_field(pid, user) ~= me then
    return what .. "it is another user's (run as that user, or as root)"
  elseif scope == 3 then
    return what .. "Yama forbids it to all until the next boot (kernel.yama.ptrace_scope is 3)"
  elseif scope == 2 then
    return what .. "Yama allows it to root alone (sudo, or sysctl kernel.yama.ptrace_scope=1)"
  elseif scope == 1 and not ours then
    return what .. "Yama allows it to parents alone (sudo, or sysctl kernel.yama.ptrace_scope=0)"
  end
  return ("%sthis system forbids ptrace (in a container: --cap-add SYS_PTRACE; else %s)"):format(
    what, message:find(cannot_pause, 1, true) and "--nonblocking" or "root")
end

--- Runs py-spy to its end and returns its output.
---@param words string[]
---@return string|nil text
---@return string|nil message
function M.ask(words)
  local opened, message = process.open()
  if not opened then return nil, message end
  local run <close> = opened
  local id
  id, message = run:start { argv = words, capture = true, group = true }
  if not id then return nil, message end
  local text = ""
  while true do
    local kind, number, bytes = run:wait(60)
    if kind == "output" then
      text = text .. bytes
    elseif kind == "exit" and number == id then
      break
    else
      return nil, "py-spy: " .. (kind == "signal" and "interrupted" or "does not end")
    end
  end
  if run:exit(id).code == 0 then return text end
  local lines = {}
  for line in text:gmatch("[^\n]+") do lines[#lines + 1] = line end
  local said = M.said(lines)
  return nil, M.refused(said) and said or "py-spy: " .. said
end

return M
