-- The time of library code counts for the own function that called it.
return {
  help = "Functions, library frames folded into their first own caller",
  needs = { "profile" },
  args = { limit = 5 },
  columns = { "self%", "total%", "name", "file:line" },
  run = function(subject, args)
    local folded = subject.profile:fold("origin:library|stdlib")
    return folded:functions { limit = args.limit }
  end,
}
