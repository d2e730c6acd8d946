-- Fails CI (status 3) if a function takes more than its share; unsure (4) if
-- there is no such function.
return {
  help = "Fail where a function takes more than its share",
  needs = { "profile" },
  args = { name = "parse", max_share = 0.20 },
  columns = { "name", "total%", { "total_low", format = "percent" },
    { "total_high", format = "percent" } },
  run = function(subject, args)
    local use = subject.profile:sum(args.name)
    local verdict = use.functions == 0 and "unsure" or
      use.total_share > args.max_share and "failed" or "passed"
    return { use }, { verdict = verdict }
  end,
}
