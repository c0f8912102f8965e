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
	tools/bench/idle.c \
	tools/bench/json.c \
	tools/bench/l4shmc.c \
	tools/bench/l4shmc.h \
	tools/bench/l4shmc_area.c \
	tools/bench/l4shmc_chunk.c \
	tools/bench/main.c \
	tools/bench/memory.c \
	tools/bench/message.c \
	tools/bench/messages.c \
	tools/bench/mqueue.c \
	tools/bench/ntsync.c \
	tools/bench/peer.c \
	tools/bench/pipe.c \
	tools/bench/plain.c \
	tools/bench/plot.c \
	tools/bench/pthread.c \
	tools/bench/run.c \
	tools/bench/select.c \
	tools/bench/shm.c \
	tools/bench/table.c \
	tools/bench/unix.c

# The part of l4shmc that needs no driver uses what a shared library hides.
tools_bench_l4shmc_bench_LDFLAGS = -static -pthread
tools_bench_l4shmc_bench_CFLAGS = $(AM_CFLAGS) -D_GNU_SOURCE -pthread $(ZMQ_CFLAGS) \
	$(LIBQB_CFLAGS) $(CK_CFLAGS)
tools_bench_l4shmc_bench_LDADD = $(LDADD) $(ZMQ_LIBS) $(LIBQB_LIBS) $(NNG_LIBS) -lm

if HAVE_ZMQ
tools_bench_l4shmc_bench_SOURCES += tools/bench/zmq.c
endif
if HAVE_NNG
tools_bench_l4shmc_bench_SOURCES += tools/bench/nng.c
endif
if HAVE_LIBQB
tools_bench_l4shmc_bench_SOURCES += tools/bench/qb.c
endif
if HAVE_CK
tools_bench_l4shmc_bench_SOURCES += tools/bench/ck.c
endif
# Not by automake, which would need a C++ compiler for all the rest, too.
if HAVE_BOOST
tools_bench_l4shmc_bench_LDADD += tools/bench/boost.o -lstdc++
endif

tools/bench/boost.o: tools/bench/boost.cc tools/bench/bench.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(CXX) -std=gnu++20 -Wall -Wextra \
		-Wno-missing-field-initializers $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) \
		-c -o $@ $<

EXTRA_DIST += tools/bench/boost.cc
