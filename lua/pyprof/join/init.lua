-- join/init.lua - what a scan defines, held against what samples saw.
local misuse = require "pyprof.base.misuse"
local file_id = require "pyprof.source.file_id"

local M = {}

-- The file's id, asked for once.
local function id_of(path, known)
  if known[path] == nil then known[path] = file_id.of(path) or false end
  return known[path] or nil
end

-- Each file's functions as a lookup from line to the innermost one.
local function by_line(source, ids)
  local files = {}
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    local id = definition.kind ~= "class" and id_of(definition.file, ids)
    if id then
      files[id] = files[id] or {}
      table.insert(files[id], definition)
    end
  end
  return files
end

local function innermost(definitions, line)
  local found
  for _, definition in ipairs(definitions) do
    if definition.first_line > line then break end
    if definition.end_line >= line then
      -- Of two that hold the line, the one that begins later is inside the other.
      found = definition
    end
  end
  return found
end

--- A function from frame to the function definition whose lines hold the frame's: files are told
--- apart as the system does, so paths may differ. What runs at module or class level, as a def
--- statement itself does, belongs to no function.
---@param source pyprof.Source
---@return fun(frame: pyprof.Frame): table|nil
function M.definition_of(source)
  local ids = {}
  local files = by_line(source, ids)
  return function(frame)
    if frame.bare == "<module>" or frame.line == 0 then return nil end
    local id = id_of(frame.file, ids)
    return id and files[id] and innermost(files[id], frame.line)
  end
end

local figures = {
  "self", "self_weight", "self_share", "total", "total_weight", "total_share",
}

local function with_figures(row, seen)
  for _, field in ipairs(figures) do row[field] = seen and seen[field] or 0 end
  return row
end

--- One row for each defined function, with what the samples say of it; and one for each of the
--- program's own functions that samples saw and no definition holds (a scan of other files, or
--- of a later state of them). By file and line.
---@param subject { profile: pyprof.Profile, source: pyprof.Source }
---@return table[] rows  name, file, line, end_line, complexity, status ("seen", "unseen" or
---  "unmatched": without end_line and complexity), the self and total fields
function M.join(subject)
  local profile, source = misuse.want(subject, "table", "join: a subject").profile, subject.source
  require("pyprof.profile.samples").want(profile)
  misuse.want_source(source)
  local definition_of = M.definition_of(source)
  local seen, rows = {}, {}
  local function key(frame)
    local definition = definition_of(frame)
    return definition and definition.file .. "\0" .. definition.first_line
  end
  for _, row in ipairs(profile:by(key)) do seen[row.name] = row end
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then
      local found = seen[definition.file .. "\0" .. definition.first_line]
      rows[#rows + 1] = with_figures({
        name = definition.name:gsub("<locals>%.", ""), file = definition.file,
        line = definition.line, end_line = definition.end_line,
        complexity = definition.complexity, status = found and "seen" or "unseen",
      }, found)
    end
  end
  local function unmatched(frame)
    return frame.origin == "own" and frame.bare:sub(1, 1) ~= "<" and not definition_of(frame)
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

--- One row for each defined function: name, file, line and the samples that it was seen in,
--- counted once each; sorted by name.
---@param profile pyprof.Profile
---@param source pyprof.Source
---@return { name: string, file: string, line: integer, samples: integer }[]
function M.usage(profile, source)
  local definition_of = M.definition_of(source)
  local rows, row_of = {}, {}
  for i, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then
      local row = {
        name = definition.name:gsub("<locals>%.", ""), file = definition.file,
        line = definition.line, samples = 0,
      }
      rows[#rows + 1], row_of[definition.file .. ":" .. definition.first_line] = row, row
      row.order = i
    end
  end
  local function key(frame)
    local definition = definition_of(frame)
    return definition and definition.file .. ":" .. definition.first_line
  end
  for _, seen in ipairs(profile:by(key)) do
    local row = row_of[seen.name]
    row.samples = seen.total
  end
  table.sort(rows, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.order < b.order
  end)
  for _, row in ipairs(rows) do row.order = nil end
  return rows
end

return M
