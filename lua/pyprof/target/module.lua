-- target/module.lua - where the source of `-m module` is, by the rules of its own interpreter.
local embedded = require "pyprof.core.embedded"
local process = require "pyprof.core.process"

local M = {}

local limit = 10 -- seconds for the interpreter to start and answer

local function ask(python, name)
  local opened, message = process.open()
  if not opened then return nil, message end
  local run <close> = opened
  local id
  id, message = run:start {
    argv = { python, "-c", embedded.read("lua/pyprof/target/module.py"), name }, capture = true,
  }
  if not id then return nil, message end
  local text = ""
  while true do
    local kind, _, bytes = run:wait(limit)
    if kind == "output" then text = text .. bytes else break end
  end
  return text
end

local function paths_of(target)
  local text, message = ask(target.python, target.name)
  if not text then return nil, message end
  local path = text:match("\npyprof%-lua module ([^\n]*)\n")
  if path and (path:find("%.pyw?$") or not path:find("%.%w+$")) then return { path } end
  return nil, ("no source of the module '%s' was found"):format(target.name)
end

local known = {}

--- The file of a target's module, or the directory of its package. It asks only once.
---@param target pyprof.Target
---@return string[]|nil paths
---@return string|nil message
function M.paths(target)
  local key = target.python .. "\0" .. target.name
  local asked = known[key]
  if not asked then
    asked = table.pack(paths_of(target))
    known[key] = asked
  end
  return asked[1], asked[2]
end

return M
