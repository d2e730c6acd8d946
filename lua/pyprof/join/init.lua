-- join/init.lua - holds the definitions of a scan against everything that was collected.
local misuse = require "pyprof.base.misuse"
local definitions = require "pyprof.join.definitions"
local evidence = require "pyprof.join.evidence"
local profiles = require "pyprof.profile"

local M = {}

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

-- Why the samples tell nothing about the source: all of the program's own frames are elsewhere.
local function why_not(profile, held)
  if not held:any() and #profiles.own_files(profile) > 0 then
    return "the samples name none of the source's files"
  end
end

-- The function definition that a frame runs; nil for the code of a class or a module.
local function function_of(held, frame)
  local definition, around = held:find(frame.file, frame.line, frame.bare)
  definition = definition or around
  return definition and definition.kind ~= "class" and definition or nil
end

-- The rows of a profile's functions, by definition.
local function rows_of(profile, held)
  local row_of = {}
  for _, row in ipairs(profile:by(function(frame)
    local definition = function_of(held, frame)
    return definition and evidence.key(definition.file, definition.line, definition.name)
  end)) do
    row_of[row.name] = row
  end
  return row_of
end

local figures = {
  "self", "self_weight", "self_share", "total", "total_weight", "total_share",
}

local function add_samples(row, seen)
  for _, field in ipairs(figures) do row[field] = seen and seen[field] or 0 end
end

local function add_bytes(row, held_by)
  row.bytes = held_by and held_by.total_weight or 0
  row.self_bytes = held_by and held_by.self_weight or 0
  row.allocations = held_by and held_by.total or 0
end

local function shown(definition)
  return (definition.name:gsub("<locals>%.", ""))
end

local function first(a, b)
  if a.file ~= b.file then return a.file < b.file end
  if a.line ~= b.line then return a.line < b.line end
  return a.name < b.name
end

-- The program's own functions that the samples have and no definition holds.
local function unmatched(profile, held)
  local rows = profile:functions { include = function(frame)
    return frame.origin == "own" and frame.bare:sub(1, 1) ~= "<" and
      not held:find(frame.file, frame.line, frame.bare)
  end }
  for i, seen in ipairs(rows) do
    local row = {
      name = seen.name, file = seen.file, line = seen.line, status = "unmatched",
      evidence = "samples", why = "no definition of the source holds these samples",
    }
    add_samples(row, seen)
    rows[i] = row
  end
  return rows
end

--- One row for each defined function, with whatever was collected about it; and one for each of the
--- program's own functions that the samples have and the source does not define. The rows are
--- sorted by file and line.
---@param data pyprof.Joined
---@return pyprof.JoinRow[]
function M.join(data)
  misuse.want(data, "table", "join: a subject")
  local profile, source = data.profile, misuse.want_source(data.source)
  if profile then profiles.want(profile) end
  if not (profile or data.coverage or data.counts) then
    misuse.raise("join: a profile, coverage or counts are wanted beside the source")
  end
  local held = definitions.of(data)
  local why = profile and why_not(profile, held)
  local seen = profile and rows_of(profile, held) or {}
  local bytes = data.allocations and rows_of(data.allocations, held)
  local found = evidence.new(data, held)
  local rows = {}
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then
      local row = {
        name = shown(definition), file = definition.file, line = definition.line,
        first_line = definition.first_line, end_line = definition.end_line,
        complexity = definition.complexity,
      }
      local key = evidence.key(definition.file, definition.line, definition.name)
      local changed = source.changed and source.changed[definition.file]
      if profile then add_samples(row, not changed and seen[key] or nil) end
      if bytes then add_bytes(row, not changed and bytes[key] or nil) end
      found:judge(row, key, changed or false, why)
      rows[#rows + 1] = row
    end
  end
  if profile then append(rows, unmatched(profile, held)) end
  table.sort(rows, first)
  return rows
end

--- One row for each defined function: name, file, line and the number of samples that hold it. The
--- rows are sorted by name.
---@param profile pyprof.Profile
---@param source pyprof.Source
---@return { name: string, file: string, line: integer, samples: integer }[]
---@return string|nil why   the reason why the samples tell nothing about this source
function M.usage(profile, source)
  local held = definitions.of { profile = profile, source = source }
  local seen, rows, place = rows_of(profile, held), {}, {}
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then
      local it = seen[evidence.key(definition.file, definition.line, definition.name)]
      local row = {
        name = shown(definition), file = definition.file, line = definition.line,
        samples = it and it.total or 0,
      }
      rows[#rows + 1] = row
      place[row] = #rows
    end
  end
  table.sort(rows, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return place[a] < place[b]
  end)
  return rows, why_not(profile, held)
end

--- The CRAP score of a row of the join: complexity² × (1 − covered share)³ + complexity (Savoia and
--- Evans, crap4j). nil where no coverage is known.
---@param row pyprof.JoinRow
---@return number|nil
function M.risk(row)
  if not row.complexity or not row.covered_share then return nil end
  return row.complexity ^ 2 * (1 - row.covered_share) ^ 3 + row.complexity
end

return M
