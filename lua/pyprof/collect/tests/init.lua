-- collect/tests/init.lua - the tests that a program runs with pytest.
--
-- A plugin for pytest is led into the run that makes the profile: it labels the samples, and writes
-- how each test went. So the tests cost no run of their own.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local profile = require "pyprof.collect.profile"
local results = require "pyprof.collect.tests.results"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"
local lead = require "pyprof.target.lead"
local pythons = require "pyprof.target.python"

local M = {}

local function may_run_pytest(target)
  return target.form == "command" or pythons.runs_pytest(target)
end

--- Does the target run pytest? A command may.
---@param target pyprof.Target
---@param options table
---@return true|nil
---@return string|nil why
function M.gives(target, options)
  if target.kind == "recordings" then
    return nil, "recordings do not say how tests ended (p:tests() has their samples)"
  elseif target.form == "module" and target.name == "unittest" then
    return nil, "unittest: only tests that pytest runs are known, and it runs these: -m pytest"
  elseif target.kind ~= "program" or not may_run_pytest(target) then
    return nil, ("%s: not known to run pytest (-m pytest; or -- and a command that runs it)")
      :format(target.name)
  end
  local good, why = lead.allowed(target)
  if not good then return nil, why end
  return profile.gives(target, options)
end

--- The changes of environment that lead the plugin into each Python of the run.
---@param _ pyprof.Target
---@param dir string
---@return table<string, string|false>|nil
---@return string|nil message
function M.lead(_, dir)
  return lead.make(dir, { name = "tests", follow = true,
    code = embedded.read("lua/pyprof/collect/tests/plugin.py") })
end

local function each_line(dir)
  local names = sys.list(dir .. "/data") or {}
  table.sort(names)
  return coroutine.wrap(function()
    for _, name in ipairs(names) do
      local text = name:find("%.jsonl$") and file.read(dir .. "/data/" .. name) or ""
      for line in text:gmatch("([^\n]+)\n") do
        local fields = json.value_of(line)
        if type(fields) == "table" then
          for key, value in pairs(fields) do
            if value == cjson.null then fields[key] = nil end
          end
          coroutine.yield(fields)
        end
      end
    end
  end)
end

--- What the plugin wrote.
---@param dir string
---@return table
function M.gather(dir)
  local found = { tests = {}, notes = lead.notes(dir), measured = {} }
  for line in each_line(dir) do
    if line.id then table.insert(found.tests, line) end
    found.version = line.pytest or found.version
    found.traced = line.traced or found.traced
    if line.measured then
      found.measured[line.measured] = found.measured[line.measured] or line.found
    end
  end
  return found
end

-- pytest-cov ends well where it could not measure what the user named.
local function not_measured(found)
  local names = {}
  for name, is in pairs(found.measured) do
    if not is then names[#names + 1] = name end
  end
  table.sort(names)
  if not names[1] then return nil end
  return ("--cov=%s: no such module or folder, so pytest-cov measured nothing of it")
    :format(table.concat(names, ", --cov="))
end

--- The tests, with their samples in the profile.
---@param target pyprof.Running
---@return pyprof.Tests|nil
---@return string|nil message
---@return pyprof.Run|nil
function M.collect(target)
  local with_samples = target.profile()
  local found = target.brought.tests
  if not found then
    return nil, "tests: they come with a profile that py-spy makes of a run, not with this one"
  end
  local run = { notes = found.notes }
  if not found.version then
    local why = found.notes[1] and (" (%s)"):format(table.concat(found.notes, "; ")) or ""
    return nil, ("%s: ran no pytest%s"):format(target.name, why), run
  end
  if found.traced then
    table.insert(run.notes, ("%s traces this run: its cost is in seconds and samples " ..
      "(--no-cov leaves it out)"):format(found.traced))
  end
  local message = not_measured(found)
  if message then return nil, message, run end
  run.tools = { pytest = found.version }
  return results.new(found.tests, found.version, with_samples), nil, run
end

return M
