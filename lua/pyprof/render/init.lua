-- render/init.lua - from what a report's run returned to a format: sections, columns, the renderer.
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"
local columns = require "pyprof.rows.columns"

local M = {}

--- What a renderer gets for each result of a report.
---@class pyprof.Section
---@field title string|nil
---@field head string|nil         text before the rows
---@field tail string|nil         text after them
---@field rows (fun(): table|nil)|nil   an iterator
---@field columns pyprof.Column[]|nil   nil: the fields of the first row
---@field line (string|pyprof.Column)[]|nil   what a row is written as in the table's place
---@field object any              one JSON value
---@field text string|nil         the whole output, or text beside other results
---@field verdict string|nil      passed, failed or unsure
---@field because string|nil

---@class pyprof.RenderContext
---@field unit string             of weights
---@field width integer           how many columns text may take
---@field coloured boolean|nil    text goes to a terminal that shows colours
---@field colours table<string, string>|nil   others than the usual, as render.colours has them
---@field breaks boolean|nil      lines of prose may be broken to the width
---@field notes string[]          what a reader should know about the data
---@field csv_raw boolean|nil    csv takes texts as they are
---@field section string|nil     only the section of that title
---@field sandbox boolean|nil     what the sections hold came out of a sandbox

local endings = {
  [".json"] = "json", [".txt"] = "text", [".ndjson"] = "ndjson", [".jsonl"] = "ndjson",
  [".csv"] = "csv", [".md"] = "markdown", [".markdown"] = "markdown", [".html"] = "html",
  [".htm"] = "html",
}
local key_types = {
  title = "string", head = "string", tail = "string", columns = "table", line = "string",
  because = "string",
}
local keys = { "title", "head", "tail", "rows", "columns", "line" }
local object_keys, verdict_keys = { "object", "title" }, { "verdict", "because" }

--- The verdicts that there are.
M.verdicts = { passed = true, failed = true, unsure = true }

--- Formats for programs: they show rows field by field, not as the texts of cells.
M.by_field = { json = true, ndjson = true, csv = true }

--- The format: as asked for, by the file's ending, json for a report that is one object.
---@param options table
---@param sections pyprof.Section[]
---@return string
function M.format_for(options, sections)
  if options.format then return options.format end
  local ending = options.output and options.output:match("%.%w+$")
  if ending and endings[ending:lower()] then return endings[ending:lower()] end
  if #sections == 1 and sections[1].object ~= nil then return "json" end
  return "text"
end

local function complain_of_missing(resolved, missing, known, where)
  for _, column in ipairs(resolved) do
    if missing[column] then
      local names = {}
      for name in pairs(known) do names[#names + 1] = tostring(name) end
      table.sort(names)
      fail.refused("%s: no row has the column's field: %s", where,
        suggest.unknown("field", column.fields[1].name, names))
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
  for key, value in pairs(result) do
    local found = false
    for _, name in ipairs(known) do found = found or name == key end
    if not found then
      fail.refused("%s: result: %s", where, suggest.unknown("key", key, known))
    end
    if key_types[key] and type(value) ~= key_types[key] then
      fail.refused("%s: result: '%s' is %s (want %s)", where, key, type(value), key_types[key])
    end
  end
  if result.rows ~= nil and type(result.rows) ~= "table" and type(result.rows) ~= "function" then
    fail.refused("%s: result: 'rows' is %s (want a list or an iterator)", where,
      type(result.rows))
  end
end

-- A table that is a result has at least one of these; a row on its own has none.
local result_keys = { "rows", "object", "verdict", "head", "tail", "title", "columns", "line" }

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
  if require("pyprof.subject").is_profile(result) then
    fail.refused("%s: run returned a profile (want rows, as profile:functions() gives)", where)
  end
  if require("pyprof.source").is(result) then
    fail.refused("%s: run returned a source (want rows, as source:files() gives)", where)
  end
end

-- Rows are in a list, which may be empty, or come from an iterator.
local function are_rows(result)
  if type(result) == "function" then return true end
  local meta = getmetatable(result)
  local is_plain = meta == nil or
    type(meta) == "table" and rawget(meta, "__name") == "pyprof.array"
  return is_plain and (#result > 0 or next(result) == nil)
end

local function section_of(result, report, where, unit)
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
  if result.verdict ~= nil then
    check_keys(result, verdict_keys, where)
    if not M.verdicts[result.verdict] then
      fail.refused("%s: %s", where,
        suggest.unknown("verdict", result.verdict, { "passed", "failed", "unsure" }))
    end
    return { verdict = result.verdict, because = result.because }
  end
  check_keys(result, keys, where)
  local section = { title = result.title or report.title, head = result.head, tail = result.tail }
  if result.rows then
    section.line = result.line and columns.line(result.line, unit)
    local in_line = {}
    for _, part in ipairs(section.line or {}) do
      if type(part) == "table" then in_line[#in_line + 1] = part end
    end
    -- The report's columns are those of its tables.
    local specs = result.columns or not section.line and report.columns
    section.columns = specs and columns.resolve(specs, unit, where) or #in_line > 0 and in_line or
      nil
    local shown = table.move(section.columns or {}, 1, #(section.columns or {}), 1, {})
    if specs then table.move(in_line, 1, #in_line, #shown + 1, shown) end
    section.rows = checked(iterator(result.rows), shown, where)
  end
  return section
end

--- The sections of what run returned; a result that is nil or false is none.
---@param results table        as table.pack gives it
---@param report pyprof.Report
---@param where string         the report's name, for complaints
---@param unit string
---@return pyprof.Section[]
function M.sections(results, report, where, unit)
  local sections = {}
  for i = 1, results.n do
    if results[i] then sections[#sections + 1] = section_of(results[i], report, where, unit) end
  end
  return sections
end

--- The worst verdict of the sections, if it is not that all passed.
---@param sections pyprof.Section[]
---@return "failed"|"unsure"|nil
function M.verdict(sections)
  local worst
  for _, section in ipairs(sections) do
    if section.verdict == "failed" then return "failed" end
    if section.verdict == "unsure" then worst = "unsure" end
  end
  return worst
end

-- What csv and ndjson can hold: one table, the first.
local function one_table(sections, format)
  for _, section in ipairs(sections) do
    if section.rows then return { section } end
  end
  fail.usage("--format %s: the report has no table (text and json show it)", format)
end

-- --section: the one section of that title.
local function titled(sections, title)
  local titles = {}
  for _, section in ipairs(sections) do
    if section.title == title then return { section } end
    titles[#titles + 1] = section.title
  end
  fail.usage("--section: %s%s", suggest.unknown("title", title, titles),
    #titles > 0 and " (there are: " .. table.concat(titles, "; ") .. ")" or "")
end

-- What a browser or a reader of Markdown would take as its own.
local marked_up = { html = true, markdown = true }

--- Is a text the whole output, as it is? A report may make a page of its own; in a sandbox it may
--- not: what it gives for a page is text.
---@param sections pyprof.Section[]
---@param format string
---@param context pyprof.RenderContext
---@return boolean
function M.is_whole(sections, format, context)
  return #sections == 1 and sections[1].text ~= nil and
    not (context.sandbox and marked_up[format])
end

--- Writes the sections in a format.
---@param format string
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(format, sections, write, context)
  if context.section then sections = titled(sections, context.section) end
  if M.is_whole(sections, format, context) then return write(sections[1].text) end
  if format == "csv" or format == "ndjson" then sections = one_table(sections, format) end
  require("pyprof.render." .. format).render(sections, write, context)
end

return M
