// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * POSIX shared memory: a file in /dev/shm for what l4shmc calls an area
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define PAGE 4096
#define SIZE_NAME 48

static pid_t owner;
static uint64_t at;

static void name_object(char name[SIZE_NAME], const char *what, uint64_t number)
{
	snprintf(name, SIZE_NAME, "/l4shmc-bench-%d-%s-%u", (int)owner, what,
		 (unsigned int)number);
}

/* All pages are there then, as those of an area. */
static int create(const char *name, uint64_t size)
{
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), err;

	if (fd < 0)
		fail_errno("shm_open");
	err = posix_fallocate(fd, 0, (off_t)size);
	if (err) {
		shm_unlink(name);
		errno = err;
		skip("%llu bytes do not fit into /dev/shm", (unsigned long long)size);
	}
	return fd;
}

static char *map(int fd, uint64_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		fail_errno("mmap");
	return memory;
}

static char *attach(const char *name, uint64_t size)
{
	int fd = shm_open(name, O_RDWR, 0);
	char *memory;

	if (fd < 0)
		fail_errno("shm_open");
	memory = map(fd, size);
	close(fd);
	return memory;
}

static void detach(char *memory, uint64_t size)
{
	if (munmap(memory, size))
		fail_errno("munmap");
}

static void objects_setup(struct run *run)
{
	char name[SIZE_NAME];
	uint64_t i;

	owner = getpid();
	for (i = 0; i < run->param; i++) {
		name_object(name, "other", i);
		close(create(name, PAGE));
	}
}

static void objects_end(struct run *run)
{
	char name[SIZE_NAME];
	uint64_t i;

	for (i = 0; i < run->param; i++) {
		name_object(name, "other", i);
		shm_unlink(name);
	}
}

static void attach_batch(struct run *run, uint64_t n)
{
	char name[SIZE_NAME];

	while (n--) {
		at = (at + run->param / 3 + 1) % run->param;
		name_object(name, "other", at);
		detach(attach(name, PAGE), PAGE);
	}
}

static void lifecycle_batch(struct run *run, uint64_t n)
{
	char name[SIZE_NAME];

	(void)run;
	name_object(name, "own", 0);
	while (n--) {
		close(create(name, PAGE));
		detach(attach(name, PAGE), PAGE);
		if (shm_unlink(name))
			fail_errno("shm_unlink");
	}
}

static void touch_setup(struct run *run)
{
	char name[SIZE_NAME];

	owner = getpid();
	name_object(name, "own", 0);
	close(create(name, run->param));
}

static void touch_end(struct run *run)
{
	char name[SIZE_NAME];

	(void)run;
	name_object(name, "own", 0);
	shm_unlink(name);
}

static void touch_batch(struct run *run, uint64_t n)
{
	char name[SIZE_NAME], *memory;
	uint64_t i;

	name_object(name, "own", 0);
	while (n--) {
		memory = attach(name, run->param);
		for (i = 0; i < run->param; i += PAGE)
			*(volatile char *)(memory + i) = 1;
		detach(memory, run->param);
	}
}

static const struct bench shm_benches[] = {
	{
		.which = CASE_ATTACH_BY_NAME,
		.setup = objects_setup,
		.batch = attach_batch,
		.end = objects_end,
	},
	{
		.which = CASE_LIFECYCLE,
		.setup = objects_setup,
		.batch = lifecycle_batch,
		.end = objects_end,
	},
	{
		.which = CASE_FIRST_TOUCH,
		.setup = touch_setup,
		.batch = touch_batch,
		.end = touch_end,
	},
	{ 0 },
};

const struct subject subject_posix_shm = {
	.name = "posix-shm",
	.about = "shm_open, mmap, munmap and shm_unlink",
	.benches = shm_benches,
};
