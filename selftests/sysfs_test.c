// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/l4shmc: that it tells what is so, lets nobody change it, announces
 * areas, and stands names and readers of every kind.
 */
#include "common.h"

FIXTURE(sysfs)
{
	struct area area;
	union l4shmc_record *control;
	struct l4shmc_chunk_record *chunk;
	struct l4shmc_signal_record *record;
	int signal, counter;
};

FIXTURE_SETUP(sysfs)
{
	int index;

	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
	index = chunk_add(self->area.fd, "c", 1000);
	ASSERT_GE(index, 0);
	self->chunk = &self->control[index].chunk;
	self->signal = signal_open(self->area.fd, "s", 0);
	ASSERT_GE(self->signal, 0);
	self->record = signal_record(self->control, self->signal);
	ASSERT_NE(NULL, self->record);
	self->counter = signal_open(self->area.fd, "counter", L4SHMC_SIGNAL_COUNTING);
	ASSERT_GE(self->counter, 0);
}

FIXTURE_TEARDOWN(sysfs)
{
	drop_area(&self->area);
}

#define EXPECT_ATTR(text, area, attribute)                                      \
	do {                                                                    \
		char __text[256] = "(cannot be read)";                          \
		const char *__name = attribute;                            \
		sysfs_read(__text, sizeof(__text), area, __name);          \
		EXPECT_STREQ(text, __text) {                                    \
			TH_LOG("attribute %s", __name);                    \
		}                                                               \
	} while (0)

static char *number(__u64 value)
{
	static char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return text;
}

TEST_F(sysfs, area_agrees_with_info)
{
	const char *name = self->area.name;
	struct l4shmc_ioc_area_info info;
	int second = area_attach(self->area.handle, "", 0);

	ASSERT_EQ(0, client_init(second));
	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_ATTR(number(info.area_size), name, "size");
	EXPECT_ATTR(number(info.area_free), name, "free");
	EXPECT_ATTR(number(DEFAULT_AREA_SIZE - 1024), name, "free");
	EXPECT_ATTR("0600", name, "mode");
	EXPECT_ATTR(number(info.uid), name, "uid");
	EXPECT_ATTR(number(info.gid), name, "gid");
	EXPECT_ATTR("0", name, "persistent");
	EXPECT_ATTR("2", name, "clients");
	EXPECT_ATTR("0x2", name, "clients_initialized");
	close(second);
	EXPECT_ATTR("1", name, "clients");
	EXPECT_ATTR("0x0", name, "clients_initialized");
}

TEST_F(sysfs, area_of_another_mode)
{
	char name[L4SHMC_NAME_SIZE];

	unique_name(name, "moded");
	ASSERT_GE(area_create(self->area.dev, name, 3 * page_size(), 0064,
			      L4SHMC_CREATE_PERSISTENT), 0);
	EXPECT_ATTR("0064", name, "mode");
	EXPECT_ATTR("1", name, "persistent");
	EXPECT_ATTR("0", name, "clients");
	EXPECT_ATTR(number(3 * page_size()), name, "size");
	EXPECT_EQ(0, area_unlink(self->area.dev, name));
	EXPECT_FALSE(sysfs_has(name));
}

TEST_F(sysfs, chunk_agrees_with_next)
{
	const char *name = self->area.name;
	struct l4shmc_ioc_chunk_next next;

	ASSERT_GE(chunk_add(self->area.fd, "d", 500), 0);
	ASSERT_GE(chunk_next(self->area.fd, (__u32)chunk_find(self->area.fd, "d", 0), &next), 0);
	EXPECT_ATTR(number(next.offset), name, "chunks/d/offset");
	EXPECT_ATTR("500", name, "chunks/d/capacity");
	EXPECT_ATTR("1000", name, "chunks/c/capacity");
	self->chunk->message_size = 321;
	EXPECT_ATTR("321", name, "chunks/c/size");
	EXPECT_ATTR("0", name, "chunks/c/recovered");
}

TEST_F(sysfs, chunk_has_states)
{
	static const struct {
		__u32 word;
		const char *state, *owner;
	} states[] = {
		{ L4SHMC_CHUNK_CLEAR, "clear", "-1" },
		{ L4SHMC_CHUNK_READY, "ready", "-1" },
		{ L4SHMC_CHUNK_BUSY_WRITING, "writing", "0" },
		{ L4SHMC_CHUNK_BUSY_WRITING | 5 << L4SHMC_CHUNK_OWNER_SHIFT, "writing", "5" },
		{ L4SHMC_CHUNK_BUSY_READING | 65535 << L4SHMC_CHUNK_OWNER_SHIFT, "reading",
		  "65535" },
		{ 4, "invalid", "-1" },
		{ 0xff, "invalid", "-1" },
		{ 0xffffffff, "invalid", "-1" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(states); i++) {
		store32(&self->chunk->state, states[i].word);
		EXPECT_ATTR(states[i].state, self->area.name, "chunks/c/state");
		EXPECT_ATTR(states[i].owner, self->area.name, "chunks/c/owner");
	}
}

TEST_F(sysfs, signal_agrees_with_its_record)
{
	const char *name = self->area.name;

	EXPECT_ATTR("0", name, "signals/s/counting");
	EXPECT_ATTR("1", name, "signals/counter/counting");
	EXPECT_ATTR("0", name, "signals/s/pending");
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, signal_trigger(self->signal));
		ASSERT_EQ(0, signal_trigger(self->counter));
	}
	EXPECT_ATTR("3", name, "signals/s/triggered");
	EXPECT_ATTR("1", name, "signals/s/pending");
	EXPECT_ATTR("3", name, "signals/counter/pending");
	EXPECT_ATTR("0", name, "signals/s/waiters");
	ASSERT_EQ(0, signal_wait(self->signal, 0));
	ASSERT_EQ(0, signal_wait(self->counter, 0));
	EXPECT_ATTR("3", name, "signals/s/triggered");
	EXPECT_ATTR("0", name, "signals/s/pending");
	EXPECT_ATTR("2", name, "signals/counter/pending");
}

static int wait_here(void *arg)
{
	FIXTURE_DATA(sysfs) * self = arg;

	return signal_wait(self->signal, L4SHMC_TIMEOUT_NEVER) != 0;
}

TEST_F(sysfs, signal_counts_its_waiters)
{
	pid_t pids[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn(wait_here, self);
		EXPECT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == i + 1));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		kill_child(pids[i]);
		EXPECT_EQ(ARRAY_SIZE(pids) - 1 - i, signal_waiters(self->area.name, "s"));
	}
}

static const char *const attributes[] = {
	"size", "free", "mode", "uid", "gid", "persistent", "clients", "clients_initialized",
	"chunks/c/offset", "chunks/c/capacity", "chunks/c/size", "chunks/c/state",
	"chunks/c/owner", "chunks/c/recovered", "signals/s/triggered", "signals/s/pending",
	"signals/s/waiters", "signals/s/counting",
};

/* Not even root may write, everybody may read, and a line is all there is. */
TEST_F(sysfs, attributes_are_for_reading)
{
	char path[512], text[256];
	struct stat st;

	for (unsigned int i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), SYSFS "/%s/%s", self->area.name, attributes[i]);
		ASSERT_EQ(0, stat(path, &st)) {
			TH_LOG("no %s", path);
		}
		EXPECT_EQ(S_IFREG | 0444, st.st_mode);
		EXPECT_EQ(-1, open(path, O_WRONLY));
		EXPECT_EQ(-1, open(path, O_RDWR));
		ASSERT_TRUE(sysfs_read(text, sizeof(text), self->area.name, attributes[i]));
		EXPECT_EQ(NULL, strchr(text, '\n'));
	}
}

static int read_all(void *arg)
{
	FIXTURE_DATA(sysfs) * self = arg;
	char text[256];

	CHECK(become(USER_B, USER_B) == 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(attributes); i++)
		CHECK(sysfs_read(text, sizeof(text), self->area.name, attributes[i]));
	return 0;
}

TEST_F(sysfs, attributes_are_for_everybody)
{
	if (geteuid() != 0)
		SKIP(return, "only root can become others");
	EXPECT_EQ(0, run_child(read_all, self));
}

static int count_entries(const char *area, const char *directory)
{
	char path[512];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", area, directory);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

TEST_F(sysfs, lists_chunks_and_signals)
{
	EXPECT_EQ(1, count_entries(self->area.name, "chunks"));
	/* The driver's own signal is each client's affair. */
	ASSERT_GE(signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0), 0);
	EXPECT_EQ(2, count_entries(self->area.name, "signals"));
	ASSERT_GE(chunk_add(self->area.fd, "d", 1), 0);
	ASSERT_GE(signal_open(self->area.fd, "t", 0), 0);
	EXPECT_EQ(2, count_entries(self->area.name, "chunks"));
	EXPECT_EQ(3, count_entries(self->area.name, "signals"));
}

TEST_F(sysfs, unlinked_area_is_not_there)
{
	ASSERT_EQ(0, area_unlink(self->area.dev, self->area.name));
	EXPECT_FALSE(sysfs_has(self->area.name));
	/* What is added now is added all the same. */
	EXPECT_GE(chunk_add(self->area.fd, "later", 64), 0);
	EXPECT_GE(signal_open(self->area.fd, "later", 0), 0);
	EXPECT_FALSE(sysfs_has(self->area.name));
	/* Nor does it get in the way of the next of that name. */
	EXPECT_GE(area_create(self->area.dev, self->area.name, 1, 0600, 0), 0);
	EXPECT_EQ(0, count_entries(self->area.name, "chunks"));
}

/* Names that mean something to sysfs, or to those who print them */
static const char *const odd_names[] = {
	"power", "uevent", "subsystem", "size", "chunks", "signals", "device", "a b", "%s%n%x",
	"\xff\xfe", "!", "a!b", "-", "*", "$(reboot)", "\\", "'", "\"", "caf\xc3\xa9",
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
};

TEST_F(sysfs, attack_10_stands_odd_names)
{
	char attribute[128];

	for (unsigned int i = 0; i < ARRAY_SIZE(odd_names); i++) {
		const char *name = odd_names[i];
		int handle = area_create(self->area.dev, name, 1, 0600, 0);
		int fd = area_attach(handle, "", 0);

		ASSERT_GE(handle, 0) {
			TH_LOG("name %u", i);
		}
		EXPECT_EQ(1, sysfs_number(name, "clients"));
		EXPECT_GE(chunk_add(fd, name, 64), 0);
		snprintf(attribute, sizeof(attribute), "chunks/%s/capacity", name);
		EXPECT_EQ(64, sysfs_number(name, attribute));
		EXPECT_GE(signal_open(fd, name, 0), 0);
		EXPECT_EQ(0, signal_waiters(name, name));
		EXPECT_EQ(0, area_unlink(handle, ""));
		EXPECT_FALSE(sysfs_has(name));
		close(fd);
		close(handle);
	}
}

/* Every line of @path is one of a mapping; the one of @name's payload is there, once. */
static bool mapped_once(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	unsigned long start, end;
	unsigned int found = 0;
	bool good = file;
	char line[512];
	size_t len;

	while (file && fgets(line, sizeof(line), file)) {
		len = strcspn(line, "\n");
		line[len] = '\0';
		good = good && sscanf(line, "%lx-%lx ", &start, &end) == 2;
		if (strstr(line, "l4shmc:"))
			found += !strncmp(strstr(line, "l4shmc:") + 7, name, strlen(name));
	}
	if (file)
		fclose(file);
	return good && found == 1;
}

/* Has anything about the driver or that name been logged since @log was at its end? */
static bool is_logged(int log, const char *name)
{
	char record[8192];
	ssize_t len;

	while ((len = read(log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		/* CONFIG_DEBUG_KOBJECT_RELEASE tells by itself whom it lets wait. */
		if (strstr(record, "kobject: "))
			continue;
		if (strstr(record, "l4shmc") || strstr(record, name))
			return true;
	}
	return false;
}

TEST_F(sysfs, attack_10_odd_names_in_proc_and_in_the_log)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const size_t page = page_size();
	char name[L4SHMC_NAME_SIZE];

	if (log < 0)
		SKIP(return, "only root reads the log");
	lseek(log, 0, SEEK_END);
	unique_name(name, "logged");
	for (unsigned int i = 0; i <= ARRAY_SIZE(odd_names); i++) {
		const char *odd = i < ARRAY_SIZE(odd_names) ? odd_names[i] : name;
		int handle = area_create(self->area.dev, odd, 1, 0600, 0);
		int fd = area_attach(handle, "", 0);
		void *data = map_data(fd, page, PROT_READ);

		ASSERT_NE(MAP_FAILED, data);
		EXPECT_TRUE(mapped_once("/proc/self/maps", odd)) {
			TH_LOG("name %u", i);
		}
		munmap(data, page);
		close(fd);
		close(handle);
	}
	/* The driver has no word for what users do, so that none can be put into its mouth. */
	EXPECT_FALSE(is_logged(log, name));
	close(log);
}

/* Open files of what is gone */
TEST_F(sysfs, attack_66_open_attribute_outlives_the_area)
{
	char path[512], byte;
	int fds[ARRAY_SIZE(attributes)];

	for (unsigned int i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), SYSFS "/%s/%s", self->area.name, attributes[i]);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		ASSERT_GE(fds[i], 0);
	}
	munmap(self->control, L4SHMC_CONTROL_SIZE);
	close(self->signal);
	close(self->counter);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(sysfs_has(self->area.name));
	for (unsigned int i = 0; i < ARRAY_SIZE(attributes); i++) {
		EXPECT_EQ(-1, read(fds[i], &byte, 1));
		EXPECT_EQ(ENODEV, errno);
		close(fds[i]);
	}
}

static const char dying[] = "\xf8";

/* What the readers have read; shared with them */
struct reads {
	unsigned int attributes[ARRAY_SIZE(attributes)], lists[2];
};

static void count_if(unsigned int *counter, bool success)
{
	if (success)
		__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static int read_for_ever(void *arg)
{
	struct reads *reads = arg;
	char text[256];

	while (1) {
		for (unsigned int i = 0; i < ARRAY_SIZE(attributes); i++)
			count_if(&reads->attributes[i],
				 sysfs_read(text, sizeof(text), dying, attributes[i]));
		count_if(&reads->lists[0], count_entries(dying, "chunks") == 1);
		count_if(&reads->lists[1], count_entries(dying, "signals") == 1);
	}
	return 1;
}

static unsigned int sum_of(struct reads *reads)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < sizeof(*reads) / sizeof(sum); i++)
		sum += __atomic_load_n(&reads->attributes[0] + i, __ATOMIC_RELAXED);
	return sum;
}

static bool all_are_read(struct reads *reads)
{
	for (unsigned int i = 0; i < sizeof(*reads) / sizeof(unsigned int); i++)
		if (!__atomic_load_n(&reads->attributes[0] + i, __ATOMIC_RELAXED))
			return false;
	return true;
}

TEST_F(sysfs, attack_66_readers_while_objects_die)
{
	struct reads *reads = shared_page();
	pid_t pids[2];

	ASSERT_NE(NULL, reads);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(read_for_ever, reads);
	for (unsigned int i = rounds(200); i > 0; i--) {
		unsigned int before = sum_of(reads);
		int handle = area_create(self->area.dev, dying, 1, 0600, 0);
		int fd = area_attach(handle, "", 0), signal;

		ASSERT_GE(handle, 0);
		ASSERT_GE(chunk_add(fd, "c", 64), 0);
		signal = signal_open(fd, "s", 0);
		ASSERT_GE(signal, 0);
		/* They are in the middle of it when it dies; once they have seen all. */
		ASSERT_TRUE(WAIT_UNTIL_BUSY(sum_of(reads) > before &&
					    (i > 1 || all_are_read(reads))));
		close(fd);
		close(signal);
		close(handle);
		ASSERT_ERR(ENOENT, area_attach(self->area.dev, dying, 0));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
	TH_LOG("%u reads and lists", sum_of(reads));
}

/* uevents */

/* How often it is told that the area is there, up to when it is gone; -1 if that is not told */
static int count_announcements(int fd, const char *name)
{
	char message[8192];
	int count = 0;

	while (next_uevent(fd, message, sizeof(message))) {
		if (is_uevent(message, "remove", name))
			return count;
		count += is_uevent(message, "add", name);
	}
	return -1;
}

TEST_F(sysfs, areas_are_announced_once)
{
	char name[L4SHMC_NAME_SIZE];
	int events = open_uevents();

	ASSERT_GE(events, 0);
	unique_name(name, "once");
	close(area_create(self->area.dev, name, 1, 0600, 0));
	EXPECT_EQ(1, count_announcements(events, name));
}

TEST_F(sysfs, areas_are_announced)
{
	char name[L4SHMC_NAME_SIZE];
	int events = open_uevents(), handle;

	ASSERT_GE(events, 0);
	unique_name(name, "announced");
	handle = area_create(self->area.dev, name, 1, 0600, 0);
	ASSERT_GE(handle, 0);
	EXPECT_TRUE(await_uevent(events, "add", name, NULL));
	/* Who hears of it finds it complete. */
	EXPECT_EQ(0, count_entries(name, "chunks"));
	EXPECT_EQ(0, count_entries(name, "signals"));
	close(handle);
	EXPECT_TRUE(await_uevent(events, "remove", name, NULL));
}

TEST_F(sysfs, attack_10_odd_names_are_announced)
{
	int events = open_uevents(), handle;

	ASSERT_GE(events, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(odd_names); i++) {
		handle = area_create(self->area.dev, odd_names[i], 1, 0600, 0);
		ASSERT_GE(handle, 0);
		EXPECT_TRUE(await_uevent(events, "add", odd_names[i], NULL));
		close(handle);
		EXPECT_TRUE(await_uevent(events, "remove", odd_names[i], NULL));
	}
}

TEST_F(sysfs, unlink_is_announced)
{
	int events = open_uevents();

	ASSERT_GE(events, 0);
	ASSERT_EQ(0, area_unlink(self->area.dev, self->area.name));
	EXPECT_TRUE(await_uevent(events, "remove", self->area.name, NULL));
}

TEST_HARNESS_MAIN
