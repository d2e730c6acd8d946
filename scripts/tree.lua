-- tree.lua - the call tree: who calls whom, and the total of each call.
return {
  help = "The call tree, small branches left out",
  needs = { "profile" },
  args = {
    min_share = { 0.01, help = "leave out calls of a smaller share" },
    depth = { type = "integer", help = "at most so many calls deep" },
    by = { "function", choice = { "function", "line" }, help = "what a call is told apart by" },
  },
  columns = { "total%", "self%", "tree", "file:line" },
  run = function(subject, args)
    return subject.profile:flat():tree {
      by = args.by, depth = args.depth, min_share = args.min_share }
  end,
}
