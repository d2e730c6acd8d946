-- page/init.lua - a recording and all that was collected as one HTML file.
--
-- The file holds the data (encode.lua says how), the style and the script of this folder, and
-- nothing else: it asks no network for anything, and its policy forbids that.
local fail = require "pyprof.base.fail"
local html = require "pyprof.base.html"
local misuse = require "pyprof.base.misuse"
local embedded = require "pyprof.core.embedded"
local calls = require "pyprof.page.calls"
local changes = require "pyprof.page.changes"
local encode = require "pyprof.page.encode"
local facts = require "pyprof.page.facts"
local functions_of = require "pyprof.page.functions"
local groups = require "pyprof.page.groups"
local memory = require "pyprof.page.memory"
local sources = require "pyprof.page.sources"
local summary = require "pyprof.page.summary"
local trees = require "pyprof.page.trees"
local array = require("pyprof.base.scalar").array
local profiles = require "pyprof.profile"

local M = {}

---@class pyprof.PageOptions
---@field source boolean|nil        false: without the text of the source
---@field order boolean|nil         false: without the order of samples in time
---@field limit_nodes integer|nil   at most so many nodes of the call tree
---@field before pyprof.Profile[]|nil   what to compare with
---@field compare "self"|"total"|nil    of a comparison

local most_nodes = (1 << 31) - 2

-- A file of this folder. The build joins all *.css and *.js to one of each.
local function asset(name)
  return embedded.read("lua/pyprof/page/" .. name)
end

-- Adds the trees of samples, and what belongs to them.
local function add_samples(data, collected, functions, options, run)
  local profile, notes = collected.profile, data.notes
  local page = trees.columns(profile, options, true)
  local order = page.order
  data.trees = array { trees.tree(page, profile, functions, options.before and "after" or nil) }
  data.order = trees.order(page)
  data.threads, data.processes = trees.threads(page)
  data.phases, data.tests = trees.tests(page, profile, collected.tests)
  if page.left_out > 0 then
    notes[#notes + 1] = ("%d nodes of the call tree are left out (--limit-nodes); their samples " ..
      "count for their callers"):format(page.left_out)
  end
  if not order.timed and options.order ~= false and profile.from then
    notes[#notes + 1] = "order in time: left out, because there are too many runs, or because a " ..
      "thread ran twice at once"
  end
  if options.before then changes.add(data, collected, functions, options, run) end
  local others = options.before and {} or trees.other_metrics(profile, page, run, notes)
  others[#others + 1] = collected.allocations
  for _, other in ipairs(others) do
    data.trees[#data.trees + 1] = trees.tree(trees.columns(other, options, false), other, functions)
  end
end

local function checked(options, collected)
  options = misuse.options(options, { "source", "order", "limit_nodes", "before", "compare" })
  local limit = options.limit_nodes
  if limit and (math.type(limit) ~= "integer" or limit < 0 or limit > most_nodes) then
    fail.usage("--limit-nodes: %s is no number of nodes (0 to %d)", tostring(limit), most_nodes)
  end
  for _, before in ipairs(options.before or {}) do
    profiles.want_samples(before, "page: before is a list of profiles", "diff")
  end
  if options.before then profiles.refuse_calls(collected.profile, "diff") end
  return options
end

--- The page.
---@param collected table<string, any>   what was collected, by name
---@param run pyprof.PageRun
---@param options pyprof.PageOptions|nil
---@return string
function M.of(collected, run, options)
  options = checked(options, collected)
  if not collected.profile and collected.recordings then
    collected.profile = changes.sum(collected.recordings)
  end
  local profile = collected.profile
  local of_calls = profiles.kind(profile) == "calls"
  local functions = functions_of.new(of_calls)
  local data = { format = 1, notes = facts.notes(collected, run) }
  if of_calls then
    data.calls = calls.of(profile, functions)
  else
    add_samples(data, collected, functions, options, run)
  end
  functions:join(collected)
  data.groups = array {}
  local names, group_of = groups.of(profile)
  table.move(names, 1, #names, 1, data.groups)
  local note
  data.sources, data.absent_sources, note = sources.of(collected, functions,
    options.source ~= false)
  data.notes[#data.notes + 1] = note
  data.functions = functions:columns(group_of)
  if of_calls then calls.add_figures(data.functions, profile) end
  data.memory = memory.of(collected, run)
  data.passes = run.passes and array(run.passes)
  data.files = encode.list(array(functions.files))
  data.meta = facts.meta(collected, run)
  if options.before then data.meta.kind = "diff" end
  local absent = options.source ~= false and #data.absent_sources or 0
  data.strip = facts.strip(data.meta, collected, absent, run.missing.source)
  data.missing = facts.missing(collected, run, options, data.order, absent)
  return M.assemble(data, profile)
end

--- The document of such data.
---@param data table
---@param profile pyprof.Profile|pyprof.Graph
---@return string
function M.assemble(data, profile)
  local meta = data.meta
  local style, script, body = asset "page.css", asset "page.js", asset "page.html"
  local without = summary.of(meta, data.strip, profile)
  local title = ("%s · %s · %s"):format(meta.title, meta.command, meta.date:sub(1, 10))
  return table.concat {
    html.head(title, style, script), "<body>\n",
    (body:gsub("@NOSCRIPT@", function() return without end)),
    '<script type="application/json" id="data">', encode.in_element(encode.json(data)),
    "</script>\n<script>", script, "</script>\n",
  }
end

return M
