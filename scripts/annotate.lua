-- annotate.lua - the source, with what was collected about each line.
local pyprof = require "pyprof"

-- The text's lines keep their indentation: spaces at the beginning would be cut.
local function shown(text) return "│ " .. text end

-- Does the pattern find the path of any file of the source?
local function finds_any(pattern, source)
  local wanted = assert(pyprof.regex(pattern))
  for _, row in ipairs(source:files()) do
    if wanted:find(row.file) then return true end
  end
  return false
end

return {
  help = "The source with samples, counts, coverage and bytes beside each line",
  needs = { "profile", "source" },
  wants = { "coverage", "counts", "allocations" },
  args = {
    file = { type = "pattern", help = "PCRE2: only files whose path it finds" },
    hot = { false, help = "only lines that have samples" },
    coverage = { false, help = "covered, missing or partial, by another run" },
    counts = { false, help = "how often each line ran, by another run" },
    allocations = { false, help = "bytes at the peak, by another run" },
  },
  run = function(subject, args)
    if args.file and not finds_any(args.file, subject.source) then
      return nil, "--file: no file of the source matches"
    end
    local of_file, files = {}, {}
    for _, row in ipairs(pyprof.annotate(subject, { file = args.file })) do
      if not of_file[row.file] then
        of_file[row.file] = {}
        files[#files + 1] = row.file
      end
      if not args.hot or row.samples then table.insert(of_file[row.file], row) end
    end
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
    if #sections == 0 then
      return { rows = {}, columns = { "line", { "text", head = "source" } },
        empty = #files == 0 and "The source has no line." or "No line has samples." }
    end
    return table.unpack(sections)
  end,
}
