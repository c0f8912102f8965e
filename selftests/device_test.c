// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device and what all commands have in common: who knows which command,
 * how structs are checked, where results may be written, and that a command
 * that fails has changed nothing.
 */
#include "common.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

enum target { DEVICE_FD, HANDLE_FD, ATTACHMENT_FD, SIGNAL_FD, WAITSET_FD, TARGETS };

#define ON(target) (1U << (target))

FIXTURE(command)
{
	struct area area;
	union l4shmc_record *control;
	int signal, other, set;
	__u64 labels[2];
	int fds[TARGETS];
	int fd;
	int expected;
	char made[L4SHMC_NAME_SIZE];
	unsigned char *page;
};

struct span {
	unsigned int at, size;
};

/*
 * @knows: which descriptors know the command
 * @flags: which flag bits are defined
 * @has_flags: there is a flags member, at offset 4
 * @returns: what the command writes to the struct: 0 nothing, else everything
 *	from this offset on
 * @zero: bytes that have to be 0
 */
FIXTURE_VARIANT(command)
{
	unsigned int cmd;
	unsigned int knows;
	enum target target;
	bool has_flags;
	unsigned int flags;
	unsigned int returns;
	bool makes_fd;
	struct span zero[2];
};

#define NAME_AT(type) offsetof(struct type, name)
/* The tail of a name that is one byte long, or shorter than 40 bytes */
#define TAIL(type) { NAME_AT(type) + 2, L4SHMC_NAME_SIZE - 2 }
#define LATE_TAIL(type) { NAME_AT(type) + 40, L4SHMC_NAME_SIZE - 40 }
/* A name that has to be empty */
#define WHOLE(type) { NAME_AT(type), L4SHMC_NAME_SIZE }
#define RESERVED(type) { offsetof(struct type, reserved), sizeof(__u32) }
#define TIMEOUT(type) { offsetof(struct type, timeout_ns), sizeof(__u64) }

FIXTURE_VARIANT_ADD(command, info)
{
	.cmd = L4SHMC_IOC_INFO, .knows = ON(DEVICE_FD), .target = DEVICE_FD, .returns = 4,
};

FIXTURE_VARIANT_ADD(command, create)
{
	.cmd = L4SHMC_IOC_CREATE, .knows = ON(DEVICE_FD), .target = DEVICE_FD,
	.has_flags = true, .flags = L4SHMC_CREATE_PERSISTENT, .makes_fd = true,
	.zero = { RESERVED(l4shmc_ioc_create), TAIL(l4shmc_ioc_create) },
};

FIXTURE_VARIANT_ADD(command, attach_by_name)
{
	.cmd = L4SHMC_IOC_ATTACH, .target = DEVICE_FD,
	.knows = ON(DEVICE_FD) | ON(HANDLE_FD) | ON(ATTACHMENT_FD),
	.has_flags = true, .flags = L4SHMC_ATTACH_OBSERVER, .makes_fd = true,
	.zero = { LATE_TAIL(l4shmc_ioc_attach) },
};

FIXTURE_VARIANT_ADD(command, attach_by_handle)
{
	.cmd = L4SHMC_IOC_ATTACH, .target = HANDLE_FD,
	.knows = ON(DEVICE_FD) | ON(HANDLE_FD) | ON(ATTACHMENT_FD),
	.has_flags = true, .flags = L4SHMC_ATTACH_OBSERVER, .makes_fd = true,
	.zero = { TIMEOUT(l4shmc_ioc_attach), WHOLE(l4shmc_ioc_attach) },
};

FIXTURE_VARIANT_ADD(command, attach_by_attachment)
{
	.cmd = L4SHMC_IOC_ATTACH, .target = ATTACHMENT_FD,
	.knows = ON(DEVICE_FD) | ON(HANDLE_FD) | ON(ATTACHMENT_FD),
	.has_flags = true, .flags = L4SHMC_ATTACH_OBSERVER, .makes_fd = true,
	.zero = { TIMEOUT(l4shmc_ioc_attach), WHOLE(l4shmc_ioc_attach) },
};

FIXTURE_VARIANT_ADD(command, unlink_by_name)
{
	.cmd = L4SHMC_IOC_UNLINK, .knows = ON(DEVICE_FD) | ON(HANDLE_FD), .target = DEVICE_FD,
	.has_flags = true,
	.zero = { LATE_TAIL(l4shmc_ioc_unlink) },
};

FIXTURE_VARIANT_ADD(command, unlink_by_handle)
{
	.cmd = L4SHMC_IOC_UNLINK, .knows = ON(DEVICE_FD) | ON(HANDLE_FD), .target = HANDLE_FD,
	.has_flags = true, .zero = { WHOLE(l4shmc_ioc_unlink) },
};

FIXTURE_VARIANT_ADD(command, area_info_of_handle)
{
	.cmd = L4SHMC_IOC_AREA_INFO, .knows = ON(HANDLE_FD) | ON(ATTACHMENT_FD),
	.target = HANDLE_FD, .returns = 4,
	.zero = { RESERVED(l4shmc_ioc_area_info) },
};

FIXTURE_VARIANT_ADD(command, area_info_of_attachment)
{
	.cmd = L4SHMC_IOC_AREA_INFO, .knows = ON(HANDLE_FD) | ON(ATTACHMENT_FD),
	.target = ATTACHMENT_FD, .returns = 4,
	.zero = { RESERVED(l4shmc_ioc_area_info) },
};

FIXTURE_VARIANT_ADD(command, chunk_add)
{
	.cmd = L4SHMC_IOC_CHUNK_ADD, .knows = ON(ATTACHMENT_FD), .target = ATTACHMENT_FD,
	.has_flags = true, .zero = { TAIL(l4shmc_ioc_chunk_add) },
};

FIXTURE_VARIANT_ADD(command, chunk_find)
{
	.cmd = L4SHMC_IOC_CHUNK_FIND, .knows = ON(ATTACHMENT_FD), .target = ATTACHMENT_FD,
	.has_flags = true, .zero = { TAIL(l4shmc_ioc_chunk_find) },
};

FIXTURE_VARIANT_ADD(command, chunk_next)
{
	.cmd = L4SHMC_IOC_CHUNK_NEXT, .knows = ON(ATTACHMENT_FD), .target = ATTACHMENT_FD,
	.returns = 8,
};

FIXTURE_VARIANT_ADD(command, signal_open)
{
	.cmd = L4SHMC_IOC_SIGNAL_OPEN, .knows = ON(ATTACHMENT_FD), .target = ATTACHMENT_FD,
	.has_flags = true, .flags = L4SHMC_SIGNAL_COUNTING, .makes_fd = true,
	.zero = { TAIL(l4shmc_ioc_signal_open) },
};

FIXTURE_VARIANT_ADD(command, signal_info)
{
	.cmd = L4SHMC_IOC_SIGNAL_INFO, .knows = ON(SIGNAL_FD), .target = SIGNAL_FD,
	.returns = 4, .zero = { RESERVED(l4shmc_ioc_signal_info) },
};

FIXTURE_VARIANT_ADD(command, wait)
{
	.cmd = L4SHMC_IOC_WAIT, .knows = ON(SIGNAL_FD), .target = SIGNAL_FD, .has_flags = true,
};

FIXTURE_VARIANT_ADD(command, call)
{
	.cmd = L4SHMC_IOC_CALL, .knows = ON(SIGNAL_FD), .target = SIGNAL_FD, .has_flags = true,
	.flags = L4SHMC_CALL_TRIGGERED | L4SHMC_CALL_RING, .zero = { RESERVED(l4shmc_ioc_call) },
};

FIXTURE_VARIANT_ADD(command, waitset)
{
	.cmd = L4SHMC_IOC_WAITSET, .knows = ON(DEVICE_FD), .target = DEVICE_FD,
	.has_flags = true, .makes_fd = true,
};

FIXTURE_VARIANT_ADD(command, bind)
{
	.cmd = L4SHMC_IOC_BIND, .knows = ON(WAITSET_FD), .target = WAITSET_FD,
	.has_flags = true, .zero = { RESERVED(l4shmc_ioc_bind) },
};

FIXTURE_VARIANT_ADD(command, unbind)
{
	.cmd = L4SHMC_IOC_UNBIND, .knows = ON(WAITSET_FD), .target = WAITSET_FD,
	.has_flags = true, .zero = { RESERVED(l4shmc_ioc_unbind) },
};

FIXTURE_VARIANT_ADD(command, waitset_wait)
{
	.cmd = L4SHMC_IOC_WAITSET_WAIT, .knows = ON(WAITSET_FD), .target = WAITSET_FD,
	.has_flags = true, .zero = { RESERVED(l4shmc_ioc_waitset_wait) },
};

/* Commands without a struct: of these WAITSET_NEXT alone looks at its argument. */
FIXTURE(plain)
{
	FIXTURE_DATA(command) command;
};

FIXTURE_VARIANT(plain)
{
	FIXTURE_VARIANT(command) command;
};

FIXTURE_VARIANT_ADD(plain, client_init)
{
	.command = {
		.cmd = L4SHMC_IOC_CLIENT_INIT, .knows = ON(ATTACHMENT_FD), .target = ATTACHMENT_FD,
	},
};

FIXTURE_VARIANT_ADD(plain, trigger)
{
	.command = {
		.cmd = L4SHMC_IOC_TRIGGER, .knows = ON(SIGNAL_FD), .target = SIGNAL_FD,
	},
};

FIXTURE_VARIANT_ADD(plain, ring)
{
	.command = {
		.cmd = L4SHMC_IOC_RING, .knows = ON(SIGNAL_FD), .target = SIGNAL_FD,
	},
};

FIXTURE_VARIANT_ADD(plain, waitset_next)
{
	.command = {
		.cmd = L4SHMC_IOC_WAITSET_NEXT, .knows = ON(WAITSET_FD), .target = WAITSET_FD,
	},
};

#define STRUCT_SIZE(variant) _IOC_SIZE((variant)->cmd)

/* An argument with which the command succeeds */
static void argument(const FIXTURE_VARIANT(command) * variant, FIXTURE_DATA(command) * self,
		     union argument *arg)
{
	bool named = variant->target == DEVICE_FD;

	memset(arg, 0, sizeof(*arg));
	arg->size = STRUCT_SIZE(variant);
	switch (variant->cmd) {
	case L4SHMC_IOC_CREATE:
		arg->create.area_size = page_size();
		arg->create.mode = 0600;
		arg->create.uid = ~0U;
		arg->create.gid = ~0U;
		set_name(arg->create.name, self->made);
		break;
	case L4SHMC_IOC_ATTACH:
		set_name(arg->attach.name, named ? self->area.name : "");
		break;
	case L4SHMC_IOC_UNLINK:
		set_name(arg->unlink.name, named ? self->area.name : "");
		break;
	case L4SHMC_IOC_CHUNK_ADD:
		arg->chunk_add.capacity = 64;
		set_name(arg->chunk_add.name, "n");
		break;
	case L4SHMC_IOC_CHUNK_FIND:
		set_name(arg->chunk_find.name, "c");
		break;
	case L4SHMC_IOC_SIGNAL_OPEN:
		set_name(arg->signal_open.name, "n");
		break;
	case L4SHMC_IOC_CALL:
		arg->call.trigger = self->other;
		break;
	case L4SHMC_IOC_BIND:
		arg->bind.label = 1;
		arg->bind.signal = self->other;
		break;
	case L4SHMC_IOC_UNBIND:
		arg->unbind.signal = self->signal;
		break;
	case L4SHMC_IOC_WAITSET_WAIT:
		arg->waitset_wait.labels = (uintptr_t)self->labels;
		arg->waitset_wait.nr_labels = ARRAY_SIZE(self->labels);
		break;
	}
}

/* All that a command that fails could have left behind */
struct snapshot {
	struct l4shmc_ioc_area_info info;
	union l4shmc_record records[8];
	unsigned int fds;
	int next_fd;
	bool named, made, signal;
	int chunk;
	long bindings[2];
	__u64 label;
};

static void snapshot(FIXTURE_DATA(command) * self, struct snapshot *shot)
{
	int fd = area_attach(self->area.dev, self->made, L4SHMC_ATTACH_OBSERVER);

	memset(shot, 0, sizeof(*shot));
	shot->made = fd >= 0;
	if (fd >= 0)
		close(fd);
	shot->named = area_named(&self->area);
	area_info(self->area.handle, &shot->info);
	memcpy(shot->records, self->control, sizeof(shot->records));
	shot->fds = open_fds();
	shot->next_fd = next_fd();
	shot->chunk = chunk_find(self->area.fd, "n", 0);
	shot->signal = signal_waiters(self->area.name, "n") >= 0;
	shot->bindings[0] = signal_bindings(self->area.name, "s");
	shot->bindings[1] = signal_bindings(self->area.name, "o");
	shot->label = self->labels[0];
}

static void make_objects(struct __test_metadata *_metadata, FIXTURE_DATA(command) * self,
			 const FIXTURE_VARIANT(command) * variant)
{
	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
	/* One letter, so that nearly all of the name is tail; unlikely to be in use */
	set_name(self->made, "\xf8");
	ASSERT_GE(chunk_add(self->area.fd, "c", 64), 0);
	self->signal = signal_open(self->area.fd, "s", 0);
	ASSERT_GE(self->signal, 0);
	self->other = signal_open(self->area.fd, "o", 0);
	ASSERT_GE(self->other, 0);
	self->set = waitset_make(self->area.dev);
	ASSERT_GE(self->set, 0);
	if (variant->target == WAITSET_FD)
		ASSERT_EQ(0, waitset_bind(self->set, self->signal, 7));
	/* So that the waits have something to take, and to lose */
	ASSERT_EQ(0, signal_trigger(self->signal));
	self->fds[DEVICE_FD] = self->area.dev;
	self->fds[HANDLE_FD] = self->area.handle;
	self->fds[ATTACHMENT_FD] = self->area.fd;
	self->fds[SIGNAL_FD] = self->signal;
	self->fds[WAITSET_FD] = self->set;
	self->fd = self->fds[variant->target];
	self->page = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
}

FIXTURE_SETUP(command)
{
	make_objects(_metadata, self, variant);
}

FIXTURE_TEARDOWN(command)
{
	area_unlink(self->area.dev, self->made);
	drop_area(&self->area);
}

FIXTURE_SETUP(plain)
{
	make_objects(_metadata, &self->command, &variant->command);
}

FIXTURE_TEARDOWN(plain)
{
	drop_area(&self->command.area);
}

/* A test for commands with and without a struct */
#define TEST_BOTH(name)                                                 \
	static void name(struct __test_metadata *_metadata,             \
			 FIXTURE_DATA(command) * self,                  \
			 const FIXTURE_VARIANT(command) * variant);     \
	TEST_F(command, name)                                           \
	{                                                               \
		name(_metadata, self, variant);                         \
	}                                                               \
	TEST_F(plain, name)                                             \
	{                                                               \
		name(_metadata, &self->command, &variant->command);     \
	}                                                               \
	static void name(struct __test_metadata *_metadata,             \
			 FIXTURE_DATA(command) * self,                  \
			 const FIXTURE_VARIANT(command) * variant)

/* Makes the command fail and compares what was before and after. */
#define EXPECT_FAILS(error, fd, cmd, arg)                                        \
	do {                                                                     \
		struct snapshot __before, __after;                               \
		snapshot(self, &__before);                                       \
		EXPECT_ERR(error, command(fd, cmd, arg));                        \
		snapshot(self, &__after);                                        \
		EXPECT_EQ(0, memcmp(&__before, &__after, sizeof(__before)));     \
	} while (0)

#define EXPECT_WORKS(arg)                                               \
	do {                                                            \
		int __result = command(self->fd, variant->cmd, arg);    \
		EXPECT_GE(__result, 0);                                 \
		if (__result >= 0 && variant->makes_fd)                 \
			close(__result);                                \
	} while (0)

TEST_F(command, works)
{
	union argument arg;
	int result;

	argument(variant, self, &arg);
	result = command(self->fd, variant->cmd, &arg);
	ASSERT_GE(result, 0);
	if (!variant->makes_fd)
		return;
	EXPECT_EQ(FD_CLOEXEC, fcntl(result, F_GETFD));
	close(result);
}

TEST_F(command, attack_04_short_struct_is_einval)
{
	const unsigned int size = STRUCT_SIZE(variant);
	const unsigned int sizes[] = { 0, 4, size / 2, size - 4, size - 1 };
	union argument arg;

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		argument(variant, self, &arg);
		arg.size = sizes[i];
		EXPECT_FAILS(EINVAL, self->fd, variant->cmd, &arg);
	}
}

TEST_F(command, attack_04_longer_struct_works_if_the_tail_is_zero)
{
	union argument arg;

	argument(variant, self, &arg);
	arg.size += 8;
	EXPECT_WORKS(&arg);
}

TEST_F(command, attack_04_longer_struct_is_e2big_if_not)
{
	union argument arg;

	for (unsigned int i = 0; i < 24; i++) {
		argument(variant, self, &arg);
		arg.size += 24;
		arg.bytes[STRUCT_SIZE(variant) + i] = 1;
		EXPECT_ERR(E2BIG, command(self->fd, variant->cmd, &arg));
	}
	EXPECT_FAILS(E2BIG, self->fd, variant->cmd, &arg);
}

TEST_F(command, attack_04_endless_struct_is_refused)
{
	union argument *arg = (union argument *)self->page;
	int result;

	argument(variant, self, arg);
	ASSERT_EQ(0, munmap(self->page + page_size(), page_size()));
	arg->size = ~0U;
	result = command(self->fd, variant->cmd, arg);
	EXPECT_TRUE(result == -E2BIG || result == -EFAULT) {
		TH_LOG("got %d", result);
	}
}

/* The header says that 4096 bytes are the end. */
TEST_F(command, attack_04_longest_struct)
{
	unsigned char *at = self->page + page_size() - 4096;
	union argument *arg = (union argument *)at;

	argument(variant, self, arg);
	arg->size = 4097;
	EXPECT_FAILS(E2BIG, self->fd, variant->cmd, at);
	at[4095] = 1;
	arg->size = 4096;
	EXPECT_FAILS(E2BIG, self->fd, variant->cmd, at);
	/* A tail that is not there */
	ASSERT_EQ(0, munmap(self->page + page_size(), page_size()));
	memmove(at + 8, at, 4088);
	arg = (union argument *)(at + 8);
	EXPECT_FAILS(EFAULT, self->fd, variant->cmd, arg);
	at[4095] = 0;
	memmove(at, at + 8, 4088);
	EXPECT_WORKS(at);
}

struct flip {
	__u32 *at;
	__u32 values[2];
	bool stop;
};

static void *flip_until_stopped(void *arg)
{
	struct flip *flip = arg;

	for (unsigned int i = 0; !__atomic_load_n(&flip->stop, __ATOMIC_RELAXED); i++)
		__atomic_store_n(flip->at, flip->values[i % 2], __ATOMIC_RELAXED);
	return NULL;
}

/* Another thread changes the size while it is looked at: one of the two is what holds. */
TEST_F(command, attack_04_size_that_changes_during_the_call)
{
	const __u32 sizes[] = { 0, STRUCT_SIZE(variant) - 1, STRUCT_SIZE(variant) + 64, ~0U };
	union argument *arg = (union argument *)(self->page + 2 * page_size()) - 1;
	struct flip flip = { .at = &arg->size };
	unsigned int fds = open_fds();
	pthread_t thread;

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		argument(variant, self, arg);
		memset(arg->bytes + STRUCT_SIZE(variant), 0xcc,
		       sizeof(*arg) - STRUCT_SIZE(variant));
		flip.values[0] = STRUCT_SIZE(variant);
		flip.values[1] = sizes[i];
		flip.stop = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, flip_until_stopped, &flip));
		for (unsigned int k = rounds(100); k > 0; k--) {
			int result = command(self->fd, variant->cmd, arg);

			/* What has been done once cannot all be done again. */
			EXPECT_NE(-EFAULT, result);
			if (result >= 0 && variant->makes_fd)
				close(result);
		}
		flip.stop = true;
		pthread_join(thread, NULL);
		EXPECT_EQ(0xcc, arg->bytes[STRUCT_SIZE(variant)]);
	}
	EXPECT_EQ(fds, open_fds());
}

TEST_F(command, attack_03_bad_pointers_are_efault)
{
	void *const pointers[] = {
		NULL, (void *)1, self->page, (void *)(uintptr_t)-4096L,
		(void *)(uintptr_t)-(long)sizeof(union argument),
#ifdef __x86_64__
		(void *)0xffff888000000000UL, (void *)0x0000800000000000UL,
		(void *)0x00007ffffffff000UL,
#endif
	};

	ASSERT_EQ(0, mprotect(self->page, page_size(), PROT_NONE));
	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++)
		EXPECT_FAILS(EFAULT, self->fd, variant->cmd, pointers[i]);
}

TEST_F(command, attack_03_struct_across_a_page_edge_is_efault)
{
	const unsigned int size = STRUCT_SIZE(variant);
	const unsigned int inside[] = { 1, 4, size / 2, size - 4, size - 1 };
	unsigned char *edge = self->page + page_size();
	union argument arg;

	argument(variant, self, &arg);
	ASSERT_EQ(0, mprotect(edge, page_size(), PROT_NONE));
	for (unsigned int i = 0; i < ARRAY_SIZE(inside); i++) {
		memcpy(edge - inside[i], &arg, inside[i]);
		EXPECT_FAILS(EFAULT, self->fd, variant->cmd, edge - inside[i]);
	}
	memcpy(edge - size, &arg, size);
	EXPECT_WORKS(edge - size);
}

TEST_F(command, attack_03_unaligned_struct_works)
{
	union argument arg;

	argument(variant, self, &arg);
	memcpy(self->page + 1, &arg, sizeof(arg));
	EXPECT_WORKS(self->page + 1);
}

/* What only reads its struct does not care; what cannot answer has no effect. */
TEST_F(command, attack_03_read_only_struct)
{
	argument(variant, self, (union argument *)self->page);
	ASSERT_EQ(0, mprotect(self->page, page_size(), PROT_READ));
	if (variant->returns)
		EXPECT_FAILS(EFAULT, self->fd, variant->cmd, self->page);
	else
		EXPECT_WORKS(self->page);
}

/* Memory of the area itself, pages of which only appear when they are touched */
TEST_F(command, attack_03_struct_in_the_area)
{
	unsigned char *data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	unsigned char *records = (unsigned char *)self->control + L4SHMC_CONTROL_SIZE / 2;
	union argument arg;

	ASSERT_NE(MAP_FAILED, data);
	argument(variant, self, &arg);
	memcpy(data, &arg, sizeof(arg));
	/* The zeros that are there are a struct that is too short. */
	EXPECT_FAILS(EINVAL, self->fd, variant->cmd, records);
	if (variant->cmd == L4SHMC_IOC_WAITSET_WAIT) {
		((union argument *)data)->waitset_wait.labels =
			(uintptr_t)self->control + L4SHMC_CONTROL_SIZE - page_size();
	}
	EXPECT_WORKS(data);
}

TEST_F(command, attack_06_undefined_flags_are_einval)
{
	union argument arg;

	/* What has no flags has no bits to refuse: its short struct is tested above. */
	for (unsigned int bit = 0; variant->has_flags && bit < 32; bit++) {
		if (variant->flags & 1U << bit)
			continue;
		argument(variant, self, &arg);
		arg.info.abi = 1U << bit;
		EXPECT_FAILS(EINVAL, self->fd, variant->cmd, &arg);
	}
	argument(variant, self, &arg);
	EXPECT_WORKS(&arg);
}

TEST_F(command, attack_05_reserved_bytes_are_einval)
{
	struct snapshot before, after;
	union argument arg;

	snapshot(self, &before);
	for (unsigned int i = 0; i < ARRAY_SIZE(variant->zero); i++) {
		for (unsigned int k = 0; k < variant->zero[i].size; k++) {
			unsigned int at = variant->zero[i].at + k;

			argument(variant, self, &arg);
			ASSERT_EQ(0, arg.bytes[at]);
			arg.bytes[at] = 1;
			EXPECT_ERR(EINVAL, command(self->fd, variant->cmd, &arg)) {
				TH_LOG("byte %u", at);
			}
		}
	}
	snapshot(self, &after);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	argument(variant, self, &arg);
	EXPECT_WORKS(&arg);
}

/* Two calls that start from different garbage have to end in the same bytes. */
TEST_F(command, attack_07_results_overwrite_garbage)
{
	unsigned char fill[] = { 0xcc, 0x33 };
	union argument arg[2];

	if (!variant->returns) {
		argument(variant, self, &arg[0]);
		arg[1] = arg[0];
		EXPECT_WORKS(&arg[0]);
		/* Nothing but what was passed in: no timeout passed, no rest. */
		EXPECT_EQ(0, memcmp(&arg[0], &arg[1], sizeof(arg[0])));
		return;
	}
	for (unsigned int i = 0; i < 2; i++) {
		memset(&arg[i], fill[i], sizeof(arg[i]));
		memset(&arg[i], 0, variant->returns);
		memset(arg[i].bytes + variant->zero[0].at, 0, variant->zero[0].size);
		arg[i].size = STRUCT_SIZE(variant);
		ASSERT_EQ(0, command(self->fd, variant->cmd, &arg[i]));
		EXPECT_EQ(fill[i], arg[i].bytes[STRUCT_SIZE(variant)]);
	}
	EXPECT_EQ(0, memcmp(&arg[0], &arg[1], STRUCT_SIZE(variant)));
	/* Names are last, and end with their NUL. */
	if (variant->cmd != L4SHMC_IOC_INFO) {
		const char *name = (char *)arg[0].bytes + STRUCT_SIZE(variant) - L4SHMC_NAME_SIZE;

		ASSERT_LT(strnlen(name, L4SHMC_NAME_SIZE), L4SHMC_NAME_SIZE);
		for (size_t i = strlen(name); i < L4SHMC_NAME_SIZE; i++)
			EXPECT_EQ(0, name[i]);
	}
}

struct protect {
	unsigned char *page;
	bool stop;
};

static void *protect_again_and_again(void *arg)
{
	static const int prots[] = { PROT_READ, PROT_NONE, PROT_READ | PROT_WRITE };
	struct protect *protect = arg;

	for (unsigned int i = 0; !__atomic_load_n(&protect->stop, __ATOMIC_RELAXED); i++)
		mprotect(protect->page, page_size(), prots[i % 3]);
	return NULL;
}

/*
 * The page of the struct comes and goes while the command runs. A descriptor is
 * the command's result, and nothing is written after it has been made.
 */
TEST_F(command, attack_08_fault_leaves_no_descriptor)
{
	struct protect protect = { .page = self->page };
	unsigned int fds = open_fds();
	struct snapshot before, after;
	pthread_t thread;

	argument(variant, self, (union argument *)self->page);
	snapshot(self, &before);
	ASSERT_EQ(0, pthread_create(&thread, NULL, protect_again_and_again, &protect));
	for (unsigned int i = rounds(300); i > 0; i--) {
		int result = command(self->fd, variant->cmd, self->page);
		bool made = variant->makes_fd && result >= 0;

		EXPECT_EQ(fds + made, open_fds());
		if (made)
			close(result);
		EXPECT_TRUE(!variant->makes_fd || made || result == -EFAULT) {
			TH_LOG("got %d", result);
		}
	}
	__atomic_store_n(&protect.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	snapshot(self, &after);
	/* A signal that was made lives as long as the area. */
	before.signal = after.signal;
	before.records[3] = after.records[3];
	EXPECT_TRUE(!variant->makes_fd || memcmp(&before, &after, sizeof(before)) == 0);
}

TEST_BOTH(attack_02_other_objects_do_not_know_it)
{
	int pipes[2];
	union argument arg;

	argument(variant, self, &arg);
	ASSERT_EQ(0, pipe(pipes));
	EXPECT_FAILS(ENOTTY, pipes[0], variant->cmd, &arg);
	for (unsigned int i = 0; i < TARGETS; i++)
		if (!(variant->knows & ON(i)))
			EXPECT_FAILS(ENOTTY, self->fds[i], variant->cmd, &arg);
}

/* What they say to it is their business, but it is not done. */
TEST_BOTH(attack_02_other_files_do_nothing)
{
	int socks[2];
	const int files[] = {
		open("/", O_RDONLY | O_DIRECTORY), open("/dev/null", O_RDWR),
		open("/proc/self/maps", O_RDONLY), epoll_create1(0), eventfd(1, 0),
		memfd_create("memfd", 0), socket(AF_UNIX, SOCK_DGRAM, 0),
		socketpair(AF_UNIX, SOCK_STREAM, 0, socks) ? -1 : socks[0],
	};
	struct snapshot before, after;
	union argument arg;

	snapshot(self, &before);
	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		argument(variant, self, &arg);
		EXPECT_LT(command(files[i], variant->cmd, &arg), 0) {
			TH_LOG("file %u", i);
		}
	}
	snapshot(self, &after);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

TEST_BOTH(attack_02_closed_and_path_descriptors_are_ebadf)
{
	int closed = dup(self->fd);
	int path = open(DEVICE, O_PATH);
	union argument arg;

	ASSERT_GE(path, 0);
	close(closed);
	argument(variant, self, &arg);
	EXPECT_FAILS(EBADF, path, variant->cmd, &arg);
	EXPECT_FAILS(EBADF, closed, variant->cmd, &arg);
	EXPECT_FAILS(EBADF, -1, variant->cmd, &arg);
}

TEST_BOTH(attack_02_works_on_a_dup)
{
	union argument arg;

	argument(variant, self, &arg);
	self->fd = dup(self->fd);
	ASSERT_GE(self->fd, 0);
	EXPECT_WORKS(&arg);
	close(self->fd);
}

TEST_BOTH(attack_01_other_encodings_are_enotty)
{
	const unsigned int size = STRUCT_SIZE(variant);
	const unsigned int sizes[] = {
		0, 4, (size - 1) & _IOC_SIZEMASK, size, size + 1, size + 8, _IOC_SIZEMASK,
	};
	union argument arg;

	argument(variant, self, &arg);
	for (unsigned int dir = 0; dir < 4; dir++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
			unsigned int cmd = _IOC(dir, L4SHMC_IOC_MAGIC, _IOC_NR(variant->cmd),
						sizes[i]);

			if (cmd != variant->cmd)
				EXPECT_ERR(ENOTTY, command(self->fd, cmd, &arg));
		}
	}
	for (unsigned int magic = 0; magic < 256; magic++) {
		unsigned int cmd = (variant->cmd & ~0xff00U) | magic << 8;

		if (cmd != variant->cmd)
			EXPECT_ERR(ENOTTY, command(self->fd, cmd, &arg));
	}
}

TEST_F(plain, works)
{
	union argument arg = { .size = 0 };
	int stored = variant->command.cmd == L4SHMC_IOC_WAITSET_NEXT;

	EXPECT_EQ(stored, command(self->command.fd, variant->command.cmd, &arg));
	EXPECT_EQ(7 * stored, arg.size);
}

/* Where it looks at its argument */
TEST_F(plain, attack_03_bad_pointers)
{
	void *const pointers[] = {
		NULL, (void *)1, self->command.page, (void *)(uintptr_t)-4096L,
		(void *)(uintptr_t)-8L,
	};
	struct snapshot before, after;

	ASSERT_EQ(0, mprotect(self->command.page, page_size(), PROT_NONE));
	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++) {
		const unsigned int cmd = variant->command.cmd;
		int result;

		snapshot(&self->command, &before);
		result = command(self->command.fd, cmd, pointers[i]);
		snapshot(&self->command, &after);
		EXPECT_EQ(cmd == L4SHMC_IOC_WAITSET_NEXT ? -EFAULT : 0, result);
		EXPECT_TRUE(!result || memcmp(&before, &after, sizeof(before)) == 0);
	}
}

FIXTURE(object)
{
	struct area area;
	int fd;
	char bytes[64];
};

FIXTURE_VARIANT(object)
{
	enum target target;
};

FIXTURE_VARIANT_ADD(object, device)
{
	.target = DEVICE_FD,
};

FIXTURE_VARIANT_ADD(object, handle)
{
	.target = HANDLE_FD,
};

FIXTURE_VARIANT_ADD(object, attachment)
{
	.target = ATTACHMENT_FD,
};

FIXTURE_VARIANT_ADD(object, signal)
{
	.target = SIGNAL_FD,
};

FIXTURE_VARIANT_ADD(object, wait_set)
{
	.target = WAITSET_FD,
};

FIXTURE_SETUP(object)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	switch (variant->target) {
	case DEVICE_FD:
		self->fd = self->area.dev;
		break;
	case HANDLE_FD:
		self->fd = self->area.handle;
		break;
	case ATTACHMENT_FD:
		self->fd = self->area.fd;
		break;
	case SIGNAL_FD:
		self->fd = signal_open(self->area.fd, "s", 0);
		break;
	default:
		self->fd = waitset_make(self->area.dev);
	}
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(object)
{
	drop_area(&self->area);
}

static bool is_variant(const struct __fixture_variant_metadata *variant, unsigned int nr,
		       enum target target)
{
	for (; variant; variant = variant->next) {
		/* Also the start of a variant of "plain" */
		const FIXTURE_VARIANT(command) *data = variant->data;

		if (_IOC_NR(data->cmd) == nr && data->knows & ON(target))
			return true;
	}
	return false;
}

/* As the variants above say, so that a command that is missing there is found here */
static bool knows(enum target target, unsigned int nr)
{
	return is_variant(_command_fixture_object.variant, nr, target) ||
	       is_variant(_plain_fixture_object.variant, nr, target);
}

TEST_F(object, attack_01_unknown_numbers_are_enotty)
{
	static const unsigned int odd_sizes[] = { 1, 4, 4096, _IOC_SIZEMASK };
	union argument arg;

	memset(&arg, 0, sizeof(arg));
	for (unsigned int nr = 0; nr < 256; nr++) {
		if (knows(variant->target, nr))
			continue;
		/* A struct of any size, and read, written, both or neither */
		for (unsigned int i = 0; i < 4 * (32 + ARRAY_SIZE(odd_sizes)); i++) {
			unsigned int size = i / 4 < 32 ? i / 4 * 8 : odd_sizes[i / 4 - 32];

			EXPECT_ERR(ENOTTY, command(self->fd, _IOC(i % 4, L4SHMC_IOC_MAGIC, nr,
								  size), &arg)) {
				TH_LOG("number %u", nr);
			}
		}
	}
}

#define EXPECT_NOT(error, expr)                 \
	do {                                    \
		errno = 0;                      \
		EXPECT_EQ(-1, expr);            \
		EXPECT_EQ(error, errno);        \
	} while (0)

TEST_F(object, attack_35_is_no_file)
{
	static const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };
	struct iovec iov = { self->bytes, sizeof(self->bytes) };
	const int fd = self->fd;

	EXPECT_NOT(EINVAL, read(fd, self->bytes, 1));
	EXPECT_NOT(EINVAL, write(fd, self->bytes, 1));
	EXPECT_NOT(EINVAL, readv(fd, &iov, 1));
	EXPECT_NOT(EINVAL, writev(fd, &iov, 1));
	EXPECT_NOT(ESPIPE, pread(fd, self->bytes, 1, 0));
	EXPECT_NOT(ESPIPE, pwrite(fd, self->bytes, 1, 0));
	EXPECT_NOT(EINVAL, ftruncate(fd, 0));
	EXPECT_NOT(EINVAL, ftruncate(fd, 1 << 20));
	EXPECT_NOT(EINVAL, fsync(fd));
	EXPECT_NOT(ENOTDIR, syscall(SYS_getdents64, fd, self->bytes, sizeof(self->bytes)));
	EXPECT_NOT(ENOTTY, ioctl(fd, FIONREAD, self->bytes));
	for (unsigned int i = 0; i < ARRAY_SIZE(whences); i++)
		EXPECT_NOT(ESPIPE, lseek(fd, 1, whences[i]));
	for (int mode = 0; mode < 128; mode++)
		EXPECT_EQ(-1, fallocate(fd, mode, 0, 4096));
}

/* Nor does anything flow into it or out of it. */
TEST_F(object, attack_35_moves_no_data)
{
	int memfd = memfd_create("memfd", 0), pipes[2], empty[2];
	const int fd = self->fd;
	off_t at = 0;

	ASSERT_GE(memfd, 0);
	ASSERT_EQ(1, write(memfd, "x", 1));
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, pipe(empty));
	ASSERT_EQ(1, write(pipes[1], "x", 1));
	EXPECT_EQ(-1, sendfile(pipes[1], fd, NULL, 1));
	EXPECT_EQ(-1, sendfile(pipes[1], fd, &at, 1));
	EXPECT_EQ(-1, sendfile(fd, memfd, &at, 1));
	EXPECT_EQ(-1, copy_file_range(fd, NULL, memfd, NULL, 1, 0));
	EXPECT_EQ(-1, copy_file_range(memfd, &at, fd, NULL, 1, 0));
	EXPECT_EQ(-1, splice(fd, &at, pipes[1], NULL, 1, 0));
	EXPECT_EQ(-1, splice(fd, NULL, pipes[1], NULL, 1, 0));
	EXPECT_EQ(-1, splice(pipes[0], NULL, fd, NULL, 1, 0));
	EXPECT_EQ(-1, splice(pipes[0], NULL, fd, &at, 1, 0));
	EXPECT_EQ(-1, tee(pipes[0], fd, 1, 0));
	EXPECT_EQ(-1, vmsplice(fd, &(struct iovec){ self->bytes, 1 }, 1, 0));
	EXPECT_EQ(0, at);
	/* What stood in the pipe still does. */
	EXPECT_EQ(1, read(pipes[0], self->bytes, sizeof(self->bytes)));
}

TEST_F(object, attack_35_only_an_attachment_can_be_mapped)
{
	void *at = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, self->fd, 0);

	if (variant->target == ATTACHMENT_FD) {
		EXPECT_NE(MAP_FAILED, at);
		return;
	}
	EXPECT_EQ(MAP_FAILED, at);
	EXPECT_EQ(ENODEV, errno);
	at = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, self->fd, L4SHMC_CONTROL_OFFSET);
	EXPECT_EQ(MAP_FAILED, at);
	EXPECT_EQ(ENODEV, errno);
}

FIXTURE(open_mode)
{
	struct area area;
	int dev;
};

FIXTURE_VARIANT(open_mode)
{
	int flags;
	int create, unlink, attach, observe;
};

FIXTURE_VARIANT_ADD(open_mode, read_only)
{
	.flags = O_RDONLY, .create = -EBADF, .unlink = -EBADF, .attach = -EBADF, .observe = 0,
};

FIXTURE_VARIANT_ADD(open_mode, write_only)
{
	.flags = O_WRONLY, .create = 0, .unlink = 0, .attach = -EBADF, .observe = -EBADF,
};

FIXTURE_VARIANT_ADD(open_mode, both)
{
	.flags = O_RDWR, .create = 0, .unlink = 0, .attach = 0, .observe = 0,
};

FIXTURE_SETUP(open_mode)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->dev = device_open(variant->flags);
	ASSERT_GE(self->dev, 0);
}

FIXTURE_TEARDOWN(open_mode)
{
	drop_area(&self->area);
	close(self->dev);
}

static int result_of(int result)
{
	if (result > 0)
		close(result);
	return result < 0 ? result : 0;
}

TEST_F(open_mode, attack_02_open_mode_decides)
{
	struct l4shmc_ioc_info info;
	char name[L4SHMC_NAME_SIZE];

	unique_name(name, "created");
	EXPECT_EQ(0, device_info(self->dev, &info));
	EXPECT_EQ(variant->create, result_of(area_create(self->dev, name, 1, 0600, 0)));
	EXPECT_EQ(variant->attach, result_of(area_attach(self->dev, self->area.name, 0)));
	EXPECT_EQ(variant->observe, result_of(area_attach(self->dev, self->area.name,
							  L4SHMC_ATTACH_OBSERVER)));
	EXPECT_EQ(0, result_of(waitset_make(self->dev)));
	EXPECT_EQ(variant->unlink, area_unlink(self->dev, self->area.name));
	EXPECT_EQ(variant->unlink != 0, area_named(&self->area));
}

FIXTURE(device)
{
	struct area area;
};

FIXTURE_SETUP(device)
{
	make_area(_metadata, &self->area, DEFAULT_AREA_SIZE);
}

FIXTURE_TEARDOWN(device)
{
	drop_area(&self->area);
}

TEST_F(device, info_tells_the_constants)
{
	struct l4shmc_ioc_info info;

	ASSERT_EQ(0, device_info(self->area.dev, &info));
	EXPECT_EQ(L4SHMC_ABI_VERSION, info.abi);
	EXPECT_EQ(0, info.features);
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(L4SHMC_CONTROL_OFFSET, info.control_offset);
	EXPECT_EQ(L4SHMC_CONTROL_SIZE, info.control_size);
	EXPECT_EQ(L4SHMC_RECORD_SIZE, info.record_size);
	EXPECT_EQ(L4SHMC_MAX_CLIENTS, info.max_clients);
	EXPECT_GE(info.max_area_size, 1 << 20);
	/* The payload must not reach into the records. */
	EXPECT_LE(info.max_area_size, L4SHMC_CONTROL_OFFSET);
}

TEST_F(device, node_is_for_everybody)
{
	struct stat st;

	ASSERT_EQ(0, stat(DEVICE, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0666, st.st_mode & 0777);
}

/* A handle is told from a device by what it is, whatever its number. */
TEST_F(device, attack_02_handle_of_another_area_reaches_only_that)
{
	struct l4shmc_ioc_area_info info;
	char name[L4SHMC_NAME_SIZE];
	int handle, fd;

	unique_name(name, "second");
	handle = area_create(self->area.dev, name, 1, 0600, 0);
	ASSERT_GE(handle, 0);
	fd = area_attach(handle, "", 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_STREQ(name, info.name);
	EXPECT_EQ(0, info.client);
	EXPECT_EQ(1, info.clients);
}

FIXTURE(no_descriptor)
{
	struct area area;
	char made[L4SHMC_NAME_SIZE];
	struct rlimit limit;
};

FIXTURE_VARIANT(no_descriptor)
{
	unsigned int cmd;
	bool by_handle;
};

FIXTURE_VARIANT_ADD(no_descriptor, create)
{
	.cmd = L4SHMC_IOC_CREATE,
};

FIXTURE_VARIANT_ADD(no_descriptor, attach_by_name)
{
	.cmd = L4SHMC_IOC_ATTACH,
};

FIXTURE_VARIANT_ADD(no_descriptor, attach_by_handle)
{
	.cmd = L4SHMC_IOC_ATTACH, .by_handle = true,
};

FIXTURE_VARIANT_ADD(no_descriptor, signal_open)
{
	.cmd = L4SHMC_IOC_SIGNAL_OPEN,
};

FIXTURE_VARIANT_ADD(no_descriptor, waitset)
{
	.cmd = L4SHMC_IOC_WAITSET,
};

FIXTURE_SETUP(no_descriptor)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	unique_name(self->made, "made");
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &self->limit));
}

FIXTURE_TEARDOWN(no_descriptor)
{
	drop_area(&self->area);
}

static int make_one(const FIXTURE_VARIANT(no_descriptor) * variant,
		    FIXTURE_DATA(no_descriptor) * self)
{
	switch (variant->cmd) {
	case L4SHMC_IOC_CREATE:
		return area_create(self->area.dev, self->made, 1, 0600, 0);
	case L4SHMC_IOC_ATTACH:
		return variant->by_handle ? area_attach(self->area.handle, "", 0) :
					    area_attach(self->area.dev, self->area.name, 0);
	case L4SHMC_IOC_SIGNAL_OPEN:
		return signal_open(self->area.fd, "s", 0);
	default:
		return waitset_make(self->area.dev);
	}
}

TEST_F(no_descriptor, attack_48_emfile_leaves_nothing)
{
	struct rlimit none = { .rlim_cur = 0, .rlim_max = self->limit.rlim_max };
	struct l4shmc_ioc_area_info before, after;
	int fd;

	ASSERT_EQ(0, area_info(self->area.fd, &before));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_ERR(EMFILE, make_one(variant, self));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &self->limit));
	ASSERT_EQ(0, area_info(self->area.fd, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->made, 0));
	/* And it goes on as if nothing had been. */
	fd = make_one(variant, self);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(self->area.fd, &after));
	EXPECT_EQ(before.clients + (variant->cmd == L4SHMC_IOC_ATTACH), after.clients);
	close(fd);
}

struct enfile {
	const FIXTURE_VARIANT(no_descriptor) * variant;
	FIXTURE_DATA(no_descriptor) * self;
};

static int expect_enfile(void *arg)
{
	struct enfile *enfile = arg;
	int result;

	/* Who may administrate the system may exceed the limit. */
	CHECK(become(USER_A, USER_A) == 0);
	result = make_one(enfile->variant, enfile->self);
	CHECK(result == -ENFILE);
	return 0;
}

#define FILE_MAX "/proc/sys/fs/file-max"

TEST_F(no_descriptor, attack_48_enfile_leaves_nothing)
{
	struct enfile enfile = { .variant = variant, .self = self };
	struct l4shmc_ioc_area_info before, after;
	char file_max[64] = "";
	int fd, result;

	if (geteuid() != 0)
		SKIP(return, "only root can lower " FILE_MAX);
	fd = open(FILE_MAX, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	ASSERT_GT(read(fd, file_max, sizeof(file_max) - 1), 0);
	close(fd);
	/* To others than root the area of the fixture can only be reached by its owner. */
	self->area.handle = area_create_as(self->area.dev, "\xf8", 1, 0666, 0, ~0U, ~0U);
	ASSERT_GE(self->area.handle, 0);
	set_name(self->area.name, "\xf8");
	ASSERT_EQ(0, area_info(self->area.fd, &before));
	ASSERT_TRUE(write_text(FILE_MAX, "1"));
	result = run_child(expect_enfile, &enfile);
	ASSERT_TRUE(write_text(FILE_MAX, file_max));
	EXPECT_EQ(0, result);
	ASSERT_EQ(0, area_info(self->area.fd, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->made, 0));
}

TEST_HARNESS_MAIN
