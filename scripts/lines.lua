-- lines.lua - hot lines, with their text if the source is here.
local function text_of(source, row)
  local text = source and row.line > 0 and source:line(row.file, row.line)
  return text and text:gsub("^%s+", "") or nil
end

return {
  help = "Lines by self time, with their source",
  needs = { "profile" },
  wants = { "source" },
  args = {
    limit = 20, exclude = {},
    sort = { "self_weight", fields = { "self_weight", "self", "self%", "total_weight", "total",
      "total%", "name", "file", "line" } },
  },
  columns = {
    "self%", "total%", "file:line", "name", { "text", head = "source", optional = true },
  },
  run = function(subject, args)
    local rows = subject.profile:lines(args)
    for _, row in ipairs(rows) do row.text = text_of(subject.source, row) end
    return { rows = rows, empty = "No line is in the samples." }
  end,
}
