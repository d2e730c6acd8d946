-- render/sections.lua - makes sections from the results of a report's run, and checks them.
local contract = require "pyprof.base.contract"
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local units = require "pyprof.base.units"
local sarif = require "pyprof.render.sarif"
local rows_of = require "pyprof.rows"
local columns = require "pyprof.rows.columns"

local M = {}

--- One result of a report, as a renderer gets it.
---@class pyprof.Section
---@field title string|nil
---@field head string|nil         text before the rows
---@field tail string|nil         text after them
---@field rows (fun(): table|nil)|nil   an iterator
---@field data pyprof.Section|nil  what formats for programs show in its place
---@field empty string|nil        the sentence where there are no rows
---@field left integer|nil        how many rows a limit left out
---@field columns pyprof.Column[]|nil   nil: the fields of the first row
---@field line (string|pyprof.Column)[]|nil   the parts of a row's line, in place of a table
---@field object any              one JSON value
---@field text string|nil         the whole output, or text beside other results
---@field markdown boolean|nil    the text is Markdown
---@field verdict string|nil      passed, failed or unsure
---@field because string|nil

--- All verdicts.
M.verdicts = { "passed", "failed", "unsure" }

local table_keys = contract.new("key", {
  { "title", "string" }, { "head", "string" }, { "tail", "string" }, { "rows" },
  { "columns", "table" }, { "line", "string" }, { "empty", "string" },
  { "data", "table" },
})
local markdown_keys = contract.new("key", { { "markdown", "string" }, { "title", "string" } })
local object_keys = contract.new("key", { { "object" }, { "title", "string" } })
local verdict_keys = contract.new("key", { { "verdict" }, { "because", "string" } })

local function complain_of_missing(resolved, missing, known, where)
  for _, column in ipairs(resolved) do
    if missing[column] then
      fail.refused("%s: no row has the column's field: %s", where,
        suggest.unknown("field", column.fields[1].name, tables.names(known)))
    end
  end
end

-- Every row passes here: a column that no row has is a mistake in the report.
local function checked(rows, resolved, where)
  local missing, known, rank = {}, {}, 0
  for _, column in ipairs(resolved) do
    if not column.optional then missing[column] = true end
  end
  return function()
    local row = rows()
    if row == nil then
      if rank > 0 then complain_of_missing(resolved, missing, known, where) end
      return nil
    end
    rank = rank + 1
    if type(row) ~= "table" then
      fail.refused("%s: row %d is a %s (want a table)", where, rank, type(row))
    end
    if type(row[1]) == "table" then
      fail.refused("%s: row %d is a list (several results: return one, another)", where, rank)
    end
    if next(missing) then
      for name in pairs(row) do known[name] = true end
      for column in pairs(missing) do
        if columns.value(column.fields[1], row, rank) ~= nil then missing[column] = nil end
      end
    end
    return row
  end
end

local function iterator(rows)
  if type(rows) == "function" then return rows end
  local i = 0
  return function()
    i = i + 1
    return rows[i]
  end
end

local function check_keys(result, known, where)
  local message = contract.fault(known, result)
  if message then fail.refused("%s: result: %s", where, message) end
  if result.rows ~= nil and type(result.rows) ~= "table" and type(result.rows) ~= "function" then
    fail.refused("%s: result: 'rows' is %s (want a list or an iterator)", where,
      type(result.rows))
  end
end

-- A table that is a result has at least one of these; a row on its own has none.
local result_keys = { "rows", "object", "verdict", "head", "tail", "title", "columns", "line",
  "markdown" }

-- The type name of an object of the library.
local function kind_of(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__name") or nil
end

local objects = {
  ["pyprof.Profile"] = "a profile (want rows, as profile:functions() gives)",
  ["pyprof.Graph"] = "a profile (want rows, as profile:functions() gives)",
  ["pyprof.Source"] = "a source (want rows, as source:files() gives)",
  ["pyprof.Subject"] = "the subject (want rows, as subject.profile:functions() gives)",
}

local function check_result(result, where)
  if getmetatable(result) == nil then
    for _, key in ipairs(result_keys) do
      if result[key] ~= nil then return end
    end
    for key in pairs(result) do
      if suggest.nearest(tostring(key), result_keys) then return end
    end
    fail.refused("%s: run returned a table that is no result (of one row: return { row })", where)
  end
  local object = objects[kind_of(result)]
  if object then fail.refused("%s: run returned %s", where, object) end
end

-- Rows are in a list, which may be empty, or come from an iterator.
local function are_rows(result)
  if type(result) == "function" then return true end
  local is_plain = getmetatable(result) == nil or kind_of(result) == "pyprof.array"
  return is_plain and (#result > 0 or next(result) == nil)
end

local section_of

function section_of(result, report, where, unit)
  local kind = type(result)
  if kind == "string" then return { text = result } end
  if kind ~= "table" and kind ~= "function" then
    fail.refused("%s: run returned %s (want rows, text or a table)", where, kind)
  end
  if are_rows(result) then result = { rows = result } else check_result(result, where) end
  if result.object ~= nil then
    check_keys(result, object_keys, where)
    return { object = result.object, title = result.title }
  end
  if result.markdown ~= nil then
    check_keys(result, markdown_keys, where)
    return { text = result.markdown, title = result.title, markdown = true }
  end
  if result.verdict ~= nil then
    check_keys(result, verdict_keys, where)
    if not tables.has(M.verdicts, result.verdict) then
      fail.refused("%s: %s", where, suggest.unknown("verdict", result.verdict, M.verdicts))
    end
    return { verdict = result.verdict, because = result.because }
  end
  check_keys(result, table_keys, where)
  local section = { title = result.title or report.title, head = result.head, tail = result.tail }
  if result.rows then
    section.left = rows_of.left_out(result.rows)
    -- Where --limit 0 leaves nothing, it is not so that there is nothing.
    section.empty = section.left == 0 and result.empty or nil
    section.line = result.line and columns.line(result.line, unit)
    local in_line = {}
    for _, part in ipairs(section.line or {}) do
      if type(part) == "table" then in_line[#in_line + 1] = part end
    end
    -- The report's columns apply to tables, not to lines.
    local specs = result.columns or not section.line and report.columns
    section.columns = specs and columns.resolve(specs, unit, where) or #in_line > 0 and in_line or
      nil
    local shown = table.move(section.columns or {}, 1, #(section.columns or {}), 1, {})
    if specs then table.move(in_line, 1, #in_line, #shown + 1, shown) end
    section.rows = checked(iterator(result.rows), shown, where)
  end
  if result.data then
    section.data = section_of({ rows = result.data.rows, columns = result.data.columns,
      title = section.title }, report, where, unit)
  end
  return section
end

--- What stands below a table that --limit cut; nil: nothing was left out.
---@param section pyprof.Section
---@param context pyprof.RenderContext
---@return string|nil
function M.left_of(section, context)
  local left = section.left or 0
  if left == 0 or not context.limits then return nil end
  return ("… %s more (--limit all)"):format(units.format(left, "count"))
end

--- The sections of run's results; nil and false are no results.
---@param results table        as table.pack gives it
---@param report pyprof.Report
---@param where string         the report's name, for complaints
---@param unit string
---@param format string|nil    the one that is asked for
---@return pyprof.Section[]
function M.of(results, report, where, unit, format)
  local sections = {}
  for i = 1, results.n do
    if results[i] then sections[#sections + 1] = section_of(results[i], report, where, unit) end
  end
  if format == "sarif" then return sarif.sections(sections, report, where) end
  return sections
end

return M
