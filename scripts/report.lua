-- report.lua: what a program is made of, and where its time goes.
local pyprof = require "pyprof"

local function static_part(subject)
  local source = subject.source
  if not source then
    return { title = "Profiling Results for Python",
      head = "Source: not available (" .. subject.missing.source .. ")" }
  end
  local all = source:totals()
  local lines = {
    ("File Size: %d bytes"):format(all.bytes),
    ("Lines of Code: %d"):format(all.lines),
    ("Functions: %d"):format(all.functions),
    ("Classes: %d"):format(all.classes),
    ("Imports: %d"):format(all.imports),
    ("Complexity Score: %d"):format(all.complexity),
    "Details:",
    ("- Detected %d function definitions"):format(all.functions),
    ("- Detected %d class definitions"):format(all.classes),
    ("- Detected %d import statements"):format(all.imports),
  }
  if all.files ~= 1 then table.insert(lines, 1, ("Files: %d"):format(all.files)) end
  for _, file in ipairs(source:files()) do
    if file.error then lines[#lines + 1] = ("- %s: %s"):format(file.file, file.error) end
  end
  return { title = "Profiling Results for Python", head = table.concat(lines, "\n") }
end

-- The ten functions with the most time of their own; a name that comes twice says where it is.
local function hot_functions(functions)
  local hot = pyprof.filter(functions, function(row) return row.self > 0 end)
  local top, times = pyprof.top(hot, "self_weight", 10), {}
  for _, row in ipairs(top) do times[row.name] = (times[row.name] or 0) + 1 end
  for _, row in ipairs(top) do
    if times[row.name] > 1 then row.name = ("%s (%s:%d)"):format(row.name, row.file, row.line) end
  end
  return top, #hot > #top
end

local function usage(profile, source)
  local seen, unseen, count = {}, {}, 0
  for _, row in ipairs(pyprof.usage(profile, source)) do
    count = count + 1
    if row.samples > 0 then
      seen[#seen + 1] = ("%s (%d)"):format(row.name, row.samples)
    else
      unseen[#unseen + 1] = row.name
    end
  end
  local function list(names) return #names > 0 and table.concat(names, ", ") or "none" end
  return ("Function usage: %d of %d defined functions seen in samples " ..
    "(sampling shows what ran, never what did not)\n- seen: %s\n- not seen: %s"):format(
    #seen, count, list(seen), list(unseen))
end

local function hot_paths(profile)
  local lines = {}
  for rank, row in ipairs(profile:flat():stacks { limit = 5 }) do
    local names = {}
    for i, frame in ipairs(row.frames) do names[i] = frame.name end
    local deep = #names - 20
    if deep > 0 then names = { names[1], "…", table.unpack(names, deep + 1) } end
    lines[rank] = ("%d. %s  %s"):format(rank, pyprof.format(row.share, "percent"),
      table.concat(names, " > "))
  end
  return #lines > 0 and "Hot paths:\n" .. table.concat(lines, "\n") or nil
end

local function resources(profile, exit)
  local several = #pyprof.group(profile:threads(), "pid", {}) > 1
  return ("Resources: %s (processor: %s user, %s system), peak memory %s%s"):format(
    pyprof.format(exit.wall, "seconds"), pyprof.format(exit.user, "seconds"),
    pyprof.format(exit.system, "seconds"), pyprof.format(exit.max_rss, "bytes"),
    several and " (of the largest process)" or "")
end

local function runtime_part(subject)
  local profile = subject.profile
  local functions = profile:functions()
  local top, more = hot_functions(functions)
  local blocks = {}
  if subject.source then blocks[1] = usage(profile, subject.source) end
  blocks[#blocks + 1] = hot_paths(profile)
  local exit = subject.exit
  if exit and exit.user then blocks[#blocks + 1] = resources(profile, exit) end
  local status = exit and exit.status
  if status and status ~= 0 then blocks[#blocks + 1] = "Exit status: " .. status end
  local profiler = profile.exporter:match("^[^@]+")
  return {
    title = "Runtime Profile" .. (profiler and (" (%s)"):format(profiler) or ""),
    head = ("Total samples collected: %d\nUnique functions executed: %d\nTop 10 Hot Functions:")
      :format(profile.samples, #functions),
    rows = top,
    columns = { "rank", "name", "self", "self%", "file:line" },
    line = "{rank}. {name} - {self} samples ({self%})",
    tail = (more and "...\n" or "") .. (#blocks > 0 and "\n" or "") ..
      table.concat(blocks, "\n\n"),
  }
end

return {
  help = "Static scan and py-spy profile, as text",
  needs = { "profile" },
  wants = { "source" },
  run = function(subject) return static_part(subject), runtime_part(subject) end,
}
