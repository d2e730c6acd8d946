#define FUZZ_SCRIPT "tests/fuzz/callgrind.lua"
#include "lua.h"
