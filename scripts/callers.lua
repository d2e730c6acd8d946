-- callers.lua - who calls a function, and whom it calls: callers.lua --function json.loads …
local columns = { "samples", "weight", "share", "name", "file:line" }

return {
  help = "What calls a function and what it calls, and at what cost",
  needs = { "profile" },
  args = {
    ["function"] = { type = "selector", required = true, help = "the function, as for --where" },
    by = { "function", choice = { "function", "line" }, help = "line: from which lines" },
    limit = 20,
  },
  run = function(subject, args)
    local p, selected = subject.profile, args["function"]
    local query = { by = args.by, limit = args.limit }
    local use = p:sum(selected)
    local head = ("%s: %d samples, %.2f%% of all; %.2f%% by itself"):format(use.name, use.total,
      100 * use.total_share, 100 * use.self_share)
    return { title = "Callers", head = head, rows = p:callers(selected, query), columns = columns },
      { title = "Callees", rows = p:callees(selected, query), columns = columns }
  end,
}
