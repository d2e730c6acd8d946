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

-- The functions of that status: of many the largest ones.
local function listed(rows, template, status, by)
  local found = pyprof.filter(rows, function(row) return row.status == status end)
  local shown = #found > 12 and pyprof.top(found, by or "complexity", 10) or found
  shown = pyprof.distinct(pyprof.sort(shown, "name"))
  local text = #found > 0 and pyprof.fill(template, shown, ", ") or "none"
  return #shown < #found and ("%s, and %d more"):format(text, #found - #shown) or text, #found
end

-- Which functions ran: by samples alone, or with the proof of coverage or counts.
local function usage(subject)
  local all = pyprof.filter(pyprof.join(subject),
    function(row) return row.status ~= "unmatched" end)
  if #all == 0 then return "Function usage: the source defines no functions" end
  local why
  local proof = subject.coverage and subject.counts and "coverage and counts" or
    subject.coverage and "coverage" or subject.counts and "counts"
  for _, row in ipairs(all) do why = not proof and row.status == "unknown" and row.why or why end
  if why then return ("Function usage: not known (%s)"):format(why) end
  local ran, count = listed(all, proof and "{name}" or "{name} ({total})", "ran", "total")
  if not proof then
    return ("Function usage: %d of %d defined functions seen in samples (sampling shows what " ..
      "ran, never what did not)\n- seen: %s\n- not seen: %s")
      :format(count, #all, ran, (listed(all, "{name}", "unseen")))
  end
  local unknown, some = listed(all, "{name}", "unknown")
  return ("Function usage: %d of %d defined functions ran (by %s)\n- ran: %s\n" ..
    "- never: %s%s"):format(count, #all, proof, ran, (listed(all, "{name}", "never")),
    some > 0 and "\n- not known: " .. unknown or "")
end

local function covered(subject)
  local total, hot = subject.coverage:totals(), {}
  total.ran = total.statements - total.missing
  total.ran_share = total.statements > 0 and total.ran / total.statements or 1
  local text = pyprof.fill("Coverage: {ran} of {statements} statements ({ran_share})", total) ..
    (total.branches and pyprof.fill(", {covered_branches} of {branches} branches", total) or "")
  local rows = subject.source and pyprof.join(subject) or {}
  for _, row in ipairs(rows) do
    if row.total > 0 and row.covered_share and row.covered_share < 1 then
      row.weighed = pyprof.risk(row) * row.total_share
      hot[#hot + 1] = row
    end
  end
  if #rows > 0 then text = text .. "; never executed: " .. listed(rows, "{name}", "never") end
  if #hot == 0 then return text end
  return text .. "\nHot and untested:" .. pyprof.fill("\n{rank}. {name} - {total%} of the time, " ..
    "{covered_share} covered, complexity {complexity}",
    pyprof.distinct(pyprof.top(hot, "weighed", 5)))
end

local function counted(subject)
  local often = pyprof.filter(subject.counts:lines(), function(row) return row.count > 1 end)
  local lines = pyprof.top(often, "count", 5)
  return "Most executed lines:" .. pyprof.fill("\n{rank}. {file:line} - {count:count} times", lines)
end

local function held(subject)
  local rows = pyprof.distinct(pyprof.top(subject.allocations:functions(), "self_weight", 5))
  return "Memory at its peak, by function:" ..
    pyprof.fill("\n{rank}. {name} - {self_weight:bytes}", rows)
end

-- The same profile by CPU time, if the recording says it and neither --idle nor --weight asks for
-- other weights.
local function by_cpu(profile)
  if not profile.clock or profile.weight_given or profile.record.options.idle then return nil end
  return profile:weights "cpu"
end

local function key_of(row) return row.file .. "\0" .. row.name end

-- The ten hottest functions: by samples, unless one's share of CPU time differs by three points and
-- by more than its samples can by chance. Then they are by CPU time, and rows that differ say so.
local function hottest(profile, cpu)
  local all = pyprof.filter(profile:functions(), function(row) return row.self > 0 end)
  local function top(list) return pyprof.top(list, "self_weight", 10) end
  local hot = top(all)
  hot.tail = #all > 10 and ("… %d more"):format(#all - 10) or nil
  for _, row in ipairs(hot) do row.more = "" end
  if not cpu then return hot end
  local share_of, differs = {}, {}
  for _, row in ipairs(hot) do share_of[key_of(row)] = row.self / profile.samples end
  local ranked = top(pyprof.filter(cpu:functions(), function(row) return row.self > 0 end))
  ranked.tail = hot.tail
  -- Of samples that got no processor, a second of CPU time has no more than the rate.
  local worth = math.min(profile.samples, math.max(1, cpu.weight * (profile.rate or 100)))
  for _, row in ipairs(ranked) do
    local key, share = key_of(row), row.self / profile.samples
    local low, high = pyprof.interval(math.floor(share * worth), math.floor(worth))
    local off = row.self_share < low or row.self_share > high
    local change = off and math.abs(row.self_share - share) or 0
    row.more = change >= 0.01 and (" - CPU %.2f%%"):format(100 * row.self_share) or ""
    row.cpu_share, row.self_share, share_of[key] = row.self_share, share, nil
    differs.any = differs.any or change >= 0.03
  end
  -- One that samples put among the ten and CPU time does not.
  for _, share in pairs(share_of) do differs.any = differs.any or share >= 0.03 end
  return differs.any and ranked or hot, differs.any
end

-- The seconds in which threads of the program ran, or were ready to and waited for a processor.
local function ready(profile, exit)
  local seconds = 0
  for _, thread in ipairs(profile.record and profile.record.threads or {}) do
    seconds = seconds + thread.cpu[#thread.cpu] + (thread.delay and thread.delay[#thread.at] or 0)
  end
  return math.max(seconds, exit.user + exit.system)
end

-- What a program that mostly waits does with its time is not in the shares.
local function waited(profile, exit)
  local share = 1 - ready(profile, exit) / exit.wall
  if share <= 0.5 then return "" end
  local idle = profile.record and profile.record.options.idle
  return (": it waited %.0f %% of the time; the shares above %s"):format(100 * share,
    idle and "count that" or "are of the rest; --idle counts waiting")
end

-- Samples that stand for much more or less than the CPU time.
local function warned(profile, exit)
  if profile.weight_kind == "cpu" or not profile.rate then return "" end
  local idle = profile.record and profile.record.options.idle
  local sampled, cpu = profile.samples / profile.rate, exit.user + exit.system
  if idle or math.abs(sampled - cpu) < math.max(cpu / 4, 0.2) then return "" end
  return ("\nSamples stand for %.3f s, the CPU time is %.3f s: shares of samples are none of " ..
    "CPU time%s"):format(sampled, cpu, profile.clock and " (--weight cpu)" or "")
end

local function resources(profile, exit, cpu)
  local several = #pyprof.group(profile:threads(), function(row) return row.pid end) > 1
  return pyprof.fill("Resources: {wall:seconds} (processor: {user:seconds} user, " ..
    "{system:seconds} system" .. waited(profile, exit) .. "), peak memory {max_rss:bytes}", exit) ..
    (several and " (of the largest process)" or "") .. (cpu and "" or warned(profile, exit))
end

local function run(subject)
  local profile, exit = subject.profile, subject.exit or {}
  local profiler, cpu = profile.exporter:match("^[^@]+"), by_cpu(profile)
  local hot, otherwise = hottest(profile, cpu)
  local by = otherwise and " by CPU time:" or ":"
  return { title = "Profiling Results for Python", head = made_of(subject) }, {
      title = "Runtime Profile" .. (profiler and " (" .. profiler .. ")" or ""),
      head = ("Total samples collected: %d\nUnique functions executed: %d\nTop 10 Hot Functions%s")
        :format(profile.samples, #profile:functions(), by),
      rows = pyprof.distinct(hot),
      columns = { "rank", "name", "self", "self%", otherwise and "cpu%" or "file:line",
        otherwise and "file:line" or nil },
      line = "{rank}. {name} - {self:samples} ({self%}){more}",
      tail = hot.tail,
    },
    subject.source and usage(subject),
    subject.coverage and covered(subject),
    subject.counts and counted(subject),
    subject.allocations and held(subject),
    profile.samples > 0 and "Hot paths" .. by .. pyprof.fill("\n{rank}. {share}  {path}",
      pyprof.distinct((otherwise and cpu or profile):flat():stacks { limit = 5 })),
    exit.user and resources(profile, exit, cpu),
    (exit.status or 0) ~= 0 and "Exit status: " .. exit.status
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
