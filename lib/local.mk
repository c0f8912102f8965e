# SPDX-License-Identifier: GPL-2.0-or-later
# libl4shmc, shared and static.

lib_LTLIBRARIES = lib/libl4shmc.la

lib_libl4shmc_la_SOURCES = \
	lib/area.c \
	lib/chunk.c \
	lib/device.c \
	lib/error.c \
	lib/private.h \
	lib/signal.c \
	lib/system.c \
	lib/timeout.c \
	lib/waitset.c

lib_libl4shmc_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden -pthread

# -version-info is libtool's current:revision:age.  A release that changes code
# adds 1 to revision; one that adds names makes it current+1:0:age+1.  No name
# is ever taken away.
lib_libl4shmc_la_LDFLAGS = \
	-no-undefined \
	-pthread \
	-version-info 0:0:0 \
	-Wl,--version-script=$(srcdir)/lib/libl4shmc.map

EXTRA_lib_libl4shmc_la_DEPENDENCIES = lib/libl4shmc.map

pkgconfig_DATA = lib/l4shmc.pc

EXTRA_DIST += lib/libl4shmc.map
