/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests share: one call per ioctl that returns its result or -errno,
 * an area for a fixture, child processes, and waits that cannot hang.
 */
#ifndef L4SHMC_SELFTESTS_COMMON_H
#define L4SHMC_SELFTESTS_COMMON_H

#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <linux/l4shmc.h>
#include <linux/netlink.h>

#define DEVICE "/dev/l4shmc"
#define SYSFS "/sys/class/l4shmc"

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
/* Nothing here takes this long, however slow the machine is. */
#define HANG_NS (20 * NS_PER_S)

#define DEFAULT_AREA_SIZE 65536

/* Two users without rights */
#define USER_A 1000
#define USER_B 1001

#define EXPECT_ERR(error, expr) EXPECT_EQ(-(error), (expr))
#define ASSERT_ERR(error, expr) ASSERT_EQ(-(error), (expr))

/* For child processes, where the harness cannot help: ends the process if not so. */
#define CHECK(cond) check(!!(cond), #cond, __FILE__, __LINE__)

static inline void check(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fprintf(stderr, "# %s:%d: not true: %s (errno %d)\n", file, line, what, errno);
	_exit(1);
}

/* Looks again and again until @cond holds; false if it never does. */
#define WAIT_UNTIL(cond)                                        \
	({                                                      \
		__u64 __end = now_ns() + HANG_NS;               \
		bool __ok;                                      \
		while (!(__ok = !!(cond)) && now_ns() < __end)  \
			nap_us(1000);                           \
		__ok;                                           \
	})

/* The same for what takes less than a moment */
#define WAIT_UNTIL_BUSY(cond)                                   \
	({                                                      \
		__u64 __end = now_ns() + HANG_NS;               \
		bool __ok;                                      \
		while (!(__ok = !!(cond)) && now_ns() < __end)  \
			sched_yield();                          \
		__ok;                                           \
	})

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * NS_PER_S + (__u64)ts.tv_nsec;
}

static inline void nap_us(unsigned int us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L };

	nanosleep(&ts, NULL);
}

/* How often a loop goes round; L4SHMC_TEST_SCALE is in percent. */
static inline unsigned int rounds(unsigned int n)
{
	const char *scale = getenv("L4SHMC_TEST_SCALE");
	unsigned long percent = scale ? strtoul(scale, NULL, 10) : 100;
	unsigned long long scaled = (unsigned long long)n * percent / 100;

	return scaled ? (unsigned int)scaled : 1;
}

/* A run can be made again with L4SHMC_TEST_SEED set to what it has told; never 0. */
static inline __u32 test_seed(void)
{
	const char *told = getenv("L4SHMC_TEST_SEED");
	__u32 seed = told ? (__u32)strtoul(told, NULL, 10) : (__u32)now_ns();

	return seed ? seed : 1;
}

/* xorshift32 */
static inline __u32 test_random(__u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pads with zeros; a name of L4SHMC_NAME_SIZE bytes gets no NUL. */
static inline void set_name(char *to, const char *name)
{
	size_t len = strlen(name);

	memset(to, 0, L4SHMC_NAME_SIZE);
	memcpy(to, name, len < L4SHMC_NAME_SIZE ? len : L4SHMC_NAME_SIZE);
}

/* The struct of any command, and bytes behind it */
union argument {
	__u32 size;
	struct l4shmc_ioc_info info;
	struct l4shmc_ioc_create create;
	struct l4shmc_ioc_attach attach;
	struct l4shmc_ioc_unlink unlink;
	struct l4shmc_ioc_area_info area_info;
	struct l4shmc_ioc_chunk_add chunk_add;
	struct l4shmc_ioc_chunk_find chunk_find;
	struct l4shmc_ioc_chunk_next chunk_next;
	struct l4shmc_ioc_signal_open signal_open;
	struct l4shmc_ioc_signal_info signal_info;
	struct l4shmc_ioc_wait wait;
	struct l4shmc_ioc_call call;
	struct l4shmc_ioc_waitset waitset;
	struct l4shmc_ioc_bind bind;
	struct l4shmc_ioc_unbind unbind;
	struct l4shmc_ioc_waitset_wait waitset_wait;
	unsigned char bytes[256];
};

/* ioctls: the result, or -errno */

static inline int command(int fd, unsigned int cmd, void *arg)
{
	int result = ioctl(fd, cmd, arg);

	/* An error is -1 and nothing else. */
	if (result < -1)
		return -EPROTO;
	return result < 0 ? -errno : result;
}

static inline int device_open(int flags)
{
	int fd = open(DEVICE, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int device_info(int fd, struct l4shmc_ioc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return command(fd, L4SHMC_IOC_INFO, info);
}

static inline int area_create_as(int fd, const char *name, __u64 size, __u32 mode, __u32 flags,
				 __u32 uid, __u32 gid)
{
	struct l4shmc_ioc_create arg = {
		.size = sizeof(arg), .flags = flags, .area_size = size, .mode = mode,
		.uid = uid, .gid = gid,
	};

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_CREATE, &arg);
}

static inline int area_create(int fd, const char *name, __u64 size, __u32 mode, __u32 flags)
{
	return area_create_as(fd, name, size, mode, flags, ~0U, ~0U);
}

static inline int area_attach_to(int fd, const char *name, __u32 flags, __u64 timeout_ns)
{
	struct l4shmc_ioc_attach arg = {
		.size = sizeof(arg), .flags = flags, .timeout_ns = timeout_ns,
	};

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_ATTACH, &arg);
}

static inline int area_attach(int fd, const char *name, __u32 flags)
{
	return area_attach_to(fd, name, flags, 0);
}

static inline int area_unlink(int fd, const char *name)
{
	struct l4shmc_ioc_unlink arg = { .size = sizeof(arg) };

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_UNLINK, &arg);
}

static inline int area_info(int fd, struct l4shmc_ioc_area_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return command(fd, L4SHMC_IOC_AREA_INFO, info);
}

static inline int chunk_add(int fd, const char *name, __u64 capacity)
{
	struct l4shmc_ioc_chunk_add arg = { .size = sizeof(arg), .capacity = capacity };

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_CHUNK_ADD, &arg);
}

static inline int chunk_find(int fd, const char *name, __u64 timeout_ns)
{
	struct l4shmc_ioc_chunk_find arg = { .size = sizeof(arg), .timeout_ns = timeout_ns };

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_CHUNK_FIND, &arg);
}

/* The index of the chunk that is told about in @next */
static inline int chunk_next(int fd, __u32 index, struct l4shmc_ioc_chunk_next *next)
{
	int result;

	memset(next, 0, sizeof(*next));
	next->size = sizeof(*next);
	next->index = index;
	result = command(fd, L4SHMC_IOC_CHUNK_NEXT, next);
	return result ? result : (int)next->index;
}

static inline int client_init(int fd)
{
	return command(fd, L4SHMC_IOC_CLIENT_INIT, NULL);
}

static inline int signal_open(int fd, const char *name, __u32 flags)
{
	struct l4shmc_ioc_signal_open arg = { .size = sizeof(arg), .flags = flags };

	set_name(arg.name, name);
	return command(fd, L4SHMC_IOC_SIGNAL_OPEN, &arg);
}

static inline int signal_info(int fd, struct l4shmc_ioc_signal_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return command(fd, L4SHMC_IOC_SIGNAL_INFO, info);
}

static inline int signal_trigger(int fd)
{
	return command(fd, L4SHMC_IOC_TRIGGER, NULL);
}

static inline int signal_ring(int fd)
{
	return command(fd, L4SHMC_IOC_RING, NULL);
}

static inline int signal_wait(int fd, __u64 timeout_ns)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg), .timeout_ns = timeout_ns };

	return command(fd, L4SHMC_IOC_WAIT, &arg);
}

static inline int signal_call_flags(int fd, int trigger, __u64 timeout_ns, __u32 flags)
{
	struct l4shmc_ioc_call arg = {
		.size = sizeof(arg), .flags = flags, .timeout_ns = timeout_ns, .trigger = trigger,
	};

	return command(fd, L4SHMC_IOC_CALL, &arg);
}

static inline int signal_call(int fd, int trigger, __u64 timeout_ns)
{
	return signal_call_flags(fd, trigger, timeout_ns, 0);
}

/* WAIT, made again with the rest of the time whenever a handler interrupts it */
static inline int signal_wait_through(int fd, __u64 timeout_ns)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg), .timeout_ns = timeout_ns };
	int result;

	do
		result = command(fd, L4SHMC_IOC_WAIT, &arg);
	while (result == -EINTR);
	return result;
}

/* Wait sets */

static inline int waitset_make(int dev)
{
	struct l4shmc_ioc_waitset arg = { .size = sizeof(arg) };

	return command(dev, L4SHMC_IOC_WAITSET, &arg);
}

static inline int waitset_bind(int set, int signal, __u64 label)
{
	struct l4shmc_ioc_bind arg = { .size = sizeof(arg), .label = label, .signal = signal };

	return command(set, L4SHMC_IOC_BIND, &arg);
}

static inline int waitset_unbind(int set, int signal)
{
	struct l4shmc_ioc_unbind arg = { .size = sizeof(arg), .signal = signal };

	return command(set, L4SHMC_IOC_UNBIND, &arg);
}

/* The number of labels */
static inline int waitset_wait(int set, __u64 *labels, __u32 nr, __u64 timeout_ns)
{
	struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .timeout_ns = timeout_ns,
		.labels = (uintptr_t)labels, .nr_labels = nr,
	};

	return command(set, L4SHMC_IOC_WAITSET_WAIT, &arg);
}

/* One label, and no end of the time */
static inline int waitset_next(int set, __u64 *label)
{
	return command(set, L4SHMC_IOC_WAITSET_NEXT, label);
}

/* WAITSET_WAIT, made again with the rest of the time whenever a handler interrupts it */
static inline int waitset_wait_through(int set, __u64 *labels, __u32 nr, __u64 timeout_ns)
{
	struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .timeout_ns = timeout_ns,
		.labels = (uintptr_t)labels, .nr_labels = nr,
	};
	int result;

	do
		result = command(set, L4SHMC_IOC_WAITSET_WAIT, &arg);
	while (result == -EINTR);
	return result;
}

/* Memory */

static inline void *map_data(int fd, size_t size, int prot)
{
	return mmap(NULL, size, prot, MAP_SHARED, fd, 0);
}

static inline union l4shmc_record *map_control(int fd, int prot)
{
	return mmap(NULL, L4SHMC_CONTROL_SIZE, prot, MAP_SHARED, fd, L4SHMC_CONTROL_OFFSET);
}

/* What a test shares with its children; NULL if it cannot be had */
static inline void *shared_page(void)
{
	void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

static inline __u32 load32(__u32 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void store32(__u32 *to, __u32 value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

static inline bool swap32(__u32 *at, __u32 from, __u32 to)
{
	return __atomic_compare_exchange_n(at, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* The signal protocol of user space, as the uapi header states it */

static inline int record_trigger(struct l4shmc_signal_record *record, int fd)
{
	__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&record->armed, __ATOMIC_SEQ_CST) ? signal_ring(fd) : 0;
}

static inline bool record_take(struct l4shmc_signal_record *record, bool counting)
{
	__u32 consumed = load32(&record->consumed);
	__u32 triggered = load32(&record->triggered);

	return triggered != consumed &&
	       swap32(&record->consumed, consumed, counting ? consumed + 1 : triggered);
}

static inline bool record_pending(struct l4shmc_signal_record *record)
{
	return load32(&record->triggered) != load32(&record->consumed);
}

static inline int record_wait(struct l4shmc_signal_record *record, int fd, bool counting)
{
	return record_take(record, counting) ? 0 : signal_wait_through(fd, L4SHMC_TIMEOUT_NEVER);
}

static inline struct l4shmc_signal_record *signal_record(union l4shmc_record *control, int fd)
{
	struct l4shmc_ioc_signal_info info;

	return signal_info(fd, &info) ? NULL : &control[info.index].signal;
}

static inline __u32 chunk_state(enum l4shmc_chunk_state state, __u32 owner)
{
	return (__u32)state | owner << L4SHMC_CHUNK_OWNER_SHIFT;
}

/* An area for a fixture: made, attached once and gone again at the end */

struct area {
	char name[L4SHMC_NAME_SIZE];
	int dev;
	int handle;
	int fd;
};

static inline void unique_name(char *name, const char *what)
{
	snprintf(name, L4SHMC_NAME_SIZE, "selftest.%d.%s", getpid(), what);
}

static inline bool area_named(struct area *area)
{
	int fd = area_attach(area->dev, area->name, L4SHMC_ATTACH_OBSERVER);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static inline bool make_area(struct __test_metadata *_metadata, struct area *area, __u64 size)
{
	area->dev = device_open(O_RDWR);
	if (area->dev == -ENOENT)
		SKIP(return false, "no " DEVICE ": load the module");
	ASSERT_GE(area->dev, 0);
	unique_name(area->name, "area");
	area->handle = area_create(area->dev, area->name, size, 0600, 0);
	ASSERT_GE(area->handle, 0);
	area->fd = area_attach(area->dev, area->name, 0);
	ASSERT_GE(area->fd, 0);
	return true;
}

/* An area and its records, which the test may write to */
static inline bool make_area_with_records(struct __test_metadata *_metadata, struct area *area,
					  union l4shmc_record **control)
{
	if (!make_area(_metadata, area, DEFAULT_AREA_SIZE))
		return false;
	*control = map_control(area->fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, *control);
	return true;
}

static inline void drop_area(struct area *area)
{
	area_unlink(area->dev, area->name);
	close(area->fd);
	close(area->handle);
	close(area->dev);
}

/* sysfs */

static inline bool sysfs_read(char *text, size_t size, const char *area, const char *attribute)
{
	char path[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", area, attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	if (len <= 0 || text[len - 1] != '\n')
		return false;
	text[len - 1] = '\0';
	return true;
}

/* The value of an attribute that is a decimal number, or LONG_MIN */
static inline long sysfs_number(const char *area, const char *attribute)
{
	char text[64], *end;
	long value;

	if (!sysfs_read(text, sizeof(text), area, attribute))
		return LONG_MIN;
	value = strtol(text, &end, 10);
	return *end ? LONG_MIN : value;
}

static inline bool sysfs_has(const char *area)
{
	char path[512];

	snprintf(path, sizeof(path), SYSFS "/%s", area);
	return access(path, F_OK) == 0;
}

static inline long signal_number(const char *area, const char *signal, const char *what)
{
	char attribute[128];

	snprintf(attribute, sizeof(attribute), "signals/%s/%s", signal, what);
	return sysfs_number(area, attribute);
}

static inline long signal_waiters(const char *area, const char *signal)
{
	return signal_number(area, signal, "waiters");
}

static inline long signal_bindings(const char *area, const char *signal)
{
	return signal_number(area, signal, "bindings");
}

/* uevents */

static inline int open_uevents(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct timeval timeout = { .tv_sec = HANG_NS / NS_PER_S };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	return fd;
}

/* Does the message "ACTION@/devices/.../l4shmc/NAME" tell about the area? */
static inline bool is_uevent(const char *message, const char *action, const char *name)
{
	size_t length = strlen(message), start = strlen(action);
	char end[128];

	snprintf(end, sizeof(end), "/l4shmc/%s", name);
	return strncmp(message, action, start) == 0 && message[start] == '@' &&
	       length > strlen(end) && strcmp(message + length - strlen(end), end) == 0;
}

/* The next event, of whomever; false if none comes */
static inline bool next_uevent(int fd, char *message, size_t size)
{
	ssize_t len = recv(fd, message, size - 1, 0);

	if (len <= 0)
		return false;
	message[len] = '\0';
	return true;
}

/* Waits for the event; there are those of others, too, but none about @never. */
static inline bool await_uevent(int fd, const char *action, const char *name, const char *never)
{
	char message[8192];

	while (next_uevent(fd, message, sizeof(message))) {
		if (never && (is_uevent(message, "add", never) ||
			      is_uevent(message, "remove", never)))
			return false;
		if (is_uevent(message, action, name))
			return true;
	}
	return false;
}

/* Processes */

/* The whole of a small file is written; false if it cannot be. */
static inline bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A number that follows @key in a file of the kernel, or -1 */
static inline long number_in(const char *path, const char *key)
{
	FILE *file = fopen(path, "r");
	char line[256];
	long value = -1;

	while (file && value < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

/* Who keeps the module, or -1 without it */
static inline long module_refs(void)
{
	return number_in("/sys/module/l4shmc/refcnt", "");
}

/* The path of a program that lies beside this one; false if it is not there */
static inline bool find_beside(char *path, size_t size, const char *name)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return false;
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	return (size_t)snprintf(path, size, "%s/%s", self, name) < size && access(path, X_OK) == 0;
}

static inline pid_t spawn(int (*run)(void *), void *arg)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		_exit(run(arg));
	}
	return pid;
}

/* The exit code of a child, or 128 and the number of the signal that killed it */
static inline int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int run_child(int (*run)(void *), void *arg)
{
	return reap(spawn(run, arg));
}

static inline void kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid);
}

/* Has an exclusive epoll on @fd, is woken by it, and dies before it looks what for. */
static inline _Noreturn void die_when_woken(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	CHECK(epoll_wait(epoll, &event, 1, -1) == 1);
	raise(SIGKILL);
	_exit(1);
}

/* So do the children that it has from now on. */
static inline void stay_on_this_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
}

/* For good, with no capability left; the process stays readable under /proc. */
static inline int become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

/* Control groups, with a limit for memory, or "max" */

#define CGROUP "/sys/fs/cgroup"

struct cgroup {
	char path[128];
};

static inline char *cgroup_file(const struct cgroup *group, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", group->path, name);
	return path;
}

static inline bool cgroup_remove(const struct cgroup *group)
{
	return rmdir(group->path) == 0;
}

static inline bool cgroup_make(struct cgroup *group, const char *memory)
{
	static unsigned int made;

	write_text(CGROUP "/cgroup.subtree_control", "+memory");
	snprintf(group->path, sizeof(group->path), CGROUP "/selftest.%d.%u", getpid(), made++);
	if (mkdir(group->path, 0755))
		return false;
	if (write_text(cgroup_file(group, "memory.max"), memory))
		return true;
	cgroup_remove(group);
	return false;
}

/* For the caller, and what it allocates from now on */
static inline bool cgroup_join(const struct cgroup *group)
{
	return write_text(cgroup_file(group, "cgroup.procs"), "0");
}

/* The caller, whose group it was, goes back to the root. */
static inline bool cgroup_leave(const struct cgroup *group)
{
	return write_text(CGROUP "/cgroup.procs", "0") && WAIT_UNTIL(cgroup_remove(group));
}

/* Bytes that are charged to it */
static inline long cgroup_memory(const struct cgroup *group)
{
	return number_in(cgroup_file(group, "memory.current"), "");
}

/* Those of them that are the kernel's own: objects and pages, but not files */
static inline long cgroup_kernel_memory(const struct cgroup *group)
{
	return number_in(cgroup_file(group, "memory.stat"), "kernel ");
}

/* Limits per user, which are parameters of the module */

enum limit { MAX_AREAS, MAX_RECORDS, MAX_BYTES, NR_LIMITS };

struct limits {
	char text[NR_LIMITS][32];
};

static inline const char *limit_file(enum limit which)
{
	static const char *const files[NR_LIMITS] = {
		[MAX_AREAS] = "/sys/module/l4shmc/parameters/max_user_areas",
		[MAX_RECORDS] = "/sys/module/l4shmc/parameters/max_user_records",
		[MAX_BYTES] = "/sys/module/l4shmc/parameters/max_user_bytes",
	};

	return files[which];
}

static inline bool save_limits(struct limits *saved)
{
	for (enum limit which = MAX_AREAS; which < NR_LIMITS; which++) {
		int fd = open(limit_file(which), O_RDONLY | O_CLOEXEC);
		ssize_t len;

		if (fd < 0)
			return false;
		len = read(fd, saved->text[which], sizeof(saved->text[which]) - 1);
		close(fd);
		if (len <= 0)
			return false;
		saved->text[which][len] = '\0';
	}
	return true;
}

static inline void restore_limits(const struct limits *saved)
{
	for (enum limit which = MAX_AREAS; which < NR_LIMITS; which++)
		write_text(limit_file(which), saved->text[which]);
}

static inline bool set_limit(enum limit which, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", value);
	return write_text(limit_file(which), text);
}

/* The letter of a process's (or thread's) state, as in /proc/PID/stat */
static inline char task_state(pid_t pid)
{
	char path[64], text[512], *end;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 0;
}

/*
 * Whether a process sleeps and is off its CPU's queue: it may say S before, when
 * it lost the CPU on its way to sleep.  The kernel tells where it waits only then.
 */
static inline bool task_sleeps(pid_t pid)
{
	char path[64], text[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text));
	close(fd);
	return len > 0 && text[0] != '0' && task_state(pid) == 'S';
}

static inline unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* The number of the next descriptor: /proc shows none that is reserved in vain. */
static inline int next_fd(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	close(fd);
	return fd;
}

static inline int send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) < 0 ? -errno : 0;
}

static inline int recv_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd = -1;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&msg);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Handlers that do nothing but interrupt */

static inline void on_signal(int number)
{
	(void)number;
}

static inline void catch_signal(int number)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(number, &action, NULL);
}

/* Interrupts the process with SIGALRM every @us microseconds; 0 ends it. */
static inline void interrupt_every(unsigned int us)
{
	struct itimerval timer = {
		.it_interval = { .tv_usec = us }, .it_value = { .tv_usec = us },
	};

	catch_signal(SIGALRM);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * Makes a wait until it ends by itself, while a handler interrupts it every
 * 5 ms. The number of interruptions, or -1 if the rest of the time, which
 * @timeout_ns in @arg is, became more.
 */
static inline int interrupted_command(int fd, unsigned int cmd, void *arg,
				      const __u64 *timeout_ns, int *result)
{
	int interrupted = 0;
	__u64 last;

	interrupt_every(5000);
	do {
		last = *timeout_ns;
		*result = command(fd, cmd, arg);
	} while (*result == -EINTR && *timeout_ns <= last && ++interrupted);
	interrupt_every(0);
	return *result == -EINTR ? -1 : interrupted;
}

/* A copy of a command's struct that the driver cannot write to */
static inline void *read_only_copy(const void *arg, size_t size)
{
	void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	memcpy(page, arg, size);
	return mprotect(page, page_size(), PROT_READ) ? NULL : page;
}

#endif /* L4SHMC_SELFTESTS_COMMON_H */
