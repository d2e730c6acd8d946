-- The fields that a table may have, and the error for other fields.
local check = dofile("tests/lua/check.lua")
local contract = require "pyprof.base.contract"
local tables = require "pyprof.base.tables"

local made = contract.new("field", {
  { 1 }, { "help", "string" }, { "run", "function" }, { "colours", "table", "boolean" }, { "any" },
}, { "help", "run" }, "a report")

local function fault(given)
  local message, key = contract.fault(made, given)
  return tostring(message) .. " | " .. tostring(key)
end

check.test("a table that holds to its contract has no fault", function()
  check.equal(contract.fault(made, { 5, help = "x", run = print, colours = false, any = 1 }), nil)
  check.equal(contract.fault(made, { help = "x", run = print, colours = {} }), nil)
end)

check.test("an unknown field, a missing one and a wrong type are named", function()
  check.equal(fault { help = "x", run = print, hlep = 1 },
    "unknown field 'hlep' (did you mean 'help'?) | hlep")
  check.equal(fault { run = print }, "'help' is missing (a report has help and run) | nil")
  check.equal(fault { help = 1, run = print }, "'help' is number (want string) | help")
  check.equal(fault { help = "x", run = print, colours = 1 },
    "'colours' is number (want table or boolean) | colours")
end)

check.test("of several faults always the same one is named, whatever the keys are", function()
  local given = { help = "x", run = print, [2] = 1, [true] = 1, zz = 1 }
  check.equal(fault(given), "unknown field '2' (one of: help, run, colours, any) | 2")
  check.equal(tables.names { b = 1, [10] = 1, [true] = 1 }, { "10", "b", "true" })
end)

check.finish()
