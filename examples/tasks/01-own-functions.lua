-- The top 15 functions, without those of libraries.
return {
  help = "The top 15 functions without library code",
  needs = { "profile" },
  columns = { "rank", "self%", "total%", "name", "file:line" },
  run = function(subject)
    return subject.profile:functions {
      limit = 15, exclude = "origin:library|stdlib" }
  end,
}
