-- profile/resolve.lua - frames named by the definitions whose lines hold them.
--
-- A frame is matched to a definition of its file (the same file, or the one path of the source
-- that ends like the frame's) by its line and its bare name, since a function also runs the lines
-- on which others are defined. It then has the definition's qualified name, with <locals> as
-- Python 3.11 and later write it. Comprehensions and lambdas are qualified by what holds them.
-- <module>, and what no definition holds, keep their names.
local M = {}

local anonymous = {
  ["<listcomp>"] = true, ["<setcomp>"] = true, ["<dictcomp>"] = true, ["<genexpr>"] = true,
  ["<lambda>"] = true,
}

local function by_file(source)
  local files = {}
  for _, row in ipairs(source:definitions {}) do
    local list = files[row.file]
    if not list then
      list = {}
      files[row.file] = list
    end
    list[#list + 1] = row
  end
  for _, list in pairs(files) do
    -- Outer before inner: of those that hold a line the last is the innermost.
    table.sort(list, function(a, b)
      if a.first_line ~= b.first_line then return a.first_line < b.first_line end
      if a.end_line ~= b.end_line then return a.end_line > b.end_line end
      return #a.name < #b.name
    end)
  end
  return files
end

local function reversed_parts(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do table.insert(parts, 1, part) end
  return parts
end

-- How many parts two paths have in common, from the end.
local function common_end(a, b)
  local count = 0
  while a[count + 1] ~= nil and a[count + 1] == b[count + 1] do count = count + 1 end
  return count
end

-- From a frame's file to the source's: the same path, the same file, or the one path that ends
-- in all of the shorter one's parts.
local function file_finder(files, identify)
  local paths, ids = {}, {}
  for path in pairs(files) do paths[#paths + 1] = path end
  table.sort(paths)
  local parts = {}
  for _, path in ipairs(paths) do
    parts[path] = reversed_parts(path)
    local id = identify(path)
    if id and not ids[id] then ids[id] = path end
  end
  return function(file)
    if files[file] then return file end
    if file == "" then return nil end
    local id = identify(file)
    if id then return ids[id] end
    local wanted, found = reversed_parts(file), nil
    for _, path in ipairs(paths) do
      if common_end(wanted, parts[path]) == math.min(#wanted, #parts[path]) then
        if found then return nil end
        found = path
      end
    end
    return found
  end
end

local function name_in(definitions, bare, line)
  local same, innermost
  for _, definition in ipairs(definitions) do
    if definition.first_line > line then break end
    if definition.end_line >= line then
      innermost = definition
      if definition.name:match("[^.]*$") == bare then same = definition end
    end
  end
  if same then return same.name end
  if innermost and anonymous[bare] then
    local between = innermost.kind == "class" and "." or ".<locals>."
    return innermost.name .. between .. bare
  end
end

--- The new names by frame number; nil where a frame keeps its own.
---@param frames pyprof.Frames
---@param source pyprof.Source
---@return table<integer, string>
function M.names(frames, source)
  local files = by_file(source)
  local find_file = file_finder(files, require("pyprof.source.file_id").of)
  local found, names = {}, {}
  for i = 1, frames.count do
    local file, line = frames.files[i], frames.lines[i]
    if found[file] == nil then found[file] = find_file(file) or false end
    local bare = frames.names[i]:match("[^.]*$")
    if found[file] and line > 0 and bare ~= "<module>" then
      names[i] = name_in(files[found[file]], bare, line)
    end
  end
  return names
end

return M
