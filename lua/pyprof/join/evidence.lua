-- join/evidence.lua - what shows that a function ran, or that it never did.
--
-- Samples prove that a function ran, never that it did not. Coverage and counts prove both where
-- they see statements of the function's body.
local M = {}

--- What was collected about a program, by the collectors' names.
---@class pyprof.Joined
---@field source pyprof.Source
---@field profile pyprof.Profile|nil
---@field coverage pyprof.Coverage|nil
---@field counts pyprof.Counts|nil
---@field allocations pyprof.Profile|nil

---@class pyprof.Evidence
---@field coverage table<string, table>|nil   the rows of coverage's functions, by definition
---@field counts table<string, table>|nil     those of counts
local Evidence = {}
Evidence.__index = Evidence

--- Two definitions of one place differ in their names.
---@param file string
---@param line integer   of the `def`
---@param name string
---@return string
function M.key(file, line, name)
  return ("%s\0%d\0%s"):format(file, line, name)
end

--- The files that coverage or counts saw.
---@param value pyprof.Coverage|pyprof.Counts
---@return string[]
function M.files(value)
  local files = {}
  for i, row in ipairs(value:files()) do files[i] = row.file end
  return files
end

-- The rows of the functions, under the paths of the source.
local function by_key(value, held)
  if not value then return nil end
  local rows = {}
  for _, row in ipairs(value:functions()) do
    local path = held.path_of[row.file]
    if path then rows[M.key(path, row.line, row.name)] = row end
  end
  return rows
end

---@param data pyprof.Joined
---@param held pyprof.Definitions
---@return pyprof.Evidence
function M.new(data, held)
  return setmetatable({
    coverage = by_key(data.coverage, held), counts = by_key(data.counts, held),
  }, Evidence)
end

local of_coverage = {
  "statements", "missing", "branches", "partial", "covered_share", "missing_lines",
  "missing_branches", "tests",
}

-- Did it run, by coverage? nil and a reason if coverage cannot tell.
local function ran_by_coverage(covered)
  if covered.ran ~= nil then return covered.ran end
  if covered.statements > 0 then return covered.missing < covered.statements end
  if covered.excluded and covered.excluded > 0 then return nil, "its lines are excluded" end
  return nil, "coverage sees no statement in its body"
end

-- Did it run, by counts? They count each call.
local function ran_by_counts(counted)
  return counted.calls > 0
end

--- Sets what coverage and counts say of a definition, and status, evidence and why.
---@param row pyprof.JoinRow
---@param key string
---@param changed boolean      its file changed between two runs
---@param why string|nil       why the samples tell nothing about it
function Evidence:judge(row, key, changed, why)
  if changed then
    row.status, row.evidence, row.why = "unknown", "", "the file changed between two runs"
    return
  end
  local shows, denies = {}, {}
  local function add(name, ran)
    local list = ran and shows or denies
    if ran ~= nil then list[#list + 1] = name end
  end
  if (row.total or 0) > 0 then shows[1] = "samples" end
  local covered = self.coverage and self.coverage[key]
  if covered then
    for _, field in ipairs(of_coverage) do row[field] = covered[field] end
    local ran, reason = ran_by_coverage(covered)
    why = why or reason
    add("coverage", ran)
  end
  local counted = self.counts and self.counts[key]
  if counted then
    row.calls, row.executions = counted.calls, counted.executions
    add("counts", ran_by_counts(counted))
  end
  local list = #shows > 0 and shows or denies
  row.evidence = table.concat(list, ", ")
  row.status = #shows > 0 and "ran" or #denies > 0 and "never" or why and "unknown" or "unseen"
  if row.status == "unknown" then row.why = why end
end

return M
