-- scan.lua: lines, definitions and complexity of Python files; no program is run.
local files = { "file", "bytes", "lines", "source", "docstring", "comment", "blank", "functions",
  "lambdas", "classes", "imports", "complexity", { "error", optional = true } }
local totals = { "files", table.unpack(files, 2, 12) }
local definitions = { "file", "kind", "name", "first_line", "line", "end_line", "complexity" }

return {
  help = "Lines, definitions and complexity of Python files, as Python's own parser counts them",
  needs = { "source" },
  args = {
    definitions = { false, help = "one row a definition" },
    complexity = { "radon", choice = { "radon", "mccabe" }, help = "what counts as a decision" },
    ignore = { true, help = "leave out what .gitignore says" },
    stubs = { false, help = "*.pyi, too" },
  },
  run = function(subject, args)
    local source = subject.source:with {
      complexity = args.complexity, ignore = args.ignore, stubs = args.stubs }
    if args.definitions then
      return { title = "Definitions", rows = source:each_definition(), columns = definitions,
        empty = "The source defines nothing." }
    end
    return { title = "Files", rows = source:each_file(), columns = files },
      { title = "Totals", rows = source:each_total(), columns = totals }
  end,
}
