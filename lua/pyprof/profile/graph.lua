-- profile/graph.lua - a profile without stacks: functions, and the calls between them.
--
-- cProfile and callgrind measure every call and keep no stacks. So methods and fields that need
-- stacks, samples, threads or time raise an error that names them. functions, callers and callees
-- are as in a Profile, with `calls` instead of samples. A name, a file and a line identify a
-- function here.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local bytes = require "pyprof.core.bytes"
local frame = require "pyprof.profile.frame"
local graph_data = require "pyprof.profile.graph_data"
local kind = require "pyprof.profile.kind"
local formats = require "pyprof.profile.read.formats"
local samples = require "pyprof.profile.samples"
local selector = require "pyprof.profile.selector"
local totals = require "pyprof.profile.totals"
local tree = require "pyprof.profile.tree"
local rows = require "pyprof.rows"

local M = {}

-- --- the object

--- A profile of calls, as cProfile and callgrind write it: functions, and the number and cost of
--- the calls between them. It has no stacks; methods that need stacks raise an error.
---@class pyprof.Graph
---@field weight number       in the unit
---@field unit string
---@field metric string
---@field metrics string[]
---@field exporter string     the profiler
---@field quality { what: string, count: integer }[]
---@field exit table|nil
local Graph = {}
local private = {}
local methods = {}

local function data_of(graph)
  local data = type(graph) == "table" and rawget(graph, private)
  if not data then misuse.raise("a profile is wanted (methods are called with a colon)") end
  return data
end

local function share_of(data, query)
  local whole = data.weight
  if query.of ~= nil then
    kind.want(query.of, "of")
    whole = query.of.weight
  end
  return function(weight) return whole == 0 and 0.0 or weight / whole end
end

local function refuse(data, name)
  misuse.raise("%s%s keeps neither stacks nor samples, only calls (top.lua, packages.lua, " ..
    "callers.lua and callgrind.lua need no more)", name and name .. ": " or "", data.keeper)
end

-- The fields that only a Profile's rows have: reading them raises an error.
local counted = { self = true, total = true, samples = true, self_low = true, self_high = true,
  total_low = true, total_high = true }

local function finish(data, result, query, default, known)
  local row_type = {
    __name = "pyprof.Row",
    __index = function(_, key) if counted[key] then refuse(data, key) end end,
  }
  for _, row in ipairs(result) do setmetatable(row, row_type) end
  return rows.finish(result, query, default, known)
end

-- A function that tells which functions become rows.
local function wanted_of(data, query)
  local include = query.include ~= nil and selector.frames(query.include, data.frames)
  local exclude = query.exclude ~= nil and selector.frames(query.exclude, data.frames, true)
  return function(i)
    return (not include or include:byte(i) ~= 0) and (not exclude or exclude:byte(i) == 0)
  end
end

local keys = totals.lazy_keys
local fields = { "name", "file", "line", "calls", "self_weight", "total_weight", "self_share",
  "total_share" }

--- One row per function (name, file and line).
---     for _, row in ipairs(graph:functions { limit = 5 }) do
---       print(row.name, row.calls, row.self_weight)
---     end
---@param query table|nil   sort, limit, of, include, exclude
---@return pyprof.CostRow[]
function methods:functions(query)
  local data = data_of(self)
  query = misuse.options(query, keys)
  rows.sort_key(query, "self_weight", fields)
  local share, wanted, result = share_of(data, query), wanted_of(data, query), {}
  for i, name in ipairs(data.names) do
    if wanted(i) then
      result[#result + 1] = {
        name = name, file = data.files[i], line = data.lines[i], calls = data.calls[i],
        self_weight = data.self[i], total_weight = data.total[i],
        self_share = share(data.self[i]), total_share = share(data.total[i]),
      }
    end
  end
  return finish(data, result, query, "self_weight", fields)
end

local by_fields = { "name", "functions", "calls", "self_weight", "self_share" }

--- One row per value of a function's field, or per result of a Lua function for it (nil: no row). A
--- row has self costs only, because without stacks the total of several functions is unknown.
---     local modules = graph:by "module"
---@param key string|fun(frame: pyprof.Frame): string|nil
---@param query table|nil   sort, limit, of, include, exclude
---@return pyprof.CostGroupRow[]
function methods:by(key, query)
  local data = data_of(self)
  query = misuse.options(query, keys)
  rows.sort_key(query, "self_weight", by_fields)
  local get = frame.getter(key)
  local share, wanted, result, row_of = share_of(data, query), wanted_of(data, query), {}, {}
  for i, it in ipairs(data.frames:all()) do
    local name = get(it)
    if name ~= nil and wanted(i) then
      local row = row_of[name]
      if not row then
        row = { name = name, functions = 0, calls = 0, self_weight = 0.0 }
        row_of[name], result[#result + 1] = row, row
      end
      row.functions, row.calls = row.functions + 1, row.calls + data.calls[i]
      row.self_weight = row.self_weight + data.self[i]
    end
  end
  for _, row in ipairs(result) do row.self_share = share(row.self_weight) end
  return finish(data, result, query, "self_weight", by_fields)
end

--- One row for all selected functions together: name, file, line, functions (their number), calls,
--- self_weight, self_share; for a single function total_weight and total_share, too.
---     local row = graph:sum "work"
---     print(row.functions, row.total_share)
---@param selected pyprof.Selector
---@return pyprof.CostSumRow
function methods:sum(selected)
  local data = data_of(self)
  local mask = selector.frames(selected, data.frames)
  local share, last = share_of(data, {}), nil
  local row = { name = type(selected) == "string" and selected or "(selected)", file = "", line = 0,
    functions = 0, calls = 0, self_weight = 0.0 }
  for i = 1, #data.names do
    if mask:byte(i) ~= 0 then
      row.functions, last = row.functions + 1, i
      row.calls, row.self_weight = row.calls + data.calls[i], row.self_weight + data.self[i]
    end
  end
  row.self_share = share(row.self_weight)
  if row.functions == 1 then
    row.name, row.file, row.line = data.names[last], data.files[last], data.lines[last]
    row.total_weight, row.total_share = data.total[last], share(data.total[last])
  end
  return finish(data, { row }, {}, "self_weight", by_fields)[1]
end

--- One row per call: caller and callee (each with name, file and line), line (the line of the call;
--- 0 if unknown), calls (their number), weight (their cost with all callees).
---     for _, call in ipairs(graph:calls()) do
---       print(call.caller.name, call.callee.name, call.calls)
---     end
---@return pyprof.EdgeRow[]
function methods:calls()
  local data = data_of(self)
  local function one(i)
    return { name = data.names[i], file = data.files[i], line = data.lines[i] }
  end
  local result = {}
  for i, edge in ipairs(data.edges) do
    result[i] = { caller = one(edge.caller), callee = one(edge.callee), line = edge.line,
      calls = edge.calls, weight = edge.weight }
  end
  return result
end

local neighbour_keys = tree.options.callers
local neighbour_fields = { "name", "file", "line", "calls", "weight", "share" }

-- Does the query want one row per calling line?
local function by_line(data, query, inward)
  local by = query.by == nil and "function" or query.by
  if by == "function" then return false end
  if by ~= "line" then
    misuse.raise("%s", suggest.unknown("value of by:", tostring(by), { "function", "line" }))
  end
  for _, edge in ipairs(inward and data.edges or {}) do
    if edge.line > 0 then return true end
  end
  misuse.raise("by: %s does not keep the line %s", data.keeper,
    inward and "of a call" or "that runs in a callee")
end

-- Rows of the functions that call into the selection (inward), or that it calls, and a row that
-- completes the sum.
local function neighbours(graph, selected, query, inward, rest_name)
  local data = data_of(graph)
  query = misuse.options(query, neighbour_keys)
  local lines = by_line(data, query, inward)
  rows.sort_key(query, "weight", neighbour_fields)
  local mask = selector.frames(selected, data.frames)
  local share, wanted = share_of(data, query), wanted_of(data, query)
  local result, row_of = {}, {}
  local function is_selected(i) return mask:byte(i) ~= 0 end
  for _, edge in ipairs(data.edges) do
    local inner, outer = edge.caller, edge.callee
    if inward then inner, outer = outer, inner end
    if is_selected(inner) and not is_selected(outer) and wanted(outer) then
      local line = lines and edge.line or data.lines[outer]
      local key = ("%d:%d"):format(outer, line)
      local row = row_of[key]
      if not row then
        row = { name = data.names[outer], file = data.files[outer], line = line,
          calls = 0, weight = 0.0 }
        row_of[key], result[#result + 1] = row, row
      end
      row.calls, row.weight = row.calls + edge.calls, row.weight + edge.weight
    end
  end
  local rest = 0.0
  for i = 1, #data.names do
    if is_selected(i) and not inward then rest = rest + data.self[i] end
  end
  if rest > 0 then
    result[#result + 1] = { name = rest_name, file = "", line = 0, calls = 0, weight = rest }
  end
  for _, row in ipairs(result) do row.share = share(row.weight) end
  return finish(data, result, query, "weight", neighbour_fields)
end

--- The callers of the selection that are not in it, with the number and the cost of their calls.
---     for _, row in ipairs(graph:callers "add") do print(row.name, row.calls) end
---@param selected pyprof.Selector
---@param query table|nil   by ("line": call sites, if the format has them), sort, limit, of,
---  include, exclude
---@return pyprof.CallRow[]
function methods:callers(selected, query)
  return neighbours(self, selected, query, true)
end

--- The callees of the selection that are not in it; "(self)" is the selection's own cost.
---     for _, row in ipairs(graph:callees "work") do print(row.name, row.weight) end
---@param selected pyprof.Selector
---@param query table|nil   sort, limit, of, include, exclude
---@return pyprof.CallRow[]
function methods:callees(selected, query)
  return neighbours(self, selected, query, false, "(self)")
end

local graph_fields = { "weight", "unit", "metric", "metrics", "exporter", "quality", "exit" }
local plain_field = { weight = true, unit = true, metric = true, exporter = true, exit = true }

-- The fields and methods of a Profile; the fields in `unknown` are nil here.
local of_samples, unknown = {}, { rate = true, from = true, to = true, record = true,
  weight_kind = true, weight_given = true, clock = true }
for _, name in ipairs(samples.names()) do of_samples[name] = true end

function Graph.__index(graph, key)
  if methods[key] then return methods[key] end
  local data = data_of(graph)
  if plain_field[key] then return data[key] end
  if unknown[key] then return nil end
  if key == "records" then return {} end
  if key == "metrics" then return table.move(data.metrics, 1, #data.metrics, 1, {}) end
  if key == "quality" then
    local list = {}
    for what, count in pairs(data.counts) do list[#list + 1] = { what = what, count = count } end
    return rows.sort(list, "what")
  end
  if of_samples[key] then refuse(data, key) end
  misuse.raise("%s", suggest.unknown("field of a profile:", key, M.names(), "Graph"))
end

function Graph.__newindex(graph, key, value)
  if key ~= "exit" then misuse.raise("a profile cannot be changed") end
  data_of(graph).exit = value
end

function Graph.__add()
  misuse.raise("profiles of calls are added up when they are read (give load all paths)")
end

function Graph.__tostring(graph)
  local data = data_of(graph)
  return ("profile of calls: %d functions, %.14g %s"):format(#data.names, data.weight, data.unit)
end

Graph.__name = "pyprof.Graph"

-- For pyprof.profile.kind: raises an error, because the caller needs samples.
function Graph.refuse(graph, name)
  refuse(data_of(graph), name)
end

local function wrap(data)
  return setmetatable({ [private] = data:finish() }, Graph)
end

-- --- reading

--- Reads profiles of calls and adds them up.
---@param paths string[]
---@param metric string|nil
---@return pyprof.Graph|nil
---@return string|nil message
---@return "usage"|nil kind
function M.load(paths, metric)
  local list = {}
  for i, path in ipairs(paths) do
    local format = formats.of_calls(path)
    if not format then
      return nil, path .. ": samples and calls cannot be added up (give the files alone)", "usage"
    end
    local text, message = bytes.read(path, true)
    if not text then return nil, path .. ": " .. message end
    local data = graph_data.new()
    local good, why, what = require("pyprof.profile.read." .. format).read(text, data, metric)
    if not good then return nil, path .. ": " .. why, what end
    list[i] = data
  end
  local data, message = graph_data.merged(list)
  if not data then return nil, message, "usage" end
  return wrap(data)
end

--- The names of its fields and methods, or of the methods alone.
---@param only_methods boolean|nil
---@return string[]
function M.names(only_methods)
  local names = only_methods and {} or table.move(graph_fields, 1, #graph_fields, 1, {})
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The files of all its functions.
---@param graph pyprof.Graph
---@return string[]
function M.files(graph)
  return data_of(graph).files
end

M.seen_files = M.files

return M
