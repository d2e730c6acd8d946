-- annotate.lua - the source, with what was collected about each line.
local pyprof = require "pyprof"

-- The text's lines keep their indentation: spaces at the beginning would be cut.
local function shown(text) return "│ " .. text end

return {
  help = "The source with samples, counts, coverage and bytes beside each line",
  needs = { "profile", "source" },
  wants = { "coverage", "counts", "allocations" },
  args = {
    file = { type = "string", help = "PCRE2: only files whose path it finds" },
    hot = { false, help = "only lines that have samples" },
    coverage = { false, help = "covered, missing or partial, by another run" },
    counts = { false, help = "how often each line ran, by another run" },
    allocations = { false, help = "bytes at the peak, by another run" },
  },
  run = function(subject, args)
    local of_file, files = {}, {}
    for _, row in ipairs(pyprof.annotate(subject, { file = args.file })) do
      if not of_file[row.file] then
        of_file[row.file] = {}
        files[#files + 1] = row.file
      end
      if not args.hot or row.samples then table.insert(of_file[row.file], row) end
    end
    if #files == 0 then return nil, "--file: no file of the source matches" end
    local sections = {}
    for _, file in ipairs(files) do
      if #of_file[file] > 0 then
        local title = pyprof.format(file, "path")
        sections[#sections + 1] = { title = title, rows = of_file[file], columns = {
          "line", { "samples", optional = true }, { "share", optional = true, format = "percent" },
          { "count", optional = true, format = "count" }, { "status", optional = true },
          { "bytes", optional = true, format = "bytes" },
          { "text", format = shown, head = "source" } } }
      end
    end
    return table.unpack(sections)
  end,
}
