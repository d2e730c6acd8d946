-- stacks.lua - the current stack of every thread of a running process, innermost frame first.
local function state(thread)
  if thread.gil then return "running (GIL)" end
  return thread.active and "running" or "waiting"
end

return {
  help = "The current stack of every thread of a running process (--pid N)",
  needs = { "stacks" },
  columns = { "thread", "state", "name", "file:line" },
  run = function(subject)
    local rows = {}
    for _, thread in ipairs(subject.stacks) do
      for depth, frame in ipairs(thread.frames) do
        rows[#rows + 1] = {
          pid = thread.pid, thread = ("%d %s"):format(thread.id, thread.name),
          state = state(thread), depth = depth, name = frame.name, file = frame.file,
          line = frame.line,
        }
      end
    end
    return rows
  end,
}
