-- A template and columns, made of the same words, give text or an error of the report.
local columns = require "pyprof.rows.columns"
local template = require "pyprof.rows.template"

local rows = {
  { name = "f", file = "a.py", line = 7, self = 3, self_share = 0.5, self_weight = 0.03,
    depth = 2 },
  { name = "caf\xc3", file = "", line = 0, self = -1, self_share = 0 / 0, self_weight = 1 / 0,
    change_share = -0.25, depth = 0 },
  { name = "", line = math.mininteger, self = 1e300, frames = { { name = "a" }, { name = "b" } },
    change_weight = 2048, list = { 1, { x = true } }, flag = false },
}
local units = { "none", "seconds", "bytes", "nanoseconds" }

-- A message that begins with a place in the library shows a fault of the library itself.
local function require_complaint(message)
  assert(type(message) == "string" and not message:find("^lua/pyprof/"), message)
end

local function specs_of(bytes)
  local specs = {}
  for word in bytes:gmatch("[^\n{}]+") do
    local name, key, value = word:match("^(.-);(%l+)=(.*)$")
    specs[#specs + 1] = name and { name, [key] = value } or word
  end
  return specs
end

-- A format may not suit a value: that is the report's fault, and it is said.
local function draw(resolved)
  for _, column in ipairs(resolved) do
    assert(type(column.head) == "string" and #column.fields > 0)
    for rank, row in ipairs(rows) do
      local good, text = pcall(column.cell, row, rank)
      if good then assert(type(text) == "string") else require_complaint(text) end
      for _, field in ipairs(column.fields) do columns.value(field, row, rank) end
    end
  end
  columns.fields(resolved)
end

return function(bytes)
  local words, between = bytes:match("^([^\0]*)%z?(.*)$")
  local good, text = pcall(template.fill, words, rows, between)
  if good then assert(type(text) == "string") else require_complaint(text) end
  local unit = units[#bytes % #units + 1]
  local resolved
  good, resolved = pcall(columns.resolve, specs_of(bytes), unit, "fuzz.lua")
  if good then draw(resolved) else require_complaint(resolved) end
end
