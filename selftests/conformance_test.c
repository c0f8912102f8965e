// SPDX-License-Identifier: GPL-2.0-only
/* The API of <l4/shmc/shmc.h> as it is documented, row by row. */
#include "conformance.h"

/* Areas: l4shmc_create() */

static int peer_creates_it_too(void)
{
	CHECK(l4shmc_create(AREA) == 0);
	return 0;
}

TEST_F(api, create_of_an_existing_area)
{
	ASSERT_EQ(0, l4shmc_create(AREA));
	WITH_PEER(peer_creates_it_too);
}

static int peer_creates_with_a_size(void)
{
	CHECK(l4shmc_create(AREA, 8192) == -L4_EEXIST);
	CHECK(l4shmc_create("conformance-2", 12288) == 0);
	CHECK(l4shmc_create("conformance-2", 12288) == -L4_EEXIST);
	return 0;
}

TEST_F(api, create_with_a_size)
{
	long (*create)(char const *name) = &l4shmc_create;

	WITH_PEER(peer_creates_with_a_size);
	EXPECT_EQ(0, create(AREA));
}

static int peer_attaches_to_a_sized_area(void)
{
	l4shmc_area_t area;

	CHECK(l4shmc_create("conformance-3", 12288) == 0);
	CHECK(l4shmc_attach("conformance-3", &area) == 0);
	CHECK(l4shmc_area_size(&area) == 12288);
	return 0;
}

TEST_F(api, create_makes_that_size)
{
	WITH_PEER(peer_attaches_to_a_sized_area);
}

TEST_F(alone, create_with_a_bad_name)
{
	static const char *const names[] = { "", ".", ".x", "@x", "a/b", "a\nb", "a\x1b", "\x7f" };
	char name[70];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(-L4_EINVAL, l4shmc_create(names[i]));
	memset(name, 'n', sizeof(name));
	name[64] = 0;
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_create(name));
	name[63] = 0;
	EXPECT_EQ(0, l4shmc_create(name));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create(NULL));
}

TEST_F(alone, create_too_large)
{
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create("conformance-4", ~(l4_umword_t)0));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create("conformance-4", ~(l4_umword_t)0 << 12));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create("conformance-4", 0));
	/* Nothing is left of them. */
	EXPECT_EQ(0, l4shmc_create("conformance-4", 4096));
}

/* Areas: l4shmc_attach() */

TEST_F(alone, attach_to_no_area)
{
	l4shmc_area_t area;

	EXPECT_EQ(-L4_ENOENT, l4shmc_attach("conformance-none", &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach(NULL, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach(AREA, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach("", &area));
}

static int peer_attaches_twice(void)
{
	l4shmc_area_t one, two;

	CHECK(l4shmc_attach(AREA, &one) == 0);
	CHECK(l4shmc_attach(AREA, &two) == 0);
	CHECK(l4shmc_get_client_nr(&one) == 1);
	CHECK(l4shmc_get_client_nr(&two) == 2);
	return 0;
}

TEST_F(api, attach_makes_a_client_each_time)
{
	EXPECT_EQ(0, l4shmc_get_client_nr(self->area));
	WITH_PEER(peer_attaches_twice);
	EXPECT_EQ(0, l4shmc_get_client_nr(self->area));
}

static int peer_writes_memory(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	memset(l4shmc_chunk_ptr(&chunk), 0x5a, CHUNK_BYTES);
	return 0;
}

TEST_F(api, attach_shares_memory)
{
	unsigned char *bytes = l4shmc_chunk_ptr(self->chunk);

	WITH_PEER(peer_writes_memory);
	for (size_t i = 0; i < CHUNK_BYTES; i++)
		ASSERT_EQ(0x5a, bytes[i]);
}

TEST_F(api, client_number_is_used_again)
{
	for (size_t i = 0; i < 3; i++) {
		pid_t child = fork();

		ASSERT_LE(0, child);
		if (!child)
			_exit(peer_attaches_twice());
		/* Both clients end with the process. */
		ASSERT_EQ(0, reap(child));
	}
	WITH_PEER(peer_attaches_twice);
}

static int peer_creates_late(void)
{
	l4_usleep(20000);
	CHECK(l4shmc_create("conformance-late") == 0);
	l4_usleep(200000);
	return 0;
}

TEST_F(api, attach_to_waits_for_the_area)
{
	l4shmc_area_t area;

	START(peer_creates_late);
	EXPECT_EQ(0, l4shmc_attach_to("conformance-late", LONG_MS, &area));
	EXPECT_LT(0, l4shmc_area_size(&area));
	FINISH();
}

TEST_F(alone, attach_to_gives_up)
{
	l4shmc_area_t area;

	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_to("conformance-none", 5, &area));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_to("conformance-none", 0, &area));
	EXPECT_EQ(0, l4shmc_attach_to(AREA, 0, &area));
}

/* Areas: clients */

TEST_F(alone, get_client_nr_of_nothing)
{
	l4shmc_area_t none = { 0 };

	EXPECT_EQ(-L4_EINVAL, l4shmc_get_client_nr(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_client_nr(&none));
}

static int peer_marks_itself(void)
{
	l4_umword_t mask = 0;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_initialized_clients(&area, &mask) == 0 && mask == 1);
	CHECK(l4shmc_mark_client_initialized(&area) == 0);
	CHECK(l4shmc_get_initialized_clients(&area, &mask) == 0 && mask == 3);
	return 0;
}

TEST_F(api, initialized_clients)
{
	l4_umword_t mask = 7;

	ASSERT_EQ(0, l4shmc_get_initialized_clients(self->area, &mask));
	EXPECT_EQ(0, mask);
	ASSERT_EQ(0, l4shmc_mark_client_initialized(self->area));
	WITH_PEER(peer_marks_itself);
	ASSERT_EQ(0, l4shmc_get_initialized_clients(self->area, &mask));
	/* A process that has ended is no client. */
	EXPECT_EQ(variant->processes ? 1 : 3, mask);
}

TEST_F(alone, mark_client_initialized_twice)
{
	l4_umword_t mask = 0;

	EXPECT_EQ(0, l4shmc_mark_client_initialized(self->area));
	EXPECT_EQ(0, l4shmc_mark_client_initialized(self->area));
	EXPECT_EQ(0, l4shmc_get_initialized_clients(self->area, &mask));
	EXPECT_EQ(1, mask);
	EXPECT_EQ(-L4_EINVAL, l4shmc_mark_client_initialized(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_initialized_clients(self->area, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_initialized_clients(NULL, &mask));
}

TEST_F(alone, mark_client_initialized_beyond_the_mask)
{
	static l4shmc_area_t areas[64];

	for (size_t i = 0; i < 64; i++)
		ASSERT_EQ(0, l4shmc_attach(AREA, &areas[i]));
	EXPECT_EQ(63, l4shmc_get_client_nr(&areas[62]));
	EXPECT_EQ(0, l4shmc_mark_client_initialized(&areas[62]));
	EXPECT_EQ(-L4_EINVAL, l4shmc_mark_client_initialized(&areas[63]));
}

/*
 * What a program does that waits for its partner at the start, and does not
 * leave before it has been seen.
 */
static int barrier(void)
{
	static const char *const names[] = { "seen-by-0", "seen-by-1" };
	l4shmc_signal_t mine, theirs;
	l4_umword_t mask = 0;
	l4shmc_area_t area;
	long nr;

	CHECK(l4shmc_create("conformance-barrier") == 0);
	CHECK(l4shmc_attach("conformance-barrier", &area) == 0);
	nr = l4shmc_get_client_nr(&area);
	CHECK(nr == 0 || nr == 1);
	CHECK(l4shmc_get_signal(&area, names[nr], &mine) == 0);
	CHECK(l4shmc_get_signal(&area, names[1 - nr], &theirs) == 0);
	CHECK(l4shmc_mark_client_initialized(&area) == 0);
	for (int i = 0; i < LONG_MS && mask != 3; i++) {
		CHECK(l4shmc_get_initialized_clients(&area, &mask) == 0);
		CHECK(!(mask & ~(l4_umword_t)3));
		l4_usleep(1000);
	}
	CHECK(mask == 3);
	CHECK(l4shmc_trigger(&mine) == 0);
	CHECK(l4shmc_wait_signal_to(&theirs, LONG) == 0);
	return 0;
}

static void *barrier_thread(void *unused)
{
	(void)unused;
	return barrier() ? (void *)1 : NULL;
}

/* One process with two threads that wait for each other */
static int barrier_of_threads(void)
{
	pthread_t threads[2];
	void *failed[2];

	for (int i = 0; i < 2; i++)
		CHECK(pthread_create(&threads[i], NULL, barrier_thread, NULL) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_join(threads[i], &failed[i]) == 0);
	return failed[0] || failed[1];
}

static int barrier_of_processes(void)
{
	pid_t child = fork();

	CHECK(child >= 0);
	if (!child)
		_exit(barrier());
	return barrier() | reap(child);
}

/* The mask is 3 each time that the program is run. */
TEST_F(api, start_up_barrier)
{
	for (size_t i = 0; i < 3; i++) {
		pid_t child = fork();

		ASSERT_LE(0, child);
		if (!child)
			_exit(variant->processes ? barrier_of_processes() :
						   barrier_of_threads());
		ASSERT_EQ(0, reap(child));
	}
}

/* Areas: sizes */

static int peer_looks_at_sizes(void)
{
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_area_size(&area) == 1024 * 1024);
	CHECK(l4shmc_area_size_free(&area) < l4shmc_area_size(&area));
	return 0;
}

TEST_F(api, area_size)
{
	EXPECT_EQ(1024 * 1024, l4shmc_area_size(self->area));
	WITH_PEER(peer_looks_at_sizes);
	EXPECT_EQ(-L4_EINVAL, l4shmc_area_size(NULL));
}

static int peer_fills_the_area(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;
	long free;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	free = l4shmc_area_size_free(&area);
	CHECK(free > 0);
	CHECK(l4shmc_add_chunk(&area, "large", free - l4shmc_chunk_overhead() + 1, &chunk) ==
	      -L4_ENOMEM);
	CHECK(l4shmc_area_size_free(&area) == free);
	CHECK(l4shmc_add_chunk(&area, "large", free - l4shmc_chunk_overhead(), &chunk) == 0);
	return 0;
}

TEST_F(api, area_size_free_is_exact)
{
	long free = l4shmc_area_size_free(self->area);
	l4shmc_chunk_t chunk;

	WITH_PEER(peer_fills_the_area);
	EXPECT_GT(free, l4shmc_area_size_free(self->area));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(self->area, "small", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_area_size_free(NULL));
}

TEST_F(alone, overhead)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;

	EXPECT_LE(0, l4shmc_area_overhead());
	EXPECT_LE(0, l4shmc_chunk_overhead());
	EXPECT_GE(192, 2 * l4shmc_chunk_overhead() + l4shmc_area_overhead());
	ASSERT_EQ(0, l4shmc_create("conformance-32k", 32 * 1024));
	ASSERT_EQ(0, l4shmc_attach("conformance-32k", &area));
	EXPECT_EQ(32 * 1024 - l4shmc_area_overhead(), l4shmc_area_size_free(&area));
	EXPECT_EQ(0, l4shmc_add_chunk(&area, "one", 16284, &chunk));
	EXPECT_EQ(0, l4shmc_add_chunk(&area, "two", 16284, &chunk));
}

/* Chunks: adding and finding */

static int peer_adds_chunks(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_add_chunk(&area, "chunk", 10, &chunk) == -L4_EEXIST);
	CHECK(l4shmc_add_chunk(&area, "peer", 10, &chunk) == 0);
	CHECK(l4shmc_chunk_capacity(&chunk) == 10);
	strcpy(l4shmc_chunk_ptr(&chunk), "here");
	return 0;
}

TEST_F(api, add_chunk)
{
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_EEXIST, l4shmc_add_chunk(self->area, "chunk", CHUNK_BYTES, &chunk));
	WITH_PEER(peer_adds_chunks);
	EXPECT_EQ(-L4_EEXIST, l4shmc_add_chunk(self->area, "peer", 10, &chunk));
	ASSERT_EQ(0, l4shmc_get_chunk(self->area, "peer", &chunk));
	EXPECT_EQ(10, l4shmc_chunk_capacity(&chunk));
	EXPECT_STREQ("here", l4shmc_chunk_ptr(&chunk));
}

TEST_F(alone, add_chunk_of_a_bad_size)
{
	static const l4_umword_t sizes[] = {
		2 * 1024 * 1024, ~(l4_umword_t)0, ~(l4_umword_t)0 - 63, ~(l4_umword_t)0 / 2,
		~(l4_umword_t)0 / 2 + 1,
	};
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(self->area, "c", 0, &chunk));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(self->area, "c", sizes[i], &chunk));
}

TEST_F(alone, add_chunk_with_a_bad_name)
{
	l4shmc_chunk_t chunk;
	char name[65];

	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(self->area, "", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(self->area, "a/b", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(self->area, NULL, 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(self->area, "x", 1, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(NULL, "x", 1, &chunk));
	memset(name, 'n', 64);
	name[64] = 0;
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_add_chunk(self->area, name, 1, &chunk));
	/* Chunks and signals have name spaces of their own. */
	EXPECT_EQ(0, l4shmc_add_chunk(self->area, "signal", 1, &chunk));
}

static int peer_adds_a_chunk_late(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	l4_usleep(20000);
	CHECK(l4shmc_add_chunk(&area, "late", 10, &chunk) == 0);
	return 0;
}

TEST_F(alone, get_chunk_looks_once)
{
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(self->area, "late", &chunk));
	EXPECT_EQ(0, l4shmc_get_chunk(self->area, "chunk", &chunk));
	EXPECT_EQ(l4shmc_chunk_ptr(self->chunk), l4shmc_chunk_ptr(&chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(self->area, NULL, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(self->area, "chunk", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(NULL, "chunk", &chunk));
}

TEST_F(api, get_chunk_waits_if_the_environment_says_so)
{
	l4shmc_chunk_t chunk;

	setenv("L4SHMC_GET_TIMEOUT_MS", "20000", 1);
	START(peer_adds_a_chunk_late);
	EXPECT_EQ(0, l4shmc_get_chunk(self->area, "late", &chunk));
	FINISH();
	setenv("L4SHMC_GET_TIMEOUT_MS", "5", 1);
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk(self->area, "never", &chunk));
}

TEST_F(api, get_chunk_to_waits)
{
	l4shmc_chunk_t chunk;

	START(peer_adds_a_chunk_late);
	EXPECT_EQ(0, l4shmc_get_chunk_to(self->area, "late", LONG_MS, &chunk));
	EXPECT_EQ(10, l4shmc_chunk_capacity(&chunk));
	FINISH();
}

TEST_F(alone, get_chunk_to_gives_up)
{
	l4shmc_chunk_t chunk;

	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk_to(self->area, "late", 0, &chunk));
	EXPECT_EQ(-L4_ENOENT, l4shmc_get_chunk_to(self->area, "late", 5, &chunk));
	EXPECT_EQ(0, l4shmc_get_chunk_to(self->area, "chunk", 0, &chunk));
}

static int peer_lists_chunks(void)
{
	const char *name = NULL;
	unsigned int seen = 0;
	l4shmc_area_t area;
	long offs = 0;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	while ((offs = l4shmc_iterate_chunk(&area, &name, offs)) > 0) {
		if (!strcmp(name, "chunk"))
			seen |= 1;
		else if (!strcmp(name, "a"))
			seen |= 2;
		else if (!strcmp(name, "b"))
			seen |= 4;
		else
			return 1;
	}
	CHECK(offs == 0 && seen == 7);
	return 0;
}

TEST_F(api, iterate_chunk)
{
	const char *first = NULL, *name = NULL;
	l4shmc_chunk_t chunk;
	long offs;

	ASSERT_EQ(0, l4shmc_add_chunk(self->area, "a", 10, &chunk));
	ASSERT_EQ(0, l4shmc_add_chunk(self->area, "b", 10, &chunk));
	WITH_PEER(peer_lists_chunks);
	offs = l4shmc_iterate_chunk(self->area, &first, 0);
	ASSERT_LT(0, offs);
	ASSERT_LT(0, l4shmc_iterate_chunk(self->area, &name, offs));
	/* The first name is still there. */
	EXPECT_STREQ("chunk", first);
	EXPECT_STREQ("a", name);
}

TEST_F(alone, iterate_chunk_with_bad_arguments)
{
	const char *name;

	EXPECT_GT(0, l4shmc_iterate_chunk(NULL, &name, 0));
	EXPECT_GT(0, l4shmc_iterate_chunk(self->area, NULL, 0));
	EXPECT_GT(0, l4shmc_iterate_chunk(self->area, &name, -1));
	EXPECT_EQ(0, l4shmc_iterate_chunk(self->area, &name, 1L << 30));
}

/* Chunks: facts */

TEST_F(alone, chunk_ptr_and_capacity)
{
	l4shmc_chunk_t none = { 0 };

	EXPECT_EQ(0, (unsigned long)l4shmc_chunk_ptr(self->chunk) % 64);
	EXPECT_EQ(CHUNK_BYTES, l4shmc_chunk_capacity(self->chunk));
	EXPECT_EQ(NULL, l4shmc_chunk_ptr(NULL));
	EXPECT_EQ(NULL, l4shmc_chunk_ptr(&none));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_capacity(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_capacity(&none));
}

static int peer_makes_messages(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	CHECK(l4shmc_chunk_ready(&chunk, 17) == 0);
	return 0;
}

TEST_F(api, chunk_size)
{
	WITH_PEER(peer_makes_messages);
	EXPECT_EQ(17, l4shmc_chunk_size(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 0));
	EXPECT_EQ(0, l4shmc_chunk_size(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, CHUNK_BYTES));
	EXPECT_EQ(CHUNK_BYTES, l4shmc_chunk_size(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_size(NULL));
}

static int peer_triggers_later(void)
{
	struct client me;
	l4shmc_signal_t later;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_get_signal(&me.area, "later", &later) == 0);
	CHECK(l4shmc_trigger(&later) == 0);
	return 0;
}

TEST_F(api, connect_chunk_signal)
{
	l4shmc_signal_t later = { 0 };

	EXPECT_EQ(NULL, l4shmc_chunk_signal(self->chunk));
	EXPECT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, &later));
	EXPECT_EQ(&later, l4shmc_chunk_signal(self->chunk));
	/* It is filled in afterwards. */
	ASSERT_EQ(0, l4shmc_add_signal(self->area, "later", &later));
	WITH_PEER(peer_triggers_later);
	EXPECT_EQ(0, l4shmc_wait_chunk_try(self->chunk));
	/* Another one takes its place. */
	EXPECT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	EXPECT_EQ(self->signal, l4shmc_chunk_signal(self->chunk));
	WITH_PEER(peer_triggers_later);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_try(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_connect_chunk_signal(NULL, &later));
	EXPECT_EQ(NULL, l4shmc_chunk_signal(NULL));
}

TEST_F(alone, check_magic)
{
	l4shmc_chunk_t none = { 0 };

	EXPECT_EQ(1, l4shmc_check_magic(self->chunk));
	EXPECT_EQ(0, l4shmc_check_magic(&none));
	EXPECT_EQ(0, l4shmc_check_magic(NULL));
}

/* Chunks: states, which are the same for all clients */

static int peer_takes(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 1);
	CHECK(l4shmc_chunk_try_to_take(&me.chunk) == 0);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 0);
	CHECK(l4shmc_is_chunk_ready(&me.chunk) == 0);
	CHECK(l4shmc_chunk_ready(&me.chunk, 1) == 0);
	return 0;
}

TEST_F(api, try_to_take)
{
	WITH_PEER(peer_takes);
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_consumed(self->chunk));
	EXPECT_EQ(0, l4shmc_chunk_try_to_take(self->chunk));
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take(NULL));
}

static int peer_cannot_write(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_chunk_try_to_take_for_writing(&me.chunk) == -L4_EPERM);
	CHECK(l4shmc_chunk_try_to_take(&me.chunk) == -L4_EPERM);
	CHECK(l4shmc_chunk_try_to_take_for_overwriting(&me.chunk) == -L4_EBUSY);
	CHECK(l4shmc_chunk_try_to_take_for_reading(&me.chunk) == -L4_EBUSY);
	return 0;
}

TEST_F(api, try_to_take_for_writing)
{
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_writing(self->chunk));
	WITH_PEER(peer_cannot_write);
	EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take_for_writing(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_writing(NULL));
}

static int peer_overwrites(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_chunk_try_to_take_for_overwriting(&me.chunk) == 0);
	CHECK(l4shmc_chunk_try_to_take_for_overwriting(&me.chunk) == -L4_EBUSY);
	CHECK(l4shmc_chunk_ready(&me.chunk, 2) == 0);
	return 0;
}

TEST_F(api, try_to_take_for_overwriting)
{
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_overwriting(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	WITH_PEER(peer_overwrites);
	EXPECT_EQ(2, l4shmc_chunk_size(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_overwriting(self->chunk));
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_overwriting(NULL));
}

TEST_F(api, try_to_take_for_reading)
{
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	EXPECT_EQ(0, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	WITH_PEER(peer_cannot_write);
	EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_try_to_take_for_reading(NULL));
}

static int peer_sees_three_bytes(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_is_chunk_ready(&me.chunk) == 1);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 0);
	CHECK(l4shmc_chunk_size(&me.chunk) == 3);
	return 0;
}

TEST_F(api, ready_from_any_state)
{
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 2));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	EXPECT_EQ(0, l4shmc_is_chunk_ready(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 3));
	WITH_PEER(peer_sees_three_bytes);
}

TEST_F(alone, ready_with_too_much)
{
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(self->chunk, CHUNK_BYTES + 1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(self->chunk, ~(l4_umword_t)0));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready(NULL, 1));
}

static int peer_readies_with_a_signal(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_chunk_ready_sig(&me.chunk, CHUNK_BYTES + 1) == -L4_EINVAL);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 1);
	CHECK(l4shmc_wait_signal_try(&me.signal) == TIMED_OUT);
	CHECK(l4shmc_chunk_ready_sig(&me.chunk, CHUNK_BYTES) == 0);
	return 0;
}

TEST_F(api, ready_sig)
{
	/* Without a signal nothing is changed. */
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(self->chunk, 1));
	EXPECT_EQ(1, l4shmc_is_chunk_clear(self->chunk));
	WITH_PEER(peer_readies_with_a_signal);
	EXPECT_EQ(0, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(CHUNK_BYTES, l4shmc_chunk_size(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_ready_sig(NULL, 1));
}

static int peer_consumes(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 0);
	CHECK(l4shmc_chunk_consumed(&me.chunk) == 0);
	CHECK(l4shmc_is_chunk_clear(&me.chunk) == 1);
	return 0;
}

TEST_F(api, consumed_from_any_state)
{
	EXPECT_EQ(0, l4shmc_chunk_consumed(self->chunk));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take(self->chunk));
	WITH_PEER(peer_consumes);
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	WITH_PEER(peer_consumes);
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	WITH_PEER(peer_consumes);
	EXPECT_EQ(1, l4shmc_is_chunk_clear(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_chunk_consumed(NULL));
}

static int peer_waits_for_ready_by_looking(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	while (!l4shmc_is_chunk_ready(&chunk))
		sched_yield();
	CHECK(*(unsigned int *)l4shmc_chunk_ptr(&chunk) == 0xcafe);
	CHECK(l4shmc_chunk_consumed(&chunk) == 0);
	return 0;
}

TEST_F(api, is_chunk_ready_and_clear_look_each_time)
{
	START(peer_waits_for_ready_by_looking);
	l4_usleep(5000);
	*(unsigned int *)l4shmc_chunk_ptr(self->chunk) = 0xcafe;
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 4));
	while (!l4shmc_is_chunk_clear(self->chunk))
		sched_yield();
	FINISH();
	EXPECT_EQ(-L4_EINVAL, l4shmc_is_chunk_ready(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_is_chunk_clear(NULL));
}

static int peer_takes_and_ends(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	CHECK(l4shmc_chunk_try_to_take(&chunk) == 0);
	return 0;
}

TEST_F(api, chunk_of_an_ended_writer_is_clear)
{
	WITH_PEER(peer_takes_and_ends);
	/* A thread is not the client: that is the attachment, which lives on. */
	EXPECT_EQ(variant->processes, l4shmc_is_chunk_clear(self->chunk));
}

static int peer_reads_and_ends(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	CHECK(l4shmc_chunk_try_to_take_for_reading(&chunk) == 0);
	return 0;
}

TEST_F(api, chunk_of_an_ended_reader_is_ready)
{
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 5));
	WITH_PEER(peer_reads_and_ends);
	EXPECT_EQ(variant->processes, l4shmc_is_chunk_ready(self->chunk));
	EXPECT_EQ(5, l4shmc_chunk_size(self->chunk));
}

/* Chunks: waiting */

TEST_F(alone, chunk_waits_need_a_signal)
{
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_chunk(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_to(self->chunk, LONG));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk_try(self->chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_chunk(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_chunk(NULL));
}

static int peer_sends_a_chunk(void)
{
	l4shmc_signal_t signal;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &signal) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &signal) == 0);
	l4_usleep(5000);
	CHECK(l4shmc_chunk_try_to_take(&chunk) == 0);
	strcpy(l4shmc_chunk_ptr(&chunk), "message");
	CHECK(l4shmc_chunk_ready_sig(&chunk, 8) == 0);
	return 0;
}

static void expect_message(struct __test_metadata *_metadata, FIXTURE_DATA(api) * self)
{
	ASSERT_EQ(0, l4shmc_chunk_try_to_take_for_reading(self->chunk));
	EXPECT_EQ(8, l4shmc_chunk_size(self->chunk));
	EXPECT_STREQ("message", l4shmc_chunk_ptr(self->chunk));
}

TEST_F(api, wait_chunk)
{
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	START(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_enable_chunk(self->chunk));
	EXPECT_EQ(0, l4shmc_wait_chunk(self->chunk));
	expect_message(_metadata, self);
	FINISH();
}

TEST_F(api, wait_chunk_to)
{
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_to(self->chunk, SHORT));
	START(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_wait_chunk_to(self->chunk, LONG));
	expect_message(_metadata, self);
	FINISH();
}

TEST_F(api, wait_chunk_try)
{
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_try(self->chunk));
	WITH_PEER(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_wait_chunk_try(self->chunk));
	expect_message(_metadata, self);
}

/* Signals: finding */

static int peer_triggers(void)
{
	l4shmc_signal_t signal;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &signal) == 0);
	CHECK(l4shmc_trigger(&signal) == 0);
	return 0;
}

static int peer_triggers_late(void)
{
	l4_usleep(10000);
	return peer_triggers();
}

TEST_F(api, add_get_and_attach_give_one_signal)
{
	l4shmc_signal_t got, added, attached, waited, *any = NULL;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "signal", &added));
	ASSERT_EQ(0, l4shmc_get_signal(self->area, "signal", &got));
	ASSERT_EQ(0, l4shmc_get_signal_to(self->area, "signal", 10, &waited));
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &attached));
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_signal_try(&got));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&added));
	ASSERT_EQ(0, l4shmc_trigger(&waited));
	EXPECT_EQ(0, l4shmc_wait_any_try(&any));
	EXPECT_EQ(&attached, any);
}

TEST_F(alone, add_signal_with_bad_arguments)
{
	l4shmc_signal_t signal;
	char name[65];

	memset(name, 'n', 64);
	name[64] = 0;
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(NULL, "s", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(self->area, NULL, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(self->area, "s", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(self->area, "", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(self->area, "@s", &signal));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_add_signal(self->area, name, &signal));
}

TEST_F(alone, get_signal_with_bad_arguments)
{
	l4shmc_signal_t signal;

	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal(NULL, "s", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal(self->area, NULL, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal_to(self->area, "s", 1, NULL));
}

TEST_F(alone, attach_signal_with_bad_arguments)
{
	l4shmc_signal_t signal;

	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(NULL, "s", ME, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(self->area, NULL, ME, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(self->area, "s", ME, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(self->area, "s", L4_INVALID_CAP, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal_to(self->area, "s", L4_INVALID_CAP, 1,
						      &signal));
}

TEST_F(alone, signal_cap)
{
	l4shmc_signal_t none = { 0 };

	EXPECT_TRUE(l4_is_valid_cap(l4shmc_signal_cap(self->signal)));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(&none)));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(NULL)));
}

/* Signals: triggering and waiting */

TEST_F(api, trigger_coalesces)
{
	for (size_t i = 0; i < 1000; i++)
		ASSERT_EQ(0, l4shmc_trigger(self->signal));
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_signal(self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_trigger(NULL));
}

TEST_F(api, enable_signal)
{
	l4shmc_signal_t none = { 0 };

	EXPECT_EQ(0, l4shmc_enable_signal(self->signal));
	WITH_PEER(peer_triggers);
	/* It loses nothing. */
	EXPECT_EQ(0, l4shmc_enable_signal(self->signal));
	EXPECT_EQ(0, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_signal(&none));
	EXPECT_EQ(-L4_EINVAL, l4shmc_enable_signal(NULL));
}

TEST_F(api, wait_signal)
{
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_signal(self->signal));
	FINISH();
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_signal(self->signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal(NULL));
}

TEST_F(api, wait_signal_to)
{
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_signal_to(self->signal, LONG));
	FINISH();
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, SHORT));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, AT_ONCE));
	WITH_PEER(peer_triggers);
	/* What is pending counts without any time. */
	EXPECT_EQ(0, l4shmc_wait_signal_to(self->signal, AT_ONCE));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal_to(NULL, LONG));
}

TEST_F(api, wait_signal_try)
{
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(self->signal));
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(self->signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_signal_try(NULL));
}

TEST_F(alone, timed_out_is_2003)
{
	EXPECT_EQ(-2003, l4shmc_wait_signal_try(self->signal));
	EXPECT_NE(NULL, l4sys_errtostr(-2003));
}

static int peer_waits(void)
{
	l4shmc_signal_t signal, taken;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &signal) == 0);
	CHECK(l4shmc_get_signal(&area, "taken", &taken) == 0);
	CHECK(l4shmc_wait_signal_to(&signal, LONG) == 0);
	CHECK(l4shmc_trigger(&taken) == 0);
	return 0;
}

static void *waiting_thread(void *unused)
{
	(void)unused;
	return peer_waits() ? (void *)1 : NULL;
}

TEST_F(api, one_event_wakes_one)
{
	l4shmc_signal_t taken;
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, l4shmc_get_signal(self->area, "taken", &taken));
	START(peer_waits);
	ASSERT_EQ(0, pthread_create(&thread, NULL, waiting_thread, NULL));
	l4_usleep(20000);
	ASSERT_EQ(0, l4shmc_trigger(self->signal));
	ASSERT_EQ(0, l4shmc_wait_signal_to(&taken, LONG));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(&taken, SHORT));
	ASSERT_EQ(0, l4shmc_trigger(self->signal));
	ASSERT_EQ(0, l4shmc_wait_signal_to(&taken, LONG));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	FINISH();
}

static int peer_answers(void)
{
	l4shmc_signal_t ask, answer;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &ask) == 0);
	CHECK(l4shmc_get_signal(&area, "answer", &answer) == 0);
	for (int i = 0; i < MANY; i++) {
		CHECK(l4shmc_wait_signal_to(&ask, LONG) == 0);
		CHECK(l4shmc_trigger(&answer) == 0);
	}
	return 0;
}

TEST_F(api, no_event_is_lost)
{
	l4shmc_signal_t answer;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "answer", &answer));
	START(peer_answers);
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ(0, l4shmc_trigger(self->signal));
		ASSERT_EQ(0, l4shmc_wait_signal_to(&answer, LONG));
	}
	FINISH();
}

/* Absolute timeouts: a point in time, kept in a buffer register of the thread */

static l4_kernel_clock_t now(void)
{
	return l4_kip_clock(l4re_kip());
}

static l4_timeout_t until(l4_kernel_clock_t point)
{
	return RECEIVE(l4_timeout_abs(point, 2));
}

TEST_F(api, wait_signal_to_a_point_in_time)
{
	l4_kernel_clock_t end = now() + 20000;

	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, until(end)));
	EXPECT_LE(end, now());
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_signal_to(self->signal, until(now() + LONG_MS * 1000)));
	FINISH();
}

TEST_F(api, wait_signal_to_the_past)
{
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, until(1)));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, until(now())));
	WITH_PEER(peer_triggers);
	/* What is pending counts without any time. */
	EXPECT_EQ(0, l4shmc_wait_signal_to(self->signal, until(1)));
}

TEST_F(api, wait_chunk_to_a_point_in_time)
{
	l4_kernel_clock_t end = now() + 20000;

	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_chunk_to(self->chunk, until(end)));
	EXPECT_LE(end, now());
	START(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_wait_chunk_to(self->chunk, until(now() + LONG_MS * 1000)));
	expect_message(_metadata, self);
	FINISH();
}

TEST_F(api, wait_any_to_a_point_in_time)
{
	l4_kernel_clock_t end = now() + 20000;
	l4shmc_signal_t signal, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(until(end), &any));
	EXPECT_LE(end, now());
	EXPECT_EQ(NULL, any);
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_any_to(until(now() + LONG_MS * 1000), &any));
	EXPECT_EQ(&signal, any);
	FINISH();
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_any_to(until(1), &any));
}

/* The send half of a timeout does not matter. */
TEST_F(api, only_the_receive_half_counts)
{
	l4shmc_signal_t signal, *any = NULL;

	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, self->signal));
	START(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_wait_chunk_to(self->chunk, L4_IPC_SEND_TIMEOUT_0));
	FINISH();
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, L4_IPC_RECV_TIMEOUT_0));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, L4_IPC_BOTH_TIMEOUT_0));
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(L4_IPC_RECV_TIMEOUT_0, &any));
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_any_to(L4_IPC_SEND_TIMEOUT_0, &any));
	FINISH();
}

/* Signals: wait_any */

TEST_F(alone, wait_any_with_nothing_bound)
{
	l4shmc_signal_t *any = self->signal;

	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&any));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any_to(L4_IPC_NEVER, &any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(SHORT, &any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&any));
	EXPECT_EQ(self->signal, any);
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(NULL));
}

TEST_F(api, wait_any)
{
	l4shmc_signal_t signal, other, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	ASSERT_EQ(0, l4shmc_attach_signal_to(self->area, "other", ME, 1, &other));
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_any(&any));
	EXPECT_EQ(&signal, any);
	FINISH();
	ASSERT_EQ(0, l4shmc_trigger(&other));
	EXPECT_EQ(0, l4shmc_wait_any(&any));
	EXPECT_EQ(&other, any);
}

TEST_F(api, wait_any_to)
{
	l4shmc_signal_t signal, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(SHORT, &any));
	EXPECT_EQ(NULL, any);
	START(peer_triggers_late);
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &any));
	EXPECT_EQ(&signal, any);
	FINISH();
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_any_to(AT_ONCE, &any));
}

TEST_F(api, wait_any_try)
{
	l4shmc_signal_t signal, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&any));
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_any_try(&any));
	EXPECT_EQ(&signal, any);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&any));
}

TEST_F(api, attach_signal_counts_what_is_pending)
{
	l4shmc_signal_t signal, *any = NULL;

	WITH_PEER(peer_triggers);
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	EXPECT_EQ(0, l4shmc_wait_any_try(&any));
	EXPECT_EQ(&signal, any);
}

TEST_F(api, attach_signal_again_moves_it)
{
	l4shmc_signal_t first, second, *any = NULL;
	l4shmc_area_t area;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &first));
	WITH_PEER(peer_triggers);
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &second));
	EXPECT_EQ(0, l4shmc_wait_any_try(&any));
	EXPECT_EQ(&second, any);
	/* Through another attachment it is the same signal. */
	ASSERT_EQ(0, l4shmc_attach(AREA, &area));
	ASSERT_EQ(0, l4shmc_trigger(&first));
	ASSERT_EQ(0, l4shmc_attach_signal(&area, "signal", ME, &first));
	EXPECT_EQ(0, l4shmc_wait_any_try(&any));
	EXPECT_EQ(&first, any);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&any));
}

static void *takes_any(void *wanted)
{
	l4shmc_signal_t *any = NULL;

	/* It is bound by the other thread, sooner or later. */
	if (l4shmc_wait_any_to(LONG, &any))
		return (void *)1;
	return any == wanted ? NULL : (void *)2;
}

TEST_F(api, attach_signal_for_another_thread)
{
	static l4shmc_signal_t signal;
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, pthread_create(&thread, NULL, takes_any, &signal));
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", pthread_l4_cap(thread), &signal));
	WITH_PEER(peer_triggers);
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
}

#define HUNDRED 100

static int peer_triggers_a_hundred(void)
{
	static l4shmc_signal_t signals[HUNDRED];
	l4shmc_area_t area;
	char name[16];

	CHECK(l4shmc_attach(AREA, &area) == 0);
	for (int i = 0; i < HUNDRED; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		CHECK(l4shmc_get_signal(&area, name, &signals[i]) == 0);
		CHECK(l4shmc_trigger(&signals[i]) == 0);
	}
	return 0;
}

TEST_F(api, a_hundred_signals_take_turns)
{
	static l4shmc_signal_t signals[HUNDRED];
	l4shmc_signal_t *any = NULL;
	char name[16];

	for (int i = 0; i < HUNDRED; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		ASSERT_EQ(0, l4shmc_attach_signal(self->area, name, ME, &signals[i]));
	}
	for (int round = 0; round < 3; round++) {
		WITH_PEER(peer_triggers_a_hundred);
		for (int i = 0; i < HUNDRED; i++) {
			ASSERT_EQ(0, l4shmc_wait_any(&any));
			EXPECT_EQ(&signals[i], any);
			/* The first one is always ready, and starves nobody. */
			ASSERT_EQ(0, l4shmc_trigger(&signals[0]));
		}
		ASSERT_EQ(0, l4shmc_wait_any(&any));
		EXPECT_EQ(&signals[0], any);
		ASSERT_EQ(TIMED_OUT, l4shmc_wait_any_try(&any));
	}
}

TEST_F(api, a_chunks_signal_among_others)
{
	l4shmc_signal_t signal, other, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "other", ME, &other));
	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, &signal));
	START(peer_sends_a_chunk);
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &any));
	EXPECT_EQ(l4shmc_chunk_signal(self->chunk), any);
	expect_message(_metadata, self);
	FINISH();
}

static int peer_takes_the_event(void)
{
	l4shmc_signal_t signal;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &signal) == 0);
	CHECK(l4shmc_wait_signal_try(&signal) == 0);
	return 0;
}

TEST_F(api, an_event_that_another_took_is_not_told)
{
	l4shmc_signal_t signal, *any = NULL;

	ASSERT_EQ(0, l4shmc_attach_signal(self->area, "signal", ME, &signal));
	ASSERT_EQ(0, l4shmc_trigger(&signal));
	WITH_PEER(peer_takes_the_event);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(SHORT, &any));
	/* And the next one is. */
	WITH_PEER(peer_triggers);
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &any));
	EXPECT_EQ(&signal, any);
}

/* Which of two threads is told */

struct taker {
	l4shmc_signal_t signal;
	l4_cap_idx_t cap;
	long result;
	l4shmc_signal_t *any;
};

static void *takes_its_own(void *data)
{
	struct taker *taker = data;

	taker->cap = ME;
	taker->result = l4shmc_wait_any_to(LONG, &taker->any);
	return NULL;
}

static int peer_triggers_both(void)
{
	struct client me;
	l4shmc_signal_t one, two;

	CHECK(be_client(&me) == 0);
	CHECK(l4shmc_get_signal(&me.area, "one", &one) == 0);
	CHECK(l4shmc_get_signal(&me.area, "two", &two) == 0);
	CHECK(l4shmc_trigger(&two) == 0);
	CHECK(l4shmc_trigger(&one) == 0);
	return 0;
}

TEST_F(api, capabilities_of_threads)
{
	static const char *const names[] = { "one", "two" };
	struct taker takers[2] = { 0 };
	l4_cap_idx_t caps[2];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, takes_its_own, &takers[i]));
		caps[i] = pthread_l4_cap(threads[i]);
		EXPECT_TRUE(l4_is_valid_cap(caps[i]));
		EXPECT_EQ(caps[i], pthread_getl4cap(threads[i]));
		ASSERT_EQ(0, l4shmc_attach_signal(self->area, names[i], caps[i],
						  &takers[i].signal));
	}
	EXPECT_FALSE(l4_capability_equal(caps[0], caps[1]));
	EXPECT_FALSE(l4_capability_equal(caps[0], ME));
	WITH_PEER(peer_triggers_both);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, takers[i].result);
		EXPECT_EQ(&takers[i].signal, takers[i].any);
		/* The thread itself has the same name for itself. */
		EXPECT_TRUE(l4_capability_equal(caps[i], takers[i].cap));
	}
}

/* All of it together */

#define MESSAGES (MANY * 2 / 5)

static int producer(void)
{
	l4shmc_signal_t full, empty;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, "chunk", &chunk) == 0);
	CHECK(l4shmc_get_signal(&area, "full", &full) == 0);
	CHECK(l4shmc_get_signal(&area, "empty", &empty) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &full) == 0);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		while (l4shmc_chunk_try_to_take(&chunk))
			CHECK(l4shmc_wait_signal_to(&empty, LONG) == 0);
		memset(l4shmc_chunk_ptr(&chunk), (int)i, CHUNK_BYTES);
		CHECK(l4shmc_chunk_ready_sig(&chunk, i) == 0);
	}
	return 0;
}

TEST_F(api, producer_and_consumer)
{
	l4shmc_signal_t full, empty;
	unsigned char *bytes = l4shmc_chunk_ptr(self->chunk);

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "full", &full));
	ASSERT_EQ(0, l4shmc_add_signal(self->area, "empty", &empty));
	ASSERT_EQ(0, l4shmc_connect_chunk_signal(self->chunk, &full));
	START(producer);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		while (l4shmc_chunk_try_to_take_for_reading(self->chunk))
			ASSERT_EQ(0, l4shmc_wait_chunk_to(self->chunk, LONG));
		ASSERT_EQ(i, l4shmc_chunk_size(self->chunk));
		ASSERT_EQ(i % 256, bytes[0]);
		ASSERT_EQ(i % 256, bytes[CHUNK_BYTES - 1]);
		ASSERT_EQ(0, l4shmc_chunk_consumed(self->chunk));
		ASSERT_EQ(0, l4shmc_trigger(&empty));
	}
	FINISH();
}

/* Both directions at once, between four threads */

static int send_all(struct client *me, const char *to, const char *empty_name)
{
	l4shmc_signal_t full, empty;
	l4shmc_chunk_t chunk;

	CHECK(l4shmc_get_chunk_to(&me->area, to, LONG_MS, &chunk) == 0);
	CHECK(l4shmc_get_signal(&me->area, to, &full) == 0);
	CHECK(l4shmc_get_signal(&me->area, empty_name, &empty) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &full) == 0);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		while (l4shmc_chunk_try_to_take_for_writing(&chunk))
			CHECK(l4shmc_wait_signal_to(&empty, LONG) == 0);
		memset(l4shmc_chunk_ptr(&chunk), (int)(i + 7), 500);
		CHECK(l4shmc_chunk_ready_sig(&chunk, 500) == 0);
	}
	return 0;
}

static int receive_all(struct client *me, const char *from, const char *empty_name)
{
	l4shmc_signal_t full, empty;
	l4shmc_chunk_t chunk;

	CHECK(l4shmc_add_chunk(&me->area, from, 500, &chunk) == 0);
	CHECK(l4shmc_add_signal(&me->area, from, &full) == 0);
	CHECK(l4shmc_add_signal(&me->area, empty_name, &empty) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &full) == 0);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		unsigned char *bytes = l4shmc_chunk_ptr(&chunk);

		while (l4shmc_chunk_try_to_take_for_reading(&chunk))
			CHECK(l4shmc_wait_chunk_to(&chunk, LONG) == 0);
		CHECK(l4shmc_chunk_size(&chunk) == 500);
		CHECK(bytes[0] == (i + 7) % 256 && bytes[499] == (i + 7) % 256);
		CHECK(l4shmc_chunk_consumed(&chunk) == 0);
		CHECK(l4shmc_trigger(&empty) == 0);
	}
	return 0;
}

static void *receive_from_first(void *client)
{
	return receive_all(client, "to-second", "empty-second") ? (void *)1 : NULL;
}

static void *receive_from_second(void *client)
{
	return receive_all(client, "to-first", "empty-first") ? (void *)1 : NULL;
}

static int peer_sends_and_receives(void)
{
	struct client me;
	pthread_t receiver;
	void *failed;

	CHECK(be_client(&me) == 0);
	CHECK(pthread_create(&receiver, NULL, receive_from_first, &me) == 0);
	CHECK(send_all(&me, "to-first", "empty-first") == 0);
	CHECK(pthread_join(receiver, &failed) == 0);
	return failed ? 1 : 0;
}

TEST_F(api, both_directions_at_once)
{
	pthread_t receiver;
	void *failed;

	START(peer_sends_and_receives);
	ASSERT_EQ(0, pthread_create(&receiver, NULL, receive_from_second, &self->client));
	EXPECT_EQ(0, send_all(&self->client, "to-second", "empty-second"));
	ASSERT_EQ(0, pthread_join(receiver, &failed));
	EXPECT_EQ(NULL, failed);
	FINISH();
}

/* An area that a starter sets up, who then sleeps */

static int starter(void)
{
	l4shmc_signal_t signal;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_create("conformance-started") == 0);
	CHECK(l4shmc_attach("conformance-started", &area) == 0);
	CHECK(l4shmc_add_signal(&area, "event", &signal) == 0);
	CHECK(l4shmc_add_chunk(&area, "data", 64, &chunk) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &signal) == 0);
	strcpy(l4shmc_chunk_ptr(&chunk), "from the starter");
	CHECK(l4shmc_chunk_ready_sig(&chunk, 17) == 0);
	l4_sleep_forever();
}

static int use_what_was_started(void)
{
	l4shmc_signal_t signal;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach_to("conformance-started", LONG_MS, &area) == 0);
	CHECK(l4shmc_get_chunk_to(&area, "data", LONG_MS, &chunk) == 0);
	CHECK(l4shmc_get_signal(&area, "event", &signal) == 0);
	CHECK(l4shmc_connect_chunk_signal(&chunk, &signal) == 0);
	CHECK(l4shmc_wait_chunk_to(&chunk, LONG) == 0);
	CHECK(l4shmc_chunk_try_to_take_for_reading(&chunk) == 0);
	CHECK(l4shmc_chunk_size(&chunk) == 17);
	CHECK(!strcmp(l4shmc_chunk_ptr(&chunk), "from the starter"));
	CHECK(l4shmc_chunk_ready_sig(&chunk, 17) == 0);
	return 0;
}

TEST_F(api, starter_that_sleeps)
{
	START(starter);
	/* One after the other */
	for (size_t i = 0; i < 2; i++) {
		pid_t child = fork();

		ASSERT_LE(0, child);
		if (!child)
			_exit(use_what_was_started());
		ASSERT_EQ(0, reap(child));
	}
	if (!variant->processes)
		return;
	/* With the starter the area is gone. */
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_EQ(SIGKILL, reap(self->child));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach("conformance-started", self->area));
}

TEST_HARNESS_MAIN
