-- base/units.lua - values as text for people.
local misuse = require "pyprof.base.misuse"
local shown = require "pyprof.base.shown"
local suggest = require "pyprof.base.suggest"

local M = {}

local scales = { "B", "KiB", "MiB", "GiB", "TiB" }
local spans = { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "µs" }, { 1e-9, "ns" } }
local blocks = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- Puts commas between thousands: 1,234,567.
local function grouped(text)
  local sign, digits, rest = text:match("^(-?)(%d+)(.*)$")
  if not digits then return text end
  digits = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. digits .. rest
end

-- A number that rounds to zero has no sign.
local function unsigned_zero(text)
  return text:find("^%-0[.0]*$") and text:sub(2) or text
end

--- So many of something: "1 sample", "2 samples".
---@param count integer
---@param noun string
---@return string
function M.several(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

M.kinds = {
  percent = function(value) return unsigned_zero(("%.2f"):format(100 * value)) .. "%" end,
  seconds = function(value) return unsigned_zero(("%.3f"):format(value)) .. " s" end,
  -- Three digits, in the unit that suits.
  duration = function(value)
    local size = math.abs(value)
    for i, span in ipairs(spans) do
      local scaled = size / span[1]
      -- 0.9995 ms would be written as 1000 µs.
      if scaled >= 0.9995 or i == #spans then
        local digits = scaled >= 99.95 and 0 or scaled >= 9.995 and 1 or 2
        local text = ("%." .. digits .. "f"):format(value / span[1])
        return unsigned_zero(text) .. " " .. span[2]
      end
    end
  end,
  count = function(value)
    return grouped(math.tointeger(value) and ("%d"):format(value) or ("%.2f"):format(value))
  end,
  bytes = function(value)
    if math.abs(value) < 1024 then
      return unsigned_zero(("%.0f"):format(math.tointeger(value) or value)) .. " B"
    end
    local scale, scaled = 1, value
    -- 1023.95 KiB would be written as 1024.0 KiB.
    while math.abs(scaled) >= (scale == 1 and 1024 or 1023.95) and scale < #scales do
      scale, scaled = scale + 1, scaled / 1024
    end
    return ("%.1f %s"):format(scaled, scales[scale])
  end,
  -- A list of numbers as a row of bars, from 0 to the largest of them.
  sparkline = function(values)
    local most, bars = 0, {}
    for _, value in ipairs(values) do most = math.max(most, value) end
    for i, value in ipairs(values) do
      local height = most > 0 and value > 0 and math.ceil(value / most * #blocks) or 0
      bars[i] = height > 0 and blocks[height] or " "
    end
    return table.concat(bars)
  end,
  path = shown.path,
  name = shown.name,
  samples = function(value) return M.several(value, "sample") end,
}
M.names = { "seconds", "duration", "bytes", "percent", "count", "samples", "sparkline", "path",
  "name" }

-- What a kind formats, other than a number.
local types = { sparkline = "table", path = "string", name = "string" }
local type_names = { table = "list of numbers", string = "text" }

--- A number as text: seconds with three decimals, a duration in seconds with three digits in the
--- unit that suits, bytes with their unit, a share as a percentage with two decimals, a count with
--- commas between thousands, "1 sample" or "2 samples"; a list of numbers as a row of bars;
--- a path, or the name of a function, as reports show it.
---@param value number|number[]|string
---@param kind string   one of M.names
---@return string
function M.format(value, kind)
  local show = M.kinds[kind]
  if not show then
    misuse.raise("format: %s",
      suggest.unknown("kind", kind, M.names))
  end
  local wanted = types[kind] or "number"
  if type(value) ~= wanted then
    misuse.raise("format: a %s is wanted for %s, not a %s",
      type_names[wanted] or wanted, kind, type(value))
  end
  return show(value)
end

--- A weight in the profile's unit, for a table's column: seconds and bytes as they are, other
--- units as numbers.
---@param value number
---@param unit string
---@return string
function M.weight(value, unit)
  if unit == "bytes" then return M.kinds.bytes(value) end
  if unit ~= "seconds" and math.tointeger(value) then return ("%d"):format(value) end
  return unsigned_zero(("%.3f"):format(value))
end

return M
