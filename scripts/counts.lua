-- counts.lua - how often each line ran, beside its text.
local pyprof = require "pyprof"

-- The lines of the functions that the selector takes; nil: all.
local function chosen(counts, selector)
  if not selector then return nil end
  local takes, lines = pyprof.selector(selector), {}
  for _, row in ipairs(counts:functions()) do
    if takes { name = row.name, file = row.file, line = row.line } then
      lines[row.file] = lines[row.file] or {}
      for line = row.line, row.end_line do lines[row.file][line] = true end
    end
  end
  return lines
end
return { help = "", needs = { "counts" }, run = function() return {} end, chosen }
