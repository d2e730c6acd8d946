-- forbid.lua - fails where a pattern is in the code: for pre-commit.
return {
  help = "Where --pattern is in the code; status 3 if it is there",
  needs = { "source" },
  args = { pattern = { type = "string", required = true, help = "PCRE2" } },
  columns = { "file:line", "text" },
  finding = function(row) return "not allowed: " .. row.match end,
  run = function(subject, args)
    local rows = {}
    for row in subject.source:each_match { { pattern = args.pattern } } do
      rows[#rows + 1] = row
    end
    return rows, { verdict = #rows == 0 and "passed" or "failed" }
  end,
}
