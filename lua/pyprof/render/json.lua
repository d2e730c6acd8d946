-- render/json.lua - the sections as one JSON value, their rows written as they come.
local json = require "pyprof.base.json"
local string_of = require("pyprof.base.scalar").string_of
local ndjson = require "pyprof.render.ndjson"
local columns = require "pyprof.rows.columns"

local M = {}

local function write_rows(section, write, context, indent)
  local resolved, rank, write_row = section.columns, 0, nil
  local first, between = "\n" .. indent .. "  ", ",\n" .. indent .. "  "
  write("[")
  for row in section.rows do
    rank = rank + 1
    write_row = write_row or ndjson.writer(resolved or columns.of_row(row, context.unit), "}")
    write_row(row, rank, write, rank == 1 and first or between)
  end
  write(rank > 0 and "\n" .. indent or "", "]")
end

-- The sorted titles, and the sections by title; a title that is taken gets a number.
local function named(sections, verdict)
  local names, of = {}, {}
  for key in pairs(verdict or {}) do of[key] = true end
  for i, section in ipairs(sections) do
    local title, number = section.title or "rows", 1
    local name = title
    while of[name] do
      number = number + 1
      name = ("%s %d"):format(title, number)
    end
    names[i], of[name] = name, section
  end
  table.sort(names)
  return names, of
end

--- Writes a single object as it is, a single table as an array of objects, and several sections as
--- an object by title, which also has a `verdict` and its reason as `because`.
---@param sections pyprof.Section[]
---@param write fun(...: string)
---@param context pyprof.RenderContext
function M.render(sections, write, context)
  local tables, verdict = {}, nil
  for _, section in ipairs(sections) do
    if section.rows or section.object ~= nil then tables[#tables + 1] = section end
    -- The worst of several verdicts is written.
    if section.verdict and (not verdict or section.verdict ~= "passed" and
      verdict.verdict ~= "failed") then
      verdict = { verdict = section.verdict, because = section.because }
    end
  end
  local function write_section(section, indent)
    if section.object ~= nil then return json.write_value(section.object, write, indent) end
    write_rows(section, write, context, indent)
  end
  if #tables == 1 and not verdict then
    write_section(tables[1], "")
  else
    local names, of = named(tables, verdict)
    write("{")
    for i, name in ipairs(names) do
      write(i > 1 and "," or "", "\n  ", string_of(name), ": ")
      write_section(of[name], "  ")
    end
    if verdict then
      write(#tables > 0 and "," or "", "\n  \"verdict\": ", string_of(verdict.verdict))
      if verdict.because then
        write(",\n  \"because\": ", string_of(verdict.because))
      end
    end
    write("\n}")
  end
  write("\n")
end

return M
