-- repl/show.lua - shows values at the prompt: rows as a table, a profile in short, page by page.
local misuse = require "pyprof.base.misuse"
local tables = require "pyprof.base.tables"
local terminal = require "pyprof.base.terminal"
local text = require "pyprof.base.text"
local units = require "pyprof.base.units"
local sys = require "pyprof.core.sys"
local profile = require "pyprof.profile"
local render = require "pyprof.render"
local sections = require "pyprof.render.sections"
local kinds = require "pyprof.repl.kinds"
local columns_of = require "pyprof.rows.columns"
local source = require "pyprof.source"
local subject = require "pyprof.subject"

local M = {}

local laid_out = 10000   -- rows of which lines are made, at most
local tried = 100        -- rows that decide which columns fit

local pending   -- the lines that were cut, and where more() goes on

--- Is a long result cut, for more() to go on? Only at the prompt, and there only on a terminal.
---@type boolean
M.paged = false

-- Is this a table, and no object? Rows of profiles of calls only have a metatable to refuse fields.
local function is_plain(value)
  if type(value) ~= "table" then return false end
  local kind = getmetatable(value)
  return kind == nil or type(kind) == "table" and rawget(kind, "__name") == "pyprof.Row"
end

local function is_list(value)
  local meta = getmetatable(value)
  return meta == nil or type(meta) == "table" and rawget(meta, "__name") == "pyprof.array"
end

local function is_rows(value)
  if type(value) ~= "table" or not is_list(value) then return false end
  local row = value[1] -- a lazy list makes it anew
  return is_plain(row) and type(next(row)) == "string"
end

M.is_rows = is_rows

--- The unit of the rows' weights: that of the profile `p`.
---@return string
local function unit_at_hand()
  local at_hand = rawget(_G, "p")
  return profile.is(at_hand) and at_hand.unit or "none"
end

M.unit_at_hand = unit_at_hand

-- The lines of results; `result` is the report's, if they are of one.
local function lines_of(results, report, unit, result)
  local context = terminal.of_reports()
  context.unit, context.notes = unit, result and result.notes or {}
  context.limits = result and result.limits
  local parts = {}
  render.render("text", sections.of(results, report, "result", unit), function(...)
    for _, part in ipairs { ... } do parts[#parts + 1] = part end
  end, context)
  local lines = {}
  for each in table.concat(parts):gmatch("([^\n]*)\n") do lines[#lines + 1] = each end
  return lines
end

local function first(rows, count)
  return #rows > count and table.move(rows, 1, count, 1, {}) or rows
end

-- Is this a block for each row, which the renderer makes of columns that do not fit? Its last line
-- begins with the head of the last column.
local function are_blocks(lines, columns, unit)
  local resolved = columns_of.resolve({ columns[#columns] }, unit)
  return lines[#lines]:gsub("\27%[[%d;]*m", ""):sub(1, #resolved[1].head) == resolved[1].head
end

-- These columns tell what a row is about.
local kept = { name = true, ["file:line"] = true, path = true, tree = true, id = true, file = true }

-- The columns of rows that fit the screen, and how many were left out.
local function fitting(rows, unit)
  local columns, left_out = kinds.of(rows), 0
  local some = first(rows, tried)
  while #columns > 1 do
    if not are_blocks(lines_of({ n = 1, some }, { columns = columns }, unit), columns, unit) then
      break
    end
    local i = #columns
    while i > 1 and kept[columns[i]] do i = i - 1 end
    table.remove(columns, i)
    left_out = left_out + 1
  end
  return columns, left_out
end

local function rows_lines(rows, unit)
  local note
  if #rows > laid_out then
    note = ("(the first %d of %d rows)"):format(laid_out, #rows)
    rows = first(rows, laid_out)
  end
  local columns, left_out = fitting(rows, unit)
  local lines = lines_of({ n = 1, rows }, { columns = columns }, unit)
  lines[#lines + 1] = note
  if left_out > 0 then
    lines[#lines + 1] = ('(%d more columns: show(_, "wide"))'):format(left_out)
  end
  return lines
end

local five = { columns = { "rank", "self%", "total%", "name", "file:line" } }

local function count(value)
  return units.format(value, "count")
end

local function profile_lines(p)
  local weight = p.unit == "seconds" and units.format(p.weight, "seconds") or
    ("%.14g %s"):format(p.weight, p.unit)
  local lines = { ("profile: %s, %s, metric %s"):format(
    units.several(p.samples, "sample"), weight, p.metric) }
  if #p.views > 0 then
    lines[#lines + 1] = ("view: %s: %s of %s samples"):format(
      text.clean(table.concat(p.views, ", ")), count(p.samples), count(p.whole.samples))
  end
  if p.from and p.to then lines[#lines + 1] = ("time: %.3f to %.3f s"):format(p.from, p.to) end
  if p.empty_samples > 0 then
    lines[#lines + 1] = ("samples without a stack: %d"):format(p.empty_samples)
  end
  for _, odd in ipairs(p.quality) do
    lines[#lines + 1] = ("%s: %d"):format(odd.what, odd.count)
  end
  if p.samples > 0 then
    local shown = lines_of({ n = 1, p:functions { limit = 5 } }, five, p.unit)
    table.move(shown, 1, #shown, #lines + 1, lines)
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

local function sorted_keys(value)
  local keys = {}
  for key in next, value do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    if math.type(a) or math.type(b) then return math.type(a) ~= nil end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local function table_lines(value)
  local keys, lines = sorted_keys(value), {}
  for i, key in ipairs(keys) do
    lines[i] = ("%s = %s"):format(one_line(key), one_line(rawget(value, key)))
  end
  return #lines > 0 and lines or { "(empty)" }
end

local function source_lines(scan)
  return { ("source: %s, %s"):format(units.several(#scan:files(), "file"),
    units.several(#scan:definitions(), "definition")) }
end

-- The names of a row's fields: first those of the columns of its kind.
local function field_names(row, columns)
  local names, seen = {}, {}
  for _, field in ipairs(columns_of.fields(columns_of.resolve(columns, "none"))) do
    if rawget(row, field.name) ~= nil then
      names[#names + 1], seen[field.name] = field.name, true
    end
  end
  for _, name in ipairs(tables.names(row)) do
    if not seen[name] then names[#names + 1] = name end
  end
  return names
end

-- Every field of every row, a line each.
local function wide_lines(rows, unit)
  local lines, columns = {}, kinds.of(rows)
  for i, row in ipairs(rows) do
    local names, widest = field_names(row, columns), 0
    for _, name in ipairs(names) do widest = math.max(widest, text.width(name)) end
    if i > 1 then lines[#lines + 1] = "" end
    for _, name in ipairs(names) do
      local value = rawget(row, name)
      local shown = type(value) == "table" and one_line(value) or
        columns_of.of_row({ [name] = value }, unit)[1].cell(row, i)
      lines[#lines + 1] = text.fill(text.clean(name), widest) .. "  " .. text.clean(shown)
    end
  end
  return lines
end

local function lines_for(value)
  local result = M.results[value]
  if result then return lines_of(result.results, result.report, result.unit, result) end
  if profile.kind(value) == "samples" then return profile_lines(value) end
  if is_rows(value) then return rows_lines(value, unit_at_hand()) end
  if is_plain(value) and kinds.has(value) then return rows_lines({ value }, unit_at_hand()) end
  if is_plain(value) or says_nothing(value) then return table_lines(value) end
  if type(value) == "function" then return { one_line(value) } end
  if source.is(value) then return source_lines(value) end
  if subject.is(value) then return { "subject: " .. value.target.name } end
  local lines, shown = {}, text.clean_lines(tostring(value)):gsub("\n$", "")
  if value == rawget(_G, "reports") then shown = text.wrap(shown, sys.terminal(1) or 80) end
  for each in (shown .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = each
  end
  return lines
end

---@class pyprof.ShownResults
---@field results table          as table.pack gives them
---@field report pyprof.Report
---@field unit string
---@field notes string[]
---@field limits boolean         the report has the option limit

--- The results of reports, by what the user got of them: they are shown with the report's columns.
---@type table<table, pyprof.ShownResults>
M.results = setmetatable({}, { __mode = "k" })

local function print_lines(lines, from, to)
  for i = from, to do io.stdout:write(lines[i], "\n") end
end

-- The last of the lines that fit on the screen, if `from` is the first. A long line takes several
-- of the screen's rows; some rows stay for what was typed, the note and the prompt.
local function last_shown(lines, from)
  local width, height = sys.terminal(1)
  if not width or not M.paged then return #lines end
  local room, last = math.max(height - 4, 4), from - 1
  while last < #lines do
    local plain = lines[last + 1]:gsub("\27%[[%d;]*m", "")
    room = room - math.max(1, -(-text.width(plain) // width))
    if room < 0 and last >= from then break end
    last = last + 1
  end
  -- A single last line is shown: the note would take as much room.
  return last == #lines - 1 and text.width(lines[#lines]) <= width and #lines or last
end

--- Shows the next page of the lines that were cut.
function M.more()
  if not pending then
    io.stdout:write("(nothing more)\n")
    return
  end
  local lines, from = pending.lines, pending.next
  local last = last_shown(lines, from)
  print_lines(lines, from, last)
  pending = last < #lines and { lines = lines, next = last + 1 } or nil
  if pending then
    io.stdout:write(("(%d more lines: more() goes on)\n"):format(#lines - last))
  end
end

--- Shows a text, page by page.
---@param shown string
function M.text(shown)
  local lines = {}
  for each in shown:gmatch("([^\n]*)\n") do lines[#lines + 1] = each end
  pending = { lines = lines, next = 1 }
  M.more()
end

local function lines_of_values(values)
  local lines = {}
  -- A report's further results are shown with its first.
  local number = type(values[1]) == "table" and M.results[values[1]] and 1 or values.n
  for i = 1, number do
    -- io.write returns its file, which nobody asked for.
    local shown = values[i] == nil and { "nil" } or io.type(values[i]) and {} or
      lines_for(values[i])
    table.move(shown, 1, #shown, #lines + 1, lines)
  end
  return lines
end

--- Shows the values of an expression, page by page.
---@param values table   as table.pack gives it
function M.values(values)
  local lines = lines_of_values(values)
  if #lines == 0 then return end
  pending = { lines = lines, next = 1 }
  M.more()
end

--- Writes the values of an expression as they are shown, all at once.
---@param values table   as table.pack gives it
function M.write(values)
  local lines = lines_of_values(values)
  print_lines(lines, 1, #lines)
end

--- show(value) and show(rows, "wide"): as the prompt shows a value, or every field of each row.
---@param value any
---@param how "wide"|nil
function M.show(value, how)
  if how ~= nil and how ~= "wide" then
    misuse.raise('show(value) or show(rows, "wide"), not %s', misuse.shown(how))
  end
  if how ~= nil and is_plain(value) and kinds.has(value) then value = { value } end
  if how == nil or not is_rows(value) then return M.values { n = 1, value } end
  local result = M.results[value]
  pending = { lines = wide_lines(value, result and result.unit or unit_at_hand()), next = 1 }
  M.more()
end

--- Prints values; rows and other tables are shown as the prompt shows them, all at once.
---@param original fun(...: any)   Lua's print
---@param ... any
function M.print(original, ...)
  local values = table.pack(...)
  for i = 1, values.n do
    local value = values[i]
    if type(value) == "table" and (M.results[value] or is_plain(value) or is_rows(value)) then
      return M.write(values)
    end
  end
  original(...)
end

return M
