-- limits.lua - which share of the time a function may take, with all that it calls.
return { { "parse", "total", 0.90 } }
