-- sandbox.lua - --sandbox: a report that came from elsewhere sees the subject and the library.
--
-- The report's code, from its file's first line to the last call that rendering makes, runs in
-- child processes that the kernel lets do nothing but compute and write bytes to us: see
-- src/host/sandbox.h. Whatever a report makes of the Lua state there, nothing follows here. That
-- it finds no io, debug or load of byte code is the second wall, and gives it the clearer errors.
local core = require "pyprof.core.sandbox"
local fail = require "pyprof.fail"
local misuse = require "pyprof.misuse"

local M = {}

--- The limits: seconds of processor time, and bytes: of memory beyond what was collected, and of
--- what is written.
M.seconds, M.bytes = 10, 512 << 20

-- A child's exit status.
local outcomes = { [0] = "done", "refused", "usage", "failed", "unsure" }

-- --- what a report finds there

local plain = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
  "_VERSION", "coroutine", "math", "string", "table", "utf8",
}
local absent = {
  "io", "debug", "package", "dofile", "loadfile", "print", "collectgarbage", "warn",
}
local absent_os = { "execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname" }
local absent_library = { "load", "record", "subject", "process", "scan" }

local function raise_absent(name)
  misuse.raise("%s is not there in a sandbox (the subject and the library are)", name)
end

-- The table, which says of these names that they are not there.
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

--- The globals of a report in a sandbox. Called in the child: the table of strings is its own.
---@return table
function M.environment()
  local globals, found = {}, library()
  for _, name in ipairs(plain) do globals[name] = _G[name] end
  rawset(string, "dump", nil)
  globals.os = without({ clock = os.clock, date = os.date, difftime = os.difftime,
    time = os.time }, absent_os, "os.")
  globals._G = globals
  function globals.require(name)
    if name ~= "pyprof" then raise_absent(("require of '%s'"):format(tostring(name))) end
    return found
  end
  function globals.load(text, name, mode, ...)
    if mode ~= nil and mode ~= "t" and mode ~= "bt" then raise_absent("byte code") end
    local environment = globals
    if select("#", ...) > 0 then environment = ... end
    return load(text, name, "t", environment)
  end
  return without(globals, absent, "")
end

-- What the file returns. Called in a child.
local function execute(text, chunk_name, words)
  local chunk, message = load(text, "@" .. chunk_name, "t", M.environment())
  if not chunk then fail.refused("%s", message) end
  misuse.script = chunk_name
  return chunk(table.unpack(words))
end

-- --- a report's table as bytes: what a child says of it

local deepest, longest = 16, 1 << 20

local function encode(value, depth)
  local kind = math.type(value) or type(value)
  if kind == "nil" then return "n" end
  if kind == "boolean" then return value and "t" or "f" end
  if kind == "integer" then return string.pack("<c1i8", "i", value) end
  if kind == "float" then return string.pack("<c1d", "d", value) end
  if kind == "string" then return string.pack("<c1s4", "s", value) end
  if kind == "function" then return "c" end
  if kind ~= "table" or depth > deepest then
    fail.refused("the report's table holds %s", kind == "table" and "itself" or "a " .. kind)
  end
  local parts = { "{" }
  for key, item in next, value do
    parts[#parts + 1] = encode(key, depth + 1) .. encode(item, depth + 1)
  end
  return table.concat(parts) .. "}"
end

local function stub() end

local formats = { i = "<i8", d = "<d", s = "<s4" }
local constants = { t = true, f = false, c = stub }

local function decode(bytes, position, depth)
  local kind = bytes:sub(position, position)
  if formats[kind] then return string.unpack(formats[kind], bytes, position + 1) end
  if kind ~= "{" then return constants[kind], position + 1 end
  if depth > deepest then error("too deep") end
  local result = {}
  position = position + 1
  while bytes:sub(position, position) ~= "}" do
    local key, behind = decode(bytes, position, depth + 1)
    result[key], position = decode(bytes, behind, depth + 1)
  end
  return result, position + 1
end

-- --- running in a child

local function message_of(value)
  local failure = fail.of(value)
  local text = tostring(failure and failure.message or value)
  if text == "not enough memory" then
    text = ("%s: not enough memory (a sandbox has %d MiB)"):format(misuse.script or "--sandbox",
      M.bytes >> 20)
  end
  return text
end

--- Runs work(say) in a child; its outcome, and what it said. A failure there is one here.
---@param name string                 of the report, for complaints
---@param work fun(say: fun(message: string)): string   what it returns is the outcome
---@param write fun(bytes: string)    gets what work writes to standard output
---@param traceback boolean|nil
---@return string outcome
---@return string[] messages
function M.run(name, work, write, traceback)
  local how = "refused"
  -- Gets what it returned once more where the stack overflows.
  local function handle(value)
    local failure = fail.of(value)
    how = failure and failure.outcome or how
    local text = message_of(value)
    return traceback and not failure and debug.traceback(text, 2) or text
  end
  local started, reason = core.start(function(say)
    local good, outcome = xpcall(work, handle, say)
    if not good then
      say(message_of(outcome)) -- where memory ends nobody has handled it
      outcome = how
    end
    for status, known in pairs(outcomes) do
      if known == outcome then return status end
    end
    return 1
  end, M.seconds, M.bytes)
  if not started then fail.refused("%s", reason) end
  local child <close> = started
  local length = 0
  for bytes in function() return child:read() end do
    length = length + #bytes
    if length > M.bytes then
      fail.refused("%s: wrote more than %d MiB (a sandbox's limit)", name, M.bytes >> 20)
    end
    write(bytes)
  end
  local status, messages = child:finish()
  local text = require "pyprof.text"
  for i, message in ipairs(messages) do messages[i] = text.clean_lines(message) end
  if status == "time" then
    fail.refused("%s: took more than %d s of processor time (a sandbox's limit)", name, M.seconds)
  end
  local outcome = outcomes[status] or "refused"
  if outcome == "usage" then fail.usage("%s", messages[#messages] or name) end
  if outcome == "refused" then
    fail.refused("%s", messages[#messages] or name .. ": was ended in its sandbox")
  end
  return outcome, messages
end

-- --- a report

-- What the second child needs of the file that the first one ran.
local kept

--- The table that a report's file returns, with functions in it that do nothing.
---@param text string
---@param chunk_name string
---@param words string[]
---@return table
function M.read(text, chunk_name, words)
  kept = { text = text, chunk_name = chunk_name, words = words }
  local parts, length = {}, 0
  M.run(chunk_name, function()
    local report = execute(text, chunk_name, words)
    if type(report) ~= "table" then
      fail.refused("%s: is a plain script, no report (--sandbox runs reports alone)", chunk_name)
    end
    io.stdout:write(encode(report, 1))
    return "done"
  end, function(bytes)
    length = length + #bytes
    if length > longest then fail.refused("%s: its table is too large", chunk_name) end
    parts[#parts + 1] = bytes
  end)
  local good, report = pcall(decode, table.concat(parts), 1, 1)
  if not good or type(report) ~= "table" then
    fail.refused("%s: returned no report", chunk_name)
  end
  return report
end

-- A terminal obeys what it is sent: nothing but colours gets through.
local function fit(bytes)
  bytes = bytes:gsub("[\0-\8\11-\26\28-\31\127]", "?"):gsub("\xc2[\x80-\x9f]", "?")
  return (bytes:gsub("\27(%[?[%d;]*m?)", function(rest)
    if not rest:find("^%[[%d;]*m$") then return "?" .. rest end
  end))
end

local function fit_for_terminal(write)
  local held = ""
  return function(bytes)
    held = held .. bytes
    -- What belongs together stands on one line, unless that has no end.
    local last = held:match("^.*()\n") or #held > 65536 and #held - 1 or 0
    write((fit(held:sub(1, last))))
    held = held:sub(last + 1)
  end, function() write((fit(held))) end
end

-- What a report cannot ask the system for: which files are the same.
local function keep_ids(values)
  local file_id, profile = require "pyprof.file_id", require "pyprof.profile"
  for _, value in pairs(values) do
    local is_list = type(value) == "table" and rawget(value, 1) ~= nil
    for _, each in ipairs(is_list and value or { value }) do
      if profile.is(each) then file_id.keep(profile.files(each)) end
    end
  end
end

-- Nor can it open the files of the source.
local function keep_source(source)
  local paths, message = require("pyprof.source").keep(source)
  if not paths then fail.refused("%s", message) end
  require("pyprof.file_id").keep(paths)
end

-- The report itself, its functions alive: with the defaults that it has now.
local function revive(loaded, args, options)
  local report = execute(kept.text, kept.chunk_name, kept.words)
  for _, option in ipairs(require("pyprof.report").own_options(loaded.name, report.args)) do
    if options[option.key] == nil then args[option.argument] = option.default end
  end
  return { name = loaded.name, report = report }
end

--- Runs a report that M.read has read, and writes what it gives.
---@param loaded pyprof.LoadedReport
---@param subject pyprof.Subject
---@param args table<string, any>
---@param options table
---@param context pyprof.RenderContext
---@param command { present: function, tell: function, say: fun(message: string) }
---@return string outcome
function M.present(loaded, subject, args, options, context, command)
  local values = rawget(subject, "data").values
  if values.source then keep_source(values.source) end
  keep_ids(values)
  keep_ids(args)
  local outcome, messages
  require("pyprof.output").write(options.output, function(write)
    local put, finish = write, nil
    if context.breaks then put, finish = fit_for_terminal(write) end
    outcome, messages = M.run(loaded.name, function(say)
      require("pyprof.selector").on_empty(say)
      local alive = revive(loaded, args, options)
      return command.present(alive, subject, args, options, context, function(format, notes, fill)
        command.tell(format, notes, say)
        fill(function(...) io.stdout:write(...) end)
      end)
    end, put, options.traceback)
    if finish then finish() end
  end)
  for _, message in ipairs(messages) do command.say(message) end
  return outcome
end

return M
