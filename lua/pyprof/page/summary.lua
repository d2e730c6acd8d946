-- page/summary.lua - what a browser without JavaScript shows of a page.
local html = require "pyprof.base.html"
local units = require "pyprof.base.units"
local profiles = require "pyprof.profile"

local M = {}

local rows = 10

local function cell(text, class)
  return ("<td%s>%s</td>"):format(class and (' class="%s"'):format(class) or "", html.shown(text))
end

local function top(profile)
  local lines = { "<table><thead><tr><th scope=\"col\">Self<th scope=\"col\">Total" ..
    "<th scope=\"col\">Function<th scope=\"col\">Place</tr></thead><tbody>" }
  for _, row in ipairs(profile:functions { limit = rows }) do
    lines[#lines + 1] = "<tr>" .. cell(units.format(row.self_share, "percent"), "number") ..
      cell(units.format(row.total_share, "percent"), "number") .. cell(row.name) ..
      cell(row.line > 0 and ("%s:%d"):format(row.file, row.line) or row.file) .. "</tr>"
  end
  lines[#lines + 1] = "</tbody></table>"
  return table.concat(lines, "\n")
end

--- The element.
---@param meta table
---@param strip { text: string }[]
---@param profile pyprof.Profile|pyprof.Graph|nil
---@return string
function M.of(meta, strip, profile)
  local facts = {}
  for i, fact in ipairs(strip) do facts[i] = html.shown(fact.text) end
  local found = { '<noscript><div class="noscript">',
    "<h1>" .. html.shown(meta.command) .. "</h1>" }
  if meta.samples then
    found[#found + 1] = ("<p>%s in %s samples</p>"):format(html.shown(units.weight(meta.weight,
      meta.unit) .. (meta.unit == "seconds" and " s" or "")), units.format(meta.samples, "count"))
  end
  found[#found + 1] = "<p>" .. table.concat(facts, " · ") .. "</p>"
  local any = profile and (profiles.kind(profile) == "calls" or profile.samples > 0)
  found[#found + 1] = any and top(profile) or "<p>Nothing was sampled.</p>"
  found[#found + 1] = "<p>The graphs, the source and the tables need JavaScript.</p>"
  found[#found + 1] = "</div></noscript>"
  return table.concat(found, "\n")
end

return M
