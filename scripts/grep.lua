-- grep.lua: looks for a pattern in the code, comments, strings or docstrings of Python source.
return {
  help = "What a PCRE2 pattern finds in code, comments, strings or docstrings",
  needs = { "source" },
  args = {
    pattern = { type = "pattern", required = true, help = "PCRE2" },
    flags = { "", help = "letters: i caseless, m multiline, s dotall, x extended, u UTF-8" },
    ["in"] = { "code", choice = { "code", "comment", "string", "docstring", "any" } },
    at = { "anywhere", choice = { "anywhere", "line" }, help = "line: where a line begins" },
    ignore = { true, help = "leave out what .gitignore says" },
    stubs = { false, help = "*.pyi, too" },
  },
  columns = { "file:line", "column", { "definition", format = "name", optional = true },
    { "text", value = function(row) return (row.text:gsub("^%s+", "")) end } },
  finding = function(row) return "found: " .. row.match end,
  run = function(subject, args)
    local source = subject.source:with { ignore = args.ignore, stubs = args.stubs }
    return { rows = source:each_match {
        { pattern = args.pattern, flags = args.flags, where = args["in"], at = args.at } },
      empty = ("The pattern is found in no %s of the source."):format(
        args["in"] == "any" and "line" or args["in"]) }
  end,
}
