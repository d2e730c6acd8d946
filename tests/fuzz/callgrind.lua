return dofile("tests/fuzz/calls.lua")("callgrind")
