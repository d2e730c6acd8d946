#define FUZZ_SCRIPT "tests/fuzz/template.lua"
#include "lua.h"
