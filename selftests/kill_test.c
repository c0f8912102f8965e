// SPDX-License-Identifier: GPL-2.0-only
/*
 * Killed clients in numbers: producers, consumers, waiters and masters end at
 * random moments, stopped or running or for want of memory.  After each, those
 * who are left are told and find the chunk as it has to be; after all, nothing
 * is left.  L4SHMC_TEST_KILLS says how many.
 */
#include "common.h"

#define KILLS 200
#define WORDS 512
#define LIVING 4

enum role { PRODUCER, CONSUMER, WAITER, SET_WAITER, POLLER, CALLER, MASTER, NR_ROLES };

static const char *const roles[] = {
	"producers", "consumers", "waiters", "waiters in sets", "pollers", "callers", "masters",
};

struct victim {
	pid_t pid;
	enum role role;
	__u32 seed;
	/* Written by the victim once it is a client */
	unsigned int attached;
	__u32 number;
};

/* What the victims share with the test */
struct shared {
	struct victim victims[LIVING];
	/* The state of the chunk in which its owner is to stay, or 0 */
	__u32 hold;
	__u32 last;
	unsigned int made, taken, bad;
};

FIXTURE(kill)
{
	struct area area;
	union l4shmc_record *control;
	struct l4shmc_signal_record *news;
	struct l4shmc_chunk_record *chunk;
	__u32 index;
	int clients;
	struct shared *shared;
	struct cgroup group;
	__u32 seed;
	unsigned int killed[NR_ROLES], told, silent, stopped;
	/* Chunks taken back, from whom */
	unsigned int recovered[NR_ROLES];
};

FIXTURE_SETUP(kill)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->control = map_control(self->area.fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->control);
	self->index = (__u32)chunk_add(self->area.fd, "c", WORDS * sizeof(__u32));
	self->chunk = &self->control[self->index].chunk;
	self->clients = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	self->news = signal_record(self->control, self->clients);
	ASSERT_NE(NULL, self->news);
	ASSERT_GE(signal_open(self->area.fd, "full", 0), 0);
	ASSERT_GE(signal_open(self->area.fd, "empty", 0), 0);
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	/* For what the victims allocate */
	if (!cgroup_make(&self->group, "max"))
		SKIP(return, "no memory controller of cgroup 2");
	ASSERT_TRUE(cgroup_join(&self->group));
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(kill)
{
	drop_area(&self->area);
	EXPECT_TRUE(cgroup_leave(&self->group));
}

/* The victims: each is a client of its own */

struct client {
	FIXTURE_DATA(kill) * self;
	int fd, full, empty, set;
	__u32 number, seed;
	struct l4shmc_chunk_record *chunk;
	struct l4shmc_signal_record *full_record, *empty_record;
	__u32 *payload;
};

static void become_client(struct client *client, struct victim *victim)
{
	FIXTURE_DATA(kill) *self = client->self;
	union l4shmc_record *control;
	struct l4shmc_ioc_chunk_next next;
	struct l4shmc_ioc_area_info info;
	unsigned char *data;

	client->fd = area_attach(self->area.handle, "", 0);
	CHECK(area_info(client->fd, &info) == 0);
	client->number = info.client;
	/* In this order; from now on its death has to be told. */
	victim->number = info.client;
	__atomic_store_n(&victim->attached, 1, __ATOMIC_SEQ_CST);
	control = map_control(client->fd, PROT_READ | PROT_WRITE);
	data = map_data(client->fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	CHECK(control != MAP_FAILED && data != MAP_FAILED);
	CHECK(chunk_next(client->fd, self->index, &next) >= 0);
	client->chunk = &control[self->index].chunk;
	client->payload = (__u32 *)(data + next.offset);
	client->full = signal_open(client->fd, "full", 0);
	client->empty = signal_open(client->fd, "empty", 0);
	client->full_record = signal_record(control, client->full);
	client->empty_record = signal_record(control, client->empty);
	CHECK(client->full_record && client->empty_record);
}

/* A while in the middle of it, for a kill to hit */
static void linger(struct client *client, __u32 state)
{
	for (unsigned int i = test_random(&client->seed) % 262144; i > 0; i--)
		__asm__ volatile("" ::: "memory");
	while (load32(&client->self->shared->hold) == state)
		sched_yield();
}

/* All words of a message are its number. */
static void produce(struct client *client)
{
	struct shared *shared = client->self->shared;
	__u32 number;

	if (!swap32(&client->chunk->state, L4SHMC_CHUNK_CLEAR,
		    chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client->number))) {
		signal_wait(client->empty, NS_PER_MS);
		return;
	}
	number = __atomic_add_fetch(&shared->last, 1, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < WORDS; i++) {
		__atomic_store_n(&client->payload[i], number, __ATOMIC_RELAXED);
		if (i == WORDS / 2)
			linger(client, L4SHMC_CHUNK_BUSY_WRITING);
	}
	client->chunk->message_size = WORDS * sizeof(number);
	store32(&client->chunk->state, L4SHMC_CHUNK_READY);
	__atomic_fetch_add(&shared->made, 1, __ATOMIC_SEQ_CST);
	record_trigger(client->full_record, client->full);
}

static void consume(struct client *client)
{
	struct shared *shared = client->self->shared;
	bool good;

	if (!swap32(&client->chunk->state, L4SHMC_CHUNK_READY,
		    chunk_state(L4SHMC_CHUNK_BUSY_READING, client->number))) {
		signal_wait(client->full, NS_PER_MS);
		return;
	}
	linger(client, L4SHMC_CHUNK_BUSY_READING);
	good = client->chunk->message_size == WORDS * sizeof(__u32);
	for (unsigned int i = 1; i < WORDS; i++)
		good = good && client->payload[i] == client->payload[0];
	__atomic_fetch_add(good ? &shared->taken : &shared->bad, 1, __ATOMIC_SEQ_CST);
	store32(&client->chunk->state, L4SHMC_CHUNK_CLEAR);
	record_trigger(client->empty_record, client->empty);
}

/* Makes an area of its own, with all that belongs to it, again and again. */
static void be_master(struct client *client)
{
	FIXTURE_DATA(kill) *self = client->self;
	char name[L4SHMC_NAME_SIZE];
	int handle, fd, signal;
	__u32 *data;

	unique_name(name, "master");
	handle = area_create(self->area.dev, name, 1 << 20, 0600, 0);
	CHECK(handle >= 0);
	fd = area_attach(handle, "", 0);
	CHECK(chunk_add(fd, "c", 100000) >= 0);
	signal = signal_open(fd, "s", 0);
	CHECK(waitset_bind(client->set, signal, 1) == 0);
	data = map_data(fd, 1 << 20, PROT_READ | PROT_WRITE);
	CHECK(data != MAP_FAILED);
	data[4711] = client->number;
	munmap(data, 1 << 20);
	CHECK(signal_trigger(signal) == 0);
	CHECK(waitset_unbind(client->set, signal) == 0);
	close(signal);
	close(fd);
	close(handle);
}

static void poll_once(struct client *client)
{
	struct pollfd pollers[] = {
		{ .fd = client->full, .events = POLLIN }, { .fd = client->set, .events = POLLIN },
	};

	poll(pollers, ARRAY_SIZE(pollers), 1);
}

static void act(struct client *client, enum role role)
{
	__u64 label;

	switch (role) {
	case PRODUCER:
		produce(client);
		break;
	case CONSUMER:
		consume(client);
		break;
	case WAITER:
		if (signal_wait(client->full, NS_PER_MS) == 0)
			record_trigger(client->full_record, client->full);
		break;
	case SET_WAITER:
		if (waitset_wait(client->set, &label, 1, NS_PER_MS) == 1)
			record_trigger(label ? client->full_record : client->empty_record,
				       label ? client->full : client->empty);
		break;
	case POLLER:
		poll_once(client);
		break;
	case CALLER:
		signal_call(client->full, client->empty, NS_PER_MS);
		break;
	default:
		be_master(client);
	}
}

struct start {
	FIXTURE_DATA(kill) * self;
	struct victim *victim;
	const struct cgroup *group;
};

static int live(void *arg)
{
	struct start *start = arg;
	struct client client = { .self = start->self, .seed = start->victim->seed };

	client.set = waitset_make(start->self->area.dev);
	become_client(&client, start->victim);
	CHECK(waitset_bind(client.set, client.full, 1) == 0);
	CHECK(waitset_bind(client.set, client.empty, 0) == 0);
	while (1)
		act(&client, start->victim->role);
	return 1;
}

static void start(FIXTURE_DATA(kill) * self, struct victim *victim, enum role role)
{
	struct start start = { self, victim };

	victim->role = role;
	victim->seed = test_random(&self->seed);
	victim->attached = 0;
	victim->pid = spawn(live, &start);
}

/* The test: somebody is killed, and all that follows is as it should be. */

static bool is_attached(struct victim *victim)
{
	return __atomic_load_n(&victim->attached, __ATOMIC_SEQ_CST);
}

static __u32 news(FIXTURE_DATA(kill) * self)
{
	return load32(&self->news->triggered);
}

static void stop_all(FIXTURE_DATA(kill) * self)
{
	int status;

	for (unsigned int i = 0; i < LIVING; i++)
		kill(self->shared->victims[i].pid, SIGSTOP);
	for (unsigned int i = 0; i < LIVING; i++)
		waitpid(self->shared->victims[i].pid, &status, WUNTRACED);
}

static void continue_others(FIXTURE_DATA(kill) * self, struct victim *victim)
{
	for (unsigned int i = 0; i < LIVING; i++)
		if (&self->shared->victims[i] != victim)
			kill(self->shared->victims[i].pid, SIGCONT);
}

/* What has to become of the chunk's state when client @number dies */
static __u32 state_after(__u32 state, __u32 number)
{
	if (state == chunk_state(L4SHMC_CHUNK_BUSY_WRITING, number))
		return L4SHMC_CHUNK_CLEAR;
	if (state == chunk_state(L4SHMC_CHUNK_BUSY_READING, number))
		return L4SHMC_CHUNK_READY;
	return state;
}

/* All others stand still, so that it can be told exactly what the death has done. */
static void kill_stopped(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self,
			 struct victim *victim)
{
	__u32 before, after, recovered, told;

	stop_all(self);
	before = load32(&self->chunk->state);
	recovered = self->chunk->recovered;
	told = news(self);
	kill(victim->pid, SIGKILL);
	ASSERT_EQ(128 + SIGKILL, reap(victim->pid));
	after = state_after(before, victim->number);
	EXPECT_EQ(after, load32(&self->chunk->state));
	EXPECT_EQ(recovered + (before != after), self->chunk->recovered);
	EXPECT_EQ(told + 1, news(self));
	self->recovered[victim->role] += before != after;
	self->stopped++;
	continue_others(self, victim);
}

/* The others go on, so the state may have changed; it is not the dead one's. */
static void kill_running(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self,
			 struct victim *victim)
{
	__u32 told = news(self), recovered = self->chunk->recovered;

	kill(victim->pid, SIGKILL);
	ASSERT_EQ(128 + SIGKILL, reap(victim->pid));
	ASSERT_NE(victim->number, load32(&self->chunk->state) >> L4SHMC_CHUNK_OWNER_SHIFT);
	EXPECT_EQ(told + 1, news(self));
	self->recovered[victim->role] += self->chunk->recovered - recovered;
}

/* Somewhere on its way to become a client: told of both ends of that or of none */
static void kill_early(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self,
		       struct victim *victim)
{
	struct victim dead = *victim;
	__u32 told = news(self);

	start(self, victim, dead.role);
	nap_us(test_random(&self->seed) % 512);
	kill(victim->pid, SIGKILL);
	ASSERT_EQ(128 + SIGKILL, reap(victim->pid));
	EXPECT_TRUE(news(self) == told || news(self) == told + 2);
	self->silent += news(self) == told;
}

/* The test is told by the signal, in poll and in a wait. */
static void expect_news(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self)
{
	struct pollfd poller = { .fd = self->clients, .events = POLLIN };

	ASSERT_EQ(1, poll(&poller, 1, HANG_NS / NS_PER_MS));
	ASSERT_EQ(0, signal_wait(self->clients, HANG_NS));
	self->told++;
}

static void expect_no_half_messages(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self)
{
	ASSERT_EQ(0, self->shared->bad);
}

/* Those that have something to lose more often than the others */
static enum role choose_role(__u32 *seed)
{
	__u32 random = test_random(seed);

	return random & 1 ? (random >> 1 & 1 ? PRODUCER : CONSUMER) : (random >> 1) % NR_ROLES;
}

/* Who owns the chunk for @state, or NULL */
static struct victim *owner_for(FIXTURE_DATA(kill) * self, __u32 state)
{
	__u32 word = load32(&self->chunk->state);

	for (unsigned int i = 0; i < LIVING; i++)
		if (word == chunk_state(state, self->shared->victims[i].number))
			return &self->shared->victims[i];
	return NULL;
}

/* Half of the time somebody who is writing or reading, if there is one soon */
static struct victim *choose_victim(FIXTURE_DATA(kill) * self, __u32 random)
{
	__u32 state = random & 4 ? L4SHMC_CHUNK_BUSY_WRITING : L4SHMC_CHUNK_BUSY_READING;
	__u64 end = now_ns() + 10 * NS_PER_MS;
	struct victim *victim = NULL;

	if (random & 8) {
		store32(&self->shared->hold, state);
		while (!victim && now_ns() < end)
			victim = owner_for(self, state);
	}
	return victim ? victim : &self->shared->victims[random % LIVING];
}

static void kill_one(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self)
{
	__u32 random = test_random(&self->seed);
	struct victim *victim;

	for (unsigned int i = 0; i < LIVING; i++)
		ASSERT_TRUE(WAIT_UNTIL_BUSY(is_attached(&self->shared->victims[i])));
	nap_us(random >> 8 & 0x3ff);
	while (signal_wait(self->clients, 0) == 0)
		;
	victim = choose_victim(self, random);
	if (random & 0x100000)
		kill_stopped(_metadata, self, victim);
	else
		kill_running(_metadata, self, victim);
	store32(&self->shared->hold, 0);
	expect_news(_metadata, self);
	expect_no_half_messages(_metadata, self);
	self->killed[victim->role]++;
	if ((random >> 24 & 7) == 0) {
		kill_early(_metadata, self, victim);
		self->killed[victim->role]++;
	}
	start(self, victim, choose_role(&self->seed));
}

/* What there is of everything, before and after */

struct counts {
	long areas, clients, free, fds, files, shmem, slab, kernel, users;
};

/* Objects in those of the kernel's caches that the driver's accounted ones come from */
static long accounted_objects(void)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	char line[512], name[128], path[256];
	long active, sum = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "kmalloc-cg-%100s %ld", name, &active) != 2)
			continue;
		/* What each CPU keeps for itself counts as used otherwise. */
		snprintf(path, sizeof(path), "/sys/kernel/slab/kmalloc-cg-%s/shrink", name);
		write_text(path, "1");
	}
	if (file)
		rewind(file);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "kmalloc-cg-%100s %ld", name, &active) == 2)
			sum += active;
	if (file)
		fclose(file);
	return sum;
}

static long count_areas(void)
{
	DIR *dir = opendir(SYSFS);
	long areas = 0;

	while (dir && readdir(dir))
		areas++;
	if (dir)
		closedir(dir);
	return areas;
}

static void take_counts(FIXTURE_DATA(kill) * self, struct counts *counts)
{
	struct l4shmc_ioc_area_info info;

	area_info(self->area.handle, &info);
	*counts = (struct counts){
		.areas = count_areas(), .clients = info.clients, .free = (long)info.area_free,
		.fds = open_fds(), .files = number_in("/proc/sys/fs/file-nr", ""),
		.shmem = number_in("/proc/meminfo", "Shmem:"), .slab = accounted_objects(),
		.kernel = cgroup_kernel_memory(&self->group) / 1024,
		.users = module_refs(),
	};
}

static void tell_counts(struct __test_metadata *_metadata, const char *when,
			const struct counts *counts)
{
	TH_LOG("%s: areas %ld, clients %ld, free %ld, fds %ld, files %ld, Shmem %ld kB, objects %ld, kernel %ld kB, users of the module %ld",
	       when, counts->areas, counts->clients, counts->free, counts->fds, counts->files,
	       counts->shmem, counts->slab, counts->kernel, counts->users);
}

/* Others have objects of these kinds as well, but not one for each kill. */
#define SLACK 50
#define SLACK_KB 128
/* Each CPU counts some for itself. */
#define SLACK_FILES 100

static bool is_back(FIXTURE_DATA(kill) * self, const struct counts *before, struct counts *now)
{
	take_counts(self, now);
	return now->areas == before->areas && now->clients == before->clients &&
	       now->free == before->free && now->fds == before->fds &&
	       now->users == before->users && now->files < before->files + SLACK_FILES &&
	       now->shmem < before->shmem + SLACK_KB && now->slab < before->slab + SLACK &&
	       now->kernel < before->kernel + SLACK_KB;
}

static void kill_many(struct __test_metadata *_metadata, FIXTURE_DATA(kill) * self,
		      unsigned int kills)
{
	for (unsigned int i = 0; i < LIVING; i++)
		start(self, &self->shared->victims[i], i % NR_ROLES);
	for (unsigned int i = 0; i < kills; i++)
		kill_one(_metadata, self);
	for (unsigned int i = 0; i < LIVING; i++) {
		kill_child(self->shared->victims[i].pid);
		self->killed[self->shared->victims[i].role]++;
	}
}

static unsigned int kills_wanted(void)
{
	const char *told = getenv("L4SHMC_TEST_KILLS");

	return told ? (unsigned int)strtoul(told, NULL, 10) : rounds(KILLS);
}

TEST_F_TIMEOUT(kill, attack_47_random_kills, 36000)
{
	struct counts before, after;
	unsigned int kills = kills_wanted(), most = kills + 1000, first, all = 0;
	struct l4shmc_ioc_area_info info;
	int fd;

	/* What is allocated once and kept is there after the first ones. */
	kill_many(_metadata, self, 10);
	take_counts(self, &before);
	tell_counts(_metadata, "before", &before);
	ASSERT_TRUE(before.slab > 0 && before.kernel > 0 && before.shmem > 0);
	first = self->told;
	kill_many(_metadata, self, kills);
	/* Until each kind of owner has been hit. */
	for (; kills < most && !(self->recovered[PRODUCER] && self->recovered[CONSUMER]); kills += 10)
		kill_many(_metadata, self, 10);
	EXPECT_EQ(kills, self->told - first);
	EXPECT_TRUE(WAIT_UNTIL(is_back(self, &before, &after)));
	tell_counts(_metadata, "after", &after);
	for (unsigned int i = 0; i < NR_ROLES; i++) {
		TH_LOG("%u %s killed", self->killed[i], roles[i]);
		all += self->killed[i];
	}
	TH_LOG("%u killed: told of %u, %u were no clients yet, %u while all stood still", all,
	       self->told, self->silent, self->stopped);
	TH_LOG("%u messages, %u read, none of them half; %u chunks taken back from who wrote, %u from who read",
	       self->shared->made, self->shared->taken, self->recovered[PRODUCER],
	       self->recovered[CONSUMER]);
	/* The numbers start from the beginning. */
	fd = area_attach(self->area.handle, "", 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(1, info.client);
	EXPECT_TRUE(self->recovered[PRODUCER] && self->recovered[CONSUMER]);
	EXPECT_GT(self->shared->taken, 0);
}

/* For want of memory: the kernel kills one that is just writing a chunk. */

static int want_too_much(void *arg)
{
	struct start *start = arg;
	struct client client = { .self = start->self };
	unsigned char *memory;

	CHECK(cgroup_join(start->group));
	become_client(&client, start->victim);
	CHECK(swap32(&client.chunk->state, L4SHMC_CHUNK_CLEAR,
		     chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number)));
	__atomic_store_n(&start->victim->attached, 2, __ATOMIC_SEQ_CST);
	while (1) {
		memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);
		CHECK(memory != MAP_FAILED);
		memset(memory, 1, 1 << 20);
	}
	return 1;
}

TEST_F_TIMEOUT(kill, attack_48_out_of_memory_in_a_cgroup, 300)
{
	struct cgroup group;
	struct start start = { self, &self->shared->victims[0], &group };

	ASSERT_TRUE(cgroup_make(&group, "8M"));
	write_text(cgroup_file(&group, "memory.swap.max"), "0");
	write_text(cgroup_file(&group, "memory.oom.group"), "0");
	for (unsigned int i = 1; i <= 10; i++) {
		pid_t pid;

		while (signal_wait(self->clients, 0) == 0)
			;
		start.victim->attached = 0;
		pid = spawn(want_too_much, &start);
		EXPECT_EQ(128 + SIGKILL, reap(pid));
		EXPECT_EQ(2, start.victim->attached);
		expect_news(_metadata, self);
		EXPECT_EQ(L4SHMC_CHUNK_CLEAR, load32(&self->chunk->state));
		EXPECT_EQ(i, self->chunk->recovered);
	}
	EXPECT_EQ(10, number_in(cgroup_file(&group, "memory.events"), "oom_kill "));
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&group)));
}

/* The next process with the same number, which gets the same client number, too */

static pid_t spawn_with_pid(pid_t pid, int (*run)(void *), void *arg)
{
	struct {
		__u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
		__u64 set_tid, set_tid_size, cgroup;
	} args = {
		.exit_signal = SIGCHLD, .set_tid = pid ? (uintptr_t)&pid : 0, .set_tid_size = !!pid,
	};
	pid_t result = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (result == 0)
		_exit(run(arg));
	return result;
}

static int write_and_wait(void *arg)
{
	struct start *start = arg;
	struct client client = { .self = start->self };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	become_client(&client, start->victim);
	CHECK(swap32(&client.chunk->state, L4SHMC_CHUNK_CLEAR,
		     chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number)));
	__atomic_store_n(&start->victim->attached, 2, __ATOMIC_SEQ_CST);
	pause();
	return 1;
}

TEST_F(kill, attack_49_number_and_pid_used_again)
{
	struct victim *victim = &self->shared->victims[0];
	struct start start = { self, victim };
	pid_t pid = spawn_with_pid(0, write_and_wait, &start), same;

	for (unsigned int i = 1; i <= 10; i++) {
		ASSERT_GT(pid, 0);
		ASSERT_TRUE(WAIT_UNTIL(__atomic_load_n(&victim->attached, __ATOMIC_SEQ_CST) == 2));
		EXPECT_EQ(1, victim->number);
		/* It is the successor's, and nobody takes it for its predecessor's. */
		EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), load32(&self->chunk->state));
		kill_child(pid);
		EXPECT_EQ(L4SHMC_CHUNK_CLEAR, load32(&self->chunk->state));
		EXPECT_EQ(i, self->chunk->recovered);
		victim->attached = 0;
		if (i == 10)
			break;
		same = spawn_with_pid(pid, write_and_wait, &start);
		if (same < 0 && errno == EPERM)
			SKIP(return, "no right to choose a process's number");
		ASSERT_EQ(pid, same);
	}
}

TEST_HARNESS_MAIN
