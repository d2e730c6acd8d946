-- profile/init.lua - profiles of either kind: reading them, and questions from other folders.
--
-- A profile of samples (samples.lua) has stacks and threads; one of calls (graph.lua) has neither.
local misuse = require "pyprof.base.misuse"
local core = require "pyprof.core.profile"
local frame = require "pyprof.profile.frame"
local kind = require "pyprof.profile.kind"
local imports = require "pyprof.profile.imports"
local formats = require "pyprof.profile.read.formats"
local samples = require "pyprof.profile.samples"
local tests = require "pyprof.profile.tests"
local time = require "pyprof.profile.time"
local totals = require "pyprof.profile.totals"
local tree = require "pyprof.profile.tree"

local M = { kind = kind.of, want = kind.want, want_samples = kind.want_samples,
  refuse_calls = kind.refuse_calls }

--- The options of each method that takes options, by the method's name.
---@type table<string, string[]>
M.options = {}
for _, module in ipairs { totals, tree, imports, time, tests } do
  for method, options in pairs(module.options) do M.options[method] = options end
end

-- Calls are rare: the file of each kind is loaded by its name.
local names = { samples = "samples", calls = "graph" }

local function module_of(name)
  return require("pyprof.profile." .. names[name])
end

--- Is this a profile, of whichever kind?
---@param value any
---@return boolean
function M.is(value)
  return kind.of(value) ~= nil
end

local load_keys = { "metric", "threads", "progress" }

local function check_text(value, what)
  if type(value) ~= "string" then
    misuse.raise("load: %s is a string, not a %s", what, type(value))
  end
  if value:find("\0", 1, true) then misuse.raise("load: %s holds a zero byte", what) end
end

local function check_load(paths, options)
  misuse.options(options, load_keys)
  if #paths == 0 then misuse.raise("load: a path is wanted") end
  for i = 1, #paths do check_text(paths[i], "a path") end
  if options.metric ~= nil then check_text(options.metric, "metric") end
  local threads, progress = options.threads, options.progress
  if threads ~= nil and (math.type(threads) ~= "integer" or threads < 1) then
    misuse.raise("load: threads is a whole number from 1, not %s", misuse.shown(threads))
  end
  if progress ~= nil then misuse.want(progress, "function", "load: a function for progress") end
end

--- Reads one or more recordings and merges them.
---@param ... string|table   paths, then perhaps a table: metric, threads, progress (done, total)
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return "usage"|nil kind   the recordings hold no such metric, or no common one
function M.load(...)
  local paths = { ... }
  local options = type(paths[#paths]) == "table" and table.remove(paths) or {}
  check_load(paths, options)
  for _, path in ipairs(paths) do
    if formats.of_calls(path) then return module_of("calls").load(paths, options.metric) end
  end
  return samples.load(paths, options)
end

--- Does this file begin like a recording?
---@param path string
---@return boolean
function M.sniff(path)
  return formats.of_calls(path) ~= nil or core.sniff(path) == true
end

--- The files of the program's own frames in the samples, or of its own functions in the calls, A-Z.
---@param profile pyprof.Profile|pyprof.Graph
---@return string[]
function M.own_files(profile)
  local files, known = {}, {}
  for _, path in ipairs(module_of(kind.of(profile)).seen_files(profile)) do
    if not known[path] then
      known[path] = true
      if frame.new("", path, 0).origin == "own" then files[#files + 1] = path end
    end
  end
  table.sort(files)
  return files
end

--- The files of all its frames, one for each frame.
---@param profile pyprof.Profile|pyprof.Graph
---@return string[]
function M.files(profile)
  return module_of(kind.of(profile)).files(profile)
end

--- The samples of each test in a profile of samples, and its heaviest own function.
---@param profile pyprof.Profile
---@return table<string, { samples: integer, weight: number, hottest: string|nil }>   by id
function M.tests(profile)
  return samples.tests(profile)
end

--- A profile of samples with other weights; nil if its recording does not tell them.
---@param profile pyprof.Profile
---@param of "cpu"|"wall"
---@return pyprof.Profile|nil
function M.weighed(profile, of)
  return samples.weighed(profile, of)
end

--- The call tree and the order in time of a profile of samples as columns.
---@param profile pyprof.Profile
---@param options { nodes: integer|nil, runs: integer|nil, order: "time"|"sums"|nil }
---@return pyprof.PageTree
function M.page(profile, options)
  return samples.page(profile, options)
end

--- The file and the name in a test's id.
M.test_parts = tests.parts

--- The names of a profile's fields and methods, or of the methods alone.
---@param profile pyprof.Profile|pyprof.Graph|nil   nil: those of a profile of samples
---@param only_methods boolean|nil
---@return string[]
function M.names(profile, only_methods)
  return module_of(kind.of(profile) or "samples").names(only_methods)
end

return M
