/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failing at every step: an operation is made to fail at its first allocation or
 * access to user memory, at its second, and so on, until it has got through.
 */
#ifndef L4SHMC_SELFTESTS_FAULT_H
#define L4SHMC_SELFTESTS_FAULT_H

#include "common.h"

#include <sys/epoll.h>

#define DEBUGFS "/sys/kernel/debug"
/* Of faults that may be injected: the kernel counts down from here. */
#define MANY_TIMES 1000000000
/* An operation that can fail in more places than this does not come to an end. */
#define MAX_STEPS 4000

enum kind { SLAB, PAGE, USERCOPY, NR_KINDS };

static const char *const kinds[] = {
	[SLAB] = "failslab", [PAGE] = "fail_page_alloc", [USERCOPY] = "fail_usercopy",
};

/* Of all tests of the program, which are processes */
static struct totals {
	unsigned long injected[NR_KINDS];
	unsigned long failed;
	unsigned int tests;
} *totals;

static int nth_fd;

/* What an operation works on; -1 is a descriptor that is not there */
struct world {
	char name[L4SHMC_NAME_SIZE];
	int dev, handle, fd, observer, sig, counting, events, set, epoll;
	int pipe[2], sock[2];
	void *data;
	union l4shmc_record *control;
	/* What the operation has made */
	int made;
	/* Sum of the labels of the events that it has taken, in however many calls */
	int taken;
	void *mapped;
	size_t mapped_size;
};

/* How much of a world there is; each has what those before it have */
enum level {
	NOTHING, DEV, AREA, CLIENTS, SIGNALS, SET, MAPS,
};

struct op {
	const char *name;
	/* What it needs, and what is done before it, without faults */
	enum level level;
	/* Returns 0, a descriptor or an index, or -errno */
	int (*run)(struct world *w);
	void (*prepare)(struct world *w);
	__u32 create_flags;
	/* That it ends with, without a fault too */
	int error;
};

/* What must not have changed */
struct counts {
	long refs, areas, fds, next_fd, chunks, signals, clients;
	__u64 free, initialized;
};

/* --- the kernel's side of it ------------------------------------------- */

static inline bool set_attribute(enum kind kind, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", kinds[kind], name);
	return write_text(path, value);
}

static inline int times_left(enum kind kind)
{
	char path[128], text[16] = "";
	int fd;

	/* Some kernels cannot read it twice. */
	snprintf(path, sizeof(path), DEBUGFS "/%s/times", kinds[kind]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return atoi(text);
}

static inline unsigned long injected(enum kind kind)
{
	return (unsigned long)(MANY_TIMES - times_left(kind));
}

static inline unsigned long injected_in_all(void)
{
	return injected(SLAB) + injected(PAGE) + injected(USERCOPY);
}

/*
 * Lets all allocations and accesses be candidates, and none fail but by fail-nth.
 * Returns NULL, or what is missing.
 */
static inline const char *faults_prepare(void)
{
	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return "the kernel has no fault injection, or this is not root";
	for (int kind = 0; kind < NR_KINDS; kind++) {
		char many[16];

		snprintf(many, sizeof(many), "%d", MANY_TIMES);
		if (!set_attribute(kind, "probability", "0") ||
		    !set_attribute(kind, "verbose", "0") || !set_attribute(kind, "times", many))
			return kinds[kind];
	}
	if (!set_attribute(SLAB, "ignore-gfp-wait", "N") ||
	    !set_attribute(PAGE, "ignore-gfp-wait", "N") ||
	    !set_attribute(PAGE, "ignore-gfp-highmem", "N") ||
	    !set_attribute(PAGE, "min-order", "0"))
		return "an attribute of failslab or fail_page_alloc";
	return NULL;
}

/* Of all candidates, those that the code of a module asks for */
static inline bool faults_of_modules(void)
{
#ifdef __x86_64__
	for (int kind = 0; kind < NR_KINDS; kind++)
		if (!set_attribute(kind, "require-start", "0xffffffffa0000000") ||
		    !set_attribute(kind, "require-end", "0xffffffffff000000"))
			return false;
	return true;
#else
	return false;
#endif
}

static inline void faults_of_all(void)
{
	for (int kind = 0; kind < NR_KINDS; kind++) {
		set_attribute(kind, "require-start", "0");
		set_attribute(kind, "require-end", "0xffffffffffffffff");
	}
}

static inline void faults_arm(unsigned int nth)
{
	char text[16];

	CHECK(pwrite(nth_fd, text, snprintf(text, sizeof(text), "%u", nth), 0) > 0);
}

/*
 * Returns whether the fault has been injected.  Asking for it, and ending it, are
 * accesses to user memory that may get it themselves.
 */
static inline bool faults_disarm(void)
{
	char text[16] = "";
	ssize_t len = pread(nth_fd, text, sizeof(text) - 1, 0);
	bool late = len < 0 && errno == EFAULT;

	if (pwrite(nth_fd, "0", 1, 0) < 0) {
		CHECK(errno == EFAULT);
		late = true;
		CHECK(pwrite(nth_fd, "0", 1, 0) == 1);
	}
	if (late)
		totals->injected[USERCOPY]--;
	return !late && text[0] == '0';
}

/* --- the world --------------------------------------------------------- */

static inline void world_clear(struct world *w)
{
	*w = (struct world){
		.dev = -1, .handle = -1, .fd = -1, .observer = -1, .sig = -1, .counting = -1,
		.events = -1, .set = -1, .epoll = -1, .pipe = { -1, -1 }, .sock = { -1, -1 },
		.made = -1, .mapped = MAP_FAILED, .data = MAP_FAILED, .control = MAP_FAILED,
	};
	unique_name(w->name, "fault");
}

static inline void world_signals(struct world *w)
{
	w->sig = signal_open(w->fd, "s", 0);
	w->counting = signal_open(w->fd, "t", L4SHMC_SIGNAL_COUNTING);
	w->events = signal_open(w->fd, L4SHMC_SIGNAL_CLIENTS, 0);
	CHECK(w->sig >= 0 && w->counting >= 0 && w->events >= 0);
}

static inline void world_set(struct world *w)
{
	w->set = waitset_make(w->dev);
	CHECK(w->set >= 0 && waitset_bind(w->set, w->sig, 1) == 0);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	CHECK(w->epoll >= 0 && pipe2(w->pipe, O_CLOEXEC) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w->sock) == 0);
}

static inline void world_build(struct world *w, const struct op *op)
{
	world_clear(w);
	if (op->level >= DEV)
		CHECK((w->dev = device_open(O_RDWR)) >= 0);
	if (op->level >= AREA) {
		w->handle = area_create(w->dev, w->name, 2 * page_size(), 0600, op->create_flags);
		CHECK(w->handle >= 0);
	}
	if (op->level >= CLIENTS) {
		w->fd = area_attach(w->handle, "", 0);
		w->observer = area_attach(w->handle, "", L4SHMC_ATTACH_OBSERVER);
		CHECK(w->fd >= 0 && w->observer >= 0 && chunk_add(w->fd, "c", 64) >= 0);
	}
	if (op->level >= SIGNALS)
		world_signals(w);
	if (op->level >= SET)
		world_set(w);
	if (op->level >= MAPS) {
		w->data = map_data(w->fd, 2 * page_size(), PROT_READ | PROT_WRITE);
		w->control = map_control(w->fd, PROT_READ | PROT_WRITE);
		CHECK(w->data != MAP_FAILED && w->control != MAP_FAILED);
	}
	if (op->prepare)
		op->prepare(w);
}

/* Also with a fault waiting: there is one only. */
static inline void drop_map(void *at, size_t size)
{
	if (at != MAP_FAILED && munmap(at, size))
		CHECK(munmap(at, size) == 0);
}

static inline void world_drop(struct world *w)
{
	const int fds[] = {
		w->made, w->dev, w->handle, w->fd, w->observer, w->sig, w->counting, w->events,
		w->set, w->epoll, w->pipe[0], w->pipe[1], w->sock[0], w->sock[1],
	};

	drop_map(w->mapped, w->mapped_size);
	drop_map(w->data, 2 * page_size());
	drop_map(w->control, L4SHMC_CONTROL_SIZE);
	if (w->dev >= 0 && area_unlink(w->dev, w->name) == -EFAULT)
		area_unlink(w->dev, w->name);
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	world_clear(w);
}

/* Subdirectories, which sysfs counts as links; -1 without the directory */
static inline long sysfs_subdirs(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (long)st.st_nlink - 2;
}

static inline void count(struct world *w, struct counts *counts)
{
	struct l4shmc_ioc_area_info info;
	char path[256];

	memset(counts, 0, sizeof(*counts));
	counts->refs = module_refs();
	counts->fds = open_fds();
	counts->next_fd = next_fd();
	counts->areas = sysfs_subdirs("/sys/devices/virtual/l4shmc");
	if (w->handle < 0 || area_info(w->handle, &info))
		return;
	counts->clients = info.clients;
	counts->free = info.area_free;
	counts->initialized = info.initialized;
	snprintf(path, sizeof(path), SYSFS "/%s/chunks", w->name);
	counts->chunks = sysfs_subdirs(path);
	snprintf(path, sizeof(path), SYSFS "/%s/signals", w->name);
	counts->signals = sysfs_subdirs(path);
}

#define EXPECT_SAME_COUNTS(a, b, what, nth)						\
	EXPECT_EQ(0, memcmp(&(a), &(b), sizeof(a))) {					\
		TH_LOG("%s, fault %u: refs %ld -> %ld areas %ld -> %ld fds %ld -> %ld "	\
		       "next fd %ld -> %ld chunks %ld -> %ld signals %ld -> %ld "	\
		       "clients %ld -> %ld", what, nth, (a).refs, (b).refs, (a).areas,	\
		       (b).areas, (a).fds, (b).fds, (a).next_fd, (b).next_fd,		\
		       (a).chunks, (b).chunks, (a).signals, (b).signals, (a).clients,	\
		       (b).clients);							\
	}

/* --- the sweep --------------------------------------------------------- */

/* What the lack of memory, or of access to it, is called */
static inline bool is_fault(int result)
{
	return result == -ENOMEM || result == -EFAULT || result == -ENFILE ||
	       result == -EAGAIN || result == -ENOBUFS;
}

/*
 * One step: the @nth candidate fails.  What then fails has changed nothing, and
 * works when it is tried again.  Returns whether there was an @nth candidate.
 */
static inline bool fault_step(struct __test_metadata *_metadata, const struct op *op,
			      unsigned int nth, int expected)
{
	struct counts first, before, after;
	struct world w;
	bool fired;
	int result;

	world_clear(&w);
	count(&w, &first);
	world_build(&w, op);
	count(&w, &before);
	faults_arm(nth);
	result = op->run(&w);
	fired = faults_disarm();
	if (fired && result != expected) {
		EXPECT_TRUE(is_fault(result))
			TH_LOG("%s, fault %u: result %d", op->name, nth, result);
		count(&w, &after);
		EXPECT_SAME_COUNTS(before, after, op->name, nth);
		totals->failed++;
		result = op->run(&w);
	}
	EXPECT_EQ(expected, result)
		TH_LOG("%s, fault %u", op->name, nth);
	world_drop(&w);
	count(&w, &after);
	EXPECT_SAME_COUNTS(first, after, op->name, nth);
	return fired;
}

static inline int without_fault(const struct op *op)
{
	struct world w;
	int result;

	world_build(&w, op);
	result = op->run(&w);
	world_drop(&w);
	return result;
}

static inline void sweep(struct __test_metadata *_metadata, const struct op *ops, size_t nr)
{
	unsigned int nth;

	for (const struct op *op = ops; op < ops + nr; op++) {
		/* Whatever is made once only is made now. */
		int expected = without_fault(op);

		EXPECT_TRUE(op->error ? expected == -op->error : expected >= 0)
			TH_LOG("%s: %d without a fault", op->name, expected);
		for (nth = 1; nth < MAX_STEPS; nth++)
			if (!fault_step(_metadata, op, nth, expected) ||
			    !__test_passed(_metadata))
				break;
		EXPECT_LT(nth, MAX_STEPS)
			TH_LOG("%s", op->name);
		ksft_print_msg("%s: %u faults\n", op->name, nth - 1);
	}
}

#endif /* L4SHMC_SELFTESTS_FAULT_H */
