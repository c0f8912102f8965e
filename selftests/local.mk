# SPDX-License-Identifier: GPL-2.0-or-later
# kselftest programs, which need the module to run; selftests/Makefile builds
# them.  TREE=DIR says where "make install-selftests" puts them.

# Which programs there are stands in selftests/Makefile.
EXTRA_DIST += \
	selftests/Makefile \
	selftests/config \
	selftests/settings \
	$(patsubst $(srcdir)/%,%,$(wildcard $(addprefix $(srcdir)/selftests/, \
		*.[ch] *.sh l4re/*.[ch] faults/*.patch)))

TREE = $(DESTDIR)$(libexecdir)/l4shmc/selftests

SELFTESTS_MAKE = $(MAKE) -C $(srcdir)/selftests KSELFTEST_DIR=$(KSELFTEST_DIR) \
	L4SHMC_SRC=$(abs_srcdir) L4SHMC_BUILD=$(abs_builddir) \
	OUTPUT=$(abs_builddir)/selftests

selftests: $(if $(KSELFTEST_DIR),lib/libl4shmc.la $(noinst_PROGRAMS))
	@test -n "$(KSELFTEST_DIR)" || \
		{ echo 'no kselftest is configured: --with-kselftest=DIR' >&2; exit 1; }
	@$(MKDIR_P) selftests
	+$(AM_V_at)$(SELFTESTS_MAKE) all

install-selftests: selftests
	+$(AM_V_at)$(SELFTESTS_MAKE) TREE=$(abspath $(TREE)) install-tree

if HAVE_KSELFTEST
SELFTESTS_CLEAN = selftests-clean
endif

selftests-clean:
	+$(AM_V_at)$(SELFTESTS_MAKE) clean

.PHONY: selftests install-selftests selftests-clean
