-- todo.lua: comments on work that is still to be done.
local pattern = [[\b(?<tag>TODO|FIXME|XXX|HACK)\b[\s:(-]*(?<what>[^\r\n]*)]]

return {
  help = "TODO, FIXME, XXX and HACK comments, and the functions they stand in",
  needs = { "source" },
  columns = { "tag", "file:line", { "definition", optional = true }, "what" },
  run = function(subject)
    local each = subject.source:each_match { { pattern = pattern, where = "comment" } }
    return function()
      local row = each()
      if row then row.tag, row.what = row.captures[1], row.captures[2] end
      return row
    end
  end,
}
