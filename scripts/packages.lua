-- packages.lua - time by installed package: your own code, the standard library, each library.
return {
  help = "Time by package (or by module, origin or file)",
  needs = { "profile" },
  args = {
    by = { "package", choice = { "package", "module", "origin", "file" }, help = "what to add up" },
    limit = 20, exclude = {},
    sort = { "self_weight", fields = { "self_weight", "self", "self%", "total_weight", "total",
      "total%", "calls", "functions", "name" } },
  },
  run = function(subject, args)
    local rows = subject.profile:by(args.by, {
      limit = args.limit, sort = args.sort, exclude = args.exclude })
    local name = { "name", format = args.by == "file" and "path" or nil }
    return { rows = rows, columns = { "self_weight", "self%", { "total%", optional = true },
      "functions", name }, empty = "No function is in the samples." }
  end,
}
