// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands at the same time: every pair of them on the same objects, and all
 * of them while one is stalled in the middle of copying its struct.
 */
#include "common.h"

#include <linux/userfaultfd.h>
#include <sys/param.h>

enum object { DEV, HANDLE, ATTACHMENT, SIGNAL, SET, NR_OBJECTS };

/* What the commands are made on; @other is a second signal. */
struct world {
	struct area area;
	char name[L4SHMC_NAME_SIZE];
	int fds[NR_OBJECTS];
	int other;
	union l4shmc_record *control;
	struct l4shmc_signal_record *other_record;
};

static bool make_world(struct world *world)
{
	unique_name(world->area.name, "race");
	unique_name(world->name, "comes and goes");
	world->fds[DEV] = device_open(O_RDWR);
	world->fds[HANDLE] = area_create(world->fds[DEV], world->area.name, DEFAULT_AREA_SIZE,
					 0600, 0);
	world->fds[ATTACHMENT] = area_attach(world->fds[HANDLE], "", 0);
	world->fds[SIGNAL] = signal_open(world->fds[ATTACHMENT], "s", 0);
	world->other = signal_open(world->fds[ATTACHMENT], "t", L4SHMC_SIGNAL_COUNTING);
	world->fds[SET] = waitset_make(world->fds[DEV]);
	world->control = map_control(world->fds[ATTACHMENT], PROT_READ | PROT_WRITE);
	if (world->other < 0 || world->fds[SET] < 0 || world->control == MAP_FAILED)
		return false;
	world->other_record = signal_record(world->control, world->other);
	return world->other_record;
}

static void drop_world(struct world *world)
{
	munmap(world->control, L4SHMC_CONTROL_SIZE);
	close(world->other);
	for (unsigned int i = 0; i < NR_OBJECTS; i++)
		close(world->fds[i]);
}

/* Structs of the commands: @random picks among a few names and the like. */

static void fill_create(struct world *world, union argument *arg, __u32 random)
{
	arg->create = (struct l4shmc_ioc_create){
		.area_size = 4096, .mode = 0600, .uid = ~0U, .gid = ~0U,
		.flags = random % 4 ? 0 : L4SHMC_CREATE_PERSISTENT,
	};
	set_name(arg->create.name, world->name);
}

static void fill_attach(struct world *world, union argument *arg, __u32 random)
{
	set_name(arg->attach.name, world->name);
	arg->attach.flags = random % 4 ? 0 : L4SHMC_ATTACH_OBSERVER;
}

static void fill_reattach(struct world *world, union argument *arg, __u32 random)
{
	(void)world;
	arg->attach.flags = random % 4 ? 0 : L4SHMC_ATTACH_OBSERVER;
}

static void fill_unlink(struct world *world, union argument *arg, __u32 random)
{
	(void)random;
	set_name(arg->unlink.name, world->name);
}

static void fill_chunk_add(struct world *world, union argument *arg, __u32 random)
{
	char name[] = { 'a' + random % 8, '\0' };

	(void)world;
	arg->chunk_add.capacity = 64;
	set_name(arg->chunk_add.name, name);
}

static void fill_chunk_find(struct world *world, union argument *arg, __u32 random)
{
	char name[] = { 'a' + random % 8, '\0' };

	(void)world;
	set_name(arg->chunk_find.name, name);
}

static void fill_chunk_next(struct world *world, union argument *arg, __u32 random)
{
	(void)world;
	arg->chunk_next.index = random % 16;
}

static void fill_signal_open(struct world *world, union argument *arg, __u32 random)
{
	static const char *const names[] = { "s", "u", "v", L4SHMC_SIGNAL_CLIENTS };

	(void)world;
	set_name(arg->signal_open.name, names[random % ARRAY_SIZE(names)]);
}

static void fill_wait(struct world *world, union argument *arg, __u32 random)
{
	(void)world;
	arg->wait.timeout_ns = random % 2 ? 0 : 1000;
}

static void fill_call(struct world *world, union argument *arg, __u32 random)
{
	arg->call.timeout_ns = random % 2 ? 0 : 1000;
	arg->call.trigger = random % 4 < 2 ? world->other : world->fds[SIGNAL];
}

/* The event is there already. */
static void fill_call_ring(struct world *world, union argument *arg, __u32 random)
{
	arg->call.timeout_ns = random % 2 ? 0 : 1000;
	arg->call.trigger = world->other;
	arg->call.flags = L4SHMC_CALL_RING | (random % 8 ? 0 : L4SHMC_CALL_TRIGGERED);
	__atomic_fetch_add(&world->other_record->triggered, 1, __ATOMIC_SEQ_CST);
}

static void fill_bind(struct world *world, union argument *arg, __u32 random)
{
	arg->bind.signal = random % 2 ? world->other : world->fds[SIGNAL];
	arg->bind.label = 4711;
}

static void fill_unbind(struct world *world, union argument *arg, __u32 random)
{
	arg->unbind.signal = random % 2 ? world->other : world->fds[SIGNAL];
}

static void fill_waitset_wait(struct world *world, union argument *arg, __u32 random)
{
	static __thread __u64 labels[2];

	(void)world;
	arg->waitset_wait.timeout_ns = random % 2 ? 0 : 1000;
	arg->waitset_wait.labels = (uintptr_t)labels;
	arg->waitset_wait.nr_labels = ARRAY_SIZE(labels);
}

/* By the command that has no timeout */
static unsigned int events_taken;

/* A timer ends it, in this thread. */
static int take_next(struct world *world, __u32 random)
{
	static __thread timer_t timer;
	static __thread bool has_timer;
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM,
		._sigev_un._tid = (pid_t)syscall(SYS_gettid),
	};
	struct itimerspec times = { { 0, 1000000 }, { 0, random % 2 ? 1000 : 100000 } };
	int result;
	__u64 label;

	if (!has_timer) {
		catch_signal(SIGALRM);
		CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
		has_timer = true;
	}
	CHECK(timer_settime(timer, 0, &times, NULL) == 0);
	result = waitset_next(world->fds[SET], &label);
	if (result > 0)
		__atomic_fetch_add(&events_taken, 1, __ATOMIC_RELAXED);
	times = (struct itimerspec){ .it_value.tv_sec = 0 };
	CHECK(timer_settime(timer, 0, &times, NULL) == 0);
	return result;
}

/* What is no command, but may come at the same time; the result is 0 or -errno */

static int map_and_touch(struct world *world, __u32 random)
{
	union l4shmc_record *control = map_control(world->fds[ATTACHMENT], PROT_READ);
	__u32 *data = map_data(world->fds[ATTACHMENT], 4096, PROT_READ | PROT_WRITE);

	if (control == MAP_FAILED || data == MAP_FAILED)
		return -errno;
	data[random % 1024] = load32(&control[random % 4096].signal.triggered);
	munmap(data, 4096);
	munmap(control, L4SHMC_CONTROL_SIZE);
	return 0;
}

static int poll_all(struct world *world, __u32 random)
{
	struct pollfd pollers[] = {
		{ .fd = world->fds[SIGNAL], .events = POLLIN },
		{ .fd = world->fds[SET], .events = POLLIN },
	};

	return poll(pollers, ARRAY_SIZE(pollers), random % 2) < 0 ? -errno : 0;
}

/* Puts @fd in the place of an object, whose last user may be in a command. */
static int replace(struct world *world, enum object object, int fd)
{
	int result = fd < 0 ? fd : dup2(fd, world->fds[object]);

	close(fd);
	return result < 0 ? result : 0;
}

static int replace_signal(struct world *world, __u32 random)
{
	return replace(world, SIGNAL,
		       signal_open(world->fds[ATTACHMENT], random % 2 ? "s" : "u", 0));
}

static int replace_set(struct world *world, __u32 random)
{
	(void)random;
	return replace(world, SET, waitset_make(world->fds[DEV]));
}

static int replace_attachment(struct world *world, __u32 random)
{
	(void)random;
	return replace(world, ATTACHMENT, area_attach(world->fds[HANDLE], "", 0));
}

struct op {
	unsigned int cmd;
	enum object on;
	__u32 size;
	void (*fill)(struct world *world, union argument *arg, __u32 random);
	int (*run)(struct world *world, __u32 random);
	bool makes_fd;
	/* Has a timeout, the rest of which it tells if it is interrupted */
	bool waits;
	int errors[2];
};

#define OP(_cmd, _on, _type, ...) \
	{ .cmd = L4SHMC_IOC_##_cmd, .on = (_on), .size = sizeof(struct l4shmc_ioc_##_type), \
	  ##__VA_ARGS__ }
#define OP_PLAIN(_cmd, _on) { .cmd = L4SHMC_IOC_##_cmd, .on = (_on) }

static const struct op ops[] = {
	OP(INFO, DEV, info),
	OP(CREATE, DEV, create, .fill = fill_create, .makes_fd = true, .errors = { EEXIST }),
	OP(ATTACH, DEV, attach, .fill = fill_attach, .makes_fd = true, .waits = true,
	   .errors = { ENOENT }),
	OP(UNLINK, DEV, unlink, .fill = fill_unlink, .errors = { ENOENT }),
	OP(WAITSET, DEV, waitset, .makes_fd = true),
	OP(ATTACH, HANDLE, attach, .fill = fill_reattach, .makes_fd = true),
	OP(UNLINK, HANDLE, unlink, .errors = { ENOENT }),
	OP(AREA_INFO, HANDLE, area_info),
	OP(ATTACH, ATTACHMENT, attach, .fill = fill_reattach, .makes_fd = true),
	OP(AREA_INFO, ATTACHMENT, area_info),
	OP(CHUNK_ADD, ATTACHMENT, chunk_add, .fill = fill_chunk_add, .errors = { EEXIST }),
	OP(CHUNK_FIND, ATTACHMENT, chunk_find, .fill = fill_chunk_find, .waits = true,
	   .errors = { ENOENT }),
	OP(CHUNK_NEXT, ATTACHMENT, chunk_next, .fill = fill_chunk_next, .errors = { ENOENT }),
	OP(SIGNAL_OPEN, ATTACHMENT, signal_open, .fill = fill_signal_open, .makes_fd = true),
	OP_PLAIN(CLIENT_INIT, ATTACHMENT),
	OP(SIGNAL_INFO, SIGNAL, signal_info),
	OP_PLAIN(TRIGGER, SIGNAL),
	OP_PLAIN(RING, SIGNAL),
	OP(WAIT, SIGNAL, wait, .fill = fill_wait, .waits = true, .errors = { ETIMEDOUT }),
	OP(CALL, SIGNAL, call, .fill = fill_call, .waits = true, .errors = { ETIMEDOUT }),
	OP(CALL, SIGNAL, call, .fill = fill_call_ring, .waits = true, .errors = { ETIMEDOUT }),
	OP(BIND, SET, bind, .fill = fill_bind, .errors = { EEXIST }),
	OP(UNBIND, SET, unbind, .fill = fill_unbind, .errors = { ENOENT }),
	OP(WAITSET_WAIT, SET, waitset_wait, .fill = fill_waitset_wait, .waits = true,
	   .errors = { ETIMEDOUT }),
	{ .run = take_next, .errors = { EINTR } },
	{ .run = map_and_touch }, { .run = poll_all }, { .run = replace_signal },
	{ .run = replace_set }, { .run = replace_attachment },
};

static void fill(struct world *world, const struct op *op, union argument *arg, __u32 random)
{
	memset(arg, 0, sizeof(*arg));
	if (op->fill)
		op->fill(world, arg, random);
	arg->size = op->size;
}

static bool is_expected(const struct op *op, int result)
{
	if (result >= 0)
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(op->errors); i++)
		if (op->errors[i] && result == -op->errors[i])
			return true;
	return false;
}

/* The result of a command that was told @arg; what it has made goes again. */
static bool finish(const struct op *op, int result)
{
	if (op->makes_fd && result >= 0)
		close(result);
	return is_expected(op, result);
}

static bool run(struct world *world, const struct op *op, __u32 *seed)
{
	__u32 random = test_random(seed);
	union argument arg;

	if (op->run)
		return is_expected(op, op->run(world, random));
	fill(world, op, &arg, random);
	return finish(op, command(world->fds[op->on], op->cmd, op->size ? &arg : NULL));
}

/* Two threads, each with its half of the pair */
struct racer {
	struct world *world;
	const struct op *op;
	__u32 seed;
	unsigned int go, done, failed;
};

/* On slow kernels too: what is done once or twice meets nothing. */
#define PER_PAIR (rounds(12) > 12 ? rounds(12) : 12)

static void race(struct racer *racer)
{
	for (unsigned int i = PER_PAIR; i > 0; i--)
		if (!run(racer->world, racer->op, &racer->seed))
			racer->failed++;
}

static void *race_when_told(void *arg)
{
	struct racer *racer = arg;

	for (unsigned int turn = 1; true; turn++) {
		while (__atomic_load_n(&racer->go, __ATOMIC_ACQUIRE) < turn)
			sched_yield();
		if (!racer->op)
			return NULL;
		race(racer);
		__atomic_store_n(&racer->done, turn, __ATOMIC_RELEASE);
	}
}

/* So that there is something to wait for in the wait set, and something to unbind */
static void bind_now_and_then(struct racer *racer)
{
	struct world *world = racer->world;

	if (test_random(&racer->seed) % 2)
		return;
	waitset_bind(world->fds[SET], world->fds[SIGNAL], 4711);
	waitset_bind(world->fds[SET], world->other, 4712);
}

static void race_pair(struct racer *mine, struct racer *theirs, const struct op *first,
		      const struct op *second)
{
	bind_now_and_then(mine);
	mine->op = first;
	theirs->op = second;
	__atomic_store_n(&theirs->go, theirs->go + 1, __ATOMIC_RELEASE);
	race(mine);
	while (__atomic_load_n(&theirs->done, __ATOMIC_ACQUIRE) != theirs->go)
		sched_yield();
}

FIXTURE(race)
{
	struct world world;
	__u32 seed;
	unsigned int fds;
};

FIXTURE_SETUP(race)
{
	int dev = device_open(O_RDWR);

	if (dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	close(dev);
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
	self->fds = open_fds();
}

FIXTURE_TEARDOWN(race)
{
}

/* A persistent one may be there. */
static void unlink_name(struct world *world)
{
	int dev = device_open(O_RDWR);

	area_unlink(dev, world->name);
	close(dev);
}

static bool is_gone(struct world *world)
{
	struct area area = { .dev = device_open(O_RDWR) };
	bool gone;

	memcpy(area.name, world->area.name, sizeof(area.name));
	gone = !area_named(&area);
	memcpy(area.name, world->name, sizeof(area.name));
	gone = gone && !area_named(&area);
	close(area.dev);
	return gone;
}

/* A world for each operation, in which it meets all that come after it in the table */
TEST_F_TIMEOUT(race, attack_61_every_pair_of_commands, 1200)
{
	struct racer mine = { .world = &self->world, .seed = self->seed };
	struct racer theirs = { .world = &self->world, .seed = ~self->seed };
	unsigned int pairs = 0;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, race_when_told, &theirs));
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		ASSERT_TRUE(make_world(&self->world));
		for (unsigned int j = i; j < ARRAY_SIZE(ops); j++) {
			race_pair(&mine, &theirs, &ops[i], &ops[j]);
			pairs++;
			ASSERT_EQ(0, mine.failed + theirs.failed) {
				TH_LOG("operations %u and %u", i, j);
			}
		}
		/* All of it still works. */
		while (signal_wait(self->world.other, 0) == 0)
			;
		ASSERT_EQ(0, signal_trigger(self->world.other));
		ASSERT_EQ(0, signal_wait(self->world.other, 0));
		drop_world(&self->world);
		unlink_name(&self->world);
		ASSERT_TRUE(WAIT_UNTIL(is_gone(&self->world)));
	}
	theirs.op = NULL;
	__atomic_store_n(&theirs.go, theirs.go + 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_GT(events_taken, 0);
	TH_LOG("%u pairs, %u times each; %u events taken by WAITSET_NEXT", pairs, PER_PAIR,
	       events_taken);
}

/*
 * What is waited for comes to be there at the moment at which the wait begins: he who
 * makes it takes the CPU away then, if the kernel can be preempted.
 */

struct finder {
	struct world *world;
	/* Of chunks, or else of areas */
	bool chunks;
	__u32 rounds, begun, found;
	/* The last wait has slept: what it was for was made too late */
	bool slept;
};

static const char *numbered_name(char *name, __u32 number)
{
	snprintf(name, L4SHMC_NAME_SIZE, "%d.%u", getpid(), number);
	return name;
}

static int find_name(struct finder *finder, const char *name)
{
	int fd;

	if (finder->chunks)
		return chunk_find(finder->world->fds[ATTACHMENT], name, L4SHMC_TIMEOUT_NEVER);
	fd = area_attach_to(finder->world->fds[DEV], name, 0, L4SHMC_TIMEOUT_NEVER);
	if (fd >= 0)
		close(fd);
	return fd;
}

static int make_name(struct finder *finder, const char *name)
{
	return finder->chunks ? chunk_add(finder->world->fds[ATTACHMENT], name, 1) :
				area_create(finder->world->fds[DEV], name, 1, 0600, 0);
}

static long times_slept(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void *find_names(void *arg)
{
	struct finder *finder = arg;
	char name[L4SHMC_NAME_SIZE];

	for (__u32 i = 1; i <= finder->rounds; i++) {
		long slept;

		numbered_name(name, i);
		while (load32(&finder->begun) != i)
			;
		slept = times_slept();
		if (find_name(finder, name) < 0)
			break;
		finder->slept = times_slept() != slept;
		store32(&finder->found, i);
	}
	return NULL;
}

static void wait_for_names(struct __test_metadata *_metadata, FIXTURE_DATA(race) * self,
			   bool chunks)
{
	/* Of chunks the area has room for 1,024. */
	static struct finder finder;
	const struct sched_param real_time = { .sched_priority = 1 };
	char name[L4SHMC_NAME_SIZE];
	unsigned int delay_us = 0, step;
	pthread_t thread;
	int made;

	finder = (struct finder){
		.world = &self->world, .chunks = chunks, .rounds = MIN(rounds(1000), 1000),
	};
	ASSERT_TRUE(make_world(&self->world));
	stay_on_this_cpu();
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &real_time))
		SKIP(return, "only root can take the CPU away");
	ASSERT_EQ(0, pthread_create(&thread, NULL, find_names, &finder));
	for (__u32 i = 1; i <= finder.rounds; i++) {
		store32(&finder.begun, i);
		nap_us(delay_us);
		made = make_name(&finder, numbered_name(name, i));
		ASSERT_GE(made, 0);
		ASSERT_TRUE(WAIT_UNTIL(load32(&finder.found) == i)) {
			TH_LOG("round %u", i);
		}
		step = test_random(&self->seed) % 16;
		delay_us = finder.slept ? delay_us - MIN(step, delay_us) : delay_us + step;
		if (!chunks)
			close(made);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	TH_LOG("%u us after the beginning", delay_us);
	drop_world(&self->world);
}

TEST_F(race, no_area_is_missed)
{
	wait_for_names(_metadata, self, false);
}

TEST_F(race, no_chunk_is_missed)
{
	wait_for_names(_metadata, self, true);
}

/* A copy that does not come to its end */

/* @page: shared with the thread that stalls on it */
struct stall {
	struct world *world;
	const struct op *op;
	int uffd;
	unsigned char *page;
	union argument *arg;
	int result;
	bool ended;
};

static int open_uffd(void)
{
	struct uffdio_api api = {
		.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool watch_page(struct stall *stall, __u64 mode)
{
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)stall->page, .len = page_size() }, .mode = mode,
	};

	return ioctl(stall->uffd, UFFDIO_REGISTER, &range) == 0;
}

static void protect_page(struct stall *stall, bool on)
{
	struct uffdio_writeprotect range = {
		.range = { .start = (uintptr_t)stall->page, .len = page_size() },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	ioctl(stall->uffd, UFFDIO_WRITEPROTECT, &range);
}

/* Lets a read go on that found nothing: this is what it finds. */
static void supply_page(struct stall *stall)
{
	unsigned char *copy = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_copy range = {
		.dst = (uintptr_t)stall->page, .src = (uintptr_t)copy, .len = page_size(),
	};

	if (stall->op->size)
		fill(stall->world, stall->op, (union argument *)copy, 0);
	ioctl(stall->uffd, UFFDIO_COPY, &range);
	munmap(copy, page_size());
}

static void *run_stalled(void *arg)
{
	struct stall *stall = arg;

	stall->result = command(stall->world->fds[stall->op->on], stall->op->cmd, stall->arg);
	__atomic_store_n(&stall->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

/* A signal calls it away for a moment, and it comes again. */
static bool is_stalled(struct stall *stall)
{
	struct uffd_msg message;

	return WAIT_UNTIL_BUSY(read(stall->uffd, &message, sizeof(message)) == sizeof(message));
}

static unsigned char *new_page(void)
{
	return mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

/* While it stands still, everything else goes on, on the same objects. */
static void all_others_work(struct __test_metadata *_metadata, struct stall *stall, __u32 *seed)
{
	ASSERT_TRUE(is_stalled(stall));
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(ops); i++) {
		const struct op *op = &ops[i % ARRAY_SIZE(ops)];

		/* Objects stay what they are. */
		if (op->run == replace_signal || op->run == replace_set ||
		    op->run == replace_attachment)
			continue;
		ASSERT_TRUE(run(stall->world, op, seed)) {
			TH_LOG("operation %u", i);
		}
	}
	EXPECT_FALSE(__atomic_load_n(&stall->ended, __ATOMIC_ACQUIRE));
}

/* Nothing is there yet where the struct is read from. */
static void stall_reading(struct __test_metadata *_metadata, struct stall *stall, __u32 *seed)
{
	pthread_t thread;

	stall->page = new_page();
	stall->arg = (union argument *)stall->page;
	stall->ended = false;
	ASSERT_TRUE(watch_page(stall, UFFDIO_REGISTER_MODE_MISSING));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_stalled, stall));
	all_others_work(_metadata, stall, seed);
	supply_page(stall);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(finish(stall->op, stall->result));
	munmap(stall->page, page_size());
}

FIXTURE(stalled)
{
	struct world world;
	struct stall stall;
	__u32 seed;
};

FIXTURE_SETUP(stalled)
{
	int dev = device_open(O_RDWR);

	if (dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	close(dev);
	self->stall.uffd = open_uffd();
	if (self->stall.uffd < 0)
		SKIP(return, "no userfaultfd, none that stalls the kernel, or none for writes");
	ASSERT_TRUE(make_world(&self->world));
	self->stall.world = &self->world;
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(stalled)
{
	drop_world(&self->world);
	unlink_name(&self->world);
}

TEST_F_TIMEOUT(stalled, attack_62_struct_is_read, 300)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!ops[i].size)
			continue;
		self->stall.op = &ops[i];
		stall_reading(_metadata, &self->stall, &self->seed);
	}
}

/* The results cannot be written for a while. */
TEST_F_TIMEOUT(stalled, attack_62_result_is_written, 300)
{
	static const unsigned int cmds[] = {
		L4SHMC_IOC_INFO, L4SHMC_IOC_AREA_INFO, L4SHMC_IOC_CHUNK_NEXT,
		L4SHMC_IOC_SIGNAL_INFO,
	};
	struct stall *stall = &self->stall;
	unsigned int stalled = 0;
	pthread_t thread;

	ASSERT_GE(chunk_add(self->world.fds[ATTACHMENT], "a", 64), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops) * ARRAY_SIZE(cmds); i++) {
		stall->op = &ops[i / ARRAY_SIZE(cmds)];
		if (stall->op->cmd != cmds[i % ARRAY_SIZE(cmds)] || stall->op->run)
			continue;
		stall->page = new_page();
		stall->arg = (union argument *)stall->page;
		stall->ended = false;
		fill(&self->world, stall->op, stall->arg, 0);
		ASSERT_TRUE(watch_page(stall, UFFDIO_REGISTER_MODE_WP));
		protect_page(stall, true);
		ASSERT_EQ(0, pthread_create(&thread, NULL, run_stalled, stall));
		all_others_work(_metadata, stall, &self->seed);
		protect_page(stall, false);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_GE(stall->result, 0);
		munmap(stall->page, page_size());
		stalled++;
	}
	EXPECT_EQ(5, stalled);
}

/* Labels are stored one by one, each before its event is taken. */
TEST_F_TIMEOUT(stalled, attack_62_labels_are_written, 300)
{
	struct stall *stall = &self->stall;
	struct l4shmc_ioc_waitset_wait arg = { .size = sizeof(arg), .nr_labels = 2 };
	int set = waitset_make(self->world.fds[DEV]);
	struct op op = {
		.cmd = L4SHMC_IOC_WAITSET_WAIT, .on = SET, .size = 0,
	};
	pthread_t thread;

	stall->op = &op;
	stall->page = new_page();
	stall->arg = (union argument *)&arg;
	arg.labels = (uintptr_t)stall->page;
	ASSERT_EQ(0, waitset_bind(self->world.fds[SET], self->world.other, 4711));
	ASSERT_EQ(0, waitset_bind(set, self->world.other, 1));
	ASSERT_EQ(0, signal_trigger(self->world.other));
	ASSERT_TRUE(watch_page(stall, UFFDIO_REGISTER_MODE_MISSING));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_stalled, stall));
	ASSERT_TRUE(is_stalled(stall));
	/* The event is still there, and another may be the faster one. */
	EXPECT_EQ(0, signal_wait(self->world.other, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->world.other, 0));
	ASSERT_EQ(0, signal_trigger(self->world.fds[SIGNAL]));
	EXPECT_EQ(0, waitset_unbind(self->world.fds[SET], self->world.other));
	EXPECT_EQ(0, waitset_bind(self->world.fds[SET], self->world.other, 4712));
	supply_page(stall);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_ERR(ETIMEDOUT, stall->result);
	munmap(stall->page, page_size());
	close(set);
}

/* Whatever others have done to them */
static void no_event_is_pending(struct world *world)
{
	waitset_unbind(world->fds[SET], world->fds[SIGNAL]);
	waitset_unbind(world->fds[SET], world->other);
	while (signal_wait(world->fds[SIGNAL], 0) == 0)
		;
	while (signal_wait(world->other, 0) == 0)
		;
}

/* The one label: it has no other place, and no time after which it would go without. */
TEST_F_TIMEOUT(stalled, attack_62_label_of_next_is_written, 300)
{
	const struct op op = { .cmd = L4SHMC_IOC_WAITSET_NEXT, .on = SET };
	struct stall *stall = &self->stall;
	pthread_t thread;

	stall->op = &op;
	stall->page = new_page();
	stall->arg = (union argument *)stall->page;
	ASSERT_EQ(0, waitset_bind(self->world.fds[SET], self->world.other, 4711));
	ASSERT_EQ(0, signal_trigger(self->world.other));
	ASSERT_TRUE(watch_page(stall, UFFDIO_REGISTER_MODE_MISSING));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_stalled, stall));
	all_others_work(_metadata, stall, &self->seed);
	no_event_is_pending(&self->world);
	supply_page(stall);
	/* Others have taken all that there was. */
	nap_us(10000);
	EXPECT_FALSE(__atomic_load_n(&stall->ended, __ATOMIC_ACQUIRE));
	ASSERT_EQ(0, waitset_bind(self->world.fds[SET], self->world.other, 4712));
	ASSERT_EQ(0, signal_trigger(self->world.other));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, stall->result);
	EXPECT_EQ(4712, *(__u64 *)stall->page);
	munmap(stall->page, page_size());
}

/* For what does not come */
static void fill_wait_in_vain(struct stall *stall)
{
	static const char none[] = "there is none";

	no_event_is_pending(stall->world);
	fill(stall->world, stall->op, stall->arg, 0);
	if (stall->op->cmd == L4SHMC_IOC_ATTACH)
		set_name(stall->arg->attach.name, none);
	if (stall->op->cmd == L4SHMC_IOC_CHUNK_FIND)
		set_name(stall->arg->chunk_find.name, none);
	/* In all of them at the same place */
	stall->arg->wait.timeout_ns = HANG_NS;
	if (stall->op->cmd == L4SHMC_IOC_CALL)
		stall->arg->call.flags &= ~(__u32)L4SHMC_CALL_TRIGGERED;
}

/* Asks whether it stands still, and no more than that */
static bool has_stalled(struct stall *stall)
{
	struct pollfd poller = { .fd = stall->uffd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1;
}

static void stall_telling_the_rest(struct __test_metadata *_metadata, struct stall *stall,
				   __u32 *seed)
{
	pthread_t thread;

	stall->page = new_page();
	stall->arg = (union argument *)stall->page;
	stall->ended = false;
	fill_wait_in_vain(stall);
	ASSERT_TRUE(watch_page(stall, UFFDIO_REGISTER_MODE_WP));
	protect_page(stall, true);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_stalled, stall));
	ASSERT_TRUE(WAIT_UNTIL(pthread_kill(thread, SIGALRM) == 0 && has_stalled(stall)));
	all_others_work(_metadata, stall, seed);
	protect_page(stall, false);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_ERR(EINTR, stall->result);
	EXPECT_LT(0, stall->arg->wait.timeout_ns);
	EXPECT_GT(HANG_NS, stall->arg->wait.timeout_ns);
	EXPECT_TRUE(stall->op->cmd != L4SHMC_IOC_CALL ||
		    stall->arg->call.flags & L4SHMC_CALL_TRIGGERED);
	munmap(stall->page, page_size());
}

TEST_F_TIMEOUT(stalled, attack_62_rest_of_the_time_is_written, 300)
{
	unsigned int stalled = 0;

	catch_signal(SIGALRM);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!ops[i].waits)
			continue;
		self->stall.op = &ops[i];
		stall_telling_the_rest(_metadata, &self->stall, &self->seed);
		stalled++;
	}
	EXPECT_EQ(6, stalled);
}

/* "." and "..", as getdents64() stores them */
#define DOTS_SIZE 48

struct listing {
	struct stall *stall;
	union l4shmc_record *control;
	pid_t adder;
	bool added, unmapped;
};

/* It stands still at the first entry that comes from sysfs itself. */
static void *list_sysfs(void *arg)
{
	struct stall *stall = ((struct listing *)arg)->stall;
	int fd = open("/sys/class", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	stall->result = (int)syscall(SYS_getdents64, fd, stall->page - DOTS_SIZE, page_size());
	close(fd);
	return NULL;
}

static void *add_while_listed(void *arg)
{
	struct listing *listing = arg;

	__atomic_store_n(&listing->adder, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	chunk_add(listing->stall->world->fds[ATTACHMENT], "listed", 64);
	__atomic_store_n(&listing->added, true, __ATOMIC_RELEASE);
	return NULL;
}

static void *unmap_while_listed(void *arg)
{
	struct listing *listing = arg;

	munmap(listing->control, L4SHMC_CONTROL_SIZE);
	__atomic_store_n(&listing->unmapped, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool adder_waits_or_is_done(struct listing *listing)
{
	pid_t adder = __atomic_load_n(&listing->adder, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&listing->added, __ATOMIC_ACQUIRE) ||
	       (adder && task_state(adder) == 'D');
}

/*
 * Newer kernels hold a lock of sysfs when they store what is in a directory, and so may
 * take that of the mappings inside of it.  The driver takes that of sysfs where a record
 * is added; to unmap records must not wait for that, or all three wait for each other.
 */
TEST_F_TIMEOUT(stalled, attack_62_records_are_unmapped_while_sysfs_is_listed, 300)
{
	struct listing listing = { .stall = &self->stall };
	pthread_t lister, adder, unmapper;
	unsigned char *pages;

	listing.control = map_control(self->world.fds[ATTACHMENT], PROT_READ);
	ASSERT_NE(MAP_FAILED, listing.control);
	pages = mmap(NULL, 3 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	ASSERT_NE(MAP_FAILED, pages);
	self->stall.page = pages + page_size();
	self->stall.op = &ops[0];
	ASSERT_TRUE(watch_page(&self->stall, UFFDIO_REGISTER_MODE_MISSING));
	ASSERT_EQ(0, pthread_create(&lister, NULL, list_sysfs, &listing));
	ASSERT_TRUE(is_stalled(&self->stall));
	ASSERT_EQ(0, pthread_create(&adder, NULL, add_while_listed, &listing));
	EXPECT_TRUE(WAIT_UNTIL(adder_waits_or_is_done(&listing)));
	ASSERT_EQ(0, pthread_create(&unmapper, NULL, unmap_while_listed, &listing));
	EXPECT_TRUE(WAIT_UNTIL(__atomic_load_n(&listing.unmapped, __ATOMIC_ACQUIRE)));
	TH_LOG("to add a record %s", listing.added ? "did not wait" : "waited");
	supply_page(&self->stall);
	ASSERT_EQ(0, pthread_join(lister, NULL));
	ASSERT_EQ(0, pthread_join(adder, NULL));
	ASSERT_EQ(0, pthread_join(unmapper, NULL));
	EXPECT_GT(self->stall.result, DOTS_SIZE);
	munmap(pages, 3 * page_size());
}

/* Killed while it stands still: the copy ends, and with it all that was in use. */
static int be_killed_in_a_stall(void *arg)
{
	struct stall *stall = arg;
	pthread_t thread;

	stall->uffd = open_uffd();
	stall->page = new_page();
	stall->arg = (union argument *)stall->page;
	CHECK(watch_page(stall, UFFDIO_REGISTER_MODE_MISSING));
	CHECK(pthread_create(&thread, NULL, run_stalled, stall) == 0);
	CHECK(is_stalled(stall));
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F_TIMEOUT(stalled, attack_62_killed_in_a_stall, 300)
{
	struct l4shmc_ioc_area_info info;

	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!ops[i].size)
			continue;
		self->stall.op = &ops[i];
		EXPECT_EQ(128 + SIGKILL, run_child(be_killed_in_a_stall, &self->stall));
	}
	ASSERT_EQ(0, area_info(self->world.fds[HANDLE], &info));
	EXPECT_EQ(1, info.clients);
}

TEST_HARNESS_MAIN
