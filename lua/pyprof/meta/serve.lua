---@meta pyprof.core.serve
-- The module of src/bind/serve.c; include/pyprof/serve.h is its contract.
-- luacheck: ignore 212 241

local serve = {}

---@class pyprof.core.Server
local Server = {}

--- Begins to listen on the loopback address; port 0: on any that is free.
---@param port integer
---@return pyprof.core.Server|nil
---@return string|nil message
function serve.open(port) end

---@return integer port
---@return string path   with the token
function Server:address() end

--- Answers requests for the page until SIGINT, SIGTERM or SIGHUP comes.
---@param page string
---@return true|nil
---@return string|nil message
function Server:run(page) end

function Server:close() end

return serve
