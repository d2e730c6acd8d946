-- Seconds 10 to 20 only.
return {
  help = "Functions in a stretch of time",
  needs = { "profile" },
  args = { start = 10.0, stop = 20.0, limit = 5 },
  columns = { "self_weight", "self%", "name", "file:line" },
  run = function(subject, args)
    local stretch = subject.profile:window(args.start, args.stop)
    return stretch:functions { limit = args.limit }
  end,
}
