-- collect/tests/results.lua - each test: its outcome, its time, its samples.
local misuse = require "pyprof.base.misuse"
local profiles = require "pyprof.profile"
local rows = require "pyprof.rows"

local M = {}

--- The tests that ran under pytest, each once. A test that was interrupted is not among them.
---@class pyprof.Tests
---@field version string   pytest's
local Tests = { __name = "pyprof.Tests" }

local fields = { "id", "file", "line", "name", "outcome", "seconds", "setup", "call", "teardown",
  "worker", "samples", "weight", "share", "hottest" }
local outcomes = { "passed", "failed", "error", "skipped", "xfailed", "xpassed" }
local phases = { "setup", "call", "teardown" }

-- One row for each test: of several runs the last outcome counts, and the time of all.
local function merged(lines)
  local list, by_id = {}, {}
  for _, line in ipairs(lines) do
    local row = by_id[line.id]
    if not row then
      row = { id = line.id, label = line.label, setup = 0.0, call = 0.0, teardown = 0.0 }
      by_id[line.id], list[#list + 1] = row, row
    end
    for _, key in ipairs { "file", "line", "outcome", "worker" } do row[key] = line[key] end
    for _, phase in ipairs(phases) do row[phase] = row[phase] + line[phase] end
  end
  -- pytest was interrupted between two runs of the test.
  return rows.filter(list, function(row) return row.outcome ~= "rerun" end)
end

--- One row per test.
---     for _, row in ipairs(tests:list { limit = 5 }) do print(row.id, row.seconds) end
---@param query table|nil   sort ("seconds"), limit
---@return pyprof.TestResultRow[]
function Tests:list(query)
  query = misuse.options(query, { "sort", "limit" })
  rows.sort_key(query, "seconds", fields)
  local whole, sums, list = self.profile.weight, profiles.tests(self.profile), {}
  for i, test in ipairs(self.tests) do
    local sum = sums[test.label or test.id] or { samples = 0, weight = 0.0 }
    local _, name = profiles.test_parts(test.id)
    list[i] = {
      id = test.id, file = test.file, line = test.line, name = name, outcome = test.outcome,
      seconds = test.setup + test.call + test.teardown, setup = test.setup, call = test.call,
      teardown = test.teardown, worker = test.worker, samples = sum.samples, weight = sum.weight,
      share = whole > 0 and sum.weight / whole or 0.0, hottest = sum.hottest,
    }
  end
  return rows.finish(list, query, "seconds", fields)
end

--- One row: the number of tests, of each outcome, their seconds, and pytest's exit status.
---     print(tests:totals().failed)
---@return pyprof.TestTotalsRow
function Tests:totals()
  local row = { tests = #self.tests, seconds = 0.0, status = (self.profile.exit or {}).status }
  for _, outcome in ipairs(outcomes) do row[outcome] = 0 end
  for _, test in ipairs(self.tests) do
    row[test.outcome] = (row[test.outcome] or 0) + 1
    row.seconds = row.seconds + test.setup + test.call + test.teardown
  end
  return row
end

Tests.__index = Tests
setmetatable(Tests, { __index = misuse.no_field("the tests", { "version" }, Tests) })

--- The tests of the lines that the plugin wrote, with their samples in the profile.
---@param lines table[]
---@param version string
---@param profile pyprof.Profile
---@return pyprof.Tests
function M.new(lines, version, profile)
  return setmetatable({ tests = merged(lines), version = version, profile = profile }, Tests)
end

return M
