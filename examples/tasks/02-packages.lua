-- Time per top-level package.
return {
  help = "Time per top-level package",
  needs = { "profile" },
  columns = { "self_weight", "self%", "name" },
  run = function(subject) return subject.profile:by("package") end,
}
