// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ntsync, the driver for programs of Windows: events that reset themselves
 *
 * Its header comes with kernels that are newer than most systems, so that what
 * is needed of the interface is declared here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/types.h>
#include <sys/ioctl.h>

#include "bench.h"

struct event_args {
	__u32 manual;
	__u32 signaled;
};

struct wait_args {
	__u64 timeout;
	__u64 objs;
	__u32 count;
	__u32 index;
	__u32 flags;
	__u32 owner;
	__u32 alert;
	__u32 pad;
};

#define IOC_WAIT_ANY _IOWR('N', 0x82, struct wait_args)
#define IOC_CREATE_EVENT _IOW('N', 0x87, struct event_args)
#define IOC_EVENT_SET _IOR('N', 0x88, __u32)

/* Most objects that can be waited for at a time */
#define MOST_OBJECTS 64

static int device, ping, pong;
static __u32 events[MOST_OBJECTS];
static uint64_t at;

static int new_event(__u32 signaled)
{
	struct event_args args = { .signaled = signaled };
	int fd = ioctl(device, IOC_CREATE_EVENT, &args);

	if (fd < 0)
		fail_errno("ntsync: event");
	return fd;
}

static void open_device(void)
{
	device = open("/dev/ntsync", O_RDWR | O_CLOEXEC);
	if (device < 0)
		skip("no /dev/ntsync");
}

static void setup(struct run *run)
{
	(void)run;
	open_device();
	ping = new_event(0);
	pong = new_event(0);
}

static void post(int event)
{
	__u32 before;

	if (ioctl(event, IOC_EVENT_SET, &before))
		fail_errno("ntsync: set");
}

/* Which of @objects had an event */
static __u32 take(const __u32 *objects, __u32 count)
{
	struct wait_args args = {
		.timeout = ~(__u64)0,
		.objs = (uintptr_t)objects,
		.count = count,
		.owner = 1,
	};

	if (ioctl(device, IOC_WAIT_ANY, &args) < 0)
		fail_errno("ntsync: wait");
	return args.index;
}

static void take_one(int event)
{
	__u32 object = (__u32)event;

	take(&object, 1);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		post(ping);
		take_one(pong);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		take_one(ping);
		post(pong);
	}
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		post(ping);
}

static void any_setup(struct run *run)
{
	uint64_t i;

	open_device();
	for (i = 0; i < run->param; i++)
		events[i] = (__u32)new_event(0);
}

static void any_batch(struct run *run, uint64_t n)
{
	while (n--) {
		at = (at + run->param / 3 + 1) % run->param;
		post((int)events[at]);
		if (take(events, (__u32)run->param) != at)
			fail("ntsync: another event");
	}
}

static const struct bench ntsync_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ .which = CASE_TRIGGER_IDLE, .setup = setup, .batch = trigger_batch },
	{
		.which = CASE_WAIT_ANY,
		.most = MOST_OBJECTS,
		.setup = any_setup,
		.batch = any_batch,
	},
	/* The payload is in shared memory: once is enough, however large it is. */
	{
		.which = CASE_HAND_OVER,
		.most = CACHE_LINE,
		.setup = setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ 0 },
};

const struct subject subject_ntsync = {
	.name = "ntsync",
	.about = "events of /dev/ntsync",
	.benches = ntsync_benches,
};
