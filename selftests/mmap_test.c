// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: what may be mapped and how, what an observer cannot get, what
 * becomes of a mapping, and that the payload is memory like any other.
 */
#include "common.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <semaphore.h>
#include <sys/uio.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define RW (PROT_READ | PROT_WRITE)

FIXTURE(mapping)
{
	struct area area;
	int observer;
	unsigned char *base;
	size_t size, page;
	/* Right behind the last page, which is not mapped either */
	off_t offset, end;
};

FIXTURE_VARIANT(mapping)
{
	bool control;
};

FIXTURE_VARIANT_ADD(mapping, payload)
{
	.control = false,
};

FIXTURE_VARIANT_ADD(mapping, records)
{
	.control = true,
};

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at * 7 + (at >> 12) + 1);
}

/* Some pages of it: all of the control region would take long to fill. */
static size_t touched(FIXTURE_DATA(mapping) * self)
{
	return self->size < 16 * self->page ? self->size : 16 * self->page;
}

static bool holds_pattern(const unsigned char *at, size_t from, size_t size)
{
	for (size_t i = 0; i < size; i += 61)
		if (at[i] != pattern(from + i))
			return false;
	return true;
}

static void *map(FIXTURE_DATA(mapping) * self, int fd, size_t size, int prot)
{
	return mmap(NULL, size, prot, MAP_SHARED, fd, self->offset);
}

FIXTURE_SETUP(mapping)
{
	self->page = page_size();
	if (!make_area(_metadata, &self->area, 16 * self->page))
		return;
	self->size = variant->control ? L4SHMC_CONTROL_SIZE : 16 * self->page;
	self->offset = variant->control ? (off_t)L4SHMC_CONTROL_OFFSET : 0;
	self->end = self->offset + (off_t)self->size;
	self->observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	ASSERT_GE(self->observer, 0);
	self->base = map(self, self->area.fd, self->size, RW);
	ASSERT_NE(MAP_FAILED, self->base);
	for (size_t i = 0; i < touched(self); i++)
		self->base[i] = pattern(i);
}

FIXTURE_TEARDOWN(mapping)
{
	drop_area(&self->area);
}

#define EXPECT_NO_MAP(error, size, prot, flags, fd, offset)                     \
	do {                                                                    \
		errno = 0;                                                      \
		EXPECT_EQ(MAP_FAILED, mmap(NULL, size, prot, flags, fd, offset)); \
		EXPECT_EQ(error, errno);                                        \
	} while (0)

/* userfaultfd with the features that are asked for and known, or -errno */
static int userfault_open(__u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return features ? userfault_open(0) : -EINVAL;
	}
	return fd < 0 ? -errno : fd;
}

static bool userfault_register(int fd, void *at, size_t size, __u64 mode)
{
	struct uffdio_register arg = { .range = { (uintptr_t)at, size }, .mode = mode };

	return ioctl(fd, UFFDIO_REGISTER, &arg) == 0;
}

/* The flags that /proc/self/smaps has for the mapping that starts at @at */
static bool mapping_flags(const void *at, char *flags, size_t size)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512];
	bool here = false, found = false;
	unsigned long start, end;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start == (uintptr_t)at;
		found = here && strncmp(line, "VmFlags:", 8) == 0;
	}
	fclose(file);
	if (found)
		snprintf(flags, size, "%s", line + 8);
	return found;
}

/* What may be mapped */

TEST_F(mapping, any_part_in_pages)
{
	for (size_t from = 0; from < 16; from += 5) {
		for (size_t pages = 1; pages <= 16 - from; pages += 3) {
			unsigned char *part = mmap(NULL, pages * self->page, PROT_READ, MAP_SHARED,
						   self->area.fd,
						   self->offset + (off_t)(from * self->page));

			ASSERT_NE(MAP_FAILED, part);
			EXPECT_TRUE(holds_pattern(part, from * self->page, pages * self->page));
			munmap(part, pages * self->page);
		}
	}
}

TEST_F(mapping, last_page)
{
	unsigned char *last = mmap(NULL, self->page, RW, MAP_SHARED, self->area.fd,
				   self->end - (off_t)self->page);

	ASSERT_NE(MAP_FAILED, last);
	last[self->page - 1] = 77;
	EXPECT_EQ(77, self->base[self->size - 1]);
}

TEST_F(mapping, odd_length_is_rounded_up)
{
	unsigned char *part = map(self, self->area.fd, self->page + 1, PROT_READ);

	ASSERT_NE(MAP_FAILED, part);
	EXPECT_TRUE(holds_pattern(part, 0, 2 * self->page));
	EXPECT_NO_MAP(EINVAL, self->size + 1, PROT_READ, MAP_SHARED, self->area.fd, self->offset);
}

TEST_F(mapping, attack_22_nothing_beyond_the_end)
{
	const off_t page = (off_t)self->page;
	const off_t wild[] = {
		self->end, self->end + page, (off_t)L4SHMC_CONTROL_OFFSET - page,
		(off_t)(L4SHMC_CONTROL_OFFSET + L4SHMC_CONTROL_SIZE),
		(off_t)L4SHMC_CONTROL_OFFSET * 2, (off_t)L4SHMC_CONTROL_OFFSET * 8 - page,
	};
	int fd = self->area.fd;

	EXPECT_NO_MAP(EINVAL, self->size + self->page, PROT_READ, MAP_SHARED, fd, self->offset);
	EXPECT_NO_MAP(EINVAL, 2 * self->page, PROT_READ, MAP_SHARED, fd, self->end - page);
	EXPECT_NO_MAP(EINVAL, self->size, PROT_READ, MAP_SHARED, fd, self->offset + page);
	/* From the payload across the hole into the records */
	EXPECT_NO_MAP(EINVAL, 2 * self->page, PROT_READ, MAP_SHARED, fd,
		      (off_t)L4SHMC_CONTROL_OFFSET - page);
	for (unsigned int i = 0; i < ARRAY_SIZE(wild); i++)
		EXPECT_NO_MAP(EINVAL, self->page, PROT_READ, MAP_SHARED, fd, wild[i]);
}

TEST_F(mapping, attack_22_offset_that_wraps)
{
	const off_t wild[] = { (off_t)0x7ffffffffffff000, (off_t)0x8000000000000000,
			       (off_t)0xfffffffffffff000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(wild); i++) {
		EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, RW, MAP_SHARED, self->area.fd,
					   wild[i]));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * self->page, RW, MAP_SHARED, self->area.fd,
					   wild[i]));
	}
}

TEST_F(mapping, attack_22_wild_lengths_and_offsets)
{
	int fd = self->area.fd;

	EXPECT_NO_MAP(EINVAL, 0, PROT_READ, MAP_SHARED, fd, self->offset);
	EXPECT_NO_MAP(EINVAL, self->page, PROT_READ, MAP_SHARED, fd, self->offset + 1);
	EXPECT_NO_MAP(ENOMEM, (size_t)-1, PROT_READ, MAP_SHARED, fd, self->offset);
#ifdef __LP64__
	EXPECT_NO_MAP(ENOMEM, (size_t)1 << 47, PROT_READ, MAP_SHARED, fd, self->offset);
#endif
}

TEST_F(mapping, attack_23_private_is_einval)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_WRITE, RW };
	const int fds[] = { self->area.fd, self->observer };

	for (unsigned int i = 0; i < ARRAY_SIZE(prots); i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(fds); k++)
			EXPECT_NO_MAP(EINVAL, self->page, prots[i], MAP_PRIVATE, fds[k],
				      self->offset);
}

TEST_F(mapping, attack_24_code_is_eacces)
{
	/* Where no anonymous file can be executed the driver is not asked: EPERM. */
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ | PROT_EXEC, MAP_SHARED,
				   self->area.fd, self->offset));
	EXPECT_TRUE(errno == EACCES || errno == EPERM);
	EXPECT_EQ(-1, mprotect(self->base, self->page, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(mapping, attack_23_flags_of_mmap)
{
	int fd = self->area.fd;
	unsigned char *at = mmap(self->base, self->page, RW, MAP_SHARED | MAP_FIXED, fd,
				 self->offset + (off_t)self->page);

	EXPECT_EQ(self->base, at);
	EXPECT_TRUE(holds_pattern(at, self->page, self->page));
	EXPECT_NO_MAP(EOPNOTSUPP, self->page, RW, MAP_SHARED_VALIDATE | MAP_SYNC, fd,
		      self->offset);
	EXPECT_NE(MAP_FAILED, mmap(NULL, self->page, RW, MAP_SHARED_VALIDATE, fd, self->offset));
	EXPECT_NO_MAP(EINVAL, self->page, RW, MAP_SHARED | MAP_HUGETLB, fd, self->offset);
	at = mmap(NULL, self->size, RW, MAP_SHARED | MAP_POPULATE, fd, self->offset);
	EXPECT_NE(MAP_FAILED, at);
	EXPECT_TRUE(holds_pattern(at + 2 * self->page, 2 * self->page, self->page));
	at = mmap(NULL, 4 * self->page, RW, MAP_SHARED | MAP_LOCKED, fd, self->offset);
	EXPECT_NE(MAP_FAILED, at);
	EXPECT_TRUE(holds_pattern(at + 2 * self->page, 2 * self->page, self->page));
}

TEST_F(mapping, is_the_same_memory_for_all)
{
	int second = area_attach(self->area.handle, "", 0);
	unsigned char *theirs = map(self, second, self->size, RW);
	const unsigned char *watched = map(self, self->observer, self->size, PROT_READ);

	ASSERT_NE(MAP_FAILED, theirs);
	ASSERT_NE(MAP_FAILED, watched);
	EXPECT_TRUE(holds_pattern(theirs, 0, touched(self)));
	theirs[5 * self->page + 3] = 99;
	EXPECT_EQ(99, self->base[5 * self->page + 3]);
	EXPECT_EQ(99, watched[5 * self->page + 3]);
	if (fork() == 0) {
		theirs[3] = 98;
		_exit(0);
	}
	ASSERT_GT(wait(NULL), 0);
	EXPECT_EQ(98, self->base[3]);
}

/* Observers */

static bool write_through_proc(void *to, unsigned char byte)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	bool ok = pwrite(fd, &byte, 1, (off_t)(uintptr_t)to) == 1;

	close(fd);
	return ok;
}

static bool write_as_a_debugger(void *to, unsigned char byte)
{
	struct iovec from = { &byte, 1 }, there = { to, 1 };

	return process_vm_writev(getpid(), &from, 1, &there, 1, 0) == 1;
}

static bool read_into(void *to, unsigned char byte)
{
	int pipes[2];
	bool ok;

	if (pipe(pipes) || write(pipes[1], &byte, 1) != 1)
		return true;
	ok = read(pipes[0], to, 1) == 1;
	close(pipes[0]);
	close(pipes[1]);
	return ok;
}

TEST_F(mapping, attack_24_observer_cannot_write)
{
	unsigned char *watched = map(self, self->observer, self->size, PROT_READ), *moved;

	ASSERT_NE(MAP_FAILED, watched);
	EXPECT_NO_MAP(EACCES, self->page, PROT_WRITE, MAP_SHARED, self->observer, self->offset);
	EXPECT_NO_MAP(EACCES, self->size, RW, MAP_SHARED, self->observer, self->offset);
	EXPECT_EQ(-1, mprotect(watched, self->page, RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(watched, self->page, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(watched, self->page, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	/* Wherever it is, and from whatever it was made */
	moved = mremap(watched, self->page, self->page, MREMAP_MAYMOVE | MREMAP_FIXED,
		       self->base + 8 * self->page);
	ASSERT_NE(MAP_FAILED, moved);
	EXPECT_EQ(-1, mprotect(moved, self->page, RW));
	moved = mmap(NULL, self->page, PROT_NONE, MAP_SHARED, self->observer, self->offset);
	ASSERT_NE(MAP_FAILED, moved);
	EXPECT_EQ(-1, mprotect(moved, self->page, RW));
	EXPECT_EQ(0, mprotect(moved, self->page, PROT_READ));
	EXPECT_EQ(pattern(9), moved[9]);
}

TEST_F(mapping, attack_24_observer_cannot_write_the_back_way)
{
	unsigned char *watched = map(self, self->observer, self->size, PROT_READ);
	unsigned char own = 1;

	ASSERT_NE(MAP_FAILED, watched);
	/* That the ways are ways at all */
	EXPECT_TRUE(write_through_proc(&own, 2));
	EXPECT_TRUE(write_as_a_debugger(&own, 3));
	EXPECT_TRUE(read_into(&own, 4));
	EXPECT_EQ(4, own);
	EXPECT_FALSE(write_through_proc(watched, 0xee));
	EXPECT_FALSE(write_as_a_debugger(watched, 0xee));
	EXPECT_FALSE(read_into(watched, 0xee));
	EXPECT_EQ(-1, madvise(watched, self->page, MADV_REMOVE));
	EXPECT_EQ(-1, madvise(watched, self->page, MADV_POPULATE_WRITE));
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
}

/* Who may not write may not say either what stands where nothing stood. */
TEST_F(mapping, attack_24_observer_cannot_fill_pages)
{
	unsigned char *watched = map(self, self->observer, self->size, PROT_READ);
	static const __u64 modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP, UFFDIO_REGISTER_MODE_MINOR,
	};
	int fd = userfault_open(UFFD_FEATURE_MINOR_SHMEM);

	ASSERT_NE(MAP_FAILED, watched);
	if (fd == -ENOSYS || fd == -EPERM)
		SKIP(return, "no userfaultfd");
	ASSERT_GE(fd, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		EXPECT_FALSE(userfault_register(fd, watched, 4 * self->page, modes[i]));
	close(fd);
}

TEST_F_SIGNAL(mapping, attack_24_observer_that_writes_dies, SIGSEGV)
{
	__u32 *watched = map(self, self->observer, self->size, PROT_READ);

	ASSERT_NE(MAP_FAILED, watched);
	store32(watched, 1);
}

TEST_F(mapping, attack_24_observer_with_other_flags_is_none)
{
	int copy = dup(self->observer);

	/* Not that it would change anything for the open file */
	fcntl(copy, F_SETFL, O_RDWR | O_APPEND);
	EXPECT_EQ(O_RDONLY, fcntl(copy, F_GETFL) & O_ACCMODE);
	EXPECT_NO_MAP(EACCES, self->page, RW, MAP_SHARED, copy, self->offset);
}

/* What becomes of a mapping */

TEST_F(mapping, attack_28_outlives_descriptor_and_name)
{
	drop_area(&self->area);
	close(self->observer);
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
	self->base[self->size - 1] = 55;
	self->base[self->size - 5 * self->page] = 55;
	EXPECT_EQ(55, self->base[self->size - 1]);
}

static int unlink_and_make_again(void *arg)
{
	FIXTURE_DATA(mapping) * self = arg;
	int handle, fd;
	unsigned char *base;

	CHECK(area_unlink(self->area.dev, self->area.name) == 0);
	handle = area_create(self->area.dev, self->area.name, 16 * self->page, 0600, 0);
	fd = area_attach(handle, "", 0);
	base = map(self, fd, self->size, RW);
	CHECK(base != MAP_FAILED);
	CHECK(base[0] == 0);
	memset(base, 0xff, touched(self));
	return 0;
}

/* A peer destroys the area and makes another one: that is not what is mapped. */
TEST_F(mapping, attack_28_destroyed_by_a_peer_and_made_again)
{
	const size_t far = self->size - self->page;

	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	ASSERT_EQ(0, run_child(unlink_and_make_again, self));
	EXPECT_FALSE(area_named(&self->area));
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
	/* Of the records, this page was never touched before. */
	EXPECT_EQ(variant->control ? 0 : pattern(far), self->base[far]);
	self->base[far] = 1;
	EXPECT_EQ(1, self->base[far]);
}

TEST_F(mapping, attack_26_goes_piece_by_piece)
{
	unsigned char *base = self->base;
	const size_t page = self->page;

	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	/* Middle, front, back */
	ASSERT_EQ(0, munmap(base + 4 * page, 3 * page));
	ASSERT_EQ(0, munmap(base, page));
	ASSERT_EQ(0, munmap(base + 15 * page, self->size - 15 * page));
	EXPECT_TRUE(holds_pattern(base + page, page, 3 * page));
	EXPECT_TRUE(holds_pattern(base + 7 * page, 7 * page, 8 * page));
	EXPECT_TRUE(area_named(&self->area));
	ASSERT_EQ(0, munmap(base + page, 3 * page));
	EXPECT_TRUE(area_named(&self->area));
	ASSERT_EQ(0, munmap(base + 7 * page, 8 * page));
	EXPECT_FALSE(area_named(&self->area));
}

TEST_F(mapping, attack_26_goes_when_another_takes_its_place)
{
	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_TRUE(area_named(&self->area));
	ASSERT_EQ(self->base, mmap(self->base, self->size, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_FALSE(area_named(&self->area));
}

TEST_F(mapping, attack_27_does_not_grow)
{
	const size_t size = self->size, page = self->page;

	EXPECT_EQ(MAP_FAILED, mremap(self->base, size, size + page, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, munmap(self->base + 8 * page, size - 8 * page));
	/* Not even to where it has been */
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 8 * page, 9 * page, 0));
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 8 * page, 9 * page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 0, size + page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 0, page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 8 * page, 8 * page,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	EXPECT_TRUE(holds_pattern(self->base, 0, 8 * page));
}

TEST_F(mapping, attack_27_shrinks_and_moves)
{
	unsigned char *place = mmap(NULL, 8 * self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

	ASSERT_EQ(self->base, mremap(self->base, self->size, 8 * self->page, 0));
	ASSERT_EQ(place, mremap(self->base, 8 * self->page, 8 * self->page,
				MREMAP_MAYMOVE | MREMAP_FIXED, place));
	EXPECT_TRUE(holds_pattern(place, 0, 8 * self->page));
	place[self->page] = 5;
	/* The moved one is all that is left. */
	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_TRUE(area_named(&self->area));
	munmap(place, 8 * self->page);
	EXPECT_FALSE(area_named(&self->area));
}

/* The old way to map other pages of the same file is no way around the driver. */
TEST_F(mapping, attack_27_remap_file_pages)
{
	unsigned char *watched = map(self, self->observer, self->size, PROT_READ);
	const size_t page = self->page, end = (size_t)(self->end / (off_t)self->page);
	char flags[512];

	ASSERT_NE(MAP_FAILED, watched);
	EXPECT_EQ(-1, syscall(SYS_remap_file_pages, watched, page, 0, end - 1, 0));
	syscall(SYS_remap_file_pages, self->base, page, 0, end - 1, 0);
	EXPECT_EQ(-1, mprotect(self->base, page, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mremap(self->base, 0, page, MREMAP_MAYMOVE));
	ASSERT_TRUE(mapping_flags(self->base, flags, sizeof(flags)));
	EXPECT_NE(NULL, strstr(flags, " dd"));
	EXPECT_NE(NULL, strstr(flags, " de"));
	/* Behind the end there is nothing to be mapped. */
	EXPECT_EQ(-1, syscall(SYS_remap_file_pages, self->base + page, page, 0, end, 0));
	EXPECT_TRUE(holds_pattern(self->base + 2 * page, 2 * page, touched(self) - 2 * page));
}

struct family {
	FIXTURE_DATA(mapping) * self;
	int ready[2], go[2];
};

static int grandchild(void *arg)
{
	struct family *family = arg;
	char byte;

	CHECK(write(family->ready[1], "", 1) == 1);
	CHECK(read(family->go[0], &byte, 1) == 1);
	CHECK(holds_pattern(family->self->base, 0, touched(family->self)));
	family->self->base[0] = 123;
	return 0;
}

/* Generations that end in any order: the last mapping counts. */
TEST_F(mapping, attack_25_outlives_those_it_was_inherited_from)
{
	struct family family = { .self = self };
	pid_t child;
	char byte;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ASSERT_EQ(0, pipe(family.ready));
	ASSERT_EQ(0, pipe(family.go));
	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	child = fork();
	if (child == 0) {
		if (fork() == 0)
			_exit(grandchild(&family));
		_exit(0);
	}
	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, read(family.ready[0], &byte, 1));
	munmap(self->base, self->size);
	EXPECT_TRUE(area_named(&self->area));
	ASSERT_EQ(1, write(family.go[1], "", 1));
	EXPECT_EQ(0, reap(-1));
	EXPECT_FALSE(area_named(&self->area));
}

#define LEVELS 3

/* A tree of processes, each of which ends before or after its children */
static int tree(FIXTURE_DATA(mapping) * self, int level, unsigned int seed)
{
	pid_t pids[2] = { 0 };

	for (unsigned int i = 0; level > 0 && i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(tree(self, level - 1, seed * 2 + i));
	}
	CHECK(holds_pattern(self->base, 0, 4 * self->page));
	if (seed % 3 == 0)
		CHECK(munmap(self->base, self->size / 2) == 0);
	if (seed % 2 == 0 || level == 0)
		nap_us(seed * 700 % 5000);
	if (seed % 2 == 0)
		for (unsigned int i = 0; level > 0 && i < ARRAY_SIZE(pids); i++)
			CHECK(reap(pids[i]) == 0);
	return 0;
}

/* The mapping and its copies are all that is left: the last one ends the area. */
TEST_F(mapping, attack_25_either_side_of_a_fork_ends_first)
{
	pid_t child;
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	close(self->observer);
	close(self->area.fd);
	close(self->area.handle);
	for (unsigned int seed = 1; seed <= 6; seed++) {
		child = fork();
		if (child == 0)
			_exit(tree(self, LEVELS, seed));
		ASSERT_EQ(0, reap(child));
		/* What the child has left behind */
		while (wait(&status) > 0)
			EXPECT_EQ(0, status);
		EXPECT_TRUE(area_named(&self->area));
	}
	child = fork();
	if (child == 0)
		_exit(tree(self, LEVELS, 3));
	/* Here it is this side that goes first. */
	munmap(self->base, self->size);
	ASSERT_EQ(0, reap(child));
	while (wait(&status) > 0)
		EXPECT_EQ(0, status);
	EXPECT_FALSE(area_named(&self->area));
}

TEST_F(mapping, attack_30_stands_every_advice)
{
	static const int advices[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
		MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP,
		MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, MADV_DONTNEED_LOCKED, MADV_COLLAPSE, MADV_SOFT_OFFLINE, 9999,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(advices); i++) {
		madvise(self->base, touched(self), advices[i]);
		madvise(self->base + self->page, self->page, advices[i]);
		EXPECT_TRUE(holds_pattern(self->base, 0, touched(self))) {
			TH_LOG("advice %d", advices[i]);
		}
	}
}

/* Guards make the pages unusable for who sets them, and for nobody else. */
TEST_F(mapping, attack_30_guards_are_ones_own)
{
	unsigned char *theirs = map(self, self->observer, self->size, PROT_READ);

	ASSERT_NE(MAP_FAILED, theirs);
	madvise(self->base, 4 * self->page, MADV_GUARD_INSTALL);
	EXPECT_TRUE(holds_pattern(theirs, 0, touched(self)));
	madvise(self->base, 4 * self->page, MADV_GUARD_REMOVE);
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
}

TEST_F(mapping, attack_30_locks_syncs_and_binds)
{
	unsigned long nodes = 1;
	void *at = self->base;
	int node = 0, status;
	unsigned char resident[16];

	EXPECT_EQ(0, mlock(self->base, 16 * self->page));
	EXPECT_EQ(0, munlock(self->base, 16 * self->page));
	/* There is nothing that records could be written back to. */
	EXPECT_EQ(variant->control ? -1 : 0, msync(self->base, 16 * self->page, MS_SYNC));
	EXPECT_EQ(0, mincore(self->base, 16 * self->page, resident));
	EXPECT_EQ(0, mlock2(self->base, 16 * self->page, MLOCK_ONFAULT));
	EXPECT_EQ(0, munlock(self->base, 16 * self->page));
	/* Where there is NUMA it may be told where its pages shall be, and move them. */
	for (unsigned long flags = 0; flags < 8; flags++)
		syscall(SYS_mbind, self->base, 16 * self->page, 2, &nodes, 8 * sizeof(nodes),
			flags);
	syscall(SYS_move_pages, 0, 1UL, &at, &node, &status, 4);
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
}

TEST_F(mapping, attack_30_stands_a_userfaultfd)
{
	int fd = userfault_open(0);

	if (fd == -ENOSYS || fd == -EPERM)
		SKIP(return, "no userfaultfd");
	ASSERT_GE(fd, 0);
	userfault_register(fd, self->base, 4 * self->page, UFFDIO_REGISTER_MODE_MISSING);
	userfault_register(fd, self->base, 4 * self->page, UFFDIO_REGISTER_MODE_WP);
	/* All pages are there: none is missing. */
	EXPECT_TRUE(holds_pattern(self->base, 0, 4 * self->page));
	close(fd);
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
}

/* Pages that are there cannot be replaced, not even by who may write to them. */
TEST_F(mapping, attack_30_userfaultfd_replaces_no_page)
{
	unsigned char *theirs = map(self, self->observer, self->size, PROT_READ);
	int fd = userfault_open(0);
	unsigned char own[2 * 4096];
	struct uffdio_zeropage zero = { .range = { (uintptr_t)self->base, self->page } };
	struct uffdio_copy copy = {
		.dst = (uintptr_t)self->base, .len = self->page,
		.src = ((uintptr_t)own + 4095) / 4096 * 4096,
	};

	ASSERT_NE(MAP_FAILED, theirs);
	if (fd == -ENOSYS || fd == -EPERM)
		SKIP(return, "no userfaultfd");
	ASSERT_GE(fd, 0);
	memset(own, 0xee, sizeof(own));
	userfault_register(fd, self->base, self->size, UFFDIO_REGISTER_MODE_MISSING);
	EXPECT_EQ(-1, ioctl(fd, UFFDIO_COPY, &copy));
	EXPECT_EQ(-1, ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	/* Not from this program's page tables either */
	madvise(self->base, self->page, MADV_DONTNEED);
	EXPECT_EQ(-1, ioctl(fd, UFFDIO_COPY, &copy));
	EXPECT_EQ(-1, ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	EXPECT_TRUE(holds_pattern(theirs, 0, touched(self)));
	close(fd);
	EXPECT_TRUE(holds_pattern(self->base, 0, touched(self)));
}

/* A peer's secrets are not for this program's core dumps. */
TEST_F(mapping, attack_34_is_not_dumped)
{
	char flags[512];

	ASSERT_TRUE(mapping_flags(self->base, flags, sizeof(flags)));
	EXPECT_NE(NULL, strstr(flags, " dd"));
	EXPECT_NE(NULL, strstr(flags, " de"));
	/* Nor can that be changed. */
	EXPECT_EQ(-1, madvise(self->base, self->page, MADV_DODUMP));
	EXPECT_EQ(EINVAL, errno);
}

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"
#define SECRET_SIZE 64

/* Made up where it is needed, so that it stands nowhere else in the program. */
static void set_secret(unsigned char *to, unsigned int seed)
{
	for (unsigned int i = 0; i < SECRET_SIZE; i++) {
		seed = seed * 1103515245 + 12345;
		to[i] = (unsigned char)(seed >> 16);
	}
}

/* Dies with secret 1 in its own memory and secret 2 in the area */
static int dump_core(void *arg)
{
	FIXTURE_DATA(mapping) * self = arg;
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned char *own = mmap(NULL, self->page, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(own != MAP_FAILED);
	set_secret(own, 1);
	set_secret(self->base + self->page, 2);
	CHECK(setrlimit(RLIMIT_CORE, &limit) == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
	CHECK(write_text("/proc/self/coredump_filter", "0xff"));
	abort();
}

static bool file_has_secret(const char *path, unsigned int seed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	void *at = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	unsigned char secret[SECRET_SIZE];
	bool found;

	set_secret(secret, seed);
	found = at != MAP_FAILED && memmem(at, (size_t)size, secret, sizeof(secret));
	if (at != MAP_FAILED)
		munmap(at, (size_t)size);
	close(fd);
	return found;
}

/* Even if all kinds of memory are asked for. */
TEST_F(mapping, attack_34_core_has_nothing_of_the_area)
{
	unsigned char secret[SECRET_SIZE];
	char pattern[256] = "", path[64];
	int fd = open(CORE_PATTERN, O_RDONLY | O_CLOEXEC);

	if (geteuid() != 0)
		SKIP(return, "only root says where core dumps go");
	if (fd < 0)
		SKIP(return, "a kernel without core dumps");
	ASSERT_GT(read(fd, pattern, sizeof(pattern) - 1), 0);
	close(fd);
	snprintf(path, sizeof(path), "/var/tmp/core.%d", getpid());
	ASSERT_TRUE(write_text(CORE_PATTERN, path));
	EXPECT_EQ(128 + SIGABRT, run_child(dump_core, self));
	ASSERT_TRUE(write_text(CORE_PATTERN, pattern));
	EXPECT_TRUE(file_has_secret(path, 1));
	EXPECT_FALSE(file_has_secret(path, 2));
	unlink(path);
	/* Which was there to be found. */
	set_secret(secret, 2);
	EXPECT_EQ(0, memcmp(secret, self->base + self->page, sizeof(secret)));
}

/* Payload as memory */

FIXTURE(memory)
{
	struct area area;
	unsigned char *base;
	size_t size;
	char path[64];
};

FIXTURE_SETUP(memory)
{
	self->size = 1 << 20;
	if (!make_area(_metadata, &self->area, self->size))
		return;
	self->base = map_data(self->area.fd, self->size, RW);
	ASSERT_NE(MAP_FAILED, self->base);
	snprintf(self->path, sizeof(self->path), "/var/tmp/l4shmc-selftest.%d", getpid());
}

FIXTURE_TEARDOWN(memory)
{
	unlink(self->path);
	drop_area(&self->area);
}

struct guarded {
	pthread_mutex_t mutex;
	sem_t sem;
	unsigned int count;
};

static void init_mutex(pthread_mutex_t *mutex, int robust)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, robust);
	pthread_mutex_init(mutex, &attr);
}

/* The memory as a client of its own sees it */
static struct guarded *attach_guarded(FIXTURE_DATA(memory) * self)
{
	return map_data(area_attach(self->area.handle, "", 0), self->size, RW);
}

static int count_up(void *arg)
{
	struct guarded *guarded = attach_guarded(arg);

	CHECK(guarded != MAP_FAILED);
	for (unsigned int i = rounds(1000); i > 0; i--) {
		CHECK(pthread_mutex_lock(&guarded->mutex) == 0);
		__atomic_store_n(&guarded->count, guarded->count + 1, __ATOMIC_RELAXED);
		if (i % 16 == 0)
			sched_yield();
		CHECK(pthread_mutex_unlock(&guarded->mutex) == 0);
	}
	return 0;
}

TEST_F(memory, holds_a_mutex_between_processes)
{
	struct guarded *guarded = (struct guarded *)self->base;
	pid_t pids[3];

	init_mutex(&guarded->mutex, PTHREAD_MUTEX_STALLED);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(count_up, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
	EXPECT_EQ(ARRAY_SIZE(pids) * rounds(1000), guarded->count);
}

static int lock_for_ever(void *arg)
{
	struct guarded *guarded = attach_guarded(arg);

	CHECK(guarded != MAP_FAILED);
	CHECK(pthread_mutex_lock(&guarded->mutex) == 0);
	CHECK(sem_post(&guarded->sem) == 0);
	pause();
	return 1;
}

TEST_F(memory, holds_a_mutex_whose_owner_is_killed)
{
	struct guarded *guarded = (struct guarded *)self->base;
	pid_t child;

	init_mutex(&guarded->mutex, PTHREAD_MUTEX_ROBUST);
	ASSERT_EQ(0, sem_init(&guarded->sem, 1, 0));
	child = spawn(lock_for_ever, self);
	ASSERT_EQ(0, sem_wait(&guarded->sem));
	EXPECT_EQ(EBUSY, pthread_mutex_trylock(&guarded->mutex));
	kill(child, SIGKILL);
	EXPECT_EQ(EOWNERDEAD, pthread_mutex_lock(&guarded->mutex));
	EXPECT_EQ(0, pthread_mutex_consistent(&guarded->mutex));
	EXPECT_EQ(0, pthread_mutex_unlock(&guarded->mutex));
	reap(child);
}

static void fill(FIXTURE_DATA(memory) * self)
{
	for (size_t i = 0; i < self->size / 2; i++)
		self->base[i] = pattern(i);
	memset(self->base + self->size / 2, 0, self->size / 2);
}

static int direct_file(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_DIRECT | O_CLOEXEC, 0600);
}

TEST_F(memory, attack_31_does_direct_io)
{
	const size_t half = self->size / 2;
	int fd = direct_file(self->path);

	if (fd < 0 && errno == EINVAL)
		SKIP(return, "/var/tmp is on a file system without O_DIRECT");
	ASSERT_GE(fd, 0);
	fill(self);
	ASSERT_EQ((ssize_t)half, pwrite(fd, self->base, half, 0));
	ASSERT_EQ((ssize_t)half, pread(fd, self->base + half, half, 0));
	EXPECT_TRUE(holds_pattern(self->base + half, 0, half));
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	close(fd);
}

/* The pages in the pipe outlive the area. */
TEST_F(memory, attack_31_goes_through_a_pipe)
{
	const size_t size = 8 * page_size();
	unsigned char copy[8 * 4096];
	struct iovec iov = { self->base, size };
	size_t got = 0;
	int pipes[2];

	ASSERT_EQ(sizeof(copy), size);
	ASSERT_EQ(0, pipe(pipes));
	fill(self);
	ASSERT_EQ((ssize_t)size, vmsplice(pipes[1], &iov, 1, 0));
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	while (got < size) {
		ssize_t len = read(pipes[0], copy + got, size - got);

		ASSERT_GT(len, 0);
		got += (size_t)len;
	}
	EXPECT_TRUE(holds_pattern(copy, 0, size));
}

/* Pages that are given away for good are only those of who gives. */
TEST_F(memory, attack_31_pages_cannot_be_given_away)
{
	const size_t size = 4 * page_size();
	struct iovec iov = { self->base, size };
	int pipes[2], memfd = memfd_create("memfd", 0);
	unsigned char *theirs = map_data(self->area.fd, self->size, RW), *file;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_NE(MAP_FAILED, theirs);
	fill(self);
	ASSERT_EQ((ssize_t)size, vmsplice(pipes[1], &iov, 1, SPLICE_F_GIFT));
	ASSERT_EQ((ssize_t)size, splice(pipes[0], NULL, memfd, NULL, size, SPLICE_F_MOVE));
	file = mmap(NULL, size, RW, MAP_SHARED, memfd, 0);
	ASSERT_NE(MAP_FAILED, file);
	EXPECT_TRUE(holds_pattern(file, 0, size));
	/* What the one says is not what the other says. */
	memset(file, 0xee, size);
	EXPECT_TRUE(holds_pattern(theirs, 0, size));
	memset(theirs, 0xdd, size);
	EXPECT_EQ(0xee, file[0]);
}

/* Records are pages of the driver: what has them in its hands keeps them. */
TEST_F(memory, attack_31_records_go_through_a_pipe)
{
	const size_t size = 8 * page_size();
	unsigned char *records = (unsigned char *)map_control(self->area.fd, RW);
	unsigned char copy[8 * 4096];
	struct iovec iov = { records, size };
	size_t got = 0;
	ssize_t len;
	int pipes[2];

	ASSERT_EQ(sizeof(copy), size);
	ASSERT_NE(MAP_FAILED, records);
	ASSERT_EQ(0, pipe(pipes));
	for (size_t i = 0; i < size; i++)
		records[i] = pattern(i);
	ASSERT_EQ((ssize_t)size, vmsplice(pipes[1], &iov, 1, 0));
	munmap(records, L4SHMC_CONTROL_SIZE);
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	for (; got < size; got += (size_t)len) {
		len = read(pipes[0], copy + got, size - got);
		ASSERT_GT(len, 0);
	}
	EXPECT_TRUE(holds_pattern(copy, 0, size));
}

TEST_F(memory, attack_31_direct_io_with_records)
{
	const size_t size = 8 * page_size();
	unsigned char *records = (unsigned char *)map_control(self->area.fd, RW);
	int fd = direct_file(self->path);

	if (fd < 0 && errno == EINVAL)
		SKIP(return, "/var/tmp is on a file system without O_DIRECT");
	ASSERT_GE(fd, 0);
	ASSERT_NE(MAP_FAILED, records);
	for (size_t i = 0; i < size; i++)
		records[i] = pattern(i);
	ASSERT_EQ((ssize_t)size, pwrite(fd, records, size, 0));
	/* To pages that have been there, and to those that have not */
	ASSERT_EQ((ssize_t)size, pread(fd, records + size, size, 0));
	EXPECT_TRUE(holds_pattern(records + size, 0, size));
	munmap(records, L4SHMC_CONTROL_SIZE);
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	close(fd);
}

/* Just enough of io_uring for one request at a time */
struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* Where there is no io_uring, or not for us, that is told before anything else. */
static bool ring_available(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL) < 0 && (errno == EFAULT || errno == EINVAL);
}

static int ring_open(struct ring *ring)
{
	struct io_uring_params params = { 0 };
	unsigned char *rings;

	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	if (ring->fd < 0)
		return -errno;
	/* Both rings are in one mapping since 5.4. */
	rings = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*ring->cqes), RW,
		     MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, params.sq_entries * sizeof(*ring->sqes), RW, MAP_SHARED, ring->fd,
			  IORING_OFF_SQES);
	if (rings == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -errno;
	ring->sq_tail = (unsigned int *)(rings + params.sq_off.tail);
	ring->sq_mask = (unsigned int *)(rings + params.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(rings + params.sq_off.array);
	ring->cq_head = (unsigned int *)(rings + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(rings + params.cq_off.tail);
	ring->cq_mask = (unsigned int *)(rings + params.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
	return 0;
}

/* Reads or writes @len bytes at the start of @fd, by registered buffer 0. */
static int ring_fixed(struct ring *ring, unsigned char opcode, int fd, void *at, unsigned int len)
{
	unsigned int tail = *ring->sq_tail, head, slot = tail & *ring->sq_mask;
	int result;

	ring->sqes[slot] = (struct io_uring_sqe){
		.opcode = opcode, .fd = fd, .addr = (uintptr_t)at, .len = len,
	};
	ring->sq_array[slot] = slot;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	head = *ring->cq_head;
	if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
		return -EAGAIN;
	result = ring->cqes[head & *ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

TEST_F(memory, attack_31_is_a_fixed_buffer_of_io_uring)
{
	const int half = (int)self->size / 2;
	struct iovec iov = { self->base, self->size };
	unsigned char *copy = malloc((size_t)half);
	struct ring ring;
	int fd;

	if (!ring_available())
		SKIP(return, "no io_uring");
	ASSERT_EQ(0, ring_open(&ring));
	fd = direct_file(self->path);
	if (fd < 0)
		fd = open(self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1));
	fill(self);
	ASSERT_EQ(half, ring_fixed(&ring, IORING_OP_WRITE_FIXED, fd, self->base, half));
	ASSERT_EQ(half, ring_fixed(&ring, IORING_OP_READ_FIXED, fd, self->base + half, half));
	EXPECT_TRUE(holds_pattern(self->base + half, 0, half));
	/* The registered pages outlive the area. */
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	ASSERT_EQ(0, ftruncate(fd, 0));
	ASSERT_EQ(half, ring_fixed(&ring, IORING_OP_WRITE_FIXED, fd, self->base + half, half));
	close(fd);
	close(ring.fd);
	fd = open(self->path, O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(half, read(fd, copy, (size_t)half));
	EXPECT_TRUE(holds_pattern(copy, 0, half));
	free(copy);
}

/* To read into it later, as the kernel would then do without asking again */
TEST_F(memory, attack_24_observer_has_no_fixed_buffer)
{
	int observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	void *data = map_data(observer, self->size, PROT_READ);
	void *records = map_control(observer, PROT_READ);
	struct iovec iov[] = { { data, self->size }, { records, page_size() } };
	struct ring ring;

	ASSERT_NE(MAP_FAILED, data);
	ASSERT_NE(MAP_FAILED, records);
	if (!ring_available())
		SKIP(return, "no io_uring");
	ASSERT_EQ(0, ring_open(&ring));
	for (unsigned int i = 0; i < ARRAY_SIZE(iov); i++)
		EXPECT_EQ(-1, syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS,
				      &iov[i], 1));
	/* The same memory of who may write will do. */
	iov[0].iov_base = self->base;
	EXPECT_EQ(0, syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, iov, 1));
	close(ring.fd);
}

TEST_F(memory, attack_31_records_as_a_fixed_buffer_of_io_uring)
{
	const size_t size = 8 * page_size();
	unsigned char *records = (unsigned char *)map_control(self->area.fd, RW);
	struct iovec iov = { records, size };
	unsigned char copy[8 * 4096];
	struct ring ring;
	int fd;

	if (!ring_available())
		SKIP(return, "no io_uring");
	ASSERT_EQ(sizeof(copy), size);
	ASSERT_NE(MAP_FAILED, records);
	ASSERT_EQ(0, ring_open(&ring));
	fd = open(self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ASSERT_GE(fd, 0);
	for (size_t i = 0; i < size; i++)
		records[i] = pattern(i);
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1)) {
		/* Linux 6.1 takes anonymous memory, shmem and huge pages only. */
		EXPECT_EQ(EOPNOTSUPP, errno);
		return;
	}
	munmap(self->base, self->size);
	close(self->area.fd);
	close(self->area.handle);
	munmap(records, L4SHMC_CONTROL_SIZE);
	EXPECT_FALSE(area_named(&self->area));
	ASSERT_EQ((int)size, ring_fixed(&ring, IORING_OP_WRITE_FIXED, fd, records, size));
	ASSERT_EQ((ssize_t)size, pread(fd, copy, size, 0));
	EXPECT_TRUE(holds_pattern(copy, 0, size));
	close(ring.fd);
	close(fd);
}

/* A descriptor of an area is not the payload's file. */
TEST_F(memory, attack_35_is_no_file_to_those_who_map_it)
{
	char link[64], target[256];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", self->area.fd);
	len = readlink(link, target, sizeof(target) - 1);
	ASSERT_GT(len, 0);
	target[len] = '\0';
	EXPECT_EQ(NULL, strchr(target + 1, '/'));
	EXPECT_EQ(-1, open(link, O_RDWR));
	EXPECT_EQ(-1, open(link, O_RDONLY));
}

TEST_HARNESS_MAIN
