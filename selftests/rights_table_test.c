// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of rights of Documentation/rights.rst: a variant for each of its
 * rows, a test for each of its columns. A subject tries to do a thing in every
 * way that it has, by name and with what it was given.
 */
#include "common.h"

#include <linux/capability.h>
#include <sys/mount.h>

#define OWNER USER_A
#define OTHER USER_B
#define GROUP 2000
/* Nobody of the above */
#define THIRD 3000

/* Ids of a container, and of somebody inside */
#define BASE 100000
#define INNER 33

/* What the subject has been given */
enum gift {
	NOTHING, HANDLE, ATTACHMENT, OBSERVER, SIGNAL, WAIT_SET, OPEN_DEVICE, MAPPING, RECORDS,
};

/* Exit codes of a subject; others tell that something is broken */
enum verdict { CAN = 10, CANNOT = 11 };

#define NO_CAPABILITY (-1)

FIXTURE(subject)
{
	struct area area;
	int observer, signal, set, passed;
	unsigned char *data;
	union l4shmc_record *control;
	struct l4shmc_signal_record *record;
	/* To the subject: [0] is the test's */
	int socks[2];
	struct limits limits;
};

FIXTURE_VARIANT(subject)
{
	/* The area */
	unsigned int mode;
	uid_t area_uid;
	gid_t area_gid;
	/* The subject */
	uid_t uid;
	gid_t gid;
	int capability;
	enum gift gift;
	/* Namespaces of its own, and the ids of the user namespace, of groups if others */
	int namespaces;
	const char *ids, *gids;
	/* The columns of the table that say yes */
	const char *can;
};

#define AREA(_mode) .mode = (_mode), .area_uid = OWNER, .area_gid = GROUP
#define SUBJECT(_uid, _gid) .uid = (_uid), .gid = (_gid), .capability = NO_CAPABILITY
#define STRANGER SUBJECT(OTHER, OTHER)

FIXTURE_VARIANT_ADD(subject, owner)
{
	AREA(0600), SUBJECT(OWNER, OWNER),
	.can = "create attach observe unlink add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, owner_without_mode)
{
	AREA(0066), SUBJECT(OWNER, GROUP),
	.can = "create unlink see",
};

FIXTURE_VARIANT_ADD(subject, owner_in_own_namespace)
{
	AREA(0066), SUBJECT(OWNER, GROUP),
	.namespaces = CLONE_NEWUSER, .ids = "0 1000 1", .gids = "0 2000 1",
	.can = "create attach observe unlink add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, group_rw)
{
	AREA(0060), SUBJECT(OTHER, GROUP),
	.can = "create attach observe add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, group_r)
{
	AREA(0646), SUBJECT(OTHER, GROUP),
	.can = "create observe hear see",
};

FIXTURE_VARIANT_ADD(subject, group_none)
{
	AREA(0606), SUBJECT(OTHER, GROUP),
	.can = "create see",
};

FIXTURE_VARIANT_ADD(subject, other_rw)
{
	AREA(0006), STRANGER,
	.can = "create attach observe add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, other_r)
{
	AREA(0664), STRANGER,
	.can = "create observe hear see",
};

FIXTURE_VARIANT_ADD(subject, other_none)
{
	AREA(0660), STRANGER,
	.can = "create see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_handle)
{
	AREA(0600), STRANGER, .gift = HANDLE,
	.can = "create attach observe add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_attachment)
{
	AREA(0600), STRANGER, .gift = ATTACHMENT,
	.can = "create attach observe add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_observer)
{
	AREA(0600), STRANGER, .gift = OBSERVER,
	.can = "create observe hear see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_signal)
{
	AREA(0600), STRANGER, .gift = SIGNAL,
	.can = "create trigger wait see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_wait_set)
{
	AREA(0600), STRANGER, .gift = WAIT_SET,
	.can = "create wait see",
};

FIXTURE_VARIANT_ADD(subject, holder_of_device)
{
	AREA(0600), STRANGER, .gift = OPEN_DEVICE,
	.can = "create see",
};

FIXTURE_VARIANT_ADD(subject, heir_of_mapping)
{
	AREA(0600), STRANGER, .gift = MAPPING,
	.can = "create write see",
};

FIXTURE_VARIANT_ADD(subject, heir_of_records)
{
	AREA(0600), STRANGER, .gift = RECORDS,
	.can = "create trigger wait see",
};

FIXTURE_VARIANT_ADD(subject, cap_dac_override)
{
	AREA(0600), .uid = OTHER, .gid = OTHER, .capability = CAP_DAC_OVERRIDE,
	.can = "create attach observe add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, cap_fowner)
{
	AREA(0600), .uid = OTHER, .gid = OTHER, .capability = CAP_FOWNER,
	.can = "create unlink see",
};

FIXTURE_VARIANT_ADD(subject, cap_chown)
{
	AREA(0600), .uid = OTHER, .gid = OTHER, .capability = CAP_CHOWN,
	.can = "create give see",
};

FIXTURE_VARIANT_ADD(subject, cap_sys_resource)
{
	AREA(0600), .uid = OTHER, .gid = OTHER, .capability = CAP_SYS_RESOURCE,
	.can = "create see exceed",
};

FIXTURE_VARIANT_ADD(subject, cap_sys_admin)
{
	AREA(0600), .uid = OTHER, .gid = OTHER, .capability = CAP_SYS_ADMIN,
	.can = "create see",
};

FIXTURE_VARIANT_ADD(subject, root)
{
	AREA(0000), SUBJECT(0, 0),
	.can = "create give attach observe unlink add write trigger wait hear see exceed",
};

FIXTURE_VARIANT_ADD(subject, root_elsewhere)
{
	AREA(0666), SUBJECT(0, 0), .namespaces = CLONE_NEWNET,
	.can = "create give exceed",
};

FIXTURE_VARIANT_ADD(subject, root_of_user_namespace)
{
	AREA(0600), STRANGER, .namespaces = CLONE_NEWUSER, .ids = "0 1001 1",
	.can = "create see",
};

FIXTURE_VARIANT_ADD(subject, root_of_container_inside)
{
	.mode = 0600, .area_uid = BASE + INNER, .area_gid = BASE + INNER, SUBJECT(0, 0),
	.namespaces = CLONE_NEWUSER, .ids = "0 100000 65536",
	.can = "create give attach observe unlink add write trigger wait hear see",
};

FIXTURE_VARIANT_ADD(subject, root_of_container_outside)
{
	AREA(0666), SUBJECT(0, 0),
	.namespaces = CLONE_NEWUSER | CLONE_NEWNET, .ids = "0 100000 65536",
	.can = "create give",
};

static int gift_fd(FIXTURE_DATA(subject) * self, enum gift gift)
{
	switch (gift) {
	case HANDLE:
		return self->area.handle;
	case ATTACHMENT:
		return self->area.fd;
	case OBSERVER:
		return self->observer;
	case SIGNAL:
		return self->signal;
	case WAIT_SET:
		return self->set;
	case OPEN_DEVICE:
		return self->area.dev;
	default:
		return -1;
	}
}

FIXTURE_SETUP(subject)
{
	struct timeval timeout = { .tv_sec = HANG_NS / NS_PER_S };
	struct area *area = &self->area;

	area->dev = device_open(O_RDWR);
	if (area->dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	if (geteuid() != 0)
		SKIP(return, "only root can become others");
	ASSERT_GE(area->dev, 0);
	unique_name(area->name, "subject");
	area->handle = area_create_as(area->dev, area->name, DEFAULT_AREA_SIZE, variant->mode, 0,
				      variant->area_uid, variant->area_gid);
	area->fd = area_attach(area->handle, "", 0);
	self->observer = area_attach(area->handle, "", L4SHMC_ATTACH_OBSERVER);
	self->signal = signal_open(area->fd, "s", 0);
	self->set = waitset_make(area->dev);
	ASSERT_EQ(0, waitset_bind(self->set, self->signal, 1));
	ASSERT_EQ(0, signal_trigger(self->signal));
	self->data = map_data(area->fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->data);
	self->control = map_control(area->fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->control);
	self->record = signal_record(self->control, self->signal);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, self->socks));
	for (unsigned int i = 0; i < ARRAY_SIZE(self->socks); i++)
		ASSERT_EQ(0, setsockopt(self->socks[i], SOL_SOCKET, SO_RCVTIMEO, &timeout,
					sizeof(timeout)));
	ASSERT_TRUE(save_limits(&self->limits));
}

FIXTURE_TEARDOWN(subject)
{
	restore_limits(&self->limits);
	drop_area(&self->area);
}

/* What a subject tries with */
struct means {
	const char *name;
	int dev;
	/* Attached by name, and with the gift, each as a client and as an observer */
	int fds[5];
	int gift;
	unsigned char *mapping;
	struct l4shmc_signal_record *record;
	/* Somebody else, as the subject calls him */
	__u32 somebody;
};

static int can_create(struct means *m)
{
	return area_create(m->dev, "mine", 1, 0600, 0) >= 0;
}

static int can_give(struct means *m)
{
	return area_create_as(m->dev, "yours", 1, 0600, 0, m->somebody, m->somebody) >= 0;
}

static int can_attach(struct means *m)
{
	return m->fds[0] >= 0 || m->fds[2] >= 0;
}

static int can_observe(struct means *m)
{
	return m->fds[1] >= 0 || m->fds[3] >= 0;
}

static int can_unlink(struct means *m)
{
	return area_unlink(m->dev, m->name) == 0 || area_unlink(m->gift, "") == 0;
}

static int can_add(struct means *m)
{
	int can = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(m->fds); i++) {
		int chunk = chunk_add(m->fds[i], "c", 64) >= 0;
		int signal = signal_open(m->fds[i], "new", 0) >= 0;

		/* The one and not the other would be strange. */
		CHECK(chunk == signal || can);
		can |= chunk;
	}
	return can;
}

static int can_write(struct means *m)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(m->fds); i++) {
		unsigned char *data = map_data(m->fds[i], page_size(), PROT_READ | PROT_WRITE);

		if (data == MAP_FAILED) {
			data = map_data(m->fds[i], page_size(), PROT_READ);
			/* What is read-only stays it. */
			CHECK(data == MAP_FAILED ||
			      mprotect(data, page_size(), PROT_READ | PROT_WRITE));
			continue;
		}
		data[0] = 1;
		return 1;
	}
	if (m->mapping)
		m->mapping[0] = 1;
	return m->mapping != NULL;
}

static int can_trigger(struct means *m)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(m->fds); i++)
		if (signal_trigger(signal_open(m->fds[i], "s", 0)) == 0 ||
		    signal_trigger(m->fds[i]) == 0)
			return 1;
	if (m->record)
		__atomic_fetch_add(&m->record->triggered, 1, __ATOMIC_SEQ_CST);
	return m->record != NULL;
}

static int can_wait(struct means *m)
{
	__u64 label;

	for (unsigned int i = 0; i < ARRAY_SIZE(m->fds); i++)
		if (signal_wait(signal_open(m->fds[i], "s", 0), 0) == 0 ||
		    signal_wait(m->fds[i], 0) == 0 ||
		    waitset_wait(m->fds[i], &label, 1, 0) == 1)
			return 1;
	return m->record && record_take(m->record, false);
}

/* All the time somebody comes and goes. */
static int can_hear(struct means *m)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(m->fds); i++) {
		int clients = signal_open(m->fds[i], L4SHMC_SIGNAL_CLIENTS, 0);

		if (clients < 0)
			continue;
		CHECK(signal_wait(clients, 0) == 0 || signal_wait(clients, HANG_NS) == 0);
		CHECK(signal_wait(clients, HANG_NS) == 0);
		return 1;
	}
	return 0;
}

static int can_see(struct means *m)
{
	int mode = sysfs_number(m->name, "mode") >= 0;

	CHECK(mode == (sysfs_number(m->name, "size") == DEFAULT_AREA_SIZE));
	CHECK(mode == (signal_number(m->name, "s", "triggered") == 1));
	return mode;
}

/* The limits are one area, one record, and the bytes of these. */
static int can_exceed(struct means *m)
{
	int large = area_create(m->dev, "large", 16 * page_size(), 0600, 0), area, fd, can;

	close(large);
	area = area_create(m->dev, "first", 1, 0600, 0);
	fd = area_attach(area, "", 0);
	CHECK(chunk_add(fd, "first", 1) >= 0);
	area = area_create(m->dev, "second", 1, 0600, 0);
	can = area >= 0;
	CHECK(can || area == -EDQUOT);
	CHECK(can ? large >= 0 : large == -EDQUOT);
	CHECK(can ? chunk_add(fd, "second", 1) >= 0 : chunk_add(fd, "second", 1) == -EDQUOT);
	CHECK(can ? signal_open(fd, "s", 0) >= 0 : signal_open(fd, "s", 0) == -EDQUOT);
	return can;
}

/* For good: one capability, and not those that root has */
static void keep_capability(const FIXTURE_VARIANT(subject) * variant)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
	unsigned int number = (unsigned int)variant->capability;

	CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0);
	CHECK(setgroups(0, NULL) == 0);
	CHECK(setresgid(variant->gid, variant->gid, variant->gid) == 0);
	CHECK(setresuid(variant->uid, variant->uid, variant->uid) == 0);
	data[CAP_TO_INDEX(number)].effective = CAP_TO_MASK(number);
	data[CAP_TO_INDEX(number)].permitted = CAP_TO_MASK(number);
	CHECK(syscall(SYS_capset, &header, data) == 0);
}

static void enter_namespaces(FIXTURE_DATA(subject) * self,
			     const FIXTURE_VARIANT(subject) * variant)
{
	char byte;

	if (variant->namespaces & CLONE_NEWNET) {
		CHECK(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0);
		CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
		CHECK(mount("sysfs", "/sys", "sysfs", 0, NULL) == 0);
	}
	if (variant->uid)
		CHECK(become(variant->uid, variant->gid) == 0);
	if (!(variant->namespaces & CLONE_NEWUSER))
		return;
	CHECK(unshare(CLONE_NEWUSER) == 0);
	CHECK(send(self->socks[1], "", 1, MSG_NOSIGNAL) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	CHECK(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
}

struct trial {
	FIXTURE_DATA(subject) * self;
	const FIXTURE_VARIANT(subject) * variant;
	int (*can)(struct means *m);
};

/* The subject, with nothing of the fixture's but its gift */
static int try_it(void *arg)
{
	struct trial *trial = arg;
	FIXTURE_DATA(subject) * self = trial->self;
	const FIXTURE_VARIANT(subject) * variant = trial->variant;
	const int all[] = { self->area.handle, self->area.fd, self->observer, self->signal,
			    self->set, self->area.dev };
	struct means m = { .name = self->area.name, .gift = gift_fd(self, variant->gift) };

	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] != m.gift)
			close(all[i]);
	if (variant->gift == MAPPING)
		m.mapping = self->data;
	else
		munmap(self->data, DEFAULT_AREA_SIZE);
	if (variant->gift == RECORDS)
		m.record = self->record;
	else
		munmap(self->control, L4SHMC_CONTROL_SIZE);
	if (variant->capability != NO_CAPABILITY)
		keep_capability(variant);
	else
		enter_namespaces(self, variant);

	m.dev = variant->gift == OPEN_DEVICE ? m.gift : device_open(O_RDWR);
	CHECK(m.dev >= 0);
	m.somebody = variant->namespaces & CLONE_NEWUSER ? INNER : THIRD;
	m.fds[0] = area_attach(m.dev, m.name, 0);
	m.fds[1] = area_attach(m.dev, m.name, L4SHMC_ATTACH_OBSERVER);
	m.fds[2] = area_attach(m.gift, "", 0);
	m.fds[3] = area_attach(m.gift, "", L4SHMC_ATTACH_OBSERVER);
	m.fds[4] = m.gift;
	return trial->can(&m) ? CAN : CANNOT;
}

static int ask(FIXTURE_DATA(subject) * self, const FIXTURE_VARIANT(subject) * variant,
	       int (*can)(struct means *m))
{
	struct trial trial = { .self = self, .variant = variant, .can = can };
	pid_t pid = spawn(try_it, &trial);
	char path[64], byte;

	if (variant->ids && recv(self->socks[0], &byte, 1, 0) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
		write_text(path, variant->ids);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
		write_text(path, variant->gids ? variant->gids : variant->ids);
		send(self->socks[0], "", 1, MSG_NOSIGNAL);
	}
	return reap(pid);
}

/* Is @word one of the words of @list? */
static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

#define COLUMN(column)                                                          \
	TEST_F(subject, column)                                                 \
	{                                                                       \
		EXPECT_EQ(listed(variant->can, #column) ? CAN : CANNOT,         \
			  ask(self, variant, can_##column));                    \
	}

COLUMN(create)
COLUMN(give)
COLUMN(attach)
COLUMN(observe)
COLUMN(unlink)
COLUMN(add)
COLUMN(write)
COLUMN(trigger)
COLUMN(wait)
COLUMN(see)

static int come_and_go(void *arg)
{
	FIXTURE_DATA(subject) * self = arg;

	while (true) {
		close(area_attach(self->area.handle, "", 0));
		nap_us(1000);
	}
	return 0;
}

TEST_F(subject, hear)
{
	pid_t pid = spawn(come_and_go, self);

	EXPECT_EQ(listed(variant->can, "hear") ? CAN : CANNOT, ask(self, variant, can_hear));
	kill_child(pid);
}

TEST_F(subject, exceed)
{
	ASSERT_TRUE(set_limit(MAX_AREAS, 1) && set_limit(MAX_RECORDS, 1) &&
		    set_limit(MAX_BYTES, 2 * page_size()));
	EXPECT_EQ(listed(variant->can, "exceed") ? CAN : CANNOT, ask(self, variant, can_exceed));
}

TEST_HARNESS_MAIN
