-- render/sarif.lua - a report's findings as SARIF 2.1.0, which code hosts and editors show beside
-- the source.
local fail = require "pyprof.base.fail"
local json = require "pyprof.base.json"
local scalar = require "pyprof.base.scalar"
local shown = require "pyprof.base.shown"
local suggest = require "pyprof.base.suggest"
local tables = require "pyprof.base.tables"
local version = require "pyprof.version"

local M = {}

local schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" ..
  "sarif-schema-2.1.0.json"
local levels = { "error", "warning", "note" }

-- A path as a URI: relative to the working directory, so that a code host finds it in its checkout.
local function uri(path)
  local relative, is_below = shown.below(path)
  local text = relative:gsub("^%./", ""):gsub("[^%w%-._~/]", function(c)
    return ("%%%02X"):format(c:byte())
  end)
  return (not is_below and path:find("^/") and "file://" or "") .. text
end

local function location(row)
  local place = { physicalLocation = { artifactLocation = { uri = uri(row.file) } } }
  if (row.line or 0) > 0 then
    place.physicalLocation.region = { startLine = row.line, startColumn = row.column }
  end
  local name = row.definition or row.worst or row.name
  if name then
    place.logicalLocations = { { fullyQualifiedName = name, kind = "function" } }
  end
  return place
end

local function result_of(row, finding, name, rule)
  local message, level = finding(row)
  if message == nil then return nil end
  level = level or "warning"
  if not tables.has(levels, level) then
    fail.refused("%s: finding: %s", name, suggest.unknown("level", tostring(level), levels))
  end
  local has_place = type(row.file) == "string" and row.file ~= ""
  return { ruleId = rule, ruleIndex = 0, level = level, message = { text = tostring(message) },
    locations = scalar.array(has_place and { location(row) } or {}) }
end

--- Refuses a report that has no findings.
---@param report pyprof.Report
---@param name string            the report's name
function M.check(report, name)
  if not report.finding then
    fail.usage("--format sarif: %s has no findings (grep, risk, unused and budget have)", name)
  end
end

--- The sections of a report as one section, the log. `finding` of the report makes each row's
--- message.
---@param sections pyprof.Section[]
---@param report pyprof.Report
---@param name string            the report's name
---@return pyprof.Section[]
function M.sections(sections, report, name)
  M.check(report, name)
  local results, rule = {}, name:match("[^/]*$"):gsub("%.lua$", "")
  for _, section in ipairs(sections) do
    for row in section.rows or function() end do
      results[#results + 1] = result_of(row, report.finding, name, rule)
    end
  end
  local driver = { name = "pyprof-lua", version = version, semanticVersion = version,
    rules = { { id = rule, shortDescription = { text = report.help } } } }
  local log = { ["$schema"] = schema, version = "2.1.0", runs = { {
    tool = { driver = driver }, columnKind = "unicodeCodePoints",
    results = scalar.array(results) } } }
  -- The verdict stays: it decides the exit status.
  local all = { { object = log } }
  for _, section in ipairs(sections) do
    if section.verdict then all[#all + 1] = section end
  end
  return all
end

--- Writes the log.
---@param sections pyprof.Section[]
---@param write fun(...: string)
function M.render(sections, write)
  json.write_value(sections[1].object, write, "")
  write("\n")
end

return M
