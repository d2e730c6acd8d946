-- join/init.lua - compares the definitions of a scan with the samples of a profile.
local misuse = require "pyprof.base.misuse"
local profiles = require "pyprof.profile"
local resolve = require "pyprof.profile.resolve"

local M = {}

-- The definitions, for the frames of the profile; and a reason why the samples tell nothing about
-- them, if all of the program's own frames are in other files.
local function definitions_of(profile, source)
  local held = resolve.definitions(profiles.files(profile), source)
  if held:any() or #profiles.own_files(profile) == 0 then return held end
  return held, "the samples name none of the source's files"
end

-- The function definition that a frame runs; nil for the code of a class or a module.
local function function_of(held, frame)
  local definition, around = held:find(frame.file, frame.line, frame.bare)
  definition = definition or around
  return definition and definition.kind ~= "class" and definition or nil
end

local figures = {
  "self", "self_weight", "self_share", "total", "total_weight", "total_share",
}

local function with_figures(row, seen)
  for _, field in ipairs(figures) do row[field] = seen and seen[field] or 0 end
  return row
end

-- What was recorded and what was scanned may be different texts of such a file.
local changed = "the file changed between two runs"

local function has_changed(source, definition)
  return source.changed and source.changed[definition.file]
end

local function key_of(definition)
  return ("%s\0%d\0%s"):format(definition.file, definition.first_line, definition.name)
end

-- The function definitions, each with its row of the samples.
local function seen_functions(profile, source, held)
  local row_of, list = {}, {}
  for _, row in ipairs(profile:by(function(frame)
    local definition = function_of(held, frame)
    return definition and key_of(definition)
  end)) do
    row_of[row.name] = row
  end
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then
      list[#list + 1] = { definition = definition, seen = row_of[key_of(definition)] }
    end
  end
  return list
end

--- One row for each defined function, with its figures from the samples; and one for each of the
--- program's own functions that the samples have and the source does not define (the scan read
--- other files, or a later state of them). The rows are sorted by file and line.
---@param subject { profile: pyprof.Profile, source: pyprof.Source }
---@return table[] rows  name, file, line, end_line, complexity, status ("seen", "unseen",
---  "unmatched": without end_line and complexity, or "unknown" with a reason in `why`), the self
---  and total fields
function M.join(subject)
  local profile, source = misuse.want(subject, "table", "join: a subject").profile, subject.source
  profiles.want(profile)
  misuse.want_source(source)
  local held, why = definitions_of(profile, source)
  local rows = {}
  for _, it in ipairs(seen_functions(profile, source, held)) do
    local definition = it.definition
    local reason = why or has_changed(source, definition) and changed or nil
    rows[#rows + 1] = with_figures({
      name = definition.name:gsub("<locals>%.", ""), file = definition.file,
      line = definition.line, end_line = definition.end_line, complexity = definition.complexity,
      status = reason and "unknown" or it.seen and "seen" or "unseen", why = reason,
    }, not reason and it.seen or nil)
  end
  local function unmatched(frame)
    return frame.origin == "own" and frame.bare:sub(1, 1) ~= "<" and
      not held:find(frame.file, frame.line, frame.bare)
  end
  for _, row in ipairs(profile:functions { include = unmatched }) do
    rows[#rows + 1] = with_figures({
      name = row.name, file = row.file, line = row.line, status = "unmatched",
    }, row)
  end
  table.sort(rows, function(a, b)
    if a.file ~= b.file then return a.file < b.file end
    if a.line ~= b.line then return a.line < b.line end
    return a.name < b.name
  end)
  return rows
end

--- One row for each defined function: name, file, line and the number of samples that hold it. The
--- rows are sorted by name.
---@param profile pyprof.Profile
---@param source pyprof.Source
---@return { name: string, file: string, line: integer, samples: integer }[]
---@return string|nil why   the reason why the samples tell nothing about this source
function M.usage(profile, source)
  local held, why = definitions_of(profile, source)
  local rows, place = {}, {}
  for i, it in ipairs(seen_functions(profile, source, held)) do
    local definition = it.definition
    rows[i] = {
      name = definition.name:gsub("<locals>%.", ""), file = definition.file,
      line = definition.line, samples = it.seen and it.seen.total or 0,
    }
    place[rows[i]] = i
  end
  table.sort(rows, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return place[a] < place[b]
  end)
  return rows, why
end

return M
