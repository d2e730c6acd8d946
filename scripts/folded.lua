-- folded.lua - the distinct stacks as text, one a line, for flamegraph.pl and its like.
local function part(frame, names)
  local name = names and frame.name or ("%s (%s:%d)"):format(frame.name, frame.file, frame.line)
  return (name:gsub("[;%c]", "_"))
end

return {
  help = "Folded stacks, `a;b;c 12`: no threads, weights or time (--by line keeps the lines)",
  needs = { "profile" },
  args = {
    names = { false, help = "names alone, without file and line" },
    by = { "function", choice = { "function", "line" }, help = "what frames are told apart by" },
  },
  run = function(subject, args)
    local lines = {}
    for i, row in ipairs(subject.profile:stacks { by = args.by }) do
      local parts = {}
      for depth, frame in ipairs(row.frames) do parts[depth] = part(frame, args.names) end
      lines[i] = ("%s %d\n"):format(table.concat(parts, ";"), row.samples)
    end
    return table.concat(lines)
  end,
}
