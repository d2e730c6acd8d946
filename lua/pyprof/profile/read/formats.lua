-- profile/read/formats.lua - the formats that hold calls but no stacks. Lua reads these.
local bytes = require "pyprof.core.bytes"
local sys = require "pyprof.core.sys"

local M = {}

local names = { "pstats", "callgrind" }

--- The format of a profile of calls, by the file's content; nil for everything else.
---@param path string
---@return "pstats"|"callgrind"|nil
function M.of_calls(path)
  -- A pipe can be read only once.
  local status = path ~= "-" and sys.stat(path)
  local head = status and status.kind == "file" and bytes.read(path, false)
  -- Most recordings are JSON, which needs none of the readers.
  if not head or head:find("^{[^()0\xa8\xa9]") then return nil end
  for _, name in ipairs(names) do
    if require("pyprof.profile.read." .. name).is(head) then return name end
  end
end

return M
