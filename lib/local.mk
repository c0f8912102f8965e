# SPDX-License-Identifier: GPL-2.0-or-later
# libl4shmc, shared and static.

lib_LTLIBRARIES = lib/libl4shmc.la

# Where the configuration is.
AM_CPPFLAGS += \
	-DL4SHMC_SYSCONFDIR='"$(sysconfdir)"' \
	-DL4SHMC_PACKAGEDIR='"$(prefix)/lib"'

# What the library and the tool share.
noinst_LTLIBRARIES = lib/libcommon.la

lib_libcommon_la_SOURCES = \
	lib/parse.c \
	lib/parse.h \
	lib/provision.c \
	lib/provision.h

lib_libcommon_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden

lib_libl4shmc_la_SOURCES = \
	lib/area.c \
	lib/chunk.c \
	lib/device.c \
	lib/error.c \
	lib/plain.h \
	lib/private.h \
	lib/relax.h \
	lib/ring.h \
	lib/ringbuf.c \
	lib/shmbuf.c \
	lib/signal.c \
	lib/spin.c \
	lib/syscall.h \
	lib/system.c \
	lib/timeout.c \
	lib/waitset.c

lib_libl4shmc_la_LIBADD = lib/libcommon.la
lib_libl4shmc_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden -pthread

# Threads that have wait sets run the library's code when they end, so it is not to be
# unloaded.  -version-info is libtool's current:revision:age.  A release that changes code
# adds 1 to revision; one that adds names makes it current+1:0:age+1.  No name
# is ever taken away.
lib_libl4shmc_la_LDFLAGS = \
	-no-undefined \
	-pthread \
	-version-info 0:0:0 \
	-Wl,-z,nodelete \
	-Wl,--version-script=$(srcdir)/lib/libl4shmc.map

EXTRA_lib_libl4shmc_la_DEPENDENCIES = lib/libl4shmc.map

pkgconfig_DATA = lib/l4shmc.pc

EXTRA_DIST += lib/libl4shmc.map
