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
---@field counts pyprof.LineCounts|nil
---@field allocations pyprof.Profile|nil

--- The files that coverage or counts saw.
---@param value pyprof.Coverage|pyprof.LineCounts
---@return string[]
function M.files(value)
  local files = {}
  for i, row in ipairs(value:files()) do files[i] = row.file end
  return files
end

local none = {}

--- The rows of the functions, by the path in the source and the line of the `def`, which no other
--- definition has.
---@param value pyprof.Coverage|pyprof.LineCounts|nil
---@param held pyprof.Definitions
---@return table<string, table<integer, table>>
function M.by_place(value, held)
  local by_path = {}
  for _, row in ipairs(value and value:functions() or none) do
    local path = held.path_of[row.file]
    if path then
      local of_line = by_path[path]
      if not of_line then
        of_line = {}
        by_path[path] = of_line
      end
      of_line[row.line] = row
    end
  end
  return by_path
end

local function unseen_by_coverage(covered)
  if covered.excluded > 0 then return "its lines are excluded" end
  return "coverage sees no statement in its body"
end

-- The names of those that say yes; nil: none does.
local function named(samples, coverage, counts)
  local text = samples and "samples" or nil
  if coverage then text = text and text .. ", coverage" or "coverage" end
  if counts then text = text and text .. ", counts" or "counts" end
  return text
end

--- The status of a definition, the evidence for it, and why nothing is known.
---@param samples integer          that hold it
---@param covered table|nil        its row of coverage
---@param counted table|nil        its row of counts
---@param why string|nil           why the samples tell nothing about it
---@return string status
---@return string evidence
---@return string|nil why
function M.judge(samples, covered, counted, why)
  local by_coverage = covered and covered.ran
  local by_counts = counted and counted.calls > 0
  local shown = named(samples > 0, by_coverage, by_counts)
  if shown then return "ran", shown end
  local denied = named(false, by_coverage == false, by_counts == false)
  if denied then return "never", denied end
  if not why and covered then why = unseen_by_coverage(covered) end
  if why then return "unknown", "", why end
  return "unseen", ""
end

return M
