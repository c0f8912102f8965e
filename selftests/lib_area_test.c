// SPDX-License-Identifier: GPL-2.0-only
/* libl4shmc: areas and clients, with every result that the headers promise. */
#include "lib_common.h"

#include <pthread-l4.h>

#define SIZE 65536

FIXTURE(lib_area)
{
	struct lib_area lib;
};

FIXTURE_SETUP(lib_area)
{
	make_lib_area(_metadata, &self->lib, SIZE);
}

FIXTURE_TEARDOWN(lib_area)
{
	drop_lib_area(&self->lib);
}

/* Names: the same list for all that take one */

static const struct {
	const char *name;
	long error;
} bad_names[] = {
	{ NULL, -L4_EINVAL },
	{ "", -L4_EINVAL },
	{ ".", -L4_EINVAL },
	{ "..", -L4_EINVAL },
	{ ".hidden", -L4_EINVAL },
	{ "@clients", -L4_EINVAL },
	{ "@", -L4_EINVAL },
	{ "a/b", -L4_EINVAL },
	{ "a\nb", -L4_EINVAL },
	{ "a\033b", -L4_EINVAL },
	{ "a\177", -L4_EINVAL },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", -L4_ENAMETOOLONG },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0", -L4_ENAMETOOLONG },
};

TEST_F(lib_area, attack_10_bad_names)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(bad_names); i++) {
		const char *name = bad_names[i].name;
		l4shmc_area_t area;

		EXPECT_EQ(bad_names[i].error, (l4shmc_create)(name)) {
			TH_LOG("name %u", i);
		}
		EXPECT_EQ(bad_names[i].error, l4shmc_create_area(name, 1, 0600, 0));
		EXPECT_EQ(bad_names[i].error, l4shmc_create_handle(name, 1, 0600, 0));
		EXPECT_EQ(bad_names[i].error, l4shmc_attach(name, &area));
		EXPECT_EQ(bad_names[i].error, l4shmc_attach_to(name, 0, &area));
		EXPECT_EQ(bad_names[i].error, l4shmc_attach_flags(name, 0, L4SHMC_OBSERVER, &area));
		EXPECT_EQ(bad_names[i].error, l4shmc_destroy(name));
	}
}

TEST_F(lib_area, longest_name)
{
	const char *name = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";
	l4shmc_area_t area;

	EXPECT_EQ(0, (l4shmc_create)(name));
	EXPECT_EQ(0, l4shmc_attach(name, &area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(0, l4shmc_destroy(name));
	EXPECT_EQ(-L4_ENOENT, l4shmc_destroy(name));
}

/* Create */

TEST_F(lib_area, create_gives_the_default_size)
{
	l4shmc_area_t area;
	struct l4shmc_ioc_area_info info;

	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(1 << 20, l4shmc_area_size(&area));
	ASSERT_EQ(0, area_info(l4shmc_area_fd(&area), &info));
	EXPECT_EQ(0600, info.mode);
	EXPECT_EQ(0, info.flags);
}

TEST_F(lib_area, create_of_what_is_there_is_fine)
{
	EXPECT_EQ(0, (l4shmc_create)(self->lib.name));
	EXPECT_EQ(0, l4shmc_create_area(self->lib.name, 4096, 0600, 0));
	EXPECT_EQ(0, l4shmc_create_area(self->lib.name, 4096, 0600, L4SHMC_PERSISTENT));
	EXPECT_EQ(-L4_EEXIST, l4shmc_create_area(self->lib.name, 4096, 0600, L4SHMC_EXCLUSIVE));
	EXPECT_EQ(-L4_EEXIST, l4shmc_create_handle(self->lib.name, 4096, 0600, 0));
	EXPECT_EQ(SIZE, l4shmc_area_size(&self->lib.area));
}

TEST_F(lib_area, create_refuses)
{
	const char *name = self->lib.other;

	EXPECT_EQ(-L4_EINVAL, l4shmc_create_area(name, 0, 0600, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create_area(name, 1, 0700, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create_area(name, 1, 01600, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create_handle(name, 1, 0600, L4SHMC_EXCLUSIVE));
	for (unsigned int bit = 2; bit < 32; bit++) {
		EXPECT_EQ(-L4_EINVAL, l4shmc_create_area(name, 1, 0600, 1U << bit));
		EXPECT_EQ(-L4_EINVAL, l4shmc_create_handle(name, 1, 0600, 1U << bit));
	}
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create_area(name, ~0UL, 0600, 0));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create_area(name, ~0UL >> 1, 0600, 0));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create_handle(name, ~0UL - 4095, 0600, 0));
	EXPECT_EQ(-L4_ENOENT, l4shmc_destroy(name));
}

TEST_F(lib_area, persistent_one_lives_by_itself)
{
	l4shmc_area_t area;
	unsigned int fds = open_fds();

	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 1, 0640, L4SHMC_PERSISTENT));
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(4096, l4shmc_area_size(&area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
}

static int create_and_leave(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;

	CHECK((l4shmc_create)(self->lib.other) == 0);
	return 0;
}

TEST_F(lib_area, created_one_lives_as_long_as_the_process)
{
	l4shmc_area_t area;

	ASSERT_EQ(0, run_child(create_and_leave, self));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	EXPECT_EQ(0, l4shmc_attach(self->lib.other, &area));
}

static int create_and_stay(void *arg)
{
	create_and_leave(arg);
	pause();
	return 1;
}

/* Who asked for it finds it, whichever of the two was first and is gone. */
TEST_F(lib_area, created_one_that_was_there_lives_as_long_as_the_process)
{
	unsigned int fds = open_fds();
	l4shmc_area_t area, other;
	pid_t first;

	first = spawn(create_and_stay, self);
	ASSERT_EQ(0, l4shmc_attach_to(self->lib.other, 20000, &area));
	ASSERT_EQ(0, l4shmc_detach(&area));
	for (unsigned int i = 0; i < 3; i++)
		ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	EXPECT_EQ(fds + 1, open_fds());
	kill_child(first);
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(0, l4shmc_get_client_nr(&area));
	/* When it has lost its name, the next one is another one. */
	ASSERT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &other));
	ASSERT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(fds, open_fds());
	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(fds, open_fds());
}

/* One that is persistent needs nobody, and keeps nobody's descriptors. */
TEST_F(lib_area, created_one_that_is_persistent_is_not_kept)
{
	unsigned int fds = open_fds();
	l4shmc_area_t area;

	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 1, 0600, L4SHMC_PERSISTENT));
	EXPECT_EQ(0, (l4shmc_create)(self->lib.other));
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
}

/* Somebody else has taken its name: the next one of that name is another area. */
TEST_F(lib_area, created_again_after_others_have_destroyed_it)
{
	unsigned int fds = open_fds();
	int dev = device_open(O_RDWR);
	l4shmc_area_t area;

	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	ASSERT_EQ(0, area_unlink(dev, self->lib.other));
	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	close(dev);
	EXPECT_EQ(fds, open_fds());
}

/* What has been made here has lost its name already: it is not the other one's turn. */
TEST_F(lib_area, destroy_spares_what_others_have_made_since)
{
	int dev = device_open(O_RDWR);
	l4shmc_area_t area;
	pid_t pid;

	ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
	ASSERT_EQ(0, area_unlink(dev, self->lib.other));
	pid = spawn(create_and_stay, self);
	ASSERT_EQ(0, l4shmc_attach_to(self->lib.other, 20000, &area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(0, l4shmc_attach(self->lib.other, &area));
	/* Now it is. */
	EXPECT_EQ(0, l4shmc_destroy(self->lib.other));
	EXPECT_EQ(-L4_ENOENT, l4shmc_destroy(self->lib.other));
	kill_child(pid);
	close(dev);
}

TEST_F(lib_area, destroyed_one_can_be_made_again)
{
	l4shmc_area_t area;

	ASSERT_EQ(0, l4shmc_destroy(self->lib.name));
	EXPECT_EQ(-L4_ENOENT, l4shmc_destroy(self->lib.name));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.name, &area));
	ASSERT_EQ(0, l4shmc_create_area(self->lib.name, 4096, 0600, L4SHMC_EXCLUSIVE));
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &area));
	EXPECT_EQ(4096, l4shmc_area_size(&area));
	/* Who had attached before goes on. */
	EXPECT_EQ(SIZE, l4shmc_area_size(&self->lib.area));
	memset(l4shmc_area_ptr(&self->lib.area), 1, SIZE);
	EXPECT_EQ(0, *(char *)l4shmc_area_ptr(&area));
}

TEST_F(lib_area, creating_and_destroying_leaks_nothing)
{
	unsigned int fds = open_fds();

	for (unsigned int i = 0; i < 50; i++) {
		l4shmc_area_t area;

		ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 1, 0600, 0));
		ASSERT_EQ(0, (l4shmc_create)(self->lib.other));
		ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
		ASSERT_EQ(0, l4shmc_detach(&area));
		ASSERT_EQ(0, l4shmc_destroy(self->lib.other));
	}
	EXPECT_EQ(fds, open_fds());
}

/* Handles */

TEST_F(lib_area, handle_attaches)
{
	int handle = l4shmc_create_handle(self->lib.other, 4096, 0, 0);
	l4shmc_area_t area, observer;

	ASSERT_GE(handle, 0);
	ASSERT_EQ(0, l4shmc_attach_handle(handle, 0, &area));
	ASSERT_EQ(0, l4shmc_attach_handle(handle, L4SHMC_OBSERVER, &observer));
	EXPECT_EQ(0, l4shmc_get_client_nr(&area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_client_nr(&observer));
	/* It stays the caller's. */
	EXPECT_EQ(0, close(handle));
	EXPECT_EQ(4096, l4shmc_area_size(&area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(0, l4shmc_detach(&observer));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
}

TEST_F(lib_area, what_is_no_handle)
{
	l4shmc_area_t area;
	int pipes[2], handle = l4shmc_create_handle(self->lib.other, 4096, 0600, 0);

	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(-1, 0, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(1000, 0, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(pipes[0], 0, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(device_open(O_RDWR), 0, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(handle, 2, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(handle, 0, NULL));
}

/* Attach */

TEST_F(lib_area, attach_finds_and_does_not)
{
	l4shmc_area_t area;

	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_to(self->lib.other, 0, &area));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_to(self->lib.other, 10, &area));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_flags(self->lib.other, 1, L4SHMC_OBSERVER, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_flags(self->lib.name, 0, 2, &area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach(self->lib.name, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_to(self->lib.name, 0, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_flags(self->lib.name, 0, 0, NULL));
}

static int attach_later(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_area_t area;

	/* Interrupted again and again, it goes on waiting. */
	interrupt_every(2000);
	CHECK(l4shmc_attach_flags(self->lib.other, L4SHMC_FOREVER, 0, &area) == 0);
	interrupt_every(0);
	CHECK(l4shmc_area_size(&area) == 4096);
	return 0;
}

TEST_F(lib_area, attach_waits)
{
	pid_t child = spawn(attach_later, self);

	nap_us(20000);
	EXPECT_EQ(0, waitpid(child, NULL, WNOHANG));
	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 1, 0600, 0));
	EXPECT_EQ(0, reap(child));
}

TEST_F(lib_area, attach_waits_as_long_as_it_shall)
{
	l4shmc_area_t area;
	__u64 start = now_ns();

	interrupt_every(2000);
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach_to(self->lib.other, 50, &area));
	interrupt_every(0);
	EXPECT_GE(now_ns() - start, 50 * NS_PER_MS);
}

TEST_F(lib_area, each_attach_is_a_client)
{
	l4shmc_area_t second, third;

	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &second));
	ASSERT_EQ(0, l4shmc_attach_to(self->lib.name, 1000, &third));
	EXPECT_EQ(0, l4shmc_get_client_nr(&self->lib.area));
	EXPECT_EQ(1, l4shmc_get_client_nr(&second));
	EXPECT_EQ(2, l4shmc_get_client_nr(&third));
	EXPECT_NE(l4shmc_area_ptr(&second), l4shmc_area_ptr(&third));
	*(int *)l4shmc_area_ptr(&second) = 42;
	EXPECT_EQ(42, *(int *)l4shmc_area_ptr(&third));
	EXPECT_EQ(0, l4shmc_detach(&second));
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &second));
	EXPECT_EQ(1, l4shmc_get_client_nr(&second));
}

static int be_a_stranger(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_area_t area;

	CHECK(become(USER_B, USER_B) == 0);
	CHECK(l4shmc_attach(self->lib.name, &area) == -L4_EPERM);
	CHECK(l4shmc_attach_to(self->lib.name, 10, &area) == -L4_EPERM);
	CHECK(l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &area) == -L4_EPERM);
	/* It is there already, so all is well, if not for this user. */
	CHECK((l4shmc_create)(self->lib.name) == 0);
	CHECK(l4shmc_create_area(self->lib.name, 1, 0600, L4SHMC_EXCLUSIVE) == -L4_EEXIST);
	/* In the child the library has the parent's handle: by another name it has none. */
	CHECK(l4shmc_destroy(self->lib.name) == -L4_EPERM);
	return 0;
}

TEST_F(lib_area, stranger_has_no_right)
{
	l4shmc_area_t area;

	if (geteuid() != 0)
		SKIP(return, "only root can become others");
	EXPECT_EQ(0, run_child(be_a_stranger, self));
	EXPECT_EQ(0, l4shmc_attach(self->lib.name, &area));
}

static int have_no_right_to_the_device(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_area_t area;

	CHECK(become(USER_B, USER_B) == 0);
	CHECK((l4shmc_create)(self->lib.name) == -L4_EPERM);
	CHECK((l4shmc_create)(self->lib.other) == -L4_EPERM);
	CHECK(l4shmc_create_sized(self->lib.other, 1) == -L4_EPERM);
	CHECK(l4shmc_create_area(self->lib.other, 1, 0600, 0) == -L4_EPERM);
	CHECK(l4shmc_attach(self->lib.name, &area) == -L4_EPERM);
	CHECK(l4shmc_destroy(self->lib.name) == -L4_EPERM);
	return 0;
}

TEST_F(lib_area, device_may_be_for_a_group_only)
{
	struct stat before;

	if (geteuid() != 0)
		SKIP(return, "only root can close the device");
	ASSERT_EQ(0, stat(DEVICE, &before));
	ASSERT_EQ(0, chmod(DEVICE, 0660));
	EXPECT_EQ(0, run_child(have_no_right_to_the_device, self));
	EXPECT_EQ(0, chmod(DEVICE, before.st_mode & 0777));
}

static int be_locked_up(void *arg)
{
	const char *dir = arg;
	l4shmc_area_t area;

	CHECK(chroot(dir) == 0);
	CHECK((l4shmc_create)("x") == -L4_ENODEV);
	CHECK(l4shmc_create_area("x", 1, 0600, 0) == -L4_ENODEV);
	CHECK(l4shmc_create_handle("x", 1, 0600, 0) == -L4_ENODEV);
	CHECK(l4shmc_attach("x", &area) == -L4_ENODEV);
	CHECK(l4shmc_attach_to("x", 10, &area) == -L4_ENODEV);
	CHECK(l4shmc_attach_flags("x", 0, L4SHMC_OBSERVER, &area) == -L4_ENODEV);
	CHECK(l4shmc_destroy("x") == -L4_ENODEV);
	return 0;
}

TEST_F(lib_area, there_may_be_no_device)
{
	char dir[] = "/tmp/l4shmc-selftest.XXXXXX";

	if (geteuid() != 0)
		SKIP(return, "only root can hide the device");
	ASSERT_NE(NULL, mkdtemp(dir));
	EXPECT_EQ(0, run_child(be_locked_up, dir));
	EXPECT_EQ(0, rmdir(dir));
}

static int have_no_descriptors(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	struct rlimit none = { 0, 0 };
	l4shmc_area_t area;
	l4shmc_signal_t signal;

	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK((l4shmc_create)(self->lib.other) == -L4_ENOMEM);
	CHECK(l4shmc_attach(self->lib.name, &area) == -L4_ENOMEM);
	CHECK(l4shmc_attach_handle(l4shmc_area_fd(&self->lib.area), 0, &area) == -L4_ENOMEM);
	CHECK(l4shmc_add_signal(&self->lib.area, "s", &signal) == -L4_ENOMEM);
	CHECK(l4shmc_get_clients_signal(&self->lib.area, &signal) == -L4_ENOMEM);
	return 0;
}

TEST_F(lib_area, attack_48_there_may_be_no_descriptor)
{
	EXPECT_EQ(0, run_child(have_no_descriptors, self));
}

/* Sizes */

TEST_F(lib_area, sizes_are_exact)
{
	l4shmc_chunk_t chunk;
	long room = l4shmc_area_size_free(&self->lib.area) - l4shmc_chunk_overhead();

	EXPECT_EQ(SIZE, l4shmc_area_size(&self->lib.area));
	EXPECT_EQ(-L4_ENOMEM,
		  l4shmc_add_chunk(&self->lib.area, "c", (l4_umword_t)room + 1, &chunk));
	EXPECT_EQ(0, l4shmc_add_chunk(&self->lib.area, "a", 1000, &chunk));
	room = l4shmc_area_size_free(&self->lib.area) - l4shmc_chunk_overhead();
	EXPECT_EQ(-L4_ENOMEM,
		  l4shmc_add_chunk(&self->lib.area, "c", (l4_umword_t)room + 1, &chunk));
	EXPECT_EQ(0, l4shmc_add_chunk(&self->lib.area, "c", (l4_umword_t)room, &chunk));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_add_chunk(&self->lib.area, "d", 1, &chunk));
	EXPECT_EQ(l4shmc_chunk_overhead(), l4shmc_area_size_free(&self->lib.area));
}

TEST_F(lib_area, overheads_are_small)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;

	EXPECT_GE(l4shmc_area_overhead(), 0);
	EXPECT_GE(l4shmc_chunk_overhead(), 0);
	EXPECT_LE(2 * l4shmc_chunk_overhead() + l4shmc_area_overhead(), 192);
	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 32768, 0600, 0));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(32768 - l4shmc_area_overhead(), l4shmc_area_size_free(&area));
	EXPECT_EQ(0, l4shmc_add_chunk(&area, "a", 16284, &chunk));
	EXPECT_EQ(0, l4shmc_add_chunk(&area, "b", 16284, &chunk));
}

/* Clients */

TEST_F(lib_area, clients_tell_that_they_are_ready)
{
	l4shmc_area_t second, observer;
	l4_umword_t mask = 77;

	ASSERT_EQ(0, l4shmc_get_initialized_clients(&self->lib.area, &mask));
	EXPECT_EQ(0, mask);
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &second));
	ASSERT_EQ(0, l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &observer));
	EXPECT_EQ(0, l4shmc_mark_client_initialized(&second));
	EXPECT_EQ(-L4_EPERM, l4shmc_mark_client_initialized(&observer));
	EXPECT_EQ(0, l4shmc_get_initialized_clients(&observer, &mask));
	EXPECT_EQ(2, mask);
	EXPECT_EQ(0, l4shmc_detach(&second));
	EXPECT_EQ(0, l4shmc_get_initialized_clients(&self->lib.area, &mask));
	EXPECT_EQ(0, mask);
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_initialized_clients(&self->lib.area, NULL));
}

TEST_F(lib_area, client_64_cannot_be_told)
{
	l4shmc_area_t areas[64];

	for (unsigned int i = 0; i < ARRAY_SIZE(areas); i++)
		ASSERT_EQ(0, l4shmc_attach(self->lib.name, &areas[i]));
	EXPECT_EQ(64, l4shmc_get_client_nr(&areas[63]));
	EXPECT_EQ(-L4_EINVAL, l4shmc_mark_client_initialized(&areas[63]));
	EXPECT_EQ(0, l4shmc_mark_client_initialized(&areas[62]));
	for (unsigned int i = 0; i < ARRAY_SIZE(areas); i++)
		EXPECT_EQ(0, l4shmc_detach(&areas[i]));
}

static int get_ready(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(self->lib.name, &area) == 0);
	nap_us(10000);
	CHECK(l4shmc_mark_client_initialized(&area) == 0);
	pause();
	return 1;
}

TEST_F(lib_area, waits_for_clients)
{
	l4shmc_area_t *area = &self->lib.area;
	pid_t pid;

	EXPECT_EQ(0, l4shmc_wait_clients(area, 0, 0));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(area, 1, 0));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(area, 1, 10));
	EXPECT_EQ(0, l4shmc_mark_client_initialized(area));
	EXPECT_EQ(0, l4shmc_wait_clients(area, 1, 0));
	pid = spawn(get_ready, self);
	interrupt_every(1000);
	EXPECT_EQ(0, l4shmc_wait_clients(area, 3, L4SHMC_FOREVER));
	interrupt_every(0);
	kill_child(pid);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(area, 2, 1));
}

TEST_F(lib_area, waits_for_clients_as_long_as_it_shall)
{
	l4shmc_area_t *area = &self->lib.area;
	__u64 start = now_ns();
	pid_t pid;

	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(area, 1, 50));
	EXPECT_GE(now_ns() - start, 50 * NS_PER_MS);
	EXPECT_EQ(0, l4shmc_mark_client_initialized(area));
	/* The second number is the most that is not yet for ever. */
	for (unsigned int i = 0; i < 2; i++) {
		pid = spawn(get_ready, self);
		EXPECT_EQ(0, l4shmc_wait_clients(area, 3, i ? ~0UL / 1000000 : 20000));
		kill_child(pid);
		EXPECT_TRUE(WAIT_UNTIL(l4shmc_wait_clients(area, 2, 0) == TIMED_OUT));
	}
}

static int come_and_go(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_area_t area;

	while (true) {
		CHECK(l4shmc_attach(self->lib.name, &area) == 0);
		CHECK(l4shmc_detach(&area) == 0);
		nap_us(1000);
	}
	return 1;
}

/* Whoever comes and goes: the time is that of all of the wait. */
TEST_F(lib_area, waits_for_clients_among_others)
{
	pid_t pid = spawn(come_and_go, self);
	__u64 start = now_ns();

	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(&self->lib.area, 1UL << 40, 1000));
	EXPECT_GE(now_ns() - start, NS_PER_S);
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	kill_child(pid);
}

/* Limits and their errors */

static int reach_the_limits(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	l4shmc_signal_t signal, other;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(become(USER_A, USER_A) == 0);
	CHECK(l4shmc_create_area(self->lib.other, 4096, 0600, 0) == 0);
	CHECK(l4shmc_create_area("one too many", 1, 0600, 0) == -L4_ENOMEM);
	CHECK((l4shmc_create)("one too many") == -L4_ENOMEM);
	CHECK(l4shmc_create_handle("one too many", 1, 0600, 0) == -L4_ENOMEM);
	CHECK(l4shmc_attach(self->lib.other, &area) == 0);
	CHECK(l4shmc_add_signal(&area, "s", &signal) == 0);
	CHECK(l4shmc_add_signal(&area, "t", &other) == -L4_ENOMEM);
	CHECK(l4shmc_add_chunk(&area, "c", 1, &chunk) == -L4_ENOMEM);
	CHECK(l4shmc_attach_signal(&area, "s", pthread_l4_cap(pthread_self()), &signal) ==
	      -L4_ENOMEM);
	CHECK(l4shmc_get_clients_signal(&area, &other) == -L4_ENOMEM);
	return 0;
}

TEST_F(lib_area, limits_of_a_user)
{
	struct limits saved;

	if (geteuid() != 0)
		SKIP(return, "only root can set limits");
	ASSERT_TRUE(save_limits(&saved));
	EXPECT_TRUE(set_limit(MAX_AREAS, 1) && set_limit(MAX_RECORDS, 1));
	EXPECT_EQ(0, run_child(reach_the_limits, self));
	restore_limits(&saved);
}

/* Memory that must stay in memory, more than may */
static int have_all_locked(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	struct rlimit limit = { 1 << 20, 1 << 20 };
	l4shmc_area_t area;

	CHECK(l4shmc_attach_handle(l4shmc_area_fd(&self->lib.area), 0, &area) == 0);
	CHECK(l4shmc_detach(&area) == 0);
	CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && become(USER_A, USER_A) == 0);
	CHECK(mlockall(MCL_FUTURE) == 0);
	CHECK(l4shmc_attach_handle(l4shmc_area_fd(&self->lib.area), 0, &area) == -L4_ENOMEM);
	return 0;
}

TEST_F(lib_area, memory_may_be_locked)
{
	if (geteuid() != 0)
		SKIP(return, "only root can become others");
	EXPECT_EQ(0, run_child(have_all_locked, self));
}

static long mapped_kb(void)
{
	return number_in("/proc/self/status", "VmSize:");
}

/* Enough for the payload, but not for the records */
static int have_little_room(void *arg)
{
	FIXTURE_DATA(lib_area) * self = arg;
	long before = mapped_kb();
	rlim_t room = (rlim_t)(before + L4SHMC_CONTROL_SIZE / 2 / 1024) * 1024;
	struct rlimit limit = { room, room };
	unsigned int fds = open_fds();
	l4shmc_area_t area;

	CHECK(before > 0 && setrlimit(RLIMIT_AS, &limit) == 0);
	for (unsigned int i = 0; i < 10; i++)
		CHECK(l4shmc_attach(self->lib.name, &area) == -L4_ENOMEM);
	CHECK(mapped_kb() < before + 10 * SIZE / 1024);
	CHECK(open_fds() == fds);
	return 0;
}

TEST_F(lib_area, there_may_be_no_room_for_all_of_it)
{
	EXPECT_EQ(0, run_child(have_little_room, self));
}

/* Descriptors that stand for nothing (any more) */

static void expect_no_area(struct __test_metadata *_metadata, l4shmc_area_t *area)
{
	const char *name = "untouched";
	l4_umword_t mask = 77;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t signal;

	EXPECT_EQ(-L4_EINVAL, l4shmc_get_client_nr(area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_mark_client_initialized(area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_initialized_clients(area, &mask));
	EXPECT_EQ(-L4_EINVAL, l4shmc_area_size(area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_area_size_free(area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_chunk(area, "c", 1, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk(area, "c", &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_chunk_to(area, "c", 10, &chunk));
	EXPECT_EQ(-L4_EINVAL, l4shmc_iterate_chunk(area, &name, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_signal(area, "s", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal(area, "s", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_signal_to(area, "s", 10, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_add_counting_signal(area, "s", &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_get_clients_signal(area, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_clients(area, 0, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_area_fd(area));
	EXPECT_EQ(NULL, l4shmc_area_ptr(area));
	EXPECT_EQ(-L4_EINVAL, l4shmc_detach(area));
	EXPECT_EQ(77, mask);
	EXPECT_STREQ("untouched", name);
}

TEST_F(lib_area, null_zero_garbage)
{
	l4shmc_area_t area;

	expect_no_area(_metadata, NULL);
	memset(&area, 0, sizeof(area));
	expect_no_area(_metadata, &area);
	memset(&area, 0xa5, sizeof(area));
	expect_no_area(_metadata, &area);
}

TEST_F(lib_area, detached_and_its_copies)
{
	l4shmc_area_t copy = self->lib.area, again;

	EXPECT_EQ(SIZE, l4shmc_area_size(&copy));
	ASSERT_EQ(0, l4shmc_detach(&self->lib.area));
	expect_no_area(_metadata, &self->lib.area);
	expect_no_area(_metadata, &copy);
	/* Not even if another client takes its place */
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &again));
	expect_no_area(_metadata, &copy);
	EXPECT_EQ(0, l4shmc_get_client_nr(&again));
}

TEST_F(lib_area, detach_gives_all_back)
{
	unsigned int fds = open_fds();

	for (unsigned int i = 0; i < 20; i++) {
		l4shmc_area_t area;
		l4shmc_signal_t signal;

		ASSERT_EQ(0, l4shmc_attach(self->lib.name, &area));
		ASSERT_EQ(1, l4shmc_get_client_nr(&area));
		ASSERT_EQ(0, l4shmc_add_signal(&area, "a", &signal));
		ASSERT_EQ(0, l4shmc_get_clients_signal(&area, &signal));
		ASSERT_EQ(0, l4shmc_detach(&area));
	}
	EXPECT_EQ(fds, open_fds());
}

/* fork() while other threads are in the library: the child has none that holds a lock. */

static bool stop;

static void *create_and_destroy(void *name)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		if (l4shmc_create_area(name, 1, 0600, 0) || l4shmc_destroy(name))
			return name;
	return NULL;
}

static void *attach_and_detach(void *arg)
{
	struct lib_area *lib = arg;
	l4shmc_signal_t signal;
	l4shmc_area_t area;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (l4shmc_attach(lib->name, &area) || l4shmc_add_signal(&area, "a", &signal) ||
		    l4shmc_add_signal(&lib->area, "a", &signal) || l4shmc_detach(&area))
			return arg;
	}
	return NULL;
}

static int child_uses_the_library(void *arg)
{
	struct lib_area *lib = arg;
	char name[L4SHMC_NAME_SIZE];
	l4shmc_signal_t signal;
	l4shmc_area_t area;

	/* One that waits for a lock that nobody has would do so for ever. */
	alarm(20);
	unique_name(name, "child");
	CHECK(l4shmc_create_area(name, 1, 0600, 0) == 0);
	CHECK(l4shmc_destroy(name) == 0);
	CHECK(l4shmc_attach(lib->name, &area) == 0);
	CHECK(l4shmc_add_signal(&area, "a", &signal) == 0);
	CHECK(l4shmc_add_signal(&lib->area, "b", &signal) == 0);
	CHECK(l4shmc_detach(&area) == 0);
	return 0;
}

TEST_F(lib_area, fork_while_threads_are_at_work)
{
	pthread_t creates, attaches;
	unsigned int good = 0;
	void *failed;

	stop = false;
	ASSERT_EQ(0, pthread_create(&creates, NULL, create_and_destroy, self->lib.other));
	ASSERT_EQ(0, pthread_create(&attaches, NULL, attach_and_detach, &self->lib));
	while (good < rounds(200) && run_child(child_uses_the_library, &self->lib) == 0)
		good++;
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(creates, &failed));
	EXPECT_EQ(NULL, failed);
	ASSERT_EQ(0, pthread_join(attaches, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_EQ(rounds(200), good);
}

TEST_F(lib_area, errno_is_the_callers)
{
	l4shmc_area_t area;

	errno = 4711;
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.other, &area));
	EXPECT_EQ(-L4_EEXIST, l4shmc_create_area(self->lib.name, 1, 0600, L4SHMC_EXCLUSIVE));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_handle(-1, 0, &area));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_clients(&self->lib.area, 1, 1));
	EXPECT_EQ(0, l4shmc_attach(self->lib.name, &area));
	EXPECT_EQ(0, l4shmc_detach(&area));
	EXPECT_EQ(4711, errno);
}

TEST_F(lib_area, texts)
{
	EXPECT_NE(NULL, l4shmc_version());
	EXPECT_TRUE(l4shmc_version()[0] >= '0' && l4shmc_version()[0] <= '9');
	EXPECT_STREQ("Receive timeout", l4sys_errtostr(TIMED_OUT));
	for (long error = -3000; error <= 3000; error++)
		EXPECT_TRUE(l4sys_errtostr(error) && *l4sys_errtostr(error));
	EXPECT_STRNE(l4sys_errtostr(-L4_ENOENT), l4sys_errtostr(-L4_EPERM));
	EXPECT_STREQ(l4sys_errtostr(LONG_MIN), l4sys_errtostr(LONG_MAX));
}

TEST_HARNESS_MAIN
