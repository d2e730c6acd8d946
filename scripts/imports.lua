-- imports.lua - the time of each import, by itself and with what it imports in its turn.
local pyprof = require "pyprof"

return {
  help = "Imports by their time, as a list or a tree (--rate 1000 shows short ones, too)",
  needs = { "profile" },
  args = {
    tree = { false, help = "each module below the one that imports it" },
    min_share = { 0.01, help = "leave out modules of a smaller share" },
    limit = 30,
    sort = { "total_weight", fields = { "total_weight", "total", "total%", "self_weight", "self",
      "self%", "name", "file", "importer" } },
  },
  run = function(subject, args)
    local p, share = subject.profile, 0
    for _, row in ipairs(p:imports { tree = true }) do
      if row.depth == 0 then share = share + row.total_share end
    end
    local rows = p:imports { tree = args.tree, min_share = args.min_share, sort = args.sort,
      limit = args.limit }
    local columns = { "total_weight", "total%", "self_weight",
      { args.tree and "tree" or "name", head = "module", also = { "file", "self_share" } },
      { "importer", head = "imported at" } }
    return { head = ("Imports are %s of the samples"):format(pyprof.format(share, "percent")),
      rows = rows, columns = columns }
  end,
}
