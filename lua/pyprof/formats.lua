-- formats.lua - which formats hold calls, and no stacks: those are read in Lua.
local M = {}

local names = { "pstats", "callgrind" }
local enough = 65536 -- bytes; callgrind's header may be long

--- The format of a profile of calls, told by content; nil for everything else.
---@param path string
---@return "pstats"|"callgrind"|nil
function M.of_calls(path)
  local file <close> = path ~= "-" and io.open(path, "rb") or nil
  local head = file and file:read(enough) -- nil for a folder, too
  -- Most recordings are JSON, or packed: nothing is loaded for those.
  if not head or head:find("^{[^()0\xa8\xa9]") or head:find("^\x1f\x8b") then return nil end
  for _, name in ipairs(names) do
    if require("pyprof.read." .. name).is(head) then return name end
  end
end

return M
