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

#include <errno.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

/* The sides for which there is no membarrier() */
static bool lacks_barriers[L4SHMC__RING_ROLES];

static bool forbid_barriers(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* In the process of that side */
static long open_ring(struct stress *s, l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role)
{
	if (lacks_barriers[role] && !forbid_barriers())
		return -L4_EPERM;
	return ringmem_open(s->private, buf, role);
}

static void side_died(struct stress *s, enum l4shmc__ring_role role)
{
	ringmem_died(s->private, role);
}

/* Without membarrier() on one side or on both */
static void test_lack_of_barriers(struct stress *s, unsigned size, bool sender, bool receiver)
{
	static struct ringmem mem;
	struct l4shmc_ring_side *sides;

	lacks_barriers[L4SHMC__SENDER] = sender;
	lacks_barriers[L4SHMC__RECEIVER] = receiver;
	s->private = &mem;
	if (!ringmem_make(&mem, size + sizeof(l4shmc_ringbuf_head_t)))
		return;
	ok(!stress_run(s), "%u packets, the kernel makes no barriers for %s%s%s", s->count,
	   sender ? "the sender" : "", sender && receiver ? " and " : "",
	   receiver ? "the receiver" : "");
	sides = ringmem_ring(&mem)->sides;
	ok(!(sides[L4SHMC__SENDER].relaxed && sender) &&
		   !(sides[L4SHMC__RECEIVER].relaxed && receiver),
	   "and none are left to it");
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

	/* Where asking takes a millisecond, there must be time for that. */
	s.count = packets / 100;
	s.kill_us *= 10;
	test_lack_of_barriers(&s, size, true, true);
	test_lack_of_barriers(&s, size, true, false);
	test_lack_of_barriers(&s, size, false, true);
	return done_testing();
}
