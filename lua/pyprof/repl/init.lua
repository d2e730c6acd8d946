-- repl/init.lua - the REPL: reads a line of Lua, runs it, shows the result, remembers the line.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local line = require "pyprof.core.line"
local sys = require "pyprof.core.sys"
local complete = require "pyprof.repl.complete"
local compile = require "pyprof.repl.compile"
local environment = require "pyprof.repl.environment"
local show = require "pyprof.repl.show"
local version = require "pyprof.version"

local M = {}

local first, further = "> ", ">> "

local greeting = [[
pyprof-lua %s, Lua 5.4. p is the profile, reports.top(p) runs a report, _ is the last result.
Tab completes, help() explains, more() goes on with what was cut, Ctrl-C stops, Ctrl-D ends.
]]

-- The folder and the file of the history, in $XDG_STATE_HOME or ~/.local/state.
local function history_path()
  local state, home = os.getenv "XDG_STATE_HOME", os.getenv "HOME"
  if not state or state:sub(1, 1) ~= "/" then
    if not home or home == "" then return nil end
    state = home .. "/.local/state"
  end
  return state .. "/pyprof-lua", "history"
end

-- Who converses at a terminal knows where a message comes from.
local function complain(message)
  local memory = fail.is_memory(message)
  local begin = (memory or not (sys.terminal(0) and sys.terminal(1))) and "pyprof-lua: " or ""
  io.stderr:write(begin, memory and "not enough memory" or message, "\n")
end

-- Runs a chunk and shows its values; after an error `_` keeps its value.
local function evaluate(chunk, traceback)
  local good, message = xpcall(function()
    local values = table.pack(chunk())
    if values.n > 0 then
      rawset(_G, "_", values[1])
      show.values(values)
    end
    io.stdout:flush()
  end, function(value)
    if fail.of(value) or not traceback then return tostring(value) end
    return debug.traceback(tostring(value), 2)
  end)
  if not good and not line.interrupted() then
    io.stdout:flush()
    complain(message)
  end
  return good
end

---@class pyprof.Repl
---@field read fun(prompt: string): string|nil, string|nil   a line | nil, why
---@field remember fun(text: string)   keeps an entry, whole, for the arrow keys
---@field traceback boolean|nil   an error shows where in Lua it arose
---@field good boolean            no line has failed
---@field text string|nil         the lines of a chunk that is not complete yet

-- Is this exit or quit, as at Python's prompt?
local function is_farewell(words)
  local word = words:match("^%s*(%l+)%s*%(?%s*%)?%s*$")
  return (word == "exit" or word == "quit") and rawget(_G, word) == nil
end

-- list FUNC and help NAME as words, for list "FUNC" and help "NAME".
local function as_lua(text)
  local name, word = text:match("^%s*(%l+)%s+([^%s\"'%[%({=,;][^%s\"'%(%)=]*)%s*$")
  if name ~= "list" and name ~= "help" then return text end
  return ("%s(%q)"):format(name, word)
end

-- Reads a line, and runs the chunk if it is complete; true at the end.
local function step(repl)
  local words, why = repl.read(repl.text and further or first)
  if not words and why == "interrupted" then
    if repl.text then repl.remember(repl.text) end
    repl.text = nil
    return false
  elseif not repl.text and (not words or is_farewell(words)) then
    return true
  end
  local text = repl.text and repl.text .. "\n" .. (words or "") or words
  local chunk, message, more = compile.compile(as_lua(text), "=repl")
  if more and words then
    repl.text = text
    return false
  end
  repl.text = nil
  if text:find("%S") then repl.remember((text:gsub("%s+$", ""))) end
  if not chunk then
    complain(message)
    repl.good = false
  elseif text:find("%S") then
    repl.good = evaluate(chunk, repl.traceback) and repl.good
  end
  return not words
end

local function loop(repl, at_terminal)
  while true do
    -- Ctrl-C may come at any moment, and raises an error there.
    local good, done = pcall(step, repl)
    if line.interrupted(at_terminal) then
      io.stderr:write("interrupted\n")
      if not at_terminal then return end
      repl.text = nil
    elseif not good then
      error(done, 0)
    elseif done then
      return
    end
  end
end

local function converse(columns, traceback)
  local editor, message = line.open(complete.complete)
  if not editor then fail.refused("%s", message) end
  local directory, name = history_path()
  local path = directory and directory .. "/" .. name
  if path then
    sys.make_directories(directory)
    editor:load(path)
  end
  io.stdout:write(greeting:format(version))
  local fresh = true
  local function read(prompt)
    -- Output may have left the cursor within a line: the prompt begins a new one.
    if not fresh then io.stdout:write((" "):rep(columns - 1), "\r") end
    fresh = true
    io.stdout:flush()
    local words, why = editor:read(prompt)
    if words then
      fresh = false
    else
      io.stdout:write("\n")
    end
    return words, why
  end
  local function remember(text)
    editor:remember(text)
    if path then editor:append(path, text) end
  end
  loop({ read = read, remember = remember, traceback = traceback, good = true }, true)
  editor:close()
  return "done"
end

--- Reads lines until the end of standard input; a terminal lets the user edit them. Without a
--- terminal, the outcome is "refused" if a line failed.
---@param make_subject (fun(): pyprof.Subject)|nil
---@param traceback boolean|nil
---@return "done"|"refused" outcome
function M.run(make_subject, traceback)
  misuse.script = nil -- of a report that ran before
  show.paged = true
  environment.make(make_subject, { more = show.more })
  local columns = sys.terminal(0) and sys.terminal(1)
  if columns then return converse(columns, traceback) end
  local repl = { read = function() return io.read("l") end, remember = function() end,
    traceback = traceback, good = true }
  loop(repl, false)
  return repl.good and "done" or "refused"
end

return M
