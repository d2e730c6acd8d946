-- join/lines.lua - each line of the source, with everything that was collected about it.
local misuse = require "pyprof.base.misuse"
local regex = require "pyprof.base.regex"
local definitions = require "pyprof.join.definitions"

local M = {}

-- Calls set(path, line, row) for each row whose file is one of the source's.
local function each(rows, held, set)
  for _, row in ipairs(rows) do
    local path = held.path_of[row.file]
    if path then set(path, row.line, row) end
  end
end

-- The fields of each line, by path and line.
local function gathered(data, held)
  local found = {}
  local function at(path, line)
    found[path] = found[path] or {}
    local fields = found[path][line] or {}
    found[path][line] = fields
    return fields
  end
  if data.profile then
    each(data.profile:lines {}, held, function(path, line, row)
      local fields = at(path, line)
      fields.samples = (fields.samples or 0) + row.self
      fields.share = (fields.share or 0) + row.self_share
      fields.weight = (fields.weight or 0) + row.self_weight
    end)
  end
  if data.counts then
    each(data.counts:lines(), held, function(path, line, row) at(path, line).count = row.count end)
  end
  if data.allocations then
    each(data.allocations:lines {}, held, function(path, line, row)
      local fields = at(path, line)
      fields.bytes = (fields.bytes or 0) + row.self_weight
    end)
  end
  for _, row in ipairs(data.coverage and data.coverage:files() or {}) do
    local path = held.path_of[row.file]
    for _, one in ipairs(path and data.coverage:lines(row.file) or {}) do
      at(path, one.line).status = one.status
    end
  end
  return found
end

--- One row for each line of the source's files; the fields of what was not collected are nil. Of a
--- file that changed between two runs nothing but its text is known.
---@param data pyprof.Joined
---@param query { file: string|nil }|nil   file: a pattern of PCRE2 that finds the paths
---@return pyprof.AnnotatedRow[]
function M.annotate(data, query)
  misuse.want(data, "table", "annotate: a subject")
  query = misuse.options(query, { "file" })
  local source = misuse.want_source(data.source)
  local wanted = query.file and regex.new(query.file)
  local found, rows = gathered(data, definitions.of(data)), {}
  for _, file in ipairs(source:files { sort = "file" }) do
    local path = file.file
    if not wanted or wanted:find(path) then
      local of_line = not (source.changed and source.changed[path]) and found[path] or {}
      for line = 1, file.lines do
        local row = of_line[line] or {}
        row.file, row.line, row.text = path, line, source:line(path, line)
        rows[#rows + 1] = row
      end
    end
  end
  return rows
end

return M
