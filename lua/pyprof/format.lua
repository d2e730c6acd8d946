-- format.lua - values as people read them.
local M = {}

local scales = {
  bytes = { { 1, "B" }, { 2 ^ 10, "KiB" }, { 2 ^ 20, "MiB" }, { 2 ^ 30, "GiB" },
    { 2 ^ 40, "TiB" } },
}

-- Thousands apart: 1,234,567.
local function grouped(text)
  local sign, digits, rest = text:match("^(-?)(%d+)(.*)$")
  if not digits then return text end
  digits = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. digits .. rest
end

--- A number as text: seconds with three decimals, bytes with their unit, a share as a percentage
--- with two decimals, a count with its thousands apart.
---@param value number
---@param kind "seconds"|"bytes"|"percent"|"count"
---@return string
function M.format(value, kind)
  if kind == "percent" then return ("%.2f%%"):format(100 * value) end
  if kind == "seconds" then return ("%.3f s"):format(value) end
  if kind == "count" then
    return grouped(math.tointeger(value) and ("%d"):format(value) or ("%.2f"):format(value))
  end
  if kind == "bytes" then
    local scale = scales.bytes[1]
    for _, candidate in ipairs(scales.bytes) do
      if math.abs(value) >= candidate[1] then scale = candidate end
    end
    return (scale[1] == 1 and "%d %s" or "%.1f %s"):format(
      scale[1] == 1 and math.floor(value) or value / scale[1], scale[2])
  end
  error("format: " .. require("pyprof.suggest").unknown("kind", kind,
    { "seconds", "bytes", "percent", "count" }), 2)
end

--- A weight in the profile's unit, for a table's column: seconds and bytes as they are, other
--- units as numbers.
---@param value number
---@param unit string
---@return string
function M.weight(value, unit)
  if unit == "seconds" then return ("%.3f"):format(value) end
  if unit == "bytes" then return M.format(value, "bytes") end
  if math.tointeger(value) then return ("%d"):format(value) end
  return ("%.3f"):format(value)
end

return M
