-- export/pprof.lua - a profile for `go tool pprof` and other readers of its format.
local numbering = require "pyprof.base.numbering"
local bytes = require "pyprof.core.bytes"
local message = require("pyprof.export.protobuf").message

local M = {}

-- The format's names of each unit, and the factor from ours to it.
local units = {
  seconds = { "time", "nanoseconds", 1e9 }, milliseconds = { "time", "nanoseconds", 1e6 },
  microseconds = { "time", "nanoseconds", 1e3 }, nanoseconds = { "time", "nanoseconds", 1 },
  bytes = { "space", "bytes", 1 }, none = { "weight", "count", 1 },
}

--- The format has no place for the order in time.
---@param profile pyprof.Profile
---@return string   compressed with gzip
function M.encode(profile)
  local strings, functions, locations, samples = { { 6, "" } }, {}, {}, {}
  local function add(list, number, fields) list[#list + 1] = { number, message(fields) } end
  local numbered = numbering.new(function(_, text) strings[#strings + 1] = { 6, text } end)
  local function string_of(text) return text == "" and 0 or numbered(text, text) end
  local function_of = numbering.new(function(id, frame)
    -- No system name: pprof takes a function with one for C++ and drops its <…>.
    add(functions, 5, { { 1, id }, { 2, string_of(frame.name) }, { 4, string_of(frame.file) } })
  end)
  local location_of = numbering.new(function(id, frame)
    local call = function_of(frame.name .. "\0" .. frame.file, frame)
    add(locations, 4, { { 1, id }, { 4, message { { 1, call }, { 2, frame.line } } } })
  end)
  local function label(key, text, number)
    local value = text and { 2, string_of(text) } or { 3, number }
    return { 3, message { { 1, string_of(key) }, value } }
  end
  local kind, unit, factor = table.unpack(units[profile.unit])
  local named = profile.metric:match("^%S+ (.+)$") or kind
  for _, thread in ipairs(profile:split { stacks = "line", tests = true }) do
    local labels = {}
    if thread.name ~= "" then labels[1] = label("thread", thread.name) end
    if thread.id then labels[#labels + 1] = label("thread_id", nil, thread.id) end
    if thread.pid then labels[#labels + 1] = label("pid", nil, thread.pid) end
    for _, row in ipairs(thread.stacks) do
      local ids, depth = {}, #row.frames
      for i, frame in ipairs(row.frames) do ids[depth + 1 - i] = location_of(frame, frame) end
      local fields = { { 1, ids },
        { 2, { row.samples, math.floor(row.weight * factor + 0.5) } }, table.unpack(labels) }
      if row.test ~= "" then fields[#fields + 1] = label("test", row.test) end
      add(samples, 2, fields)
    end
  end
  local function type_of(number, what, of)
    return { number, message { { 1, string_of(what) }, { 2, string_of(of) } } }
  end
  local head = { type_of(1, "samples", "count"), type_of(1, named, unit), type_of(11, named, unit) }
  if profile.rate then head[4] = { 12, math.floor(factor / profile.rate + 0.5) } end
  local parts = {}
  for i, list in ipairs { head, samples, locations, functions, strings } do
    parts[i] = message(list)
  end
  return bytes.pack(table.concat(parts))
end

return M
