-- repl/kinds.lua - the columns of rows at the prompt: those of reports, by the kind of the rows.
local tables = require "pyprof.base.tables"
local doc = require "pyprof.doc"

local M = {}

local functions = { "rank", "self_weight", "self%", "total%", "name", "file:line" }
local threads = { "weight", "share", "samples", "parent", "pid", "id", "name", "command" }
local coverage = { "statements", "missing", "branches", "partial",
  { "covered_share", head = "covered" }, "missing_lines" }
local bytes = { "bytes", format = "bytes" }

local function with(columns, ...)
  return table.move(columns, 1, #columns, select("#", ...) + 1, { ... })
end

--- The columns of each kind of row, by the name of its page.
---@type table<string, any[]>
M.columns = {
  FunctionRow = functions, LineRow = functions, SumRow = functions,
  GroupRow = { "self_weight", "self%", "total%", "functions", "name" },
  CostRow = { "rank", "calls", "self_weight", "self%", "total%", "name", "file:line" },
  CostGroupRow = { "calls", "self_weight", "self%", "functions", "name" },
  CostSumRow = { "calls", "self_weight", "self%", "total%", "name", "file:line" },
  StackRow = { "samples", "weight", "share", "path" },
  TreeRow = { "total%", "self%", "tree", "file:line" },
  ImportRow = { "total_weight", "total%", "self_weight", { "name", head = "module" },
    { "importer", head = "imported at" } },
  NeighbourRow = { "samples", "weight", "share", "test", "name", "file:line" },
  CallRow = { "calls", "weight", "share", "name", "file:line" },
  EdgeRow = { "calls", "weight", "line",
    { "caller", value = function(row) return row.caller.name end },
    { "callee", value = function(row) return row.callee.name end } },
  ThreadRow = threads, SplitRow = threads,
  TestRow = { "weight", "share", "samples", "phase", "id" },
  TestResultRow = { "seconds", "share", "outcome", "worker", "id",
    { "hottest", head = "mostly in" } },
  TestTotalsRow = { "tests", "passed", "failed", "error", "skipped", "xfailed", "xpassed",
    "seconds", "status" },
  RunRow = { "from", "to", "samples", "share", "thread", "name", "file:line" },
  SpanRow = { "from", "to", "samples", "weight", "share" },
  ChangeRow = { "before%", "after%", "change%", "change_weight", "certain", "name", "file:line" },
  UsageRow = { "samples", "name", "file:line" },
  JoinRow = { "complexity", "self%", "total%", { "covered_share", head = "covered" }, "calls",
    { "bytes", format = "bytes" }, "status", "name", "file:line" },
  LineCountRow = { "count", "file:line" },
  FunctionCountRow = { "calls", "executions", "name", "file:line" },
  FileCountRow = { "statements", "executed", "executions", "file" },
  AnnotatedRow = { "samples", "share", "count", "status", bytes, "line", "text" },
  FileRow = { "lines", "source", "functions", "classes", "imports", "complexity", "file", "error" },
  TotalRow = { "files", "lines", "source", "functions", "classes", "imports", "complexity" },
  DefinitionRow = { "kind", "complexity", "name", "file:line" },
  MatchRow = { "file:line", "column", "definition", "text" },
  OutlineRow = { "lines", "functions", "classes", "imports", "complexity", "file" },
  OutlineDefinition = { "kind", "complexity", "name", "line", "end_line" },
  OutlineImport = { "line", "module", "level" },
  CoverageFileRow = with(coverage, "file"),
  CoverageFunctionRow = with({ table.unpack(coverage, 1, 5) }, "name", "file:line"),
  CoverageTotalRow = with({ table.unpack(coverage, 1, 5) }, "files"),
  CoverageLineRow = { "line", "status" },
  BranchRow = { "line", "taken" },
  ContextRow = { "lines", "phase", "name" },
  MemoryLineRow = { { "increment", format = "bytes" }, { "memory", format = "bytes" }, "hits",
    "name", "file:line" },
  ResidentRow = { "seconds", bytes, "pid" },
}

-- The fields of each kind: whether rows always have it.
local function fields_of(name)
  local fields = {}
  for _, tag in ipairs(doc.fields_of(doc.pages()[name].item)) do
    fields[tag.name] = not tag.type:find("|nil", 1, true)
  end
  return fields
end

local known

local function kinds()
  if known then return known end
  known = {}
  for _, name in ipairs(tables.names(M.columns)) do
    known[#known + 1] = { name = name, fields = fields_of(name) }
  end
  return known
end

-- The kind that the row has all fields of, and most of its fields are of.
local function kind_of(row)
  local best, most
  for _, kind in ipairs(kinds()) do
    local count = 0
    for field, always in pairs(kind.fields) do
      if rawget(row, field) ~= nil then count = count + 1 elseif always then count = -math.huge end
    end
    if count > (most or 0) then best, most = kind, count end
  end
  return best
end

-- The name of the field that a column shows.
local function field_of(column)
  return (column:gsub("%%$", "_share"))
end

local special = { rank = true, path = true, tree = true, ["file:line"] = true, caller = true,
  callee = true }

-- Do the first rows have something in this column?
local function is_filled(rows, column)
  local name = type(column) == "table" and column[1] or column
  if name == "file:line" then name = "file" elseif special[name] then return true end
  for i = 1, math.min(#rows, 100) do
    local value = rawget(rows[i], field_of(name))
    if value ~= nil and value ~= "" then return true end
  end
  return false
end

-- All fields of a row of no known kind: numbers first, then texts; places come last.
local order = { number = 1, boolean = 2, string = 3, table = 4 }

local function by_type(row, fields)
  local function place(field)
    local late = field == "name" and 4 or (field == "file" or field == "line") and 5
    return late or order[type(rawget(row, field))] or 4
  end
  table.sort(fields, function(a, b)
    if place(a) ~= place(b) then return place(a) < place(b) end
    return a < b
  end)
  return fields
end

--- Is this a row of the library's?
---@param row table
---@return boolean
function M.has(row)
  return type(next(row)) == "string" and kind_of(row) ~= nil
end

--- The columns of these rows: those of their kind, and after them the fields that a script added.
---@param rows table[]
---@return any[] columns
---@return string[] others   the fields that no column shows
function M.of(rows)
  local row, columns, others, rest = rows[1], {}, {}, {}
  local kind = kind_of(row)
  local shown = { name = false }
  for _, column in ipairs(kind and M.columns[kind.name] or {}) do
    if is_filled(rows, column) then
      columns[#columns + 1] = column
      local name = type(column) == "table" and column[1] or column
      shown[field_of(name)] = true
      if name == "file:line" then shown.file, shown.line = true, true end
      if name == "tree" then shown.name, shown.depth = true, true end
      if name == "path" then shown.frames, shown.stack, shown.name = true, true, true end
    end
  end
  for _, field in ipairs(tables.names(row)) do
    if kind and kind.fields[field] ~= nil then
      if not shown[field] then others[#others + 1] = field end
    elseif not shown[field] and type(rawget(row, field)) ~= "function" then
      rest[#rest + 1] = field
    end
  end
  for i, field in ipairs(by_type(row, rest)) do
    local column = field
    if field == "line" and rest[i - 1] == "file" then
      column = "file:line"
      columns[#columns] = nil
    elseif special[field] then -- a script's own field, not what reports call so
      column = { field, value = function(it) return rawget(it, field) end }
    end
    columns[#columns + 1] = column
  end
  return columns, others
end

return M
