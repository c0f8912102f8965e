# SPDX-License-Identifier: GPL-2.0-or-later
# The module, by the kernel's own build system: kmod/Kbuild says how.

KMOD_FILES = \
	kmod/Kbuild \
	kmod/Kconfig \
	kmod/area.c \
	kmod/chunk.c \
	kmod/client.c \
	kmod/compat.h \
	kmod/l4shmc.h \
	kmod/main.c \
	kmod/mmap.c \
	kmod/name.c \
	kmod/net.c \
	kmod/record.c \
	kmod/run.h \
	kmod/signal.c \
	kmod/sysfs.c \
	kmod/user.c \
	kmod/waitset.c

EXTRA_DIST += $(KMOD_FILES)

KBUILD = $(MAKE) -C $(KERNEL_BUILD) M=$(abs_builddir)/kmod

if HAVE_KERNEL
all-local: kmod
install-exec-local: kmod-install
uninstall-local: kmod-uninstall
KMOD_CLEAN = kmod-clean
endif

# W=1, C=2, V=1 and the like reach kbuild by themselves.
kmod: kmod-links
	@test -n "$(KERNEL_BUILD)" || \
		{ echo 'no module is configured: $(no_kernel)' >&2; exit 1; }
	+$(AM_V_at)$(KBUILD) modules

# kbuild puts its results beside the sources.  A build tree of its own gets
# links to them.
KMOD_LINKS = include/uapi $(KMOD_FILES)
KMOD_IN_SOURCE = test $(srcdir) -ef .

kmod-links:
	@$(KMOD_IN_SOURCE) || { \
		$(MKDIR_P) include kmod && \
		for file in $(KMOD_LINKS); do \
			ln -sfn $(abs_srcdir)/$$file $$file || exit 1; \
		done; }

# Who did not build the kernel does not have its key, and signs in other ways.
KMOD_SIGN = $(if $(wildcard $(KERNEL_BUILD)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

kmod-install: kmod
	+$(AM_V_at)$(KBUILD) INSTALL_MOD_PATH=$(DESTDIR)$(MODULE_ROOT) INSTALL_MOD_DIR=updates \
		KERNELRELEASE=$(KERNEL_RELEASE) DEPMOD=true $(KMOD_SIGN) modules_install
	$(KMOD_DEPMOD)

kmod-uninstall:
	rm -f $(DESTDIR)$(MODULE_ROOT)/lib/modules/$(KERNEL_RELEASE)/updates/l4shmc.ko*
	$(KMOD_DEPMOD)

# Below a DESTDIR it is for the package manager to run depmod.
KMOD_DEPMOD = test -n "$(DESTDIR)$(MODULE_ROOT)" || $(DEPMOD) $(KERNEL_RELEASE)

kmod-clean: kmod-links
	+$(AM_V_at)$(KBUILD) clean
	@$(KMOD_IN_SOURCE) || rm -f $(KMOD_LINKS)

.PHONY: kmod kmod-links kmod-install kmod-uninstall kmod-clean
