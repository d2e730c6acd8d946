-- smells.lua: finds habits that often lead to bugs. A rule is one line: add your own.
local rules = {
  { name = "bare except", at = "line", pattern = [[except\s*:]] },
  { name = "swallowed", at = "line", flags = "m", pattern = [[except\b.*:\s*pass\b]] },
  { name = "mutable default", at = "line",
    pattern = [[(?:async\s+)?def\b.*?=\s*(?:\[|\{|(?:list|dict|set)\(\))]], flags = "s" },
  { name = "print", pattern = [[(?<![\w.])print\s*\(]] },
  { name = "star import", at = "line", pattern = [[from\b.*\bimport\s*\*]] },
  { name = "eval", pattern = [[(?<![\w.])(?:eval|exec)\s*\(]] },
  { name = "compare to None", pattern = [[[!=]=\s*None\b]] },
  { name = "type() ==", pattern = [[\btype\s*\([^()]*\)\s*[=!]=]] },
  { name = "global", at = "line", pattern = [[global\b]] },
  { name = "assert on a tuple", at = "line", pattern = [[assert\s*\([^()]*,[^()]*\)\s*$]] },
  { name = "breakpoint", pattern = [[(?<![\w.])(?:breakpoint|pdb\.set_trace)\s*\(]] },
}

return {
  help = "Bare excepts, mutable defaults, print(, star imports and the like",
  needs = { "source" },
  args = { only = { "", help = "one rule's name" } },
  columns = { "rule", "file:line", { "definition", optional = true },
    { "text", value = function(row) return (row.text:gsub("^%s+", "")) end } },
  run = function(subject, args)
    local chosen = {}
    for _, rule in ipairs(rules) do
      if args.only == "" or args.only == rule.name then chosen[#chosen + 1] = rule end
    end
    if #chosen == 0 then return nil, "--only: no rule '" .. args.only .. "'" end
    return subject.source:each_match(chosen)
  end,
}
