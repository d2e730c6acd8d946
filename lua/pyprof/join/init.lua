-- join/init.lua - holds the definitions of a scan against everything that was collected.
local misuse = require "pyprof.base.misuse"
local definitions = require "pyprof.join.definitions"
local evidence = require "pyprof.join.evidence"
local profiles = require "pyprof.profile"
local sources = require "pyprof.source"

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
  local key_of, list, row_of = {}, {}, {}
  for _, row in ipairs(profile:by(function(frame)
    local definition = function_of(held, frame)
    if not definition then return nil end
    if not key_of[definition] then
      list[#list + 1] = definition
      key_of[definition] = tostring(#list)
    end
    return key_of[definition]
  end)) do
    row_of[list[tonumber(row.name)]] = row
  end
  return row_of
end

local function shown(name)
  return name:find("<", 1, true) and name:gsub("<locals>%.", "") or name
end

local function first(a, b)
  if a.file ~= b.file then return a.file < b.file end
  if a.line ~= b.line then return a.line < b.line end
  return a.name < b.name
end

-- The program's own functions that the samples have and no definition holds.
local function unmatched(profile, held)
  local rows = profile:functions { include = function(frame)
    local made_by_it = frame.origin == "own" or frame.origin == "generated"
    return made_by_it and frame.bare:sub(1, 1) ~= "<" and
      not held:find(frame.file, frame.line, frame.bare)
  end }
  for i, seen in ipairs(rows) do
    rows[i] = {
      name = seen.name, file = seen.file, line = seen.line, status = "unmatched",
      evidence = "samples", why = "no definition of the source holds these samples",
      self = seen.self, self_weight = seen.self_weight, self_share = seen.self_share,
      total = seen.total, total_weight = seen.total_weight, total_share = seen.total_share,
    }
  end
  return rows
end

local none = {}

-- The row of a definition. All its fields stand in one constructor, so a table has its size at
-- once.
local function row_of(definition, name, line, samples, bytes, covered, counted)
  local has_samples, seen = samples ~= nil, samples or none
  return {
    name = name, file = definition.file, line = line, first_line = definition.first_line,
    end_line = definition.end_line, complexity = definition.complexity,
    self = has_samples and (seen.self or 0) or nil,
    self_weight = has_samples and (seen.self_weight or 0) or nil,
    self_share = has_samples and (seen.self_share or 0) or nil,
    total = has_samples and (seen.total or 0) or nil,
    total_weight = has_samples and (seen.total_weight or 0) or nil,
    total_share = has_samples and (seen.total_share or 0) or nil,
    statements = covered.statements, missing = covered.missing, branches = covered.branches,
    partial = covered.partial, covered_share = covered.covered_share,
    missing_lines = covered.missing_lines, missing_branches = covered.missing_branches,
    tests = covered.tests, calls = counted.calls, executions = counted.executions,
    bytes = bytes and (bytes.total_weight or 0), self_bytes = bytes and (bytes.self_weight or 0),
    allocations = bytes and (bytes.total or 0),
    status = nil, evidence = nil, why = nil,
  }
end

-- Is it a declaration for type checkers (typing.overload), of which only the last one has a body?
local function is_overload(source, definition)
  for line = definition.first_line, definition.line - 1 do
    local text = source:line(definition.file, line)
    if text and text:find("^%s*@[%w_.]*overload%s*$") then return true end
  end
  return false
end

local function is_sorted(rows)
  for i = 2, #rows do
    if first(rows[i], rows[i - 1]) then return false end
  end
  return true
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
  local why = profile and why_not(profile, held) or nil
  local seen = profile and rows_of(profile, held)
  local bytes = data.allocations and rows_of(data.allocations, held)
  local covered = evidence.by_place(data.coverage, held)
  local counted = evidence.by_place(data.counts, held)
  local rows, changed = {}, source.changed or none
  for _, definition in ipairs(sources.kept_definitions(source)) do
    if definition.kind ~= "class" then
      local path, line = definition.file, definition.line
      local differs = changed[path]
      local of_coverage = not differs and (covered[path] or none)[line] or nil
      local of_counts = not differs and (counted[path] or none)[line] or nil
      local samples = seen and (not differs and seen[definition] or none) or nil
      local row = row_of(definition, shown(definition.name), line, samples,
        bytes and (not differs and bytes[definition] or none) or nil, of_coverage or none,
        of_counts or none)
      if differs then
        row.status, row.evidence, row.why = "unknown", "", "the file changed between two runs"
      else
        row.status, row.evidence, row.why =
          evidence.judge(row.total or 0, of_coverage, of_counts, why)
        if row.status == "never" and is_overload(source, definition) then
          row.status, row.evidence, row.why = "unknown", "", "an overload, which never runs"
        end
      end
      rows[#rows + 1] = row
    end
  end
  if profile then append(rows, unmatched(profile, held)) end
  if not is_sorted(rows) then table.sort(rows, first) end
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
  for _, definition in ipairs(sources.kept_definitions(source)) do
    if definition.kind ~= "class" then
      local it = seen[definition]
      local row = {
        name = shown(definition.name), file = definition.file, line = definition.line,
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

--- What the join says of all functions together.
---@class pyprof.Statuses
---@field ran pyprof.JoinRow[]
---@field never pyprof.JoinRow[]
---@field unseen pyprof.JoinRow[]
---@field unknown pyprof.JoinRow[]
---@field all pyprof.JoinRow[]    the rows of these four lists
---@field count integer
---@field proof string|nil    "coverage", "counts", "coverage and counts"
---@field by string|nil       how many ran by the proof, and how many by samples alone
---@field why string|nil      nothing is known

function M.statuses(subject)
  local of = { ran = {}, never = {}, unseen = {}, unknown = {}, all = {}, count = 0,
    proof = subject.coverage and subject.counts and "coverage and counts" or
      subject.coverage and "coverage" or subject.counts and "counts" or nil }
  local sampled = 0
  for _, row in ipairs(M.join(subject)) do
    if row.status ~= "unmatched" then
      table.insert(of[row.status], row)
      table.insert(of.all, row)
      of.count = of.count + 1
      if row.evidence == "samples" then sampled = sampled + 1 end
      if not of.proof and row.status == "unknown" then of.why = row.why or of.why end
    end
  end
  of.by = of.proof and (sampled == 0 and "by " .. of.proof or
    ("%d by %s, %d by samples alone"):format(#of.ran - sampled, of.proof, sampled))
  return of
end

function M.risks(subject)
  local result, unseen = {}, 0
  for _, row in ipairs(M.join(subject)) do
    local risk = M.risk(row)
    if risk and row.total > 0 then
      row.risk, row.weighed = risk, risk * row.total_share
      result[#result + 1] = row
    elseif risk and row.covered_share < 1 then
      unseen = unseen + 1
    end
  end
  return result, unseen
end

return M
