-- samples.lua - the samples as data for other engines: a row for each distinct stack and label set.
--
-- Processes and threads count by their names: numbers mean nothing past one machine.
local pyprof = require "pyprof"

-- The field `frames` is a list of structs; a number for each frame makes a key of it.
local function new_rows(subject, args)
  local p = subject.profile
  local rows, of_key = pyprof.array {}, {}
  local number = pyprof.numbering(function() end)
  local function key_of(thread, row)
    local ids = {}
    for i, frame in ipairs(row.frames) do ids[i] = number(frame, frame) end
    return ("%s\0%s\0%s\0%s"):format(thread.command, thread.name, row.test,
      table.concat(ids, " "))
  end
  for _, thread in ipairs(p:split { stacks = "line", tests = true }) do
    for _, row in ipairs(thread.stacks) do
      local key = key_of(thread, row)
      local known = of_key[key]
      if known then
        known.samples, known.weight = known.samples + row.samples, known.weight + row.weight
      else
        of_key[key] = {
          samples = row.samples, weight = row.weight, metric = p.metric, unit = p.unit,
          service = args.service, host = args.host, process = thread.command,
          thread = thread.name, test = row.test, frames = pyprof.array(row.frames),
        }
        rows[#rows + 1] = of_key[key]
      end
    end
  end
  return rows
end

return {
  help = "For Spark, DuckDB and others: a row for each distinct stack and its labels (ndjson)",
  needs = { "profile" },
  args = {
    service = { "", help = "the label `service` of each row" },
    host = { "", help = "the label `host` of each row" },
  },
  columns = { "samples", "weight", "metric", "unit", "service", "host", "process", "thread",
    "test", "frames" },
  run = new_rows,
}
