-- profile/init.lua - profiles of either kind: getting one, and what other rooms ask of it.
--
-- A profile of samples (samples.lua) has stacks and threads; one of calls (graph.lua) has not.
local misuse = require "pyprof.base.misuse"
local core = require "pyprof.core.profile"
local graph = require "pyprof.profile.graph"
local kind = require "pyprof.profile.kind"
local formats = require "pyprof.profile.read.formats"
local samples = require "pyprof.profile.samples"

local M = { kind = kind.of, want = kind.want, want_samples = kind.want_samples,
  refuse_calls = kind.refuse_calls }

local modules = { samples = samples, calls = graph }

--- Is this a profile, of whichever kind?
---@param value any
---@return boolean
function M.is(value)
  return kind.of(value) ~= nil
end

local load_keys = { "metric", "threads", "progress" }

local function check_load(paths, options)
  misuse.options(options, load_keys)
  if #paths == 0 then misuse.raise("load: a path is wanted") end
  for i = 1, #paths do
    if type(paths[i]) ~= "string" then
      misuse.raise("load: a path is a string, not a %s", type(paths[i]))
    end
    if paths[i]:find("\0", 1, true) then misuse.raise("load: a path holds a zero byte") end
  end
  if options.metric ~= nil and type(options.metric) ~= "string" then
    misuse.raise("load: metric is a string, not a %s", type(options.metric))
  end
end

--- Reads one or more recordings, merged.
---@param ... string|table   paths; last a table: metric, threads, progress (done, total)
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
---@return "usage"|nil kind   the recordings hold no such metric, or no common one
function M.load(...)
  local paths = { ... }
  local options = type(paths[#paths]) == "table" and table.remove(paths) or {}
  check_load(paths, options)
  for _, path in ipairs(paths) do
    if formats.of_calls(path) then return graph.load(paths, options.metric) end
  end
  return samples.load(paths, options)
end

--- Does this file begin like a recording?
---@param path string
---@return boolean
function M.sniff(path)
  return formats.of_calls(path) ~= nil or core.sniff(path) == true
end

--- The files of the program's own frames that samples hold, or of its own functions, A-Z.
---@param profile pyprof.Profile|pyprof.Graph
---@return string[]
function M.own_files(profile)
  local files = {}
  local function own(it) return it.origin == "own" end
  for i, row in ipairs(profile:by("file", { include = own, sort = "name" })) do
    files[i] = row.name
  end
  return files
end

--- The files of all its frames, one for each frame.
---@param profile pyprof.Profile|pyprof.Graph
---@return string[]
function M.files(profile)
  return modules[kind.of(profile)].files(profile)
end

--- The names of a profile's fields and methods, or of the methods alone.
---@param profile pyprof.Profile|pyprof.Graph|nil   nil: of one of samples
---@param only_methods boolean|nil
---@return string[]
function M.names(profile, only_methods)
  return modules[kind.of(profile) or "samples"].names(only_methods)
end

return M
