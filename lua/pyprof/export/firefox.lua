-- export/firefox.lua - a profile for profiler.firefox.com, in its processed format, version 49.
local numbering = require "pyprof.base.numbering"
local array = require("pyprof.base.scalar").array
local null = require("cjson").null

local M = {}

-- A table of the format: one list per column, all of equal length. A column is given as a list or
-- as the one value of all rows.
local function columns(length, lists)
  for name, value in pairs(lists) do
    local list = type(value) == "table" and value or {}
    if list ~= value then
      for i = 1, length do list[i] = value end
    end
    lists[name] = array(list)
  end
  lists.length = length
  return lists
end

-- All things have numbers, which begin at 0 in the file. A frame is a function, because runs have
-- no lines.
local function thread_of(thread)
  local strings, names, files, lines = {}, {}, {}, {}
  local order, frames, prefixes, stack, time, weight = {}, {}, {}, {}, {}, {}
  local string_of = numbering.new(function(number, text) strings[number] = text end)
  local frame_of = numbering.new(function(number, frame)
    names[number] = string_of(frame.name, frame.name) - 1
    files[number] = string_of(frame.file, frame.file) - 1
    lines[number], order[number] = frame.line, number - 1
  end)
  local stack_of = {}
  for i, run in ipairs(thread.runs) do
    local new, call = {}, run.call
    while call and not stack_of[call] do new[#new + 1], call = call, call.parent end
    for k = #new, 1, -1 do
      frames[#frames + 1] = frame_of(new[k].frame, new[k].frame) - 1
      prefixes[#frames] = call and stack_of[call] or null
      stack_of[new[k]], call = #frames - 1, new[k]
    end
    stack[i], time[i], weight[i] = stack_of[call], 1000 * run.from, 1000 * (run.to - run.from)
  end
  local samples = columns(#stack, { stack = stack, time = time, weight = weight })
  samples.weightType = "tracing-ms"
  return {
    name = thread.name ~= "" and thread.name or "Thread", isMainThread = thread.main,
    pid = tostring(thread.pid or 0), tid = thread.id or 0, processName = thread.command,
    processType = "default", processStartupTime = 0, processShutdownTime = null,
    registerTime = 0, unregisterTime = null, pausedRanges = array {},
    stringArray = array(strings), samples = samples,
    stackTable = columns(#frames, { frame = frames, prefix = prefixes, category = 1,
      subcategory = 0 }),
    frameTable = columns(#names, { func = order, address = -1,
      inlineDepth = 0, category = 1, subcategory = 0, nativeSymbol = null, innerWindowID = null,
      implementation = null, line = lines, column = null }),
    funcTable = columns(#names, { name = names, isJS = false, relevantForJS = false,
      resource = -1, fileName = files, lineNumber = lines, columnNumber = null }),
    resourceTable = columns(0, { lib = {}, name = {}, host = {}, type = {} }),
    nativeSymbols = columns(0, { libIndex = {}, address = {}, name = {}, functionSize = {} }),
    markers = columns(0, { data = {}, name = {}, startTime = {}, endTime = {}, phase = {},
      category = {} }),
  }
end

local function category(name, color)
  return { name = name, color = color, subcategories = { "Other" } }
end

--- The encoder leaves out lines within functions, and weights that are not time.
---@param profile pyprof.Profile   with time
---@param name string      the target's name
---@return table
function M.encode(profile, name)
  local threads = array {}
  for i, thread in ipairs(profile:split { runs = "call" }) do threads[i] = thread_of(thread) end
  return {
    meta = {
      version = 24, preprocessedProfileVersion = 49, processType = 0, stackwalk = 0, debug = 0,
      product = name, startTime = 0, interval = 1000 / (profile.rate or 1000),
      categories = { category("Other", "grey"), category("Python", "yellow") },
      markerSchema = array {}, symbolicated = true, usesOnlyOneStackType = true,
      doesNotUseFrameImplementation = true, sourceCodeIsNotOnSearchfox = true,
      sampleUnits = { time = "ms", eventDelay = "ms", threadCPUDelta = "µs" },
      extensions = columns(0, { baseURL = {}, id = {}, name = {} }),
    },
    libs = array {}, pages = array {}, counters = array {},
    profilerOverhead = array {}, threads = threads,
  }
end
M.timed = true

return M
