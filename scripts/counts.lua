-- counts.lua - how often each line ran, beside its text.
local pyprof = require "pyprof"

-- The texts of the rows, and what stands to the left of them.
local function add_texts(rows)
  local sources, files, widest = {}, #pyprof.group(rows, "file", {}), 0
  for _, row in ipairs(rows) do
    if sources[row.file] == nil then sources[row.file] = pyprof.scan(row.file) or false end
    row.text = sources[row.file] and sources[row.file]:line(row.file, row.line) or ""
    row.place = pyprof.fill(files == 1 and "{line}" or "{file:line}", row)
    widest = math.max(widest, #row.place)
  end
  for _, row in ipairs(rows) do
    row.gutter = ("%10d  %s%s"):format(row.count, row.place, (" "):rep(widest - #row.place))
  end
  return files == 1 and pyprof.format(rows[1].file, "path") or nil
end

return {
  help = "How often each line ran, exactly (0: never)",
  needs = { "counts" },
  args = {
    file = { type = "pattern", help = "only files whose path matches this (PCRE2)" },
    ["function"] = { type = "selector", help = "only the lines of these functions" },
    sort = { fields = { "count", "file", "line" } },
    limit = { type = "integer" },
  },
  run = function(subject, args)
    local rows = subject.counts:lines { include = args["function"], sort = args.sort }
    if args.file then
      local wanted = assert(pyprof.regex(args.file))
      rows = pyprof.filter(rows, function(row) return wanted:find(row.file) ~= nil end)
      if #rows == 0 then return nil, ("no counted file matches '%s'"):format(args.file) end
    end
    rows = pyprof.first(rows, args.limit)
    return { title = "Counts", head = add_texts(rows), rows = rows,
      empty = "No line was counted.",
      columns = { "file", "line", "count", "text" }, line = "{gutter}  {text}" }
  end,
}
