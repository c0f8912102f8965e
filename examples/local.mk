# SPDX-License-Identifier: GPL-2.0-or-later
# Small complete programs: built here, installed as text to read.

loop_sources = examples/loop.c examples/loop.h

noinst_PROGRAMS += \
	examples/consumer \
	examples/loop_epoll \
	examples/loop_poll \
	examples/master \
	examples/producer

examples_loop_epoll_SOURCES = examples/loop_epoll.c $(loop_sources)
examples_loop_poll_SOURCES = examples/loop_poll.c $(loop_sources)

# Those that need a library that is not needed otherwise.

if HAVE_LIBURING
noinst_PROGRAMS += examples/loop_uring
endif
examples_loop_uring_SOURCES = examples/loop_uring.c $(loop_sources)
examples_loop_uring_CFLAGS = $(AM_CFLAGS) $(LIBURING_CFLAGS)
examples_loop_uring_LDADD = $(LDADD) $(LIBURING_LIBS)

if HAVE_LIBUV
noinst_PROGRAMS += examples/loop_uv
endif
examples_loop_uv_SOURCES = examples/loop_uv.c $(loop_sources)
examples_loop_uv_CFLAGS = $(AM_CFLAGS) $(LIBUV_CFLAGS)
examples_loop_uv_LDADD = $(LDADD) $(LIBUV_LIBS)

if HAVE_GLIB
noinst_PROGRAMS += examples/loop_glib
endif
examples_loop_glib_SOURCES = examples/loop_glib.c $(loop_sources)
examples_loop_glib_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
examples_loop_glib_LDADD = $(LDADD) $(GLIB_LIBS)

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	examples/consumer.c \
	examples/loop.c \
	examples/loop.h \
	examples/loop_epoll.c \
	examples/loop_glib.c \
	examples/loop_poll.c \
	examples/loop_uring.c \
	examples/loop_uv.c \
	examples/master.c \
	examples/producer.c
