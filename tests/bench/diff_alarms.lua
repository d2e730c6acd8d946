-- diff_alarms.lua FOLDER: counts how often pyprof.diff calls a change certain between runs of one
-- unchanged program, and how often it finds a function that was made slower. bench_diff.py uses it;
-- its recordings are MODE-NUMBER.json and MODE-FUNCTION-FACTOR-NUMBER.json.
local pyprof = require "pyprof"

local folder = ...
local changes = { "parse-1.5", "parse-2", "primes-1.5", "primes-2" }
local sizes = { 1, 2, 3, 5 }
local comparisons = 150 -- of several recordings a side; with one a side, all pairs are compared

local function recordings_of(kind)
  local list = {}
  for number = 0, 999 do
    local path = ("%s/%s-%03d.json"):format(folder, kind, number)
    if io.open(path) then list[#list + 1] = assert(pyprof.load(path)) end
  end
  return list
end

-- Takes some of the list out of it, without replacement.
local function draw(list, count)
  local drawn = {}
  for i = 1, count do drawn[i] = table.remove(list, math.random(#list)) end
  return drawn
end

local function each_comparison(same, other, size, visit)
  if size > 1 then
    for _ = 1, comparisons do
      local left = table.move(same, 1, #same, 1, {})
      local before = draw(left, size)
      visit(before, draw(other and table.move(other, 1, #other, 1, {}) or left, size))
    end
    return
  end
  for i, before in ipairs(same) do
    for j, after in ipairs(other or same) do
      if other or j > i then visit(before, after) end
    end
  end
end

-- The share of comparisons with a certain change, or with a certain change of the function.
local function certain(same, other, size, compare, name)
  local found, all = 0, 0
  each_comparison(same, other, size, function(before, after)
    local rows = pyprof.diff(before, after, { certain = true, compare = compare })
    local changed = false
    for _, row in ipairs(rows) do changed = changed or not name or row.name == name end
    all, found = all + 1, found + (changed and 1 or 0)
  end)
  return ("%6.1f%%"):format(100 * found / all)
end

math.randomseed(1)
print("runs of one program in which a change was certain, and found changes, by self")
print(("%-7s %5s %5s  %7s %7s  %10s %10s %10s %10s"):format("mode", "runs", "a side", "false",
  "(total)", table.unpack(changes)))
for _, mode in ipairs { "rounds", "phases" } do
  local same, slower = recordings_of(mode), {}
  for i, change in ipairs(changes) do slower[i] = recordings_of(mode .. "-" .. change) end
  for _, size in ipairs(sizes) do
    local cells = {}
    for i, change in ipairs(changes) do
      cells[i] = certain(same, slower[i], size, "self", change:match("^%a+"))
    end
    print(("%-7s %5d %5d  %7s %7s  %10s %10s %10s %10s"):format(mode, #same, size,
      certain(same, nil, size, "self"), certain(same, nil, size, "total"), table.unpack(cells)))
  end
end
