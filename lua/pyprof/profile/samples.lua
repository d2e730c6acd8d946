-- profile/samples.lua - the Profile: the samples of recordings, its views, and its rows.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local units = require "pyprof.base.units"
local core = require "pyprof.core.profile"
local columns = require "pyprof.profile.columns"
local clock = require "pyprof.profile.clock"
local datas = require "pyprof.profile.data"
local imports = require "pyprof.profile.imports"
local kind = require "pyprof.profile.kind"
local records = require "pyprof.profile.record"
local resolve = require "pyprof.profile.resolve"
local selector = require "pyprof.profile.selector"
local tests = require "pyprof.profile.tests"
local time = require "pyprof.profile.time"
local totals = require "pyprof.profile.totals"
local tree = require "pyprof.profile.tree"

local M = {}

--- The samples of recordings; a sample is a stack at a moment. Views (where, thread, window …)
--- return a Profile of some of them; other methods return rows. `a + b` merges two profiles of one
--- metric.
---@class pyprof.Profile
---@field samples integer         samples with a stack
---@field empty_samples integer   samples without a stack
---@field weight number           of the samples, in the unit
---@field unit string             "seconds", "bytes" …
---@field metric string           the unit, and the kind that the profiler names
---@field metrics string[]        all metrics of the recordings
---@field rate number|nil         samples per second; nil: unknown, or several
---@field from number|nil         seconds; nil: the recording has no time
---@field to number|nil
---@field exporter string         the program that wrote the recording
---@field quality { what: string, count: integer }[]   oddities of the recording, and omissions
---@field exit table|nil          how the target ended, if one was run or its recording tells it
---@field record pyprof.RunRecord|nil   what its recording tells of the run; of several the first
---@field records pyprof.RunRecord[]   those of all its recordings; all views share them
---@field views string[]          the views that made it of `whole`: { "where parse" }
---@field whole pyprof.Profile    the profile before all views
---@field weight_kind "samples"|"cpu"|"wall"   what weights are: see weights
---@field weight_given boolean   weights were chosen, by `weights` or --weight
---@field clock boolean           all threads' times are seconds since the run began
---@operator add(pyprof.Profile): pyprof.Profile
local Profile = {}

local data_of = datas.of

local function wrap(handle, frames, run)
  return setmetatable({ [datas.key] = datas.new(handle, frames, run) }, Profile)
end

local function changed(run, name, value)
  local new = {}
  for key, known in pairs(run) do new[key] = known end
  new[name] = value
  return new
end

-- A view by a method of the core, with the same frames.
local function view(data, method, ...)
  return wrap(data:call(method, ...), data.frames, data.run)
end

-- A selector in a few words.
local function said(selected)
  if type(selected) ~= "table" then
    return type(selected) == "function" and "(function)" or tostring(selected)
  end
  local name = selected.name or selected.id
  if name ~= nil then return tostring(name) end
  local parts = {}
  for i, part in ipairs(selected) do parts[i] = said(part) end
  return table.concat(parts, " or ")
end

-- The view, which keeps what it is a view of.
local function noted(profile, words, seen)
  local from, to = data_of(profile), data_of(seen)
  to.whole, to.views = from.whole or profile, { table.unpack(from.views or {}) }
  table.insert(to.views, words)
  return seen
end

-- --- views

local methods = {}

--- The samples with at least one selected frame, with their whole stacks.
---     print(p:where("fibonacci").weight / p.weight)
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:where(selected)
  local data = data_of(self)
  return noted(self, "where " .. said(selected),
    view(data, "where", selector.frames(selected, data.frames), true))
end

--- The samples with no selected frame. It drops samples; to hide rows, use `exclude`.
---     local rest = p:without "fibonacci"
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:without(selected)
  local data = data_of(self)
  return noted(self, "without " .. said(selected),
    view(data, "where", selector.frames(selected, data.frames), false))
end

--- The samples of the selected threads.
---     local workers = p:thread "!name:MainThread"
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:thread(selected)
  local data = data_of(self)
  return noted(self, "thread " .. said(selected),
    view(data, "thread", selector.threads(selected, data:call("threads"))))
end

--- The samples of the selected tests, of a recording that was made under pytest. A thread that a
--- test starts is not the test's.
---     local slow = p:test "file:test_parser"
---     local rest = p:test "id:^$"  -- of no test
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:test(selected)
  local data = data_of(self)
  return noted(self, "test " .. said(selected),
    view(data, "test", selector.tests(selected, tests.all(data))))
end

--- The samples that start in [from, to), in seconds of their thread's clock.
---     local first_second = p:window(0, 1)
---@param from number
---@param to number|nil
---@return pyprof.Profile
function methods:window(from, to)
  local data = data_of(self)
  local known = math.type(from) and (to == nil or math.type(to)) and from == from and to == to
  if not known then misuse.raise("window(from, to): seconds are wanted") end
  if to ~= nil and to < from then misuse.raise("window(from, to): it ends before it begins") end
  return noted(self, ("window %g..%s"):format(from, to and ("%g"):format(to) or ""),
    view(data, "window", from, to or math.huge))
end

--- The same samples with other weights, of a recording that pyprof-lua made. "cpu": the seconds of
--- CPU time that the kernel gave the thread around the sample. "wall": the seconds that it ran or
--- was ready to run; with --idle those that it waited, too. "samples": as recorded.
---     local it = p.record and p:weights "cpu" or p
---     print(it:functions({ limit = 1 })[1].self_weight)
---@param of "cpu"|"wall"|"samples"
---@return pyprof.Profile
function methods:weights(of)
  local data = data_of(self)
  if of ~= "cpu" and of ~= "wall" and of ~= "samples" then
    misuse.raise("weights: %s", suggest.unknown("kind", of, { "cpu", "wall", "samples" }))
  end
  local handle, message = clock.weighed(data, of)
  if not handle then misuse.raise("%s: %s", of, message) end
  return noted(self, "weights " .. of,
    wrap(handle, data.frames, changed(data.run, "weight_given", true)))
end

--- Folds selected frames into their callers. If a stack begins with selected frames, the outermost
--- one stays. Every sample is kept.
---     local own = p:fold "origin:library|stdlib"  -- their time is their caller's
---     print(own.samples == p.samples)  --> true
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:fold(selected)
  local data = data_of(self)
  return noted(self, "fold " .. said(selected),
    view(data, "fold", selector.frames(selected, data.frames)))
end

--- Replaces neighbouring frames of one function by the innermost of them. Every sample is kept.
---     local tree = p:flat():tree { depth = 5 }
---@return pyprof.Profile
function methods:flat()
  local data = data_of(self)
  local groups = data.frames:by("function")
  return noted(self, "flat", view(data, "flat", groups.numbers, groups.count))
end

--- The samples with a selected frame; the outermost selected frame becomes the root of the stack.
---     local inside = p:root("main"):tree()
---     print(inside[2].name)  --> main
---@param selected pyprof.Selector
---@return pyprof.Profile
function methods:root(selected)
  local data = data_of(self)
  return noted(self, "root " .. said(selected),
    view(data, "root", selector.frames(selected, data.frames)))
end

--- Gives frames the qualified names of the definitions that hold their lines. Every sample is kept.
---     local exact = p:resolve(source):functions()
---@param source pyprof.Source
---@return pyprof.Profile
function methods:resolve(source)
  local data = data_of(self)
  local names = resolve.names(data.frames, misuse.want_source(source))
  return wrap(data:call("rename", names), nil, data.run)
end

-- --- rows

--- One row per function (name and file). With lazy = true a row is made when it is read, which
--- saves memory where there are millions; see pyprof.lazy.
---     for _, row in ipairs(p:functions { limit = 3, exclude = "origin:library|stdlib" }) do
---       print(row.name, row.self, row.total_share)
---     end
---@param query table|nil   sort, limit, of, include, exclude, lazy
---@return pyprof.FunctionRow[]
function methods:functions(query)
  return totals.functions(data_of(self), query)
end

--- One row per line (file and line).
---     for _, row in ipairs(p:lines { include = "compute_heavy" }) do print(row.line, row.self) end
---@param query table|nil   sort, limit, of, include, exclude, lazy
---@return pyprof.LineRow[]
function methods:lines(query)
  return totals.lines(data_of(self), query)
end

--- One row per value of a frame's field, or per result of a function for each frame (nil: no row).
--- A sample counts once in a row's total.
---     local packages = p:by "package"
---     local folders = p:by(function(frame) return frame.file:match("^(.*)/") end)
---@param key string|fun(frame: pyprof.Frame): string|nil
---@param query table|nil   sort, limit, of, include, exclude, lazy
---@return pyprof.GroupRow[]
function methods:by(key, query)
  return totals.by(data_of(self), key, query)
end

--- One row for all selected frames together, with the 95 % bounds of its shares.
---     local row = p:sum "fibonacci"
---     print(row.total_share, row.total_low, row.total_high)
---@param selected pyprof.Selector
---@return pyprof.SumRow
function methods:sum(selected)
  return totals.sum(data_of(self), selected)
end

--- One row per distinct stack. Rows share the tables of their frames.
---     print(p:stacks({ limit = 1 })[1].stack)  --> <module>;main;compute_heavy
---@param query table|nil   by, sort, limit, of; include, exclude (of the leaf)
---@return pyprof.StackRow[]
function methods:stacks(query)
  return tree.stacks(data_of(self), query)
end

--- The call tree, parents first, the heaviest child first; row 1 is "(all)". Every call is there,
--- unless min_share leaves out those of a smaller share.
---     for _, row in ipairs(p:tree { depth = 3, min_share = 0.01 }) do
---       print(("  "):rep(row.depth) .. row.name, row.total)
---     end
---@param query table|nil   by, depth, min_share (0), sort, limit, of
---@return pyprof.TreeRow[]
function methods:tree(query)
  return tree.tree(data_of(self), query)
end

--- The imports, one row per module: its time by itself, and with what it imports. With tree = true
--- the modules that a module imports stand below it. The samples show imports that take about as
--- long as the time between two samples, or longer.
---     for _, row in ipairs(p:imports { limit = 10 }) do print(row.name, row.total_weight) end
---@param query table|nil   tree, min_share, sort, limit, of
---@return pyprof.ImportRow[]
function methods:imports(query)
  local data = data_of(self)
  local mask = selector.frames(imports.is_machinery, data.frames, true)
  local inside = mask:find("[^\0]") and data_of(view(data, "where", mask, true)) or data
  return imports.imports(data, inside, query)
end

--- The callers of the selection. A sample counts once, for the outermost selected frame; "(root)"
--- completes the sum.
---     for _, row in ipairs(p:callers("fibonacci", { by = "line" })) do
---       print(row.name, row.line, row.share)
---     end
---@param selected pyprof.Selector
---@param query table|nil   by ("line": call sites), sort, limit, of, include, exclude
---@return pyprof.NeighbourRow[]
function methods:callers(selected, query)
  return tree.callers(data_of(self), selected, query)
end

--- The callees of the selection. A sample counts once, for the innermost selected frame; "(self)"
--- completes the sum.
---     for _, row in ipairs(p:callees "main") do print(row.name, row.samples) end
---@param selected pyprof.Selector
---@param query table|nil   by, sort, limit, of, include, exclude
---@return pyprof.NeighbourRow[]
function methods:callees(selected, query)
  return tree.callees(data_of(self), selected, query)
end

--- One row per thread.
---     for _, row in ipairs(p:threads()) do print(row.name, row.id, row.share) end
---@param query table|nil   sort, limit, of
---@return pyprof.ThreadRow[]
function methods:threads(query)
  return time.threads(data_of(self), query)
end

--- One row per phase ("setup", "call", "teardown") of a test, of a recording that was made under
--- pytest. Samples of no test are in no row.
---     for _, row in ipairs(p:tests { limit = 5 }) do print(row.id, row.phase, row.share) end
---@param query table|nil   sort, limit, of
---@return pyprof.TestRow[]
function methods:tests(query)
  return tests.tests(data_of(self), query)
end

--- One row per thread, as in threads, with the `profile` of its samples alone. For very many
--- threads ask for stacks or runs, which are found in one pass: each row then has `stacks`, as
--- stacks { by = … } returns them, or `runs`.
---     for _, thread in ipairs(p:split()) do
---       print(thread.name, thread.profile:functions({ limit = 1 })[1].name)
---     end
---@param query table|nil   stacks ("function", "line"), runs (also "stack", "call"), tests (true:
---  each test's stacks by themselves, with their `test`), sort, limit, of
---@return pyprof.SplitRow[]
function methods:split(query)
  local data = data_of(self)
  return time.split(data, query, function(handle)
    return wrap(handle, data.frames, data.run)
  end)
end

--- Runs of consecutive samples with the same leaf (or line, or stack), in time order; a run ends
--- where its test ends. With by = "stack" each row has the `frames` of its stack.
---     local longest = p:runs { sort = "samples", limit = 5 }
---@param query table|nil   by, sort, limit, of
---@return pyprof.RunRow[]
function methods:runs(query)
  return time.runs(data_of(self), query)
end

--- The profile's time in spans of equal length.
---     for _, span in ipairs(p:timeline { buckets = 10 }) do print(span.from, span.share) end
---@param query table|nil   buckets (60), sort, limit, of
---@return pyprof.SpanRow[]
function methods:timeline(query)
  return time.timeline(data_of(self), query)
end

-- --- the object

local fields = {
  "samples", "empty_samples", "weight", "unit", "metric", "metrics", "rate", "from", "to",
  "exporter", "quality", "exit", "record", "records", "weight_kind", "weight_given", "clock",
  "views", "whole",
}
local is_field = {}
for _, name in ipairs(fields) do is_field[name] = true end

function Profile.__index(profile, key)
  local method = methods[key]
  if method then return method end
  local data = data_of(profile)
  if key == "exit" then return records.exit(data.run) end
  if key == "weight_given" then return data.run.weight_given or false end
  if key == "record" then return data.run.records[1] end
  if key == "records" then return table.move(data.run.records, 1, #data.run.records, 1, {}) end
  if key == "whole" then return data.whole or profile end
  if key == "views" then return tables.copy(data.views or {}) end
  if is_field[key] then return tables.copy(data:info()[key]) end
  local known = table.move(fields, 1, #fields, 1, {})
  for name in pairs(methods) do known[#known + 1] = name end
  table.sort(known)
  misuse.raise("%s", suggest.unknown("field of a profile:", key, known, "Profile"))
end

function Profile.__newindex(profile, key, value)
  if key ~= "exit" then misuse.raise("a profile cannot be changed") end
  local data = data_of(profile)
  data.run = changed(data.run, "exit", value)
end

function Profile.__add(a, b)
  for _, each in ipairs { a, b } do
    kind.want_samples(each, "a profile is wanted to add to one, not " .. misuse.shown(each))
  end
  local merged, more = clock.merge(data_of(a), data_of(b))
  if not merged then misuse.raise("%s", more) end
  return wrap(merged, nil, more)
end

function Profile.__tostring(profile)
  local info = data_of(profile):info()
  return ("profile: %s, %.14g %s"):format(units.several(info.samples, "sample"), info.weight,
    info.unit)
end

Profile.__name = "pyprof.Profile"

-- --- getting one

--- The files of all its frames, one for each frame.
---@param p pyprof.Profile
---@return string[]
function M.files(p)
  return data_of(p).frames.files
end

--- The files of the frames in its samples, one for each such frame.
---@param p pyprof.Profile
---@return string[]
function M.seen_files(p)
  local data, files = data_of(p), {}
  local seen = data:seen()
  for i, path in ipairs(data.frames.files) do
    if seen:byte(i) ~= 0 then files[#files + 1] = path end
  end
  return files
end

--- The samples of each test and its heaviest own function: see profile/tests.lua.
---@param p pyprof.Profile
---@return table<string, { samples: integer, weight: number, hottest: string|nil }>   by id
function M.tests(p)
  return tests.sums(data_of(p))
end

--- The profile with other weights, as Profile:weights; nil if its recording does not tell them.
---@param p pyprof.Profile
---@param of "cpu"|"wall"
---@return pyprof.Profile|nil
function M.weighed(p, of)
  local data = data_of(p)
  local handle = clock.weighed(data, of)
  return handle and wrap(handle, data.frames, data.run)
end

--- The columns of a page: see profile/columns.lua.
---@param p pyprof.Profile
---@param options table
---@return pyprof.PageTree
function M.page(p, options)
  return columns.page(data_of(p), options)
end

--- The names of a Profile's fields and methods, or of the methods alone.
---@param only_methods boolean|nil
---@return string[]
function M.names(only_methods)
  local names = only_methods and {} or table.move(fields, 1, #fields, 1, {})
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Reads recordings and merges them.
---@param paths string[]
---@param options table   metric, threads, progress (done, total)
---@return pyprof.Profile|nil
---@return string|nil message
---@return "usage"|nil kind
function M.load(paths, options)
  local handle, message, why = core.load(paths,
    { metric = options.metric, threads = options.threads }, options.progress)
  if not handle then return nil, message, why end
  local run
  handle, run = clock.attach(handle)
  if not handle then return nil, run end
  return wrap(handle, nil, run)
end

--- Divides the profile's time into `count` spans of equal length, a profile each; nil if the
--- recording has no time.
---@param profile pyprof.Profile
---@param count integer
---@return pyprof.Profile[]|nil
function M.slices(profile, count)
  local data = data_of(profile)
  local info = data:info()
  if not info.from then return nil end
  local bounds = {}
  for i = 0, count - 1 do bounds[i + 1] = info.from + (info.to - info.from) * i / count end
  bounds[count + 1] = math.huge
  local list = data:call("slices", bounds)
  for i, handle in ipairs(list) do
    list[i] = wrap(handle, data.frames, data.run)
    data_of(list[i]).alone = true -- a slice gets one query, so one grouping is enough
  end
  return list
end

return M
