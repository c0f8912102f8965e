# SPDX-License-Identifier: GPL-2.0-or-later
# Documents, as text; "make html" for web pages.

dist_doc_DATA = README.md

EXTRA_DIST += \
	Documentation/ABI/testing/sysfs-class-l4shmc \
	Documentation/Makefile \
	Documentation/attacks.rst \
	Documentation/coming-from-posix.rst \
	Documentation/conf.py \
	Documentation/decisions.rst \
	Documentation/driver.rst \
	Documentation/index.rst \
	Documentation/l4shmc.txt \
	Documentation/library.rst \
	Documentation/model.rst \
	Documentation/model/signal.pml \
	Documentation/overview.rst \
	Documentation/performance.rst \
	Documentation/performance/instructions.tsv \
	Documentation/performance/instructions-sid.tsv \
	Documentation/porting.rst \
	Documentation/protocol.rst \
	Documentation/rights.rst \
	Documentation/testing.rst \
	Documentation/userspace-api/l4shmc.rst \
	LICENSES/GPL-2.0 \
	LICENSES/LGPL-2.1 \
	LICENSES/Linux-syscall-note

html-local:
	$(AM_V_at)$(MAKE) -C $(srcdir)/Documentation \
		BUILDDIR=$(abs_builddir)/Documentation/_build html

docs-clean:
	rm -rf Documentation/_build

.PHONY: docs-clean
