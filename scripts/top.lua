-- top.lua - functions by self time; --live --pid N shows a running process's, second by second.
local pyprof = require "pyprof"

local function draw(profile, last, what, seconds)
  io.write("\27[H\27[J", ("%s, %d s, %d samples in the last one (Ctrl-C ends)\n\n")
    :format(what, seconds, last.samples), "  self%  total%  function\n")
  for _, row in ipairs(profile:functions { limit = 20 }) do
    local text = ("%6.1f%% %6.1f%%  %s (%s:%d)"):format(100 * row.self_share,
      100 * row.total_share, row.name, row.file:match("[^/]*$"), row.line)
    io.write(text:sub(1, pyprof.terminal() - 1), "\n")
  end
  io.flush()
end

-- Short recordings until Ctrl-C, or the end of the process; all of them together.
local function live(subject)
  if not subject.target.pid then return nil, "--live: only of a running process (--pid N)" end
  local all, seconds = nil, 0
  for profile in subject:again("profile", { duration = 1 }) do
    seconds = seconds + 1
    all = all and profile.samples > 0 and all + profile or all or profile
    if pyprof.terminal() then draw(all, profile, subject.target.name, seconds) end
  end
  if pyprof.terminal() then io.write("\n") end
  return all
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
    local look = args.live and live or subject.collect
    local profile, message = look(subject, "profile")
    if not profile then return nil, message end
    return profile:functions { limit = args.limit, sort = args.sort, exclude = args.exclude }
  end,
}
