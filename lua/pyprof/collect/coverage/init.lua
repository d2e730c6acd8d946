-- collect/coverage/init.lua - which lines and branches ran, by coverage.py: a run of the target, or
-- the files that coverage.py wrote.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"
local data = require "pyprof.collect.coverage.data"
local python = require "pyprof.collect.coverage.python"
local lead = require "pyprof.target.lead"
local pythons = require "pyprof.target.python"
local tool = require "pyprof.target.tool"

local M = {}

--- The measured files that are here: they belong to the program's source.
M.files = data.paths

--- Can the target be measured? Asks its interpreter for coverage.py.
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.gives(target)
  if target.kind == "coverage" then return true end
  if target.kind ~= "program" then
    return nil, ("%s: has no coverage (name a program, or --from coverage=FILE)")
      :format(target.name)
  end
  return tool.usable(target, "coverage")
end

-- The longest end of a path that is a file here. The name of a package's file alone tells nothing.
local function local_file(path)
  if sys.stat(path) then return path end
  local rest = path:gsub("\\", "/")
  while true do
    rest = rest:match("/(.*)")
    if not rest then return nil end
    local status = not rest:find("^__[^/]*$") and sys.stat(rest)
    if status and status.kind == "file" then return rest end
  end
end

local function is_report(report)
  return type(report) == "table" and type(report.meta) == "table"
    and type(report.files) == "table" and type(report.totals) == "table"
end

local function is_whole(value)
  return math.type(value) ~= nil and math.tointeger(value) ~= nil
end

local function are_lines(list)
  if type(list) ~= "table" then return false end
  for _, line in ipairs(list) do
    if not is_whole(line) then return false end
  end
  return true
end

local function are_arcs(list)
  if list == nil then return true end
  if type(list) ~= "table" then return false end
  for _, arc in ipairs(list) do
    if not are_lines(arc) or #arc ~= 2 then return false end
  end
  return true
end

-- The figures of a file, or the sums. Without branches the last three are not there.
local function is_summary(summary)
  if type(summary) ~= "table" then return false end
  local names = { "num_statements", "missing_lines", "excluded_lines" }
  if summary.num_branches ~= nil then
    table.move({ "num_branches", "num_partial_branches", "covered_branches" }, 1, 3, 4, names)
  end
  for _, name in ipairs(names) do
    if not is_whole(summary[name]) then return false end
  end
  return true
end

local function is_file(found)
  return type(found) == "table" and is_summary(found.summary) and are_lines(found.missing_lines)
    and are_lines(found.executed_lines) and are_lines(found.excluded_lines)
    and are_arcs(found.executed_branches) and are_arcs(found.missing_branches)
end

-- The name of what lacks its figures.
local function incomplete(report)
  for name, found in pairs(report.files) do
    if not is_file(found) then return tostring(name) end
  end
  if not is_summary(report.totals) then return "the total" end
end

local function of_json(path, bytes)
  local report, broken = json.value_of(bytes)
  if broken then return nil, ("%s: broken JSON: %s"):format(path, broken) end
  if not is_report(report) then
    return nil, path .. ": not coverage.py's JSON (`coverage json` writes that)"
  end
  if next(report.files) == nil then return nil, path .. ": nothing was measured" end
  local name = incomplete(report)
  if name then
    return nil, ("%s: no figures of %s (`coverage json` writes them)"):format(path, name)
  end
  local lost = {}
  local coverage = data.new(report, function(key)
    local found = local_file(key)
    if not found then lost[#lost + 1] = key end
    return found or key
  end)
  table.sort(lost)
  local notes = #lost > 0 and { ("coverage: no source here of %s%s"):format(lost[1],
    #lost > 1 and (" and %d more"):format(#lost - 1) or "") } or nil
  return coverage, nil, { notes = notes }
end

local function nothing(message, kind)
  if kind == "NoDataError" or message:find("No data to report") then
    return "coverage: nothing was measured"
  end
  return message
end

--- What is in a file of coverage.py: coverage.json, or its data file.
---@param path string
---@param how { python: string|nil }
---@return pyprof.Coverage|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.load(path, how)
  local first, message = file.first(path, 64)
  if not first then return nil, message end
  if first == "" then return nil, path .. ": empty" end
  if first:find("^SQLite format 3%z") then
    local report, kind
    report, message, kind = python.read {
      wanted = how and how.python, data = { path }, config = true,
    }
    if not report then
      return nil, ("%s: %s"):format(path, (nothing(message, kind):gsub("^coverage: ", "")))
    end
    return data.new(report), nil, { notes = report.notes }
  end
  if first:find("^%s*{") then
    local bytes
    bytes, message = file.read(path)
    if not bytes then return nil, message end
    return of_json(path, bytes)
  end
  return nil, path .. ": neither coverage.py's JSON nor its data file"
end

local function decoded(path)
  return cjson.decode(assert(file.read(path)))
end

-- The data of the program's own measuring, if that wrote a file: the file, or the parallel ones.
local function written(theirs)
  local function is_new(path)
    local status = sys.stat(path)
    return status ~= nil and status.kind == "file" and status.modified >= theirs.began - 1
  end
  if is_new(theirs.data_file) then return { theirs.data_file } end
  local folder, name = theirs.data_file:match("^(.*)/([^/]*)$")
  local paths = {}
  for _, other in ipairs(sys.list(folder) or {}) do
    local path = folder .. "/" .. other
    if other:sub(1, #name + 1) == name .. "." and is_new(path) then paths[#paths + 1] = path end
  end
  return paths
end

-- What the helpers left: the data files of ours, the program's own measuring, the interpreter.
local function gathered(dir)
  local found = { data = {} }
  for _, path in ipairs(lead.results(dir)) do
    if path:find("%.python$") then
      found.python = found.python or decoded(path)
    elseif path:find("%.theirs$") then
      local theirs = decoded(path)
      if not found.theirs or theirs.depth < found.theirs.depth then found.theirs = theirs end
    elseif not path:find("%-journal$") then
      found.data[#found.data + 1] = path
    end
  end
  return found
end

-- Lets the run's interpreter read data files.
local function read_files(found, paths, config)
  local site = found.python.site
  local report, message, kind = python.read {
    python = found.python.executable, site = type(site) == "string" and site or nil,
    data = paths, config = config, tolerant = true,
  }
  if report then return report end
  message = nothing(message, kind)
  return nil, message, message == "coverage: nothing was measured"
end

-- The program measured itself.
local function read_theirs(found)
  local theirs = found.theirs
  local paths = written(theirs)
  if #paths == 0 then return nil, "coverage: the program measures itself and left no data" end
  local report, message, empty = read_files(found, paths,
    type(theirs.config_file) == "string" and theirs.config_file or false)
  if not empty then return report, message end
  return nil, message .. " (the program's own --cov or source names nothing that ran)"
end

local function read(dir, args, lost, notes)
  local found = gathered(dir)
  if not found.python then return nil, nil end
  if found.theirs and found.theirs.depth == 0 then return read_theirs(found) end
  local report, message, empty = read_files(found, found.data, not args.isolated)
  if not empty then return report, message end
  if found.theirs then return read_theirs(found) end -- a program that only starts another, as tox
  if lost > 0 then return nil, lead.gaps("coverage", lost, 0)[1] end
  return nil, notes[1] or
    message .. " (see source, include and omit in coverage.py's configuration)"
end

--- Runs the target with coverage.py in each of its Pythons.
---@param target pyprof.Running
---@param args table
---@param dir string|nil   a private directory, if the target is run
---@return pyprof.Coverage|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target, args, dir)
  if target.kind == "coverage" then
    return M.load(target.path, { python = target.options.python })
  end
  local env, message = lead.make(dir, {
    name = "coverage", code = embedded.read("lua/pyprof/collect/coverage/helper.py"),
    follow = true,
    options = {
      sites = tool.sites("coverage"), directory = sys.real_path("."), isolated = args.isolated,
      branch = not args.no_branch, contexts = args.contexts or pythons.runs_pytest(target),
    },
  })
  if not env then return nil, message end
  local exit
  exit, message = target:run { env = env }
  if not exit then return nil, message end
  local lost, running = lead.lost(dir)
  local notes = lead.notes(dir)
  local run = { exit = exit, notes = notes, tools = lead.tools(dir) }
  local report
  report, message = read(dir, args, lost, notes)
  if not report then
    return nil, message or notes[1] or "coverage: no Python ran that could be measured", run
  end
  table.move(report.notes, 1, #report.notes, #notes + 1, notes)
  local gaps = lead.gaps("coverage", lost, running)
  table.move(gaps, 1, #gaps, #notes + 1, notes)
  return data.new(report), nil, run
end

return M
