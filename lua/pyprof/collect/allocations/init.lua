-- collect/allocations/init.lua - what holds the memory at the peak of its use, by memray.
local cjson = require "cjson"
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local embedded = require "pyprof.core.embedded"
local sys = require "pyprof.core.sys"
local profiles = require "pyprof.profile"
local sources = require "pyprof.source"
local lead = require "pyprof.target.lead"
local programs = require "pyprof.target.process"
local tool = require "pyprof.target.tool"

local M = {}

--- Can the target's allocations be recorded? Asks its interpreter for memray.
---@param target pyprof.Target
---@return true|nil
---@return string|nil why
function M.gives(target)
  if target.kind ~= "program" then
    return nil, ("%s: has no allocations (name a program, or --from allocations=FILE)")
      :format(target.name)
  end
  return tool.usable(target, "memray")
end

--- The allocations in a recording.
---@param path string
---@param how { metric: string|nil }
---@return pyprof.Profile|pyprof.Graph|nil
---@return string|nil message
function M.load(path, how)
  return profiles.load(path, { metric = how.metric })
end

-- Lets an interpreter with memray turn the files of all processes into one profile.
local function transform(dir, args, found, data, notes)
  local request, script, output = dir .. "/request.json", dir .. "/reader.py", dir .. "/out.pprof"
  local good, message = file.write(request, json.text_of {
    site = found.site, data = data, leaks = args.leaks, output = output,
    hidden = dir .. "/<pyprof-lua ",
  })
  if good then
    good, message = file.write(script, embedded.read("lua/pyprof/collect/allocations/reader.py"))
  end
  if not good then return nil, message end
  local ended
  ended, message = programs.run {
    found.executable, script, request, env = tool.unmeasured, group = true,
  }
  if not ended then return nil, message end
  if ended.status ~= 0 then
    return nil, "memray: " .. (ended.output:match("([^\n]*)\n*$") or "its data cannot be read")
  end
  for line in ended.output:gmatch("allocations: [^\n]+") do notes[#notes + 1] = line end
  return output
end

-- memray's names are bare: the program's own functions get those that py-spy gives, "Add.flatten".
local function qualified(profile)
  local paths = {}
  for _, path in ipairs(profiles.own_files(profile)) do
    local status = path:find("%.pyw?$") and sys.stat(path)
    if status and status.kind == "file" then paths[#paths + 1] = path end
  end
  local source = #paths > 0 and sources.scan(table.unpack(paths))
  return source and profile:resolve(source) or profile
end

--- Runs the target with memray in each of its Pythons.
---@param target pyprof.Running
---@param args table
---@param dir string       a private directory
---@return pyprof.Profile|nil
---@return string|nil message
---@return pyprof.Run|nil run
function M.collect(target, args, dir)
  local env, message = lead.make(dir, {
    name = "allocations", code = embedded.read("lua/pyprof/collect/allocations/helper.py"),
    follow = true,
    options = { sites = tool.sites("memray"), native = args.native, objects = args.objects },
  })
  if not env then return nil, message end
  local exit
  exit, message = target:run { env = env }
  if not exit then return nil, message end
  local lost, running = lead.lost(dir)
  local notes = lead.notes(dir)
  local run, data, found = { exit = exit, notes = notes, tools = lead.tools(dir) }, {}, nil
  for _, path in ipairs(lead.results(dir)) do
    if path:find("%.python$") then
      found = found or cjson.decode(assert(file.read(path)))
    else
      data[#data + 1] = path
    end
  end
  if not found or #data == 0 then
    return nil, notes[1] or "allocations: no Python ran that could be measured", run
  end
  local recording
  recording, message = transform(dir, args, found, data, notes)
  if not recording then return nil, message, run end
  local gaps = lead.gaps("allocations", lost, running, "; the last moments may be missing")
  table.move(gaps, 1, #gaps, #notes + 1, notes)
  local profile
  profile, message = profiles.load(recording, { metric = target.options.metric })
  if not profile then return nil, message, run end
  return qualified(profile), nil, run
end

return M
