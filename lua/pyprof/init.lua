-- init.lua - the library that a report gets from require "pyprof".
--- The library: local pyprof = require "pyprof". Misuse raises an error at your own line. A
--- failure from outside (a missing file) gives nil and a message: wrap the call in assert.
---@class pyprof
local M = { version = require "pyprof.version" }

--- Reads one or more recordings and merges them. A file of cProfile or callgrind holds calls, not
--- samples: it gives only functions, callers and callees.
---     local profile, message = pyprof.load("monday.json.gz", "tuesday.json.gz")
---     if not profile then error(message) end
---@param ... string|table   paths; a table at the end holds options: metric
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
function M.load(...)
  for _, path in ipairs { ... } do
    if type(path) == "string" and not path:find("\0", 1, true) then
      local good, why = require("pyprof.core.sys").plain(path)
      if not good then return nil, why end
    end
  end
  local profile, message = require("pyprof.profile").load(...)
  return profile, message
end

--- Runs a program under the profiler. The table has its words as on the command line, and options
--- by name (`rate = 200`, `python = "…"`). `exit` of the profile says how the program ended.
---     local profile = assert(pyprof.record { "script.py", "argument", rate = 200 })
---     print(profile.samples, profile.exit.status)
---@param start table   { "script.py", "argument", rate = 200 }
---@return pyprof.Profile|nil
---@return string|nil message   beside a profile: why `save` failed, and where the recording is
function M.record(start)
  return require("pyprof.subject.session").record(start)
end

--- A TARGET with its data: each field is collected when it is first read. The words are those of
--- the command line, options before TARGET.
---     local subject = assert(pyprof.subject("run.json"))
---     print(subject.target.kind)  --> recordings
---@param ... string
---@return pyprof.Subject|nil
---@return string|nil message
function M.subject(...)
  return require("pyprof.subject.session").subject(...)
end

--- Other programs, started without a shell.
M.process = {}

--- Runs a program to its end: `{ "git", "log", env = { LANG = "C", OTHER = false },
--- directory = ".", capture = false }`. `output` holds its output, unless capture is false.
---     local ended = assert(pyprof.process.run { "git", "--version" })
---     print(ended.status, ended.output)
---@param start table
---@return pyprof.Ended|nil   also if its status is not 0
---@return string|nil message  why it could not be started
function M.process.run(start)
  return require("pyprof.target.process").run(start)
end

--- Starts a program; see run. `program:wait(seconds)`, `:signal(name)`, `:close()`, `program.pid`.
---     local program <close> = assert(pyprof.process.spawn { "sleep", "60" })
---     print(program:wait(0.1))  --> nil timeout
---@param start table
---@return pyprof.Program|nil   closing it (`local program <close>`) ends the program
---@return string|nil message
function M.process.spawn(start)
  return require("pyprof.target.process").spawn(start)
end

--- Scans a file, a folder, or several.
---     local source = assert(pyprof.scan("src", "script.py"))
---     print(source:totals().functions)
---@param ... string
---@return pyprof.Source|nil
---@return string|nil message
function M.scan(...)
  return require("pyprof.source").scan(...)
end

--- The resident memory of a run over time: one row for each point, with seconds and bytes, those of
--- all processes. Empty if nothing was run.
---     for _, row in ipairs(pyprof.resident(subject.exit)) do print(row.seconds, row.bytes) end
---@param exit pyprof.Exit|nil
---@return pyprof.ResidentRow[]
function M.resident(exit)
  local rows = {}
  for i, point in ipairs(exit and exit.memory or {}) do
    rows[i] = { seconds = point[1], bytes = point[2] }
  end
  return rows
end

--- Compiles a PCRE2 pattern: match, find, captures, gmatch, gsub, count, split, test.
---     local key = pyprof.regex("(\\w+)=(\\d+)")
---     print(key:match("a=1"))  --> a 1
---@param pattern string
---@param flags string|nil    i m s x u a
---@return pyprof.Regex
function M.regex(pattern, flags)
  return require("pyprof.base.regex").new(pattern, flags)
end

--- A list of `count` rows (or other values); make(i) makes the i-th each time that it is read, so
--- that millions take no memory. It cannot be changed. Rows of a profile: `{ lazy = true }`.
---     local rows = p:functions { lazy = true }
---     local names = pyprof.lazy(#rows, function(i) return rows[i].name end)
---@param count integer
---@param make fun(i: integer): any
---@return any[]
function M.lazy(count, make)
  return require("pyprof.base.lazy").list(count, make)
end

--- An object for JSON of `count` entries; make(i) makes the i-th key, and its value, which is no
--- table, when it is written. The keys come sorted, each once.
---     local names = p:by("name", { sort = "name", lazy = true })
---     local self = pyprof.lazy_object(#names, function(i) return names[i].name, names[i].self end)
---@param count integer
---@param make fun(i: integer): string, any
---@return table<string, any>
function M.lazy_object(count, make)
  return require("pyprof.base.lazy").object(count, make)
end

--- The rows for which keep(row) is true, in their order.
---     local hot = pyprof.filter(p:functions(), function(row) return row.self_share > 0.1 end)
---@param rows table[]
---@param keep fun(row: table): any
---@return table[]
function M.filter(rows, keep)
  return require("pyprof.rows").filter(rows, keep)
end

--- The rows sorted by a field: numbers largest first, text A-Z; "-field" reverses the order.
---     local by_total = pyprof.sort(p:functions(), "total")
---     local by_name = pyprof.sort(p:functions(), "name")
---@param rows table[]
---@param key string
---@return table[]
function M.sort(rows, key)
  return require("pyprof.rows").sort(rows, key)
end

--- The first n of the rows sorted by a field.
---     local ten = pyprof.top(p:functions(), "self", 10)
---@param rows table[]
---@param key string
---@param n integer
---@return table[]
function M.top(rows, key, n)
  return require("pyprof.rows").top(rows, key, n)
end

--- The first n of the rows, in their order; all of them if n is nil. A report that shows them says
--- how many it leaves out.
---     local two = pyprof.first(p:threads(), 2)
---@param rows table[]
---@param n integer|nil
---@return table[]
function M.first(rows, n)
  return require("pyprof.rows").first(rows, n)
end

--- One row for each value of a field (or of a function of the row), with that value as its name.
--- Each other field is made as `fields` says: by "sum", "max", "count", "first", or a function of
--- the group's rows.
---     local files = pyprof.group(p:lines(), "file", { self = "sum", lines = "count" })
---@param rows table[]
---@param key string|fun(row: table): any
---@param fields table<string, string|fun(rows: table[]): any>
---@return table[]
function M.group(rows, key, fields)
  return require("pyprof.rows").group(rows, key, fields)
end

--- The rows with distinct names: a name that several rows (of `all`, if it is given) have gets its
--- place, "parse (a.py:10)". In stacks a name of several files gets its file: "parse (a.py)".
---     local ten = pyprof.distinct(pyprof.top(p:functions(), "self", 10))
---@param rows table[]
---@param all table[]|nil
---@return table[]
function M.distinct(rows, all)
  return require("pyprof.rows").distinct(rows, all)
end

--- A template filled with a row, or with each row of a list in turn. Braces hold a column, with a
--- format if it needs one: `{rank}`, `{self%}`, `{wall:seconds}`.
---     local hot = pyprof.fill("{name} {self%}", p:functions { limit = 2 }, ", ")
---     print(pyprof.fill("{size:bytes} in {files} files", { size = 2048, files = 3 }))
---     --> 2.0 KiB in 3 files
---@param template string
---@param rows table          a row, or a list of rows
---@param between string|nil  text between two rows; nil: none
---@return string
function M.fill(template, rows, between)
  return require("pyprof.rows.template").fill(template, rows, between)
end

--- The changes between two profiles, or two lists of them, and whether each is certain. About 2 of
--- 100 pairs of runs of an unchanged program show a certain change. A function of 10 % that becomes
--- twice as slow is mostly found with one pair of 500 samples, and nearly always with two
--- recordings on each side, unless all its samples are in one stretch of the run.
---     local before = assert(pyprof.load("monday.json.gz"))
---     for _, row in ipairs(pyprof.diff(before, p, { certain = true })) do
---       print(row.name, row.change_share)
---     end
---@param before pyprof.Profile|pyprof.Profile[]
---@param after pyprof.Profile|pyprof.Profile[]
---@param query table|nil   by, compare, floor, certain, sort, limit, include, exclude
---@return pyprof.ChangeRow[]
function M.diff(before, after, query)
  return require("pyprof.profile.diff").diff(before, after, query)
end

-- What was collected, if it is a Subject.
local function collected(subject)
  local subjects = package.loaded["pyprof.subject"]
  return subjects and subjects.is(subject) and subjects.collected(subject) or subject
end

--- What a run took as a whole: wall, cpu (seconds), memory (bytes at its peak), waited (the share
--- of its time in which no thread ran or was ready to), sampled (the seconds that its samples stand
--- for), misleads (these differ from cpu by more than a quarter). What is not known is nil.
---     local it = pyprof.program(p)
---     print(it.cpu and it.wall and it.cpu / it.wall)
---@param profile pyprof.Profile
---@param exit pyprof.Exit|nil   else the profile's
---@return pyprof.ProgramRow
function M.program(profile, exit)
  return require("pyprof.profile.program").program(profile, exit)
end

--- The hottest functions: by samples, or by CPU time where the recording says it, where shares of
--- samples mislead, and where nobody asks for other weights (`--idle`, `--weight`). Then the rows
--- have cpu_share, too.
---     local rows, ranked, count = pyprof.hottest(p, 10)
---     print(#rows, ranked == p and "by samples" or "by CPU time", count)
---@param profile pyprof.Profile
---@param limit integer
---@return pyprof.FunctionRow[]
---@return pyprof.Profile ranked   the profile itself, or that by CPU time
---@return integer count           of all functions with samples of their own
function M.hottest(profile, limit)
  return require("pyprof.profile.program").hottest(profile, limit)
end

--- Profiles, or lists of them, by CPU time; nil if a recording does not say it, or other weights
--- were asked for.
---     local cpu = pyprof.by_cpu(p) or p
---@param ... pyprof.Profile|pyprof.Profile[]
---@return pyprof.Profile|pyprof.Profile[]|nil ...
function M.by_cpu(...)
  return require("pyprof.profile.program").by_cpu(...)
end

--- What changed of the whole program: a row each for wall time, CPU time and peak memory, if both
--- sides say it, with field, name, kind (of its unit), before, after and change_share. Of several
--- runs the least figure counts, since a busy machine only adds to it. With limits of change_share
--- the second result is the verdict, "passed" or "failed".
---     local rows = pyprof.program_changes({ p }, { p })
---     for _, row in ipairs(rows) do print(row.name, row.change_share) end
---@param before pyprof.Profile[]
---@param after pyprof.Profile[]
---@param limits { wall: number|nil, cpu: number|nil, memory: number|nil }|nil
---@return table[]|nil rows
---@return string|nil verdict   or the message
function M.program_changes(before, after, limits)
  return require("pyprof.profile.program").changes(before, after, limits)
end

--- Limits that functions, or the whole program, must keep: a row for each, with the verdict
--- "passed", "failed" or "unsure" (and `why`), and the worst verdict. A limit of a function is
--- { name, kind, max }; kind is "self" or "total" (shares of time) or a field of the join, with
--- `min` perhaps.
---     local rows, worst = pyprof.check(subject, { { "main", "total", 0.2 } }, { wall = 60 })
---@param subject pyprof.Subject
---@param limits table[]|nil
---@param program { wall: number|nil, cpu: number|nil, memory: number|nil }|nil
---@return table[]|nil rows
---@return string worst        or the message
function M.check(subject, limits, program)
  return require("pyprof.join.limits").check(subject, collected(subject), limits, program)
end

--- What is wrong with a list of limits for pyprof.check, in words; nil: nothing.
---     print(pyprof.limits_fault { { "main", "total" } })
---     --> limits[1]: the third is nil (want a share from 0 to 1)
---@param limits any
---@return string|nil
function M.limits_fault(limits)
  return require("pyprof.join.limits").fault(limits)
end

--- What the join says of all functions: the rows of each status by its name (ran, never, unseen,
--- unknown), count (of all), proof (the collectors that prove what never ran), and why nothing is
--- known, if so.
---     local of = pyprof.statuses { profile = p, source = source }
---     print(#of.ran, #of.unseen, of.count, of.proof)
---@param subject pyprof.Subject|pyprof.Joined
---@return pyprof.Statuses
function M.statuses(subject)
  return require("pyprof.join").statuses(collected(subject))
end

--- The rows of the join that are in the samples and have a risk, with `risk` and `weighed` (risk ×
--- total share); and how many others are not wholly covered.
---     for _, row in ipairs(pyprof.risks { profile = p, source = source }) do
---       print(row.name, row.weighed)
---     end
---@param subject pyprof.Subject|pyprof.Joined
---@return pyprof.JoinRow[]
---@return integer unseen
function M.risks(subject)
  return require("pyprof.join").risks(collected(subject))
end

--- Wilson's 95 % interval of the share samples / of.
---     print(("%.2f %.2f"):format(pyprof.interval(20, 100)))  --> 0.13 0.29
---@param samples number
---@param of number
---@return number low
---@return number high
function M.interval(samples, of)
  return require("pyprof.base.stats").interval(samples, of)
end

--- One row for each defined function of the source: name, file, line, and the number of samples
--- that contain it.
---     for _, row in ipairs(pyprof.usage(p, source)) do
---       if row.samples == 0 then print("not seen: " .. row.name) end
---     end
---@param profile pyprof.Profile
---@param source pyprof.Source
---@return pyprof.UsageRow[]
---@return string|nil why   nothing is known: the samples name none of the source's files
function M.usage(profile, source)
  require("pyprof.profile").want(profile)
  return require("pyprof.join").usage(profile, require("pyprof.base.misuse").want_source(source))
end

--- One row for each defined function, with everything that was collected about it. `status` is
--- "ran" (`evidence` says what shows it), "never" (coverage or counts prove it), "unseen" (nothing
--- could prove either), "unknown" (`why` says the reason), or "unmatched" for a function of the
--- samples without a definition. A report that joins needs "source", and "profile", "coverage" or
--- "counts"; what else it wants is joined where it is there.
---     for _, row in ipairs(pyprof.join { profile = p, source = source }) do
---       print(row.status, row.name, row.complexity, row.self)
---     end
---@param subject pyprof.Subject|pyprof.Joined
---@return pyprof.JoinRow[]
function M.join(subject)
  return require("pyprof.join").join(collected(subject))
end

--- One row for each line of the source's files, with everything that was collected about it: file,
--- line, text; samples, share, weight (self); count; status (coverage's); bytes (at the peak). The
--- fields of what was not collected are nil.
---     for _, row in ipairs(pyprof.annotate { profile = p, source = source }) do
---       print(row.line, row.samples or "", row.text)
---     end
---@param subject pyprof.Subject|pyprof.Joined
---@param query { file: string|nil }|nil   file: a pattern of PCRE2 that finds the paths
---@return pyprof.AnnotatedRow[]
function M.annotate(subject, query)
  return require("pyprof.join.lines").annotate(collected(subject), query)
end

--- The page: one HTML file with the flame graph, the functions, the source and the timeline of what
--- was collected. A report returns it: `return pyprof.page(subject)`.
---     local text = pyprof.page(subject, { source = false, limit_nodes = 10000 })
---@param subject pyprof.Subject
---@param options table|nil   source, order (false: without), limit_nodes; before (a list of
---  profiles to compare with), compare ("self", "total")
---@return string
function M.page(subject, options)
  local subjects = package.loaded["pyprof.subject"]
  if not subjects or not subjects.is(subject) then
    require("pyprof.base.misuse").raise("page: a subject is wanted")
  end
  return require("pyprof.page").of(subjects.collected(subject), subjects.how(subject), options)
end

--- Opens a page in the user's browser ($BROWSER, or xdg-open), from a temporary file that stays.
--- With `serve` nothing is written: a browser here, or on a machine that forwards a port, may ask
--- for the page until Ctrl-C.
---     return pyprof.open(pyprof.page(subject))
---@param page string
---@param options { serve: boolean|nil, port: integer|nil }|nil   port: else any that is free
---@return string   the file's path and a newline, for a report to return; "" after serve
function M.open(page, options)
  local misuse = require "pyprof.base.misuse"
  misuse.want(page, "string", "open: a page")
  options = misuse.options(options, { "serve", "port" })
  local browser = require "pyprof.target.browser"
  if options.serve then
    browser.serve(page, options.port or 0)
    return ""
  end
  return browser.open(page) .. "\n"
end

--- The CRAP score of a row of pyprof.join: complexity² × (1 − covered_share)³ + complexity. A
--- function of complexity 5 has 5 if it is wholly covered, and 30 if it is not covered at all.
---     print(pyprof.risk { complexity = 5, covered_share = 0 })  --> 30.0
---@param row pyprof.JoinRow
---@return number|nil           nil where no coverage is known
function M.risk(row)
  return require("pyprof.join").risk(row)
end

--- A function that tells whether a selector takes a function, given as a row with name, file and
--- line: rows of a join, of coverage and of counts can be chosen as frames are.
---     local takes = pyprof.selector "file:calculator"
---     print(takes { name = "main", file = "calculator.py", line = 29 })  --> true
---@param selector pyprof.Selector
---@return fun(row: table): boolean
function M.selector(selector)
  return require("pyprof.profile.selector").of_rows(selector)
end

--- A value as text for people; kind is "seconds", "duration", "bytes", "percent", "count",
--- "sparkline" (of a list of numbers), "path" or "name" (of a function).
---     print(pyprof.format(0.125, "percent"))  --> 12.50%
---     print(pyprof.format("tree.<locals>.walk", "name"))  --> tree.walk
---@param value number|number[]|string
---@param kind string
---@return string
function M.format(value, kind)
  return require("pyprof.base.units").format(value, kind)
end

--- A profile in the format of another tool: callgrind and folded give text, pprof gives compressed
--- bytes, chrome, firefox and speedscope give a value for `{ object = … }`. Of a subject's coverage
--- lcov and cobertura give text.
---     local text = assert(pyprof.encode(p, "callgrind", "script.py"))
---     local stacks = assert(pyprof.encode(p, "folded", "script.py", { names = true }))
---@param profile pyprof.Profile|pyprof.Graph|pyprof.Coverage   a Graph only for callgrind
---@param format "callgrind"|"chrome"|"cobertura"|"firefox"|"folded"|"lcov"|"pprof"|"speedscope"
---@param name string           of the target
---@param options table|nil     for folded: by ("function", "line"), names (true: without files)
---@return string|table|nil
---@return string|nil message   the format needs time, and the recording has none
function M.encode(profile, format, name, options)
  return require("pyprof.export").encode(profile, format, name, options)
end

--- Numbers keys from 1, in the order in which they first come.
---     local number_of = pyprof.numbering()
---     print(number_of("a"), number_of("b"), number_of("a"))  --> 1 2 1
---@param add fun(number: integer, ...)|nil   called for each new key, with its other arguments
---@return fun(key: any, ...): integer
function M.numbering(add)
  if add ~= nil then
    require("pyprof.base.misuse").want(add, "function", "numbering: a function")
  end
  return require("pyprof.base.numbering").new(add)
end

--- Columns and rows of the terminal at standard output; nil if it is no terminal.
---     local columns, rows = pyprof.terminal()
---     print((columns or 80) > 0, (rows or 24) > 0)  --> true true
---@return integer|nil columns
---@return integer|nil rows
function M.terminal()
  return require("pyprof.core.sys").terminal(1)
end

--- How many columns the text of a report may have; math.huge in a file and a pipe.
---     print(pyprof.width() >= 20)  --> true
---@return number
function M.width()
  return require("pyprof.base.terminal").width()
end

--- Replaces the terminal's content by these lines, cut to its size.
---     if pyprof.terminal() then pyprof.screen { "first line", "second line" } end
---@param lines string[]
function M.screen(lines)
  require("pyprof.base.misuse").want(lines, "table", "screen: a list of lines")
  require("pyprof.base.terminal").show(lines)
end

--- A message in Protocol Buffers' wire format.
---     local message = pyprof.protobuf { { 1, 150 }, { 2, "text" } }
---     print(#message)  --> 9
---@param fields table[]   { number, value }: an integer, text, a message or a list of integers
---@return string
function M.protobuf(fields)
  require("pyprof.base.misuse").want(fields, "table", "protobuf: a list of fields")
  return require("pyprof.export.protobuf").message(fields)
end

--- The text compressed by gzip; equal texts give equal bytes.
---     print(#pyprof.gzip(("a"):rep(100000)) < 1000)  --> true
---@param text string
---@return string
function M.gzip(text)
  require("pyprof.base.misuse").want(text, "string", "gzip: a text")
  return require("pyprof.core.bytes").pack(text)
end

setmetatable(M.process, { __index = function(_, key)
  require("pyprof.base.misuse").no_field("pyprof.process", {}, M.process)(M.process, key)
end })

--- Marks a list that may be empty, so that JSON shows it as a list.
---     return { object = { names = pyprof.array {} } }  -- [] and not {}
---@param list table|nil
---@return table
function M.array(list)
  if list ~= nil then require("pyprof.base.misuse").want(list, "table", "array: a list") end
  return require("pyprof.base.scalar").array(list)
end

return setmetatable(M, { __index = function(_, key)
  local names = require("pyprof.base.tables").names(M)
  require("pyprof.base.misuse").raise("%s",
    require("pyprof.base.suggest").unknown("field of pyprof:", key, names, "pyprof"))
end })
