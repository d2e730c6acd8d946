-- What calls json.loads, from which lines, at what cost.
return {
  help = "Who calls a function, from which lines",
  needs = { "profile" },
  args = {
    callee = { "json.loads", type = "selector", help = "what is called" },
  },
  columns = { "samples", "weight", "share", "name", "file:line" },
  run = function(subject, args)
    return subject.profile:callers(args.callee, { by = "line" })
  end,
}
