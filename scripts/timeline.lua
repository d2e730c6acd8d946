-- timeline.lua - samples over time, of the whole program and of its hottest functions.
local function samples(profile, buckets)
  local counts = {}
  for i, part in ipairs(profile:timeline { buckets = buckets }) do counts[i] = part.samples end
  return counts
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
