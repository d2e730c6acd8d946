-- profile/imports.lua - the time of imports, from the stacks that hold frames of importlib.
--
-- An import begins at a frame of importlib. The next `<module>` frame names its module; a frame of
-- ExtensionFileLoader loads a module that has no such frame. Until then importlib looks for the
-- module, reads it and compiles it: that time goes to the module that the same line is seen to
-- import, or that its text names. Where that is no module, or several, the row has the line's name.
-- `import a.b` imports a, then a.b: importlib calls itself for a, so its depth tells the two apart.
local misuse = require "pyprof.base.misuse"
local frame = require "pyprof.profile.frame"
local import_lines = require "pyprof.profile.import_lines"
local totals = require "pyprof.profile.totals"
local tree = require "pyprof.profile.tree"
local rows = require "pyprof.rows"

local M = {}

local keys = { "tree", "min_share", "sort", "limit", "of" }

--- The options of each method.
M.options = { imports = keys }

local fields = {
  "name", "file", "importer", "self", "total", "self_weight", "total_weight", "self_share",
  "total_share",
}

--- Which frames belong to the import system, as a selector.
---@param it pyprof.Frame
---@return boolean
function M.is_machinery(it)
  return it.file:find("^<frozen importlib") ~= nil or it.file == "<frozen zipimport>" or
    it.module == "importlib" and it.origin == "stdlib"
end

-- What a frame is to an import, by the frame's table: stacks share these.
local function judge()
  local known = {}
  return function(it)
    local found = known[it]
    if found then return found end
    local described = frame.new(it.name, it.file, it.line)
    local machinery = M.is_machinery(described)
    found = {
      module = described.module, machinery = machinery,
      generated = it.file:find("^<") and not it.file:find("^<frozen "),
      -- It also stands below a loader, where no import begins.
      begins = machinery and it.name ~= "_call_with_frames_removed",
      runs = it.name == "<module>",
      -- Up to Python 3.10 names are not qualified; the other create_module take no time.
      extension = machinery and it.file:find("_bootstrap_external", 1, true) and
        (it.name:find("^ExtensionFileLoader%.%l+_module$") or it.name == "create_module"),
    }
    known[it] = found
    return found
  end
end

-- "a.x:12": the module and the line of a frame; "" for none.
local function place_of(it, judged)
  if not it or it.file == "" then return "" end
  return judged(it).module .. (it.line > 0 and ":" .. it.line or "")
end

local function child(parent, key, values)
  local it = parent.by_key[key]
  if it then return it end
  it = values
  it.key, it.by_key, it.samples, it.weight = key, {}, 0, 0
  parent.by_key[key], parent[#parent + 1] = it, it
  return it
end

-- Finds the import in which a stack ends. `importer` is the frame that waits for a module: false if
-- there is no such frame, nil if no import has begun. `direct`: the recording has no importlib.
local function walk(root, frames, judged, direct)
  local at, last, importer, depth, sub = root, false, nil, 0, false
  local function enter(key, name, file, place, unnamed)
    at = child(at, key, { name = name, file = file, importer = place, depth = depth, sub = sub,
      from = importer, unnamed = unnamed })
    importer = nil
  end
  for _, it in ipairs(frames) do
    local what = judged(it)
    if what.machinery then
      if importer == nil and what.begins then importer, depth, sub = last, 0, false end
      if it.name == "_find_and_load" then depth = depth + 1 end
      sub = sub or it.name == "_handle_fromlist"
      if importer ~= nil and what.extension then
        local place = place_of(importer, judged)
        local name = place == "" and "(extension)" or ("(extension at %s)"):format(place)
        enter(name, name, "", place, "extension")
      end
    else
      if direct and what.runs and last and judged(last).runs and not what.generated then
        importer = last
      end
      if what.runs and importer ~= nil then
        local place = place_of(importer, judged)
        local name = what.generated and (place == "" and it.file or it.file .. " at " .. place)
          or what.module
        enter(what.generated and name or it.file, name, it.file, place)
      end
      last = it
    end
  end
  if importer == nil then return at end
  local place = place_of(importer, judged)
  local name = place == "" and "(import)" or ("(import at %s)"):format(place)
  enter(name .. depth .. tostring(sub), name, "", place, "import")
  return at
end

-- The imports below that have a module's name, by that name.
local function modules_below(it, known)
  for _, inner in ipairs(it) do
    if not inner.unnamed then known[inner.name] = known[inner.name] or inner end
    modules_below(inner, known)
  end
  return known
end

-- The last two parts of an own file's path need not be its module: "lib.parts" of
-- lib/parts/__init__.py. What the importing line says counts, in the importers of others, too.
local function rename(root, judged, named_by)
  local said = {}
  local function each(it, change)
    for _, inner in ipairs(it) do
      change(inner)
      each(inner, change)
    end
  end
  each(root, function(it)
    local name = not it.unnamed and it.from and
      named_by(it.from, judged(it.from).module, it.depth, it.sub)
    if name and it.name:sub(-#name - 1) == "." .. name then said[it.name] = name end
  end)
  each(root, function(it)
    it.name = said[it.name] or it.name
    local importer, line = it.importer:match("^(.*)(:%d+)$")
    if said[importer] then it.importer = said[importer] .. line end
  end)
end

-- Gives the time of a line without a module to the module that this line imports.
local function join_lines(parent, judged, named_by, known)
  local only, by_name = {}, {}
  local function line_of(it) return ("%s %d %s"):format(it.importer, it.depth, it.sub) end
  for _, it in ipairs(parent) do
    local line = line_of(it)
    if not it.unnamed then
      only[line], by_name[it.name] = only[line] == nil and it, it
    end
  end
  for i = #parent, 1, -1 do
    local it = parent[i]
    local name = it.unnamed and it.from and
      named_by(it.from, judged(it.from).module, it.depth, it.sub)
    local owner = it.unnamed == "import" and (by_name[name or 0] or only[line_of(it)])
    if owner then
      owner.samples, owner.weight = owner.samples + it.samples, owner.weight + it.weight
      table.remove(parent, i)
    else
      if name then
        local same = known[name]
        it.key, it.name, it.file = same and same.key or name, name, same and same.file or ""
        by_name[name] = by_name[name] or it
      end
      join_lines(it, judged, named_by, known)
    end
  end
end

-- Adds the time of what each import imports to its own.
local function add_up(it)
  it.total, it.total_weight = it.samples, it.weight
  for _, inner in ipairs(it) do
    add_up(inner)
    it.total, it.total_weight = it.total + inner.total, it.total_weight + inner.total_weight
  end
end

local function row_of(it, share)
  return {
    name = it.name, file = it.file, importer = it.importer,
    self = it.samples, self_weight = it.weight, self_share = share(it.weight),
    total = it.total, total_weight = it.total_weight, total_share = share(it.total_weight),
  }
end

-- Parents first.
local function tree_rows(root, share, query)
  local result, least = {}, query.min_share or 0
  local function add(it, depth, parent)
    local below = {}
    for _, inner in ipairs(it) do
      local row = row_of(inner, share)
      row.depth, row.parent, row.node = depth, parent, inner
      if row.total_share >= least then below[#below + 1] = row end
    end
    for _, row in ipairs(rows.sort(below, query.sort or "total_weight")) do
      local rank = #result + 1
      result[rank] = row
      add(row.node, depth + 1, rank)
      row.node = nil
    end
  end
  add(root, 0, nil)
  return rows.cut(result, query)
end

-- A row a module. What is imported again below itself counts once.
local function list_rows(root, share, query)
  local result, by_key, open = {}, {}, {}
  local function add(it)
    local row, inside = by_key[it.key], open[it.key]
    if not row then
      row = row_of(it, share)
      by_key[it.key], result[#result + 1] = row, row
    else
      row.self, row.self_weight = row.self + it.samples, row.self_weight + it.weight
      if not inside then
        row.total, row.total_weight = row.total + it.total, row.total_weight + it.total_weight
      end
      row.self_share, row.total_share = share(row.self_weight), share(row.total_weight)
    end
    open[it.key] = true
    for _, inner in ipairs(it) do add(inner) end
    open[it.key] = inside
  end
  for _, it in ipairs(root) do add(it) end
  local least = query.min_share or 0
  return rows.finish(rows.filter(result, function(row) return row.total_share >= least end),
    query, "total_weight", fields)
end

--- See Profile:imports.
---@param data table      the profile's
---@param inside table    that of its samples that hold frames of the import system, or `data`
---@param query table|nil
---@return pyprof.ImportRow[]
function M.imports(data, inside, query)
  query = misuse.options(query, keys)
  local least = query.min_share
  if least ~= nil and not math.type(least) then
    misuse.raise("min_share is a number, 0.01 for 1 %")
  end
  rows.sort_key(query, "total_weight", fields)
  local share, judged = totals.share(data, query), judge()
  local root = { by_key = {}, samples = 0, weight = 0 }
  for _, stack in ipairs(tree.stacks(inside, { by = "line" })) do
    local it = walk(root, stack.frames, judged, inside == data)
    it.samples, it.weight = it.samples + stack.samples, it.weight + stack.weight
  end
  local named_by = import_lines.reader()
  rename(root, judged, named_by)
  join_lines(root, judged, named_by, modules_below(root, {}))
  add_up(root)
  return (query.tree and tree_rows or list_rows)(root, share, query)
end

return M
