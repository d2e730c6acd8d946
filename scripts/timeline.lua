-- timeline.lua - samples over time, of the whole program and of its hottest functions.
local function samples(profile, buckets)
  local counts = {}
  for i, part in ipairs(profile:timeline { buckets = buckets }) do counts[i] = part.samples end
  return counts
end

-- Without times of the samples each thread has a clock of its own, which begins with its first
-- sample: no axis shows two of them.
local function by_thread(p, args)
  local rows = {}
  for _, thread in ipairs(p:split { limit = args.limit }) do
    rows[#rows + 1] = { name = thread.name ~= "" and thread.name or thread.main and "(main)" or
      ("thread %s"):format(thread.id or "?"), share = thread.share,
      samples = samples(thread.profile, args.buckets) }
  end
  return { rows = rows, head = "Each thread by its own clock, from its first sample to its last:" ..
    " the recording does not say\nwhen samples were taken. --thread SEL: one, with its functions." }
end

return {
  help = "Samples over time, of all and of the hottest functions (those with it on the stack)",
  needs = { "profile" },
  args = { limit = 10, buckets = { 30, help = "how many parts of the time" }, exclude = {} },
  columns = {
    { "share", head = "total%" }, { "samples", head = "over time", format = "sparkline" }, "name",
  },
  run = function(subject, args)
    local p = subject.profile
    if not p.from then return nil, "the recording has no time" end
    if not p.clock and #p:threads() > 1 then return by_thread(p, args) end
    local rows = { { name = "(all)", share = p.samples > 0 and 1 or 0,
      samples = samples(p, args.buckets) } }
    for _, row in ipairs(p:functions { limit = args.limit, exclude = args.exclude }) do
      rows[#rows + 1] = { name = row.name, file = row.file, share = row.total_share,
        samples = samples(p:where(row), args.buckets) }
    end
    return { head = ("%.2f s to %.2f s, %.3f s a bar"):format(p.from, p.to,
      (p.to - p.from) / args.buckets), rows = rows }
  end,
}
