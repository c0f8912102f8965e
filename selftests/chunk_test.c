// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chunks: where they lie, what fits, how they are found, and a record that
 * anybody may scribble over.
 */
#include "common.h"

FIXTURE(chunk)
{
	struct area area;
	union l4shmc_record *control;
};

FIXTURE_SETUP(chunk)
{
	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
}

FIXTURE_TEARDOWN(chunk)
{
	drop_area(&self->area);
}

static __u64 area_free(int fd)
{
	struct l4shmc_ioc_area_info info;

	return area_info(fd, &info) ? ~0ULL : info.area_free;
}

TEST_F(chunk, is_added_and_found)
{
	struct l4shmc_ioc_chunk_next next;
	int index = chunk_add(self->area.fd, "c", 100);

	ASSERT_GE(index, 0);
	EXPECT_EQ(index, chunk_find(self->area.fd, "c", 0));
	EXPECT_EQ(index, chunk_next(self->area.fd, 0, &next));
	EXPECT_EQ((__u32)index, next.index);
	EXPECT_EQ(100, next.capacity);
	EXPECT_EQ(0, next.offset % L4SHMC_CHUNK_ALIGN);
	EXPECT_STREQ("c", next.name);
	EXPECT_EQ(chunk_state(L4SHMC_CHUNK_CLEAR, 0), self->control[index].chunk.state);
	EXPECT_EQ(0, self->control[index].chunk.recovered);
	EXPECT_EQ(0, self->control[index].chunk.message_size);
}

TEST_F(chunk, is_seen_by_all)
{
	int index = chunk_add(self->area.fd, "c", 100);
	int second = area_attach(self->area.dev, self->area.name, 0);
	int observer = area_attach(self->area.dev, self->area.name, L4SHMC_ATTACH_OBSERVER);
	struct l4shmc_ioc_chunk_next next;

	ASSERT_GE(index, 0);
	EXPECT_EQ(index, chunk_find(second, "c", 0));
	EXPECT_EQ(index, chunk_find(observer, "c", 0));
	EXPECT_EQ(index, chunk_next(observer, 0, &next));
	EXPECT_ERR(EBADF, chunk_add(observer, "d", 100));
	EXPECT_ERR(EEXIST, chunk_add(second, "c", 100));
	EXPECT_EQ(DEFAULT_AREA_SIZE - 128, area_free(second));
}

TEST_F(chunk, outlives_the_client_that_added_it)
{
	int second = area_attach(self->area.dev, self->area.name, 0);
	int index = chunk_add(second, "c", 100);

	close(second);
	ASSERT_GE(index, 0);
	EXPECT_EQ(index, chunk_find(self->area.fd, "c", 0));
	EXPECT_ERR(EEXIST, chunk_add(self->area.fd, "c", 100));
}

TEST_F(chunk, has_a_name_space_of_its_own)
{
	int index = chunk_add(self->area.fd, "same", 1);
	int signal = signal_open(self->area.fd, "same", 0);
	struct l4shmc_ioc_signal_info info;

	ASSERT_GE(index, 0);
	ASSERT_GE(signal, 0);
	ASSERT_EQ(0, signal_info(signal, &info));
	EXPECT_NE((__u32)index, info.index);
	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, self->area.name, 0));
}

FIXTURE(capacity)
{
	struct area area;
};

FIXTURE_VARIANT(capacity)
{
	__u64 capacity;
	int error;
	/* What is left afterwards */
	__u64 rest;
};

FIXTURE_VARIANT_ADD(capacity, none)
{
	.capacity = 0, .error = EINVAL, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, one)
{
	.capacity = 1, .rest = DEFAULT_AREA_SIZE - 64,
};

FIXTURE_VARIANT_ADD(capacity, align)
{
	.capacity = 64, .rest = DEFAULT_AREA_SIZE - 64,
};

FIXTURE_VARIANT_ADD(capacity, align_and_1)
{
	.capacity = 65, .rest = DEFAULT_AREA_SIZE - 128,
};

FIXTURE_VARIANT_ADD(capacity, nearly_whole)
{
	.capacity = DEFAULT_AREA_SIZE - 63, .rest = 0,
};

FIXTURE_VARIANT_ADD(capacity, whole)
{
	.capacity = DEFAULT_AREA_SIZE, .rest = 0,
};

FIXTURE_VARIANT_ADD(capacity, whole_and_1)
{
	.capacity = DEFAULT_AREA_SIZE + 1, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, u32_max_and_1)
{
	.capacity = 1ULL << 32, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, s64_max)
{
	.capacity = 0x7fffffffffffffff, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, s64_min)
{
	.capacity = 0x8000000000000000, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, last_that_rounds)
{
	.capacity = 0xffffffffffffffc0, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_VARIANT_ADD(capacity, u64_max)
{
	.capacity = 0xffffffffffffffff, .error = ENOMEM, .rest = DEFAULT_AREA_SIZE,
};

FIXTURE_SETUP(capacity)
{
	make_area(_metadata, &self->area, DEFAULT_AREA_SIZE);
}

FIXTURE_TEARDOWN(capacity)
{
	drop_area(&self->area);
}

TEST_F(capacity, attack_16_of_the_first_chunk)
{
	int index = chunk_add(self->area.fd, "c", variant->capacity);

	EXPECT_EQ(-variant->error, index < 0 ? index : 0);
	EXPECT_EQ(variant->rest, area_free(self->area.fd));
	/* What was refused has taken neither name nor room. */
	if (variant->error) {
		EXPECT_ERR(ENOENT, chunk_find(self->area.fd, "c", 0));
		EXPECT_GE(chunk_add(self->area.fd, "c", DEFAULT_AREA_SIZE), 0);
	}
}

/* With something in the area the sum of offset and capacity is what could wrap. */
TEST_F(capacity, attack_18_of_the_second_chunk)
{
	int first = chunk_add(self->area.fd, "first", 64);
	int index = chunk_add(self->area.fd, "c", variant->capacity);
	bool fits = !variant->error && variant->capacity <= DEFAULT_AREA_SIZE - 64;
	int error = fits ? 0 : variant->error ? variant->error : ENOMEM;

	ASSERT_GE(first, 0);
	EXPECT_EQ(-error, index < 0 ? index : 0);
	EXPECT_EQ(fits ? variant->rest - 64 : DEFAULT_AREA_SIZE - 64, area_free(self->area.fd));
}

/* All capacities that become 0 when they are rounded up */
TEST_F(chunk, attack_17_rounding_that_overflows)
{
	for (__u64 capacity = ~0ULL; capacity > ~0ULL - L4SHMC_CHUNK_ALIGN + 1; capacity--) {
		EXPECT_ERR(ENOMEM, chunk_add(self->area.fd, "c", capacity)) {
			TH_LOG("capacity 0x%llx", capacity);
		}
	}
	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, "c", 0));
	EXPECT_EQ(DEFAULT_AREA_SIZE, area_free(self->area.fd));
}

TEST_F(chunk, of_all_that_is_free_fits_and_one_byte_more_does_not)
{
	char name[L4SHMC_NAME_SIZE];

	for (unsigned int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		ASSERT_GE(chunk_add(self->area.fd, name, 1 + i * 97), 0);
		EXPECT_ERR(ENOMEM, chunk_add(self->area.fd, "more", area_free(self->area.fd) + 1));
	}
	EXPECT_GE(chunk_add(self->area.fd, "rest", area_free(self->area.fd)), 0);
	EXPECT_EQ(0, area_free(self->area.fd));
	EXPECT_ERR(ENOMEM, chunk_add(self->area.fd, "more", 1));
}

TEST_F(chunk, two_of_nearly_half_fit)
{
	int handle = area_create(self->area.dev, "\xf8", 32768, 0600, 0);
	int fd = area_attach(handle, "", 0);

	ASSERT_GE(fd, 0);
	EXPECT_GE(chunk_add(fd, "a", 16284), 0);
	EXPECT_GE(chunk_add(fd, "b", 16284), 0);
}

/* Odd sizes: none may overlap another or stick out. */
TEST_F(chunk, payloads_are_apart)
{
	struct l4shmc_ioc_chunk_next next;
	char name[L4SHMC_NAME_SIZE];
	unsigned char used[DEFAULT_AREA_SIZE / L4SHMC_CHUNK_ALIGN] = { 0 };
	unsigned int added = 0, found = 0, seed = 1;

	for (;;) {
		__u64 capacity;

		seed = seed * 1103515245 + 12345;
		capacity = 1 + (seed >> 16) % 3000;
		snprintf(name, sizeof(name), "c%u", added);
		if (chunk_add(self->area.fd, name, capacity) < 0)
			break;
		added++;
	}
	ASSERT_GT(added, 10);
	for (int i = 0; (i = chunk_next(self->area.fd, (__u32)i, &next)) >= 0; i++) {
		__u64 from = next.offset / L4SHMC_CHUNK_ALIGN;
		__u64 to = (next.offset + next.capacity - 1) / L4SHMC_CHUNK_ALIGN;

		found++;
		ASSERT_EQ(0, next.offset % L4SHMC_CHUNK_ALIGN);
		ASSERT_LE(next.offset + next.capacity, DEFAULT_AREA_SIZE);
		for (; from <= to; from++)
			ASSERT_EQ(0, used[from]++);
	}
	EXPECT_EQ(added, found);
}

TEST_F(chunk, list_goes_by_index_and_ends)
{
	struct l4shmc_ioc_chunk_next next;
	int indices[5], index = 0;
	char name[L4SHMC_NAME_SIZE];

	EXPECT_ERR(ENOENT, chunk_next(self->area.fd, 0, &next));
	for (unsigned int i = 0; i < ARRAY_SIZE(indices); i++) {
		snprintf(name, sizeof(name), "c%u", i);
		indices[i] = chunk_add(self->area.fd, name, 64);
		ASSERT_GE(indices[i], 0);
		/* Signals take records too, and are no chunks. */
		ASSERT_GE(signal_open(self->area.fd, name, 0), 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(indices); i++) {
		int least = INT32_MAX;

		for (unsigned int k = 0; k < ARRAY_SIZE(indices); k++)
			if (indices[k] >= index && indices[k] < least)
				least = indices[k];
		EXPECT_EQ(least, chunk_next(self->area.fd, (__u32)index, &next));
		index = least + 1;
	}
	EXPECT_ERR(ENOENT, chunk_next(self->area.fd, (__u32)index, &next));
}

TEST_F(chunk, attack_68_list_may_be_asked_for_any_index)
{
	const int index = chunk_add(self->area.fd, "c", 64);
	const __u32 wild[] = { (__u32)index + 1, L4SHMC_MAX_RECORDS - 1,
			       L4SHMC_MAX_RECORDS, L4SHMC_MAX_RECORDS + 1,
			       0x7fffffff, 0x80000000, ~0U };
	struct l4shmc_ioc_chunk_next next;

	ASSERT_GE(index, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(wild); i++)
		EXPECT_ERR(ENOENT, chunk_next(self->area.fd, wild[i], &next));
}

/* Find */

TEST_F(chunk, find_looks_once_with_no_time)
{
	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, "c", 0));
}

TEST_F(chunk, find_ends_with_enoent_after_its_time)
{
	__u64 start = now_ns();

	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, "c", 20 * NS_PER_MS));
	EXPECT_GE(now_ns() - start, 20 * NS_PER_MS);
}

static int find_later(void *arg)
{
	FIXTURE_DATA(chunk) * self = arg;

	CHECK(chunk_find(self->area.fd, "late", L4SHMC_TIMEOUT_NEVER) >= 0);
	return 0;
}

TEST_F(chunk, find_waits_for_the_name)
{
	pid_t pids[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(find_later, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_TRUE(WAIT_UNTIL(task_state(pids[i]) == 'S'));
	ASSERT_GE(chunk_add(self->area.fd, "other", 1), 0);
	nap_us(5000);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, waitpid(pids[i], NULL, WNOHANG));
	ASSERT_GE(chunk_add(self->area.fd, "late", 1), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

TEST_F(chunk, find_is_interrupted)
{
	struct l4shmc_ioc_chunk_find arg = {
		.size = sizeof(arg), .timeout_ns = 200 * NS_PER_MS, .name = "never",
	};
	__u64 start = now_ns();
	int result;

	EXPECT_GT(interrupted_command(self->area.fd, L4SHMC_IOC_CHUNK_FIND, &arg, &arg.timeout_ns,
				      &result), 0);
	EXPECT_ERR(ENOENT, result);
	EXPECT_GE(now_ns() - start, 200 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
}

/* The rest cannot be written. */
TEST_F(chunk, attack_03_interrupted_find_with_a_read_only_struct)
{
	const struct l4shmc_ioc_chunk_find arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER - 1, .name = "c",
	};
	void *copy = read_only_copy(&arg, sizeof(arg));

	ASSERT_NE(NULL, copy);
	interrupt_every(5000);
	EXPECT_ERR(EFAULT, command(self->area.fd, L4SHMC_IOC_CHUNK_FIND, copy));
	interrupt_every(0);
	ASSERT_GE(chunk_add(self->area.fd, "c", 1), 0);
	EXPECT_EQ(chunk_find(self->area.fd, "c", 0),
		  command(self->area.fd, L4SHMC_IOC_CHUNK_FIND, copy));
}

TEST_F(chunk, find_takes_the_largest_finite_time)
{
	pid_t child = fork();

	if (child == 0)
		_exit(chunk_find(self->area.fd, "late", L4SHMC_TIMEOUT_NEVER - 1) >= 0 ? 0 : 1);
	EXPECT_TRUE(WAIT_UNTIL(task_state(child) == 'S'));
	ASSERT_GE(chunk_add(self->area.fd, "late", 1), 0);
	EXPECT_EQ(0, reap(child));
}

/* Peers that do as they like */

#define ADDED 200

/* Shared by who adds and who lists */
struct adding {
	int fd;
	unsigned int lists;
};

/* Now and then a list is gone through to its end before it becomes longer. */
static int add_chunks(void *arg)
{
	struct adding *adding = arg;
	char name[L4SHMC_NAME_SIZE];

	for (unsigned int i = 0; i < ADDED; i++) {
		unsigned int lists = load32(&adding->lists);

		snprintf(name, sizeof(name), "c%u", i);
		CHECK(chunk_add(adding->fd, name, 64 + i) >= 0);
		CHECK(i % 20 || WAIT_UNTIL_BUSY(load32(&adding->lists) > lists));
	}
	return 0;
}

TEST_F(chunk, attack_19_list_is_consistent_while_chunks_are_added)
{
	struct adding *adding = shared_page();
	unsigned int seen = 0, partial = 0, number;
	struct l4shmc_ioc_chunk_next next;
	pid_t child;

	ASSERT_NE(NULL, adding);
	adding->fd = self->area.fd;
	child = spawn(add_chunks, adding);
	while (seen < ADDED) {
		unsigned int count = 0;

		for (int i = 0; (i = chunk_next(self->area.fd, (__u32)i, &next)) >= 0; i++) {
			ASSERT_EQ('c', next.name[0]);
			number = (unsigned int)strtoul(next.name + 1, NULL, 10);
			ASSERT_EQ(64 + number, next.capacity);
			count++;
		}
		ASSERT_GE(count, seen);
		partial += count > seen && count < ADDED;
		seen = count;
		store32(&adding->lists, adding->lists + 1);
	}
	EXPECT_EQ(0, reap(child));
	/* It was seen while it grew. */
	EXPECT_GT(partial, 0);
}

static void scribble(void *at, size_t size, unsigned int seed)
{
	__u32 *words = at;

	for (size_t i = 0; i < size / sizeof(*words); i++) {
		seed = seed * 1664525 + 1013904223;
		words[i] = seed;
	}
}

/* The driver knows for itself what it has to know. */
TEST_F(chunk, attack_20_records_may_hold_anything)
{
	struct l4shmc_ioc_chunk_next next;
	int first = chunk_add(self->area.fd, "first", 1000);
	int signal = signal_open(self->area.fd, "s", 0);

	for (unsigned int i = 1; i <= rounds(20); i++) {
		int fd = area_attach(self->area.handle, "", 0);

		ASSERT_GE(fd, 0);
		scribble(self->control, 16 * page_size(), i);
		ASSERT_EQ(first, chunk_next(fd, 0, &next));
		EXPECT_EQ(1000, next.capacity);
		EXPECT_STREQ("first", next.name);
		EXPECT_EQ(first, chunk_find(fd, "first", 0));
		EXPECT_EQ(DEFAULT_AREA_SIZE - 1024, area_free(fd));
		EXPECT_ERR(ENOMEM, chunk_add(fd, "huge", DEFAULT_AREA_SIZE));
		EXPECT_EQ(0, signal_trigger(signal));
		signal_wait(signal, 0);
		scribble(self->control, 16 * page_size(), ~i);
		close(fd);
		EXPECT_ERR(ENOENT, chunk_next(self->area.fd, (__u32)first + 1, &next));
	}
	/* A new record starts clean whatever stood there. */
	first = chunk_add(self->area.fd, "second", 1);
	ASSERT_GE(first, 0);
	EXPECT_EQ(0, self->control[first].chunk.state);
	EXPECT_EQ(0, self->control[first].chunk.recovered);
	EXPECT_EQ(0, self->control[first].chunk.message_size);
}

struct wild {
	__u32 *words;
	bool stop;
};

static void *flip_words(void *arg)
{
	struct wild *wild = arg;

	for (unsigned int i = 0; !__atomic_load_n(&wild->stop, __ATOMIC_RELAXED); i++)
		scribble(wild->words, 4 * L4SHMC_RECORD_SIZE, i);
	return NULL;
}

/* State and size change between any two looks of the driver. */
TEST_F(chunk, attack_21_records_may_change_at_any_time)
{
	struct wild wild = { .words = (__u32 *)self->control };
	struct l4shmc_ioc_chunk_next next;
	char text[64];
	pthread_t thread;
	int signal, index = chunk_add(self->area.fd, "c", 64);

	ASSERT_GE(index, 0);
	signal = signal_open(self->area.fd, "s", 0);
	ASSERT_GE(signal, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip_words, &wild));
	for (unsigned int i = rounds(100); i > 0; i--) {
		int fd = area_attach(self->area.handle, "", 0);

		ASSERT_GE(fd, 0);
		EXPECT_EQ(0, signal_trigger(signal));
		signal_wait(signal, 1000);
		sysfs_read(text, sizeof(text), self->area.name, "chunks/c/state");
		sysfs_read(text, sizeof(text), self->area.name, "chunks/c/size");
		ASSERT_EQ(index, chunk_next(fd, 0, &next));
		EXPECT_EQ(64, next.capacity);
		close(fd);
	}
	__atomic_store_n(&wild.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* As many records as there can be, chunks and signals together */
TEST_F_TIMEOUT(chunk, attack_16_table_is_full, 600)
{
	int handle = area_create(self->area.dev, "\xf8", L4SHMC_MAX_RECORDS * 80ULL, 0600, 0);
	int fd = area_attach(handle, "", 0);
	char name[L4SHMC_NAME_SIZE];
	unsigned int count = 0;
	int index, last = -1;

	ASSERT_GE(fd, 0);
	/* Entries in sysfs take most of the time: loops that are to be short leave them out. */
	if (rounds(100) < 100)
		ASSERT_EQ(0, area_unlink(handle, ""));
	do {
		snprintf(name, sizeof(name), "%u", count);
		index = chunk_add(fd, name, 1);
		last = index >= 0 ? index : last;
	} while (index >= 0 && ++count);
	EXPECT_ERR(ENOSPC, index);
	EXPECT_EQ(L4SHMC_MAX_RECORDS, count);
	EXPECT_EQ(L4SHMC_MAX_RECORDS - 1, last);
	EXPECT_ERR(ENOSPC, signal_open(fd, "s", 0));
	EXPECT_ERR(ENOSPC, signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0));
	EXPECT_EQ(last, chunk_find(fd, "65535", 0));
}

TEST_HARNESS_MAIN
