# SPDX-License-Identifier: GPL-2.0-or-later
# What the system has to know: units, folders, groups, rules, and the module's
# source for dkms.

dist_doc_DATA += packaging/l4shmc.conf.example

systemdsystemunit_DATA = packaging/systemd/l4shmc-provision.service
tmpfiles_DATA = packaging/tmpfiles.d/l4shmc.conf
dist_sysusers_DATA = packaging/sysusers.d/l4shmc.conf
dist_modulesload_DATA = packaging/modules-load.d/l4shmc.conf
dist_udevrules_DATA = packaging/udev/60-l4shmc.rules

# Made here rather than by configure, which does not know what becomes of
# ${prefix}.
PACKAGING_FILES = \
	packaging/dkms/dkms.conf \
	packaging/systemd/l4shmc-provision.service \
	packaging/tmpfiles.d/l4shmc.conf

noinst_DATA = packaging/dkms/dkms.conf
EXTRA_DIST += $(PACKAGING_FILES:%=%.in)
CLEANFILES += $(PACKAGING_FILES)

# The brackets keep configure away.
$(PACKAGING_FILES): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@PACKAGE_VERSION[@]|$(PACKAGE_VERSION)|g' $(srcdir)/$@.in >$@.tmp && \
	mv $@.tmp $@

packaging/dkms/dkms.conf: packaging/dkms/dkms.conf.in
packaging/systemd/l4shmc-provision.service: packaging/systemd/l4shmc-provision.service.in
packaging/tmpfiles.d/l4shmc.conf: packaging/tmpfiles.d/l4shmc.conf.in

# dkms looks for sources in /usr/src alone, whatever the prefix is; then
# "dkms install l4shmc/VERSION".
DKMS_TREE = $(DESTDIR)$(MODULE_ROOT)/usr/src/l4shmc-$(PACKAGE_VERSION)
DKMS_FILES = $(KMOD_FILES) include/uapi/linux/l4shmc.h

install-dkms: packaging/dkms/dkms.conf
	@$(MKDIR_P) $(DKMS_TREE)/kmod $(DKMS_TREE)/include/uapi/linux
	@for file in $(DKMS_FILES); do \
		$(INSTALL_DATA) $(srcdir)/$$file $(DKMS_TREE)/$$file || exit 1; \
	done
	$(INSTALL_DATA) packaging/dkms/dkms.conf $(DKMS_TREE)/dkms.conf

uninstall-dkms:
	rm -rf $(DKMS_TREE)

.PHONY: install-dkms uninstall-dkms
