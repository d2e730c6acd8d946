-- base/contract.lua - the fields that a table may have. Reports, collectors, columns, arguments and
-- config.lua are such tables.
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"

local M = {}

---@class pyprof.Contract
---@field kind string                  the word for a field in messages: "field", "key"
---@field names string[]               the fields, in the order in which messages list them
---@field types table<any, string[]>   the types that each field may have; an empty list: any
---@field required string[]
---@field whole string                 "a report has help and run"

--- Makes a contract. Each field is { name, type, another type … }; messages list the fields in
--- this order, except a field whose name is a number (a list's entry).
---@param kind string            "field" or "key"
---@param fields any[][]
---@param required string[]|nil  the fields that must be there
---@param what string|nil        the owner of the fields: "a report"
---@return pyprof.Contract
function M.new(kind, fields, required, what)
  local contract = { kind = kind, names = {}, types = {}, required = required or {} }
  for _, field in ipairs(fields) do
    contract.types[field[1]] = { table.unpack(field, 2) }
    if type(field[1]) == "string" then table.insert(contract.names, field[1]) end
  end
  contract.whole = ("%s has %s"):format(what, table.concat(contract.required, " and "))
  return contract
end

--- Finds what is wrong with a table, and the field at fault. For the same table it always finds
--- the same fault.
---@param contract pyprof.Contract
---@param given table
---@return string|nil message   nil: nothing is wrong
---@return string|nil key       nil: it is missing
function M.fault(contract, given)
  local keys = tables.keys(given)
  for _, key in ipairs(keys) do
    if not contract.types[key] then
      return suggest.unknown(contract.kind, key, contract.names), tostring(key)
    end
  end
  for _, key in ipairs(contract.required) do
    if given[key] == nil then return ("'%s' is missing (%s)"):format(key, contract.whole) end
  end
  for _, key in ipairs(keys) do
    local types, got = contract.types[key], type(given[key])
    if #types > 0 and not tables.has(types, got) then
      return ("'%s' is %s (want %s)"):format(key, got, table.concat(types, " or ")), key
    end
  end
end

return M
