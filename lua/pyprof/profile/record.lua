-- profile/record.lua - the record of a run, which a recording of ours has: decoded and checked.
--
-- A recording may come from anybody, so each value has the type that it should have, or the record
-- is not used.
local json = require "pyprof.base.json"

local M = {}

--- What is known of a run, from its recording.
---@class pyprof.RunRecord
---@field format integer         1
---@field version string         of pyprof-lua
---@field date string            when the run began, in UTC: "2026-11-30T10:00:00Z"
---@field command string[]       the target's words; of a process those that it was started with
---@field tools table<string, string>   versions: `python`, `py-spy`
---@field options table<string, number|boolean>   rate, idle, gil, native, subprocesses, nonblocking
---@field exit table|nil         how the program ended, as `subject.exit`
---@field notes string[]         remarks on the recording for a reader of the figures
---@field threads pyprof.ThreadTime[]     the CPU time of each thread while it was recorded
---@field processes pyprof.ProcessTime[]  the CPU time of each process, as it was last seen
---@field sampler pyprof.SamplerTime|nil   the CPU time of py-spy, which grows with its samples

-- Each of these returns the value, or nil if it is none.
local function number(value)
  return type(value) == "number" and value == value and math.abs(value) < math.huge and
    value + 0.0 or nil
end

local function integer(value)
  return type(value) == "number" and math.tointeger(value) or nil
end

local function text(value)
  return type(value) == "string" and value or nil
end

local function boolean(value)
  if type(value) == "boolean" then return value end
end

local function setting(value)
  if type(value) == "boolean" then return value end
  return integer(value) or number(value)
end

local function list(item)
  return function(value)
    if type(value) ~= "table" then return nil end
    local result = {}
    for i = 1, #value do
      local one = item(value[i])
      if one == nil then return nil end
      result[i] = one
    end
    return result
  end
end

local function map(item)
  return function(value)
    if type(value) ~= "table" then return nil end
    local result = {}
    for key, one in pairs(value) do
      one = item(one)
      if type(key) ~= "string" or one == nil then return nil end
      result[key] = one
    end
    return result
  end
end

-- An object with these fields and no other; "name?" may be missing.
local function object(fields)
  return function(value)
    if type(value) ~= "table" then return nil end
    local result = {}
    for key, item in pairs(fields) do
      local name = key:match("^[^?]*")
      local one = value[name]
      if one ~= nil then
        one = item(one)
        if one == nil then return nil end
        result[name] = one
      elseif name == key then
        return nil
      end
    end
    return result
  end
end

local numbers = list(number)

-- Seconds since the run began, or of CPU time.
local function rises(values, strictly)
  if values[1] < 0 or values[#values] > 1e9 then return false end
  for i = 2, #values do
    if values[i] < values[i - 1] or strictly and values[i] == values[i - 1] then return false end
  end
  return true
end

local thread_fields = object { pid = integer, tid = integer, at = numbers, cpu = numbers,
  ["delay?"] = numbers }

local function thread(value)
  local one = thread_fields(value)
  if not one or #one.at == 0 or #one.cpu ~= #one.at or not rises(one.at, true) or
    not rises(one.cpu) then
    return nil
  end
  if one.delay and (#one.delay ~= #one.at or not rises(one.delay)) then return nil end
  return one
end

local sampler_fields = object { at = numbers, cpu = numbers }

local function sampler(value)
  local one = sampler_fields(value)
  local fits = one and #one.at > 1 and #one.cpu == #one.at and rises(one.at, true) and
    rises(one.cpu)
  return fits and one or nil
end

local function point(value)
  if type(value) ~= "table" then return nil end
  local seconds, bytes = number(value[1]), integer(value[2])
  return seconds and bytes and { seconds, bytes } or nil
end

local exit = object {
  status = integer, wall = number, ["code?"] = integer, ["signal?"] = integer,
  ["ended_by?"] = text, ["unknown?"] = boolean, ["user?"] = number, ["system?"] = number,
  ["max_rss?"] = integer, ["memory?"] = list(point),
  ["sampling?"] = object { ["launch?"] = text, ["samples?"] = integer, ["errors?"] = integer,
    ["late?"] = integer, ["latest?"] = number },
}

local record = object {
  format = integer, version = text, date = text, command = list(text), tools = map(text),
  options = map(setting), ["exit?"] = exit, notes = list(text), threads = list(thread),
  processes = list(object { pid = integer, cpu = number }), ["sampler?"] = sampler,
}

local function decoded(line)
  local value = json.value_of(line)
  local result = value ~= nil and record(value)
  local rate = result and result.options.rate
  local fits = result and result.format == 1 and
    (rate == nil or type(rate) == "number" and rate > 0)
  return fits and result or nil
end

--- What the recordings tell of their runs: the records that can be used, how many cannot, and the
--- record, or false, of each number of the core.
---@param handle userdata   a profile of the core
---@return { records: pyprof.RunRecord[], refused: integer, by_number: (pyprof.RunRecord|false)[] }
function M.of(handle)
  local run = { records = {}, refused = 0, by_number = {} }
  for i, line in ipairs(handle:records()) do
    local one = decoded(line)
    run.by_number[i] = one or false
    if one then run.records[#run.records + 1] = one else run.refused = run.refused + 1 end
  end
  return run
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- How the program ended, if all records are of one run.
local function exit_of(records)
  local first = records[1]
  for _, one in ipairs(records) do
    if one.date ~= first.date or not same(one.command, first.command) or
      not same(one.exit, first.exit) then
      return nil
    end
  end
  return first and first.exit
end

--- How the program ended.
---@param run table   what is known of the run
---@return table|nil
function M.exit(run)
  if run.exit == nil then run.exit = exit_of(run.records) or false end
  return run.exit or nil
end

--- What a run of the target would tell: how it ended, the versions of its tools and its notes.
---@param records pyprof.RunRecord[]
---@return pyprof.Run
function M.run(records)
  local notes, tools, known = {}, {}, {}
  for _, one in ipairs(records) do
    for _, note in ipairs(one.notes) do
      if not known[note] then notes[#notes + 1] = note end
      known[note] = true
    end
    for tool, version in pairs(one.tools) do tools[tool] = tools[tool] or version end
  end
  return { exit = exit_of(records), notes = notes, tools = tools }
end

return M
