-- profile/diff.lua - finds changes between profiles, and tells whether they can be chance.
--
-- Runs of one unchanged program differ by more than sampling explains, because the machine is slow
-- at times. A function that is spread evenly over a run changes little by that; a function that
-- runs in one stretch changes by all of it. So a run's share has a variance of
--
--   P (1 - P) / samples  +  (slowness · P (1 - P))² · together
--
-- where `together` is the probability that two samples of the function are in the same tenth of the
-- run, and slowness is the assumed variation of a tenth. The test is Student's t with that
-- variance. Several recordings a side show how much runs really differ: the more there are, the
-- less the assumption counts. p-values are adjusted (Holm) for the number of functions whose share
-- reached the floor; the share of the others cannot have changed by that much.
--
-- tests/bench/bench_diff.py measured this on a busy machine of two cores, with 32 runs of 400 to
-- 1,100 samples of a program whose ten functions take turns, and 32 runs of a program in which each
-- function has its own stretch. How often a change was certain, of the 496 pairs and 150 groups:
--
--   recordings a side                          in turn: 1   2   3   5   own stretch: 1   2   3   5
--   nothing changed                               1.0 2.7 2.0 0.7 %         1.8 1.3 2.0 2.0 %
--   a function of 10 % made 1.5 times as slow       2  19  48  89 %           0   9  12  29 %
--   made twice as slow                             70  99 100 100 %          10  40  56  81 %
--   one of 8 %, 1.5 times                           4  15  45  80 %           4  14  41  79 %
--   twice                                          40  86  99 100 %          17  67  91 100 %
--
-- Without the second term, 14 % and 54 % of the pairs of an unchanged program had a certain change.
local misuse = require "pyprof.base.misuse"
local stats = require "pyprof.base.stats"
local suggest = require "pyprof.base.suggest"
local frame = require "pyprof.profile.frame"
local kind = require "pyprof.profile.kind"
local profile = require "pyprof.profile.samples"
local rows = require "pyprof.rows"

local M = {}

-- The number of spans of a run; the assumed variation of a span; the degrees of freedom of that
-- assumption; the value of `together` for a recording without time.
local spans, slowness, worth, timeless = 10, 0.25, 16, 0.2

local keys = { "by", "compare", "floor", "certain", "sort", "limit", "include", "exclude" }
M.options = keys
local fields = {
  "name", "file", "line", "before", "after", "change", "before_weight", "after_weight",
  "change_weight", "before_share", "after_share", "change_share", "p_value", "certain",
}

local function side_of(value, which)
  local wanted = ("diff: %s is a profile, or a list of them"):format(which)
  local list = value
  if type(value) ~= "table" or getmetatable(value) ~= nil then list = { value } end
  if #list == 0 then misuse.raise("%s", wanted) end
  for _, p in ipairs(list) do kind.want_samples(p, wanted, "diff") end
  return list
end

-- Calls a function once for each distinct frame, however often rows are made with it.
local function once(by)
  if type(by) ~= "function" then return by end
  local known = {}
  return function(it)
    local answer = known[it]
    if not answer then
      answer = { by(it) }
      known[it] = answer
    end
    return answer[1]
  end
end

local ways = { "function", "line", table.unpack(frame.fields) }

local function check(query)
  query = misuse.options(query, keys)
  local known = type(query.by) ~= "string"
  for _, way in ipairs(ways) do known = known or way == query.by end
  if not known then misuse.raise("diff: by: %s", suggest.unknown("field", query.by, ways)) end
  query = setmetatable({ by = once(query.by) }, { __index = query })
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

-- --- the rows of one side: an entry for each key, with the figures of each run

local function rows_of(p, by, narrowed)
  if by == nil or by == "function" then return p:functions(narrowed) end
  if by == "line" then return p:lines(narrowed) end
  return p:by(by, narrowed)
end

-- The key that is the same on both sides. The key of a line has no function's name, which may
-- differ.
local function key_of(row, by)
  local file = row.file or ""
  if by ~= "line" then return file .. "\0" .. row.name end
  return row.line > 0 and file ~= "" and file .. "\0" .. row.line or file .. "\0\0" .. row.name
end

local function collect(profiles, query, compare)
  local entries, of = {}, {}
  local narrowed = { include = query.include, exclude = query.exclude }
  local side = { entries = entries, of = of, runs = profiles, samples = 0, weight = 0 }
  for run, p in ipairs(profiles) do
    side.samples, side.weight = side.samples + p.samples, side.weight + p.weight
    for _, row in ipairs(rows_of(p, query.by, narrowed)) do
      local key = key_of(row, query.by)
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

-- The probability that two samples of an entry are in the same tenth of a run, by run and key;
-- false for a run whose recording has no time.
local function togetherness(side, by, compare)
  local of_runs = {}
  for run, p in ipairs(side.runs) do
    local sums, pairs_of = {}, {}
    local parts = profile.slices(p, spans)
    for _, part in ipairs(parts or {}) do
      for _, row in ipairs(rows_of(part, by)) do
        local key, count = key_of(row, by), row[compare]
        sums[key] = (sums[key] or 0) + count
        pairs_of[key] = (pairs_of[key] or 0) + count * (count - 1)
      end
    end
    for key, sum in pairs(sums) do
      local together = sum > 1 and pairs_of[key] / (sum * (sum - 1)) or 1
      sums[key] = math.max(together, 1 / spans)
    end
    of_runs[run] = parts and sums or false
  end
  return of_runs
end

-- --- pairing the entries of both sides

-- The entries by another key; false for a key that several entries have.
local function unique_by(entries, name_of)
  local of = {}
  for _, entry in ipairs(entries) do
    local key = not entry.partner and name_of(entry)
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
  for _, name_of in ipairs { by_module, by_base_name } do
    local theirs = unique_by(after.entries, name_of)
    for key, entry in pairs(unique_by(before.entries, name_of)) do
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

-- The mean over the runs; with only one run, the number itself.
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

-- Adds an entry's share and its `together` for each run of a side.
local function add_runs(entry, side, what, shares, together)
  for run, p in ipairs(side.runs) do
    local whole = what == "samples" and p.samples or p.weight
    shares[run] = whole > 0 and (entry and entry[what][run] or 0) / whole or 0
    local of_run = side.together[run]
    local value = not of_run and timeless or entry and of_run[entry.key]
    if value then together[#together + 1] = value end
  end
  return shares
end

-- The probability of such a difference if nothing has changed.
local function chance(a, b, before, after)
  local runs = #before.runs + #after.runs
  local one_sample = 0 -- one sample's share, as the mean over the runs
  for _, side in ipairs { before, after } do
    for _, p in ipairs(side.runs) do
      -- A run without samples proves nothing.
      if p.samples == 0 then return 1.0 end
      one_sample = one_sample + 1 / p.samples / runs
    end
  end
  local what = runs == 2 and "samples" or "weights"
  local together = {}
  local shares_a = add_runs(a, before, what, {}, together)
  local shares_b = add_runs(b, after, what, {}, together)
  local samples = (a and sum(a.samples) or 0) + (b and sum(b.samples) or 0)
  local share = samples / (before.samples + after.samples)
  local spread = share * (1 - share)
  local slow = (slowness * spread) ^ 2 * sum(together) / math.max(1, #together)
  return stats.means(shares_a, shares_b, spread * one_sample + slow, worth, spread * one_sample)
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

--- The functions that the two sides have in files of different names: name, file, and
--- before_file.
---@param a pyprof.Profile[]
---@param b pyprof.Profile[]
---@return { name: string, file: string, line: integer, before_file: string }[]
function M.moved(a, b)
  local before, after, list = collect(a, {}, "total"), collect(b, {}, "total"), {}
  match(before, after, {})
  for _, entry in ipairs(before.entries) do
    local other = entry.partner
    if other and other.file ~= entry.file then
      list[#list + 1] = { name = other.name, file = other.file, line = other.line,
        before_file = entry.file }
    end
  end
  return list
end

--- One row for each function (or each value of `by`) of either side. before, after and change are
--- samples, and each has a _weight and a _share; with several recordings a side, samples and
--- weights are means over the runs. p_value is adjusted. A change is certain if p_value is below
--- 0.05 and the share changed by at least floor. The rows are sorted by the size of the change of
--- share.
--- About 2 % of the pairs of runs of an unchanged program show a certain change. If a function of
--- 10 % became twice as slow, 70 % of the pairs of 500 samples show it, and 99 % with two
--- recordings a side (10 % and 40 % if all of the function is in one stretch of the run).
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
  before.together = togetherness(before, query.by, compare)
  after.together = togetherness(after, query.by, compare)
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
