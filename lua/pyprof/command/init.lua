-- command/init.lua - the command line: reads it, collects data, runs a report, writes its result.
local fail = require "pyprof.base.fail"

local M = {}

-- Seldom needed: -e starts without it.
local function say(message)
  require("pyprof.base.say").line(message)
end

local usage = "usage: pyprof-lua [options] [REPORT [options]] TARGET [target arguments]"

local help = [[

REPORT is one of --list, or a Lua file of your own; else report.lua.
TARGET is what it is about:
  script.py ARG...       a program (or a directory or .pyz with a __main__.py)
  -m MODULE ARG...       a module
  -c CODE ARG...         code
  -- COMMAND ARG...      any command that runs Python somewhere
  --pid N                a running process
  FILE|FOLDER...         recordings (speedscope, folded or pprof, gzip or not),
                         or profiles of calls (cProfile, callgrind), merged

Options, before or after REPORT, always before TARGET:
%s

Instead of REPORT:
%s

With --sandbox the kernel keeps a REPORT from all programs, from the network and
from all files but the source of TARGET. It may take 10 s of processor time and
512 MiB of memory.

The exit status is the target's own when that is not 0; else 0, 1 (something
could not be read or run), 2 (the command line is wrong), or the report's
verdict: 3 failed, 4 unsure.]]

local function print_help()
  local options = require "pyprof.options"
  print(usage)
  print(help:format(options.describe(options.common), options.describe(options.alone)))
end

-- Does the report need only source? Then every word is a path of source.
local function only_source(report)
  local any = false
  for _, list in ipairs { report.needs or {}, report.wants or {} } do
    for _, name in ipairs(list) do
      if name ~= "source" then return false end
      any = true
    end
  end
  return any
end

-- The time of the last write, by any process, to the file that is our standard output. Only files
-- tell it: a pipe would need another one between the program and its reader.
local function written()
  local status = require("pyprof.core.sys").stat("/proc/self/fd/1")
  return status and status.kind == "file" and status.modified
end

-- The unit of weights: that of the first profile in the report's needs and wants, or of the last
-- one that run collected anew.
local function unit_of(report, data)
  local values = data.values
  if values.profile then return values.profile.unit end
  for _, list in ipairs { report.needs or {}, report.wants or {} } do
    for _, name in ipairs(list) do
      local value = values[name]
      if name == "recordings" and value then value = value[1] end
      if require("pyprof.subject").is_profile(value) then return value.unit end
    end
  end
  return data.unit or "none"
end

-- The results of run as sections; in the format html those of html, if the report has it. Without
-- a unit, it is that of a profile that run collects.
local function run_of(loaded, subject, args, unit, format)
  local report = loaded.report
  local run = format == "html" and report.html or report.run
  local results = table.pack(run(subject, args))
  if results[1] == nil then
    local message = results[2]
    local fails = results[3] == "usage" and fail.usage or fail.refused
    fails("%s: %s", loaded.name, type(message) == "string" and message or
      results.n == 0 and "run returned nothing (is a `return` missing?)" or
      message ~= nil and ("run returned nil, and a %s for a message"):format(type(message)) or
      "run returned nil")
  end
  unit = unit or unit_of(report, rawget(subject, "data"))
  return require("pyprof.render.sections").of(results, report, loaded.name, unit, format)
end

-- What a page of the report says of the data.
local function facts_of(loaded, subject)
  local facts, subjects = require "pyprof.page.facts", require "pyprof.subject"
  local collected = rawget(subject, "data").values
  local meta = facts.meta(collected, subjects.how(subject))
  return { report = loaded.name, command = meta.command, date = meta.date,
    strip = facts.strip(meta, collected, 0) }
end

-- Refuses options that say how a target is run, if none is run.
local function check_run(target, given)
  if target.kind ~= "recordings" and target.kind ~= "source" then return end
  for _, option in ipairs(require("pyprof.options").common) do
    if option.runs and given[option.name] then
      fail.usage("--%s: of no use for %s: nothing is run", option.name, target.name)
    end
  end
end

-- Applies the user's config.lua and names its selectors.
local function configured(options, loaded)
  if not require("pyprof.base.places").config_file() then return {} end
  local config = require("pyprof.options.config").apply(options, loaded)
  if config.selectors then require("pyprof.profile.selector").set_named(config.selectors) end
  return config
end

local function run_report(loaded, words, options, state)
  local report, given = loaded.report, {}
  for _, option in ipairs(require("pyprof.options").common) do
    given[option.name] = options[option.key or option.name:gsub("-", "_")] ~= nil
  end
  local config = configured(options, loaded)
  if options.width and options.width < 1 then
    fail.usage("--width: %d is no number of columns", options.width)
  end
  require("pyprof.base.shown").whole(options.full_paths)
  local args, views = require("pyprof.options.arguments").values(loaded, options)
  if report.check and options.sandbox then
    require("pyprof.command.sandbox").check(loaded, args, options)
  else
    require("pyprof.report").check_arguments(loaded, args, options)
  end
  if options.output then require("pyprof.base.output").check(options.output) end
  if report.binary and not options.output and require("pyprof.core.sys").terminal(1) then
    fail.usage("%s: not text: a terminal cannot show it (-o FILE)", loaded.name)
  end
  if require("pyprof.render").format_asked(options) == "sarif" then
    require("pyprof.render.sarif").check(report, loaded.name)
  end
  local target = require("pyprof.target").new(words, options, only_source(report))
  check_run(target, given)
  local before = target.kind == "program" and not options.output and written()
  local subjects = require "pyprof.subject"
  local subject = subjects.new(target, report, options, nil,
    require("pyprof.options.arguments").asked(loaded, args))
  state.subject = subject
  subjects.collect(subject)
  table.move(views, 1, #views, #subject.notes + 1, subject.notes)
  local context = require("pyprof.base.terminal").of_reports(options.output, options.width)
  require("pyprof.base.terminal").set_width(context.width)
  context.coloured = context.coloured and config.colours ~= false
  context.colours = type(config.colours) == "table" and config.colours or nil
  local data = rawget(subject, "data")
  context.limits = report.args ~= nil and report.args.limit ~= nil
  context.section, context.sandbox = options.section, options.sandbox
  context.csv_raw = options.csv_raw
  local sections, messages
  if options.sandbox then
    context.unit = unit_of(report, data)
    sections, messages = require("pyprof.command.sandbox").present(loaded, subject, args, options,
      context.unit, run_of)
  else
    local format = require("pyprof.render").format_asked(options)
    sections, messages = run_of(loaded, subject, args, nil, format), {}
    context.unit = unit_of(report, data)
  end
  context.notes = subject.notes
  local render = require "pyprof.render"
  local format = render.format_for(options, sections)
  if format == "html" then context.facts = facts_of(loaded, subject) end
  -- Formats for programs have no place for notes, nor has a text alone: standard error shows them.
  if render.by_field[format] or render.is_whole(sections, format, context) then
    for _, note in ipairs(context.notes) do say(note) end
  end
  for _, message in ipairs(messages) do say(message) end
  if before and before ~= written() and render.by_field[format] then
    say(("standard output: the program's own output precedes the %s (-o FILE keeps them " ..
      "apart)"):format(format))
  end
  require("pyprof.base.output").write(options.output, function(write)
    render.render(format, sections, write, context)
  end, format)
  return render.verdict(sections) or "done"
end

-- The function that makes the subject of a TARGET for -e and -i, or nil without a TARGET.
local function subject_maker(words, options, state)
  if #words == 0 and not options.pid then return nil end
  local target = require("pyprof.target").new(words, options, false)
  return function()
    state.subject = require("pyprof.subject").new(target, nil, options)
    return state.subject
  end
end

-- -e: runs Lua with the library, and with the subject of a TARGET if one follows; shows the values
-- of an expression.
local function evaluate(code, words, options, state)
  local chunk, message = require("pyprof.repl.compile").compile(code, "=-e")
  if not chunk then fail.usage("%s", message) end
  configured(options)
  require("pyprof.repl.environment").make(subject_maker(words, options, state))
  local values = table.pack(chunk())
  if values.n > 0 then require("pyprof.repl.show").write(values) end
  return "done"
end

-- The options that --with makes known: those of the collector that it names.
local function bring(value)
  return require("pyprof.subject.collectors").options_of(value)
end

-- Is this word the name of a report, or of a Lua file?
local function names_report(word)
  return word:find("%.lua$") ~= nil or not word:find("/", 1, true) and
    require("pyprof.base.places").report(word .. ".lua") ~= nil and
    (require("pyprof.core.sys").stat(word) or {}).kind ~= "file"
end

-- Tells of a file or a folder here that has the name of the report which was taken, unless it is a
-- copy of it.
local function say_other(name)
  local places = require "pyprof.base.places"
  local found, here = places.report(name)
  if here and places.read(found) ~= places.read { path = here } then
    say(("%s: the report %s, not what is here (type %s for that)"):format(name,
      found.chunk == found.path and found.path or "of pyprof-lua", here))
  end
end

-- The report that the words name, and where the words after it begin. A TARGET without a report is
-- shown by report.lua.
local function report_and_target(words, position, options)
  local word = words[position]
  local given = word and (names_report(word) or not require("pyprof.target").begins(word))
  if given then return word, position + 1 end
  if not word and not options.pid then fail.usage("TARGET is missing (pyprof-lua --help)") end
  return "report.lua", position
end

-- Where no report is named, the options of report.lua may stand before TARGET.
local early = { hint = " (a report's own options stand after the report)", options = function()
  return require("pyprof.report").load("report.lua", {}).options
end }

-- Refuses an option of report.lua where another report, or none, follows it.
local function check_early(values, name)
  if not values.early then return end
  if not name or values.sandbox then
    fail.usage("%s: an option of report.lua (pyprof-lua report.lua %s …)", values.early,
      values.early)
  end
  fail.usage("%s: a report's own options stand after it (pyprof-lua %s %s …)", values.early, name,
    values.early)
end

-- The REPL. A report runs first, and its subject becomes that of the REPL.
local function interact(words, position, options, state)
  if options.eval then fail.usage("-e and -i: only one of them can be (-i reads Lua)") end
  local name = words[position]
  local make_subject
  if name and names_report(name) then
    local report = require "pyprof.report"
    say_other(name)
    local loaded = report.load(name, table.move(words, position + 1, #words, 1, {}))
    if loaded.report then
      position = require("pyprof.options").read(words, position + 1,
        { require("pyprof.options").common, loaded.options, loaded.brought }, options, bring)
      run_report(loaded, table.move(words, position, #words, 1, {}), options, state)
      make_subject = function() return state.subject end
    end
  else
    configured(options)
    make_subject = subject_maker(table.move(words, position, #words, 1, {}), options, state)
  end
  return require("pyprof.repl").run(make_subject, options.traceback)
end

local function run(words, state)
  if words[1] == "--complete" then -- of shells, not of people: --help does not show it
    local rest = table.move(words, 3, #words, 1, {})
    require("pyprof.command.complete").print(words[2], rest)
    return "done"
  end
  local options = require "pyprof.options"
  local values = { views = {} }
  state.options = values
  local position = options.read(words, 1, { options.common, options.alone }, values, bring, early)
  if values.interactive or values.eval then check_early(values) end
  if values.version then
    require("pyprof.command.alone").version()
    return "done"
  elseif values.list then
    require("pyprof.command.alone").list(table.move(words, position, #words, 1, {}))
    return "done"
  elseif values.search then
    require("pyprof.command.alone").search(values.search)
    return "done"
  elseif values.doc then
    require("pyprof.command.alone").doc(table.move(words, position, #words, 1, {}))
    return "done"
  elseif values.copy then
    require("pyprof.command.alone").copy(values.copy)
    return "done"
  elseif values.new then
    require("pyprof.command.alone").new(values.new)
    return "done"
  elseif values.sandbox and (values.interactive or values.eval) then
    fail.usage("--sandbox: for a REPORT (-e and -i run what you write yourself)")
  elseif values.interactive or (not values.eval and not values.help and #words == 0) then
    return interact(words, position, values, state)
  elseif values.eval then
    return evaluate(values.eval, table.move(words, position, #words, 1, {}), values, state)
  elseif values.help and not (words[position] and names_report(words[position])) then
    print_help()
    return "done"
  end
  local report, sandbox = require "pyprof.report", values.sandbox
  local name
  name, position = report_and_target(words, position, values)
  if values.sandbox or words[position - 1] == name then check_early(values, name) end
  local rest = table.move(words, position, #words, 1, {})
  if words[position - 1] == name then say_other(name) end
  local loaded = report.load(name, rest, sandbox and require("pyprof.command.sandbox").read)
  if not loaded.report then return "done" end
  position = options.read(words, position,
    { options.common, loaded.options, loaded.brought }, values, bring)
  if values.sandbox and not sandbox then
    fail.usage("--sandbox: comes before %s, whose file has run already", name)
  end
  if values.help then
    print(report.describe(loaded))
    return "done"
  end
  return run_report(loaded, table.move(words, position, #words, 1, {}), values, state)
end

--- Runs a command line.
---@param words string[]
---@return "done"|"refused"|"usage"|"failed"|"unsure" outcome
---@return integer|nil status   the target's own, where one ran
function M.main(words)
  local state = {}
  local good, outcome = xpcall(run, function(value)
    if fail.of(value) then return value end
    local message = tostring(value)
    if message:find("(global 'pyprof')", 1, true) then
      message = message .. ': a script begins with: local pyprof = require "pyprof"'
    end
    local wanted = state.options and state.options.traceback
    return wanted and debug.traceback(message, 2) or message
  end, words, state)
  if not good then
    local failure = fail.of(outcome)
    local message = failure and failure.message or tostring(outcome)
    -- Memory may run out anywhere: the file or the line in the message is not at fault.
    if fail.is_memory(message) then message, failure = "not enough memory", nil end
    if not (failure and failure.said_elsewhere) then say(message) end
    outcome = failure and failure.outcome or "refused"
  end
  local exit, unsaved
  if state.subject then exit, unsaved = require("pyprof.subject").ended(state.subject) end
  if unsaved then
    say(unsaved)
    outcome = "refused"
  end
  return outcome, exit and exit.status
end

return M
