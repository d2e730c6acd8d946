-- timeline.lua - samples over time, of the whole program and of its hottest functions.
local pyprof = require "pyprof"

-- How many bars fit into the width: there are fewer, wider ones where names of 20 columns and the
-- numbers leave no room for more.
local function fitting(buckets, samples, rows)
  local longest = 0
  for _, row in ipairs(rows) do longest = math.max(longest, utf8.len(row.name) or #row.name) end
  local numbers = 13 + math.max(7, #tostring(samples))
  return math.min(buckets, math.max(8, pyprof.width() - numbers - math.min(longest, 20)))
end

-- Adds the samples of each bar to a row, and the parts of the time to a list of their own.
local function over_time(row, profile, query, bars, name, parts)
  row.samples, row.most = {}, 0
  local list = profile:timeline(query)
  for _, part in ipairs(list) do
    part.name, part.file = name, row.file
    parts[#parts + 1] = part
  end
  if bars ~= query.buckets then list = profile:timeline { buckets = bars, of = query.of } end
  for i, bar in ipairs(list) do
    row.samples[i], row.most = bar.samples, math.max(row.most, bar.samples)
  end
  return row
end

local scale = "Each row's highest bar is as many samples as `top bar` says."

local function result(rows, parts, head)
  return { rows = rows, head = head, data = { rows = parts, columns = { "name",
    { "file", optional = true }, "from", "to", "samples", "weight", "share" } } }
end

-- Without times of the samples each thread has a clock of its own, which begins with its first
-- sample: no axis shows two of them.
local function by_thread(p, args)
  local rows, parts, query = p:split { limit = args.limit }, {}, { buckets = args.buckets, of = p }
  for i, thread in ipairs(rows) do
    local name = thread.name ~= "" and thread.name or thread.main and "(main)" or
      ("thread %s"):format(thread.id or "?")
    rows[i] = { name = name, share = thread.share, profile = thread.profile }
  end
  local bars = fitting(args.buckets, p.samples, rows)
  for _, row in ipairs(rows) do over_time(row, row.profile, query, bars, row.name, parts) end
  return result(rows, parts, "Each thread by its own clock, from its first sample to its last: " ..
    "the recording does not say when samples were taken. --thread SEL: one, with its " ..
    "functions. " .. scale)
end

return {
  help = "Samples over time, of all and of the hottest functions (those with it on the stack)",
  needs = { "profile" },
  args = { limit = 10, buckets = { 30, min = 1, help = "parts of the time" }, exclude = {} },
  columns = {
    { "share", head = "total%" }, { "samples", head = "over time", format = "sparkline" },
    { "most", head = "top bar" }, "name",
  },
  run = function(subject, args)
    local p, parts = subject.profile, {}
    if not p.from then return nil, "the recording has no time", "usage" end
    if not p.clock and #p:threads() > 1 then return by_thread(p, args) end
    local query = { buckets = args.buckets, of = p }
    local hot = p:functions { limit = args.limit, exclude = args.exclude }
    local rows = pyprof.distinct(hot)
    local bars = fitting(args.buckets, p.samples, rows)
    local all = over_time({ name = "(all)", share = p.samples > 0 and 1 or 0 }, p, query, bars,
      "(all)", parts)
    for i, row in ipairs(rows) do
      rows[i] = over_time({ name = row.name, file = row.file, share = row.total_share },
        p:where(hot[i]), query, bars, hot[i].name, parts)
    end
    table.insert(rows, 1, all)
    return result(rows, parts, ("%.2f s to %.2f s, %.3f s a bar. "):format(p.from, p.to,
      (p.to - p.from) / bars) .. scale)
  end,
}
