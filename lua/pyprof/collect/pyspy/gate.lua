-- collect/pyspy/gate.lua - holding a Python program before its first line until a profiler samples
-- it.
local embedded = require "pyprof.core.embedded"
local lead = require "pyprof.target.lead"
local changes = require("pyprof.target.process").changes

local M = {}

--- The name of a variable that tells the gate its descriptor.
M.variable = "PYPROF_LUA_GATE"

-- Readers of recordings drop samples with a frame of exactly this file: the gate held the program.
-- Our sitecustomize.py is in a directory of the same name. The user's own runs below its frame, so
-- readers remove only frames of files in a directory of that name.
local folder = "<pyprof-lua gate>"

local stub = [[
import os
exec(compile(r"""%s""", "%s", "exec"), {"directory": os.path.dirname(__file__)})
import sitecustomize
]]

--- Does the target begin as a Python, and can the gate hold it?
M.judge = lead.judge

--- Makes the gate in a directory; returns the changes of environment that lead a Python through it.
---@param directory string
---@param before string|nil     PYTHONPATH after the gate, if not ours
---@return string[]|nil changes
---@return string|nil message
function M.make(directory, before)
  local code = lead.leave() .. embedded.read("lua/pyprof/collect/pyspy/gate.py")
  local env, message = lead.folder(directory .. "/" .. folder,
    { ["sitecustomize.py"] = stub:format(code, folder) },
    before or os.getenv("PYTHONPATH"))
  return env and changes(env), message
end

return M
