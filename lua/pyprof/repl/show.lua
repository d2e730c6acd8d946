-- repl/show.lua - shows values in the REPL: rows as a table, a profile as a summary, page by page.
local terminal = require "pyprof.base.terminal"
local text = require "pyprof.base.text"
local units = require "pyprof.base.units"
local sys = require "pyprof.core.sys"
local profile = require "pyprof.profile"
local render = require "pyprof.render"
local sections = require "pyprof.render.sections"
local source = require "pyprof.source"
local subject = require "pyprof.subject"

local M = {}

local page, laid_out = 20, 10000   -- lines of a page; rows of which lines are made, at most

local tree_columns = { "total%", "self%", "total", "tree" }
local pending   -- the lines that were cut, and where more() goes on

-- Is this a table, and no object? Rows of profiles of calls only have a metatable to refuse fields.
local function is_plain(value)
  if type(value) ~= "table" then return false end
  local kind = getmetatable(value)
  return kind == nil or type(kind) == "table" and rawget(kind, "__name") == "pyprof.Row"
end

local function is_rows(value)
  return type(value) == "table" and getmetatable(value) == nil and is_plain(value[1]) and
    next(value[1]) ~= nil and type(next(value[1])) == "string"
end

-- The unit of the rows' weights: that of the profile `p`.
local function unit_at_hand()
  local at_hand = rawget(_G, "p")
  return profile.is(at_hand) and at_hand.unit or "none"
end

local function lines_of(results, report, unit, note)
  local context = terminal.of()
  context.unit, context.notes = unit, {}
  local parts = {}
  render.render("text", sections.of(results, report, "result", unit), function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end, context)
  local lines = {}
  for each in table.concat(parts):gmatch("([^\n]*)\n") do lines[#lines + 1] = each end
  if note then lines[#lines + 1] = note end
  return lines
end

local function rows_lines(rows, report, unit)
  local note
  if #rows > laid_out then
    note = ("(the first %d of %d rows)"):format(laid_out, #rows)
    rows = table.move(rows, 1, laid_out, 1, {})
  end
  if not report then
    local is_tree = rows[1].depth ~= nil and rows[1].total ~= nil
    report = { columns = is_tree and tree_columns or nil }
  end
  return lines_of({ n = 1, rows }, report, unit, note)
end

local function profile_lines(p)
  local weight = p.unit == "seconds" and units.format(p.weight, "seconds") or
    ("%.14g %s"):format(p.weight, p.unit)
  local lines = { ("profile: %d samples, %s, metric %s"):format(p.samples, weight, p.metric) }
  if p.from and p.to then lines[#lines + 1] = ("time: %.3f to %.3f s"):format(p.from, p.to) end
  if p.empty_samples > 0 then
    lines[#lines + 1] = ("samples without a stack: %d"):format(p.empty_samples)
  end
  for _, odd in ipairs(p.quality) do
    lines[#lines + 1] = ("%s: %d"):format(odd.what, odd.count)
  end
  if p.samples > 0 then
    for _, each in ipairs(rows_lines(p:functions { limit = 5 },
      { columns = { "rank", "self%", "total%", "name", "file:line" } }, p.unit)) do
      lines[#lines + 1] = each
    end
  end
  return lines
end

local function one_line(value)
  if is_plain(value) then
    return #value > 0 and ("(table of %d)"):format(#value) or next(value) and "(table)" or "{}"
  end
  if type(value) == "function" then return "(function)" end -- its address says nothing
  return text.clean(tostring(value))
end

-- Is this an object without a name or a text, such as a module?
local function says_nothing(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and not rawget(meta, "__tostring") and
    not rawget(meta, "__name") and
    not source.is(value) and not subject.is(value)
end

local function table_lines(value)
  local keys, lines = {}, {}
  for key in next, value do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    if math.type(a) or math.type(b) then return math.type(a) ~= nil end
    return tostring(a) < tostring(b)
  end)
  for i, key in ipairs(keys) do
    lines[i] = ("%s = %s"):format(one_line(key), one_line(rawget(value, key)))
  end
  return #lines > 0 and lines or { "(empty)" }
end

local function source_lines(scan)
  return { ("source: %d files, %d definitions"):format(#scan:files(), #scan:definitions()) }
end

local function lines_for(value)
  local result = M.results[value]
  if result then return lines_of(result.results, result.report, result.unit) end
  if profile.kind(value) == "samples" then return profile_lines(value) end
  if is_rows(value) then return rows_lines(value, nil, unit_at_hand()) end
  if is_plain(value) or says_nothing(value) then return table_lines(value) end
  if type(value) == "function" then return { one_line(value) } end
  if source.is(value) then return source_lines(value) end
  if subject.is(value) then return { "subject: " .. value.target.name } end
  local lines, shown = {}, text.clean_lines(tostring(value))
  if value == rawget(_G, "reports") then shown = text.wrap(shown, sys.terminal(1) or 80) end
  for each in (shown .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = each
  end
  return lines
end

--- The results of reports, by the first result: they are shown with the report's own columns.
---@type table<table, { results: table, report: pyprof.Report, unit: string }>
M.results = setmetatable({}, { __mode = "k" })

--- Shows the next page of the lines that were cut.
function M.more()
  if not pending then
    print("(nothing more)")
    return
  end
  local lines, from = pending.lines, pending.next
  -- Without a terminal all lines are written at once.
  local last = sys.terminal(1) and math.min(from + page - 1, #lines) or #lines
  -- A single last line is shown: the note would take as much room.
  if last == #lines - 1 then last = #lines end
  for i = from, last do print(lines[i]) end
  pending = last < #lines and { lines = lines, next = last + 1 } or nil
  if pending then print(("(%d more lines: more() goes on)"):format(#lines - last)) end
end

--- Shows a text, page by page.
---@param shown string
function M.text(shown)
  local lines = {}
  for each in shown:gmatch("([^\n]*)\n") do lines[#lines + 1] = each end
  pending = { lines = lines, next = 1 }
  M.more()
end

--- Shows the values of an expression.
---@param values table   as table.pack gives it
function M.values(values)
  local lines = {}
  -- A report's further results are shown with its first.
  local count = type(values[1]) == "table" and M.results[values[1]] and 1 or values.n
  for i = 1, count do
    local shown = values[i] == nil and { "nil" } or lines_for(values[i])
    table.move(shown, 1, #shown, #lines + 1, lines)
  end
  pending = { lines = lines, next = 1 }
  M.more()
end

return M
