# SPDX-License-Identifier: GPL-2.0-or-later
# Manual pages.  Those of section 3 are made from the comments in the headers,
# the others from *.in here, with what the sources tell.

# Where "man -M Documentation/man" finds them as well.
MANPAGES = $(PERL) $(srcdir)/Documentation/man/manpages.pl \
	-D DATE='$(RELEASE_DATE)' -D VERSION='$(PACKAGE_VERSION)' \
	-D L4SHMC_SYSCONFDIR='$(sysconfdir)' -D L4SHMC_PACKAGEDIR='$(prefix)/lib'

# Parts of other headers have nothing to tell.
MAN_READS = $(filter-out %_inline.h, \
	$(pthreadl4_HEADERS) $(shmc_HEADERS) $(sys_HEADERS) $(util_HEADERS) $(re_HEADERS))
MAN_READ_ARGS = $(srcdir)/include $(MAN_READS:%=$(srcdir)/%)

# Nobody keeps a list of these.
MAN3_NAMES := $(shell $(MANPAGES) names $(MAN_READ_ARGS))

man1_MANS = Documentation/man/man1/l4shmc-bench.1 Documentation/man/man1/l4shmc.1
man3_MANS = $(MAN3_NAMES:%=Documentation/man/man3/%)
man4_MANS = Documentation/man/man4/l4shmc.4
man5_MANS = Documentation/man/man5/l4shmc.conf.5
man8_MANS = Documentation/man/man8/l4shmc.8

$(man3_MANS): Documentation/man/man3.stamp
	@test -f $@ || { rm -f $< && $(MAKE) $(AM_MAKEFLAGS) $<; }

# One run makes all pages, which have to be newer than the stamp.
Documentation/man/man3.stamp: $(MAN_READS) Documentation/man/manpages.pl Makefile
	$(AM_V_at)rm -rf Documentation/man/man3 && $(MKDIR_P) Documentation/man/man3
	$(AM_V_at)touch $@.tmp
	$(AM_V_GEN)$(MANPAGES) headers Documentation/man/man3 $(MAN_READ_ARGS)
	$(AM_V_at)mv $@.tmp $@

MAN_TEMPLATES = $(man1_MANS) $(man4_MANS) $(man5_MANS)
MAN_INPUT = $(wildcard $(srcdir)/lib/*.h $(srcdir)/tools/*.[ch]) \
	$(srcdir)/include/uapi/linux/l4shmc.h $(srcdir)/packaging/l4shmc.conf.example

$(MAN_TEMPLATES): $(MAN_INPUT) Documentation/man/manpages.pl Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(MANPAGES) template $(srcdir) $(srcdir)/Documentation/man/$(@F).in >$@.tmp && \
	mv $@.tmp $@

Documentation/man/man1/l4shmc-bench.1: Documentation/man/l4shmc-bench.1.in
Documentation/man/man1/l4shmc.1: Documentation/man/l4shmc.1.in
Documentation/man/man4/l4shmc.4: Documentation/man/l4shmc.4.in
Documentation/man/man5/l4shmc.conf.5: Documentation/man/l4shmc.conf.5.in

# "l4shmc provision" is for administrators.
$(man8_MANS): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && echo '.so man1/l4shmc.1' >$@

CLEANFILES += \
	$(MAN_TEMPLATES) $(man3_MANS) $(man8_MANS) Documentation/man/man3.stamp

EXTRA_DIST += \
	Documentation/man/l4shmc-bench.1.in \
	Documentation/man/l4shmc.1.in \
	Documentation/man/l4shmc.4.in \
	Documentation/man/l4shmc.conf.5.in \
	Documentation/man/manpages.pl
