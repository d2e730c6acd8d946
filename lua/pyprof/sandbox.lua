-- sandbox.lua - --sandbox: a report that came from elsewhere sees the subject and the library.
--
-- The report's code, from its file's first line to the last value of the last row, runs in child
-- processes that the kernel lets do nothing but compute and write bytes to us: see
-- src/host/sandbox.h. Whatever a report makes of the Lua state there, nothing follows here. That
-- it finds no io, debug or load of byte code is the second wall, and gives it the clearer errors.
--
-- This process calls, converts and opens nothing that a report supplies. These are all the ways by
-- which something of a report comes here, each as plain values (plain.lua) of a bounded size:
--   its table      `read` makes each text one line without control characters, and each function
--                  one that does nothing; then report.lua checks the table like any other.
--                  Defaults are only shown, by --help: they stay in the child (`revive`).
--                  Types of arguments decide which words of the command line name files; the user
--                  wrote those words. A file of Lua is read here and run in the child.
--                  Needs and wants are names of collectors, never paths.
--   its result     `receive_sections` checks each field of each section. The child makes the cells'
--                  texts: value and format functions and __tostring run there. The renderers work
--                  here, and escape and clean these texts like any other data.
--   a text alone   is escaped where the format is HTML or Markdown (render.is_whole).
--   its messages   `finish` makes each one line without control characters.
--   its verdict    is one of three words.
--   its end        is a status that `outcomes` has, a limit that was reached, or a failure.
local columns = require "pyprof.columns"
local core = require "pyprof.core.sandbox"
local fail = require "pyprof.fail"
local find = require "pyprof.find"
local misuse = require "pyprof.misuse"
local plain = require "pyprof.plain"
local render = require "pyprof.render"
local text = require "pyprof.text"

local M = {}

--- The limits: seconds of processor time, and bytes: of memory beyond what was collected, and of
--- what is written.
M.seconds, M.bytes = 10, 512 << 20

local largest_table = 1 << 20 -- bytes of a report's table

-- A child's exit status.
local outcomes = { [0] = "done", "refused", "usage", "failed", "unsure" }

-- --- what a report finds there

local globals_there = {
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

-- What the file returns. Called in a child.
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

-- Starts work(say) in a child. What work returns is the outcome; a failure there is one here.
local function start(name, work, traceback)
  local how = "refused"
  -- Gets what it returned once more where the stack overflows.
  local function handle(value)
    local failure = fail.of(value)
    how = failure and failure.outcome or how
    local message = message_of(value)
    return traceback and not failure and debug.traceback(message, 2) or message
  end
  local child, reason = core.start(function(say)
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
  if not child then fail.refused("%s", reason) end
  return { name = name, child = child, length = 0, traceback = traceback }
end

-- Some of what the child wrote; nil at the end.
local function read_some(run)
  local bytes = run.child:read()
  run.length = run.length + #(bytes or "")
  if run.length > M.bytes then
    fail.refused("%s: wrote more than %d MiB (a sandbox's limit)", run.name, M.bytes >> 20)
  end
  return bytes
end

-- A message is one line. The lines of a traceback are indented: none of them begins like another
-- message of ours.
local function clean_message(message, traceback)
  if not traceback then return text.clean(message) end
  return (text.clean_lines(message):gsub("\n", "\n  "))
end

-- What the child said, when it has written all; raises where it did not end well.
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

--- Runs work(say) in a child; its outcome, and what it said. A failure there is one here.
---@param name string                 of the report, for complaints
---@param work fun(say: fun(message: string)): string   what it returns is the outcome
---@param write fun(bytes: string)    gets what work writes to standard output
---@return string outcome
---@return string[] messages
function M.run(name, work, write)
  local run = start(name, work)
  local _ <close> = run.child
  for bytes in function() return read_some(run) end do write(bytes) end
  return finish(run)
end

-- --- the table of a report

-- What the second child needs of the file that the first one ran.
local kept

local function stand_in(value)
  if type(value) == "function" then return "c" end
  fail.refused("the report's table holds a %s", type(value))
end

-- Texts of one line without control characters, in the keys as well.
local function cleaned(value)
  if type(value) == "string" then return text.clean((value:gsub("%s+", " "))) end
  if type(value) ~= "table" then return value end
  local result = {}
  for key, item in pairs(value) do result[cleaned(key)] = cleaned(item) end
  return result
end

--- The table that a report's file returns, with functions in it that do nothing.
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

-- --- what a report gives, on its way out of the child

local function send(value)
  local bytes = plain.encode(value)
  io.stdout:write(string.pack("<I4", #bytes), bytes)
end

-- A column's description; the texts and values of its cells are sent with each row.
local function described(column)
  local fields = {}
  for i, field in ipairs(column.fields) do fields[i] = field.name end
  return { head = column.head, fields = fields, right = column.right, share = column.share,
    optional = column.optional, tree = column.tree }
end

-- Programs read fields, people read cells: only what the format shows is sent. What cannot be said
-- in JSON is an error only where JSON is written.
local function row_sender(section, resolved, by_field)
  local fields, cells, rank = columns.fields(resolved), {}, 0
  table.move(resolved, 1, #resolved, 1, cells)
  for _, part in ipairs(section.line or {}) do
    if type(part) == "table" then cells[#cells + 1] = part end
  end
  return function(row)
    local sent = {}
    rank = rank + 1
    if by_field then
      for i, field in ipairs(fields) do sent[i] = columns.value(field, row, rank) end
      return send(sent)
    end
    for i, column in ipairs(cells) do
      local shown, value = column.cell(row, rank)
      sent[2 * i - 1], sent[2 * i] = shown, math.type(value) and value or nil
      if column.tree then sent.depth, sent.name, sent[2 * i - 1] = row.depth, row.name, "" end
    end
    send(sent)
  end
end

-- Columns that the report does not name are those of the first row.
local function send_rows(section, unit, by_field)
  local row = section.rows()
  local resolved = section.columns or row and columns.of_row(row, unit)
  local list = resolved and {} or false
  for i, column in ipairs(resolved or {}) do list[i] = described(column) end
  send(list)
  local send_row = row_sender(section, resolved or {}, by_field)
  while row do
    send_row(row)
    row = section.rows()
  end
  send(true)
end

-- First what is known of all sections, then the rows or the object of each in turn.
local function send_sections(sections, unit, by_field)
  send(by_field == true)
  local list = {}
  for i, section in ipairs(sections) do
    local line
    for j, part in ipairs(section.line or {}) do
      line = line or {}
      line[j] = type(part) == "string" and part
    end
    list[i] = { title = section.title, head = section.head, tail = section.tail,
      text = section.text, verdict = section.verdict, because = section.because, line = line,
      rows = section.rows ~= nil, object = section.object ~= nil }
  end
  send(list)
  for _, section in ipairs(sections) do
    if section.object ~= nil then send(section.object) end
    if section.rows then send_rows(section, unit, by_field) end
  end
end

-- --- what a report gives, as it comes in here

-- The bytes mean what is read from them here; a child that writes something else has no result.
local function want(good, run)
  if not good then fail.refused("%s: gave a broken result", run.name) end
end

-- A function that returns the next value. Where a child failed the bytes end too early, and what
-- `finish` raises says why.
local function receiver(run)
  local held, position, spent = "", 1, 0
  local function spend(bytes)
    spent = spent + bytes
    if spent > M.bytes then
      fail.refused("%s: gave more than %d MiB (a sandbox's limit)", run.name, M.bytes >> 20)
    end
  end
  -- The position of that many bytes in `held`, which are there then.
  local function take(size)
    if #held - position + 1 < size then
      local parts, length = { held:sub(position) }, #held - position + 1
      while length < size do
        local bytes = read_some(run)
        if not bytes then
          finish(run)
          want(false, run)
        end
        parts[#parts + 1], length = bytes, length + #bytes
      end
      held, position = table.concat(parts), 1
    end
    position = position + size
    return position - size
  end
  return function()
    local from = take(4)
    local size = string.unpack("<I4", held, from)
    from = take(size)
    spend(size)
    local good, value = pcall(plain.decode, held:sub(from, from + size - 1), spend)
    if not good and fail.of(value) then error(value, 0) end
    want(good, run)
    return value
  end
end

local function is_of(value, kind)
  return value == nil or type(value) == kind
end

local function is_cell(value, number)
  return type(value) == "string" and (number == nil or math.type(number) ~= nil)
end

-- Columns for rows as `send_rows` sends them; false where there are neither columns nor rows.
local function receive_columns(receive, by_field, run)
  local list, resolved = receive(), {}
  if list == false then return nil end
  want(type(list) == "table", run)
  for j, it in ipairs(list) do
    want(type(it) == "table" and type(it.head) == "string" and type(it.fields) == "table" and
      #it.fields > 0 and is_of(it.right, "boolean") and is_of(it.share, "boolean") and
      is_of(it.optional, "boolean") and is_of(it.tree, "boolean"), run)
    local column = { head = it.head, right = it.right, share = it.share, optional = it.optional,
      tree = it.tree, fields = {} }
    for i, name in ipairs(it.fields) do
      want(type(name) == "string", run)
      column.fields[i] = { name = name }
    end
    if not by_field then
      function column.cell(row) return row[2 * j - 1], row[2 * j] end
    end
    resolved[j] = column
  end
  return resolved
end

-- The parts of a line: texts, and cells, which a row has behind those of its columns.
local function parts_of(line, first, run)
  local parts, count = {}, first
  for i, part in ipairs(line) do
    want(type(part) == "string" or part == false, run)
    if part == false then
      count = count + 1
      local at = 2 * count - 1
      part = { cell = function(row) return row[at], row[at + 1] end }
    end
    parts[i] = part
  end
  return parts, count
end

local function receive_rows(section, line, receive, by_field, run)
  section.columns = receive_columns(receive, by_field, run)
  local rows, count = {}, #(section.columns or {})
  local fields = columns.fields(section.columns or {})
  if line then section.line, count = parts_of(line, count, run) end
  local sent = receive()
  while sent ~= true do
    want(type(sent) == "table", run)
    local row = sent
    if by_field then
      row = {}
      for i, field in ipairs(fields) do row[field.name] = sent[i] end
    else
      for i = 1, 2 * count, 2 do want(is_cell(row[i], row[i + 1]), run) end
      want(is_of(row.name, "string") and (row.depth == nil or math.type(row.depth) == "integer"),
        run)
    end
    rows[#rows + 1], sent = row, receive()
  end
  local i = 0
  section.rows = function()
    i = i + 1
    return rows[i]
  end
end

-- The sections that `send_sections` sends.
local function receive_sections(receive, by_field, run)
  local list, sections = receive(), {}
  want(type(list) == "table", run)
  for i, it in ipairs(list) do
    want(type(it) == "table" and is_of(it.line, "table") and
      (it.verdict == nil or render.verdicts[it.verdict]), run)
    local section = { verdict = it.verdict }
    for _, key in ipairs { "title", "head", "tail", "text", "because" } do
      want(is_of(it[key], "string"), run)
      section[key] = it[key]
    end
    if it.object == true then section.object = receive() end
    if it.rows == true then receive_rows(section, it.line, receive, by_field, run) end
    sections[i] = section
  end
  return sections
end

-- --- a report

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

-- The files of Lua that arguments name, by path: to be run in the child.
local function read_lua(loaded, args)
  local codes = {}
  for _, option in ipairs(loaded.options) do
    local value = option.kind == "lua" and args[option.argument]
    for _, path in ipairs(type(value) == "table" and value or { value or nil }) do
      local code, message = find.read { path = path, chunk = path }
      if not code then fail.refused("--%s: %s", option.name, message) end
      codes[path] = code
    end
  end
  return codes
end

local function run_lua(option, path, code)
  local result = execute(code, path, {})
  if result == nil then fail.refused("--%s: %s: returns nothing", option.name, path) end
  return result
end

-- The report itself, its functions alive, with the defaults that it has now, and what the files of
-- Lua return.
local function revive(loaded, args, options, codes)
  local report = execute(kept.code, kept.chunk_name, kept.words)
  for _, option in ipairs(require("pyprof.report").own_options(loaded.name, report.args)) do
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
  return { name = loaded.name, report = report }
end

--- Runs a report that M.read has read.
---@param loaded pyprof.LoadedReport
---@param subject pyprof.Subject
---@param args table<string, any>
---@param options table                the options' values
---@param unit string                  of weights
---@param run fun(loaded: pyprof.LoadedReport, subject: pyprof.Subject, args: table, unit: string):
---  pyprof.Section[]                  called in the child
---@return pyprof.Section[] sections   of plain values, their functions ours
---@return string[] messages           what the library warned of
function M.present(loaded, subject, args, options, unit, run)
  local values = rawget(subject, "data").values
  if values.source then keep_source(values.source) end
  keep_ids(values)
  keep_ids(args)
  local codes = read_lua(loaded, args)
  local child_run = start(loaded.name, function(say)
    require("pyprof.selector").on_empty(say)
    local sections = run(revive(loaded, args, options, codes), subject, args, unit)
    send_sections(sections, unit, render.by_field[render.format_for(options, sections)])
    return "done"
  end, options.traceback)
  local _ <close> = child_run.child
  local receive = receiver(child_run)
  local sections = receive_sections(receive, receive() == true, child_run)
  local _, messages = finish(child_run)
  return sections, messages
end

return M
