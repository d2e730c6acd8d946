-- memory.lua - which functions hold the memory, by the collector in examples/collect/memray.lua.
return {
  help = "Functions by the memory that they hold at the peak of its use",
  needs = { "memray" },
  args = { limit = 20, exclude = {} },
  columns = { "rank", "self_weight", "self%", "total%", "name", "file:line" },
  run = function(subject, args) return subject.memray:functions(args) end,
}
