-- page/changes.lua - a comparison: the tree of before, and the changes of functions.
local encode = require "pyprof.page.encode"
local trees = require "pyprof.page.trees"
local diff = require "pyprof.profile.diff"

local M = {}

local fields = { before = "before", before_weight = "before_weight", before_share = "before_share",
  after = "after", after_weight = "after_weight", after_share = "after_share", p_value = "p",
  certain = "certain" }

--- One profile of several.
---@param list pyprof.Profile[]
---@return pyprof.Profile
function M.sum(list)
  local all = list[1]
  for i = 2, #list do all = all + list[i] end
  return all
end

-- What the user named; a script names nothing.
local function name_of(paths)
  return type(paths) == "table" and table.concat(paths, ", ") or "before"
end

local function side(profile, name, runs)
  return { name = name, samples = profile.samples, weight = profile.weight, runs = runs }
end

--- Adds the other tree and `diff`.
---@param data table
---@param collected table<string, any>
---@param functions pyprof.PageFunctions
---@param options pyprof.PageOptions
---@param run pyprof.PageRun
function M.add(data, collected, functions, options, run)
  local compare = options.compare or "self"
  local before, after = M.sum(options.before), collected.profile
  local runs = collected.recordings or { after }
  for _, it in ipairs(diff.moved(options.before, runs)) do
    functions:same(it.name, it.before_file, functions:number(it.name, it.file, it.line))
  end
  data.trees[2] = trees.tree(trees.columns(before, options, false), before, functions, "before")
  local rows = diff.diff(options.before, runs, { compare = compare })
  table.sort(rows, function(a, b)
    if a.certain ~= b.certain then return a.certain end
    local one, other = math.abs(a.change_share), math.abs(b.change_share)
    if one ~= other then return one > other end
    if a.name ~= b.name then return a.name < b.name end
    return a.file < b.file
  end)
  local lists = { ["function"] = {} }
  for _, name in pairs(fields) do lists[name] = {} end
  for i, row in ipairs(rows) do
    lists["function"][i] = functions:number(row.name, row.file, row.line)
    for field, name in pairs(fields) do lists[name][i] = row[field] end
  end
  for name, list in pairs(lists) do lists[name] = encode.raw(encode.json(list, #rows)) end
  data.diff = {
    compare = compare, changes = encode.list(lists),
    before = side(before, name_of(run.options.before), #options.before),
    after = side(after, run.target.name, #runs),
  }
end

return M
