-- base/misuse.lua - errors that a script made: they name the script's file and line, not the
-- library's.
local fail = require "pyprof.base.fail"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"

local M = {}

-- The library's files come from the program, or from the folder beside it if they have changed
-- since it was built. Every other file is a script.
local share = require("pyprof.core.embedded").share
local homes = { "@lua/pyprof/", share and "@" .. share .. "/lua/pyprof/" }

local function is_ours(source)
  for _, home in ipairs(homes) do
    if source:sub(1, #home) == home then return true end
  end
  return false
end

--- The name of the running script, for errors without a line: a function that ends in
--- `return p:functions(...)` has left the stack when the library refuses that call.
---@type string|nil
M.script = nil

--- Raises an error at the line of the script that called the library.
---@param message string   a format, with its values after it
---@return any never
function M.raise(message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  local level = 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info then error(M.script and M.script .. ": " .. message or message, 0) end
    if info.currentline > 0 and not is_ours(info.source) then error(message, level) end
    level = level + 1
  end
end

--- Calls a function that may refuse the value of an option. The option is at fault then, not the
--- report, so the message does not name the report's line.
---@param work fun(...): ...
---@return boolean good
---@return any ...   its results; or a message, or the failure that it raised
function M.of_option(work, ...)
  local script = M.script
  M.script = nil
  local results = table.pack(pcall(work, ...))
  M.script = script
  if not results[1] and not fail.of(results[2]) then
    results[2] = tostring(results[2]):gsub("^[^:]*:%d+: ", "")
  end
  return table.unpack(results, 1, results.n)
end

--- Did the library call the function that calls this one?
---@return boolean
function M.is_from_library()
  local info = debug.getinfo(3, "S")
  return info ~= nil and is_ours(info.source)
end

--- A function for __index that raises an error for an unknown field.
---@param what string                     "a frame"
---@param fields string[]                  the fields that exist
---@param methods table<string, any>|nil
---@return fun(object: any, key: any)
function M.no_field(what, fields, methods)
  return function(_, key)
    local names = table.move(fields, 1, #fields, 1, {})
    for name in pairs(methods or {}) do
      if name:sub(1, 2) ~= "__" then names[#names + 1] = name end
    end
    table.sort(names)
    M.raise("%s", suggest.unknown(("field of %s:"):format(what), key, names,
      (what:match("%w+$"):gsub("^%l", string.upper))))
  end
end

--- A value as messages show it: the text "3" has quotes, the number 3 has none.
---@param value any
---@return string
function M.shown(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

--- Raises unless the value has the wanted type.
---@param value any
---@param wanted string    Lua's name of a type
---@param what string      "gzip: text"
---@return any value
function M.want(value, wanted, what)
  if type(value) ~= wanted then M.raise("%s is wanted, not %s", what, M.shown(value)) end
  return value
end

--- Raises unless the value is a Source or has the methods of one.
---@param value any
---@return any value
function M.want_source(value)
  local good, definitions = pcall(function() return value.definitions end)
  if not good and fail.is_memory(definitions) then error(definitions, 0) end
  if not good or not definitions then
    M.raise("a source is wanted (pyprof.scan gives one), not %s", tostring(value))
  end
  return value
end

--- Raises unless every key of a table of options is known.
---@param options any
---@param known string[]
---@param kind string|nil   "option"
---@return table options   {} for nil
function M.options(options, known, kind)
  if options == nil then return {} end
  if type(options) ~= "table" then
    M.raise("a table of options is wanted, not a %s", type(options))
  end
  for _, key in ipairs(tables.keys(options)) do
    if not tables.has(known, key) then
      M.raise("%s", suggest.unknown(kind or "option", key, known))
    end
  end
  return options
end

return M
