-- subject/plan.lua - the order in which data is collected, the runs of the target that this takes,
-- and the files that these runs show.
local tables = require "pyprof.base.tables"
local sys = require "pyprof.core.sys"
local profiles = require "pyprof.profile"
local collectors = require "pyprof.subject.collectors"

local M = {}

--- The collector whose data this one is a part of: the profile for recordings.
---@param name string
---@return string
function M.made_from(name)
  return collectors.get(name).part_of or name
end

-- The collector that makes the data of that name.
local function maker(data, name)
  return collectors.get(data.with[name] or name)
end

-- Does it start the target, or ride on the run of one that does?
local function runs(data, name)
  local collector = maker(data, name)
  return collector.runs or collector.rides ~= nil
end

local function rank(name)
  return collectors.rank(M.made_from(name))
end

--- Sorts the names into the order in which they are collected; of several collectors of users the
--- one comes first that the report names first. A program's source is scanned before it
--- runs. But only its runs tell which source belongs to a recording, a process, a command or a
--- module of somebody else.
---@param data table          the subject's
---@param names string[]
---@return string[]
function M.order(data, names)
  local target, place = data.target, {}
  local known = target.kind == "program" and target.form ~= "command"
  if known and tables.has(names, "source") then
    known = collectors.get("source").is_known(target)
  end
  for i, name in ipairs(names) do place[name] = i end
  table.sort(names, function(a, b)
    local a_runs, b_runs = runs(data, a), runs(data, b)
    if a_runs ~= b_runs then return a_runs ~= known end
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return place[a] < place[b]
  end)
  return names
end

--- How many runs of a program the collectors of these names need.
---@param data table
---@param names string[]
---@return integer
function M.runs(data, names)
  local count, counted = 0, {}
  for _, name in ipairs(data.target.kind == "program" and names or {}) do
    name = maker(data, name).rides or M.made_from(name)
    if not counted[name] and not data.from[name] and maker(data, name).runs then
      counted[name], count = true, count + 1
    end
  end
  return count
end

local function is_python_file(path)
  local status = path:find("%.pyw?$") and sys.stat(path)
  return status and status.kind == "file"
end

local function named_in(data, name, value)
  local files_of = maker(data, name).files
  if files_of then return files_of(value) end
  return profiles.is(value) and profiles.own_files(value) or {}
end

--- The program's own files that the data shows, as they are named there.
---@param data table
---@return string[]
function M.shown(data)
  local paths, known = {}, {}
  for name, value in pairs(data.values) do
    for _, path in ipairs(named_in(data, name, value)) do
      if not known[path] and is_python_file(path) then
        known[path] = true
        paths[#paths + 1] = path
      end
    end
  end
  table.sort(paths)
  return paths
end

--- The program's own files that exist and that the data shows, each under one name, sorted.
---@param data table
---@return string[]
function M.files(data)
  local paths, known = {}, {}
  for _, path in ipairs(M.shown(data)) do
    local id = sys.stat(path).id
    if not known[id] then
      known[id] = true
      paths[#paths + 1] = path
    end
  end
  return paths
end

local function state_of(path)
  local status = sys.stat(path)
  return status and ("%s %d %.9f"):format(status.id, status.size, status.modified) or "gone"
end

--- Notices which source files changed since they were first seen here. Call it before and after
--- each run; data.changed has their names.
---@param data table
function M.watch(data)
  local source, paths = data.values.source, M.shown(data)
  for _, row in ipairs(source and source:files() or {}) do paths[#paths + 1] = row.file end
  for path in pairs(data.states) do paths[#paths + 1] = path end
  for _, path in ipairs(paths) do
    local state = state_of(path)
    data.states[path] = data.states[path] or state
    if data.states[path] ~= state and not data.changed[path] then
      data.changed[path] = true
      local real = sys.real_path(path) or path
      if not data.changed[real] or real == path then
        table.insert(data.notes,
          ("%s: changed between two runs: nothing about it is joined"):format(path))
      end
      data.changed[real] = true
    end
  end
end

--- After the runs of a program its source has the files that they showed, too.
---@param data table
function M.complete_source(data)
  local source = data.values.source
  if not source or data.target.kind ~= "program" or data.from.source or data.with.source then
    return
  end
  local more = collectors.get("source").extended(source, M.files(data))
  if next(data.changed) then more.changed = data.changed end
  data.values.source = more
end

return M
