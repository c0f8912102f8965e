// SPDX-License-Identifier: GPL-2.0-only
/* libl4shmc: chunks, with every result that the headers promise. */
#include "lib_common.h"

#define SIZE 65536
#define CAPACITY 1000

/* 64 bytes */
static const char too_long[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

FIXTURE(lib_chunk)
{
	struct lib_area lib;
	l4shmc_area_t peer, watcher;
	/* The same chunk, as the three see it */
	l4shmc_chunk_t mine, theirs, watched;
	l4shmc_signal_t signal;
};

FIXTURE_SETUP(lib_chunk)
{
	if (!make_lib_area(_metadata, &self->lib, SIZE))
		return;
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	ASSERT_EQ(0, l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &self->watcher));
	ASSERT_EQ(0, l4shmc_add_chunk(&self->lib.area, "c", CAPACITY, &self->mine));
	ASSERT_EQ(0, l4shmc_get_chunk(&self->peer, "c", &self->theirs));
	ASSERT_EQ(0, l4shmc_get_chunk(&self->watcher, "c", &self->watched));
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "s", &self->signal));
}

FIXTURE_TEARDOWN(lib_chunk)
{
	drop_lib_area(&self->lib);
}

TEST_F(lib_chunk, is_what_was_added)
{
	EXPECT_EQ(CAPACITY, l4shmc_chunk_capacity(&self->mine));
	EXPECT_EQ(CAPACITY, l4shmc_chunk_capacity(&self->theirs));
	EXPECT_EQ(CAPACITY, l4shmc_chunk_capacity(&self->watched));
	EXPECT_EQ(0, (uintptr_t)l4shmc_chunk_ptr(&self->mine) % 64);
	EXPECT_EQ((char *)l4shmc_chunk_ptr(&self->mine) - (char *)l4shmc_area_ptr(&self->lib.area),
		  (char *)l4shmc_chunk_ptr(&self->theirs) - (char *)l4shmc_area_ptr(&self->peer));
	EXPECT_EQ(1, l4shmc_check_magic(&self->mine));
	EXPECT_EQ(1, l4shmc_check_magic(&self->watched));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(&self->theirs));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(NULL, l4shmc_chunk_signal(&self->mine));
	memcpy(l4shmc_chunk_ptr(&self->mine), "hello", sizeof("hello"));
	EXPECT_STREQ("hello", (char *)l4shmc_chunk_ptr(&self->theirs));
	EXPECT_STREQ("hello", (char *)l4shmc_chunk_ptr(&self->watched));
}

TEST_F(lib_chunk, add_refuses)
{
	l4shmc_area_t *area = &self->lib.area;
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_EEXIST, l4shmc_add_chunk(area, "c", 1, &chunk));
	EXPECT_EQ(-L4_EEXIST, l4shmc_add_chunk(&self->peer, "c", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "n", 0, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, NULL, 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "@clients", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "a/b", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "n", 1, NULL));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_add_chunk(area, too_long, 1, &chunk));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(area, "n", SIZE, &chunk));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(area, "n", ~0UL, &chunk));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(area, "n", ~0UL - 63, &chunk));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(area, "n", ~0UL >> 1, &chunk));
	EXPECT_EQ(-L4_EPERM, l4shmc_add_chunk(&self->watcher, "n", 1, &chunk));
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(area, "n", &chunk));
}

TEST_F(lib_chunk, get_refuses)
{
	l4shmc_area_t *area = &self->lib.area;
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(area, "n", &chunk));
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(area, "s", &chunk));
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk_to(area, "n", 0, &chunk));
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk_to(area, "n", 5, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(area, "", &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(area, NULL, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(area, "..", &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk_to(area, "a\tb", 5, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(area, "c", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk_to(area, "c", 5, NULL));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_get_chunk(area, too_long, &chunk));
}

struct getter {
	l4shmc_area_t *area;
	bool by_environment;
};

static int get_later(void *arg)
{
	struct getter *getter = arg;
	l4shmc_chunk_t chunk;

	interrupt_every(1000);
	if (getter->by_environment) {
		setenv("L4SHMC_GET_TIMEOUT_MS", "20000", 1);
		CHECK(l4shmc_get_chunk(getter->area, "late", &chunk) == 0);
	} else {
		CHECK(l4shmc_get_chunk_to(getter->area, "late", 20000, &chunk) == 0);
	}
	interrupt_every(0);
	CHECK(l4shmc_chunk_capacity(&chunk) == 77);
	return 0;
}

TEST_F(lib_chunk, get_waits)
{
	struct getter getter = { .area = &self->peer };
	l4shmc_chunk_t chunk;
	pid_t pids[2];

	pids[0] = spawn(get_later, &getter);
	getter.by_environment = true;
	pids[1] = spawn(get_later, &getter);
	nap_us(20000);
	EXPECT_EQ(0, waitpid(pids[0], NULL, WNOHANG));
	EXPECT_EQ(0, waitpid(pids[1], NULL, WNOHANG));
	ASSERT_EQ(0, l4shmc_add_chunk(&self->lib.area, "late", 77, &chunk));
	EXPECT_EQ(0, reap(pids[0]));
	EXPECT_EQ(0, reap(pids[1]));
}

TEST_F(lib_chunk, environment_of_nonsense_looks_once)
{
	static const char *const values[] = {
		"", "0", "-1", "abc", "10x", "99999999999999999999999999",
	};
	l4shmc_chunk_t chunk;

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		setenv("L4SHMC_GET_TIMEOUT_MS", values[i], 1);
		EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(&self->lib.area, "n", &chunk));
	}
}

TEST_F(lib_chunk, iterate_lists_all_once)
{
	char name[16];
	const char *found;
	l4shmc_chunk_t chunk;
	unsigned int seen = 0;
	long offs = 0;

	for (unsigned int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%u", i);
		ASSERT_EQ(0, l4shmc_add_chunk(&self->lib.area, name, 64, &chunk));
	}
	while ((offs = l4shmc_iterate_chunk(&self->watcher, &found, offs)) > 0)
		seen |= *found == 'c' ? 1U << 10 : 1U << (*found - '0');
	EXPECT_EQ(0, offs);
	EXPECT_EQ((1U << 11) - 1, seen);
	/* The names stay: another round gives the same ones. */
	offs = l4shmc_iterate_chunk(&self->watcher, &found, 0);
	EXPECT_GT(offs, 0);
	EXPECT_STREQ("c", found);
}

#define ADDED 300

/* Shared by who adds and who iterates */
struct adding {
	FIXTURE_DATA(lib_chunk) * self;
	unsigned int lists;
};

/* Now and then a list is gone through to its end before it becomes longer. */
static int add_many(void *arg)
{
	struct adding *adding = arg;
	l4shmc_chunk_t chunk;
	char name[16];

	for (unsigned int i = 0; i < ADDED; i++) {
		unsigned int lists = load32(&adding->lists);

		snprintf(name, sizeof(name), "n%u", i);
		CHECK(l4shmc_add_chunk(&adding->self->peer, name, 1 + i % 64, &chunk) == 0);
		CHECK(i % 30 || WAIT_UNTIL_BUSY(load32(&adding->lists) > lists));
	}
	return 0;
}

/* Lists the chunks of add_many() and the one that was there: how many there are */
static unsigned int list_many(struct __test_metadata *_metadata, FIXTURE_DATA(lib_chunk) * self)
{
	bool seen[ADDED] = { false };
	unsigned int count = 0;
	const char *name;
	long offs = 0;

	while ((offs = l4shmc_iterate_chunk(&self->lib.area, &name, offs)) > 0) {
		unsigned long number = strtoul(name + 1, NULL, 10);

		count++;
		if (*name != 'n')
			continue;
		ASSERT_LT(number, ADDED);
		ASSERT_FALSE(seen[number]);
		seen[number] = true;
	}
	ASSERT_EQ(0, offs);
	return count;
}

/* Each round lists at least what the one before did, each chunk once, and in the end all. */
TEST_F(lib_chunk, attack_19_iterates_while_a_peer_adds)
{
	struct adding *adding = shared_page();
	unsigned int before = 0, count, partial = 0;
	pid_t pid;

	ASSERT_NE(NULL, adding);
	adding->self = self;
	pid = spawn(add_many, adding);
	while (before < 1 + ADDED) {
		count = list_many(_metadata, self);
		ASSERT_GE(count, before);
		partial += count > before && count < 1 + ADDED;
		before = count;
		store32(&adding->lists, adding->lists + 1);
	}
	EXPECT_EQ(1 + ADDED, before);
	EXPECT_EQ(0, reap(pid));
	/* It was seen while it grew. */
	EXPECT_GT(partial, 0);
}

TEST_F(lib_chunk, iterate_refuses)
{
	const char *name = "untouched";
	l4shmc_area_t area;

	EXPECT_EQ(-L4_EINVAL, l4shmc_iterate_chunk(&self->peer, NULL, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_iterate_chunk(&self->peer, &name, -1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_iterate_chunk(&self->peer, &name, LONG_MIN));
	EXPECT_EQ(0, l4shmc_iterate_chunk(&self->peer, &name, LONG_MAX));
	EXPECT_EQ(0, l4shmc_iterate_chunk(&self->peer, &name, 1L << 32));
	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 1, 0600, 0));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(0, l4shmc_iterate_chunk(&area, &name, 0));
	EXPECT_STREQ("untouched", name);
}

/* States */

TEST_F(lib_chunk, goes_round)
{
	EXPECT_EQ(0, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(0, l4shmc_is_chunk_clear(&self->theirs));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->mine, 5));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(5, l4shmc_chunk_size(&self->theirs));
	EXPECT_EQ(0, l4shmc_chunk_try_to_take_for_reading(&self->theirs));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->mine));
	EXPECT_EQ(0, l4shmc_is_chunk_clear(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_consumed(&self->theirs));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_try_to_take_for_writing(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->mine, 0));
	EXPECT_EQ(0, l4shmc_chunk_size(&self->theirs));
	EXPECT_EQ(0, l4shmc_chunk_try_to_take_for_overwriting(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->mine, CAPACITY));
	EXPECT_EQ(CAPACITY, l4shmc_chunk_size(&self->theirs));
}

/* Each take works from one state only. */
TEST_F(lib_chunk, takes_check_the_state)
{
	/* Clear */
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_overwriting(&self->mine));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(&self->mine));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take(&self->mine));
	/* Being written */
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->theirs));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_writing(&self->theirs));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_overwriting(&self->theirs));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(&self->theirs));
	ASSERT_EQ(0, l4shmc_chunk_ready(&self->mine, 1));
	/* Ready */
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->theirs));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_writing(&self->theirs));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_reading(&self->theirs));
	/* Being read */
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_overwriting(&self->mine));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(&self->mine));
}

/* Programs rely on ready and consumed from whatever state it is in. */
TEST_F(lib_chunk, ready_and_consumed_do_not)
{
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->mine, 7));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->theirs, 8));
	EXPECT_EQ(8, l4shmc_chunk_size(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_consumed(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_consumed(&self->mine));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(&self->theirs));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_consumed(&self->theirs));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(&self->mine));
}

TEST_F(lib_chunk, size_is_at_most_the_capacity)
{
	ASSERT_EQ(0, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(&self->mine, CAPACITY + 1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(&self->mine, ~0UL));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(0, l4shmc_chunk_ready(&self->mine, CAPACITY));
}

TEST_F(lib_chunk, attack_21_nonsense_of_a_peer_is_told)
{
	union l4shmc_record *control = map_control(l4shmc_area_fd(&self->peer),
						   PROT_READ | PROT_WRITE);
	int index = chunk_find(l4shmc_area_fd(&self->peer), "c", 0);
	static const __u64 sizes[] = { CAPACITY + 1, 1ULL << 32, 1ULL << 63, ~0ULL };

	ASSERT_NE(MAP_FAILED, control);
	ASSERT_GE(index, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		control[index].chunk.message_size = sizes[i];
		EXPECT_EQ(-L4_EIO, l4shmc_chunk_size(&self->mine));
	}
	control[index].chunk.state = 0xffffffff;
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->mine));
	EXPECT_EQ(0, l4shmc_is_chunk_clear(&self->mine));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->mine));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(&self->mine));
	EXPECT_EQ(CAPACITY, l4shmc_chunk_capacity(&self->mine));
}

struct flipper {
	struct l4shmc_chunk_record *record;
	unsigned char *payload;
	bool stop;
};

/* Never stores a size between CAPACITY and the huge ones. */
static void *flip_record(void *arg)
{
	static const __u64 sizes[] = { 10, ~0ULL, CAPACITY, 1ULL << 32, CAPACITY + 1, 0 };
	struct flipper *flipper = arg;
	__u32 value;

	for (unsigned int i = 0; !__atomic_load_n(&flipper->stop, __ATOMIC_RELAXED); i++) {
		value = i % 7 ? chunk_state(i % 5, i % 3) : i * 2654435761U;
		store32(&flipper->record->state, value);
		*(volatile __u64 *)&flipper->record->message_size = sizes[i % ARRAY_SIZE(sizes)];
		flipper->payload[i % CAPACITY] = (unsigned char)i;
	}
	return NULL;
}

/* A size that was checked is the one that is returned, whatever stands there next. */
TEST_F(lib_chunk, attack_21_record_that_changes_between_check_and_use)
{
	union l4shmc_record *control = map_control(l4shmc_area_fd(&self->peer),
						   PROT_READ | PROT_WRITE);
	int index = chunk_find(l4shmc_area_fd(&self->peer), "c", 0);
	struct flipper flipper = { .payload = l4shmc_chunk_ptr(&self->theirs) };
	unsigned int good = 0, bad = 0;
	pthread_t thread;

	ASSERT_NE(MAP_FAILED, control);
	ASSERT_GE(index, 0);
	flipper.record = &control[index].chunk;
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip_record, &flipper));
	while ((good < rounds(1000) || bad < rounds(1000)) && good + bad < 100000000) {
		long size = l4shmc_chunk_size(&self->mine);
		long taken = l4shmc_chunk_try_to_take_for_reading(&self->mine);

		ASSERT_TRUE((size >= 0 && size <= CAPACITY) || size == -L4_EIO);
		ASSERT_TRUE(taken == 0 || taken == -L4_EBUSY);
		good += size >= 0;
		bad += size < 0;
		taken = l4shmc_chunk_try_to_take(&self->mine);
		ASSERT_TRUE(taken == 0 || taken == -L4_EPERM);
		ASSERT_EQ(0, l4shmc_chunk_ready(&self->mine, CAPACITY));
		ASSERT_EQ(0, l4shmc_chunk_consumed(&self->mine));
	}
	__atomic_store_n(&flipper.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_GE(good, rounds(1000));
	EXPECT_GE(bad, rounds(1000));
	EXPECT_EQ(CAPACITY, l4shmc_chunk_capacity(&self->mine));
}

TEST_F(lib_chunk, observer_looks_only)
{
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->watched));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_writing(&self->watched));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_overwriting(&self->watched));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_reading(&self->watched));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_ready(&self->watched, 1));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_consumed(&self->watched));
	ASSERT_EQ(0, l4shmc_chunk_ready(&self->mine, 3));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(&self->watched));
	EXPECT_EQ(3, l4shmc_chunk_size(&self->watched));
}

/* The signal of a chunk */

TEST_F(lib_chunk, without_a_signal)
{
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(&self->mine, 1));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_chunk(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_to(&self->mine, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_try(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_connect_chunk_signal(&self->mine, NULL));
}

TEST_F(lib_chunk, with_a_signal)
{
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(&self->mine, &self->signal));
	EXPECT_EQ(&self->signal, l4shmc_chunk_signal(&self->mine));
	EXPECT_EQ(0, l4shmc_enable_chunk(&self->mine));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_try(&self->mine));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_to(&self->mine, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(0, l4shmc_chunk_ready_sig(&self->mine, 9));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(&self->theirs));
	EXPECT_EQ(9, l4shmc_chunk_size(&self->theirs));
	EXPECT_EQ(0, l4shmc_wait_chunk(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(&self->mine, CAPACITY + 1));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_try(&self->mine));
	EXPECT_EQ(0, l4shmc_chunk_ready_sig(&self->mine, 9));
	EXPECT_EQ(0, l4shmc_wait_chunk_to(&self->mine, L4_IPC_BOTH_TIMEOUT_0));
	EXPECT_EQ(0, l4shmc_chunk_ready_sig(&self->mine, 9));
	EXPECT_EQ(0, l4shmc_wait_chunk_try(&self->mine));
	/* A copy has the same one. */
	self->theirs = self->mine;
	EXPECT_EQ(&self->signal, l4shmc_chunk_signal(&self->theirs));
}

TEST_F(lib_chunk, signal_may_be_filled_in_later)
{
	l4shmc_signal_t late;

	memset(&late, 0, sizeof(late));
	EXPECT_EQ(0, l4shmc_connect_chunk_signal(&self->mine, &late));
	EXPECT_EQ(&late, l4shmc_chunk_signal(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(&self->mine, 1));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(&self->mine));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_try(&self->mine));
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "late", &late));
	EXPECT_EQ(0, l4shmc_chunk_ready_sig(&self->mine, 1));
	EXPECT_EQ(0, l4shmc_wait_chunk(&self->mine));
}

TEST_F(lib_chunk, signal_of_an_observer)
{
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(&self->watched, &self->signal));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_ready_sig(&self->watched, 1));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&self->signal));
}

/* Descriptors that stand for nothing (any more) */

static void expect_no_chunk(struct __test_metadata *_metadata, l4shmc_chunk_t *chunk,
			    l4shmc_signal_t *signal)
{
	EXPECT_EQ(-L4_EINVAL, l4shmc_connect_chunk_signal(chunk, signal));
	EXPECT_EQ(NULL, l4shmc_chunk_ptr(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_capacity(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_size(chunk));
	EXPECT_EQ(NULL, l4shmc_chunk_signal(chunk));
	EXPECT_EQ(0, l4shmc_check_magic(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_writing(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_overwriting(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_reading(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(chunk, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(chunk, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_is_chunk_clear(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_is_chunk_ready(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_chunk(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_to(chunk, L4_IPC_NEVER));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_try(chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_consumed(chunk));
}

TEST_F(lib_chunk, null_zero_garbage)
{
	l4shmc_chunk_t chunk;

	expect_no_chunk(_metadata, NULL, &self->signal);
	memset(&chunk, 0, sizeof(chunk));
	expect_no_chunk(_metadata, &chunk, &self->signal);
	memset(&chunk, 0xa5, sizeof(chunk));
	expect_no_chunk(_metadata, &chunk, &self->signal);
}

TEST_F(lib_chunk, of_a_detached_area)
{
	l4shmc_chunk_t copy = self->theirs;

	ASSERT_EQ(0, l4shmc_detach(&self->peer));
	expect_no_chunk(_metadata, &self->theirs, &self->signal);
	expect_no_chunk(_metadata, &copy, &self->signal);
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	expect_no_chunk(_metadata, &self->theirs, &self->signal);
	EXPECT_EQ(1, l4shmc_check_magic(&self->mine));
}

/* Both sides at work, in two processes */

#define MESSAGES rounds(2000)

static int produce(void *arg)
{
	FIXTURE_DATA(lib_chunk) * self = arg;
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t full, empty;

	CHECK(l4shmc_attach(self->lib.name, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "c", &chunk) == 0);
	CHECK(l4shmc_get_signal(&area, "full", &full) == 0);
	CHECK(l4shmc_get_signal(&area, "empty", &empty) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &full) == 0);
	for (unsigned int i = 1; i <= MESSAGES; i++) {
		while (l4shmc_chunk_try_to_take(&chunk) == -L4_EPERM)
			CHECK(l4shmc_wait_signal(&empty) == 0);
		memset(l4shmc_chunk_ptr(&chunk), (int)i, i % CAPACITY);
		CHECK(l4shmc_chunk_ready_sig(&chunk, i % CAPACITY) == 0);
	}
	return 0;
}

static bool is_message(l4shmc_chunk_t *chunk, unsigned int number)
{
	const unsigned char *bytes = l4shmc_chunk_ptr(chunk);
	long size = l4shmc_chunk_size(chunk);

	for (long i = 0; i < size; i++)
		if (bytes[i] != (unsigned char)number)
			return false;
	return size == number % CAPACITY;
}

TEST_F(lib_chunk, carries_messages)
{
	l4shmc_signal_t full, empty;
	pid_t pid;

	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "full", &full));
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "empty", &empty));
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(&self->mine, &full));
	pid = spawn(produce, self);
	for (unsigned int i = 1; i <= MESSAGES; i++) {
		while (l4shmc_chunk_try_to_take_for_reading(&self->mine) == -L4_EBUSY)
			ASSERT_EQ(0, l4shmc_wait_chunk(&self->mine));
		ASSERT_TRUE(is_message(&self->mine, i));
		ASSERT_EQ(0, l4shmc_chunk_consumed(&self->mine));
		ASSERT_EQ(0, l4shmc_trigger(&empty));
	}
	EXPECT_EQ(0, reap(pid));
}

/* Taking, filling and giving away need no kernel. */
static int cycle_silently(void *arg)
{
	FIXTURE_DATA(lib_chunk) * self = arg;
	const unsigned int cycles = rounds(200000);

	if (forbid_system_calls())
		return KSFT_SKIP;
	for (unsigned int i = 0; i < cycles; i++) {
		CHECK(l4shmc_chunk_try_to_take(&self->mine) == 0);
		CHECK(l4shmc_chunk_ready_sig(&self->mine, i % CAPACITY) == 0);
		CHECK(l4shmc_wait_chunk(&self->mine) == 0);
		CHECK(l4shmc_is_chunk_ready(&self->theirs) == 1);
		CHECK(l4shmc_chunk_try_to_take_for_reading(&self->theirs) == 0);
		CHECK(l4shmc_chunk_size(&self->theirs) == i % CAPACITY);
		CHECK(l4shmc_chunk_consumed(&self->theirs) == 0);
	}
	return 0;
}

TEST_F(lib_chunk, needs_no_system_call)
{
	int result;

	ASSERT_EQ(0, l4shmc_connect_chunk_signal(&self->mine, &self->signal));
	result = run_child(cycle_silently, self);
	if (result == KSFT_SKIP)
		SKIP(return, "no seccomp");
	EXPECT_EQ(0, result);
}

TEST_HARNESS_MAIN
