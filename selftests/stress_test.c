// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits under stress: the search for a wake-up that is lost, crowds of
 * sleepers, priorities, and CPUs and pages that are taken away meanwhile.
 */
#include "common.h"

/* One end of a conversation: what it waits for, in every way that there is */
struct side {
	int fd, set;
	struct l4shmc_signal_record *record;
};

FIXTURE(stress)
{
	struct area area;
	union l4shmc_record *control;
	struct side here, there;
	__u32 seed;
	/* What processes and threads share with the test */
	struct {
		unsigned int taken, stop, failed, rounds;
	} *shared;
	bool counting;
};

FIXTURE_VARIANT(stress)
{
	__u32 flags;
};

FIXTURE_VARIANT_ADD(stress, coalescing)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(stress, counting)
{
	.flags = L4SHMC_SIGNAL_COUNTING,
};

static bool make_side(FIXTURE_DATA(stress) * self, struct side *side, const char *name,
		      __u32 flags)
{
	side->fd = signal_open(self->area.fd, name, flags);
	side->record = signal_record(self->control, side->fd);
	side->set = waitset_make(self->area.dev);
	return side->record && side->set >= 0;
}

FIXTURE_SETUP(stress)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->control = map_control(self->area.fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->control);
	ASSERT_TRUE(make_side(self, &self->here, "here", variant->flags));
	ASSERT_TRUE(make_side(self, &self->there, "there", variant->flags));
	self->counting = variant->flags & L4SHMC_SIGNAL_COUNTING;
	self->shared = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(stress)
{
	drop_area(&self->area);
}

static unsigned int count(unsigned int *counter)
{
	return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

static void add(unsigned int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
}

static bool pin_to_cpu_0(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus) == 0;
}

/* Lost wake-ups */

/* Nothing, a moment, as long as a system call takes, or another's turn */
static void delay(__u32 *seed)
{
	__u32 random = test_random(seed);
	unsigned int loops = random >> 8;

	switch (random & 7) {
	case 0:
	case 1:
	case 2:
		return;
	case 3:
		sched_yield();
		return;
	case 4:
		loops &= 0xfff;
		break;
	default:
		loops &= 0x7f;
	}
	while (loops--)
		__asm__ volatile("" ::: "memory");
}

/* As record_trigger(), with time to get in between */
static bool trigger_with_delays(struct side *side, __u32 *seed)
{
	delay(seed);
	__atomic_fetch_add(&side->record->triggered, 1, __ATOMIC_SEQ_CST);
	delay(seed);
	if (!__atomic_load_n(&side->record->armed, __ATOMIC_SEQ_CST))
		return true;
	delay(seed);
	return signal_ring(side->fd) == 0;
}

enum way { WAIT, LOOK_AND_WAIT, CALL, SET, POLL, POLL_SET };

static bool is_told(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, HANG_NS / NS_PER_MS) == 1;
}

/* Who is not told in time has lost a wake-up. */
static bool take_with_delays(struct side *side, enum way way, bool counting, __u32 *seed)
{
	__u64 label;

	delay(seed);
	switch (way) {
	case LOOK_AND_WAIT:
		if (record_take(side->record, counting))
			return true;
		delay(seed);
		return signal_wait(side->fd, HANG_NS) == 0;
	case SET:
		return waitset_wait(side->set, &label, 1, HANG_NS) == 1;
	case POLL:
		return is_told(side->fd) && record_take(side->record, counting);
	case POLL_SET:
		return is_told(side->set) && waitset_wait(side->set, &label, 1, 0) == 1;
	default:
		return signal_wait(side->fd, HANG_NS) == 0;
	}
}

struct conversation {
	FIXTURE_DATA(stress) * self;
	enum way way;
	unsigned int rounds;
};

/* An event outranks the end of a wait: one that was found only then was not told of. */
static bool take_in_time(struct side *side, enum way way, bool counting, __u32 *seed)
{
	__u64 start = now_ns();

	return take_with_delays(side, way, counting, seed) && now_ns() - start < HANG_NS;
}

static int answer(void *arg)
{
	struct conversation *conversation = arg;
	FIXTURE_DATA(stress) *self = conversation->self;
	__u32 seed = ~self->seed;

	for (unsigned int i = 0; i < conversation->rounds; i++) {
		CHECK(take_in_time(&self->there, conversation->way, self->counting, &seed));
		CHECK(trigger_with_delays(&self->here, &seed));
	}
	return 0;
}

static bool ask(struct conversation *conversation, __u32 *seed)
{
	FIXTURE_DATA(stress) *self = conversation->self;

	if (conversation->way == CALL) {
		__u64 start = now_ns();

		delay(seed);
		return signal_call(self->here.fd, self->there.fd, HANG_NS) == 0 &&
		       now_ns() - start < HANG_NS;
	}
	return trigger_with_delays(&self->there, seed) &&
	       take_in_time(&self->here, conversation->way, self->counting, seed);
}

/* Each side goes on when the other has: the first wake-up that is lost is the end. */
static void converse(struct __test_metadata *_metadata, FIXTURE_DATA(stress) * self,
		     enum way way)
{
	struct conversation conversation = { self, way, rounds(1000) };
	__u32 seed = self->seed;
	pid_t child;

	if (way == SET || way == POLL_SET) {
		ASSERT_EQ(0, waitset_bind(self->here.set, self->here.fd, 1));
		ASSERT_EQ(0, waitset_bind(self->there.set, self->there.fd, 2));
	}
	child = spawn(answer, &conversation);
	for (unsigned int i = 0; i < conversation.rounds; i++) {
		ASSERT_TRUE(ask(&conversation, &seed)) {
			TH_LOG("round %u of %u", i, conversation.rounds);
		}
	}
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(conversation.rounds, self->here.record->consumed);
	EXPECT_EQ(conversation.rounds, self->there.record->consumed);
}

/* As long as it takes for ten million rounds; see Documentation/attacks.rst. */
#define SEARCH_SECONDS 36000

TEST_F_TIMEOUT(stress, attack_36_delays_and_waits, SEARCH_SECONDS)
{
	converse(_metadata, self, WAIT);
}

TEST_F_TIMEOUT(stress, attack_36_delays_and_looks, SEARCH_SECONDS)
{
	converse(_metadata, self, LOOK_AND_WAIT);
}

TEST_F_TIMEOUT(stress, attack_36_delays_and_calls, SEARCH_SECONDS)
{
	converse(_metadata, self, CALL);
}

TEST_F_TIMEOUT(stress, attack_36_delays_and_sets, SEARCH_SECONDS)
{
	converse(_metadata, self, SET);
}

TEST_F_TIMEOUT(stress, attack_36_delays_and_polls, SEARCH_SECONDS)
{
	converse(_metadata, self, POLL);
}

TEST_F_TIMEOUT(stress, attack_36_delays_and_polled_sets, SEARCH_SECONDS)
{
	converse(_metadata, self, POLL_SET);
}

struct taker {
	FIXTURE_DATA(stress) * self;
	enum way way;
	__u32 seed;
};

/* Takes what it can get; that others are faster is no mistake. */
static void *take_all_the_time(void *arg)
{
	struct taker *taker = arg;
	FIXTURE_DATA(stress) *self = taker->self;
	struct pollfd poller = { .fd = self->here.fd, .events = POLLIN };
	__u64 label;
	int result;

	while (!count(&self->shared->stop)) {
		delay(&taker->seed);
		switch (taker->way) {
		case POLL:
			poll(&poller, 1, -1);
			result = signal_wait(self->here.fd, 0);
			break;
		case SET:
			result = waitset_wait(self->here.set, &label, 1, L4SHMC_TIMEOUT_NEVER);
			break;
		default:
			result = record_wait(self->here.record, self->here.fd, self->counting);
		}
		if (result == 0 || result == 1)
			add(&self->shared->taken);
		else if (result != -ETIMEDOUT)
			add(&self->shared->failed);
	}
	return NULL;
}

static void start_takers(struct __test_metadata *_metadata, pthread_t *threads,
			 struct taker *takers, unsigned int nr)
{
	pthread_attr_t attr;

	ASSERT_EQ(0, pthread_attr_init(&attr));
	ASSERT_EQ(0, pthread_attr_setstacksize(&attr, 65536));
	for (unsigned int i = 0; i < nr; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], &attr, take_all_the_time, &takers[i]));
}

static void stop_takers(FIXTURE_DATA(stress) * self, pthread_t *threads, unsigned int nr)
{
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < nr; i++) {
		while (pthread_tryjoin_np(threads[i], NULL)) {
			signal_trigger(self->here.fd);
			nap_us(100);
		}
	}
}

/* Somebody is always there to take an event, in whichever way it sleeps. */
TEST_F_TIMEOUT(stress, attack_36_delays_and_waiters_of_all_kinds, SEARCH_SECONDS)
{
	static const enum way ways[] = { WAIT, POLL, SET, WAIT, SET };
	struct taker takers[ARRAY_SIZE(ways)];
	pthread_t threads[ARRAY_SIZE(ways)];
	const unsigned int events = rounds(1000);

	ASSERT_EQ(0, waitset_bind(self->here.set, self->here.fd, 1));
	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++)
		takers[i] = (struct taker){ self, ways[i], self->seed + i };
	start_takers(_metadata, threads, takers, ARRAY_SIZE(ways));
	for (unsigned int i = 0; i < events; i++) {
		ASSERT_TRUE(trigger_with_delays(&self->here, &self->seed));
		ASSERT_TRUE(WAIT_UNTIL_BUSY(!record_pending(self->here.record))) {
			TH_LOG("event %u of %u", i, events);
		}
	}
	EXPECT_TRUE(WAIT_UNTIL(count(&self->shared->taken) == events));
	EXPECT_EQ(0, self->shared->failed);
	stop_takers(self, threads, ARRAY_SIZE(ways));
}

/* Crowds */

static void *trigger_a_lot(void *arg)
{
	struct taker *taker = arg;

	for (unsigned int i = taker->self->shared->rounds; i > 0; i--)
		trigger_with_delays(&taker->self->here, &taker->seed);
	return NULL;
}

/* The storm comes from four sides; half of the waiters share a wait set. */
TEST_F_TIMEOUT(stress, attack_37_storm_with_100_waiters_of_two_kinds, 300)
{
	struct taker takers[100], storms[4];
	pthread_t threads[ARRAY_SIZE(takers)], triggers[ARRAY_SIZE(storms)];

	self->shared->rounds = rounds(500);
	ASSERT_EQ(0, waitset_bind(self->here.set, self->here.fd, 1));
	for (unsigned int i = 0; i < ARRAY_SIZE(takers); i++)
		takers[i] = (struct taker){ self, i % 2 ? WAIT : SET, self->seed + i };
	start_takers(_metadata, threads, takers, ARRAY_SIZE(takers));
	for (unsigned int i = 0; i < ARRAY_SIZE(storms); i++) {
		storms[i] = (struct taker){ self, WAIT, ~self->seed - i };
		ASSERT_EQ(0, pthread_create(&triggers[i], NULL, trigger_a_lot, &storms[i]));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(storms); i++)
		ASSERT_EQ(0, pthread_join(triggers[i], NULL));
	EXPECT_TRUE(WAIT_UNTIL(!record_pending(self->here.record)));
	EXPECT_EQ(ARRAY_SIZE(storms) * self->shared->rounds, self->here.record->consumed);
	if (self->counting)
		EXPECT_TRUE(WAIT_UNTIL(count(&self->shared->taken) ==
				       ARRAY_SIZE(storms) * self->shared->rounds));
	EXPECT_GE(count(&self->shared->taken), 1);
	EXPECT_LE(count(&self->shared->taken), ARRAY_SIZE(storms) * self->shared->rounds);
	stop_takers(self, threads, ARRAY_SIZE(threads));
	EXPECT_EQ(0, self->shared->failed);
	EXPECT_EQ(0, signal_waiters(self->area.name, "here"));
}

/* A thousand, where loops are not to be shorter */
#define SLEEPERS rounds(1000)

static void *sleep_once(void *arg)
{
	struct taker *taker = arg;
	FIXTURE_DATA(stress) *self = taker->self;
	__u64 label;
	bool ok;

	if (taker->way == SET)
		ok = waitset_wait(self->here.set, &label, 1, L4SHMC_TIMEOUT_NEVER) == 1;
	else
		ok = signal_wait(self->here.fd, L4SHMC_TIMEOUT_NEVER) == 0;
	add(ok ? &self->shared->taken : &self->shared->failed);
	return NULL;
}

/* Which of this process's threads sleep, the caller left out */
static unsigned int sleeping_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned int sleeping = 0;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			sleeping += task_state((pid_t)strtol(entry->d_name, NULL, 10)) == 'S';
	if (dir)
		closedir(dir);
	return sleeping;
}

static bool all_sleep(struct taker *taker)
{
	if (taker->way == SET)
		return sleeping_threads() == SLEEPERS;
	return signal_waiters(taker->self->area.name, "here") == (long)SLEEPERS;
}

static void start_sleepers(struct taker *taker)
{
	pthread_attr_t attr;
	pthread_t thread;

	CHECK(pthread_attr_init(&attr) == 0);
	CHECK(pthread_attr_setstacksize(&attr, 65536) == 0);
	CHECK(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
	for (unsigned int i = 0; i < SLEEPERS; i++)
		CHECK(pthread_create(&thread, &attr, sleep_once, taker) == 0);
	/* However long that takes; to look at all of them takes a while, too. */
	while (!all_sleep(taker))
		nap_us(50000);
}

/* All but @keep of what is open and mapped of the area */
static void close_all_but(FIXTURE_DATA(stress) * self, int keep)
{
	const int fds[] = {
		self->area.fd, self->area.handle, self->area.dev, self->here.fd, self->here.set,
		self->there.fd, self->there.set,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] != keep)
			close(fds[i]);
	munmap(self->control, L4SHMC_CONTROL_SIZE);
}

/* The name goes, and all but the signal: each event still wakes one of them. */
static int destroy_under_sleepers(void *arg)
{
	struct taker *taker = arg;
	FIXTURE_DATA(stress) *self = taker->self;
	int fd = dup(self->here.fd);
	unsigned int taken;

	/* A thousand times from one to another is quick on one CPU. */
	CHECK(self->counting || pin_to_cpu_0());
	start_sleepers(taker);
	CHECK(area_unlink(self->area.dev, self->area.name) == 0);
	close_all_but(self, fd);
	for (unsigned int i = 1; i <= SLEEPERS; i++) {
		CHECK(signal_trigger(fd) == 0);
		/* Those of a signal that counts need not wait for each other. */
		if (!self->counting)
			CHECK(WAIT_UNTIL_BUSY(count(&self->shared->taken) == i));
	}
	while ((taken = count(&self->shared->taken)) < SLEEPERS)
		/* They are many, but it goes on. */
		CHECK(WAIT_UNTIL(count(&self->shared->taken) != taken));
	CHECK(WAIT_UNTIL(sleeping_threads() == 0));
	CHECK(signal_trigger(fd) == 0);
	CHECK(signal_wait(fd, 0) == 0);
	return 0;
}

/* Even the last descriptor goes; there is nobody left who could wake them. */
static int close_under_sleepers(void *arg)
{
	struct taker *taker = arg;

	start_sleepers(taker);
	close_all_but(taker->self, -1);
	CHECK(all_sleep(taker));
	add(&taker->self->shared->rounds);
	pause();
	return 1;
}

static void expect_destruction(struct __test_metadata *_metadata, FIXTURE_DATA(stress) * self,
			       enum way way)
{
	struct taker taker = { self, way, 0 };

	ASSERT_EQ(0, waitset_bind(self->here.set, self->here.fd, 1));
	if (way != SET)
		ASSERT_EQ(0, waitset_unbind(self->here.set, self->here.fd));
	EXPECT_EQ(0, run_child(destroy_under_sleepers, &taker));
	EXPECT_EQ(SLEEPERS, self->shared->taken);
	EXPECT_EQ(0, self->shared->failed);
	/* No event is left over. */
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->here.fd, 0));
}

static void expect_last_close(struct __test_metadata *_metadata, FIXTURE_DATA(stress) * self,
			      enum way way)
{
	struct taker taker = { self, way, 0 };
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->here.set, self->here.fd, 1));
	child = spawn(close_under_sleepers, &taker);
	self->area.dev = device_open(O_RDWR);
	close_all_but(self, self->area.dev);
	while (!count(&self->shared->rounds) && waitpid(child, NULL, WNOHANG) == 0)
		nap_us(1000);
	ASSERT_EQ(1, self->shared->rounds);
	EXPECT_TRUE(area_named(&self->area));
	EXPECT_EQ(way == SET ? 0 : SLEEPERS, signal_waiters(self->area.name, "here"));
	kill_child(child);
	/* The last of them takes the area along. */
	EXPECT_TRUE(WAIT_UNTIL(!area_named(&self->area)));
	EXPECT_TRUE(WAIT_UNTIL(!sysfs_has(self->area.name)));
	EXPECT_EQ(0, self->shared->taken + self->shared->failed);
}

TEST_F_TIMEOUT(stress, attack_38_destroyed_under_1000_sleepers, 900)
{
	expect_destruction(_metadata, self, WAIT);
}

TEST_F_TIMEOUT(stress, attack_38_destroyed_under_1000_sleepers_in_a_set, 900)
{
	expect_destruction(_metadata, self, SET);
}

TEST_F_TIMEOUT(stress, attack_38_last_close_under_1000_sleepers, 900)
{
	expect_last_close(_metadata, self, WAIT);
}

TEST_F_TIMEOUT(stress, attack_38_last_close_under_1000_sleepers_in_a_set, 900)
{
	expect_last_close(_metadata, self, SET);
}

/* What is the same for all signals */
FIXTURE(machine)
{
	FIXTURE_DATA(stress) stress;
};

FIXTURE_SETUP(machine)
{
	static const FIXTURE_VARIANT(stress) coalescing = { .flags = 0 };

	stress_setup(_metadata, &self->stress, &coalescing);
}

FIXTURE_TEARDOWN(machine)
{
	drop_area(&self->stress.area);
}

/* Priorities */

static bool set_policy(int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO ? 50 : 0 };

	return sched_setscheduler(0, policy, &param) == 0;
}

struct scheduled {
	FIXTURE_DATA(stress) * self;
	int policy;
	unsigned int rounds;
};

static int answer_as_scheduled(void *arg)
{
	struct scheduled *scheduled = arg;
	FIXTURE_DATA(stress) *self = scheduled->self;

	CHECK(set_policy(scheduled->policy));
	for (unsigned int i = 0; i < scheduled->rounds; i++) {
		CHECK(signal_wait(self->there.fd, HANG_NS) == 0);
		CHECK(record_trigger(self->here.record, self->here.fd) == 0);
	}
	return 0;
}

static int use_the_cpu(void *arg)
{
	(void)arg;
	while (1)
		__asm__ volatile("" ::: "memory");
	return 1;
}

/* One side has all the priority that there is, the other none, on one CPU. */
static void converse_as_scheduled(struct __test_metadata *_metadata,
				  FIXTURE_DATA(stress) * self, int mine, int theirs, bool busy)
{
	struct scheduled scheduled = { self, theirs, busy ? 3 : rounds(300) };
	pid_t child, other = 0;

	ASSERT_TRUE(pin_to_cpu_0());
	if (!set_policy(mine))
		SKIP(return, "no right to real-time priority");
	ASSERT_TRUE(set_policy(SCHED_OTHER));
	child = spawn(answer_as_scheduled, &scheduled);
	if (busy)
		other = spawn(use_the_cpu, NULL);
	ASSERT_TRUE(set_policy(mine));
	for (unsigned int i = 0; i < scheduled.rounds; i++) {
		ASSERT_EQ(0, record_trigger(self->there.record, self->there.fd));
		ASSERT_EQ(0, signal_wait(self->here.fd, HANG_NS)) {
			TH_LOG("round %u of %u", i, scheduled.rounds);
		}
	}
	EXPECT_EQ(0, reap(child));
	if (busy)
		kill_child(other);
}

TEST_F_TIMEOUT(machine, attack_45_fifo_asks_idle, 300)
{
	converse_as_scheduled(_metadata, &self->stress, SCHED_FIFO, SCHED_IDLE, false);
}

TEST_F_TIMEOUT(machine, attack_45_idle_asks_fifo, 300)
{
	converse_as_scheduled(_metadata, &self->stress, SCHED_IDLE, SCHED_FIFO, false);
}

TEST_F_TIMEOUT(machine, attack_45_fifo_asks_idle_on_a_busy_cpu, 300)
{
	converse_as_scheduled(_metadata, &self->stress, SCHED_FIFO, SCHED_IDLE, true);
}

/* References */

#define FDS ((int)rounds(20000))
#define MAPPINGS rounds(30000)

static int hold_references(void *arg)
{
	struct rlimit limit = { .rlim_cur = FDS, .rlim_max = FDS };
	FIXTURE_DATA(stress) *self = arg;
	unsigned int mappings = 0;
	int last = -1, fd;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return KSFT_SKIP;
	while ((fd = dup(last % 2 ? self->area.fd : self->here.fd)) >= 0)
		last = fd;
	CHECK(errno == EMFILE && last == FDS - 1);
	CHECK(area_attach(self->area.handle, "", 0) == -EMFILE);
	CHECK(signal_open(self->area.fd, "here", 0) == -EMFILE);
	while (mappings < MAPPINGS) {
		/* In turns, so that no two of them become one */
		int prot = mappings % 2 ? PROT_READ : PROT_READ | PROT_WRITE;
		off_t offset = mappings % 4 < 2 ? 0 : (off_t)L4SHMC_CONTROL_OFFSET;

		CHECK(mmap(NULL, page_size(), prot, MAP_SHARED, self->area.fd, offset) !=
		      MAP_FAILED);
		mappings++;
	}
	return 0;
}

/*
 * What counts references to an area is bounded by what each of them costs: as
 * many as a process may have, of several processes, all come back.
 */
TEST_F_TIMEOUT(machine, attack_65_as_many_references_as_there_may_be, 600)
{
	FIXTURE_DATA(stress) *stress = &self->stress;
	struct l4shmc_ioc_area_info info;
	pid_t pids[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(hold_references, stress);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		int result = reap(pids[i]);

		if (result == KSFT_SKIP)
			SKIP(return, "no right to so many descriptors");
		EXPECT_EQ(0, result);
	}
	ASSERT_EQ(0, area_info(stress->area.handle, &info));
	EXPECT_EQ(1, info.clients);
	stress->area.dev = device_open(O_RDWR);
	close_all_but(stress, stress->area.dev);
	EXPECT_TRUE(WAIT_UNTIL(!area_named(&stress->area)));
}

/* What the machine does meanwhile */

struct machine {
	FIXTURE_DATA(stress) * self;
	unsigned char *data;
};

#define CPU1 "/sys/devices/system/cpu/cpu1/online"

static void *take_cpus_away(void *arg)
{
	FIXTURE_DATA(stress) *self = arg;

	for (unsigned int i = rounds(5); i > 0; i--) {
		if (!write_text(CPU1, "0"))
			add(&self->shared->failed);
		nap_us(20000);
		if (!write_text(CPU1, "1"))
			add(&self->shared->failed);
		nap_us(20000);
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void *move_pages(void *arg)
{
	FIXTURE_DATA(stress) *self = arg;

	for (unsigned int i = rounds(20); i > 0; i--) {
		if (!write_text("/proc/sys/vm/compact_memory", "1"))
			add(&self->shared->failed);
		write_text("/proc/sys/vm/drop_caches", "3");
		nap_us(5000);
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* Fills the payload with its number, and expects it back one higher. */
static int count_up(void *arg)
{
	FIXTURE_DATA(stress) *self = arg;
	unsigned char *data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);

	CHECK(data != MAP_FAILED);
	while (1) {
		CHECK(signal_wait(self->there.fd, L4SHMC_TIMEOUT_NEVER) == 0);
		for (unsigned int i = 0; i < DEFAULT_AREA_SIZE; i += 64)
			data[i]++;
		CHECK(record_trigger(self->here.record, self->here.fd) == 0);
	}
	return 1;
}

/* Goes on until @disturb has come to its end, and expects each answer. */
static void go_on_during(struct __test_metadata *_metadata, FIXTURE_DATA(stress) * self,
			 void *(*disturb)(void *))
{
	unsigned char *data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	pthread_t thread;
	unsigned int turns = 0;
	pid_t child;

	ASSERT_NE(MAP_FAILED, data);
	child = spawn(count_up, self);
	ASSERT_EQ(0, pthread_create(&thread, NULL, disturb, self));
	while (!count(&self->shared->stop)) {
		ASSERT_EQ(0, record_trigger(self->there.record, self->there.fd));
		ASSERT_EQ(0, signal_wait(self->here.fd, HANG_NS));
		turns++;
		for (unsigned int i = 0; i < DEFAULT_AREA_SIZE; i += 64)
			ASSERT_EQ((unsigned char)turns, data[i]);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, self->shared->failed);
	EXPECT_GT(turns, 0);
	kill_child(child);
	TH_LOG("%u turns", turns);
}

TEST_F_TIMEOUT(machine, attack_67_cpus_come_and_go, 300)
{
	if (access(CPU1, W_OK))
		SKIP(return, "no CPU that can be switched off");
	go_on_during(_metadata, &self->stress, take_cpus_away);
}

TEST_F_TIMEOUT(machine, attack_67_compaction, 300)
{
	if (access("/proc/sys/vm/compact_memory", W_OK))
		SKIP(return, "no compaction of memory in this kernel, or no right to it");
	go_on_during(_metadata, &self->stress, move_pages);
}

TEST_HARNESS_MAIN
