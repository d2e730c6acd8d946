-- complexity.lua - fails if a function is more complex than --limit: for pre-commit.
return {
  help = "Functions that are more complex than --limit; status 3 if there are any",
  needs = { "source" },
  args = { limit = { 15, help = "the most decision points that a function may have" } },
  columns = { "complexity", "name", "file:line" },
  finding = function(row) return ("%s: complexity %d"):format(row.name, row.complexity) end,
  run = function(subject, args)
    local rows = {}
    for row in subject.source:each_definition() do
      if row.kind ~= "class" and row.complexity > args.limit then rows[#rows + 1] = row end
    end
    return rows, { verdict = #rows == 0 and "passed" or "failed" }
  end,
}
