local check = dofile("tests/lua/check.lua")
local pyprof = require "pyprof"

local function shown(kind, list)
  local texts = {}
  for i, value in ipairs(list) do texts[i] = pyprof.format(value, kind) end
  return texts
end

check.test("seconds have three decimals", function()
  check.equal(shown("seconds", { 0, 1, 0.0004, 12.3456, -0.0001, 86400 }),
    { "0.000 s", "1.000 s", "0.000 s", "12.346 s", "0.000 s", "86400.000 s" })
end)

check.test("a duration has three digits in the unit that suits", function()
  check.equal(shown("duration", { 0, 1, 1.2345, 123.456, 0.0123, 0.99951e-3, 0.9994e-3, 4.56e-6,
    2e-9, -0.25, 0.09996, 86400 }),
    { "0.00 ns", "1.00 s", "1.23 s", "123 s", "12.3 ms", "1.00 ms", "999 µs", "4.56 µs", "2.00 ns",
      "-250 ms", "100 ms", "86400 s" })
end)

check.test("bytes have the unit that leaves a number to read", function()
  check.equal(shown("bytes", { 0, 1, 1023, 1024, 1536, 1023.96 * 1024, 2 ^ 30, 2 ^ 50, -2048 }),
    { "0 B", "1 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "1.0 GiB", "1024.0 TiB",
      "-2.0 KiB" })
end)

check.test("a share is a percentage of two decimals", function()
  check.equal(shown("percent", { 0, 1, 0.12345, -0.00001, -0.25 }),
    { "0.00%", "100.00%", "12.35%", "0.00%", "-25.00%" })
end)

check.test("counts have their thousands apart", function()
  check.equal(shown("count", { 0, 999, 1000, 1234567, -1000, 2.0, 1234.567 }),
    { "0", "999", "1,000", "1,234,567", "-1,000", "2", "1,234.57" })
end)

check.test("a list of numbers is a row of bars, from nothing to the largest", function()
  check.equal(shown("sparkline", { { 0, 1, 2, 4, 8 }, {}, { 0, 0 }, { 0.001, 1 } }),
    { " ▁▂▄█", "", "  ", "▁█" })
end)

check.test("what is misused says so, with a suggestion", function()
  check.error(function() pyprof.format(1, "secnds") end,
    "unknown kind 'secnds' (did you mean 'seconds'?)")
  check.error(function() pyprof.format("1", "bytes") end,
    "a number is wanted for bytes, not a string")
  check.error(function() pyprof.format(1, "sparkline") end, "a list of numbers is wanted")
end)

check.finish()
