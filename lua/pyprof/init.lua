-- init.lua - the library: what a report gets from require "pyprof".
--- The library: local pyprof = require "pyprof". Misuse raises at your own line; a world that
--- fails (a file that is not there) gives nil and a message: wrap it in assert.
---@class pyprof
local M = { version = require "pyprof.version" }

--- Reads one or more recordings, merged; the words are as on the command line. What cProfile and
--- callgrind write holds calls, not samples: functions, callers and callees are all it gives.
---     local profile, message = pyprof.load("monday.json.gz", "tuesday.json.gz")
---     if not profile then error(message) end
---@param ... string|table   paths; a last table holds options: metric
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

--- Runs a program under the profiler: its words as on the command line, options by name
--- (`rate = 200`, `python = "…"`). How the program ended is in `p.exit`.
---     local profile = assert(pyprof.record { "script.py", "argument", rate = 200 })
---     print(profile.samples, profile.exit.status)
---@param start table   { "script.py", "argument", rate = 200 }
---@return pyprof.Profile|nil
---@return string|nil message   beside a profile: why `save` failed, and where the recording is
function M.record(start)
  return require("pyprof.subject.session").record(start)
end

--- What is known of a TARGET, its words as on the command line (options before it): what is read
--- of it is collected at the first read.
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
--- directory = ".", capture = false }`. What it writes is in `output`, unless capture is false.
---     local ended = assert(pyprof.process.run { "git", "--version" })
---     print(ended.status, ended.output)
---@param start table
---@return pyprof.Ended|nil   whatever its status is
---@return string|nil message  it could not be started
function M.process.run(start)
  return require("pyprof.target.process").run(start)
end

--- Starts a program; see run. `program:wait(seconds)`, `:signal(name)`, `:close()`, `program.pid`.
---     local program <close> = assert(pyprof.process.spawn { "sleep", "60" })
---     print(program:wait(0.1))  --> nil timeout
---@param start table
---@return pyprof.Program|nil   closed (`local program <close>`), it is ended
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

--- Compiles a PCRE2 pattern: match, find, captures, gmatch, gsub, count, split, test.
---     local key = pyprof.regex("(\\w+)=(\\d+)")
---     print(key:match("a=1"))  --> a 1
---@param pattern string
---@param flags string|nil    i m s x u a
---@return pyprof.Regex
function M.regex(pattern, flags)
  return require("pyprof.base.regex").new(pattern, flags)
end

--- The rows for which keep(row) is true, in their order.
---     local hot = pyprof.filter(p:functions(), function(row) return row.self_share > 0.1 end)
---@param rows table[]
---@param keep fun(row: table): any
---@return table[]
function M.filter(rows, keep)
  return require("pyprof.rows").filter(rows, keep)
end

--- The rows sorted by a field: numbers largest first, text A-Z, "-field" the other way round.
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

--- One row for each value of a field (or of a function of the row), called name; the other fields
--- as told: "sum", "max", "count", "first", or a function of the group's rows.
---     local files = pyprof.group(p:lines(), "file", { self = "sum", lines = "count" })
---@param rows table[]
---@param key string|fun(row: table): any
---@param fields table<string, string|fun(rows: table[]): any>
---@return table[]
function M.group(rows, key, fields)
  return require("pyprof.rows").group(rows, key, fields)
end

--- The rows with their names told apart: one that comes more than once says where it is,
--- "parse (a.py:10)".
---     local ten = pyprof.distinct(pyprof.top(p:functions(), "self", 10))
---@param rows table[]
---@return table[]
function M.distinct(rows)
  return require("pyprof.rows").distinct(rows)
end

--- A template filled with a row, or with each of a list of rows, one after the other. In braces
--- stands what may be a column, and how it is shown: `{rank}`, `{self%}`, `{wall:seconds}`.
---     local hot = pyprof.fill("{name} {self%}", p:functions { limit = 2 }, ", ")
---     print(pyprof.fill("{size:bytes} in {files} files", { size = 2048, files = 3 }))
---     --> 2.0 KiB in 3 files
---@param template string
---@param rows table          a row, or a list of rows
---@param between string|nil  what stands between two rows: nothing
---@return string
function M.fill(template, rows, between)
  return require("pyprof.rows.template").fill(template, rows, between)
end

--- What changed between two profiles, or two lists of them, and whether for certain: runs of one
--- unchanged program are said to differ in some 2 of 100 pairs. Doubling what took 10 % is mostly
--- found in one pair of 500 samples, nearly always with two recordings a side, unless it all lies
--- in one stretch of the run.
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

--- Wilson's 95 % interval of the share samples / of.
---     print(("%.2f %.2f"):format(pyprof.interval(20, 100)))  --> 0.13 0.29
---@param samples number
---@param of number
---@return number low
---@return number high
function M.interval(samples, of)
  return require("pyprof.base.stats").interval(samples, of)
end

--- One row for each defined function of the source: name, file, line, and the samples that it was
--- seen in.
---     for _, row in ipairs(pyprof.usage(p, source)) do
---       if row.samples == 0 then print("not seen: " .. row.name) end
---     end
---@param profile pyprof.Profile
---@param source pyprof.Source
---@return pyprof.UsageRow[]
---@return string|nil why   the samples tell nothing: they name none of the source's files
function M.usage(profile, source)
  require("pyprof.profile").want(profile)
  return require("pyprof.join").usage(profile, require("pyprof.base.misuse").want_source(source))
end

--- One row a definition with what the samples say of it: `status` is "seen", "unseen", or "unknown"
--- where the samples name no file of the source. What no definition holds is "unmatched". A report
--- that joins needs "profile" and "source".
---     for _, row in ipairs(pyprof.join { profile = p, source = source }) do
---       print(row.status, row.name, row.complexity, row.self)
---     end
---@param subject pyprof.Subject|{ profile: pyprof.Profile, source: pyprof.Source }
---@return pyprof.JoinRow[]
function M.join(subject)
  return require("pyprof.join").join(subject)
end

--- A value as people read it; kind is "seconds", "bytes", "percent" or "count".
---     print(pyprof.format(0.125, "percent"))  --> 12.50%
---@param value number
---@param kind string
---@return string
function M.format(value, kind)
  return require("pyprof.base.units").format(value, kind)
end

--- A profile in a format of another tool's: callgrind and folded as text, pprof as packed bytes,
--- chrome, firefox and speedscope as a value for `{ object = … }`.
---     local text = assert(pyprof.encode(p, "callgrind", "script.py"))
---     local stacks = assert(pyprof.encode(p, "folded", "script.py", { names = true }))
---@param profile pyprof.Profile|pyprof.Graph   one of calls for callgrind alone
---@param format "callgrind"|"chrome"|"firefox"|"folded"|"pprof"|"speedscope"
---@param name string           what was profiled
---@param options table|nil     of folded: by ("function", "line"), names (true: without files)
---@return string|table|nil
---@return string|nil message   the format wants time, and the recording has none
function M.encode(profile, format, name, options)
  return require("pyprof.export").encode(profile, format, name, options)
end

--- Numbers things from 1 on, in the order in which they come.
---     local number_of = pyprof.numbering()
---     print(number_of("a"), number_of("b"), number_of("a"))  --> 1 2 1
---@param add fun(number: integer, ...)|nil   called for each new one, with what came with its key
---@return fun(key: any, ...): integer
function M.numbering(add)
  if add ~= nil then
    require("pyprof.base.misuse").want(add, "function", "numbering: a function")
  end
  return require("pyprof.base.numbering").new(add)
end

--- Columns and rows of the terminal that standard output is; nil where it is none.
---     local columns, rows = pyprof.terminal()
---     print((columns or 80) > 0, (rows or 24) > 0)  --> true true
---@return integer|nil columns
---@return integer|nil rows
function M.terminal()
  return require("pyprof.core.sys").terminal(1)
end

--- Shows lines on the terminal in place of what is there, as many and as much of them as fit.
---     if pyprof.terminal() then pyprof.screen { "first line", "second line" } end
---@param lines string[]
function M.screen(lines)
  require("pyprof.base.misuse").want(lines, "table", "screen: a list of lines")
  require("pyprof.base.terminal").show(lines)
end

--- A message in Protocol Buffers' wire format.
---     local message = pyprof.protobuf { { 1, 150 }, { 2, "text" } }
---     print(#message)  --> 9
---@param fields table[]   { number, value } each: an integer, text or a message, a list of integers
---@return string
function M.protobuf(fields)
  require("pyprof.base.misuse").want(fields, "table", "protobuf: a list of fields")
  return require("pyprof.export.protobuf").message(fields)
end

--- The text packed by gzip; equal texts give equal bytes.
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
