-- report.lua: the definitions of a program, and where its time goes.
local pyprof = require "pyprof"

local counts = [[
File Size: {bytes} bytes
Lines of Code: {lines}
Functions: {functions}
Classes: {classes}
Imports: {imports}
Complexity Score: {complexity}
Details:
- Detected {functions} function definitions
- Detected {classes} class definitions
- Detected {imports} import statements]]

local function made_of(subject)
  if not subject.source then return "Source: not available (" .. subject.missing.source .. ")" end
  local all = subject.source:totals()
  local broken = pyprof.filter(subject.source:files(), function(file) return file.error end)
  return (all.files ~= 1 and pyprof.fill("Files: {files}\n", all) or "") ..
    pyprof.fill(counts, all) .. pyprof.fill("\n- {file}: {error}", broken)
end

local function usage(profile, source)
  local all, why = pyprof.usage(profile, source)
  if why then return ("Function usage: not known (%s)"):format(why) end
  local function list(template, seen)
    local rows = pyprof.filter(all, function(row) return (row.samples > 0) == seen end)
    return #rows > 0 and pyprof.fill(template, rows, ", ") or "none", #rows
  end
  local seen, count = list("{name} ({samples})", true)
  return ("Function usage: %d of %d defined functions seen in samples (sampling shows what " ..
    "ran, never what did not)\n- seen: %s\n- not seen: %s"):format(count, #all, seen,
    list("{name}", false))
end

local function run(subject)
  local profile, exit = subject.profile, subject.exit or {}
  local functions, profiler = profile:functions(), profile.exporter:match("^[^@]+")
  local hot = pyprof.filter(functions, function(row) return row.self > 0 end)
  local several = #pyprof.group(profile:threads(), function(row) return row.pid end) > 1
  return { title = "Profiling Results for Python", head = made_of(subject) }, {
      title = "Runtime Profile" .. (profiler and " (" .. profiler .. ")" or ""),
      head = ("Total samples collected: %d\nUnique functions executed: %d\nTop 10 Hot Functions:")
        :format(profile.samples, #functions),
      rows = pyprof.distinct(pyprof.top(hot, "self_weight", 10)),
      columns = { "rank", "name", "self", "self%", "file:line" },
      line = "{rank}. {name} - {self} samples ({self%})",
      tail = #hot > 10 and "..." or nil,
    },
    subject.source and usage(profile, subject.source),
    profile.samples > 0 and "Hot paths:" ..
      pyprof.fill("\n{rank}. {share}  {path}", profile:flat():stacks { limit = 5 }),
    exit.user and pyprof.fill("Resources: {wall:seconds} (processor: {user:seconds} user, " ..
      "{system:seconds} system), peak memory {max_rss:bytes}", exit) ..
      (several and " (of the largest process)" or ""),
    (exit.status or 0) ~= 0 and "Exit status: " .. exit.status
end

return { help = "Static scan and py-spy profile, as text", needs = { "profile" },
  wants = { "source" }, run = run }
