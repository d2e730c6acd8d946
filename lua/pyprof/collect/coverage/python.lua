-- collect/coverage/python.lua - a Python that has coverage.py, and what it reads for us.
local file = require "pyprof.base.file"
local json = require "pyprof.base.json"
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"
local programs = require "pyprof.target.process"
local python = require "pyprof.target.python"
local tool = require "pyprof.target.tool"

local M = {}

-- An interpreter with coverage.py, for data that no interpreter was named for.
local function any(wanted)
  local first = python.find(wanted)
  local good, why = tool.check(first, "coverage")
  if good then return first end
  if wanted then return nil, why end
  for version in pairs(tool.sites("coverage")) do
    local path = file.which("python" .. version)
    if path and tool.check(path, "coverage") then return path end
  end
  return nil, why
end

--- Lets coverage.py read data files: what `coverage json` says, with the tests of each line.
---@param request { python: string|nil, site: string|nil, wanted: string|nil, data: string[],
---  config: string|boolean, tolerant: boolean|nil }   without `python` one is looked for
---@return table|nil report
---@return string|nil message
---@return string|nil kind     coverage.py's name of the error
function M.read(request)
  local interpreter, site = request.python, request.site
  if not interpreter then
    local why
    interpreter, why = any(request.wanted)
    if not interpreter then return nil, why end
    site = tool.site(interpreter, "coverage")
  end
  local directory <close>, reason = process.directory()
  if not directory then return nil, reason end
  local scratch = directory:path()
  local good, message = file.write(scratch .. "/request.json", json.line_of {
    site = site or false, data = request.data, config = request.config,
    tolerant = request.tolerant or false, scratch = scratch, output = scratch .. "/answer.json",
  })
  if not good then return nil, message end
  good, message = file.write(scratch .. "/reader.py",
    embedded.read("lua/pyprof/collect/coverage/reader.py"))
  if not good then return nil, message end
  local ended
  ended, message = programs.run {
    interpreter, scratch .. "/reader.py", scratch .. "/request.json", env = tool.unmeasured,
    group = true,
  }
  if not ended then return nil, message end
  local text = file.read(scratch .. "/answer.json")
  local report = json.value_of(text or "")
  if report == nil then
    return nil, ("%s: coverage.py did not answer: %s"):format(interpreter,
      ended.output:match("([^\n]*)\n*$"))
  end
  if report.error then return nil, "coverage: " .. report.error, report.kind end
  return report
end

return M
