-- collect/memory/init.lua - memory by line of some functions, by memory_profiler: a run of the
-- target, or a file of mprof.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local say = require "pyprof.base.say"
local scalar = require "pyprof.base.scalar"
local units = require "pyprof.base.units"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"
local choose = require "pyprof.collect.memory.choose"
local data = require "pyprof.collect.memory.data"
local mprof = require "pyprof.collect.memory.mprof"
local lead = require "pyprof.target.lead"
local tool = require "pyprof.target.tool"

local M = {}

--- Can the target be measured? Asks its interpreter for memory_profiler.
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
---@return "refused"|nil kind
function M.gives(target)
  if target.kind ~= "program" then
    return nil, ("%s: memory by line is measured in programs (or --from memory=FILE of mprof)")
      :format(target.name)
  end
  return tool.usable(target, "memory_profiler")
end

--- The files of the functions that were measured: they belong to the program's source.
---@param memory pyprof.Memory
---@return string[]
function M.files(memory)
  local files = {}
  for i, it in ipairs(memory.functions) do files[i] = it.file end
  return files
end

--- What is in a file of mprof.
---@param path string
---@return pyprof.Memory|nil
---@return string|nil message
function M.load(path)
  local text, message = file.read(path)
  if not text then return nil, message end
  return mprof.read(path, text)
end

-- The functions for the helper, by their real files, and as rows.
local function described(chosen)
  local list, functions = scalar.array(), {}
  for i, it in ipairs(chosen) do
    local name = choose.shown(it)
    list[i] = { sys.real_path(it.file) or it.file, it.first_line, it.end_line, name }
    functions[i] = { name = name, file = it.file, line = it.line, end_line = it.end_line }
  end
  return list, functions
end

--- Runs the target with memory_profiler in each of its Pythons.
---@param target pyprof.Running
---@param args table
---@param dir string       a private directory
---@return pyprof.Memory|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target, args, dir)
  -- A report may have the argument itself.
  local wanted = args["function"] or target.options["function"]
  local chosen, message, decorated = choose.definitions(target, wanted)
  if not chosen then return nil, message end
  if #chosen == 0 then
    return nil, "memory: no function to measure (--memory-function SEL names some)"
  end
  local list, functions = described(chosen)
  local env
  env, message = lead.make(dir, {
    name = "memory", code = embedded.read("lua/pyprof/collect/memory/helper.py"), follow = true,
    options = { sites = tool.sites("memory_profiler"), directory = sys.real_path("."),
      functions = list, decorated = decorated },
  })
  if not env then return nil, message end
  say.line(("memory: measures each line of %s; a loop in %s may take 400 times as long")
    :format(units.several(#chosen, "function"), #chosen == 1 and "it" or "them"))
  local exit
  exit, message = target:run { env = env }
  if not exit then return nil, message end
  local lost, running = lead.lost(dir)
  local notes, lines = lead.notes(dir), {}
  local run = { exit = exit, notes = notes, tools = lead.tools(dir) }
  local results = lead.results(dir)
  if #results == 0 then
    return nil, notes[1] or "memory: no Python ran that could be measured", run
  end
  for _, path in ipairs(results) do
    local found = cjson.decode(assert(file.read(path)))
    table.move(found, 1, #found, #lines + 1, lines)
  end
  -- Files have the names that the source has.
  local name_of = {}
  for i, it in ipairs(list) do name_of[it[1]] = functions[i].file end
  for _, line in ipairs(lines) do line[1] = name_of[line[1]] or line[1] end
  local gaps = lead.gaps("memory", lost, running)
  table.move(gaps, 1, #gaps, #notes + 1, notes)
  return data.new(lines, functions, {}), nil, run
end

return M
