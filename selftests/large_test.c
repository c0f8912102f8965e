// SPDX-License-Identifier: GPL-2.0-only
/*
 * An area of more than 4 GiB: what lies on both sides of where 31 and 32 bits end.
 * All of its memory is allocated, so this wants a machine that has as much.
 */
#include "common.h"

#include <sys/sysinfo.h>

#define GIB (1ULL << 30)
#define AREA_SIZE (4 * GIB + 4 * page_size())

/* Pages next to each other, and the first and last one */
#define PAGES 6

FIXTURE(large)
{
	struct area area;
	__u64 pages[PAGES];
};

FIXTURE_SETUP(large)
{
	const __u64 pages[PAGES] = {
		0, 2 * GIB - page_size(), 2 * GIB, 4 * GIB - page_size(), 4 * GIB,
		AREA_SIZE - page_size(),
	};
	struct sysinfo system;

	ASSERT_EQ(0, sysinfo(&system));
	if ((__u64)system.freeram * system.mem_unit < AREA_SIZE + GIB / 4)
		SKIP(return, "there is too little memory");
	make_area(_metadata, &self->area, AREA_SIZE);
	memcpy(self->pages, pages, sizeof(pages));
}

FIXTURE_TEARDOWN(large)
{
	drop_area(&self->area);
}

static __u64 *map_page(FIXTURE_DATA(large) * self, __u64 offset)
{
	return mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, self->area.fd,
		    (off_t)offset);
}

/* Each page is itself alone, however it is mapped. */
TEST_F_TIMEOUT(large, attack_15_pages_beyond_31_and_32_bits, 1200)
{
	const size_t last = page_size() / sizeof(__u64) - 1;
	struct l4shmc_ioc_area_info info;
	__u64 *page;

	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(AREA_SIZE, info.area_size);
	EXPECT_EQ(AREA_SIZE, info.area_free);
	for (unsigned int i = 0; i < PAGES; i++) {
		page = map_page(self, self->pages[i]);
		ASSERT_NE(MAP_FAILED, page);
		EXPECT_EQ(0, page[0] | page[last]);
		page[0] = self->pages[i] + 1;
		page[last] = self->pages[i] + 2;
		munmap(page, page_size());
	}
	for (unsigned int i = 0; i < PAGES; i++) {
		page = map_page(self, self->pages[i]);
		ASSERT_NE(MAP_FAILED, page);
		EXPECT_EQ(self->pages[i] + 1, page[0]);
		EXPECT_EQ(self->pages[i] + 2, page[last]);
		munmap(page, page_size());
	}
	EXPECT_EQ(MAP_FAILED, map_page(self, AREA_SIZE));
	if (sizeof(size_t) < sizeof(__u64))
		return;
	page = map_data(self->area.fd, (size_t)AREA_SIZE, PROT_READ);
	ASSERT_NE(MAP_FAILED, page);
	for (unsigned int i = 0; i < PAGES; i++) {
		EXPECT_EQ(self->pages[i] + 1, page[self->pages[i] / sizeof(*page)]);
		EXPECT_EQ(self->pages[i] + 2, page[self->pages[i] / sizeof(*page) + last]);
	}
}

TEST_F_TIMEOUT(large, attack_15_chunks_beyond_31_and_32_bits, 1200)
{
	/* One that ends at 2^31, one that starts there and ends at 2^32, and what is left */
	const __u64 capacities[] = { 2 * GIB, 2 * GIB - 1, 4 * page_size() };
	struct l4shmc_ioc_area_info info;
	struct l4shmc_ioc_chunk_next next;
	__u64 offset = 0, *page;
	char name[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(capacities); i++) {
		snprintf(name, sizeof(name), "%u", i);
		EXPECT_ERR(ENOMEM, chunk_add(self->area.fd, name, AREA_SIZE - offset + 1));
		ASSERT_EQ(i, chunk_add(self->area.fd, name, capacities[i]));
		ASSERT_EQ(i, chunk_next(self->area.fd, i, &next));
		EXPECT_EQ(offset, next.offset);
		EXPECT_EQ(capacities[i], next.capacity);
		snprintf(name, sizeof(name), "chunks/%u/offset", i);
		if (sizeof(long) == sizeof(__u64))
			EXPECT_EQ(offset, sysfs_number(self->area.name, name));
		offset += (capacities[i] + L4SHMC_CHUNK_ALIGN - 1) / L4SHMC_CHUNK_ALIGN *
			  L4SHMC_CHUNK_ALIGN;
	}
	EXPECT_EQ(AREA_SIZE, offset);
	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(0, info.area_free);
	EXPECT_ERR(ENOMEM, chunk_add(self->area.fd, "more", 1));
	/* The last one, and nothing of the others */
	page = map_page(self, next.offset);
	ASSERT_NE(MAP_FAILED, page);
	page[0] = 4711;
	for (unsigned int i = 0; i < PAGES; i++) {
		page = map_page(self, self->pages[i]);
		ASSERT_NE(MAP_FAILED, page);
		EXPECT_EQ(self->pages[i] == 4 * GIB ? 4711 : 0, page[0]);
	}
}

TEST_HARNESS_MAIN
