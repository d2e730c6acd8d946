-- command/sandbox_result.lua - a report's result on its way out of a sandbox: written in the child,
-- read and checked outside, where the child is not trusted.
local plain = require "pyprof.base.plain"
local tables = require "pyprof.base.tables"
local verdicts = require("pyprof.render.sections").verdicts
local columns = require "pyprof.rows.columns"

local M = {}

--- The message about bytes that `send` did not write.
M.broken = "gave a broken result"

-- --- in the child

-- A function that sends one value.
local function sender(write)
  return function(value)
    local bytes = plain.encode(value)
    write(string.pack("<I4", #bytes), bytes)
  end
end

-- A column's description; the texts and values of its cells are sent with each row.
local function described(column)
  local fields = {}
  for i, field in ipairs(column.fields) do fields[i] = field.name end
  return { head = column.head, fields = fields, right = column.right, share = column.share,
    optional = column.optional, tree = column.tree, path = column.path,
    code = column.code, plain = column.plain, bars = column.bars }
end

-- Programs read fields, people read cells: only those that the format shows are sent. A value that
-- JSON cannot hold is an error only if JSON is written.
local function row_sender(section, resolved, by_field, send)
  local fields, cells, rank = columns.fields(resolved), {}, 0
  table.move(resolved, 1, #resolved, 1, cells)
  for _, part in ipairs(section.line or {}) do
    if type(part) == "table" then cells[#cells + 1] = part end
  end
  return function(row)
    local sent = {}
    rank = rank + 1
    if by_field then
      for i, field in ipairs(fields) do sent[i] = columns.value(field, row, rank) end
      return send(sent)
    end
    for i, column in ipairs(cells) do
      local shown, value = column.cell(row, rank)
      sent[2 * i - 1], sent[2 * i] = shown, math.type(value) and value or nil
      if column.tree then sent.depth, sent.name, sent[2 * i - 1] = row.depth, row.name, "" end
    end
    send(sent)
  end
end

-- Columns that the report does not name are those of the first row.
local function send_rows(section, unit, by_field, send)
  local row = section.rows()
  local resolved = section.columns or row and columns.of_row(row, unit)
  local list = resolved and {} or false
  for i, column in ipairs(resolved or {}) do list[i] = described(column) end
  send(list)
  local send_row = row_sender(section, resolved or {}, by_field, send)
  while row do
    send_row(row)
    row = section.rows()
  end
  send(true)
end

--- Sends a description of all sections, then the object or the rows of each in turn.
---@param sections pyprof.Section[]
---@param unit string               of weights
---@param by_field boolean          the format shows rows field by field
---@param write fun(...: string)
function M.send(sections, unit, by_field, write)
  local send = sender(write)
  send(by_field)
  local list = {}
  for i, section in ipairs(sections) do
    if by_field then section = section.data or section end
    local line
    for j, part in ipairs(section.line or {}) do
      line = line or {}
      line[j] = type(part) == "string" and part
    end
    list[i] = { title = section.title, head = section.head, tail = section.tail,
      text = section.text, verdict = section.verdict, because = section.because, line = line,
      empty = section.empty, left = section.left,
      rows = section.rows ~= nil, object = section.object ~= nil }
  end
  send(list)
  for _, section in ipairs(sections) do
    if by_field then section = section.data or section end
    if section.object ~= nil then send(section.object) end
    if section.rows then send_rows(section, unit, by_field, send) end
  end
end

-- --- outside

-- A function that returns the next value that the bytes hold.
local function receiver(read, refuse, limit)
  local held, position, spent = "", 1, 0
  local function spend(bytes)
    spent = spent + bytes
    if spent > limit then error("too much", 0) end
  end
  -- Reads until `held` has that many bytes more; returns their position.
  local function take(size)
    if #held - position + 1 < size then
      local parts, length = { held:sub(position) }, #held - position + 1
      while length < size do
        local bytes = read() or refuse(M.broken)
        parts[#parts + 1], length = bytes, length + #bytes
      end
      held, position = table.concat(parts), 1
    end
    position = position + size
    return position - size
  end
  return function()
    local from = take(4)
    local size = string.unpack("<I4", held, from)
    from = take(size)
    local good, value = pcall(plain.decode, held:sub(from, from + size - 1), spend)
    if spent > limit then
      refuse(("gave more than %d MiB (a sandbox's limit)"):format(limit >> 20))
    end
    if not good then refuse(M.broken) end
    return value
  end
end

local function is_of(value, kind)
  return value == nil or type(value) == kind
end

local function is_cell(value, number)
  return type(value) == "string" and (number == nil or math.type(number) ~= nil)
end

-- Columns for rows as `send_rows` sends them; false where there are neither columns nor rows.
local function receive_columns(receive, by_field, want)
  local list, resolved = receive(), {}
  if list == false then return nil end
  want(type(list) == "table")
  for j, it in ipairs(list) do
    want(type(it) == "table" and type(it.head) == "string" and type(it.fields) == "table" and
      #it.fields > 0 and is_of(it.right, "boolean") and is_of(it.share, "boolean") and
      is_of(it.optional, "boolean") and is_of(it.tree, "boolean") and
      is_of(it.path, "boolean") and is_of(it.code, "boolean") and
      is_of(it.plain, "boolean") and is_of(it.bars, "boolean"))
    local column = { head = it.head, right = it.right, share = it.share, optional = it.optional,
      tree = it.tree, path = it.path, code = it.code, plain = it.plain, bars = it.bars,
      fields = {} }
    for i, name in ipairs(it.fields) do
      want(type(name) == "string")
      column.fields[i] = { name = name }
    end
    if not by_field then
      function column.cell(row) return row[2 * j - 1], row[2 * j] end
    end
    resolved[j] = column
  end
  return resolved
end

-- The parts of a line: texts, and cells, which follow the cells of the columns in each row.
local function parts_of(line, first, want)
  local parts, count = {}, first
  for i, part in ipairs(line) do
    want(type(part) == "string" or part == false)
    if part == false then
      count = count + 1
      local at = 2 * count - 1
      part = { cell = function(row) return row[at], row[at + 1] end }
    end
    parts[i] = part
  end
  return parts, count
end

local function receive_rows(section, line, receive, by_field, want)
  section.columns = receive_columns(receive, by_field, want)
  local rows, count = {}, #(section.columns or {})
  local fields = columns.fields(section.columns or {})
  if line then section.line, count = parts_of(line, count, want) end
  local sent = receive()
  while sent ~= true do
    want(type(sent) == "table")
    local row = sent
    if by_field then
      row = {}
      for i, field in ipairs(fields) do row[field.name] = sent[i] end
    else
      for i = 1, 2 * count, 2 do want(is_cell(row[i], row[i + 1])) end
      want(is_of(row.name, "string") and (row.depth == nil or math.type(row.depth) == "integer"))
    end
    rows[#rows + 1], sent = row, receive()
  end
  local i = 0
  section.rows = function()
    i = i + 1
    return rows[i]
  end
end

--- The sections that `send` sent.
---@param read fun(): string|nil          some of its bytes
---@param refuse fun(message: string)     raises
---@param limit integer                   bytes of memory that the result may take
---@return pyprof.Section[] sections
---@return boolean by_field             as it was given to `send`
function M.receive(read, refuse, limit)
  local function want(good)
    if not good then refuse(M.broken) end
  end
  local receive = receiver(read, refuse, limit)
  local by_field = receive() == true
  local list, sections = receive(), {}
  want(type(list) == "table")
  for i, it in ipairs(list) do
    want(type(it) == "table" and is_of(it.line, "table") and
      (it.verdict == nil or tables.has(verdicts, it.verdict)))
    local section = { verdict = it.verdict }
    for _, key in ipairs { "title", "head", "tail", "text", "because", "empty" } do
      want(is_of(it[key], "string"))
      section[key] = it[key]
    end
    want(it.left == nil or math.type(it.left) == "integer" and it.left >= 0)
    section.left = it.left
    if it.object == true then section.object = receive() end
    if it.rows == true then receive_rows(section, it.line, receive, by_field, want) end
    sections[i] = section
  end
  return sections, by_field
end

return M
