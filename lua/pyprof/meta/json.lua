---@meta pyprof.core.json
-- The C module behind base/json.lua.

-- luacheck: ignore 212 241

local core = {}

--- An object as JSON on one line; nil: it has other keys, or a table with entries.
---@param object table
---@param keys string[]
---@param heads string[]      the text before the value of each key
---@param scalar fun(value: any): string   for values that are no number and no plain text
---@return string|nil
function core.flat(object, keys, heads, scalar) end

return core
