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

-- Takes short recordings until Ctrl-C or the end of the process; returns all of them merged.
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

-- The share of CPU time beside that of the samples, if the recording says it.
local function with_cpu(rows, profile)
  local section = { rows = rows, empty = "No function is in the samples." }
  if profile.weight_given or not profile.clock then return section end
  local shares = {}
  for _, row in ipairs(profile:weights("cpu"):functions()) do
    shares[row.file .. "\0" .. row.name] = row.self_share
  end
  for _, row in ipairs(rows) do row.cpu_share = shares[row.file .. "\0" .. row.name] end
  section.columns = { "rank", "self_weight", "self%", "total%", "cpu%", "name", "file:line" }
  return section
end

return {
  help = "Functions by self time",
  wants = { "profile" },
  args = {
    limit = 20, sort = "self_weight", exclude = {},
    live = { false, help = "a running process's (--pid N), again and again" },
  },
  columns = { "rank", "self_weight", "self%", "total%", "name", "file:line" },
  run = function(subject, args)
    local query = { limit = args.limit, sort = args.sort, exclude = args.exclude }
    local profile, message
    if args.live then profile, message = live(subject, query)
    else profile, message = subject:collect("profile") end
    if not profile then return nil, message end
    return with_cpu(profile:functions(query), profile)
  end,
}
