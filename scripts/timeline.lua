-- timeline.lua - samples over time, of the whole program and of its hottest functions.
local pyprof = require "pyprof"

-- Adds the samples of each part of the time to a row, and the parts to a list of their own.
local function over_time(row, profile, query, name, parts)
  row.samples, row.most = {}, 0
  for i, part in ipairs(profile:timeline(query)) do
    row.samples[i], row.most = part.samples, math.max(row.most, part.samples)
    part.name, part.file = name, row.file
    parts[#parts + 1] = part
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
    rows[i] = over_time({ name = name, share = thread.share }, thread.profile, query, name, parts)
  end
  return result(rows, parts, "Each thread by its own clock, from its first sample to its last: " ..
    "the recording does not say when samples were taken. --thread SEL: one, with its " ..
    "functions. " .. scale)
end

return {
  help = "Samples over time, of all and of the hottest functions (those with it on the stack)",
  needs = { "profile" },
  args = { limit = 10, buckets = { 30, help = "how many parts of the time" }, exclude = {} },
  columns = {
    { "share", head = "total%" }, { "samples", head = "over time", format = "sparkline" },
    { "most", head = "top bar" }, "name",
  },
  run = function(subject, args)
    local p, parts = subject.profile, {}
    if not p.from then return nil, "the recording has no time" end
    if not p.clock and #p:threads() > 1 then return by_thread(p, args) end
    local query = { buckets = args.buckets, of = p }
    local all = over_time({ name = "(all)", share = p.samples > 0 and 1 or 0 }, p, query, "(all)",
      parts)
    local hot = p:functions { limit = args.limit, exclude = args.exclude }
    local rows = pyprof.distinct(hot)
    for i, row in ipairs(rows) do
      rows[i] = over_time({ name = row.name, file = row.file, share = row.total_share },
        p:where(hot[i]), query, hot[i].name, parts)
    end
    table.insert(rows, 1, all)
    return result(rows, parts, ("%.2f s to %.2f s, %.3f s a bar. "):format(p.from, p.to,
      (p.to - p.from) / args.buckets) .. scale)
  end,
}
