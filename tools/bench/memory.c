// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of the kernel for objects that nobody uses just now
 *
 * Many are made, and what the kernel has more of is divided by their number.  What
 * is in files and what processes have for themselves do not count; so neither does
 * the payload of an area, which its creator asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <l4/shmc/linux.h>
#include <pthread-l4.h>

#include "l4shmc.h"

#define PAGE 4096
#define SIZE_NAME 48

/* So many that the noise of some 100 KiB makes little difference. */
#define AREAS 2000
#define CLIENTS 2000
#define CHUNKS 20000
#define SIGNALS 10000
#define FILES 10000

/* Until two looks are that close, at most so often */
#define SETTLED 16384
#define PAUSE_US 300000
#define MOST_PAUSES 20

static l4shmc_area_t area;
static l4shmc_signal_t signals[SIGNALS];
static int fds[FILES];

/* What the kernel has counted on each CPU it adds up when this is read. */
static void refresh(void)
{
	FILE *f = fopen("/proc/sys/vm/stat_refresh", "re");

	if (!f)
		return;
	fgetc(f);
	fclose(f);
}

static bool is_kernels(const char *name)
{
	static const char *const names[] = {
		"Slab", "KernelStack", "PageTables", "VmallocUsed", "Percpu",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/*
 * Bytes that the kernel has for itself.  What is not free would be more than that:
 * each CPU has a stock of free pages.
 */
static double kernel_bytes(void)
{
	unsigned long long kib;
	char line[128], name[64];
	double bytes = 0;
	FILE *f;

	refresh();
	f = fopen("/proc/meminfo", "re");
	if (!f)
		fail_errno("/proc/meminfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^:]: %llu", name, &kib) == 2 && is_kernels(name))
			bytes += (double)kib * 1024;
	fclose(f);
	return bytes;
}

/* The same when what is freed late has been freed */
static double settled_bytes(void)
{
	double bytes = kernel_bytes(), before;
	unsigned int i;

	for (i = 0; i < MOST_PAUSES; i++) {
		usleep(PAUSE_US);
		before = bytes;
		bytes = kernel_bytes();
		if (bytes - before < SETTLED && before - bytes < SETTLED)
			break;
	}
	return bytes;
}

/* Bytes for each of the @count objects that @make makes */
static double bytes_of_each(unsigned int count, void (*make)(unsigned int i))
{
	unsigned int i, first = count / 100;
	double before;

	/* The first ones have caches and tables made. */
	for (i = 0; i < first; i++)
		make(i);
	before = settled_bytes();
	for (; i < count; i++)
		make(i);
	return (settled_bytes() - before) / (count - first);
}

static void name_object(char name[SIZE_NAME], unsigned int i)
{
	snprintf(name, SIZE_NAME, "%s-%u", l4shmc_own_name(), i);
}

static void make_area(unsigned int i)
{
	char name[SIZE_NAME];
	int handle;

	name_object(name, i);
	handle = l4shmc_create_handle(name, PAGE, 0600, 0);
	l4shmc_check(handle < 0 ? handle : 0, "create_handle");
}

static double measure_areas(struct run *run)
{
	(void)run;
	need_descriptors(AREAS);
	return bytes_of_each(AREAS, make_area);
}

static void attach_own(void)
{
	/* Room for the payload of all chunks, which counts for the area. */
	l4shmc_check(l4shmc_create_area(l4shmc_own_name(), 64 * (CHUNKS + 64), 0600,
					L4SHMC_EXCLUSIVE), "create");
	l4shmc_check(l4shmc_attach(l4shmc_own_name(), &area), "attach");
}

static void make_client(unsigned int i)
{
	l4shmc_area_t one;

	(void)i;
	l4shmc_check(l4shmc_attach(l4shmc_own_name(), &one), "attach");
}

static double measure_clients(struct run *run)
{
	(void)run;
	need_descriptors(CLIENTS);
	attach_own();
	return bytes_of_each(CLIENTS, make_client);
}

static void make_chunk(unsigned int i)
{
	char name[SIZE_NAME];
	l4shmc_chunk_t one;

	name_object(name, i);
	l4shmc_check(l4shmc_add_chunk(&area, name, 64, &one), "add_chunk");
}

static double measure_chunks(struct run *run)
{
	(void)run;
	attach_own();
	return bytes_of_each(CHUNKS, make_chunk);
}

static void make_signal(unsigned int i)
{
	char name[SIZE_NAME];

	name_object(name, i);
	l4shmc_check(l4shmc_add_signal(&area, name, &signals[i]), "add_signal");
}

static double measure_signals(struct run *run)
{
	(void)run;
	need_descriptors(SIGNALS);
	attach_own();
	return bytes_of_each(SIGNALS, make_signal);
}

static void make_binding(unsigned int i)
{
	char name[SIZE_NAME];

	name_object(name, i);
	l4shmc_check(l4shmc_attach_signal(&area, name, pthread_l4_cap(pthread_self()),
					  &signals[i]), "attach_signal");
}

static double measure_bindings(struct run *run)
{
	unsigned int i;

	(void)run;
	need_descriptors(SIGNALS);
	attach_own();
	for (i = 0; i < SIGNALS; i++)
		make_signal(i);
	return bytes_of_each(SIGNALS, make_binding);
}

/* What others have for a signal, a binding, a channel and an area */

static void make_eventfd(unsigned int i)
{
	fds[i] = eventfd(0, EFD_CLOEXEC);
	if (fds[i] < 0)
		fail_errno("eventfd");
}

static double measure_eventfds(struct run *run)
{
	(void)run;
	need_descriptors(FILES);
	return bytes_of_each(FILES, make_eventfd);
}

static int epoll_fd;

static void watch_eventfd(unsigned int i)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[i], &event))
		fail_errno("epoll_ctl");
}

static double measure_watched(struct run *run)
{
	unsigned int i;

	(void)run;
	need_descriptors(FILES);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		fail_errno("epoll_create1");
	for (i = 0; i < FILES; i++)
		make_eventfd(i);
	return bytes_of_each(FILES, watch_eventfd);
}

static void make_pipe(unsigned int i)
{
	int ends[2];

	(void)i;
	if (pipe2(ends, O_CLOEXEC))
		fail_errno("pipe");
}

static double measure_pipes(struct run *run)
{
	(void)run;
	need_descriptors(2 * AREAS);
	return bytes_of_each(AREAS, make_pipe);
}

static void make_sockets(unsigned int i)
{
	int ends[2];

	(void)i;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends))
		fail_errno("socketpair");
}

static double measure_sockets(struct run *run)
{
	(void)run;
	need_descriptors(2 * AREAS);
	return bytes_of_each(AREAS, make_sockets);
}

static void make_object(unsigned int i)
{
	int fd = memfd_create("l4shmc-bench", MFD_CLOEXEC);

	(void)i;
	if (fd < 0 || posix_fallocate(fd, 0, PAGE))
		fail_errno("memfd_create");
}

static double measure_objects(struct run *run)
{
	(void)run;
	need_descriptors(AREAS);
	return bytes_of_each(AREAS, make_object);
}

#define OBJECT(object, object_name, text, measure)				\
	static const struct bench object##_benches[] = {			\
		{								\
			.which = CASE_KERNEL_MEMORY,				\
			.figure = (measure),					\
			.unit = "bytes",					\
		},								\
		{ 0 },								\
	};									\
	const struct subject object = {						\
		.name = (object_name),						\
		.about = (text),						\
		.benches = object##_benches,					\
	}

OBJECT(subject_area, "l4shmc-area", "an area, with its handle", measure_areas);
OBJECT(subject_client, "l4shmc-client", "a client, with its mappings", measure_clients);
OBJECT(subject_chunk, "l4shmc-chunk", "a chunk", measure_chunks);
OBJECT(subject_signal, "l4shmc-signal", "a signal, open once", measure_signals);
OBJECT(subject_binding, "l4shmc-binding", "a signal's binding", measure_bindings);
OBJECT(subject_eventfd_object, "eventfd-object", "an eventfd", measure_eventfds);
OBJECT(subject_epoll_item, "epoll-item", "an eventfd's entry in an epoll set", measure_watched);
OBJECT(subject_pipe_object, "pipe-object", "an empty pipe", measure_pipes);
OBJECT(subject_unix_pair, "unix-pair", "two unix sockets that are connected", measure_sockets);
OBJECT(subject_memfd, "memfd", "a memfd of a page", measure_objects);
