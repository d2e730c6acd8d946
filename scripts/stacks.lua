-- stacks.lua - the current stack of every thread of a running process, innermost frame first.
local pyprof = require "pyprof"

local function state(thread)
  if thread.gil then return "running (GIL)" end
  return thread.active and "running" or "waiting"
end

return {
  help = "The current stack of every thread of a running process (--pid N; --subprocesses)",
  needs = { "stacks" },
  run = function(subject)
    local rows, columns = {}, { "thread", "state", "name", "file:line" }
    for _, thread in ipairs(subject.stacks) do
      for depth, frame in ipairs(thread.frames) do
        rows[#rows + 1] = {
          pid = thread.pid, thread = ("%d %s"):format(thread.id, thread.name),
          state = state(thread), depth = depth, name = frame.name, file = frame.file,
          line = frame.line,
        }
      end
    end
    if #pyprof.group(rows, "pid") > 1 then table.insert(columns, 1, "pid") end
    return { rows = rows, columns = columns, empty = "No thread of the process has a stack." }
  end,
}
