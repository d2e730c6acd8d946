-- source/definitions.lua - finds the definition that holds a frame, for every caller alike.
--
-- A frame's file is the source's file with the same path, else the same file under another name. If
-- the frame's file is not on this machine, the source's file is the one whose path shares the
-- longest end with it; if two files share equally much, it is neither.
--
-- In its file a frame is matched by its line and its bare name, since a function also runs the
-- lines that define other functions. Lambdas and comprehensions belong to the definition around
-- them.
local file_id = require "pyprof.source.file_id"

local M = {}

local anonymous = {
  ["<listcomp>"] = true, ["<setcomp>"] = true, ["<dictcomp>"] = true, ["<genexpr>"] = true,
  ["<lambda>"] = true,
}

---@class pyprof.Definitions
---@field by_path table<string, table[]>   the definitions of each file, outer before inner
---@field path_of table<string, string|false>  maps a frame's file to the source's
local Definitions = {}
Definitions.__index = Definitions

-- Outer before inner.
local function comes_first(a, b)
  if a.first_line ~= b.first_line then return a.first_line < b.first_line end
  if a.end_line ~= b.end_line then return a.end_line > b.end_line end
  return #a.name < #b.name
end

-- The scan gives them in this order, but for oddities.
local function is_sorted(list)
  for i = 2, #list do
    if comes_first(list[i], list[i - 1]) then return false end
  end
  return true
end

local function by_path(rows)
  local lists = {}
  for _, row in ipairs(rows) do
    local list = lists[row.file] or {}
    lists[row.file] = list
    list[#list + 1] = row
  end
  for _, each in pairs(lists) do
    if not is_sorted(each) then table.sort(each, comes_first) end
  end
  return lists
end

local function base_of(path)
  return path:match("[^/]*$")
end

-- The number of parts that two paths share at the end.
local function common_end(a, b)
  local count, from_a, from_b = 0, #a, #b
  while from_a > 0 and from_b > 0 do
    local part_a, part_b = a:sub(1, from_a):match("[^/]*$"), b:sub(1, from_b):match("[^/]*$")
    if part_a ~= part_b then break end
    count, from_a, from_b = count + 1, from_a - #part_a - 1, from_b - #part_b - 1
  end
  return count
end

-- Every package has these files, so their names tell nothing.
local everywhere = { ["__init__.py"] = true, ["__main__.py"] = true }

-- The one path of the list that shares the longest end with `path`, of at least `least` parts.
local function nearest(path, list, least)
  local found, most, several = nil, least - 1, false
  for _, other in ipairs(list) do
    local count = common_end(path, other)
    if count > most then
      found, most, several = other, count, false
    elseif count == most and found then
      several = true
    end
  end
  if not several then return found end
end

-- Pairs each frame's file with a file of the source if each is the nearest to the other.
local function match_ends(files, paths, path_of, is_own)
  local of_base, wanted = {}, {}
  for _, path in ipairs(paths) do
    local base = base_of(path)
    of_base[base] = of_base[base] or { paths = {}, files = {} }
    table.insert(of_base[base].paths, path)
  end
  for _, file in ipairs(files) do
    local group = path_of[file] == nil and of_base[base_of(file)]
    if group and not group.files[file] then
      group.files[file] = true
      table.insert(group.files, file)
      wanted[#wanted + 1] = file
    end
  end
  for _, file in ipairs(wanted) do
    local base = base_of(file)
    local group = of_base[base]
    local least = 1 + (everywhere[base] and 1 or 0) + (is_own(file) and 0 or 1)
    local path = nearest(file, group.paths, least)
    if path and nearest(path, group.files, 1) == file then path_of[file] = path end
  end
end

-- A file without definitions has a path, too: its lines have figures.
local function paths_of(source_files)
  local paths, has = {}, {}
  for i, row in ipairs(source_files) do paths[i], has[row.file] = row.file, true end
  table.sort(paths)
  return paths, has
end

--- Finds the definitions of a source, for frames of these files.
---@param source_files pyprof.FileRow[]     all files of the source
---@param rows pyprof.DefinitionRow[]       of the source
---@param files string[]                    the files of the frames
---@param is_own fun(file: string): boolean   true: one shared part of the path is enough
---@return pyprof.Definitions
function M.new(source_files, rows, files, is_own)
  local paths, has = paths_of(source_files)
  local ids, path_of = {}, {}
  for _, path in ipairs(paths) do
    local id = file_id.of(path)
    if id and not ids[id] then ids[id] = path end
  end
  for _, file in ipairs(files) do
    local id = not has[file] and file_id.of(file)
    if has[file] then path_of[file] = file elseif id then path_of[file] = ids[id] or false end
  end
  match_ends(files, paths, path_of, is_own)
  return setmetatable({ by_path = by_path(rows), path_of = path_of }, Definitions)
end

--- The frame's definition, a function or a class. For a lambda or comprehension it returns nil and
--- the definition around it.
---@param file string
---@param line integer
---@param bare string       the last part of the frame's name
---@return table|nil definition
---@return table|nil around
function Definitions:find(file, line, bare)
  local same, innermost
  for _, definition in ipairs(line > 0 and self.by_path[self.path_of[file]] or {}) do
    if definition.first_line > line then break end
    if definition.end_line >= line then
      innermost = definition
      if definition.name:match("[^.]*$") == bare then same = definition end
    end
  end
  return same, not same and anonymous[bare] and innermost or nil
end

--- Does the source have any of the frames' files?
---@return boolean
function Definitions:any()
  for _, path in pairs(self.path_of) do
    if path then return true end
  end
  return false
end

return M
