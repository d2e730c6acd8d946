-- command/sandbox.lua - --sandbox: a report from elsewhere gets only the subject and the library.
--
-- The report's code, from its file's first line to the last value of the last row, runs in child
-- processes that the kernel lets do nothing but compute and write bytes to us: see
-- src/host/sandbox.h. A report can change the Lua state there, but not the one here. A second wall
-- is that it finds no io, no debug and no load of byte code; that also gives clearer errors.
--
-- This process calls, converts and opens nothing that a report supplies. Only these parts of a
-- report come here, each as plain values (base/plain.lua) of a bounded size:
--   its table      `read` makes each text one line without control characters, and each function
--                  one that does nothing; then report/init.lua checks the table like any other.
--                  Defaults are only shown, by --help: they stay in the child (`revive`).
--                  Types of arguments decide which words of the command line name files; the user
--                  wrote those words. A file of Lua is read here and run in the child.
--                  Needs and wants are names of collectors, never paths.
--   its result     sandbox_result.lua checks each field of each section. The child makes the cells'
--                  texts: value and format functions and __tostring run there. The renderers work
--                  here, and escape and clean these texts like any other data.
--   a text alone   is escaped where the format is HTML or Markdown (render.is_whole).
--   its messages   `finish` makes each one line without control characters.
--   its verdict    is one of three words.
--   its end        is a status that `outcomes` has, a limit that was reached, or a failure.
local fail = require "pyprof.base.fail"
local misuse = require "pyprof.base.misuse"
local places = require "pyprof.base.places"
local text = require "pyprof.base.text"
local core = require "pyprof.core.sandbox"
local plain = require "pyprof.base.plain"
local render = require "pyprof.render"
local result = require "pyprof.command.sandbox_result"
local arguments = require "pyprof.options.arguments"
local reports = require "pyprof.report"

local M = {}

--- The limits: seconds of processor time, and bytes, both of memory beyond the collected data and
--- of output.
M.seconds, M.bytes = 10, 512 << 20

local largest_table = 1 << 20 -- bytes of a report's table

-- A child's exit status.
local outcomes = { [0] = "done", "refused", "usage", "failed", "unsure" }

-- --- what a report finds in a sandbox

local globals_there = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
  "_VERSION", "coroutine", "math", "string", "table", "utf8",
}
local absent = {
  "io", "debug", "package", "dofile", "loadfile", "print", "collectgarbage", "warn",
}
local absent_os = { "execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname" }
local absent_library = { "load", "open", "record", "subject", "process", "scan" }

local function raise_absent(name)
  misuse.raise("%s is not there in a sandbox (the subject and the library are)", name)
end

-- The table without these names: reading one raises an error that says so.
local function without(fields, names, prefix)
  local gone = {}
  for _, name in ipairs(names) do
    gone[name] = true
    fields[name] = nil
  end
  return setmetatable(fields, {
    __index = function(_, name)
      if gone[name] then raise_absent(prefix .. name) end
    end,
  })
end

local function library()
  local copy = {}
  for name, value in pairs(require "pyprof") do copy[name] = value end
  return without(copy, absent_library, "pyprof.")
end

--- The globals of a report in a sandbox. Called in the child, since it changes the string library.
---@return table
function M.environment()
  local globals, found = {}, library()
  for _, name in ipairs(globals_there) do globals[name] = _G[name] end
  rawset(string, "dump", nil)
  globals.os = without({ clock = os.clock, date = os.date, difftime = os.difftime,
    time = os.time }, absent_os, "os.")
  globals._G = globals
  function globals.require(name)
    if name ~= "pyprof" then raise_absent(("require of '%s'"):format(tostring(name))) end
    return found
  end
  function globals.load(code, name, mode, ...)
    if mode ~= nil and mode ~= "t" and mode ~= "bt" then raise_absent("byte code") end
    local environment = globals
    if select("#", ...) > 0 then environment = ... end
    return load(code, name, "t", environment)
  end
  return without(globals, absent, "")
end

-- Runs a report's file and returns its value. Called in a child.
local function execute(code, chunk_name, words)
  local chunk, message = load(code, "@" .. chunk_name, "t", M.environment())
  if not chunk then fail.refused("%s", message) end
  misuse.script = chunk_name
  return chunk(table.unpack(words))
end

-- --- running in a child

local function message_of(value)
  local failure = fail.of(value)
  local message = tostring(failure and failure.message or value)
  if message == "not enough memory" then
    message = ("%s: not enough memory (a sandbox has %d MiB)"):format(misuse.script or "--sandbox",
      M.bytes >> 20)
  end
  return message
end

---@class pyprof.SandboxRun
---@field name string          of the report, for complaints
---@field child userdata
---@field length integer       bytes that it wrote
---@field traceback boolean|nil

-- Starts work(say) in a child. work returns the outcome; its failure there is a failure here.
local function start(name, work, traceback)
  local how = "refused"
  -- After a stack overflow Lua calls this again, with its own result.
  local function handle(value)
    local failure = fail.of(value)
    how = failure and failure.outcome or how
    local message = message_of(value)
    return traceback and not failure and debug.traceback(message, 2) or message
  end
  local child, reason = core.start(function(say)
    local good, outcome = xpcall(work, handle, say)
    if not good then
      say(message_of(outcome)) -- Lua does not call `handle` when memory ends
      outcome = how
    end
    for status, known in pairs(outcomes) do
      if known == outcome then return status end
    end
    return 1
  end, M.seconds, M.bytes)
  if not child then fail.refused("%s", reason) end
  return { name = name, child = child, length = 0, traceback = traceback }
end

-- The next bytes that the child wrote; nil at the end.
local function read_some(run)
  local bytes = run.child:read()
  run.length = run.length + #(bytes or "")
  if run.length > M.bytes then
    fail.refused("%s: wrote more than %d MiB (a sandbox's limit)", run.name, M.bytes >> 20)
  end
  return bytes
end

-- A message is one line. The lines of a traceback are indented, so that none of them looks like
-- another message of ours.
local function clean_message(message, traceback)
  if not traceback then return text.clean(message) end
  return (text.clean_lines(message):gsub("\n", "\n  "))
end

-- The child's outcome and messages, once it has written everything; raises if it failed.
local function finish(run)
  local status, messages = run.child:finish()
  for i, message in ipairs(messages) do messages[i] = clean_message(message, run.traceback) end
  if status == "time" then
    fail.refused("%s: took more than %d s of processor time (a sandbox's limit)", run.name,
      M.seconds)
  end
  local outcome = outcomes[status] or "refused"
  if outcome == "usage" then fail.usage("%s", messages[#messages] or run.name) end
  if outcome == "refused" then
    fail.refused("%s", messages[#messages] or run.name .. ": was ended in its sandbox")
  end
  return outcome, messages
end

--- Runs work(say) in a child; returns its outcome and its messages. Its failure is a failure here.
---@param name string                 of the report, for complaints
---@param work fun(say: fun(message: string)): string   returns the outcome
---@param write fun(bytes: string)    gets the standard output of work
---@return string outcome
---@return string[] messages
function M.run(name, work, write)
  local run = start(name, work)
  local _ <close> = run.child
  for bytes in function() return read_some(run) end do write(bytes) end
  return finish(run)
end

-- --- the table of a report

-- The file that the first child ran, for the second one.
local kept

local function stand_in(value)
  if type(value) == "function" then return "c" end
  fail.refused("the report's table holds a %s", type(value))
end

-- The value with each text, keys as well, made one line without control characters.
local function cleaned(value)
  if type(value) == "string" then return text.clean((value:gsub("%s+", " "))) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[cleaned(key)] = cleaned(item) end
  return copy
end

--- The table that a report's file returns, with each function replaced by one that does nothing.
---@param code string
---@param chunk_name string
---@param words string[]
---@return table
function M.read(code, chunk_name, words)
  kept = { code = code, chunk_name = chunk_name, words = words }
  local parts, length = {}, 0
  M.run(chunk_name, function()
    local report = execute(code, chunk_name, words)
    if type(report) ~= "table" then
      fail.refused("%s: is a plain script, no report (--sandbox runs reports alone)", chunk_name)
    end
    io.stdout:write(plain.encode(report, stand_in))
    return "done"
  end, function(bytes)
    length = length + #bytes
    if length > largest_table then fail.refused("%s: its table is too large", chunk_name) end
    parts[#parts + 1] = bytes
  end)
  local good, report = pcall(plain.decode, table.concat(parts))
  if not good or type(report) ~= "table" then
    fail.refused("%s: returned no report", chunk_name)
  end
  return cleaned(report)
end

-- --- a report

-- Keeps the ids of files: a report in a sandbox cannot ask the system which files are the same.
local function keep_ids(values)
  local file_id, profile = require "pyprof.source.file_id", require "pyprof.profile"
  for _, value in pairs(values) do
    local is_list = type(value) == "table" and rawget(value, 1) ~= nil
    for _, each in ipairs(is_list and value or { value }) do
      if profile.is(each) then file_id.keep(profile.files(each)) end
    end
  end
end

-- Reads the files of the source: a report in a sandbox cannot open them.
local function keep_source(source)
  local paths, message = require("pyprof.source").keep(source)
  if not paths then fail.refused("%s", message) end
  require("pyprof.source.file_id").keep(paths)
end

-- The code of the files of Lua that arguments name, by path; the child runs it.
local function read_lua(loaded, args)
  local codes = {}
  for _, option in ipairs(loaded.options) do
    local value = option.kind == "lua" and args[option.argument]
    for _, path in ipairs(type(value) == "table" and value or { value or nil }) do
      local code, message = places.read { path = path, chunk = path }
      if not code then fail.refused("--%s: %s", option.name, message) end
      codes[path] = code
    end
  end
  return codes
end

local function run_lua(option, path, code)
  local value = execute(code, path, {})
  if value == nil then fail.refused("--%s: %s: returns nothing", option.name, path) end
  return value
end

-- The report with its real functions; fills args with its defaults and the values of files of Lua.
local function revive(loaded, args, options, codes)
  local report = execute(kept.code, kept.chunk_name, kept.words)
  for _, option in ipairs(arguments.options(loaded.name, report.args)) do
    local name = option.argument
    local value = args[name]
    if options[option.key] == nil then
      args[name] = option.default
    elseif option.kind == "lua" and type(value) == "table" then
      for i, path in ipairs(value) do value[i] = run_lua(option, path, codes[path]) end
    elseif option.kind == "lua" then
      args[name] = run_lua(option, value, codes[value])
    end
  end
  misuse.script = kept.chunk_name
  return { name = loaded.name, report = report, options = loaded.options }
end

--- Calls the report's check of its arguments; what it finds wrong is a usage error here, too.
---@param loaded pyprof.LoadedReport
---@param args table<string, any>
---@param options table                the options' values
function M.check(loaded, args, options)
  local codes = read_lua(loaded, args)
  M.run(loaded.name, function()
    reports.check_arguments(revive(loaded, args, options, codes), args, options)
    return "done"
  end, function() end)
end

--- Runs a report that M.read has read.
---@param loaded pyprof.LoadedReport
---@param subject pyprof.Subject
---@param args table<string, any>
---@param options table                the options' values
---@param unit string                  of weights
---@param run fun(loaded: pyprof.LoadedReport, subject: pyprof.Subject, args: table, unit: string):
---  pyprof.Section[]                  called in the child
---@return pyprof.Section[] sections   of plain values; their functions are ours
---@return string[] messages           the library's warnings
function M.present(loaded, subject, args, options, unit, run)
  local data = rawget(subject, "data")
  if data.values.source then keep_source(data.values.source) end
  require("pyprof.source.file_id").keep(require("pyprof.subject.plan").shown(data))
  keep_ids(data.values)
  keep_ids(args)
  local codes = read_lua(loaded, args)
  local child_run = start(loaded.name, function(say)
    require("pyprof.profile.selector").on_empty(say)
    -- A page that the report makes itself is refused here, so html is not asked for.
    local format = render.format_asked(options)
    local sections = run(revive(loaded, args, options, codes), subject, args, unit,
      format == "sarif" and format or nil)
    local by_field = render.by_field[render.format_for(options, sections)] or false
    result.send(sections, unit, by_field, function(...) io.stdout:write(...) end)
    return "done"
  end, options.traceback)
  local _ <close> = child_run.child
  local function refuse(message)
    fail.refused("%s: %s", loaded.name, message)
  end
  -- If the bytes end too early, the child has failed: finish raises and says why.
  local sections, by_field = result.receive(function()
    return read_some(child_run) or finish(child_run) and nil
  end, refuse, M.bytes)
  if by_field ~= (render.by_field[render.format_for(options, sections)] or false) or
    read_some(child_run) then
    refuse(result.broken)
  end
  local _, messages = finish(child_run)
  return sections, messages
end

return M
