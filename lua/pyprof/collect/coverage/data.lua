-- collect/coverage/data.lua - what coverage.py measured, as rows: the value of the collector.
--
-- All figures come from coverage.py's JSON; the functions are those of a scan of the files.
local misuse = require "pyprof.base.misuse"
local suggest = require "pyprof.base.suggest"
local sys = require "pyprof.core.sys"
local rows = require "pyprof.rows"
local sources = require "pyprof.source"

local M = {}

--- Which lines and branches ran.
---@class pyprof.Coverage
---@field branch boolean     branches were measured, too
---@field version string     of coverage.py
---@field contexts boolean   it is known which tests executed a line
local Coverage = { __name = "pyprof.Coverage" }
local methods = {}

local figures = {
  "statements", "missing", "excluded", "branches", "partial", "covered_share", "missing_lines",
  "missing_branches",
}

local function set_of(list)
  local set = {}
  for _, line in ipairs(list or {}) do set[line] = true end
  return set
end

local function sorted(set)
  local list = {}
  for line in pairs(set) do list[#list + 1] = line end
  table.sort(list)
  return list
end

-- The lines of the set as "3-5, 9". Two of them are one range if no other statement is between.
local function ranges(statements, set)
  local parts, first, last = {}, nil, nil
  local function close()
    if first then parts[#parts + 1] = first == last and ("%d"):format(first)
      or ("%d-%d"):format(first, last) end
    first = nil
  end
  for _, line in ipairs(statements) do
    if set[line] then
      first, last = first or line, line
    else
      close()
    end
  end
  close()
  return table.concat(parts, ", ")
end

-- An exit of a function has the negative number of the function's line.
local function arc_first(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] end
  return a[2] < b[2]
end

local function arcs_text(arcs)
  local parts = {}
  table.sort(arcs, arc_first)
  for i, arc in ipairs(arcs) do
    parts[i] = ("%d->%s"):format(arc[1], arc[2] > 0 and ("%d"):format(arc[2]) or "exit")
  end
  return table.concat(parts, ", ")
end

local function share_of(statements, missing, branches, covered_branches)
  local all = statements + branches
  if all == 0 then return 1.0 end
  return (statements - missing + covered_branches) / all
end

-- A file's figures are coverage.py's own sums.
local function row_of_file(entry)
  local summary = entry.summary
  local missing = summary.missing_lines
  local row = {
    file = entry.file, statements = summary.num_statements, missing = missing,
    excluded = summary.excluded_lines, missing_lines = ranges(entry.statements, entry.is_missing),
    covered_share = share_of(summary.num_statements, missing, summary.num_branches or 0,
      summary.covered_branches or 0),
  }
  if entry.branch then
    row.branches, row.partial = summary.num_branches, summary.num_partial_branches
    row.missing_branches = entry.missing_branches and arcs_text(entry.missing_branches) or nil
  end
  return row
end

local function finish(list, query, fields)
  query = misuse.options(query, { "sort", "limit" })
  rows.sort_key(query, "file", fields)
  if query.sort then return rows.finish(list, query, "file", fields) end
  return rows.cut(table.move(list, 1, #list, 1, {}), query)
end

local function entry_of(coverage, file, method)
  misuse.want(file, "string", method .. ": a file")
  local data = rawget(coverage, "data")
  local entry = data.by_file[file]
  if entry then return entry end
  local names = {}
  for i, one in ipairs(data.entries) do names[i] = one.file end
  misuse.raise("%s: %s", method, suggest.unknown("file", file, names))
end

--- One row for each measured file. Options: sort, limit.
---     local worst = pyprof.sort(coverage:files(), "-covered_share")[1]
---@param query table|nil
---@return pyprof.CoverageFileRow[]
function methods:files(query)
  local list = {}
  for i, entry in ipairs(rawget(self, "data").entries) do list[i] = row_of_file(entry) end
  return finish(list, query, { "file", table.unpack(figures) })
end

--- The status of each line that coverage.py knows: covered, missing, partial (a branch of it never
--- ran) or excluded.
---     for _, row in ipairs(coverage:lines "a.py") do print(row.line, row.status) end
---@param file string
---@return pyprof.CoverageLineRow[]
function methods:lines(file)
  local entry, list, partial = entry_of(self, file, "lines"), {}, {}
  for _, arc in ipairs(entry.missing_branches or {}) do partial[arc[1]] = true end
  for _, line in ipairs(entry.statements) do
    list[#list + 1] = { line = line, status = entry.is_missing[line] and "missing"
      or partial[line] and "partial" or "covered" }
  end
  for _, line in ipairs(entry.excluded_lines) do
    list[#list + 1] = { line = line, status = "excluded" }
  end
  table.sort(list, function(a, b) return a.line < b.line end)
  return list
end

--- The lines of a file that may go on in several places: `arcs` has each (`to`, negative for an
--- exit, and `ran`), exits last; `taken` is how many of them ran.
---     for _, row in ipairs(coverage:branches "a.py") do print(row.line, row.taken) end
---@param file string
---@return pyprof.BranchRow[]
function methods:branches(file)
  local entry, of_line, list = entry_of(self, file, "branches"), {}, {}
  local function add(arcs, ran)
    for _, arc in ipairs(arcs or {}) do
      local row = of_line[arc[1]]
      if not row then
        row = { line = arc[1], taken = 0, arcs = {} }
        of_line[arc[1]], list[#list + 1] = row, row
      end
      table.insert(row.arcs, { to = arc[2], ran = ran })
      if ran then row.taken = row.taken + 1 end
    end
  end
  add(entry.executed_branches, true)
  add(entry.missing_branches, false)
  table.sort(list, function(a, b) return a.line < b.line end)
  for _, row in ipairs(list) do
    table.sort(row.arcs, function(a, b)
      if (a.to < 0) ~= (b.to < 0) then return b.to < 0 end
      return a.to < b.to
    end)
  end
  return list
end

--- The sums of all files, as coverage.py's total.
---     print(coverage:totals().covered_share)
---@return pyprof.CoverageTotalRow
function methods:totals()
  local data = rawget(self, "data")
  local totals = data.totals
  local row = {
    files = #data.entries, statements = totals.num_statements, missing = totals.missing_lines,
    excluded = totals.excluded_lines,
    covered_share = share_of(totals.num_statements, totals.missing_lines,
      totals.num_branches or 0, totals.covered_branches or 0),
  }
  if self.branch then
    row.branches, row.partial = totals.num_branches, totals.num_partial_branches
    row.covered_branches = totals.covered_branches
  end
  return row
end

-- What belongs to each definition of a file: the list of its statements, and its arcs (`executed`,
-- `lost`), without those of functions in it. Its surroundings execute its `def`. The body of a
-- function on one line has but an arc.
local function parts_of(entry)
  local of_line, parts, one_line = {}, {}, {}
  for _, definition in ipairs(entry.definitions) do -- outer before inner
    for line = definition.line + 1, definition.end_line do of_line[line] = definition end
    if definition.line == definition.end_line then one_line[definition.line] = definition end
    parts[definition] = { missing = 0, excluded = 0 }
  end
  for _, line in ipairs(entry.statements) do
    local part = parts[of_line[line]]
    if part then
      part[#part + 1] = line
      if entry.is_missing[line] then part.missing = part.missing + 1 end
    end
  end
  for _, line in ipairs(entry.excluded_lines) do
    local part = parts[of_line[line]]
    if part then part.excluded = part.excluded + 1 end
  end
  for field, arcs in pairs { executed = entry.executed_branches, lost = entry.missing_branches } do
    for _, arc in ipairs(arcs) do
      local line = arc[1]
      local part = parts[arc[2] == -line and one_line[line] or of_line[line]]
      local list = part and part[field]
      if list then
        list[#list + 1] = arc
      elseif part then
        part[field] = { arc }
      end
    end
  end
  return parts
end

local none = {}

local function row_of_function(entry, definition, part)
  local statements, missing = #part, part.missing
  local executed, lost = part.executed or none, part.lost or none
  local one_line = definition.line == definition.end_line and entry.arcs
  local ran -- nil: coverage.py cannot tell
  if one_line and #executed > 0 or not one_line and statements > missing then
    ran = true
  elseif missing > 0 or #lost > 0 then
    ran = false
  end
  local partial = 0
  for _, arc in ipairs(lost) do
    if not entry.is_missing[arc[1]] then partial = partial + 1 end
  end
  local branch = entry.arcs
  return {
    name = definition.name, file = entry.file, line = definition.line,
    first_line = definition.first_line, end_line = definition.end_line,
    statements = statements, missing = missing, excluded = part.excluded,
    missing_lines = missing > 0 and ranges(part, entry.is_missing) or "", ran = ran,
    branches = branch and #executed + #lost or nil, partial = branch and partial or nil,
    missing_branches = branch and (#lost > 0 and arcs_text(lost) or "") or nil,
    covered_share = share_of(statements, missing, #executed + #lost, #executed), tests = nil,
  }
end

-- The contexts of each line of a file: { line = { context, … } }.
local function contexts_of(coverage, entry)
  if not entry.contexts then
    entry.contexts = {}
    for context, lines in pairs(rawget(coverage, "data").tests[entry.key] or {}) do
      for _, line in ipairs(lines) do
        entry.contexts[line] = entry.contexts[line] or {}
        table.insert(entry.contexts[line], context)
      end
    end
  end
  return entry.contexts
end

-- The name of a test, and the phase in which it ran a line.
local function test_of(context)
  local name, phase = context:match("^(.*)|([a-z]+)$")
  return name or context, phase
end

-- The number of tests that executed one of these lines.
local function tests_of(contexts, lines)
  local seen, known, count = {}, {}, 0
  for _, line in ipairs(lines) do
    for _, context in ipairs(contexts[line] or {}) do
      local name = not seen[context] and test_of(context)
      seen[context] = true
      if name and not known[name] then known[name], count = true, count + 1 end
    end
  end
  return count
end

--- One row for each function that the measured files define. `statements` counts those of its own
--- body: not those of functions in it, nor its `def` line. `ran` is nil where coverage.py cannot
--- tell. `tests` is the number of tests that reach it, where contexts were recorded. Options: sort,
--- limit.
---     local never = pyprof.filter(coverage:functions(),
---       function(row) return row.ran == false end)
---@param query table|nil
---@return pyprof.CoverageFunctionRow[]
function methods:functions(query)
  local list = {}
  for _, entry in ipairs(rawget(self, "data").entries) do
    local parts = parts_of(entry)
    local contexts = self.contexts and contexts_of(self, entry)
    for _, definition in ipairs(entry.definitions) do
      local part = parts[definition]
      local row = row_of_function(entry, definition, part)
      if contexts then row.tests = tests_of(contexts, #part > 0 and part or { row.line }) end
      list[#list + 1] = row
    end
  end
  return finish(list, query,
    { "name", "file", "line", "end_line", "first_line", "ran", "tests", table.unpack(figures) })
end

--- The contexts (tests) that executed the file, one of its lines, or some: their names, phases, and
--- how many of the lines each executed.
---     for _, row in ipairs(coverage:tests("a.py", 3)) do print(row.name) end
---@param file string
---@param line integer|nil
---@param last integer|nil   the last of several lines
---@return pyprof.ContextRow[]
function methods:tests(file, line, last)
  local entry = entry_of(self, file, "tests")
  if not self.contexts then
    misuse.raise("tests: no contexts were recorded (--coverage-contexts records them)")
  end
  local list, row_of = {}, {}
  for at, contexts in pairs(contexts_of(self, entry)) do
    if not line or at >= line and at <= (last or line) then
      for _, context in ipairs(contexts) do
        local row = row_of[context]
        if not row then
          row = { lines = 0 }
          row.name, row.phase = test_of(context)
          row_of[context], list[#list + 1] = row, row
        end
        row.lines = row.lines + 1
      end
    end
  end
  return rows.sort(list, "name")
end

local fields = { "branch", "version", "contexts" }
local no_field = misuse.no_field("the coverage", fields, methods)

function Coverage.__index(coverage, key)
  return methods[key] or no_field(coverage, key)
end

--- Is this a Coverage?
---@param value any
---@return boolean
function M.is(value)
  return getmetatable(value) == Coverage
end

--- The measured files that are here, as paths.
---@param coverage pyprof.Coverage
---@return string[]
function M.paths(coverage)
  local paths = {}
  for _, entry in ipairs(rawget(coverage, "data").entries) do
    if sys.stat(entry.file) then paths[#paths + 1] = entry.file end
  end
  return paths
end

-- Files with several statements on a line have each line once.
local function entry_from(key, file, found)
  local excluded = set_of(found.excluded_lines)
  local statements = set_of(found.missing_lines)
  for _, line in ipairs(found.executed_lines or {}) do
    if not excluded[line] then statements[line] = true end
  end
  return {
    key = key, file = file, summary = found.summary, statements = sorted(statements),
    is_missing = set_of(found.missing_lines), excluded_lines = found.excluded_lines or {},
    branch = found.summary.num_branches ~= nil,
    arcs = found.executed_branches ~= nil, -- coverage.py before 7 names none
    executed_branches = found.executed_branches, missing_branches = found.missing_branches,
  }
end

-- cjson decodes whole numbers as floats.
local function make_whole(value)
  for key, item in pairs(value) do
    if type(item) == "table" then
      make_whole(item)
    elseif math.type(item) == "float" then
      value[key] = math.tointeger(item) or item
    end
  end
end

--- The value of a decoded JSON report. `local_of` names the file here of each of its files.
---@param report table
---@param local_of (fun(file: string): string)|nil
---@return pyprof.Coverage
function M.new(report, local_of)
  make_whole(report)
  local entries, by_file = {}, {}
  for key, found in pairs(report.files) do
    local file = local_of and local_of(key) or key
    entries[#entries + 1] = entry_from(key, file, found)
    by_file[file] = entries[#entries]
  end
  table.sort(entries, function(a, b) return a.file < b.file end)
  local files = {}
  for _, entry in ipairs(entries) do
    if entry.file:find("%.pyw?$") then files[#files + 1] = entry.file end
  end
  local of_file = sources.functions(files)
  for _, entry in ipairs(entries) do entry.definitions = of_file[entry.file] or {} end
  local tests = report.tests or {}
  return setmetatable({
    branch = report.totals.num_branches ~= nil, version = report.meta.version,
    contexts = next(tests) ~= nil,
    data = { entries = entries, by_file = by_file, totals = report.totals, tests = tests },
  }, Coverage)
end

return M
