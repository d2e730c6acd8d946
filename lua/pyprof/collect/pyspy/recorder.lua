-- collect/pyspy/recorder.lua - runs py-spy on a launch: attaches, opens the gate, attaches again,
-- notes how well it sampled.
local pyspy = require "pyprof.collect.pyspy.program"
local pythons = require "pyprof.collect.pyspy.pythons"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local M = {}

---@class pyprof.Quality
---@field launch "gate"|"attach"|"process"|"py-spy"  how the target was started and found
---@field samples integer       stacks of threads that py-spy says it took
---@field errors integer        stacks that it says it could not read
---@field late integer          how often it was behind in sampling
---@field latest number         by how many seconds at most
---@field notes string[]        other remarks for a reader of the figures

---@class pyprof.How
---@field holds boolean             the target is held at the gate
---@field subprocesses boolean      py-spy samples its children, too
---@field helper_file userdata|nil  the recording of a py-spy that waits above the target

---@class pyprof.Recorder
---@field files userdata[]      recordings, in the order of time
---@field times (pyprof.Times|nil)[]   of the threads during each of them
---@field python string|nil     the version of the Python that was sampled first
---@field failure string|nil    why there is no profile
---@field unbegun boolean|nil   the target was ended before its first line
---@field children integer|nil  child Pythons that were seen and are not sampled
---@field quality pyprof.Quality
local Recorder = {}
Recorder.__index = Recorder
M.Recorder = Recorder

local ready_limit = 1.5    -- seconds until we assume that a gate that does not answer is not there
local grace = 2            -- seconds for py-spy to see that its target has ended
local first_delay, last_delay = 0.02, 1  -- seconds between attempts to attach
-- Seconds until py-spy must find a Python that we do not see, since it may have another name.
-- py-spy does not notice when a shell becomes a Python later, and a py-spy that waits above the
-- target has only one attempt: we wait longer for that one.
local patience, long_patience = 0.5, 10
local size_limit = 25      -- SIGXFSZ
local unsaid = 0.1         -- seconds of a program that may be missed without a note

--- The most seconds until py-spy samples (native symbols take longer), and without progress in
--- writing. They suit a busy machine: py-spy itself fails at once or not at all.
M.limits = { attach = 30, stall = 30 }

---@param launch pyprof.Launch
---@param target pyprof.Target
---@param args table
---@param py_spy string
---@param how pyprof.How
---@return pyprof.Recorder
function M.new(launch, target, args, py_spy, how)
  local holds = how.holds
  local way = target.kind == "pid" and "process" or holds and "gate" or "attach"
  local self = setmetatable({
    launch = launch, target = target, args = args, py_spy = py_spy,
    held = holds, ready = false, files = {}, times = {},
    delay = first_delay, attempts = 0, known = {},
    attach_at = sys.clock() + (way == "process" and 0 or holds and ready_limit or
      launch.helper and long_patience or patience),
    subprocesses = how.subprocesses, helper_file = how.helper_file,
    quality = { launch = way, samples = 0, errors = 0, late = 0, latest = 0, notes = {} },
  }, Recorder)
  if not how.subprocesses then
    local count = pythons.counter()
    launch.on_child = function(pid) self.children = count(pid) end
  end
  return self
end

--- Adds a remark for a reader of the figures, once.
---@param text string
---@param ... any
function Recorder:note(text, ...)
  local note = text:format(...)
  for _, known in ipairs(self.quality.notes) do
    if known == note then return end
  end
  table.insert(self.quality.notes, note)
end

function Recorder:since()
  return sys.clock() - self.launch.began
end

-- While nothing is sampled: if there is a Python that the last attempt did not know, the next
-- attempt is now.
function Recorder:watch_pythons()
  local now, waiting = sys.clock(), self.attach_at ~= nil
  if self.held or not waiting and (self.seen or not self.spy or self.spy.sampling) then return end
  if self.not_before and now < self.not_before then return end
  for pid, program in pairs(pythons.find(self.launch.pid)) do
    if self.known[pid] ~= program then
      self.seen = self.seen or self:since()
      self.attach_at = waiting and now or nil
      return
    end
  end
end

function Recorder:attach()
  self.attach_at = nil
  self.known = pythons.find(self.launch.pid)
  self.attempts = self.attempts + 1
  local launch = self.launch
  local id, file, message = launch.helper, self.helper_file, nil
  if id then
    launch.run:go(id, launch.id)
    launch.helper = nil
  else
    file, message = process.memory_file()
    if file then
      id, message = launch.run:start(pyspy.start(self.py_spy, self.args, self.subprocesses, file,
        launch.pid))
    end
  end
  if not id then
    self:give_up("py-spy: " .. message)
    return
  end
  self.spy = {
    id = id, file = file, text = "", errors = {}, began = sys.clock(), sampling = false,
    limit = sys.clock() + M.limits.attach * (self.args.native and 6 or 1),
  }
end

-- Ends without a profile. A target that is still held is killed before it begins.
function Recorder:give_up(message)
  self.failure = self.failure or message
  self.attach_at = nil
  if self.held and self.ready and not self.launch.ended then
    self.launch.run:signal(self.launch.id, "KILL")
    self.held, self.unbegun = false, true
  elseif self.held then
    self:release() -- the target passed the gate, or will find it open
  end
end

function Recorder:release()
  self.held = false
  self.launch:release()
end

-- py-spy has begun to sample.
function Recorder:begun()
  self.spy.sampling, self.spy.limit = true, nil
  self.delay = first_delay
  self.first = self.first or self:since()
  self.launch:watch_threads(self.launch.run:pid(self.spy.id))
  if self.lost then
    self:note("not sampled from %.2f s to %.2f s: %s", self.lost, self:since(), self.lost_by)
    self.lost, self.lost_by = nil, nil
  end
  local usage = process.usage(self.launch.pid)
  self.image = usage and usage.image
  self.launch.image = self.image -- an earlier image may be from before an exec
  if self.held and self.ready then
    self:release()
  elseif self.attempts == 1 and (self.held or self.target.kind == "pid") then
    self.launch:begin()
  end
end

function Recorder:line(line)
  local spy, quality = self.spy, self.quality
  local is_log, unseen, unseen_by = pyspy.log_line(line)
  local late = line:match("([%d.]+)s behind in sampling")
  local samples, errors = line:match("Samples: (%d+) Errors: (%d+)")
  if is_log then
    self.python = self.python or pyspy.python_of(line)
    if unseen and process.usage(unseen) then
      spy.refusal = spy.refusal or pyspy.refusal(unseen, true, unseen_by)
    end
  elseif line:find("^py%-spy> Sampling process") then
    self:begun()
  elseif late then
    quality.late = quality.late + 1
    quality.latest = math.max(quality.latest, tonumber(late) or 0)
  elseif samples then
    quality.samples = quality.samples + tonumber(samples)
    quality.errors = quality.errors + tonumber(errors)
  elseif not line:find("^py%-spy>") and #spy.errors < 100 then
    spy.errors[#spy.errors + 1] = line
  end
end

function Recorder:output(text)
  local spy = self.spy
  local all = spy.text .. text
  for line in all:gmatch("([^\n]*)\n") do self:line(line) end
  spy.text = all:match("[^\n]*$")
end

function Recorder:refusal(message)
  return pyspy.refusal(self.launch.pid, self.target.kind ~= "pid", message)
end

-- The last way: py-spy starts the target, since it may always trace its own child.
function Recorder:let_py_spy_start(message)
  local refusal, argv = self:refusal(message), self.target.argv
  local file, good
  file, message = process.memory_file()
  if file then
    local words = pyspy.words(self.py_spy, self.args, self.subprocesses, file)
    words[#words + 1] = "--"
    table.move(argv, 1, #argv, #words + 1, words)
    self.held = false
    good, message = self.launch:replace { argv = words, keep = file }
  end
  if not good then
    self:give_up(message)
    return
  end
  self.direct = { file = file, refusal = refusal }
  self.launch:watch_threads()
  self.quality.launch = "py-spy"
  self:note("%s: so py-spy started the program, whose exit status it does not tell", refusal)
end

-- py-spy ended before it sampled.
function Recorder:failed(spy, message)
  local launch = self.launch
  spy.file:close()
  if pyspy.refused(message) then
    -- Where ptrace is forbidden altogether, py-spy may not trace even its own child.
    if self.held and self.ready and not launch.ended and pyspy.yama_scope() == 1 then
      self:let_py_spy_start(message)
    else
      self:give_up(self:refusal(message))
    end
  elseif spy.refusal then
    self:give_up(spy.refusal)
  elseif launch.ended or launch.stop then
    return
  elseif message == "" then
    self:give_up("py-spy: ended without a word (" .. spy.how .. ")")
  elseif self.target.kind == "pid" or self.held and self.ready and self.attempts >= 3 then
    self:give_up("py-spy: " .. message)
  else
    self.last_error = message
    self.attach_at = sys.clock() + self.delay
    self.delay = math.min(self.delay * 2, last_delay)
  end
end

local function holds_samples(file)
  local size = file:size()
  if size == 0 or size > 1000 then return size > 0 end
  local reader = io.open(file:path(), "rb")
  if not reader then return false end
  local text = reader:read("a")
  reader:close()
  return not text:find('"profiles":[]', 1, true)
end

-- py-spy ended after it sampled: it has written a recording, or was about to.
function Recorder:stopped(spy, message)
  local launch = self.launch
  if holds_samples(spy.file) then
    self.files[#self.files + 1] = spy.file
    self.times[#self.files] = launch.times
    -- The times of the next recording begin with it.
    if not launch.ended then launch.times = nil end
  elseif spy.file:size() == 0 then
    self:note("py-spy left no recording: %s", message ~= "" and message or spy.how)
    self.broken = message ~= "" and message or spy.how
  end
  if spy.refusal and not self.unseen then
    self.unseen = spy.refusal
    self:note("%s", spy.refusal)
  end
  if launch.ended or launch.stop then return end
  self.lost = self.lost or self:since()
  self.lost_by = self.lost_by or "py-spy stopped early"
  if self.helper_file and not self.childless then
    self.childless = true
    self:note("child processes are not seen after %.2f s: Yama hides them from a new py-spy",
      self:since())
  end
  -- A py-spy that stops at once, again and again, is started less and less often.
  if sys.clock() - spy.began < 1 then self.delay = math.min(self.delay * 2, last_delay) end
  self.known, self.not_before = {}, sys.clock() + self.delay
  self.attach_at = self.not_before + patience
end

function Recorder:spy_ended()
  local spy, run = self.spy, self.launch.run
  if spy.text ~= "" then self:line(spy.text) end
  self.spy = nil
  local exit = run:exit(spy.id)
  spy.how = exit.signal and "signal " .. exit.signal or "status " .. exit.code
  if spy.killed then
    self:give_up(("py-spy: %s (it was ended)"):format(spy.killed))
  elseif exit.signal == size_limit then
    self:give_up("py-spy: its recording is over the limit on file size (ulimit -f raises it)")
  elseif spy.sampling then
    self:stopped(spy, pyspy.said(spy.errors))
  else
    self:failed(spy, pyspy.said(spy.errors))
  end
end

-- After an exec py-spy still reads the memory of the old program: it must end and attach again.
function Recorder:watch_exec()
  local spy, launch = self.spy, self.launch
  if not (spy and spy.sampling and self.image and launch.image) or spy.asked then return end
  if launch.image == self.image or launch.ended then return end
  self.lost, self.lost_by = self:since(), "the program was replaced by exec"
  launch.run:signal(spy.id, "INT")
  spy.asked = true
end

-- Once nothing is left to sample, py-spy must end.
function Recorder:watch_spy()
  local spy, launch, now = self.spy, self.launch, sys.clock()
  if not spy then return end
  if spy.limit and now >= spy.limit then
    spy.killed = spy.killed or ("did not begin to sample within %.0f s")
      :format(spy.limit - spy.began)
    launch.run:signal(spy.id, "KILL")
    return
  end
  if launch.stop and not spy.asked then
    spy.asked = true
    launch.run:signal(spy.id, "INT")
  end
  if not (launch.ended or launch.stop or spy.asked) then return end
  spy.over = spy.over or now
  if now - spy.over >= grace and not spy.asked then
    spy.asked = true
    launch.run:signal(spy.id, "INT")
  end
  local size = spy.file:size()
  if size ~= spy.size then spy.size, spy.grown = size, now end
  if now - math.max(spy.grown, spy.over) >= M.limits.stall then
    spy.killed = launch.ended and "hangs after its target ended" or "does not end"
    launch.run:signal(spy.id, "KILL")
  end
end

function Recorder:done()
  if self.spy then return false end
  return self.launch.ended or self.launch.stop or
    self.failure ~= nil and self.target.kind == "pid"
end

--- Works until the target and py-spy have ended, or until we leave a process that is not ours.
function Recorder:work()
  local launch = self.launch
  while not self:done() do
    self:watch_pythons()
    if self.attach_at and sys.clock() >= self.attach_at then self:attach() end
    local look = math.max(first_delay, self.delay / 10)
    local limit = self.attach_at and math.min(self.attach_at - sys.clock(), look) or 0.1
    local kind, id, text = launch:next(math.max(limit, 0))
    if kind == "ready" then
      self.ready = true
      if self.spy and self.spy.sampling then self:release()
      elseif not self.spy then self:attach() end
    elseif kind == "output" and self.spy and id == self.spy.id then
      self:output(text)
    elseif kind == "exit" and self.spy and id == self.spy.id then
      self:spy_ended()
    elseif kind == "ended" then
      self.attach_at, self.ended_at = nil, self:since()
    end
    self:watch_exec()
    self:watch_spy()
  end
  self:conclude()
end

--- The quality in figures, without the notes.
---@return table
function Recorder:figures()
  local figures = {}
  for key, value in pairs(self.quality) do
    if key ~= "notes" then figures[key] = value end
  end
  return figures
end

function Recorder:conclude()
  local quality = self.quality
  if self.direct and holds_samples(self.direct.file) then
    self.files[1], self.times[1] = self.direct.file, self.launch.times
  elseif self.direct and self.direct.file:size() == 0 then
    self.failure = self.direct.refusal
  end
  -- A program with the name of a Python did not stop at the gate.
  if quality.launch == "gate" and not self.ready and self.first then quality.launch = "attach" end
  if quality.launch == "attach" and self.first and self.first - (self.seen or 0) > unsaid then
    table.insert(quality.notes, 1, ("not sampled before %.2f s: the program could not be held " ..
      "until py-spy was there"):format(self.first))
  end
  if self.lost and (self.ended_at or math.huge) - self.lost > unsaid then
    self:note("not sampled after %.2f s: %s", self.lost, self.lost_by)
  end
  if #self.files == 0 and not self.failure then
    if self.broken then
      self.failure = "py-spy: left no recording (" .. self.broken .. ")"
    elseif quality.launch == "attach" and not self.first then
      self:note("%s%s", self.seen and "the Python ended before py-spy could sample it"
        or "py-spy found no Python to sample", self.last_error and ": " .. self.last_error or "")
    end
  end
  local children = self.children or 0
  if children > 0 then
    self:note("at least %d child %s not sampled (--subprocesses)", children,
      children == 1 and "Python was" or "Pythons were")
  end
  if quality.late > 0 then
    self:note("py-spy was behind in sampling %d times, by up to %.2f s: lower --rate",
      quality.late, quality.latest)
  end
  if quality.errors > 0 then
    self:note("py-spy could not read %d of %d stacks", quality.errors,
      quality.errors + quality.samples)
  end
end

return M
