-- budget.lua - fails if a function takes more than its limit: status 3, for CI.
-- budget.lua --limits limits.lua …; limits.lua: return { { "parse", "total", 0.20 }, … }
local order = { passed = 1, unsure = 2, failed = 3 }

return {
  help = "Fail if a function takes more than its limit (status 3; 4 if that is not certain)",
  needs = { "profile" },
  args = { limits = { type = "lua", required = true,
    help = "a file: return { { \"parse\", \"total\", 0.20 }, … }" } },
  columns = { "verdict", "name", "kind", "share", "low_share", "high_share", "max_share" },
  run = function(subject, args)
    local rows, worst = {}, "passed"
    for i, limit in ipairs(args.limits) do
      local name, kind, max = table.unpack(limit)
      local use = subject.profile:sum(name)
      local low, high = use[kind .. "_low"], use[kind .. "_high"]
      if not low then return nil, ("limits[%d]: kind is 'self' or 'total'"):format(i) end
      local verdict = use.functions == 0 and "unsure" -- renamed? then nothing was checked
        or low > max and "failed" or high > max and "unsure" or "passed"
      if order[verdict] > order[worst] then worst = verdict end
      rows[i] = { verdict = verdict, name = name, kind = kind, max_share = max,
        share = use[kind .. "_share"], low_share = low, high_share = high }
    end
    return rows, { verdict = worst }
  end,
}
