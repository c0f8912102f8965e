# SPDX-License-Identifier: GPL-2.0-or-later
# The headers that are installed.

pthreadl4dir = $(includedir)
pthreadl4_HEADERS = include/pthread-l4.h

uapidir = $(includedir)/linux
uapi_HEADERS = include/uapi/linux/l4shmc.h

shmcdir = $(includedir)/l4/shmc
shmc_HEADERS = \
	include/l4/shmc/linux.h \
	include/l4/shmc/ringbuf.h \
	include/l4/shmc/ringbuf_inline.h \
	include/l4/shmc/shmbuf.h \
	include/l4/shmc/shmc.h

sysdir = $(includedir)/l4/sys
sys_HEADERS = \
	include/l4/sys/__timeout.h \
	include/l4/sys/compiler.h \
	include/l4/sys/consts.h \
	include/l4/sys/debugger.h \
	include/l4/sys/err.h \
	include/l4/sys/ipc.h \
	include/l4/sys/irq.h \
	include/l4/sys/kdebug.h \
	include/l4/sys/kip.h \
	include/l4/sys/linkage.h \
	include/l4/sys/scheduler.h \
	include/l4/sys/thread.h \
	include/l4/sys/types.h \
	include/l4/sys/utcb.h

utildir = $(includedir)/l4/util
util_HEADERS = \
	include/l4/util/assert.h \
	include/l4/util/atomic.h \
	include/l4/util/util.h

redir = $(includedir)/l4/re
re_HEADERS = include/l4/re/env.h
