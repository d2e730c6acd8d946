-- A table for a pull request: run it with --format markdown.
return {
  help = "Before and after of the hottest functions, for --format markdown",
  needs = { "profile" },
  args = { before = { type = "recording", required = true }, limit = 5 },
  columns = { "name", "before", "after" },
  run = function(subject, args)
    local rows = subject.profile:functions { limit = args.limit }
    for _, row in ipairs(rows) do
      row.before = ("%.1f %%"):format(100 * args.before:sum(row).self_share)
      row.after = ("%.1f %%"):format(100 * row.self_share)
    end
    return { rows = rows, tail = "Share of samples with the function on top." }
  end,
}
