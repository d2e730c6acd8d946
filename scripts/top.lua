-- top.lua - functions by self time; --live --pid N shows a running process's, second by second.
local pyprof = require "pyprof"

local function draw(rows, last, what, seconds)
  local lines = { ("%s, %d s, %s in the last one (Ctrl-C ends)"):format(what, seconds,
    pyprof.format(last.samples, "samples")), "", "  self%  total%  function" }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = ("%6.1f%% %6.1f%%  "):format(100 * row.self_share,
      100 * row.total_share) .. pyprof.fill("{name} ({file:line})", row)
  end
  pyprof.screen(lines)
end

-- Takes short recordings until Ctrl-C, --duration or the end of the process; returns all merged.
local function live(subject, query)
  if not subject.target.pid then return nil, "--live: only of a running process (--pid N)" end
  local all, seconds = nil, 0
  for profile in subject:again("profile", { duration = 1 }) do
    seconds = seconds + 1
    all = all and profile.samples > 0 and all + profile or all or profile
    draw(all:functions(query), profile, subject.target.name, seconds)
  end
  if pyprof.terminal() then io.write("\n") end
  return all
end

-- The functions with the share of CPU time beside that of the samples, if the recording says it.
local function with_cpu(profile, query)
  local cpu, by_cpu = pyprof.by_cpu(profile), query.sort:gsub("^-", "") == "cpu_share"
  if not cpu then return { rows = profile:functions(query) } end
  local shares = {}
  for _, row in ipairs(cpu:functions()) do shares[row.file .. "\0" .. row.name] = row.self_share end
  local rows = profile:functions(by_cpu and { exclude = query.exclude } or query)
  for _, row in ipairs(rows) do row.cpu_share = shares[row.file .. "\0" .. row.name] or 0.0 end
  return { rows = by_cpu and pyprof.top(rows, query.sort, query.limit) or rows,
    columns = { "rank", "self_weight", "self%", "total%", "cpu%", "name", "file:line" } }
end

return {
  help = "Functions by self time",
  wants = { "profile" },
  args = {
    limit = 20, exclude = {},
    sort = { "self_weight", fields = { "self_weight", "self", "self%", "total_weight", "total",
      "total%", "cpu%", "calls", "name", "file", "line" } },
    live = { false, help = "a running process's (--pid N), again and again" },
  },
  columns = { "rank", "self_weight", "self%", "total%", "name", "file:line" },
  run = function(subject, args)
    local query = { limit = args.limit, sort = args.sort, exclude = args.exclude }
    local profile, message
    if args.live then profile, message = live(subject, query)
    else profile, message = subject:collect("profile") end
    if not profile then return nil, message end
    local section = with_cpu(profile, query)
    section.empty = "No function is in the samples."
    return section
  end,
}
