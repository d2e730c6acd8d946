-- threads.lua - threads by their time, each with its hottest function.
return {
  help = "Threads by their time, each with its hottest function",
  needs = { "profile" },
  args = { limit = 30, sort = { "weight", fields = { "weight", "samples", "share", "parent", "pid",
    "id", "name", "command", "main" } } },
  columns = {
    "weight", "share", { "parent", optional = true }, { "pid", optional = true },
    { "id", optional = true }, "name", { "command", optional = true },
    { "hottest", head = "mostly in", format = "name", optional = true },
  },
  run = function(subject, args)
    local threads = subject.profile:split { sort = args.sort, limit = args.limit }
    for _, thread in ipairs(threads) do
      local hottest = thread.profile:functions { limit = 1 }[1]
      thread.hottest = hottest and ("%s (%.0f%%)"):format(hottest.name, 100 * hottest.self_share)
      if thread.name == "" and thread.main then thread.name = "(main)" end
      thread.profile = nil
    end
    return { rows = threads, empty = "No thread has samples." }
  end,
}
