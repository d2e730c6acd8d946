-- callers.lua - who calls a function, and whom it calls: callers.lua --function json.loads …
local pyprof = require "pyprof"

local columns = { "samples", "weight", "share", "name", "file:line" }
-- A profile of calls (cProfile, callgrind) counts calls, and has no total for several functions.
local columns_of_calls = { "calls", "weight", "share", "name", "file:line" }

local function said(use)
  local parts = { use.calls and use.calls .. (use.calls == 1 and " call" or " calls") or
    pyprof.format(use.total, "samples") }
  if use.total_share then parts[2] = ("%.2f%% of all"):format(100 * use.total_share) end
  return ("%s: %s; %.2f%% by itself"):format(pyprof.format(use.name, "name"),
    table.concat(parts, ", "), 100 * use.self_share)
end

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
    local use = p:sum(selected)
    local shown = use.calls and columns_of_calls or columns
    local callers = p:callers(selected, { by = args.by, limit = args.limit })
    local by = not use.calls and args.by or nil -- calls have no lines of callees
    local callees = p:callees(selected, { by = by, limit = args.limit })
    return { title = "Callers", head = said(use), rows = callers, columns = shown,
        empty = "No sample has it." },
      { title = "Callees", rows = callees, columns = shown, empty = "No sample has it." }
  end,
}
