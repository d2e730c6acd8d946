-- cost.lua - what one execution of a line costs: its sampled self time by its exact count.
local pyprof = require "pyprof"

-- The samples of a statement that goes on over several lines belong to its first line, which alone
-- has a count.
local function statements(rows)
  local list, last = {}, nil
  for _, row in ipairs(rows) do
    if row.count or not last or last.file ~= row.file then
      last = { file = row.file, line = row.line, count = row.count, text = row.text,
        self = 0, self_weight = 0 }
      list[#list + 1] = last
    end
    last.self = last.self + (row.samples or 0)
    last.self_weight = last.self_weight + (row.weight or 0)
  end
  return pyprof.filter(list, function(row) return row.self > 0 and (row.count or 0) > 0 end)
end

-- How much the executions of a second counting differ, since times and counts are of two runs.
local function difference(subject)
  local again, message = subject:collect("counts", {})
  if not again then return "the second counting failed: " .. message end
  local before, differ, all = {}, 0, 0
  for _, it in ipairs(subject.counts:lines()) do before[it.file .. ":" .. it.line] = it.count end
  for _, row in ipairs(again:lines()) do
    local other = before[row.file .. ":" .. row.line] or 0
    differ, all = differ + math.abs(row.count - other), all + row.count
  end
  return ("Of %s executions a second counting differs in %s.")
    :format(pyprof.format(all, "count"), pyprof.format(all > 0 and differ / all or 0, "percent"))
end

return {
  help = "Seconds for one execution of a line: slow lines apart from frequent ones",
  needs = { "profile", "counts", "source" },
  args = {
    limit = 20,
    sort = { "self_weight", fields = { "self_weight", "self", "seconds_each", "low", "high",
      "count", "file", "line", "text" } },
    file = { type = "pattern", help = "PCRE2: only files whose path it finds" },
    twice = { false, help = "count a second time, and say how much the counts differ" },
  },
  columns = { "file:line", { "count", format = "count" }, "self_weight",
    { "seconds_each", format = "duration" }, { "low", format = "duration" },
    { "high", format = "duration" }, { "text", head = "source" } },
  run = function(subject, args)
    local profile = subject.profile
    if profile.unit ~= "seconds" and profile.samples > 0 then
      return nil, "the profile has no seconds"
    end
    local rows = statements(pyprof.annotate(subject, { file = args.file }))
    for _, row in ipairs(rows) do
      local low, high = pyprof.interval(row.self, profile.samples)
      row.seconds_each = row.self_weight / row.count
      row.low, row.high = low * profile.weight / row.count, high * profile.weight / row.count
      row.text = row.text:gsub("^%s+", "")
    end
    return { title = "Cost", rows = pyprof.top(rows, args.sort, args.limit),
      empty = "No line has both samples and a count.",
      head = args.twice and difference(subject) or nil }
  end,
}
