-- join.lua - what a scan defines, held against what samples saw.
local sys = require "pyprof.core.sys"

local M = {}

-- A file under whatever name: the same for two paths of one file; nil where there is none.
local function file_id(path, known)
  local id = known[path]
  if id == nil then
    local status = path ~= "" and sys.stat(path)
    id = status and status.kind == "file" and status.id or false
    known[path] = id
  end
  return id or nil
end

-- Each file's functions as a lookup from line to the innermost one.
local function by_line(source, ids)
  local files = {}
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    local id = definition.kind ~= "class" and file_id(definition.file, ids)
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
    local id = file_id(frame.file, ids)
    return id and files[id] and innermost(files[id], frame.line)
  end
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
