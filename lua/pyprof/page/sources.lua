-- page/sources.lua - the text of the files of a page, and what is known of each line.
local encode = require "pyprof.page.encode"
local array = require("pyprof.base.scalar").array
local definitions = require "pyprof.join.definitions"
local profiles = require "pyprof.profile"
local sources = require "pyprof.source"

local M = {}

local most_bytes = 32 << 20 -- of all texts together

local fields = { "samples", "total", "weight", "count", "bytes", "status", "arcs" }

-- The arcs of a line that never ran: "12->15, 12->exit".
local function missing_arcs(row)
  local texts = {}
  for _, arc in ipairs(row.taken > 0 and row.arcs or {}) do
    if not arc.ran then
      texts[#texts + 1] = ("%d->%s"):format(row.line, arc.to < 0 and "exit" or arc.to)
    end
  end
  return texts[1] and table.concat(texts, ", ")
end

-- What is known of the lines of each of the source's files: by path and line.
local function gather(collected)
  local path_of, found = definitions.of(collected).path_of, {}
  local function at(file, line)
    local path = path_of[file]
    if not path then return {} end
    found[path] = found[path] or {}
    found[path][line] = found[path][line] or {}
    return found[path][line]
  end
  local profile, calls = collected.profile, profiles.kind(collected.profile) == "calls"
  for _, row in ipairs(profile and not calls and profile:lines {} or {}) do
    local it = at(row.file, row.line)
    it.samples, it.total = (it.samples or 0) + row.self, (it.total or 0) + row.total
    it.weight = (it.weight or 0) + row.self_weight
  end
  for _, row in ipairs(collected.allocations and collected.allocations:lines {} or {}) do
    local it = at(row.file, row.line)
    it.bytes = (it.bytes or 0) + row.self_weight
  end
  for _, row in ipairs(collected.counts and collected.counts:lines() or {}) do
    at(row.file, row.line).count = row.count
  end
  local coverage = collected.coverage
  for _, file in ipairs(coverage and coverage:files() or {}) do
    for _, row in ipairs(coverage:lines(file.file)) do
      at(file.file, row.line).status = row.status
    end
    for _, row in ipairs(coverage.branch and coverage:branches(file.file) or {}) do
      at(file.file, row.line).arcs = missing_arcs(row)
    end
  end
  return found, path_of
end

-- The figures of a file's lines as parallel lists.
local function columns(of_line)
  local lines = {}
  for line in pairs(of_line) do lines[#lines + 1] = line end
  table.sort(lines)
  local result = { line = encode.raw(encode.json(array(lines))) }
  for _, field in ipairs(fields) do
    local list, any = {}, false
    for i, line in ipairs(lines) do
      list[i] = of_line[line][field]
      any = any or list[i] ~= nil
    end
    if any then result[field] = encode.raw(encode.json(list, #lines)) end
  end
  return encode.list(result)
end

-- The own files of functions that the source has not.
local function absent(functions, path_of, files)
  local list, known = array {}, {}
  for _, row in ipairs(files) do known[row.file] = true end
  for _, it in ipairs(functions.frames) do
    local path = it.file
    local is_file = path ~= "" and path:sub(1, 1) ~= "<"
    if is_file and it.origin == "own" and not known[path] and not path_of[path] then
      known[path] = true
      list[#list + 1] = functions:file(path)
    end
  end
  return list
end

--- The files of the page with their lines, the number of own files that are not in it, and a note
--- if there are too many.
---@param collected table<string, any>
---@param functions pyprof.PageFunctions   its files get further ones
---@param wanted boolean
---@return table[]|nil files
---@return integer[] absent
---@return string|nil note
function M.of(collected, functions, wanted)
  local source = collected.source
  if not wanted or not source then return nil, absent(functions, {}, {}), nil end
  local found, path_of = gather(collected)
  local list, bytes, left_out = array {}, 0, 0
  local files = source:files { sort = "file" }
  local missing = absent(functions, path_of, files)
  for _, row in ipairs(files) do
    local path = row.file
    local text = sources.text(source, path)
    if text and bytes + #text > most_bytes then
      left_out = left_out + 1
      missing[#missing + 1] = functions:file(functions:recorded_name(path))
    elseif text then
      bytes = bytes + #text
      local changed = source.changed and source.changed[path] or nil
      list[#list + 1] = { file = functions:file(functions:recorded_name(path)), changed = changed,
        text = encode.text(text), lines = columns(not changed and found[path] or {}) }
    end
  end
  return list, missing, left_out > 0 and
    ("source: %d files are not in the page, which holds at most %d MiB"):format(left_out,
    most_bytes >> 20) or nil
end

return M
