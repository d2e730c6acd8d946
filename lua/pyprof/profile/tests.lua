-- profile/tests.lua - the tests that samples belong to: rows, and the heaviest function of each.
--
-- A test is a label of a sample, like its thread: `id [phase]`, as our plugin for pytest writes it.
local misuse = require "pyprof.base.misuse"
local totals = require "pyprof.profile.totals"
local rows = require "pyprof.rows"

local M = {}

local keys = { "sort", "limit", "of" }

--- The options of each method.
M.options = { tests = keys }

local fields = { "id", "name", "file", "phase", "samples", "weight", "share" }

--- The file and the name in a test's id: "a.py::TestA::test_b[x]" is test_b[x] of a.py.
---@param id string
---@return string file
---@return string name
function M.parts(id)
  local file, rest = id:match("^(.-)::(.*)$")
  if not file then return id, id end
  local bare = rest:match("^[^%[]*") -- parameters may hold anything
  return file, bare:match("[^:]*$") .. rest:sub(#bare + 1)
end

--- The core's tests with their fields; the first is no test, its fields are empty.
---@param data table
---@return table[]
function M.all(data)
  local list = data:call("tests")
  for _, test in ipairs(list) do
    test.id, test.phase = test.label:match("^(.*) %[(%a+)%]$")
    test.id, test.phase = test.id or "", test.phase or ""
    test.file, test.name = M.parts(test.id)
    test.label = nil
  end
  return list
end

--- One row per phase of a test.
---@param data table
---@param query table|nil
---@return pyprof.TestRow[]
function M.tests(data, query)
  query = misuse.options(query, keys)
  rows.sort_key(query, "weight", fields)
  local share = totals.share(data, query)
  local result = {}
  for number, test in ipairs(M.all(data)) do
    if number > 1 and test.present then
      test.present = nil
      test.share = share(test.weight)
      result[#result + 1] = test
    end
  end
  return rows.finish(result, query, "weight", fields)
end

--- The samples of each test in all its phases, and the own function that has most of them itself.
---@param data table
---@return table<string, { samples: integer, weight: number, hottest: string|nil }>   by id
function M.sums(data)
  local list, sums = M.all(data), {}
  for number, test in ipairs(list) do
    if number > 1 then
      local sum = sums[test.id] or { samples = 0, weight = 0.0, functions = {} }
      sum.samples, sum.weight = sum.samples + test.samples, sum.weight + test.weight
      sums[test.id] = sum
    end
  end
  local frames = data.frames
  local groups, all = frames:by("function"), frames:all()
  local numbers = {}
  for i, group in ipairs(groups.numbers) do
    numbers[i] = all[i].origin == "own" and group or 0
  end
  for _, leaf in ipairs(data:call("test_leaves", numbers, groups.count)) do
    local functions = sums[list[leaf.test].id].functions
    functions[leaf.group] = (functions[leaf.group] or 0) + leaf.samples
  end
  for _, sum in pairs(sums) do
    local most = 0
    for group, samples in pairs(sum.functions) do
      local name = frames.names[groups.first[group]]
      if samples > most or samples == most and name < sum.hottest then
        most, sum.hottest = samples, name
      end
    end
    sum.functions = nil
  end
  return sums
end

return M
