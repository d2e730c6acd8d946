-- The columns of a page, against the rows of the call tree, on random recordings.
local check = dofile("tests/lua/check.lua")
local by_chance = dofile("tests/lua/profile/by_chance.lua")
local bytes = require "pyprof.core.bytes"
local cjson = require "cjson"
local core = require "pyprof.core.profile"

local digits = {}
for i = 1, 64 do
  digits[("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):byte(i)] = i - 1
end

local function bytes_of(base64)
  local parts = {}
  for four in base64:gmatch("....") do
    local group = 0
    for i = 1, 4 do group = group << 6 | (digits[four:byte(i)] or 0) end
    parts[#parts + 1] = string.pack(">I3", group)
  end
  return table.concat(parts):sub(1, -1 - #base64:match("=*$"))
end

local packed = { u8 = "<I1", u16 = "<I2", u32 = "<I4", f64 = "<d" }

-- The numbers of a column that is not deflated.
local function numbers(json)
  local column = cjson.decode(json)
  check.truthy(column.z == 0, "deflated")
  local text, list, at = bytes_of(column.data), {}, 1
  for i = 1, math.tointeger(column.n) do
    list[i], at = string.unpack(packed[column.type], text, at)
  end
  check.equal(at, #text + 1)
  return list
end

-- The tree of the core's columns as rows.
local function rows_of(handle, options)
  local names, files, _, order = handle:frames()
  local groups, first, count = handle:groups(order, "function")
  local page = assert(handle:page(groups, count, options))
  local depths, functions = numbers(page.depth), numbers(page["function"])
  local samples = numbers(page.samples_self)
  local weights = page.weight_self and numbers(page.weight_self)
  local rows = {}
  for i = 1, page.n do
    local frame = first[page.groups[functions[i] + 1]]
    rows[i] = { depth = depths[i], name = i > 1 and names[frame] or "(all)",
      file = i > 1 and files[frame] or "", self = samples[i],
      self_weight = weights and weights[i] or samples[i] * page.each }
  end
  return rows, page
end

-- Adds up each row's samples and those below it.
local function add_totals(rows)
  local open = {}
  for i, row in ipairs(rows) do
    row.total, row.total_weight = 0, 0
    open[row.depth] = row
    for depth = 0, row.depth do
      open[depth].total = open[depth].total + rows[i].self
      open[depth].total_weight = open[depth].total_weight + rows[i].self_weight
    end
  end
  return rows
end

-- A row's path from the root, for comparing trees whose siblings are in another order.
local function by_path(rows)
  local open, found = {}, {}
  for _, row in ipairs(rows) do
    open[row.depth] = row.name .. "\1" .. row.file
    found[table.concat(open, "\2", 0, row.depth)] = row
  end
  return found
end

local function near(a, b) return math.abs(a - b) <= 1e-9 * math.max(1, math.abs(a)) end

local function trees(count, options, test)
  local random = math.random
  math.randomseed(20)
  for _ = 1, count do
    local text = by_chance.json(by_chance.random(random, options))
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    local handle = assert(core.load({ path }, {}))
    os.remove(path)
    test(handle, by_chance.load(text))
  end
end

for _, options in ipairs { {}, { mixed = true }, { mixed = true, unit = "bytes" } } do
  check.test("columns are the rows of the tree" .. (options.mixed and ", weights differ" or "") ..
    (options.unit and ", " .. options.unit or ""), function()
    trees(40, options, function(handle, profile)
      local rows = add_totals(rows_of(handle, {}))
      local wanted = profile:tree()
      check.equal(#rows, #wanted)
      local found = by_path(rows)
      for path, row in pairs(by_path(wanted)) do
        local it = found[path]
        check.truthy(it, path)
        check.equal({ it.depth, it.self, it.total }, { row.depth, row.self, row.total })
        check.truthy(near(it.self_weight, row.self_weight))
        check.truthy(near(it.total_weight, row.total_weight))
      end
    end)
  end)
end

check.test("siblings come heaviest first, functions by their nodes", function()
  trees(20, { mixed = true }, function(handle)
    local rows, page = rows_of(handle, {})
    local last = {}
    for _, row in ipairs(add_totals(rows)) do
      local before = last[row.depth]
      check.truthy(not before or before.total_weight >= row.total_weight - 1e-9)
      last[row.depth] = row
      for depth in pairs(last) do if depth > row.depth then last[depth] = nil end end
    end
    local nodes = {}
    for i, number in ipairs(numbers(page["function"])) do
      if i > 1 then nodes[number + 1] = (nodes[number + 1] or 0) + 1 end
    end
    check.equal(#nodes, #page.groups)
    for i = 2, #nodes do check.truthy(nodes[i] <= nodes[i - 1]) end
  end)
end)

check.test("a limit keeps the heaviest nodes, and all samples", function()
  trees(20, {}, function(handle)
    local whole = add_totals(rows_of(handle, {}))
    local rows, page = rows_of(handle, { nodes = 5 })
    add_totals(rows)
    check.equal(page.n, math.min(6, #whole))
    check.equal(page.left_out, #whole - page.n)
    check.equal(rows[1].total, whole[1].total)
    check.equal(page.cut ~= nil, page.left_out > 0)
    local all, least = by_path(whole), math.huge
    for path, row in pairs(by_path(rows)) do
      check.equal(all[path].total, row.total)
      if row.depth > 0 then least = math.min(least, row.total) end
    end
    local heavier = 0
    for _, row in ipairs(whole) do if row.total > least then heavier = heavier + 1 end end
    check.truthy(heavier <= page.n)
  end)
end)

-- The samples of each node, by thread.
local function sums(order)
  local found = {}
  local node, count, thread = numbers(order.node), numbers(order.count), numbers(order.thread)
  for i = 1, order.n do
    local key = order.threads[thread[i] + 1] .. " " .. node[i]
    found[key] = (found[key] or 0) + count[i]
  end
  return found
end

check.test("runs in time are the runs of the rows, and sum up to the sums", function()
  trees(30, {}, function(handle, profile)
    local _, timed = rows_of(handle, { order = "time" })
    local _, summed = rows_of(handle, { order = "sums" })
    local order = timed.order
    check.equal(sums(order), sums(summed.order))
    check.equal({ order.timed, summed.order.timed, summed.order.tick }, { true, false, nil })
    local runs = profile:runs { by = "stack" }
    check.equal(order.n, #runs)
    local starts, thread = {}, numbers(order.thread)
    local waits, spans = order.wait and numbers(order.wait), numbers(order.span or order.count)
    local finish, before = 0, nil
    for i = 1, order.n do
      if thread[i] ~= before then finish, before = 0, thread[i] end
      local start = finish + (waits and waits[i] or 0)
      finish = start + spans[i]
      starts[i] = ("%.6f %.6f"):format(order.from + start * order.tick,
        order.from + finish * order.tick)
    end
    local wanted = {}
    for i, run in ipairs(runs) do wanted[i] = ("%.6f %.6f"):format(run.from, run.to) end
    table.sort(starts)
    table.sort(wanted)
    check.equal(starts, wanted)
  end)
end)

check.test("too many runs are summed", function()
  trees(5, {}, function(handle)
    local _, page = rows_of(handle, { order = "time", runs = 0 })
    local order = page.order
    check.equal(order.timed, order.n == 0)
  end)
end)

check.test("the hash of a policy is SHA-256 in base64", function()
  check.equal(bytes.sha256 "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  check.equal(bytes.sha256 "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
  check.equal(bytes.sha256(("a"):rep(1000000)), "zcduXJkU+5KBocfihNc+Z/GAmkiklyAOBG05zMcRLNA=")
end)

check.test("a column takes whole numbers from 0, or fractions", function()
  check.equal(numbers(bytes.column { 1, 2, 300 }), { 1, 2, 300 })
  check.equal(numbers(bytes.column({ 1, 2.5 }, true)), { 1.0, 2.5 })
  check.error(function() bytes.column { -1 } end, "less than 0")
end)
