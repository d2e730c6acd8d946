#define FUZZ_SCRIPT "tests/fuzz/pstats.lua"
#include "lua.h"
