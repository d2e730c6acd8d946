# package.mk - what is installed, and the packages that are made of it.

VERSION = $(shell sed 's/.*"\(.*\)".*/\1/' lua/pyprof/version.lua)
PACKAGE = src/package
MAN = $(BUILD)/man/pyprof-lua.1 $(BUILD)/man/pyprof-lua.5

bindir = $(DESTDIR)$(PREFIX)/bin
datadir = $(DESTDIR)$(PREFIX)/share
sharedir = $(datadir)/pyprof-lua
libexecdir = $(DESTDIR)$(PREFIX)/libexec/pyprof-lua
docdir = $(datadir)/doc/pyprof-lua
# Where each shell looks for a command's completion.
COMPLETIONS = bash-completion/completions/pyprof-lua zsh/site-functions/_pyprof-lua \
  fish/vendor_completions.d/pyprof-lua.fish

.PHONY: install uninstall wheel deb dist package-check

$(BUILD)/.packages-package: $(TOOLS)/package.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

# Terminals show no Courier: what is code becomes bold. The first line has man call tbl.
$(BUILD)/man/pyprof-lua.%: $(TOOLS)/manual.lua $(BUILD)/pyprof-lua $(BUILD)/.packages-package
	@mkdir -p $(@D)
	@$(BUILD)/pyprof-lua $< $* > $@.md
	@{ echo "'\\\" t"; lowdown -s -t man --out-no-smarty -M title=PYPROF-LUA -M section=$* \
	  -M source="pyprof-lua $(VERSION)" -M date= $@.md | sed 's/\\fC/\\fB/g'; } > $@

install: all $(MAN)  ## install below PREFIX (/usr/local), with DESTDIR in front of it
	install -D -m 755 $(BUILD)/pyprof-lua $(bindir)/pyprof-lua
	install -D -m 755 .venv/bin/py-spy $(libexecdir)/py-spy
	for file in $(filter-out $(PAGE_MADE),$(EMBEDDED)); do \
	  install -D -m 644 $$file $(sharedir)/$$file || exit 1; done
	install -D -m 644 README.md $(docdir)/README.md
	install -D -m 644 LICENSE $(docdir)/LICENSE
	install -D -m 644 $(PACKAGE)/notices $(docdir)/NOTICES
	install -D -m 644 .venv/lib/python3*/site-packages/py_spy-*/licenses/LICENSE \
	  $(docdir)/LICENSE.py-spy
	install -D -m 644 $(BUILD)/man/pyprof-lua.1 $(datadir)/man/man1/pyprof-lua.1
	install -D -m 644 $(BUILD)/man/pyprof-lua.5 $(datadir)/man/man5/pyprof-lua.5
	install -D -m 644 $(PACKAGE)/completions/pyprof-lua.bash $(datadir)/$(word 1,$(COMPLETIONS))
	install -D -m 644 $(PACKAGE)/completions/_pyprof-lua $(datadir)/$(word 2,$(COMPLETIONS))
	install -D -m 644 $(PACKAGE)/completions/pyprof-lua.fish $(datadir)/$(word 3,$(COMPLETIONS))

uninstall:  ## remove the files that install put there
	rm -f $(bindir)/pyprof-lua $(datadir)/man/man1/pyprof-lua.1 $(datadir)/man/man5/pyprof-lua.5
	rm -f $(addprefix $(datadir)/,$(COMPLETIONS))
	rm -rf $(sharedir) $(libexecdir) $(docdir)

# The tree below /usr, with the program stripped.
$(BUILD)/stage/.done: all $(MAN) FORCE
	@rm -rf $(@D)
	@$(MAKE) -s install DESTDIR=$(abspath $(@D)) PREFIX=/usr > /dev/null
	@strip $(@D)/usr/bin/pyprof-lua
	@touch $@

# The wheel's program runs with an older glibc than that of the machine that builds it: zig links
# the same objects for it, and fails if they need more. Its tag says which glibc.
WHEEL_GLIBC = 2.31
$(BUILD)/wheel-program: $(BUILD)/pyprof-lua .venv/.done-package
	@echo "linking $@ for glibc $(WHEEL_GLIBC)"
	$(Q)ZIG_GLOBAL_CACHE_DIR=$(abspath $(BUILD)/zig) .venv/bin/python -m ziglang cc -O2 -pie -s \
	  -target $$(uname -m)-linux-gnu.$(WHEEL_GLIBC) $(LDFLAGS) -o $@ $(release_CORE) $(release_HOST) \
	  $(patsubst -l:%,$$($(CC) -print-file-name=%),$(LIBS)) $$($(CC) -print-libgcc-file-name)

# hatchling makes the wheel.
wheel: $(BUILD)/stage/.done $(BUILD)/wheel-program  ## make the wheel for pip: build/dist/pyprof_lua-*.whl
	@rm -rf $(BUILD)/wheel $(BUILD)/dist/*.whl
	@mkdir -p $(BUILD)/wheel $(BUILD)/dist
	@cp -r $(PACKAGE)/wheel/. README.md LICENSE lua/pyprof/version.lua $(BUILD)/wheel
	@cp $(PACKAGE)/notices $(BUILD)/wheel/NOTICES
	@cp -r $(BUILD)/stage/usr/bin $(BUILD)/stage/usr/share $(BUILD)/wheel
	@rm -r $(BUILD)/wheel/share/doc
	@cp $(BUILD)/wheel-program $(BUILD)/wheel/bin/pyprof-lua
	@cd $(BUILD)/wheel && WHEEL_TAG=py3-none-manylinux_$(subst .,_,$(WHEEL_GLIBC))_$$(uname -m) \
	  $(abspath .venv/bin/python) -m hatchling build -t wheel -d ../dist > build.log 2>&1 || \
	  { cat build.log; exit 1; }
	@ls $(BUILD)/dist/*.whl

deb: $(BUILD)/stage/.done  ## make the Debian package: build/dist/pyprof-lua_*.deb
	@$(PACKAGE)/deb/build $(VERSION) $(BUILD)/stage $(BUILD)/deb $(BUILD)/dist

# git writes the commit into the archive, which then builds without git.
dist:  ## make the archive of the source: build/dist/pyprof-lua-*.tar.gz
	@mkdir -p $(BUILD)/dist
	@git archive --format=tar.gz --prefix=pyprof-lua-$(VERSION)/ \
	  -o $(BUILD)/dist/pyprof-lua-$(VERSION).tar.gz HEAD
	@ls $(BUILD)/dist/pyprof-lua-$(VERSION).tar.gz

$(BUILD)/.packages-package-check: $(TOOLS)/package-check.packages $(BUILD)/.packages
	@$(TOOLS)/install-packages $<
	@touch $@

package-check: wheel deb dist $(BUILD)/.packages-package-check  ## install each package in a fresh Debian, use and remove it: as root, ten minutes
	@tests/package/run
