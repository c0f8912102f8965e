# SPDX-License-Identifier: GPL-2.0-or-later
# The command-line tool, and the benchmark.

bin_PROGRAMS += tools/l4shmc tools/bench/l4shmc-bench

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

tools_bench_l4shmc_bench_SOURCES = \
	tools/bench/bench.h \
	tools/bench/calls.c \
	tools/bench/cases.c \
	tools/bench/clock.c \
	tools/bench/cpu.c \
	tools/bench/eventfd.c \
	tools/bench/floors.c \
	tools/bench/futex.c \
	tools/bench/futex.h \
	tools/bench/json.c \
	tools/bench/l4shmc.c \
	tools/bench/l4shmc.h \
	tools/bench/main.c \
	tools/bench/message.c \
	tools/bench/peer.c \
	tools/bench/pipe.c \
	tools/bench/run.c \
	tools/bench/select.c \
	tools/bench/table.c

# What the driver is not needed for uses functions that a shared library hides.
tools_bench_l4shmc_bench_CFLAGS = $(AM_CFLAGS) -D_GNU_SOURCE -pthread
tools_bench_l4shmc_bench_LDFLAGS = -static -pthread
