-- target/process.lua - pyprof.process: other programs, started without a shell.
local misuse = require "pyprof.base.misuse"
local process = require "pyprof.core.process"
local sys = require "pyprof.core.sys"

local M = {}

--- How a program ended.
---@class pyprof.Ended
---@field status integer       as in a shell: 128 + n for signal n
---@field code integer|nil     if it exited
---@field signal integer|nil   the number of the signal that ended it
---@field output string        its standard output and error, in the order in which they came
---@field wall number          seconds
---@field user number|nil      seconds
---@field system number|nil    seconds
---@field max_rss integer|nil  bytes

--- A program that was started.
---@class pyprof.Program
---@field pid integer
local Program = {}
Program.__index = Program

--- Changes of environment as a list: `{ NAME = "value", OTHER = false }` sets NAME, removes OTHER.
---@param env table<string, string|number|false>|nil
---@return string[]|nil
function M.changes(env)
  if env == nil then return nil end
  local list = {}
  for name, value in pairs(env) do
    if type(name) ~= "string" or name == "" or name:find("=", 1, true) then
      misuse.raise("env: '%s' is no name of a variable", tostring(name))
    end
    list[#list + 1] = value == false and name or name .. "=" .. tostring(value)
  end
  table.sort(list)
  return list
end

--- The name of the last signal that ended the wait for a program.
---@type string|nil
M.signalled = nil

--- Starts a program: `{ "git", "log", env = { LANG = "C" }, directory = "." }`. Its output is
--- gathered and its input is empty; with `capture = false` it gets our output and input. With
--- `group = true` a terminal's Ctrl-C does not reach it.
---@param start table
---@return pyprof.Program|nil  closing it ends the program
---@return string|nil message
function M.spawn(start)
  if type(start) ~= "table" or start[1] == nil then
    misuse.raise("a program and its words are wanted: { \"git\", \"log\" }")
  end
  local argv, named = {}, {}
  for key, value in pairs(start) do
    if math.type(key) ~= "integer" then named[key] = value end
  end
  misuse.options(named, { "env", "directory", "capture", "group" })
  for i, word in ipairs(start) do argv[i] = tostring(word) end
  local env = M.changes(start.env)
  local run, message = process.open()
  if not run then return nil, message end
  local id
  id, message = run:start {
    argv = argv, env = env, directory = start.directory, capture = start.capture ~= false,
    group = start.group,
  }
  if not id then
    run:close()
    return nil, message
  end
  return setmetatable({
    run = run, id = id, pid = run:pid(id), output = {}, ended = false,
    group = start.group or false, spares = start.group and 1 or 0,
  }, Program)
end

--- Waits until the program has ended, at most so many seconds.
---     local program <close> = assert(pyprof.process.spawn { "true" })
---     print(program:wait(10).status)  --> 0
---@param seconds number|nil
---@return pyprof.Ended|nil
---@return string|nil message   "timeout" if it still runs
function Program:wait(seconds)
  local limit = seconds and sys.clock() + seconds
  while not self.ended do
    local rest = limit and math.max(0, limit - sys.clock()) or 60
    local kind, number, text = self.run:wait(rest)
    if kind == "output" then
      table.insert(self.output, text)
    elseif kind == "exit" and number == self.id then
      local exit = self.run:exit(self.id)
      self.ended = {
        status = exit.status, code = exit.code, signal = exit.signal, wall = exit.wall,
        user = exit.user, system = exit.system, max_rss = exit.max_rss,
        output = table.concat(self.output),
      }
    elseif kind == "signal" then
      M.signalled = number
      -- A program in a group of its own may end its work; a second signal ends it.
      if self.spares == 0 and (self.group or not text) then self.run:signal(self.id, number) end
      self.spares = 0
    elseif kind == "timeout" and limit then
      return nil, "timeout"
    elseif not kind then
      return nil, number
    end
  end
  return self.ended or nil
end

--- Sends the program a signal: "INT", "TERM", "KILL" …
---     local program <close> = assert(pyprof.process.spawn { "sleep", "60" })
---     program:signal "TERM"
---     print(program:wait().status)  --> 143
---@param name string
---@return boolean sent
function Program:signal(name)
  return not self.ended and self.run:signal(self.id, name)
end

--- Ends the program if it still runs.
---     local program = assert(pyprof.process.spawn { "sleep", "60" })
---     program:close()
function Program:close()
  self.run:close()
end

Program.__close = Program.close
setmetatable(Program, { __index = misuse.no_field("a program", { "pid" }, Program) })

--- Runs a program to its end; see spawn. The caller judges how it ended.
---@param start table
---@return pyprof.Ended|nil
---@return string|nil message
function M.run(start)
  local spawned, message = M.spawn(start)
  if not spawned then return nil, message end
  local program <close> = spawned
  return program:wait()
end

return M
