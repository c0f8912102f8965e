# SPDX-License-Identifier: GPL-2.0-or-later
# "make check": what needs no module.  One line for each case.

C_TESTS = \
	tests/nodevice \
	tests/provision \
	tests/ringbuf \
	tests/ringstress \
	tests/shmbuf \
	tests/spin \
	tests/values

SH_TESTS = \
	tests/attacks.sh \
	tests/bench.sh \
	tests/configure.sh \
	tests/dist.sh \
	tests/documents.sh \
	tests/headers.sh \
	tests/indices.sh \
	tests/install.sh \
	tests/labels.sh \
	tests/layout.sh \
	tests/man.sh \
	tests/packaging.sh \
	tests/provision-tool.sh \
	tests/rights.sh \
	tests/sanitize.sh \
	tests/symbols.sh \
	tests/syzlang.sh \
	tests/tool.sh

check_PROGRAMS += $(C_TESTS)
tests_nodevice_SOURCES = tests/nodevice.c tests/tap.h
tests_provision_SOURCES = tests/provision.c tests/tap.h
tests_provision_LDADD = lib/libcommon.la
# These look inside, at what a shared library hides.
tests_ringbuf_SOURCES = tests/ringbuf.c tests/ringmem.h tests/tap.h
tests_ringbuf_LDFLAGS = -static
tests_ringstress_SOURCES = selftests/ringbuf_stress.h tests/ringmem.h tests/ringstress.c tests/tap.h
tests_ringstress_LDFLAGS = -static
tests_shmbuf_SOURCES = tests/shmbuf.c tests/tap.h
tests_spin_SOURCES = tests/spin.c tests/tap.h
tests_spin_LDFLAGS = -static
tests_values_SOURCES = tests/tap.h tests/values.c

TESTS += $(C_TESTS) $(SH_TESTS)
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(SHELL)
LOG_DRIVER = $(TAP_DRIVER)
TAP_DRIVER = env AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

AM_TESTS_ENVIRONMENT = \
	export MAKE='$(MAKE)' CC='$(CC)' CXX='$(CXX)' NM='$(NM)' \
		PKG_CONFIG='$(PKG_CONFIG)' bindir='$(bindir)' libdir='$(libdir)' \
		includedir='$(includedir)' docdir='$(docdir)' mandir='$(mandir)' \
		sysconfdir='$(sysconfdir)' \
		module_root='$(MODULE_ROOT)' kernel_release='$(KERNEL_RELEASE)' \
		package_version='$(PACKAGE_VERSION)';

# These two run make in the build tree: one after the other.
tests/install.log: tests/dist.log

EXTRA_DIST += $(SH_TESTS) tests/api.txt tests/forms.c tests/link.c tests/tap.sh
