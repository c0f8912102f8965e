// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be done, whatever with
 */
#include "bench.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static const uint64_t message_sizes[] = { 64, KIB, 64 * KIB, 0 };
static const uint64_t chunk_sizes[] = { 1, 64, 4 * KIB, 64 * KIB, MIB, 64 * MIB, 0 };
static const uint64_t waiting_for[] = { 1, 10, 100, 1000, 10000, 0 };
static const uint64_t named_areas[] = { 10, 100, 1000, 10000, 0 };
static const uint64_t existing_areas[] = { 1, 10, 100, 1000, 10000, 0 };
static const uint64_t touched_sizes[] = { MIB, 16 * MIB, 256 * MIB, GIB, 0 };
static const uint64_t idle_threads[] = { 1000, 0 };

const struct case_info case_infos[CASES] = {
	[CASE_BLOCKED_ROUND_TRIP] = {
		.name = "blocked-round-trip",
		.about = "wake a sleeping peer, and sleep until it wakes us",
	},
	[CASE_TRIGGER_IDLE] = {
		.name = "trigger-idle",
		.about = "tell about an event while nobody waits",
	},
	[CASE_WAIT_PENDING] = {
		.name = "wait-pending",
		.about = "wait for an event that is there already",
	},
	[CASE_STREAM] = {
		.name = "stream",
		.about = "a message out of many, in one direction, copied in and out",
		.param = "bytes",
		.params = message_sizes,
	},
	[CASE_HAND_OVER] = {
		.name = "hand-over",
		.about = "a payload that is in place to a peer, and back",
		.param = "bytes",
		.params = chunk_sizes,
	},
	[CASE_WAIT_ANY] = {
		.name = "wait-any",
		.about = "tell about one of several events, and wait for any of them",
		.param = "events",
		.params = waiting_for,
	},
	[CASE_ATTACH_BY_NAME] = {
		.name = "attach-by-name",
		.about = "attach to one of several areas, and detach",
		.param = "areas",
		.params = named_areas,
	},
	[CASE_LIFECYCLE] = {
		.name = "lifecycle",
		.about = "create an area among several, attach, detach, destroy",
		.param = "areas",
		.params = existing_areas,
	},
	[CASE_FIRST_TOUCH] = {
		.name = "first-touch",
		.about = "attach to an area and write to each of its pages",
		.param = "bytes",
		.params = touched_sizes,
	},
	[CASE_KERNEL_MEMORY] = {
		.name = "kernel-memory",
		.about = "what an idle object takes",
	},
	[CASE_IDLE_WAITERS] = {
		.name = "idle-waiters",
		.about = "CPU time that threads take in a second in which nothing happens",
		.param = "threads",
		.params = idle_threads,
	},
};

const char *const placement_names[PLACEMENTS] = {
	[SAME_CPU] = "same-cpu",
	[CROSS_CPU] = "cross-cpu",
	[UNPINNED] = "unpinned",
};

/**
 * param_fits() - does a parameter make sense
 * @bench: for what
 * @param: the parameter
 *
 * Return: whether it is within the bounds of the bench.
 */
bool param_fits(const struct bench *bench, uint64_t param)
{
	return param >= bench->least && (!bench->most || param <= bench->most);
}
