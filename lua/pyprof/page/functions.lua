-- page/functions.lua - the functions of a page, numbered from 0, with what is known of each.
local encode = require "pyprof.page.encode"
local join = require "pyprof.join"
local definitions = require "pyprof.join.definitions"
local frame = require "pyprof.profile.frame"
local sources = require "pyprof.source"

local M = {}

---@class pyprof.PageFunctions
---@field count integer
---@field files string[]
local Functions = {}
Functions.__index = Functions

--- No functions yet. With `lines` a line tells functions of one name and file apart, too.
---@param lines boolean
---@return pyprof.PageFunctions
function M.new(lines)
  return setmetatable({
    count = 0, lines = lines, of = {}, frames = {}, files = {}, file_of = {}, rows = {},
    recorded = {},
  }, Functions)
end

--- The number of a file.
---@param path string
---@return integer
function Functions:file(path)
  local number = self.file_of[path]
  if not number then
    number = #self.files
    self.file_of[path], self.files[number + 1] = number, path
  end
  return number
end

--- The number of a function.
---@param name string
---@param file string
---@param line integer
---@param known pyprof.Frame|nil   its frame, where there is one already
---@return integer
function Functions:number(name, file, line, known)
  local key = name .. "\0" .. file .. (self.lines and "\0" .. line or "")
  local number = self.of[key]
  if not number then
    number = self.count
    self.count, self.of[key] = number + 1, number
    self.frames[number + 1] = known or frame.new(name, file, line)
    self:file(file)
  end
  return number
end

--- Gives a function of another file the number of one that there is.
---@param name string
---@param file string
---@param number integer
function Functions:same(name, file, number)
  self.of[name .. "\0" .. file] = number
end

-- The join's rows. A profile of calls has no samples to join: the definitions alone tell something.
local function joined(collected, of_calls)
  if of_calls then
    collected = { source = collected.source, coverage = collected.coverage,
      counts = collected.counts }
  end
  if collected.profile or collected.coverage or collected.counts then
    return join.join(collected)
  end
  local rows = {}
  for _, it in ipairs(sources.kept_definitions(collected.source)) do
    if it.kind ~= "class" then
      rows[#rows + 1] = { name = it.name, file = it.file, line = it.line, end_line = it.end_line,
        complexity = it.complexity }
    end
  end
  return rows
end

--- The name under which the data knows a file of the source.
---@param path string
---@return string
function Functions:recorded_name(path)
  return self.recorded[path] or path
end

-- A file may be recorded under several names: the first one by name is taken.
local function name_files(functions, path_of)
  for file, path in pairs(path_of) do
    local before = path and functions.recorded[path]
    if path and functions.file_of[file] and (not before or file < before) then
      functions.recorded[path] = file
    end
  end
end

-- A join's row belongs to the functions whose frames its definition holds, else it is a new one.
local function place_rows(functions, collected)
  local held, of_place = definitions.of(collected), {}
  name_files(functions, held.path_of)
  for i, it in ipairs(functions.frames) do
    local definition, around = held:find(it.file, it.line, it.bare)
    definition = definition or around
    if definition and definition.kind ~= "class" then
      local place = definition.file .. "\0" .. definition.line
      of_place[place] = of_place[place] or {}
      table.insert(of_place[place], i)
    end
  end
  for _, row in ipairs(joined(collected, functions.lines)) do
    local found = row.status ~= "unmatched" and of_place[row.file .. "\0" .. row.line] or
      { functions:number(row.name, functions:recorded_name(row.file), row.line) + 1 }
    for _, i in ipairs(found) do functions.rows[i] = row end
  end
end

--- Adds what the join of the collected data tells. Functions that no sample holds come last.
---@param collected table<string, any>
function Functions:join(collected)
  if collected.source then place_rows(self, collected) end
end

-- Generated code (<string>) has no file that could be shown.
local origins = { own = 0, library = 1, stdlib = 2, generated = 3 }

-- The fields of a join's row; each is a list if any function has it.
local fields = { "end_line", "complexity", "statements", "missing", "branches", "partial",
  "covered_share", "missing_lines", "missing_branches", "calls", "executions", "bytes",
  "self_bytes", "allocations", "tests", "status", "evidence", "why" }

--- The columns of the page.
---@param groups fun(frame: pyprof.Frame): integer   the group of a function
---@return table<string, any>
function Functions:columns(groups)
  local names, files, lines, origin, group, risk = {}, {}, {}, {}, {}, {}
  local result, any_risk = { n = self.count }, false
  for i, it in ipairs(self.frames) do
    local row = self.rows[i]
    names[i], files[i] = it.name, self.file_of[it.file]
    lines[i] = row and row.line or math.max(it.line, 0)
    origin[i] = it.file == "" and 3 or origins[it.origin]
    group[i] = groups(it)
    risk[i] = row and join.risk(row)
    any_risk = any_risk or risk[i] ~= nil
  end
  for _, field in ipairs(fields) do
    local list, any = {}, false
    for i, row in pairs(self.rows) do
      list[i] = row[field]
      any = any or row[field] ~= nil
    end
    if any then result[field] = encode.list(list, self.count) end
  end
  result.name, result.file, result.line = encode.list(names, self.count), encode.whole(files),
    encode.whole(lines)
  result.origin, result.group = encode.whole(origin), encode.whole(group)
  result.risk = any_risk and encode.list(risk, self.count) or nil
  return result
end

return M
