-- The functions of worker threads only.
return {
  help = "Functions of all threads but the main one",
  needs = { "profile" },
  args = { limit = 5 },
  columns = { "self%", "name", "file:line" },
  run = function(subject, args)
    local workers = subject.profile:thread("!main:true")
    return workers:functions { limit = args.limit }
  end,
}
