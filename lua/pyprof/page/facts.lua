-- page/facts.lua - what a recording is, how it was made, and what is missing in it.
local shell = require "pyprof.base.shell"
local tables = require "pyprof.base.tables"
local units = require "pyprof.base.units"
local array = require("pyprof.base.scalar").array
local sys = require "pyprof.core.sys"
local profiles = require "pyprof.profile"
local version = require "pyprof.version"

local M = {}

---@class pyprof.PageRun
---@field target pyprof.Target
---@field exit table|nil
---@field notes string[]
---@field missing table<string, string>
---@field tools table<string, string>
---@field quality table|nil     how well py-spy sampled, in this run
---@field options table         of the command line
---@field passes { name: string, seconds: number }[]|nil   the runs of the target, in their order

-- What a profile of calls, or a recording without a record of its run, does not have is nil.
local function known(profile, field)
  return profile and tables.has(profiles.names(profile), field) and profile[field] or nil
end

local function stamp(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

-- The date of the recording, else of its file, else of the page.
local function date_of(run, record)
  if record and record.date then return record.date, "recording" end
  local path = run.target.kind == "recordings" and run.target.paths[1]
  local status = path and sys.stat(path)
  if status and status.kind == "file" then return stamp(status.modified), "file" end
  return stamp(os.time()), run.target.kind == "recordings" and "page" or "recording"
end

-- The command on one line. A script or a module was given to a Python.
local function command_of(run, record)
  if run.target.kind == "pid" then return "--pid " .. run.target.pid end
  local words = record and record.command or run.target.words
  local first = (record or run.target.kind == "program") and words[1] or ""
  local by_python = first == "-m" or first == "-c" or first:find("%.pyz?$")
  return (by_python and "python " or "") .. shell.line(words)
end

-- Options of the run that change what was sampled.
local flags = {
  { "gil", "only threads that held the GIL" }, { "native", "frames of C extensions, too" },
  { "subprocesses", "child processes, too" },
  { "nonblocking", "the program was not paused for a sample, so some stacks may be mixed" },
}

-- How well py-spy sampled: in this run, or in those of the recordings if all of them tell.
local function quality_of(run, profile)
  if run.quality then return run.quality end
  local records, sum = known(profile, "records") or {}, { errors = 0, late = 0 }
  for _, record in ipairs(records) do
    local sampling = record.exit and record.exit.sampling or {}
    for name, count in pairs(sum) do
      sum[name] = count and sampling[name] and count + sampling[name] or false
    end
  end
  return records[1] and { errors = sum.errors or nil, late = sum.late or nil } or {}
end

local passes = { "profile", "coverage", "counts", "allocations", "memory", "tests" }

--- What the recording says of its run, for a reader.
---@param collected table<string, any>
---@param run pyprof.PageRun
---@return string[]
function M.notes(collected, run)
  local record = known(collected.profile, "record")
  local notes = array(table.move(run.notes, 1, #run.notes, 1, {}))
  for _, note in ipairs(record and record.notes or {}) do
    if not tables.has(notes, note) then notes[#notes + 1] = note end
  end
  return notes
end

--- The page's `meta`.
---@param collected table<string, any>
---@param run pyprof.PageRun
---@return table
function M.meta(collected, run)
  local profile, record = collected.profile, known(collected.profile, "record")
  local exit, quality = run.exit or record and record.exit or {}, quality_of(run, profile)
  local options = record and record.options or run.options
  local ran = run.target.kind == "program" or run.target.kind == "pid"
  local calls = profile and profiles.kind(profile) == "calls"
  local meta = {
    title = run.target.name, command = command_of(run, record), version = version,
    kind = calls and "calls" or "samples", tools = {}, passes = array {}, views = nil,
    wall = exit.wall, user = exit.user, system = exit.system, max_rss = exit.max_rss,
    status = exit.status, signal = exit.signal, errors = quality.errors, late = quality.late,
  }
  meta.date, meta.date_of = date_of(run, record)
  for name, value in pairs(record and record.tools or {}) do meta.tools[name] = value end
  for name, value in pairs(run.tools) do meta.tools[name] = value end
  if profile then
    for _, field in ipairs { "weight", "unit", "metric" } do meta[field] = profile[field] end
    meta.metrics = array(profile.metrics)
    meta.samples, meta.empty = known(profile, "samples"), known(profile, "empty_samples")
    meta.rate, meta.from, meta.to = profile.rate, profile.from, profile.to
    meta.weight_kind = known(profile, "weight_kind")
  end
  if (ran or record) and meta.tools["py-spy"] then
    meta.idle = options.idle or false
    for _, flag in ipairs(flags) do meta[flag[1]] = options[flag[1]] or nil end
  end
  for _, name in ipairs(passes) do
    if collected[name] then table.insert(meta.passes, name) end
  end
  for _, view in ipairs(run.options.views or {}) do
    if view.name ~= "weight" then
      meta.views = meta.views or array {}
      table.insert(meta.views, ("--%s %s"):format(view.name, shell.quote(tostring(view.value))))
    end
  end
  return meta
end

local function counted(count, one, many)
  return ("%s %s"):format(units.format(count, "count"), count == 1 and one or many)
end

-- What the seconds are.
local function kind_of_time(meta)
  local kind = meta.weight_kind
  if kind == "cpu" then return "CPU time", "the seconds of a processor that the kernel counted" end
  if kind == "wall" then return "wall time", "the seconds of the clock" end
  if meta.unit ~= "seconds" then return meta.metric and "metric: " .. meta.metric or nil end
  if not meta.tools["py-spy"] or not meta.rate then return "time as it was recorded" end
  local each = ("samples of %.4g s"):format(1 / meta.rate)
  if meta.idle == nil then
    return each, "the recording does not tell whether threads that waited were sampled, too"
  end
  return each .. (meta.idle and ", waiting counted" or ", waiting left out"),
    meta.idle and "made with --idle; --weight cpu shows CPU time" or
    "a thread that can run counts, one that waits does not: --weight cpu shows CPU time, " ..
    "--idle counts threads that wait, too"
end

-- What py-spy could not do. A recording that says nothing of it proves nothing.
local function add_quality(add, meta)
  if not meta.tools["py-spy"] then return end
  if not meta.errors or not meta.late then
    return add("errors, late: ?", "the recording does not tell what py-spy could not sample")
  end
  if meta.errors == 0 and meta.late == 0 then
    return add("no errors, never late", "py-spy could read each stack, and each in time")
  end
  if meta.errors > 0 then
    add(counted(meta.errors, "stack", "stacks") .. " could not be read", nil, "warn")
  end
  if meta.late > 0 then
    add("py-spy was late " .. counted(meta.late, "time", "times"), "lower --rate", "warn")
  end
end

--- The strip of plain words: what was measured, how, and how well.
---@param meta table
---@param collected table<string, any>
---@param absent integer     how many own files are not in the page
---@param why string|nil      why there is no source at all
---@return { text: string, tip: string|nil, level: "plain"|"warn" }[]
function M.strip(meta, collected, absent, why)
  local strip = array {}
  local function add(text, tip, level)
    if text then strip[#strip + 1] = { text = text, tip = tip, level = level or "plain" } end
  end
  add("pyprof-lua " .. meta.version)
  for _, name in ipairs(tables.keys(meta.tools)) do add(name .. " " .. meta.tools[name]) end
  add(meta.rate and ("%.4g %s a second"):format(meta.rate, meta.rate == 1 and "sample" or
    "samples"))
  add(kind_of_time(meta))
  for _, flag in ipairs(flags) do
    if meta[flag[1]] then add("--" .. flag[1], flag[2]) end
  end
  if (meta.empty or 0) > 0 then
    add(counted(meta.empty, "empty sample", "empty samples"), "samples without a stack")
  end
  add_quality(add, meta)
  for _, odd in ipairs(collected.profile and collected.profile.quality or {}) do
    add(("%s: %s"):format(odd.what, units.format(odd.count, "count")), nil, "warn")
  end
  if #meta.passes > 1 then
    add("passes: " .. table.concat(meta.passes, ", "), "each is a run of its own")
  end
  for _, view in ipairs(meta.views or {}) do add(view, "only a part of the samples", "warn") end
  if (meta.signal or 0) ~= 0 then
    add("ended by signal " .. meta.signal, nil, "warn")
  elseif meta.status then
    add("exit status " .. meta.status, nil, meta.status ~= 0 and "warn" or nil)
  end
  if absent > 0 then
    add(counted(absent, "source file is", "source files are") .. " not in this page",
      why or "make the page where the program ran", "warn")
  end
  add((meta.date:gsub("T", " "):gsub(":%d%dZ$", " UTC")),
    meta.date_of == "file" and "the date of the recording's file" or nil)
  return strip
end

local wanted = {
  { "coverage", "coverage: not measured", "--coverage" },
  { "counts", "counts: not measured", "--counts" },
  { "allocations", "allocations: not measured", "--memory" },
}

-- The command that brings it, for a program, or for a recording of one that can be run again.
local function command_with(run, what, flag)
  local words = { "pyprof-lua", "html.lua" }
  if run.target.kind == "program" then
    words[#words + 1] = flag
  elseif run.target.kind == "recordings" then
    words[#words + 1], words[#words + 2] = "--from", what .. "=FILE"
  else
    return nil
  end
  return shell.line(table.move(run.target.words, 1, #run.target.words, #words + 1, words))
end

--- What is missing, and what brings it.
---@param collected table<string, any>
---@param run pyprof.PageRun
---@param options pyprof.PageOptions
---@param order table|nil
---@param absent integer      how many own files are not in the page, which the strip tells
---@return table[]
function M.missing(collected, run, options, order, absent)
  local list = array {}
  for _, entry in ipairs(options.before and {} or wanted) do
    local what, text, flag = entry[1], entry[2], entry[3]
    if not collected[what] then
      list[#list + 1] = { what = what, text = text, why = run.missing[what],
        command = command_with(run, what, flag) }
    end
  end
  if options.source == false then
    list[#list + 1] = { what = "source", text = "source: left out (--no-source)" }
  elseif not collected.source and absent == 0 then
    list[#list + 1] = { what = "source", text = "source: not available",
      why = run.missing.source }
  end
  if order and not order.timed then
    list[#list + 1] = { what = "order", text = options.order == false and
      "order in time: left out (--no-order)" or known(collected.profile, "from") and
      "order in time: left out" or "order in time: not recorded" }
  end
  return list
end

return M
