-- collect/memory/data.lua - what memory_profiler measured, as rows: the value of the collector.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local rows = require "pyprof.rows"

local M = {}

--- Memory by line, of some functions; or over time, from a file of mprof.
---@class pyprof.Memory
---@field functions table[]   those that were measured: name, file, line, end_line; of mprof's:
---  name, from, to, bytes (at its end), increment
local Memory = { __name = "pyprof.Memory" }
local methods = {}

local fields = { "file", "line", "name", "increment", "memory", "hits" }

--- One row for each line that ran: increment and memory are bytes, of all times that it ran and the
--- most after any; hits says how often. Options: sort, limit.
---     for _, row in ipairs(memory:lines { sort = "increment", limit = 5 }) do
---       print(row.file, row.line, pyprof.format(row.increment, "bytes"))
---     end
---@param query table|nil
---@return pyprof.MemoryLineRow[]
function methods:lines(query)
  query = misuse.options(query, { "sort", "limit" })
  rows.sort_key(query, "file", fields)
  local list = rawget(self, "data").lines
  if query.sort then return rows.finish(list, query, "file", fields) end
  return rows.cut(table.move(list, 1, #list, 1, {}), query)
end

--- One row for each point of mprof's file: seconds, bytes, and for a child process its pid. Of a
--- run there are none: pyprof.resident(subject.exit) has that.
---     for _, row in ipairs(memory:timeline()) do print(row.seconds, row.bytes) end
---@return pyprof.ResidentRow[]
function methods:timeline()
  local list = rawget(self, "data").timeline
  return table.move(list, 1, #list, 1, {})
end

function Memory.__index(memory, key)
  if methods[key] then return methods[key] end
  if key == "functions" then return rawget(memory, "data").functions end
  misuse.raise("%s", suggest.unknown("field of memory:", key, { "functions", "lines", "timeline" }))
end

function Memory.__newindex()
  misuse.raise("memory cannot be changed")
end

--- Makes the value; lines: { file, line, name, MiB of increment, MiB at most, hits } each.
---@param lines any[][]
---@param functions table[]
---@param timeline table[]
---@return pyprof.Memory
function M.new(lines, functions, timeline)
  local of, list = {}, {}
  for _, it in ipairs(lines) do
    local key = ("%s\0%d\0%s"):format(it[1], it[2], it[3])
    local row = of[key]
    if not row then
      row = { file = it[1], line = math.tointeger(it[2]), name = it[3], increment = 0, memory = 0,
        hits = 0 }
      of[key], list[#list + 1] = row, row
    end
    row.increment = row.increment + math.floor(it[4] * 1048576 + 0.5)
    row.memory = math.max(row.memory, math.floor(it[5] * 1048576 + 0.5))
    row.hits = row.hits + math.tointeger(it[6])
  end
  table.sort(list, function(a, b)
    if a.file ~= b.file then return a.file < b.file end
    if a.line ~= b.line then return a.line < b.line end
    return a.name < b.name
  end)
  return setmetatable({ data = { lines = list, functions = functions, timeline = timeline } },
    Memory)
end

return M
