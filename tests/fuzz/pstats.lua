return dofile("tests/fuzz/calls.lua")("pstats")
