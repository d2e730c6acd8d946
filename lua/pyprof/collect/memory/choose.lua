-- collect/memory/choose.lua - the functions whose lines are measured: definitions of the program's
-- source.
local sys = require "pyprof.core.sys"
local source_of = require "pyprof.collect.source"
local modules = require "pyprof.collect.memory.modules"
local frame = require "pyprof.profile.frame"
local resolve = require "pyprof.profile.resolve"
local selector = require "pyprof.profile.selector"
local sources = require "pyprof.source"

local M = {}

local hottest = 5

-- The source of the target, with what it imports of its own.
local function source_for(target)
  local source, message = source_of.collect(target)
  if not source then return nil, message end
  local paths, folders = target.files(), { sys.real_path(".") }
  for _, row in ipairs(source:files()) do paths[#paths + 1] = row.file end
  if target.path then
    local is_folder = (sys.stat(target.path) or {}).kind == "directory"
    table.insert(folders, 1, is_folder and target.path or target.path:match("^(.*)/") or ".")
  end
  for folder in (os.getenv "PYTHONPATH" or ""):gmatch("[^:]+") do folders[#folders + 1] = folder end
  paths = modules.reached(paths, folders)
  if #paths == 0 then return nil, "memory: none of the program's own files is here" end
  return sources.scan(table.unpack(paths))
end

local function definitions_of(source)
  local list = {}
  for _, definition in ipairs(source:definitions { sort = "first_line" }) do
    if definition.kind ~= "class" then list[#list + 1] = definition end
  end
  return list
end

--- A definition's name as it is shown.
---@param definition pyprof.DefinitionRow
---@return string
function M.shown(definition)
  return (definition.name:gsub("<locals>%.", ""))
end

-- Those that are selected, and the functions within them.
local function selected(definitions, wanted)
  local names, files, lines, chosen, within = {}, {}, {}, {}, nil
  for i, it in ipairs(definitions) do
    names[i], files[i], lines[i] = M.shown(it), it.file, it.line
  end
  local mask = selector.frames(wanted, frame.list(names, files, lines))
  for i, it in ipairs(definitions) do
    if mask:byte(i) ~= 0 then
      if not within or within.file ~= it.file or within.end_line < it.end_line then within = it end
      chosen[#chosen + 1] = it
    elseif within and within.file == it.file and within.end_line >= it.end_line then
      chosen[#chosen + 1] = it
    end
  end
  return chosen
end

local function decorated(definitions, source)
  local chosen = {}
  for _, it in ipairs(definitions) do
    for line = it.first_line, it.line - 1 do
      local text = source:line(it.file, line) or ""
      if text:find("^%s*@profile%f[%W]") or text:find("^%s*@memory_profiler%.profile%f[%W]") then
        chosen[#chosen + 1] = it
        break
      end
    end
  end
  return chosen
end

local function hot(target, source)
  local rows, files = target.profile():functions { include = "origin:own" }, {}
  for i, row in ipairs(rows) do files[i] = row.file end
  local held, chosen, known = resolve.definitions(files, source), {}, {}
  for _, row in ipairs(rows) do
    local definition, around = held:find(row.file, row.line, row.name:match("[^.]*$"))
    definition = definition or around
    local is_new = definition and definition.kind ~= "class" and not known[definition]
    if is_new and #chosen < hottest then
      known[definition], chosen[#chosen + 1] = true, definition
    end
  end
  return chosen
end

--- The definitions that are selected; else those with @profile, else the hottest ones.
---@param target pyprof.Running
---@param wanted pyprof.Selector|nil
---@return pyprof.DefinitionRow[]|nil
---@return string|nil message
---@return boolean decorated   they have @profile
function M.definitions(target, wanted)
  local source, message = source_for(target)
  if not source then return nil, message, false end
  local definitions = definitions_of(source)
  if wanted then return selected(definitions, wanted), nil, false end
  local chosen = decorated(definitions, source)
  if #chosen > 0 then return chosen, nil, true end
  return hot(target, source), nil, false
end

return M
