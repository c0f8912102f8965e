# SPDX-License-Identifier: GPL-2.0-or-later
# The command-line tool.

bin_PROGRAMS += tools/l4shmc

tools_l4shmc_SOURCES = \
	tools/create.c \
	tools/device.c \
	tools/info.c \
	tools/list.c \
	tools/main.c \
	tools/message.c \
	tools/parse.c \
	tools/progress.c \
	tools/provision.c \
	tools/recv.c \
	tools/send.c \
	tools/sysfs.c \
	tools/text.c \
	tools/tool.h \
	tools/transfer.c \
	tools/transfer.h

tools_l4shmc_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
tools_l4shmc_LDADD = lib/libcommon.la $(LDADD) $(JSON_C_LIBS)
