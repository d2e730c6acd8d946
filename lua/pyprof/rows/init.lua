-- rows/init.lua - functions for every list of rows: filter, sort, top, group.
local misuse = require "pyprof.base.misuse"
local shown = require "pyprof.base.shown"
local suggest = require "pyprof.base.suggest"

local M = {}

-- These fields decide between rows that are equal in the query's field.
local ties = { "name", "file", "line", "stack", "id", "pid", "phase", "from" }

-- Does a come before b? nil: they are equal. The order is numbers, largest first, then texts, then
-- nil.
local function before(a, b, backwards)
  if a == b then return nil end
  if a == nil then return false end
  if b == nil then return true end
  if type(a) == "boolean" then a = a and 1 or 0 end
  if type(b) == "boolean" then b = b and 1 or 0 end
  local first, second = math.type(a), math.type(b)
  if first and second then
    if backwards then return a < b end
    return a > b
  end
  if first or second then return first ~= nil end
  a, b = tostring(a), tostring(b)
  if a == b then return nil end
  if backwards then return a > b end
  return a < b
end

local function ascending(a, b)
  if a == b or a == nil and b == nil then return nil end
  if a == nil or b == nil then return a == nil end
  if math.type(a) and math.type(b) then return a < b end
  return tostring(a) < tostring(b)
end

-- The kind of a field: "number" or "string" if it has that type in all rows, "nil" if no row has
-- it, else nil. NaN has no kind.
local function kind_of(rows, field, alike)
  local kind
  for i = 1, alike and 1 or #rows do
    local value = rows[i][field]
    local this = value == value and type(value) or "none"
    kind = kind or this
    if this ~= kind then return nil end
  end
  return (kind == "number" or kind == "string" or kind == "nil") and kind or nil
end

-- The fields that decide between rows with an equal key; nil if one of them has several kinds.
local function plain_ties(rows, alike)
  local plain = {}
  for _, field in ipairs(ties) do
    local kind = kind_of(rows, field, alike)
    if not kind then return nil end
    if kind ~= "nil" then plain[#plain + 1] = field end
  end
  return plain
end

local function compare_any(a, b, key, backwards)
  local order = before(a[key], b[key], backwards)
  if order ~= nil then return order end
  for _, field in ipairs(ties) do
    order = ascending(a[field], b[field])
    if order ~= nil then return order end
  end
end

-- Sorts by a number that many rows share: first the values, then the rows of each value, unless
-- these are in order already.
local function sorted_by_number(rows, key, backwards, comes_before)
  local values, having = {}, {}
  for i = 1, #rows do
    local row = rows[i]
    local value = row[key]
    local list = having[value]
    if list then
      list[#list + 1] = row
    else
      values[#values + 1], having[value] = value, { row }
    end
  end
  table.sort(values)
  local result = {}
  for i = 1, #values do
    local list = having[values[backwards and i or #values + 1 - i]]
    for k = 2, #list do
      if comes_before(list[k], list[k - 1]) then
        table.sort(list, comes_before)
        break
      end
    end
    table.move(list, 1, #list, #result + 1, result)
  end
  return result
end

-- alike: every field has one kind in all rows, or no row has it.
local function sorted(rows, key, alike)
  local backwards = key:sub(1, 1) == "-"
  if backwards then key = key:sub(2) end
  local place, copy = {}, {}
  for i = 1, #rows do
    local row = rows[i] -- a lazy list makes another one at each reading
    place[row], copy[i] = i, row
  end
  if #rows == 0 then return copy end
  local kind, plain = kind_of(rows, key, alike), plain_ties(rows, alike)
  local function decide(a, b)
    for i = 1, #plain do
      local x, y = a[plain[i]], b[plain[i]]
      if x ~= y then return x < y end
    end
    return place[a] < place[b]
  end
  -- Most fields have one kind, which makes comparisons cheap.
  if plain and kind == "number" then
    return sorted_by_number(copy, key, backwards, decide)
  elseif plain and kind == "string" then
    table.sort(copy, function(a, b)
      local x, y = a[key], b[key]
      if x == y then return decide(a, b) end
      if backwards then return x > y end
      return x < y
    end)
  else
    table.sort(copy, function(a, b)
      local order = compare_any(a, b, key, backwards)
      if order ~= nil then return order end
      return place[a] < place[b]
    end)
  end
  return copy
end

local function check_rows(rows)
  if type(rows) ~= "table" then misuse.raise("rows are wanted, not a %s", type(rows)) end
end

-- The field that a user names, perhaps by the head of its column: "total%", "self weight".
local function field_of(key)
  return (key:gsub("%%$", "_share"):gsub(" ", "_"))
end

local function unknown_field(kind, name, known)
  local message = suggest.unknown(kind, name, known)
  if message:find("(one of: ", 1, true) then return message end
  return ("%s; the fields: %s"):format(message, table.concat(known, ", "))
end

-- Raises if no row has the field.
local function check_field(rows, name)
  if #rows == 0 then return end
  local known, seen = {}, {}
  for _, row in ipairs(rows) do
    if row[name] ~= nil then return end
    for field in pairs(row) do
      if type(field) == "string" and not seen[field] then
        seen[field] = true
        known[#known + 1] = field
      end
    end
  end
  table.sort(known)
  misuse.raise("%s", unknown_field("field", name, known))
end

-- The field to sort by, with its "-".
local function checked_key(rows, key)
  if type(key) ~= "string" then misuse.raise("the name of a field is wanted to sort by") end
  key = field_of(key)
  check_field(rows, (key:gsub("^%-", "")))
  return key
end

--- The rows for which keep(row) is true, in their order.
---@param rows table[]
---@param keep fun(row: table): any
---@return table[]
function M.filter(rows, keep)
  check_rows(rows)
  if type(keep) ~= "function" then misuse.raise("a function is wanted to filter by") end
  local kept = {}
  for _, row in ipairs(rows) do
    if keep(row) then kept[#kept + 1] = row end
  end
  return kept
end

--- The rows sorted by a field, or by the head of its column ("total%"): numbers largest first, text
--- A-Z; "-field" reverses the order. Name, file and line decide ties.
---@param rows table[]
---@param key string
---@return table[]
function M.sort(rows, key)
  check_rows(rows)
  return sorted(rows, checked_key(rows, key))
end

-- How many rows a limit left out of a list; a report says so below its table.
local left_out = setmetatable({}, { __mode = "k" })

--- How many rows a limit left out of this list.
---@param rows any
---@return integer
function M.left_out(rows)
  return left_out[rows] or 0
end

--- Notes that a limit left so many rows out of the list, and returns the list.
---@param rows table[]
---@param count integer
---@return table[]
function M.note_left_out(rows, count)
  left_out[rows] = count > 0 and count or nil
  return rows
end

-- The first n of the rows.
local function first(rows, n)
  local kept = table.move(rows, 1, math.min(n, #rows), 1, {})
  return M.note_left_out(kept, M.left_out(rows) + #rows - #kept)
end

--- The first n of the rows sorted by a field.
---@param rows table[]
---@param key string
---@param n integer
---@return table[]
function M.top(rows, key, n)
  if math.type(n) ~= "integer" or n < 0 then
    misuse.raise("top: n is a whole number, not %s", misuse.shown(n))
  end
  return first(M.sort(rows, key), n)
end

--- The first n of the rows; all of them if n is nil.
---@param rows table[]
---@param n integer|nil
---@return table[]
function M.first(rows, n)
  check_rows(rows)
  if n ~= nil and (math.type(n) ~= "integer" or n < 0) then
    misuse.raise("first: n is a whole number, not %s", misuse.shown(n))
  end
  return n and n < #rows and first(rows, n) or rows
end

local reductions = {
  sum = function(rows, field)
    local sum = 0
    for _, row in ipairs(rows) do sum = sum + (row[field] or 0) end
    return sum
  end,
  max = function(rows, field)
    local max
    for _, row in ipairs(rows) do
      local value = row[field]
      if value ~= nil and (max == nil or value > max) then max = value end
    end
    return max
  end,
  count = function(rows) return #rows end,
  first = function(rows, field) return rows[1][field] end,
}

--- One row for each value of a field (or of a function), sorted A-Z; its `name` is the value.
--- `fields` tells how to make each other field: "sum", "max", "count", "first", or a function of
--- the group's rows.
---@param rows table[]
---@param key string|fun(row: table): any
---@param fields table<string, string|fun(rows: table[]): any>
---@return table[]
function M.group(rows, key, fields)
  check_rows(rows)
  if key == nil then misuse.raise("a field is wanted to group by, or a function") end
  if type(key) == "string" then check_field(rows, key) end
  fields = fields or {}
  local names = {}
  for field in pairs(fields) do names[#names + 1] = field end
  table.sort(names)
  for _, field in ipairs(names) do
    local how = fields[field]
    if type(how) ~= "function" and not reductions[how] then
      misuse.raise("%s", suggest.unknown("reduction", how,
        { "sum", "max", "count", "first" }))
    end
    if type(how) == "string" and how ~= "count" then check_field(rows, field) end
  end
  local groups, of = {}, {}
  for _, row in ipairs(rows) do
    local value
    if type(key) == "function" then value = key(row) else value = row[key] end
    if value ~= nil then
      if not of[value] then
        of[value] = { name = value, rows = {} }
        groups[#groups + 1] = of[value]
      end
      table.insert(of[value].rows, row)
    end
  end
  local result = {}
  for i, group in ipairs(groups) do
    local row = { name = group.name }
    for _, field in ipairs(names) do
      local how = fields[field]
      if type(how) == "function" then row[field] = how(group.rows)
      else row[field] = reductions[how](group.rows, field) end
    end
    result[i] = row
  end
  return sorted(result, "name")
end

-- A copy of the row with another value of a field.
local function changed(row, field, value)
  local copy = setmetatable({}, getmetatable(row))
  for name, old in next, row do copy[name] = old end
  copy[field] = value
  return copy
end

-- The names that frames of several files have.
local function shared_names(rows)
  local file_of, shared = {}, {}
  for _, row in ipairs(rows) do
    for _, frame in ipairs(rawget(row, "frames") or {}) do
      local known = file_of[frame.name]
      if known and known ~= frame.file then shared[frame.name] = true end
      file_of[frame.name] = frame.file
    end
  end
  return shared
end

-- The frames, of which those with a shared name get their file.
local function told_apart(frames, shared)
  local list = {}
  for i, frame in ipairs(frames) do
    list[i] = shared[frame.name] and changed(frame, "name",
      ("%s (%s)"):format(frame.name, shown.path(frame.file))) or frame
  end
  return list
end

--- The rows with distinct names: a name that several rows have gets its file and line,
--- "parse (a.py:10)". In the frames of stacks a name of several files gets its file.
--- `all` are the rows of several lists that stand together: a name is told apart from all of these.
---@param rows table[]
---@param all table[]|nil     rows that hold `rows`, too
---@return table[]
function M.distinct(rows, all)
  check_rows(rows)
  if all ~= nil then check_rows(all) end
  local times, result, shared = {}, {}, shared_names(rows)
  for _, row in ipairs(all or rows) do times[row.name or ""] = (times[row.name or ""] or 0) + 1 end
  for i, row in ipairs(rows) do
    local frames = next(shared) and rawget(row, "frames")
    if frames then
      row = changed(row, "frames", told_apart(frames, shared))
    elseif row.file and (times[row.name or ""] or 0) > 1 then
      row = changed(row, "name", ("%s (%s)"):format(row.name, shown.place(row.file, row.line)))
    end
    result[i] = row
  end
  return M.note_left_out(result, M.left_out(rows))
end

--- Does the part that all queries share: sorts the rows, then applies the limit. The query may sort
--- by `fields`; `default` is the order where it names none.
---@param rows table[]
---@param query table
---@param default string
---@param fields string[]
---@param alike boolean|nil   every field has one kind in all rows, or no row has it
---@return table[]
function M.finish(rows, query, default, fields, alike)
  return M.cut(sorted(rows, M.sort_key(query, default, fields), alike), query)
end

--- The first rows, as many as the query's limit says.
function M.cut(rows, query)
  local limit = query.limit
  if limit == nil or limit >= #rows then return rows end
  return first(rows, limit)
end

--- The key to sort by, with the names of fields in place of the heads of columns.
---@param key any
---@param fields string[]   of which it must be one
---@return string|nil
---@return string|nil message
function M.sort_field(key, fields)
  if type(key) ~= "string" then return nil, "sort is the name of a field" end
  key = field_of(key)
  local name, known = key:gsub("^%-", ""), {}
  for i, field in ipairs(fields) do
    known[i] = field_of(field)
    if known[i] == name then return key end
  end
  return nil, unknown_field("field to sort by:", name, known)
end

--- Checks the query's sort and limit, and returns the sort.
function M.sort_key(query, default, fields)
  local key = query.sort
  if query.limit ~= nil and (math.type(query.limit) ~= "integer" or query.limit < 0) then
    misuse.raise("limit is a whole number, not %s", misuse.shown(query.limit))
  end
  if key == nil then return default end
  local found, message = M.sort_field(key, fields)
  if not found then misuse.raise("%s", message) end
  return found
end

return M
