-- base/contract.lua - which fields a table may have: one that a report, a collector, a column, an
-- argument or config.lua consists of.
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"

local M = {}

---@class pyprof.Contract
---@field kind string                  what a field is called in complaints: "field", "key"
---@field names string[]               the fields, in the order in which complaints list them
---@field types table<any, string[]>   the types that a field may have; none: any
---@field required string[]
---@field whole string                 "a report has help and run"

--- A contract of its fields: { name, type, another type … } each, in the order in which complaints
--- list them. A place in a list, 1, is a field that no complaint lists.
---@param kind string            "field" or "key"
---@param fields any[][]
---@param required string[]|nil  the fields that must be there
---@param what string|nil        what has them: "a report"
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

--- What is wrong with a table, and the field that is at fault. Of several faults it is always the
--- same one.
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
