-- collect/counts/data.lua - how often each line ran, as rows: the value of the collector.
local misuse = require "pyprof.base.misuse"
local sys = require "pyprof.core.sys"
local frame = require "pyprof.profile.frame"
local selector = require "pyprof.profile.selector"
local rows = require "pyprof.rows"
local sources = require "pyprof.source"

local M = {}

--- How often each statement of the program's own files was started. A line has the count of the
--- first statement that begins on it; a loop's line counts how often the loop began, its
--- iterations are the count of the first line of its body.
---@class pyprof.LineCounts
local Counts = { __name = "pyprof.LineCounts" }
local methods = {}

local function entries_of(counts)
  return rawget(counts, "entries")
end

local function finish(list, query, fields, more)
  query = misuse.options(query, { "sort", "limit", more })
  if query.sort then return rows.finish(list, query, "file", fields) end
  rows.sort_key(query, "file", fields)
  return rows.cut(list, query)
end

local function functions_of(counts)
  local list = {}
  for _, entry in ipairs(entries_of(counts)) do
    for _, one in ipairs(entry.functions) do
      if entry.calls[one.first_line] then list[#list + 1] = { entry = entry, definition = one } end
    end
  end
  return list
end

-- The definitions that a selector takes, as a set; nil: all of them.
local function included(counts, query)
  local wanted = query and query.include
  if wanted == nil then return nil end
  local list = functions_of(counts)
  local names, files, lines, order, set = {}, {}, {}, {}, {}
  for i, one in ipairs(list) do
    names[i], files[i], lines[i] = one.definition.name, one.entry.file, one.definition.line
    order[i] = i
  end
  local mask = selector.frames(wanted, frame.list(names, files, lines, order))
  for i, one in ipairs(list) do
    if mask:byte(i) == 1 then set[one.definition] = true end
  end
  return set
end

-- The lines of a file that stand in one of the definitions, from the first decorator to the end.
local function lines_in(entry, set)
  local lines = {}
  for _, one in ipairs(entry.functions) do
    if set[one] then
      for line = one.first_line, one.end_line do lines[line] = true end
    end
  end
  return lines
end

--- One row for each line on which a statement begins, in the order of files and lines; count is 0
--- for a line that never ran. Options: include (a selector of functions, whose lines are wanted),
--- sort, limit.
---     for _, row in ipairs(counts:lines { sort = "count", limit = 10 }) do
---       print(row.count, row.file, row.line)
---     end
---@param query { include: pyprof.Selector|nil, sort: string|nil, limit: integer|nil }|nil
---@return pyprof.LineCountRow[]
function methods:lines(query)
  local list, set = {}, included(self, query)
  for _, entry in ipairs(entries_of(self)) do
    local wanted = set and lines_in(entry, set)
    for _, line in ipairs(entry.order) do
      if not wanted or wanted[line] then
        list[#list + 1] = { file = entry.file, line = line, count = entry.lines[line] }
      end
    end
  end
  return finish(list, query, { "file", "line", "count" }, "include")
end

-- The innermost function around each line, without the line of its `def`, which its surroundings
-- execute.
local function owners(functions)
  local of_line = {}
  for _, one in ipairs(functions) do -- outer before inner
    for line = one.first_line, one.line do of_line[line] = of_line[one.first_line - 1] end
    for line = one.line + 1, one.end_line do of_line[line] = one end
  end
  return of_line
end

-- The sums of the counts of the functions' own lines; none for a body without a line of its own.
local function executions_of(entry)
  local of_line, sums = owners(entry.functions), {}
  for _, line in ipairs(entry.order) do
    local one = of_line[line]
    if one then sums[one] = (sums[one] or 0) + entry.lines[line] end
  end
  return sums
end

--- One row for each function: how often its body began (calls), and the sum of the counts of its
--- own lines (executions), without functions in it. Options: include (a selector), sort, limit.
---     for _, row in ipairs(counts:functions { sort = "calls", limit = 3 }) do
---       print(row.calls, row.name)
---     end
---@param query { include: pyprof.Selector|nil, sort: string|nil, limit: integer|nil }|nil
---@return pyprof.FunctionCountRow[]
function methods:functions(query)
  local list, set, sums = {}, included(self, query), {}
  for _, it in ipairs(functions_of(self)) do
    local entry, one = it.entry, it.definition
    if not set or set[one] then
      sums[entry] = sums[entry] or executions_of(entry)
      local calls = entry.calls[one.first_line]
      list[#list + 1] = {
        name = one.name, file = entry.file, line = one.line, end_line = one.end_line,
        calls = calls, executions = sums[entry][one] or calls,
      }
    end
  end
  return finish(list, query, { "name", "file", "line", "end_line", "calls", "executions" },
    "include")
end

--- One row for each file: statements (lines on which one begins), how many of them were executed,
--- and the sum of their counts (executions). Options: sort, limit.
---     print(counts:files()[1].executions)
---@param query { sort: string|nil, limit: integer|nil }|nil
---@return pyprof.FileCountRow[]
function methods:files(query)
  local list = {}
  for i, entry in ipairs(entries_of(self)) do
    local executed, executions = 0, 0
    for _, count in pairs(entry.lines) do
      if count > 0 then executed = executed + 1 end
      executions = executions + count
    end
    list[i] = {
      file = entry.file, statements = #entry.order, executed = executed, executions = executions,
    }
  end
  return finish(list, query, { "file", "statements", "executed", "executions" })
end

local no_field = misuse.no_field("the counts", {}, methods)

function Counts.__index(counts, key)
  return methods[key] or no_field(counts, key)
end

--- Is this a Counts?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Counts
end

--- The counted files that are here, as paths.
---@param counts pyprof.LineCounts
---@return string[]
function M.paths(counts)
  local paths = {}
  for _, entry in ipairs(entries_of(counts)) do
    if sys.stat(entry.file) then paths[#paths + 1] = entry.file end
  end
  return paths
end

-- Adds the pairs "line count line count …" of a text.
local function add(sums, text)
  for line, count in text:gmatch("(%d+) (%d+)") do
    line = math.tointeger(line)
    sums[line] = (sums[line] or 0) + math.tointeger(count)
  end
end

--- Reads what the processes wrote, and adds it up.
---@param texts string[]
---@param name_of fun(path: string): string
---@return pyprof.LineCounts|nil   nil: they counted no file
function M.new(texts, name_of)
  local entries, by_path = {}, {}
  for _, text in ipairs(texts) do
    local at = 1
    while at <= #text do
      local length, first = text:match("^file (%d+)\n()", at)
      local path = text:sub(first, first + length - 1)
      local lines, calls, after = text:match("^\n([^\n]*)\n([^\n]*)\n()", first + length)
      local entry = by_path[path]
      if not entry then
        entry = { file = name_of(path), lines = {}, calls = {} }
        by_path[path], entries[#entries + 1] = entry, entry
      end
      add(entry.lines, lines)
      add(entry.calls, calls)
      at = after
    end
  end
  if #entries == 0 then return nil end
  table.sort(entries, function(a, b) return a.file < b.file end)
  for _, entry in ipairs(entries) do
    entry.order = {}
    for line in pairs(entry.lines) do entry.order[#entry.order + 1] = line end
    table.sort(entry.order)
  end
  local files = {}
  for i, entry in ipairs(entries) do files[i] = entry.file end
  local of_file = sources.functions(files)
  for _, entry in ipairs(entries) do entry.functions = of_file[entry.file] or {} end
  return setmetatable({ entries = entries }, Counts)
end

return M
