/* SPDX-License-Identifier: GPL-2.0-only */
/* What a hostile peer writes over the records and the payload of an area. */
#ifndef L4SHMC_SELFTESTS_HOSTILE_H
#define L4SHMC_SELFTESTS_HOSTILE_H

#include "common.h"

/* Anything, but mostly what somebody may believe: sizes as the tests have them, say. */
static inline __u32 malice(__u32 *seed)
{
	static const __u32 values[] = {
		0, 1, 2, 3, 4, ~0U, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 1000,
		1001, 65536, 0x100000, 4096, 4095, 0x101, 0x102, 0x103, 0x203,
		0xffffff01, 0xffffff03, 8, 16, 24, 0xfffffff8, 0xfffff000, 64, 128,
	};
	__u32 random = test_random(seed);

	return random % 4 ? values[(random >> 8) % ARRAY_SIZE(values)] : test_random(seed);
}

static inline void scribble_on_record(union l4shmc_record *record, __u32 *seed)
{
	__u32 *words = (__u32 *)record;
	__u32 random = test_random(seed);

	/* A state and a size that go to and fro */
	if (random >> 24 < 32) {
		store32(words, (random >> 16 & 1) + 1);
		store32(words + 2, malice(seed));
		store32(words, malice(seed));
		return;
	}
	/* What is used lies in the beginning, and where consumed is. */
	store32(&words[random >> 24 < 192 ? random >> 8 & 3 : random >> 8 & 31], malice(seed));
	if (random >> 24 > 240)
		store32(&words[16], malice(seed));
}

static inline void scribble_on_payload(__u32 *data, size_t size, __u32 *seed)
{
	__u32 random = test_random(seed);

	/* Mostly where something begins, as the head of a ring */
	if (random & 1)
		store32(&data[(random >> 8) % (size / 4)], malice(seed));
	else
		store32(&data[(random >> 8) % (size / 64) * 16 + (random >> 1 & 7)],
			malice(seed));
}

#endif
