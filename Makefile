# pyprof-lua: `make help` lists the targets.
#
# Reading this file runs no compiler: a fresh machine has none. Every rule that compiles depends on
# the stamp that installing the packages leaves.

PREFIX = /usr/local
BUILD = build
CC = gcc
Q = @# make Q= shows the commands
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wvla
CPPFLAGS = -D_GNU_SOURCE -Iinclude -Isrc/core -Isrc/bind -Isrc/host -I/usr/include/lua5.4
# All of Lua is linked, because C modules that a script loads may use any part; -E exports it.
LIBS = -Wl,--whole-archive -l:liblua5.4.a -Wl,--no-whole-archive \
  $(BUILD)/cjson.a -l:libpcre2-8.a -l:libz.a \
  -l:libedit.a -l:libtinfo.a -l:libbsd.a -l:libmd.a -lm -ldl -lpthread
LDFLAGS = -Wl,-E -Wl,-T,src/tools/lua-libraries.ld

TOOLS = src/tools
CORE = $(wildcard src/core/*/*.c)
HOST = $(wildcard src/bind/*.c src/host/*.c)
# The style and the script of the page are embedded joined and minified: every page holds them.
PAGE = lua/pyprof/page
FILES = $(shell find lua scripts -type f)
PAGE_PARTS = $(filter $(PAGE)/%.css $(PAGE)/%.js,$(FILES))
PAGE_MADE = $(PAGE)/page.css $(PAGE)/page.js
EMBEDDED = $(sort $(filter-out $(PAGE_PARTS),$(FILES)) $(PAGE_MADE))
LIBRARY = $(filter lua/%.lua,$(EMBEDDED))
CORE_TESTS = $(wildcard tests/core/*/test_*.c)
FUZZERS = $(wildcard tests/fuzz/fuzz_*.c)
FUZZED = $(FUZZERS:tests/fuzz/%.c=$(BUILD)/fuzz/%) $(BUILD)/fuzz/seeds/.done

# A variant has a name, flags, a compiler, and the stamp of the packages that install that compiler.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
release_FLAGS = $(CFLAGS)
debug_FLAGS = -O0 -g3
asan_FLAGS = -O1 -g $(SANITIZE)
asan-clang_FLAGS = $(asan_FLAGS)
fuzz_FLAGS = $(asan_FLAGS) -fsanitize=fuzzer-no-link -DPP_SMALL_BLOCKS
release_PROGRAM = $(BUILD)/pyprof-lua
debug_PROGRAM = $(BUILD)/pyprof-lua-debug
asan_PROGRAM = $(BUILD)/pyprof-lua-asan
asan-clang_PROGRAM = $(BUILD)/pyprof-lua-asan-clang
release_CC = $(CC)
debug_CC = $(CC)
asan_CC = $(CC)
asan-clang_CC = clang
fuzz_CC = clang
asan-clang_PACKAGES = $(BUILD)/.packages-clang
fuzz_PACKAGES = $(BUILD)/.packages-clang

.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.PHONY: all fleet-check demo check debug asan asan-clang fuzz faults coverage analyze bench scan-truth coverage-truth clean help FORCE

all: $(BUILD)/pyprof-lua .venv/.done  ## install what is missing, build build/pyprof-lua

demo: all  ## profile examples/calculator.py with real py-spy and print the report
	@$(BUILD)/pyprof-lua report.lua examples/calculator.py

check: all $(BUILD)/.packages-check .venv/.done-check .venv/.done-package $(CORE_TESTS:tests/core/%.c=$(BUILD)/release/tests/%) $(FUZZED) faulty  ## run all tests; the last line is: N passed, N failed
	@tests/run release

debug: $(BUILD)/pyprof-lua-debug .venv/.done  ## build build/pyprof-lua-debug, unoptimised

asan: $(BUILD)/pyprof-lua-asan .venv/.done-check .venv/.done-package $(BUILD)/.packages-check $(CORE_TESTS:tests/core/%.c=$(BUILD)/asan/tests/%)  ## build with AddressSanitizer and UBSan, run the tests with it
	@tests/run asan

asan-clang: $(BUILD)/pyprof-lua-asan-clang .venv/.done $(BUILD)/.packages-check $(CORE_TESTS:tests/core/%.c=$(BUILD)/asan-clang/tests/%)  ## as asan, but with clang, which finds more; runs the tests in C and in Lua
	@tests/run asan-clang tests/core/ tests/lua/

fuzz: $(FUZZED)  ## feed each reader broken input, FUZZ_SECONDS each (60)
	@tests/fuzz/run

bench: all $(BUILD)/.packages-bench  ## measure speed and memory side by side with other tools
	@tests/bench/run

fleet-check: all $(BUILD)/fleet/.done  ## merge FLEET_COUNT recordings (2000) on Spark: it installs Java, Spark and others
	@FLEET_PYTHON="$(CURDIR)/$(BUILD)/fleet/bin/python" FLEET_COUNT=$${FLEET_COUNT:-2000} tests/run release tests/e2e/fleet/

scan-truth: all  ## compare the scanner with Python's own parser on many packages
	@PYTHONPATH=tests/e2e .venv/bin/python tests/e2e/source/at_length.py

coverage-truth: all  ## compare the coverage of programs with coverage.py's own on five packages
	@PYTHONPATH=tests/e2e .venv/bin/python tests/e2e/collect/coverage_truth.py

# --- packages from Debian and PyPI

$(BUILD)/.packages: $(TOOLS)/build.packages
	@mkdir -p $(BUILD)
	@$(TOOLS)/install-packages $<
	@touch $@

$(BUILD)/.packages-check: $(TOOLS)/check.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

$(BUILD)/.packages-clang: $(TOOLS)/clang.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

$(BUILD)/.packages-bench: $(TOOLS)/bench.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

.venv/.done: $(TOOLS)/requirements.txt $(BUILD)/.packages
	@echo "installing $(TOOLS)/requirements.txt into .venv"
	@rm -rf .venv
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# What only packages or tests need.
.venv/.done-%: $(TOOLS)/requirements-%.txt .venv/.done
	@echo "installing $< into .venv"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(BUILD)/.packages-fleet: $(TOOLS)/fleet.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

$(BUILD)/fleet/.done: examples/fleet/requirements.txt $(BUILD)/.packages-fleet
	@echo "installing $< into $(@D)"
	@rm -rf $(@D)
	@python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# --- the program, once for each variant

$(BUILD)/embedded.list: FORCE
	@mkdir -p $(BUILD)
	@printf '%s\n' $(EMBEDDED) | cmp -s - $@ || printf '%s\n' $(EMBEDDED) > $@

# In a source archive git has written the commit into src/package/commit.
$(BUILD)/commit.c: FORCE
	@mkdir -p $(BUILD)
	@commit=$$(git rev-parse --short HEAD 2>/dev/null) || commit=$$(grep -v Format src/package/commit) || :; \
	  text="const char pp_commit[] = \"$$commit\";"; echo "$$text" | cmp -s - $@ || echo "$$text" > $@

# The same Lua that the program is linked with makes the library's byte code.
$(BUILD)/precompile: $(TOOLS)/precompile.c $(BUILD)/.packages
	$(Q)$(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) $(CFLAGS) -o $@ $< -l:liblua5.4.a -lm -ldl

$(BUILD)/embedded.c: $(BUILD)/embedded.list $(TOOLS)/embed $(BUILD)/precompile $(FILES)
	@rm -rf $(BUILD)/compiled
	@mkdir -p $(addprefix $(BUILD)/compiled/,$(sort $(dir $(LIBRARY)) $(PAGE)))
	@printf '%s\n' $(LIBRARY) | $(BUILD)/precompile $(BUILD)/compiled
	@cat $(sort $(filter %.css,$(PAGE_PARTS))) | esbuild --loader=css --minify --charset=utf8 > $(BUILD)/compiled/$(PAGE)/page.css
	@cat $(sort $(filter %.js,$(PAGE_PARTS))) | esbuild --format=iife --minify --charset=utf8 > $(BUILD)/compiled/$(PAGE)/page.js
	@$(TOOLS)/embed $(BUILD)/compiled < $< > $@

# Without memory cjson ends the process with a message and a status of its own. So it gets the
# allocators of src/host/main.c, which have ours.
$(BUILD)/cjson.a: $(BUILD)/.packages
	@objcopy --redefine-sym malloc=pp_cjson_malloc --redefine-sym realloc=pp_cjson_realloc \
	  $$($(CC) -print-file-name=liblua5.4-cjson.a) $@

define objects
$(1)_CORE = $$(CORE:src/%.c=$$(BUILD)/$(1)/%.o)
$(1)_HOST = $$(HOST:src/%.c=$$(BUILD)/$(1)/%.o) $$(BUILD)/$(1)/embedded.o $$(BUILD)/$(1)/commit.o

$$(BUILD)/$(1)/%.o: src/%.c $$(BUILD)/.packages $$($(1)_PACKAGES)
	@mkdir -p $$(@D)
	@echo "compiling $$< ($(1))"
	$$(Q)$$($(1)_CC) -std=c11 $$(CPPFLAGS) $$(WARNINGS) $$($(1)_FLAGS) -MMD -MP -c $$< -o $$@

$$(BUILD)/$(1)/embedded.o $$(BUILD)/$(1)/commit.o: $$(BUILD)/$(1)/%.o: $$(BUILD)/%.c $$(BUILD)/.packages $$($(1)_PACKAGES)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)_CC) -std=c11 $$(CPPFLAGS) $$($(1)_FLAGS) -c $$< -o $$@

-include $$($(1)_CORE:.o=.d) $$($(1)_HOST:.o=.d)
endef

define variant
$$($(1)_PROGRAM): $$($(1)_CORE) $$($(1)_HOST) $(TOOLS)/lua-libraries.ld $(BUILD)/cjson.a
	@echo "linking $$@"
	$$(Q)$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) -o $$@ $$($(1)_CORE) $$($(1)_HOST) $$(LIBS)

$$(BUILD)/$(1)/tests/%: tests/core/%.c tests/core/check.h $$($(1)_CORE) $(BUILD)/cjson.a
	@mkdir -p $$(@D)
	@echo "compiling $$< ($(1))"
	$$(Q)$$($(1)_CC) -std=c11 $$(CPPFLAGS) -Itests/core $$(WARNINGS) $$($(1)_FLAGS) -MMD -MP -o $$@ $$< $$($(1)_CORE) $$(LIBS)

-include $$(CORE_TESTS:tests/core/%.c=$$(BUILD)/$(1)/tests/%.d)
endef
$(foreach v,release debug asan asan-clang fuzz,$(eval $(call objects,$(v))))
$(foreach v,release debug asan asan-clang,$(eval $(call variant,$(v))))

# --- the fuzzers: the whole program except main, with an entry point each

# The scanner compares so many bytes that to tell of each takes four fifths of the time.
$(BUILD)/fuzz/core/source/%.o: fuzz_FLAGS += -fno-sanitize-coverage=trace-cmp

$(BUILD)/fuzz/program.a: $(fuzz_CORE) $(filter-out %/main.o,$(fuzz_HOST))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/program.a $(TOOLS)/lua-libraries.ld $(BUILD)/cjson.a
	@echo "compiling $< (fuzz)"
	$(Q)$(fuzz_CC) -std=c11 $(CPPFLAGS) $(WARNINGS) $(fuzz_FLAGS) -fsanitize=fuzzer -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/fuzz/program.a $(LIBS)

-include $(FUZZERS:tests/fuzz/%.c=$(BUILD)/fuzz/%.d)

# The inputs that the fuzzers begin with.
$(BUILD)/fuzz/seeds/.done: tests/fuzz/make_seeds.py $(BUILD)/pyprof-lua
	@python3 $< $(@D)
	@touch $@

# --- faults: the objects of asan with tests/faults/fault.c, which stands in front of malloc

FAULT_TESTS = $(wildcard tests/faults/test_*.c)
FAULTS = $(FAULT_TESTS:tests/faults/%.c=$(BUILD)/asan/faults/%) $(BUILD)/asan/faults/program

define faults
$$(BUILD)/$(1)/faults/test_%: tests/faults/test_%.c tests/faults/fault.c $$(wildcard tests/faults/*.h) \
    tests/core/check.h $$($(1)_CORE) $(BUILD)/cjson.a
	@mkdir -p $$(@D)
	@echo "compiling $$< ($(1))"
	$$(Q)$$(CC) -std=c11 $$(CPPFLAGS) -Itests/core $$(WARNINGS) $$($(1)_FLAGS) -o $$@ $$< \
	  tests/faults/fault.c $$($(1)_CORE) -Wl,--wrap=pthread_create $$(LIBS)
endef

$(BUILD)/asan/faults/program: tests/faults/program.c tests/faults/fault.c tests/faults/fault.h \
    $(asan_CORE) $(asan_HOST) $(BUILD)/cjson.a
	@mkdir -p $(@D)
	@echo "linking $@"
	$(Q)$(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) $(asan_FLAGS) $(LDFLAGS) -Wl,--wrap=main \
	  -Wl,--wrap=pthread_create -o $@ $(filter %.c %.o,$^) $(LIBS)

# --- coverage: a variant that counts the lines and branches that ran

coverage_FLAGS = -O0 -g --coverage
coverage_CC = $(CC)
coverage_PROGRAM = $(BUILD)/pyprof-lua-coverage
$(foreach d,objects variant faults,$(eval $(call $(d),coverage)))
$(eval $(call faults,asan))

COVERED = $(coverage_PROGRAM) $(CORE_TESTS:tests/core/%.c=$(BUILD)/coverage/tests/%) \
  $(FAULT_TESTS:tests/faults/%.c=$(BUILD)/coverage/faults/%)

coverage: $(COVERED) .venv/.done $(BUILD)/.packages-check  ## print which share of src/core the tests run; a small share is a failure
	@tests/coverage $(CORE)

.PHONY: coverage faults faulty
faulty: $(FAULTS)

faults: all $(FAULTS) $(BUILD)/.packages-check  ## let each allocation and write fail, and send signals at random: takes half an hour or more
	@FAULTS=all tests/run release tests/faults/

# --- analysis

$(BUILD)/.packages-analyze: $(TOOLS)/analyze.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

.PHONY: analyze
analyze: all $(BUILD)/.packages-analyze $(CORE_TESTS:tests/core/%.c=$(BUILD)/release/tests/%)  ## look for faults with gcc -fanalyzer, clang-tidy, valgrind and ESLint: ten minutes
	@tests/analyze -std=c11 $(CPPFLAGS) -- $(CORE) $(HOST)

include src/package/package.mk

clean:  ## remove the files that were built (.venv stays)
	rm -rf $(BUILD)

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile src/package/package.mk
