-- report.lua: the definitions of a program, where its time goes, and what of it ran.
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

-- The names of functions of a status: of many the largest ones.
local function listed(of, status, by, template)
  local rows = of[status]
  local shown = #rows > 12 and pyprof.top(rows, by or "complexity", 10) or rows
  shown, template = pyprof.distinct(pyprof.sort(shown, "name"), of.all), template or "{name}"
  return (#rows > 0 and pyprof.fill(template, shown, ", ") or "none") ..
    (#shown < #rows and (", and %d more"):format(#rows - #shown) or "")
end

-- Which functions ran: by samples alone, or with the proof of coverage or counts.
local function usage(subject)
  local of = pyprof.statuses(subject)
  if of.count == 0 then return "Function usage: the source defines no functions" end
  if of.why then return ("Function usage: not known (%s)"):format(of.why) end
  local head = ("Function usage: %d of %d defined functions "):format(#of.ran, of.count)
  if not of.proof then
    return head .. ("seen in samples (sampling shows what ran, never what did not)\n- seen: %s\n" ..
      "- not seen: %s"):format(listed(of, "ran", "total", "{name} ({total})"), listed(of, "unseen"))
  end
  return head .. ("ran (%s)\n- ran: %s\n- never: %s%s%s"):format(of.by, listed(of, "ran", "total"),
    listed(of, "never"), #of.unseen > 0 and "\n- not measured: " .. listed(of, "unseen") or "",
    #of.unknown > 0 and "\n- not known: " .. listed(of, "unknown") or "")
end

local function covered(subject)
  local total = subject.coverage:totals()
  total.ran = total.statements - total.missing
  total.ran_share = total.statements > 0 and total.ran / total.statements or 1
  local text = pyprof.fill("Coverage: {ran} of {statements} statements ({ran_share})", total) ..
    (total.branches and pyprof.fill(", {covered_branches} of {branches} branches", total) or "")
  local of = subject.source and pyprof.statuses(subject)
  if not of or of.count == 0 then return text end
  text = text .. "; never executed: " .. listed(of, "never")
  local hot = pyprof.filter(pyprof.risks(subject), function(row) return row.covered_share < 1 end)
  return #hot == 0 and text or text .. "\nHot and untested:" .. pyprof.fill("\n{rank}. {name} - " ..
    "{total%} of the time, {covered_share} covered, complexity {complexity}",
    pyprof.distinct(pyprof.top(hot, "weighed", 5)))
end

local function counted(subject)
  local often = pyprof.filter(subject.counts:lines(), function(row) return row.count > 1 end)
  return "Most executed lines:" .. pyprof.fill("\n{rank}. {file:line} - {count:count} times",
    pyprof.top(often, "count", 5))
end

local function held(subject)
  return "Memory at its peak, by function:" .. pyprof.fill("\n{rank}. {name} - {self_weight:bytes}",
    pyprof.distinct(pyprof.top(subject.allocations:functions(), "self_weight", 5)))
end

-- What a program that mostly waits does with its time is not in the shares.
local function waited(whole)
  if (whole.waited or 0) <= 0.5 then return "" end
  return (": it waited %.0f %% of the time; the shares above %s"):format(100 * whole.waited,
    whole.idle and "count that" or "are of the rest; --idle counts waiting")
end

local function resources(profile, exit, by_samples)
  local whole = pyprof.program(profile, exit)
  local text = pyprof.fill("Resources: {wall:seconds} (processor: {user:seconds} user, " ..
    "{system:seconds} system" .. waited(whole) .. "), peak memory {max_rss:bytes}", exit) ..
    (whole.processes > 1 and " (of the largest process)" or "")
  if not by_samples or not whole.misleads then return text end
  return text .. pyprof.fill("\nSamples stand for {sampled:seconds}, the CPU time is " ..
    "{cpu:seconds}: " .. (profile.clock and "--weight cpu shows the shares of CPU time" or
    "shares of samples are none of CPU time"), whole)
end

local function run(subject)
  local profile, exit = subject.profile, subject.exit or {}
  local profiler = profile.exporter:match("^[^@]+")
  local hot, ranked, count = pyprof.hottest(profile, 10)
  local otherwise = ranked ~= profile
  local by = otherwise and " by CPU time:" or ":"
  return { title = "Profiling Results for Python", head = made_of(subject) }, {
      title = "Runtime Profile" .. (profiler and " (" .. profiler .. ")" or ""),
      head = ("Total samples collected: %d\nUnique functions executed: %d\nTop 10 Hot Functions%s")
        :format(profile.samples, #profile:functions(), by),
      rows = pyprof.distinct(hot),
      columns = { "rank", "name", "self", "self%", otherwise and "cpu%" or "file:line",
        otherwise and "file:line" or nil },
      line = "{rank}. {name} - {self:samples} ({self%})" .. (otherwise and " - CPU {cpu%}" or ""),
      tail = count > #hot and ("… %d more"):format(count - #hot) or nil,
    },
    subject.source and usage(subject),
    subject.coverage and covered(subject),
    subject.counts and counted(subject),
    subject.allocations and held(subject),
    profile.samples > 0 and "Hot paths" .. by .. pyprof.fill("\n{rank}. {share}  {path}",
      pyprof.distinct(ranked:flat():stacks { limit = 5 })),
    exit.user and resources(profile, exit, not otherwise and profile.weight_kind ~= "cpu"),
    (exit.status or 0) ~= 0 and "Exit status: " .. exit.status ..
      (exit.signal and (" (ended by signal %d)"):format(exit.signal) or "")
end

return {
  help = "Static scan and py-spy profile, as text",
  needs = { "profile" },
  wants = { "source", "coverage", "counts", "allocations" },
  args = {
    coverage = { false, help = "what ran and what never did, by another run" },
    counts = { false, help = "how often each line ran, by another run" },
    memory = { false, collects = "allocations", help = "what holds the bytes, by another run" },
  },
  run = run,
  html = function(subject) return pyprof.page(subject) end,
}
