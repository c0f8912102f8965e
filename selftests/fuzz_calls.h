/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls that the fuzzer makes. */
#ifndef L4SHMC_SELFTESTS_FUZZ_CALLS_H
#define L4SHMC_SELFTESTS_FUZZ_CALLS_H

#include "fuzz.h"

/* --- descriptors ------------------------------------------------------- */

static int make_fd(struct worker *w, enum fd_kind kind, __u8 which);

int fd_for(struct worker *w, enum fd_kind kind, __u8 which)
{
	int fd = some_fd(w, kind, which);

	if (which % 50 == 49)
		return some_fd(w, which % NR_KINDS, which);
	if (fd < 0) {
		fd = make_fd(w, kind, which);
		if (fd >= 0)
			keep_fd(w, kind, fd);
	}
	return fd;
}

static int make_fd(struct worker *w, enum fd_kind kind, __u8 which)
{
	const char *name = area_name(which % AREAS);
	int fd;

	switch (kind) {
	case DEVICES:
		return device_open(O_RDWR);
	case HANDLES:
		return area_create(fd_for(w, DEVICES, 0), name, 16384, 0666, 0);
	case ATTACHMENTS:
		fd = area_attach(fd_for(w, DEVICES, 0), name, 0);
		if (fd < 0)
			fd = area_attach(fd_for(w, HANDLES, which % SLOTS), "", 0);
		/* Something to be found */
		chunk_add(fd, name_of(which % NAMES, "chunk"), 64);
		return fd;
	case OBSERVERS:
		return area_attach(fd_for(w, ATTACHMENTS, which % SLOTS), "",
				   L4SHMC_ATTACH_OBSERVER);
	case SIGNALS:
		return signal_open(fd_for(w, ATTACHMENTS, which % SLOTS),
				   name_of(which % NAMES, "signal"), 0);
	case SETS:
		return waitset_make(fd_for(w, DEVICES, 0));
	default:
		return epoll_create1(EPOLL_CLOEXEC);
	}
}

static int call_open(struct worker *w, const struct call *call)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_PATH };
	int mode = call->c % 8 ? O_RDWR : modes[call->v % ARRAY_SIZE(modes)];

	return kept(w, DEVICES, device_open(mode));
}

static int call_close(struct worker *w, const struct call *call)
{
	int *slot = &w->fds[call->a % NR_KINDS][call->b % SLOTS];
	int fd = *slot;

	*slot = -1;
	return fd < 0 ? NOT_MADE : or_errno(close(fd));
}

static int call_dup(struct worker *w, const struct call *call)
{
	enum fd_kind kind = call->a % NR_KINDS;

	return kept(w, kind, or_errno(dup(fd_for(w, kind, call->b))));
}

/* Opened again through /proc, for more than it was opened for perhaps */
static int call_reopen(struct worker *w, const struct call *call)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	enum fd_kind kind = call->a % NR_KINDS;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_for(w, kind, call->b));
	return kept(w, kind, or_errno(open(path, modes[call->c % 3] | O_CLOEXEC | O_NONBLOCK)));
}

static int call_send(struct worker *w, const struct call *call)
{
	enum fd_kind kind = call->a % NR_KINDS;
	int fd = fd_for(w, kind, call->b), result;

	if (w->send < 0)
		return NOT_MADE;
	result = fd < 0 ? -EBADF : send_fd(w->send, fd);
	/* The next one is busy with other things. */
	return result == -EAGAIN ? -ETIMEDOUT : result;
}

/* Nobody tells of which kind it is, but its name under /proc. */
static enum fd_kind kind_of(int fd)
{
	static const char *const names[NR_KINDS] = {
		"/dev/l4shmc", "[l4shmc-area]", "[l4shmc-client]", "", "[l4shmc-signal]",
		"[l4shmc-waitset]", "[eventpoll]",
	};
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (readlink(path, target, sizeof(target) - 1) > 0)
		for (int kind = 0; kind < NR_KINDS; kind++)
			if (*names[kind] && strstr(target, names[kind]))
				return kind;
	return OBSERVERS;
}

static int call_receive(struct worker *w, const struct call *call)
{
	int fd;

	if (w->receive < 0)
		return NOT_MADE;
	fd = recv_fd(w->receive);
	if (fd == -EAGAIN)
		return -ETIMEDOUT;
	return fd < 0 ? fd : kept(w, call->a % 16 ? kind_of(fd) : call->b % NR_KINDS, fd);
}

/* --- the device, handles and attachments ------------------------------- */

static int call_info(struct worker *w, const struct call *call)
{
	struct l4shmc_ioc_info info;

	return device_info(fd_for(w, DEVICES, call->a), &info);
}

static int call_create(struct worker *w, const struct call *call)
{
	static const __u32 modes[] = { 0666, 0600, 0444, 0, 0777, 0660 };
	__u32 flags = call->c % 8 == 0 ? L4SHMC_CREATE_PERSISTENT : call->c == 255 ? ~0U : 0;

	return kept(w, HANDLES, area_create(fd_for(w, DEVICES, call->a), area_name(call->b),
					    size_of(call->v), modes[call->v / 64 % 6], flags));
}

static int call_attach(struct worker *w, const struct call *call)
{
	__u32 flags = call->c % 4 == 0 ? L4SHMC_ATTACH_OBSERVER : 0;

	return kept(w, flags ? OBSERVERS : ATTACHMENTS,
		    area_attach_to(fd_for(w, DEVICES, call->a), area_name(call->b), flags,
				   timeout_of(call->v)));
}

static int call_attach_handle(struct worker *w, const struct call *call)
{
	static const enum fd_kind from[] = { HANDLES, HANDLES, ATTACHMENTS, OBSERVERS };
	enum fd_kind kind = from[call->b % 4];
	__u32 flags = call->c % 3 == 0 || kind == OBSERVERS ? L4SHMC_ATTACH_OBSERVER : 0;

	if (call->c == 255)
		flags = call->v;
	return kept(w, flags ? OBSERVERS : ATTACHMENTS,
		    area_attach(fd_for(w, kind, call->a), call->v % 32 ? "" : "x", flags));
}

static int call_unlink(struct worker *w, const struct call *call)
{
	if (call->c % 2)
		return area_unlink(fd_for(w, HANDLES, call->a), "");
	return area_unlink(fd_for(w, DEVICES, call->a), area_name(call->b));
}

static int call_area_info(struct worker *w, const struct call *call)
{
	struct l4shmc_ioc_area_info info;

	return area_info(fd_for(w, HANDLES + call->b % 3, call->a), &info);
}

static int call_client_init(struct worker *w, const struct call *call)
{
	return client_init(fd_for(w, call->b % 16 ? ATTACHMENTS : OBSERVERS, call->a));
}

static int call_chunk_add(struct worker *w, const struct call *call)
{
	__u64 capacity = call->c % 8 ? call->v % 300 + 1 : size_of(call->v);

	return chunk_add(fd_for(w, ATTACHMENTS, call->a), name_of(call->b, "chunk"), capacity);
}

static int call_chunk_find(struct worker *w, const struct call *call)
{
	enum fd_kind kind = call->c % 4 ? ATTACHMENTS : OBSERVERS;

	return chunk_find(fd_for(w, kind, call->a), name_of(call->b, "chunk"),
			  timeout_of(call->v));
}

static int call_chunk_next(struct worker *w, const struct call *call)
{
	struct l4shmc_ioc_chunk_next next;
	__u32 index = call->b % 8 ? 0 : call->v;

	return chunk_next(fd_for(w, ATTACHMENTS, call->a), index, &next);
}

static int call_signal_open(struct worker *w, const struct call *call)
{
	const char *name = call->c % 8 ? name_of(call->b, "signal") : L4SHMC_SIGNAL_CLIENTS;
	enum fd_kind kind = call->c % 32 ? ATTACHMENTS : OBSERVERS;
	__u32 flags = call->b % 3 == 0 && call->c % 8 ? L4SHMC_SIGNAL_COUNTING : 0;

	return kept(w, SIGNALS, signal_open(fd_for(w, kind, call->a), name, flags));
}

/* --- signals ----------------------------------------------------------- */

static int call_signal_info(struct worker *w, const struct call *call)
{
	struct l4shmc_ioc_signal_info info;

	return signal_info(fd_for(w, SIGNALS, call->a), &info);
}

static int call_trigger(struct worker *w, const struct call *call)
{
	return signal_trigger(fd_for(w, SIGNALS, call->a));
}

static int call_ring(struct worker *w, const struct call *call)
{
	return signal_ring(fd_for(w, SIGNALS, call->a));
}

static int call_wait(struct worker *w, const struct call *call)
{
	return signal_wait(fd_for(w, SIGNALS, call->a), timeout_of(call->v));
}

static int call_call(struct worker *w, const struct call *call)
{
	static const __u32 flags[] = {
		L4SHMC_CALL_TRIGGERED, L4SHMC_CALL_RING, L4SHMC_CALL_RING, 0, 0, 0, 0,
		L4SHMC_CALL_TRIGGERED | L4SHMC_CALL_RING,
	};

	return signal_call_flags(fd_for(w, SIGNALS, call->a), fd_for(w, SIGNALS, call->b),
				 timeout_of(call->v), flags[call->c % ARRAY_SIZE(flags)]);
}

static int call_poll(struct worker *w, const struct call *call)
{
	struct pollfd fds[] = {
		{ .fd = fd_for(w, SIGNALS, call->a), .events = POLLIN },
		{ .fd = fd_for(w, SETS, call->b), .events = POLLIN | POLLOUT },
	};
	struct timespec timeout = { .tv_nsec = (long)timeout_of(call->v) };

	return or_errno(ppoll(fds, ARRAY_SIZE(fds), &timeout, NULL));
}

static int call_epoll_add(struct worker *w, const struct call *call)
{
	static const __u32 modes[] = { EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE, 0 };
	struct epoll_event event = {
		.events = EPOLLIN | modes[call->c % 4], .data.u32 = call->v,
	};
	int op = call->c % 16 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	return or_errno(epoll_ctl(fd_for(w, EPOLLS, call->a), op,
				  fd_for(w, call->c % 3 ? SIGNALS : SETS, call->b), &event));
}

static int call_epoll_del(struct worker *w, const struct call *call)
{
	return or_errno(epoll_ctl(fd_for(w, EPOLLS, call->a), EPOLL_CTL_DEL,
				  fd_for(w, call->c % 3 ? SIGNALS : SETS, call->b), NULL));
}

static int call_epoll_wait(struct worker *w, const struct call *call)
{
	struct epoll_event events[8];

	return or_errno(epoll_wait(fd_for(w, EPOLLS, call->a), events, ARRAY_SIZE(events), 0));
}

/* --- wait sets --------------------------------------------------------- */

static int call_waitset(struct worker *w, const struct call *call)
{
	return kept(w, SETS, waitset_make(fd_for(w, DEVICES, call->a)));
}

static int call_bind(struct worker *w, const struct call *call)
{
	return waitset_bind(fd_for(w, SETS, call->a), fd_for(w, SIGNALS, call->b), call->v);
}

static int call_unbind(struct worker *w, const struct call *call)
{
	return waitset_unbind(fd_for(w, SETS, call->a), fd_for(w, SIGNALS, call->b));
}

static int call_waitset_wait(struct worker *w, const struct call *call)
{
	__u64 labels[8];
	int set = fd_for(w, SETS, call->a);

	/* Also where labels cannot be stored, and more than there is room for */
	if (call->c % 32 == 0)
		return waitset_wait(set, (__u64 *)8, 4, 0);
	if (call->c == 1)
		return waitset_wait(set, labels, 0, 0);
	return waitset_wait(set, labels, call->b % ARRAY_SIZE(labels) + 1, timeout_of(call->v));
}

/*
 * What has no timeout, or any: if there is nothing, or no more, a timer ends it.
 * That is as if its time were up.
 */
static int soon_ended(int fd, unsigned int cmd, void *arg)
{
	struct itimerval timer = { { 0, 1000 }, { 0, 100 } };
	int result;

	setitimer(ITIMER_REAL, &timer, NULL);
	result = command(fd, cmd, arg);
	timer = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
	return result == -EINTR ? -ETIMEDOUT : result;
}

static int call_waitset_next(struct worker *w, const struct call *call)
{
	struct pollfd set = { .fd = fd_for(w, SETS, call->a), .events = POLLIN };
	__u64 label;

	if (call->v % 8 && poll(&set, 1, 0) <= 0)
		return -ETIMEDOUT;
	/* Also where the label cannot be stored */
	return soon_ended(set.fd, L4SHMC_IOC_WAITSET_NEXT, call->c % 32 ? &label : (void *)8);
}

/* --- memory ------------------------------------------------------------ */

static int call_mmap(struct worker *w, const struct call *call)
{
	static const enum fd_kind kinds[] = { ATTACHMENTS, ATTACHMENTS, ATTACHMENTS, OBSERVERS };
	static const __u64 offsets[] = {
		4096, 8192, L4SHMC_CONTROL_OFFSET - 4096, L4SHMC_CONTROL_OFFSET + 4096,
		L4SHMC_CONTROL_OFFSET + L4SHMC_CONTROL_SIZE - 4096,
		L4SHMC_CONTROL_OFFSET + L4SHMC_CONTROL_SIZE, 1ULL << 62, 0x7ffffffffffff000ULL,
	};
	static const int flags[] = { MAP_PRIVATE, MAP_POPULATE, MAP_LOCKED, MAP_NORESERVE };
	struct mapping *map = &w->maps[w->next_map++ % MAPPINGS];
	int how = MAP_SHARED, prot = PROT_READ | PROT_WRITE;
	enum fd_kind kind = kinds[call->b % 4];
	__u64 offset = call->c % 2 ? L4SHMC_CONTROL_OFFSET : 0;
	size_t size = call->v % 8 ? 4096 : (size_t)size_of(call->v / 8);

	if (map->at)
		munmap(map->at, map->size);
	map->at = NULL;
	if (kind == OBSERVERS || call->c % 16 == 2)
		prot = PROT_READ;
	if (call->c % 16 == 4)
		offset = offsets[call->v / 256 % ARRAY_SIZE(offsets)];
	if (call->c % 16 == 6)
		how |= flags[call->v / 256 % ARRAY_SIZE(flags)];
	if (call->c % 32 == 8)
		prot |= PROT_EXEC;
	map->at = mmap(NULL, size, prot, how, fd_for(w, kind, call->a), (off_t)offset);
	map->size = size;
	map->control = offset >= L4SHMC_CONTROL_OFFSET;
	map->writable = prot & PROT_WRITE;
	if (map->at != MAP_FAILED)
		return 0;
	map->at = NULL;
	return -errno;
}

static struct mapping *some_map(struct worker *w, __u8 which, bool control)
{
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		struct mapping *map = &w->maps[(which + i) % MAPPINGS];

		if (map->at && map->control == control)
			return map;
	}
	return NULL;
}

static int call_munmap(struct worker *w, const struct call *call)
{
	struct mapping *map = some_map(w, call->a, call->b % 2);
	int result;

	if (!map)
		return NOT_MADE;
	/* A hole in it, or all */
	if (call->c % 2)
		return or_errno(munmap(map->at + call->v % map->size / 4096 * 4096, 4096));
	result = or_errno(munmap(map->at, map->size));
	map->at = NULL;
	return result;
}

static int call_mprotect(struct worker *w, const struct call *call)
{
	struct mapping *map = some_map(w, call->a, call->b % 2);
	int result;

	if (!map)
		return NOT_MADE;
	result = or_errno(mprotect(map->at, map->size, call->c % 8));
	if (!result)
		map->writable = call->c & PROT_WRITE;
	return result;
}

static int call_mremap(struct worker *w, const struct call *call)
{
	struct mapping *map = some_map(w, call->a, call->b % 2);
	size_t size = call->c % 4 ? (call->v % 4 + 1) * 4096 : (size_t)size_of(call->v);
	void *at;

	if (!map)
		return NOT_MADE;
	at = mremap(map->at, map->size, size, MREMAP_MAYMOVE);
	if (at == MAP_FAILED)
		return -errno;
	map->at = at;
	map->size = size;
	return 0;
}

static int call_madvise(struct worker *w, const struct call *call)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_REMOVE, MADV_WILLNEED, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, MADV_PAGEOUT, MADV_COLD, MADV_DONTFORK, MADV_DOFORK,
		MADV_FREE, MADV_MERGEABLE, MADV_HUGEPAGE, MADV_DODUMP,
	};
	struct mapping *map = some_map(w, call->a, call->b % 2);

	return map ? or_errno(madvise(map->at, map->size,
				      advices[call->c % ARRAY_SIZE(advices)])) : NOT_MADE;
}

/* --- what peers do to each other through memory ------------------------ */

/* A touch that becomes a signal takes long. */
static bool worth_a_touch(const struct mapping *map, const struct call *call)
{
	return map->writable || call->v % 64 == 0;
}

/* Any word of any record, or of the payload, becomes anything. */
static int call_poke(struct worker *w, const struct call *call)
{
	static const __u32 values[] = { 0, 1, 2, 3, 0x101, ~0U, 0x80000000 };
	struct mapping *map = some_map(w, call->a, call->b % 4 != 0);
	__u32 *word;

	if (!map || !worth_a_touch(map, call) || sigsetjmp(w->fault, 0))
		return NOT_MADE;
	w->touching = 1;
	word = (__u32 *)(map->at + (call->v % map->size & ~3UL));
	store32(word, call->c % 2 ? call->v : values[call->c / 2 % ARRAY_SIZE(values)]);
	w->touching = 0;
	return NOT_MADE;
}

/* As the library does it; the record may be gone or be read-only. */
static int touch_record(struct worker *w, struct l4shmc_signal_record *record,
			const struct call *call)
{
	volatile bool armed = false;

	if (sigsetjmp(w->fault, 0))
		return 0;
	w->touching = 1;
	if (call->c % 2) {
		__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
		armed = __atomic_load_n(&record->armed, __ATOMIC_SEQ_CST);
	} else {
		record_take(record, call->c % 4 == 0);
	}
	w->touching = 0;
	return armed;
}

static int call_record_trigger(struct worker *w, const struct call *call)
{
	struct mapping *map = some_map(w, call->a, true);
	int fd = fd_for(w, SIGNALS, call->b), result;
	struct l4shmc_ioc_signal_info info;

	if (!map || !worth_a_touch(map, call))
		return NOT_MADE;
	result = signal_info(fd, &info);
	if (result || (info.index + 1) * sizeof(union l4shmc_record) > map->size)
		return result;
	if (touch_record(w, &((union l4shmc_record *)map->at)[info.index].signal, call))
		return signal_ring(fd);
	return 0;
}

/* --- the rest ---------------------------------------------------------- */

static const struct {
	unsigned int cmd;
	enum fd_kind kind;
} known_cmds[] = {
	{ L4SHMC_IOC_INFO, DEVICES }, { L4SHMC_IOC_CREATE, DEVICES },
	{ L4SHMC_IOC_ATTACH, DEVICES }, { L4SHMC_IOC_ATTACH, HANDLES },
	{ L4SHMC_IOC_ATTACH, ATTACHMENTS }, { L4SHMC_IOC_UNLINK, HANDLES },
	{ L4SHMC_IOC_AREA_INFO, HANDLES }, { L4SHMC_IOC_AREA_INFO, ATTACHMENTS },
	{ L4SHMC_IOC_CHUNK_ADD, ATTACHMENTS }, { L4SHMC_IOC_CHUNK_FIND, ATTACHMENTS },
	{ L4SHMC_IOC_CHUNK_NEXT, ATTACHMENTS }, { L4SHMC_IOC_SIGNAL_OPEN, ATTACHMENTS },
	{ L4SHMC_IOC_CLIENT_INIT, OBSERVERS }, { L4SHMC_IOC_SIGNAL_INFO, SIGNALS },
	{ L4SHMC_IOC_TRIGGER, SIGNALS }, { L4SHMC_IOC_RING, SIGNALS },
	{ L4SHMC_IOC_WAITSET, DEVICES }, { L4SHMC_IOC_BIND, SETS }, { L4SHMC_IOC_UNBIND, SETS },
	{ L4SHMC_IOC_WAIT, SIGNALS }, { L4SHMC_IOC_CALL, SIGNALS },
	{ L4SHMC_IOC_WAITSET_WAIT, SETS }, { L4SHMC_IOC_WAITSET_NEXT, SETS },
};

/* A command that makes a descriptor; its number says which. */
static int keep_raw(struct worker *w, unsigned int nr, int result)
{
	switch (nr) {
	case _IOC_NR(L4SHMC_IOC_CREATE):
		return kept(w, HANDLES, result);
	case _IOC_NR(L4SHMC_IOC_ATTACH):
		return kept(w, OBSERVERS, result);
	case _IOC_NR(L4SHMC_IOC_SIGNAL_OPEN):
		return kept(w, SIGNALS, result);
	case _IOC_NR(L4SHMC_IOC_WAITSET):
		return kept(w, SETS, result);
	default:
		return result;
	}
}

/* Zeros are a struct that most commands understand, but for these. */
static void fill_raw(struct worker *w, const struct call *call, unsigned int cmd,
		     union argument *arg)
{
	static __u64 labels[4];

	switch (cmd) {
	case L4SHMC_IOC_CALL:
		arg->call.trigger = fd_for(w, SIGNALS, call->b);
		break;
	case L4SHMC_IOC_BIND:
		arg->bind.signal = fd_for(w, SIGNALS, call->b);
		break;
	case L4SHMC_IOC_UNBIND:
		arg->unbind.signal = fd_for(w, SIGNALS, call->b);
		break;
	case L4SHMC_IOC_WAITSET_WAIT:
		arg->waitset_wait.labels = (uintptr_t)labels;
		arg->waitset_wait.nr_labels = ARRAY_SIZE(labels);
		break;
	}
}

/* Any number and size, any bytes, any place */
static int call_raw(struct worker *w, const struct call *call)
{
	__u64 state = call->v;
	union {
		__u32 words[1024];
		union argument arg;
	} raw = { .words = { 0 } };
	void *places[] = { &raw, NULL, (char *)&raw + 1, (void *)~0xfffUL, (void *)4096 };
	unsigned int which = call->b % ARRAY_SIZE(known_cmds);
	unsigned int cmd = call->c % 8 ? known_cmds[which].cmd : (unsigned int)draw(&state);
	enum fd_kind kind = call->v % 4 ? known_cmds[which].kind : call->v / 4 % NR_KINDS;
	unsigned int size = _IOC_SIZE(cmd) % 4096, i;

	fill_raw(w, call, cmd, &raw.arg);
	for (i = 0; i < size / 4 && call->c % 8 < 3; i++)
		raw.words[i] = (__u32)draw(&state);
	/* Or one word */
	if (call->c % 8 == 3)
		raw.words[call->v % 24] = (__u32)draw(&state) % 4;
	raw.words[0] = call->c % 16 ? size : (__u32)draw(&state) % 5000;
	i = call->c / 16 % 8 < 6 ? 0 : (unsigned int)(draw(&state) % ARRAY_SIZE(places));
	return keep_raw(w, _IOC_NR(cmd),
			soon_ended(fd_for(w, kind, call->a), cmd, places[i]));
}

/* System calls that descriptors of the driver do not expect */
static int call_other(struct worker *w, const struct call *call)
{
	int fd = fd_for(w, call->a % NR_KINDS, call->b);
	struct stat st;
	char text[64];

	switch (call->c % 8) {
	case 0:
		return or_errno(read(fd, text, sizeof(text)));
	case 1:
		return or_errno(write(fd, text, 4));
	case 2:
		return or_errno(lseek(fd, call->v, SEEK_SET));
	case 3:
		return or_errno(ftruncate(fd, call->v % 8192));
	case 4:
		return or_errno(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	case 5:
		return or_errno(fcntl(fd, F_SETFL, call->v % 2 ? O_NONBLOCK : O_APPEND));
	case 6:
		return or_errno(fsync(fd));
	default:
		return or_errno(fstat(fd, &st));
	}
}

static int call_sysfs(struct worker *w, const struct call *call)
{
	static const char *const attributes[] = {
		"size", "free", "mode", "uid", "gid", "persistent", "clients",
		"clients_initialized", "uevent", "chunks/fuzz.chunk1/state",
		"chunks/fuzz.chunk1/owner", "chunks/fuzz.chunk1/size",
		"chunks/fuzz.chunk2/offset", "chunks/fuzz.chunk2/capacity",
		"chunks/fuzz.chunk2/recovered", "signals/fuzz.signal1/triggered",
		"signals/fuzz.signal1/pending", "signals/fuzz.signal1/waiters",
		"signals/fuzz.signal1/bindings", "signals/fuzz.signal1/counting",
	};
	char text[64];

	(void)w;
	errno = 0;
	return sysfs_read(text, sizeof(text), area_name(call->a % AREAS),
			  attributes[call->b % ARRAY_SIZE(attributes)]) ? 0 : -errno;
}

/* Attaches, has a chunk in its hands, has triggered without ringing, and is killed. */
static _Noreturn void be_killed(const struct worker *w, const struct call *call)
{
	int fd = area_attach(some_fd(w, ATTACHMENTS, call->a), "", 0);
	int sig = signal_open(fd, name_of(call->b % NAMES, "signal"), 0);
	int index = chunk_find(fd, name_of(call->c % NAMES, "chunk"), 0);
	union l4shmc_record *control = map_control(fd, PROT_READ | PROT_WRITE);
	struct l4shmc_ioc_area_info info = { .client = 0 };
	struct l4shmc_signal_record *record;

	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	if (control != MAP_FAILED && area_info(fd, &info) == 0) {
		if (index >= 0)
			store32(&control[index].chunk.state,
				chunk_state(call->v % 4, info.client));
		record = signal_record(control, sig);
		if (record)
			__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
	}
	raise(SIGKILL);
	_exit(1);
}

static int call_death(struct worker *w, const struct call *call)
{
	pid_t pid = fork();

	if (pid == 0)
		be_killed(w, call);
	if (pid < 0)
		return -errno;
	return reap(pid) == 128 + SIGKILL ? 0 : -ECHILD;
}

/* A process with the same descriptors and mappings, which it uses once */
static int call_fork(struct worker *w, const struct call *call)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal_trigger(some_fd(w, SIGNALS, call->a));
		signal_wait(some_fd(w, SIGNALS, call->b), timeout_of(call->v));
		_exit(0);
	}
	return pid < 0 ? -errno : -reap(pid);
}

#define CALL(_name, _weight, ...) { #_name, _weight, call_##_name, ##__VA_ARGS__ }

const struct call_type call_types[] = {
	CALL(open, 4, 2), CALL(close, 8, 2), CALL(dup, 4, 2), CALL(reopen, 4, 4),
	CALL(send, 6, 2), CALL(receive, 6, 2), CALL(info, 20), CALL(create, 8, 2),
	CALL(attach, 6, 2), CALL(attach_handle, 6, 2), CALL(unlink, 2, 2), CALL(area_info, 40),
	CALL(client_init, 20), CALL(chunk_add, 6), CALL(chunk_find, 40), CALL(chunk_next, 40),
	CALL(signal_open, 20, 2), CALL(signal_info, 40), CALL(trigger, 120), CALL(ring, 60),
	CALL(wait, 100), CALL(call, 60), CALL(poll, 40), CALL(epoll_add, 10), CALL(epoll_del, 6),
	CALL(epoll_wait, 20), CALL(waitset, 4, 2), CALL(bind, 20), CALL(unbind, 20),
	CALL(waitset_wait, 100), CALL(waitset_next, 40), CALL(mmap, 10, 2), CALL(munmap, 4),
	CALL(mprotect, 2), CALL(mremap, 2), CALL(madvise, 4), CALL(poke, 60), CALL(record_trigger, 60),
	CALL(raw, 15), CALL(other, 10), CALL(sysfs, 8, 4), CALL(death, 8, 16),
	CALL(fork, 8, 16),
};

const unsigned int nr_call_types = ARRAY_SIZE(call_types);

#endif /* L4SHMC_SELFTESTS_FUZZ_CALLS_H */
