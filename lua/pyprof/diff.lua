-- diff.lua - what changed between two profiles, and whether that can be chance.
--
-- One recording a side: the two-proportion test on samples. Samples of one run are no independent
-- draws, and runs differ by themselves, so a change counts as certain only if the share changed
-- by at least `floor`. Several recordings a side: Student's t on the runs' shares, which measures
-- that noise; a run's variance is taken to be at least what sampling alone makes. Either way
-- p-values are adjusted (Holm) for the functions whose share reached the floor at all: the others
-- cannot have changed by it.
--
-- Measured on 40 runs of one unchanged program of ten functions, 300 to 1,300 samples each, on a
-- busy machine of two cores: of 39 pairs of neighbouring runs 5 had a certain change (self), of 70
-- groups of 2 to 5 runs a side, taken in turn, none had. A function of 5 % made twice as slow was
-- found in 11 of 12 pairs, one made 1.5 times as slow in 4 of 12, and in 8 and 4 of 8 groups of 5.
local frame = require "pyprof.frame"
local misuse = require "pyprof.misuse"
local profile = require "pyprof.profile"
local rows = require "pyprof.rows"
local stats = require "pyprof.stats"
local suggest = require "pyprof.suggest"

local M = {}

local keys = { "by", "compare", "floor", "certain", "sort", "limit", "include", "exclude" }
local fields = {
  "name", "file", "line", "before", "after", "change", "before_weight", "after_weight",
  "change_weight", "before_share", "after_share", "change_share", "p_value", "certain",
}

local function side_of(value, which)
  if profile.is(value) then return { value } end
  if type(value) ~= "table" or #value == 0 then
    misuse.raise("diff: %s is a profile, or a list of them", which)
  end
  for _, p in ipairs(value) do
    require("pyprof.graph").refuse(p, "diff")
    if not profile.is(p) then misuse.raise("diff: %s is a profile, or a list of them", which) end
  end
  return value
end

local function check(query)
  query = misuse.options(query, keys)
  local compare = query.compare == nil and "self" or query.compare
  if compare ~= "self" and compare ~= "total" then
    misuse.raise("diff: %s", suggest.unknown("value of compare:", compare, { "self", "total" }))
  end
  local floor = query.floor == nil and 0.02 or query.floor
  if not math.type(floor) or floor < 0 then
    misuse.raise("diff: floor is a share, 0.02 for 2 %")
  end
  rows.sort_key(query, "change_share", fields)
  return query, compare, floor
end

-- --- the rows of one side: an entry for each key, with what each run has of it

local function rows_of(p, query)
  local narrowed = { include = query.include, exclude = query.exclude }
  local by = query.by
  if by == nil or by == "function" then return p:functions(narrowed) end
  if by == "line" then return p:lines(narrowed) end
  return p:by(by, narrowed)
end

local function collect(profiles, query, compare)
  local entries, of = {}, {}
  local side = { entries = entries, of = of, runs = profiles, samples = 0, weight = 0 }
  for run, p in ipairs(profiles) do
    side.samples, side.weight = side.samples + p.samples, side.weight + p.weight
    for _, row in ipairs(rows_of(p, query)) do
      local key = (row.file or "") .. "\0" .. row.name ..
        (query.by == "line" and "\0" .. row.line or "")
      local entry = of[key]
      if not entry then
        entry = { key = key, name = row.name, file = row.file, line = row.line, samples = {},
          weights = {} }
        of[key] = entry
        entries[#entries + 1] = entry
      end
      if row.line and row.line > 0 and row.line < entry.line then entry.line = row.line end
      entry.samples[run], entry.weights[run] = row[compare], row[compare .. "_weight"]
    end
  end
  table.sort(entries, function(a, b) return a.key < b.key end)
  return side
end

-- --- which entries of both sides are the same thing

-- The entries by another key, false where it is not unique.
local function unique_by(entries, key_of)
  local of = {}
  for _, entry in ipairs(entries) do
    local key = not entry.partner and key_of(entry)
    if key then of[key] = of[key] == nil and entry or false end
  end
  return of
end

local function join(a, b)
  a.partner, b.partner = b, a
end

local function by_module(entry)
  local module = frame.new(entry.name, entry.file, 0).module
  return module ~= "" and module .. "\0" .. entry.name
end

local function by_base_name(entry)
  local base = entry.file:match("[^/]+$")
  return base and base .. "\0" .. entry.name
end

local function match(before, after, query)
  for _, entry in ipairs(before.entries) do
    local other = after.of[entry.key]
    if other then join(entry, other) end
  end
  if query.by ~= nil and query.by ~= "function" then return end
  for _, key_of in ipairs { by_module, by_base_name } do
    local theirs = unique_by(after.entries, key_of)
    for key, entry in pairs(unique_by(before.entries, key_of)) do
      if entry and theirs[key] then join(entry, theirs[key]) end
    end
  end
end

-- --- the rows of the difference

local function sum(values)
  local total = 0
  for _, value in pairs(values) do total = total + value end
  return total
end

-- The mean of a run, whole where there is one run only.
local function per_run(entry, side, what)
  local total = entry and sum(entry[what]) or 0
  local runs = #side.runs
  return runs == 1 and total or total / runs
end

local function share_of(entry, side)
  if not entry or side.weight == 0 then return 0.0 end
  return sum(entry.weights) / side.weight
end

local function row_of(a, b, before, after)
  local here = b or a
  local row = {
    name = here.name, file = here.file, line = here.line,
    before = per_run(a, before, "samples"), after = per_run(b, after, "samples"),
    before_weight = per_run(a, before, "weights") + 0.0,
    after_weight = per_run(b, after, "weights") + 0.0,
    before_share = share_of(a, before), after_share = share_of(b, after),
  }
  row.change = row.after - row.before
  row.change_weight = row.after_weight - row.before_weight
  row.change_share = row.after_share - row.before_share
  return row
end

local function shares_by_run(entry, side)
  local shares = {}
  for run, p in ipairs(side.runs) do
    shares[run] = p.weight > 0 and (entry and entry.weights[run] or 0) / p.weight or 0
  end
  return shares
end

-- The chance of such a difference where nothing changed.
local function chance(a, b, before, after)
  local samples_a, samples_b = a and sum(a.samples) or 0, b and sum(b.samples) or 0
  if #before.runs + #after.runs == 2 then
    return stats.two_proportions(samples_a, before.samples, samples_b, after.samples)
  end
  local all = before.samples + after.samples
  local share = all > 0 and (samples_a + samples_b) / all or 0
  local samples_a_run = all / (#before.runs + #after.runs)
  local least = samples_a_run > 0 and share * (1 - share) / samples_a_run or 0
  return stats.means(shares_by_run(a, before), shares_by_run(b, after), least)
end

local function judge(list, floor)
  local tested, p = {}, {}
  for _, pair in ipairs(list) do
    local row = pair.row
    row.p_value, row.certain = 1.0, false
    if math.max(row.before_share, row.after_share) >= floor then
      tested[#tested + 1] = row
      p[#p + 1] = pair.chance()
    end
  end
  for i, adjusted in ipairs(stats.holm(p)) do
    tested[i].p_value = adjusted
    tested[i].certain = adjusted < 0.05 and math.abs(tested[i].change_share) >= floor
  end
end

--- One row for each function (or what `by` says) of either side. before, after, change: samples,
--- and _weight and _share of each; with several recordings a side samples and weights are the
--- means of a run. p_value is adjusted; certain: it is below 0.05 and the change of share is at
--- least floor. Sorted by the size of the change of share.
---@param a pyprof.Profile|pyprof.Profile[]
---@param b pyprof.Profile|pyprof.Profile[]
---@param query table|nil   by, compare ("self", "total"), floor (0.02), certain (only such rows),
--- sort, limit, include, exclude
---@return table[]
function M.diff(a, b, query)
  local before_runs, after_runs = side_of(a, "before"), side_of(b, "after")
  local compare, floor
  query, compare, floor = check(query)
  for _, list in ipairs { before_runs, after_runs } do
    for _, p in ipairs(list) do
      if p.metric ~= before_runs[1].metric then
        misuse.raise("diff: metrics differ: %s and %s", before_runs[1].metric, p.metric)
      end
    end
  end
  local before = collect(before_runs, query, compare)
  local after = collect(after_runs, query, compare)
  match(before, after, query)
  local list = {}
  local function add(one, other)
    list[#list + 1] = {
      row = row_of(one, other, before, after),
      chance = function() return chance(one, other, before, after) end,
    }
  end
  for _, entry in ipairs(before.entries) do add(entry, entry.partner) end
  for _, entry in ipairs(after.entries) do
    if not entry.partner then add(nil, entry) end
  end
  judge(list, floor)
  local result = {}
  for _, pair in ipairs(list) do
    local row = pair.row
    if (row.before > 0 or row.after > 0) and (not query.certain or row.certain) then
      result[#result + 1] = row
    end
  end
  if query.sort == nil then
    for _, row in ipairs(result) do row.size = math.abs(row.change_share) end
    result = rows.sort(result, #result > 0 and "size" or "name")
    for _, row in ipairs(result) do row.size = nil end
    return rows.cut(result, query)
  end
  return rows.finish(result, query, "name", fields)
end

return M
