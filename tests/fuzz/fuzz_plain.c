#define FUZZ_SCRIPT "tests/fuzz/plain.lua"
#include "lua.h"
