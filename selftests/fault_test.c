// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations and accesses to user memory that fail: each of them, one after
 * another, in every operation.  Nothing is left behind by what fails, and it
 * works when it is tried again.  Wants a kernel with fault injection.
 */
#include "fault.h"
#include "module.h"

/* --- the device ---------------------------------------------------------- */

static int made(struct world *w, int result)
{
	if (result >= 0)
		w->made = result;
	return result;
}

static int run_open(struct world *w)
{
	return made(w, device_open(O_RDWR));
}

static int run_info(struct world *w)
{
	struct l4shmc_ioc_info info;

	return device_info(w->dev, &info);
}

/* A program that was compiled with a newer header */
static int run_info_longer(struct world *w)
{
	struct {
		struct l4shmc_ioc_info info;
		char more[256];
	} arg = { .info.size = sizeof(arg) };

	return command(w->dev, L4SHMC_IOC_INFO, &arg);
}

static int run_create(struct world *w)
{
	return made(w, area_create(w->dev, w->name, page_size(), 0600, 0));
}

/* Each of the pages can be the one that is not to be had. */
#define LARGE (150 * page_size())

static int run_create_large(struct world *w)
{
	return made(w, area_create(w->dev, w->name, LARGE, 0600, 0));
}

static int run_create_persistent(struct world *w)
{
	return made(w, area_create(w->dev, w->name, LARGE, 0600, L4SHMC_CREATE_PERSISTENT));
}

static int run_create_for_other(struct world *w)
{
	return made(w, area_create_as(w->dev, w->name, LARGE, 0660, 0, USER_A, USER_B));
}

static int run_attach(struct world *w)
{
	return made(w, area_attach(w->dev, w->name, 0));
}

static int run_observe(struct world *w)
{
	return made(w, area_attach(w->dev, w->name, L4SHMC_ATTACH_OBSERVER));
}

static int run_attach_later(struct world *w)
{
	return area_attach_to(w->dev, "there is none", 0, 1000);
}

static int run_unlink(struct world *w)
{
	return area_unlink(w->dev, w->name);
}

static int run_waitset(struct world *w)
{
	return made(w, waitset_make(w->dev));
}

static const struct op device_ops[] = {
	{ "open", DEV, run_open },
	{ "open the first", NOTHING, run_open },
	{ "info", DEV, run_info },
	{ "info, longer struct", DEV, run_info_longer },
	{ "create", DEV, run_create },
	{ "create, 150 pages", DEV, run_create_large },
	{ "create, persistent", DEV, run_create_persistent },
	{ "create, for others", DEV, run_create_for_other },
	{ "create, name taken", AREA, run_create, .error = EEXIST },
	{ "attach by name", AREA, run_attach },
	{ "attach by name, not the first", SIGNALS, run_attach },
	{ "attach by name, observer", AREA, run_observe },
	{ "attach by name, not there", DEV, run_attach_later, .error = ENOENT },
	{ "unlink by name", AREA, run_unlink },
	{ "unlink by name, in use", MAPS, run_unlink },
	{ "unlink by name, persistent", AREA, run_unlink,
	  .create_flags = L4SHMC_CREATE_PERSISTENT },
	{ "make a wait set", DEV, run_waitset },
};

/* --- a handle and an attachment ------------------------------------------ */

static int run_handle_attach(struct world *w)
{
	return made(w, area_attach(w->handle, "", 0));
}

static int run_handle_observe(struct world *w)
{
	return made(w, area_attach(w->handle, "", L4SHMC_ATTACH_OBSERVER));
}

static int run_handle_unlink(struct world *w)
{
	return area_unlink(w->handle, "");
}

static int run_handle_info(struct world *w)
{
	struct l4shmc_ioc_area_info info;

	return area_info(w->handle, &info);
}

static int run_client_attach(struct world *w)
{
	return made(w, area_attach(w->fd, "", 0));
}

static int run_observer_attach(struct world *w)
{
	return made(w, area_attach(w->observer, "", L4SHMC_ATTACH_OBSERVER));
}

static int run_client_info(struct world *w)
{
	struct l4shmc_ioc_area_info info;

	return area_info(w->fd, &info);
}

static int run_client_init(struct world *w)
{
	return client_init(w->fd);
}

static int run_chunk_add(struct world *w)
{
	return chunk_add(w->fd, "another", 100);
}

static int run_chunk_add_again(struct world *w)
{
	return chunk_add(w->fd, "c", 64);
}

static int run_chunk_find(struct world *w)
{
	return chunk_find(w->fd, "c", 0);
}

static int run_chunk_find_later(struct world *w)
{
	return chunk_find(w->observer, "there is none", 1000);
}

static int run_chunk_next(struct world *w)
{
	struct l4shmc_ioc_chunk_next next;

	return chunk_next(w->fd, 0, &next);
}

static int run_signal_open(struct world *w)
{
	return made(w, signal_open(w->fd, "another", 0));
}

static int run_signal_open_counting(struct world *w)
{
	return made(w, signal_open(w->fd, "another", L4SHMC_SIGNAL_COUNTING));
}

static int run_signal_open_there(struct world *w)
{
	return made(w, signal_open(w->fd, "s", 0));
}

static int run_signal_open_clients(struct world *w)
{
	return made(w, signal_open(w->fd, L4SHMC_SIGNAL_CLIENTS, 0));
}

static int run_observer_open_clients(struct world *w)
{
	return made(w, signal_open(w->observer, L4SHMC_SIGNAL_CLIENTS, 0));
}

/* The next record is the first of a new page. */
static void fill_page(struct world *w)
{
	char name[L4SHMC_NAME_SIZE];

	for (unsigned int i = 1; i < page_size() / L4SHMC_RECORD_SIZE; i++) {
		snprintf(name, sizeof(name), "%u", i);
		CHECK(chunk_add(w->fd, name, 1) == (int)i);
	}
}

static void unlink_it(struct world *w)
{
	CHECK(area_unlink(w->handle, "") == 0);
}

/* A chunk in the middle of being written is taken back on release. */
static void take_chunk(struct world *w)
{
	store32(&w->control[0].chunk.state, chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 0));
	CHECK(signal_trigger(w->sig) == 0);
}

static int close_in(int *fd)
{
	int result = close(*fd) ? -errno : 0;

	*fd = -1;
	return result;
}

static int run_handle_close(struct world *w)
{
	return close_in(&w->handle);
}

static int run_client_close(struct world *w)
{
	return close_in(&w->fd);
}

static int run_observer_close(struct world *w)
{
	return close_in(&w->observer);
}

static const struct op handle_ops[] = {
	{ "attach", AREA, run_handle_attach },
	{ "attach, unlinked", AREA, run_handle_attach, unlink_it },
	{ "attach, observer", AREA, run_handle_observe },
	{ "unlink", AREA, run_handle_unlink },
	{ "unlink, with chunks and signals", SIGNALS, run_handle_unlink },
	{ "unlink, persistent", AREA, run_handle_unlink,
	  .create_flags = L4SHMC_CREATE_PERSISTENT },
	{ "info", AREA, run_handle_info },
	{ "close", CLIENTS, run_handle_close },
	{ "close, the last", AREA, run_handle_close },
	{ "close, unlinked", AREA, run_handle_close, unlink_it },
};

static const struct op client_ops[] = {
	{ "attach", CLIENTS, run_client_attach },
	{ "attach, observer of an observer", CLIENTS, run_observer_attach },
	{ "area info", CLIENTS, run_client_info },
	{ "client init", CLIENTS, run_client_init },
	{ "chunk add", CLIENTS, run_chunk_add },
	{ "chunk add, new page", CLIENTS, run_chunk_add, fill_page },
	{ "chunk add, unlinked", CLIENTS, run_chunk_add, unlink_it },
	{ "chunk add, name taken", CLIENTS, run_chunk_add_again, .error = EEXIST },
	{ "chunk find", CLIENTS, run_chunk_find },
	{ "chunk find, not there", CLIENTS, run_chunk_find_later, .error = ENOENT },
	{ "chunk next", CLIENTS, run_chunk_next },
	{ "signal open", CLIENTS, run_signal_open },
	{ "signal open, new page", CLIENTS, run_signal_open, fill_page },
	{ "signal open, unlinked", CLIENTS, run_signal_open, unlink_it },
	{ "signal open, counting", CLIENTS, run_signal_open_counting },
	{ "signal open, there", SIGNALS, run_signal_open_there },
	{ "signal open, @clients", CLIENTS, run_signal_open_clients },
	{ "signal open, @clients, new page", CLIENTS, run_signal_open_clients, fill_page },
	{ "signal open, @clients there", SIGNALS, run_signal_open_clients },
	{ "signal open, observer's @clients", CLIENTS, run_observer_open_clients },
	{ "close", CLIENTS, run_client_close },
	{ "close, mapped", MAPS, run_client_close },
	{ "close, chunk taken", MAPS, run_client_close, take_chunk },
	{ "close, observer", CLIENTS, run_observer_close },
};

/* --- a signal ------------------------------------------------------------ */

static int run_signal_info(struct world *w)
{
	struct l4shmc_ioc_signal_info info;

	return signal_info(w->sig, &info);
}

static int run_trigger(struct world *w)
{
	return signal_trigger(w->sig);
}

static int run_ring(struct world *w)
{
	return signal_ring(w->sig);
}

static int run_wait(struct world *w)
{
	return signal_wait(w->sig, 1000);
}

static int run_wait_counting(struct world *w)
{
	return signal_wait(w->counting, 1000);
}

static int run_call(struct world *w)
{
	return signal_call(w->sig, w->counting, 1000);
}

static int run_call_ring(struct world *w)
{
	return signal_call_flags(w->sig, w->counting, 1000, L4SHMC_CALL_RING);
}

static int run_poll(struct world *w)
{
	struct pollfd fds[] = {
		{ .fd = w->sig, .events = POLLIN }, { .fd = w->counting, .events = POLLIN },
	};
	int result = poll(fds, ARRAY_SIZE(fds), 0);

	return result < 0 ? -errno : result;
}

static int add_to_epoll(struct world *w, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int run_epoll_add(struct world *w)
{
	return add_to_epoll(w, w->sig);
}

static int run_epoll_wait(struct world *w)
{
	struct epoll_event event;
	int result = epoll_wait(w->epoll, &event, 1, 0);

	return result < 0 ? -errno : result;
}

static int run_signal_close(struct world *w)
{
	return close_in(&w->sig);
}

static int run_events_close(struct world *w)
{
	return close_in(&w->events);
}

static void trigger_both(struct world *w)
{
	for (int i = 0; i < 3; i++)
		CHECK(signal_trigger(w->sig) == 0 && signal_trigger(w->counting) == 0);
}

static void trigger_and_poll(struct world *w)
{
	CHECK(add_to_epoll(w, w->sig) == 0);
	trigger_both(w);
}

static const struct op signal_ops[] = {
	{ "info", SIGNALS, run_signal_info },
	{ "trigger", SIGNALS, run_trigger },
	{ "trigger, bound", SET, run_trigger },
	{ "ring", SIGNALS, run_ring },
	{ "wait", SIGNALS, run_wait, trigger_both },
	{ "wait, nothing there", SIGNALS, run_wait, .error = ETIMEDOUT },
	{ "wait, counting", SIGNALS, run_wait_counting, trigger_both },
	{ "call", SIGNALS, run_call, trigger_both },
	{ "call, nothing there", SIGNALS, run_call, .error = ETIMEDOUT },
	{ "call, ring only", SIGNALS, run_call_ring, trigger_both },
	{ "call, ring only, bound", SET, run_call_ring, trigger_both },
	{ "call, ring only, nothing there", SIGNALS, run_call_ring, .error = ETIMEDOUT },
	{ "poll", SIGNALS, run_poll },
	{ "poll, pending", SIGNALS, run_poll, trigger_both },
	{ "epoll add", SET, run_epoll_add },
	{ "epoll wait", SET, run_epoll_wait, trigger_and_poll },
	{ "close", SIGNALS, run_signal_close },
	{ "close, bound", SET, run_signal_close },
	{ "close, in an epoll", SET, run_signal_close, trigger_and_poll },
	{ "close, @clients", SIGNALS, run_events_close },
};

/* --- a wait set ---------------------------------------------------------- */

static int run_bind(struct world *w)
{
	return waitset_bind(w->set, w->counting, 7);
}

static int run_bind_again(struct world *w)
{
	return waitset_bind(w->set, w->sig, 7);
}

static int run_bind_events(struct world *w)
{
	return waitset_bind(w->set, w->events, 7);
}

static int run_unbind(struct world *w)
{
	return waitset_unbind(w->set, w->sig);
}

static int run_waitset_wait(struct world *w)
{
	__u64 labels[2];

	return waitset_wait(w->set, labels, ARRAY_SIZE(labels), 1000);
}

static int run_waitset_poll(struct world *w)
{
	struct pollfd fd = { .fd = w->set, .events = POLLIN };
	int result = poll(&fd, 1, 0);

	return result < 0 ? -errno : result;
}

/* More than there are events, the second one in another page */
#define LABELS 8

static __u64 *labels_of(struct world *w)
{
	static __u64 labels[LABELS];

	if (w->mapped == MAP_FAILED)
		return labels;
	return (__u64 *)((char *)w->mapped + page_size()) - 1;
}

/*
 * All that is pending, by WAITSET_WAIT or by WAITSET_NEXT: the sum of the labels is
 * the same, however often it takes, as a store that fails loses no event.
 */
static int run_waitset_wait_all(struct world *w)
{
	__u64 *labels = labels_of(w);
	int result;

	while ((result = waitset_wait(w->set, labels, LABELS, 0)) > 0)
		while (result--)
			w->taken += (int)labels[result];
	return result == -ETIMEDOUT ? w->taken : result;
}

static int run_waitset_next_all(struct world *w)
{
	__u64 *label = labels_of(w);
	int result;

	while ((result = run_waitset_poll(w)) > 0) {
		result = waitset_next(w->set, label);
		if (result < 0)
			return result;
		w->taken += (int)*label;
	}
	return result ? result : w->taken;
}

static int run_waitset_epoll(struct world *w)
{
	return add_to_epoll(w, w->set);
}

static int run_waitset_close(struct world *w)
{
	return close_in(&w->set);
}

static void bind_both(struct world *w)
{
	CHECK(waitset_bind(w->set, w->counting, 7) == 0);
	trigger_both(w);
}

/* And labels go to pages that have to be paged in first. */
static void bind_both_for_new_pages(struct world *w)
{
	bind_both(w);
	w->mapped_size = 2 * page_size();
	w->mapped = mmap(NULL, w->mapped_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(w->mapped != MAP_FAILED);
}

static const struct op waitset_ops[] = {
	{ "bind", SET, run_bind },
	{ "bind, pending", SET, run_bind, trigger_both },
	{ "bind, bound already", SET, run_bind_again, .error = EEXIST },
	{ "bind, @clients", SET, run_bind_events },
	{ "unbind", SET, run_unbind },
	{ "unbind, ready", SET, run_unbind, trigger_both },
	{ "wait", SET, run_waitset_wait, bind_both },
	{ "wait, nothing there", SET, run_waitset_wait, .error = ETIMEDOUT },
	{ "wait for all", SET, run_waitset_wait_all, bind_both },
	{ "wait for all, new pages", SET, run_waitset_wait_all, bind_both_for_new_pages },
	{ "next, all", SET, run_waitset_next_all, bind_both },
	{ "next, all, new pages", SET, run_waitset_next_all, bind_both_for_new_pages },
	{ "poll", SET, run_waitset_poll },
	{ "poll, ready", SET, run_waitset_poll, bind_both },
	{ "epoll add", SET, run_waitset_epoll },
	{ "close", SET, run_waitset_close },
	{ "close, ready", SET, run_waitset_close, bind_both },
};

/* --- waits that a handler interrupts ------------------------------------- */

/* What is left of this is copied out. */
#define INTERRUPTED(expr)                       \
	({                                      \
		int __result;                   \
		interrupt_every(5000);          \
		__result = (expr);              \
		interrupt_every(0);             \
		__result;                       \
	})

static int run_attach_interrupted(struct world *w)
{
	return INTERRUPTED(area_attach_to(w->dev, "there is none", 0, HANG_NS));
}

static int run_find_interrupted(struct world *w)
{
	return INTERRUPTED(chunk_find(w->fd, "there is none", HANG_NS));
}

static int run_wait_interrupted(struct world *w)
{
	return INTERRUPTED(signal_wait(w->sig, HANG_NS));
}

static int run_call_interrupted(struct world *w)
{
	return INTERRUPTED(signal_call(w->sig, w->counting, HANG_NS));
}

static int run_call_ring_interrupted(struct world *w)
{
	return INTERRUPTED(signal_call_flags(w->sig, w->counting, HANG_NS, L4SHMC_CALL_RING));
}

static int run_waitset_wait_interrupted(struct world *w)
{
	__u64 label;

	return INTERRUPTED(waitset_wait(w->set, &label, 1, HANG_NS));
}

static const struct op interrupted_ops[] = {
	{ "attach, interrupted", DEV, run_attach_interrupted, .error = EINTR },
	{ "chunk find, interrupted", CLIENTS, run_find_interrupted, .error = EINTR },
	{ "wait, interrupted", SIGNALS, run_wait_interrupted, .error = EINTR },
	{ "call, interrupted", SIGNALS, run_call_interrupted, .error = EINTR },
	{ "call, ring only, interrupted", SIGNALS, run_call_ring_interrupted, .error = EINTR },
	{ "wait set's wait, interrupted", SET, run_waitset_wait_interrupted, .error = EINTR },
};

/* --- memory -------------------------------------------------------------- */

static int map_at(struct world *w, int fd, __u64 offset, size_t size, int prot, int flags)
{
	w->mapped = mmap(NULL, size, prot, MAP_SHARED | flags, fd, (off_t)offset);
	w->mapped_size = size;
	return w->mapped == MAP_FAILED ? -errno : 0;
}

static int run_map_data(struct world *w)
{
	return map_at(w, w->fd, 0, page_size(), PROT_READ | PROT_WRITE, 0);
}

static int run_map_populate(struct world *w)
{
	return map_at(w, w->fd, 0, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_POPULATE);
}

static int run_map_control(struct world *w)
{
	return map_at(w, w->fd, L4SHMC_CONTROL_OFFSET, L4SHMC_CONTROL_SIZE,
		      PROT_READ | PROT_WRITE, 0);
}

static int run_map_observer(struct world *w)
{
	return map_at(w, w->observer, L4SHMC_CONTROL_OFFSET, L4SHMC_CONTROL_SIZE, PROT_READ, 0);
}

/* Eight pages that nobody has touched */
static void *untouched(struct world *w)
{
	return (char *)w->control + 64 * page_size();
}

/* A page fault that fails is tried again for ever: nothing is seen of it. */
static int run_touch(struct world *w)
{
	volatile char *page = untouched(w);

	page[0] = 1;
	page[page_size()] = 1;
	return page[2 * page_size()];
}

static int run_touch_data(struct world *w)
{
	volatile char *page = w->data;

	page[0] = 1;
	return page[page_size()];
}

static int run_populate(struct world *w)
{
	int result;

	/* Only an interruption is worth another look. */
	do
		result = madvise(untouched(w), 8 * page_size(), MADV_POPULATE_WRITE);
	while (result && errno == EINTR);
	return result ? -errno : 0;
}

/* From the kernel, where a fault that fails is an error */
static int run_kernel_read(struct world *w)
{
	return write(w->pipe[1], untouched(w), 16) < 0 ? -errno : 0;
}

static int run_protect(struct world *w)
{
	return mprotect((char *)w->control + page_size(), page_size(), PROT_READ) ? -errno : 0;
}

static int run_unmap_middle(struct world *w)
{
	return munmap(untouched(w), page_size()) ? -errno : 0;
}

static int run_move(struct world *w)
{
	void *moved = mremap(w->control, L4SHMC_CONTROL_SIZE, L4SHMC_CONTROL_SIZE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, w->mapped);

	if (moved == MAP_FAILED)
		return -errno;
	w->control = moved;
	w->mapped = MAP_FAILED;
	return 0;
}

static void reserve(struct world *w)
{
	w->mapped_size = L4SHMC_CONTROL_SIZE;
	w->mapped = mmap(NULL, w->mapped_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(w->mapped != MAP_FAILED);
}

static int run_fork(struct world *w)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(w->control[0].chunk.state > 255);
	return pid < 0 ? -errno : -reap(pid);
}

static int run_unmap_data(struct world *w)
{
	int result = munmap(w->data, 2 * page_size()) ? -errno : 0;

	if (!result)
		w->data = MAP_FAILED;
	return result;
}

static int run_unmap_control(struct world *w)
{
	int result = munmap(w->control, L4SHMC_CONTROL_SIZE) ? -errno : 0;

	if (!result)
		w->control = MAP_FAILED;
	return result;
}

/* The mapping alone keeps the client. */
static void close_client(struct world *w)
{
	close_in(&w->fd);
}

static const struct op memory_ops[] = {
	{ "map data", CLIENTS, run_map_data },
	{ "map data, populated", CLIENTS, run_map_populate },
	{ "map records", CLIENTS, run_map_control },
	{ "map records, observer", CLIENTS, run_map_observer },
	{ "touch records", MAPS, run_touch },
	{ "touch data", MAPS, run_touch_data },
	{ "populate records", MAPS, run_populate },
	{ "kernel reads records", MAPS, run_kernel_read },
	{ "mprotect records", MAPS, run_protect },
	{ "unmap some records", MAPS, run_unmap_middle },
	{ "move records", MAPS, run_move, reserve },
	{ "fork", MAPS, run_fork },
	{ "unmap data", MAPS, run_unmap_data },
	{ "unmap records", MAPS, run_unmap_control },
	{ "unmap records, the client's last", MAPS, run_unmap_control, close_client },
};

/* --- descriptors that are passed on -------------------------------------- */

static int receive(struct world *w)
{
	int fd = recv_fd(w->sock[1]);

	/* The descriptor is lost if its number could not be stored. */
	return made(w, fd == -1 ? -EFAULT : fd);
}

static int run_pass_handle(struct world *w)
{
	return send_fd(w->sock[0], w->handle);
}

static int run_pass_client(struct world *w)
{
	return send_fd(w->sock[0], w->fd);
}

static int run_pass_set(struct world *w)
{
	return send_fd(w->sock[0], w->set);
}

static void send_signal(struct world *w)
{
	/* Twice: what fails after it has taken one can be tried again. */
	CHECK(send_fd(w->sock[0], w->sig) == 0 && send_fd(w->sock[0], w->sig) == 0);
}

static int run_dup(struct world *w)
{
	int fd = dup(w->sig);

	return made(w, fd < 0 ? -errno : fd);
}

/* Of the data file, which a mapping refers to */
static int run_reopen(struct world *w)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)w->data,
		 (unsigned long)w->data + 2 * page_size());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return made(w, fd < 0 ? -errno : fd);
}

static const struct op passing_ops[] = {
	{ "send handle", SET, run_pass_handle },
	{ "send attachment", SET, run_pass_client },
	{ "send wait set", SET, run_pass_set },
	{ "receive signal", SET, receive, send_signal },
	{ "dup signal", SIGNALS, run_dup },
	{ "open data file again", MAPS, run_reopen },
};

/* --- sysfs --------------------------------------------------------------- */

static const char *const attributes[] = {
	"size", "free", "mode", "uid", "gid", "persistent", "clients", "clients_initialized",
	"uevent", "chunks/c/offset", "chunks/c/capacity", "chunks/c/size", "chunks/c/state",
	"chunks/c/owner", "chunks/c/recovered", "signals/s/triggered", "signals/s/pending",
	"signals/s/waiters", "signals/s/bindings", "signals/s/counting",
};

static unsigned int attribute;

static int run_sysfs_read(struct world *w)
{
	char path[512], text[64];
	int result = 0, fd;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", w->name, attributes[attribute]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text)) < 0)
		result = -errno;
	close(fd);
	return result;
}

static int run_sysfs_list(struct world *w)
{
	char path[512], entries[512];
	int result = 0, fd;

	snprintf(path, sizeof(path), SYSFS "/%s/chunks/c", w->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_getdents64, fd, entries, sizeof(entries)) < 0)
		result = -errno;
	close(fd);
	return result;
}

static const struct op sysfs_read_op = { "read", SIGNALS, run_sysfs_read };
static const struct op sysfs_list_op = { "list", SIGNALS, run_sysfs_list };

/* --- all of a program's life --------------------------------------------- */

static const struct life {
	const char *name;
	unsigned int chunks, signals;
	__u32 flags, attach_flags;
	bool unlink;
} lives[] = {
	{ "a chunk and a signal", 1, 1 },
	{ "some chunks", 4, 1 },
	{ "some signals", 1, 4 },
	{ "some of both", 4, 4 },
	{ "a persistent area", 1, 1, L4SHMC_CREATE_PERSISTENT },
	{ "a persistent area with some of both", 4, 4, L4SHMC_CREATE_PERSISTENT },
	{ "an area without a name", 1, 1, .unlink = true },
	{ "an observer beside", 1, 1, 0, L4SHMC_ATTACH_OBSERVER },
};

static const struct life *life;

static int live_area(struct world *w)
{
	int result = device_open(O_RDWR);

	if (result < 0)
		return result;
	w->dev = result;
	result = area_create(w->dev, w->name, 2 * page_size(), 0600, life->flags);
	if (result < 0)
		return result;
	w->handle = result;
	result = area_attach(w->dev, w->name, 0);
	if (result < 0)
		return result;
	w->fd = result;
	if (life->unlink)
		result = area_unlink(w->handle, "");
	if (result < 0)
		return result;
	result = area_attach(w->fd, "", life->attach_flags);
	if (result >= 0)
		w->observer = result;
	return result;
}

static int live_records(struct world *w)
{
	char name[L4SHMC_NAME_SIZE];
	int result = waitset_make(w->dev);

	if (result < 0)
		return result;
	w->set = result;
	for (unsigned int i = 0; i < life->chunks && result >= 0; i++) {
		snprintf(name, sizeof(name), "chunk %u", i);
		result = chunk_add(w->fd, name, 100);
	}
	for (unsigned int i = 0; i < life->signals && result >= 0; i++) {
		snprintf(name, sizeof(name), "signal %u", i);
		result = signal_open(w->fd, name, i % 2 ? L4SHMC_SIGNAL_COUNTING : 0);
		if (result < 0)
			break;
		/* The binding keeps it. */
		w->sig = result;
		result = waitset_bind(w->set, w->sig, i);
		if (!result)
			result = signal_trigger(w->sig);
		close_in(&w->sig);
	}
	return result;
}

static int live_memory(struct world *w)
{
	__u64 labels[4];
	int result;

	w->data = map_data(w->fd, 2 * page_size(), PROT_READ | PROT_WRITE);
	if (w->data == MAP_FAILED)
		return -errno;
	w->control = map_control(w->fd, PROT_READ | PROT_WRITE);
	if (w->control == MAP_FAILED)
		return -errno;
	store32(&w->control[0].chunk.state, chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 0));
	result = waitset_wait(w->set, labels, ARRAY_SIZE(labels), 1000);
	return result < 0 ? result : 0;
}

static int run_life(struct world *w)
{
	int result = live_area(w);

	if (result >= 0)
		result = live_records(w);
	if (result >= 0)
		result = live_memory(w);
	world_drop(w);
	return result;
}

/* Who uses the driver is the first one in his network namespace. */
static void enter_new_network(struct world *w)
{
	(void)w;
	CHECK(unshare(CLONE_NEWNET) == 0);
}

static const struct op network_op = {
	"in a new network namespace", NOTHING, run_life, enter_new_network,
};

/* --- death --------------------------------------------------------------- */

struct death {
	const struct op *op;
	unsigned int nth;
	int number;
};

/* Ends with everything in its hands, and with a fault waiting for it. */
static int die_with_fault(void *arg)
{
	struct death *death = arg;
	struct world w;

	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	CHECK(nth_fd >= 0);
	world_build(&w, death->op);
	faults_arm(death->nth);
	if (death->number)
		raise(death->number);
	return 0;
}

static const struct op death_op = { "end of a process", MAPS, NULL, trigger_both };

/* --- the tests ----------------------------------------------------------- */

/* Before the harness forks, so that the tests share it */
__attribute__((constructor)) static void share_totals(void)
{
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
}

FIXTURE(fault)
{
	struct cgroup group;
	/* What the kernel had for it at first */
	long bytes;
};

FIXTURE_SETUP(fault)
{
	const char *missing = access(DEVICE, F_OK) ? "the module is not loaded" : faults_prepare();

	if (missing)
		SKIP(return, "%s", missing);
	if (!cgroup_make(&self->group, "max"))
		SKIP(return, "no memory controller of cgroup 2");
	ASSERT_TRUE(cgroup_join(&self->group));
	self->bytes = cgroup_kernel_memory(&self->group);
	ASSERT_GE(self->bytes, 0);
}

/* Each table has some hundred steps: what a few of them leave behind is more. */
#define SLACK_BYTES (128 << 10)

/* Not objects alone, which kmemleak knows, but pages. */
FIXTURE_TEARDOWN(fault)
{
	if (nth_fd <= 0)
		return;
	EXPECT_TRUE(WAIT_UNTIL(cgroup_kernel_memory(&self->group) < self->bytes + SLACK_BYTES))
		TH_LOG("%ld bytes of the kernel are now %ld", self->bytes,
		       cgroup_kernel_memory(&self->group));
	EXPECT_TRUE(cgroup_leave(&self->group));
	for (int kind = 0; kind < NR_KINDS; kind++)
		totals->injected[kind] += injected(kind);
	totals->tests++;
}

#define TIMEOUT_S 3000

TEST_F_TIMEOUT(fault, attack_63_in_every_ioctl_of_the_device, TIMEOUT_S)
{
	sweep(_metadata, device_ops, ARRAY_SIZE(device_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_every_ioctl_of_a_handle, TIMEOUT_S)
{
	sweep(_metadata, handle_ops, ARRAY_SIZE(handle_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_every_ioctl_of_an_attachment, TIMEOUT_S)
{
	sweep(_metadata, client_ops, ARRAY_SIZE(client_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_every_operation_of_a_signal, TIMEOUT_S)
{
	sweep(_metadata, signal_ops, ARRAY_SIZE(signal_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_every_operation_of_a_wait_set, TIMEOUT_S)
{
	sweep(_metadata, waitset_ops, ARRAY_SIZE(waitset_ops));
}

/* In the module alone: a handler that cannot be entered or left ends the process. */
TEST_F_TIMEOUT(fault, attack_63_in_interrupted_waits, TIMEOUT_S)
{
	if (!faults_of_modules())
		SKIP(return, "the kernel cannot tell by whom it is asked");
	sweep(_metadata, interrupted_ops, ARRAY_SIZE(interrupted_ops));
	faults_of_all();
}

TEST_F_TIMEOUT(fault, attack_63_in_mappings_and_page_faults, TIMEOUT_S)
{
	sweep(_metadata, memory_ops, ARRAY_SIZE(memory_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_passing_descriptors, TIMEOUT_S)
{
	sweep(_metadata, passing_ops, ARRAY_SIZE(passing_ops));
}

TEST_F_TIMEOUT(fault, attack_63_in_sysfs, TIMEOUT_S)
{
	for (attribute = 0; attribute < ARRAY_SIZE(attributes); attribute++)
		sweep(_metadata, &sysfs_read_op, 1);
	sweep(_metadata, &sysfs_list_op, 1);
}

TEST_F_TIMEOUT(fault, attack_63_all_through_a_life, TIMEOUT_S)
{
	for (life = lives; life < lives + ARRAY_SIZE(lives); life++) {
		struct op op = { life->name, NOTHING, run_life };

		sweep(_metadata, &op, 1);
	}
}

TEST_F_TIMEOUT(fault, attack_63_in_a_new_network_namespace, TIMEOUT_S)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	ASSERT_GE(home, 0);
	life = lives;
	sweep(_metadata, &network_op, 1);
	EXPECT_EQ(0, setns(home, CLONE_NEWNET));
}

TEST_F_TIMEOUT(fault, attack_63_at_the_end_of_a_process, TIMEOUT_S)
{
	static const int numbers[] = { 0, SIGKILL };
	struct death death = { .op = &death_op };
	struct counts before, after;
	unsigned long faults;
	struct world none;

	world_clear(&none);
	count(&none, &before);
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
		death.number = numbers[i];
		for (death.nth = 1; death.nth < MAX_STEPS; death.nth++) {
			faults = injected_in_all();
			EXPECT_EQ(death.number ? 128 + death.number : 0,
				  run_child(die_with_fault, &death));
			count(&none, &after);
			EXPECT_SAME_COUNTS(before, after, death.op->name, death.nth);
			if (injected_in_all() == faults || !__test_passed(_metadata))
				break;
		}
		EXPECT_LT(death.nth, MAX_STEPS);
		ksft_print_msg("%s: %u faults\n", death.op->name, death.nth - 1);
	}
}

/* In the module's own code alone: that of the loader has some hundred places. */
TEST_F_TIMEOUT(fault, attack_63_in_loading_the_module, TIMEOUT_S)
{
	bool fired = true;
	char path[256];
	int result;

	if (!find_module(path, sizeof(path)))
		SKIP(return, "no " MODULE ".ko to load again: set L4SHMC_MODULE");
	if (!faults_of_modules())
		SKIP(return, "the kernel cannot tell by whom it is asked");
	for (unsigned int nth = 1; fired; nth++) {
		ASSERT_LT(nth, MAX_STEPS);
		/* It is not there after a load that failed. */
		result = unload_module();
		ASSERT_TRUE(!result || result == -ENOENT);
		EXPECT_NE(0, access(SYSFS, F_OK));
		faults_arm(nth);
		result = load_module(path);
		fired = faults_disarm();
		if (!result)
			continue;
		/* Of a file in memory that has no inode */
		EXPECT_TRUE(fired && (is_fault(result) || result == -ENOSPC))
			TH_LOG("fault %u: result %d", nth, result);
		totals->failed++;
	}
	faults_of_all();
	/* The last one has met no fault. */
	EXPECT_GE(close(open_device()), 0);
}

/* Of the fixture above */
#define TESTS 13

/* After the others */
FIXTURE(faults)
{
};

FIXTURE_SETUP(faults)
{
}

FIXTURE_TEARDOWN(faults)
{
}

TEST_F(faults, attack_63_five_thousand_in_all)
{
	unsigned long all = 0;

	for (int kind = 0; kind < NR_KINDS; kind++) {
		ksft_print_msg("%s: %lu faults injected\n", kinds[kind], totals->injected[kind]);
		all += totals->injected[kind];
	}
	ksft_print_msg("%lu faults injected, %lu of them made an operation fail\n", all,
		       totals->failed);
	if (totals->tests < TESTS)
		SKIP(return, "counts what all the tests before it do");
	EXPECT_GE(all, 5000);
}

/* An object has to be some seconds old before kmemleak calls it a leak. */
TEST_F_TIMEOUT(faults, attack_63_nothing_has_leaked, TIMEOUT_S)
{
	char text[4096];
	ssize_t len;
	int fd = open(DEBUGFS "/kmemleak", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		SKIP(return, "the kernel has no kmemleak");
	nap_us(6000000);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(4, write(fd, "scan", 4));
	len = read(fd, text, sizeof(text) - 1);
	ASSERT_GE(len, 0);
	text[len] = '\0';
	EXPECT_STREQ("", text);
	close(fd);
}

TEST_HARNESS_MAIN
