// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strains a ring in plain memory.
 *
 * ringstress [PACKETS [SIZE [KILL_US [ERRORS]]]]: sends so many packets through
 * a ring of SIZE bytes of data, with at most KILL_US microseconds between two
 * kills, then has the head written over until each side has seen ERRORS errors.
 */
#include "../selftests/ringbuf_stress.h"
#include "ringmem.h"
#include "tap.h"

static long open_ring(struct stress *s, l4shmc_ringbuf_t *buf, enum l4shmc_ring_role role)
{
	return ringmem_open(s->private, buf, role);
}

static void side_died(struct stress *s, enum l4shmc_ring_role role)
{
	ringmem_died(s->private, role);
}

static unsigned argument(int argc, char **argv, int index, unsigned standard)
{
	return argc > index ? (unsigned)strtoul(argv[index], NULL, 10) : standard;
}

int main(int argc, char **argv)
{
	unsigned size = argument(argc, argv, 2, 1024);
	struct ringmem mem, other;
	struct stress s = {
		.open = open_ring,
		.died = side_died,
		.private = &mem,
		.count = argument(argc, argv, 1, 200000),
		.kill_us = argument(argc, argv, 3, 3000),
		.seed = 1,
	};
	unsigned packets = s.count;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!ringmem_make(&mem, size + sizeof(l4shmc_ringbuf_head_t)) ||
	    !ringmem_make(&other, size + sizeof(l4shmc_ringbuf_head_t)))
		return 1;
	ok(!stress_run(&s), "%u packets, with both sides killed at random", packets);
	ok(!packets || s.kills[0] + s.kills[1], "there were kills");
	ok(ringmem_intact(&mem), "nothing is written outside of the ring");

	s.private = &other;
	s.count = argument(argc, argv, 4, 2000);
	ok(!stress_run_scribbled(&s, ringmem_ring(&other), size),
	   "%u errors for each side, with a third process that writes over the head", s.count);
	ok(ringmem_intact(&other), "nothing is written outside of that ring");
	return done_testing();
}
