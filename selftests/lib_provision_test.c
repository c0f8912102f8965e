// SPDX-License-Identifier: GPL-2.0-only
/* What the configuration makes of l4shmc_create(), and "l4shmc provision". */
#include "lib_common.h"

/* Names that the tests may make, each as selftest.PID.NAME */
static const char *const names[] = { "a", "b", "c", "d" };

FIXTURE(provision)
{
	struct lib_area lib;
	char dir[64];
	char file[80];
	char name[ARRAY_SIZE(names)][L4SHMC_NAME_SIZE];
};

FIXTURE_SETUP(provision)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		unique_name(self->name[i], names[i]);
	if (!make_lib_area(_metadata, &self->lib, 4096))
		return;
	strcpy(self->dir, "/tmp/l4shmc-test.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chmod(self->dir, 0755));
	snprintf(self->file, sizeof(self->file), "%s/a.conf", self->dir);
	ASSERT_EQ(0, setenv("L4SHMC_CONFIG_DIR", self->dir, 1));
}

FIXTURE_TEARDOWN(provision)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		l4shmc_destroy(self->name[i]);
	drop_lib_area(&self->lib);
	unlink(self->file);
	rmdir(self->dir);
}

/* Writes the file; @line has a %s for each of the names that it speaks of. */
#define CONFIGURE(line, ...) \
	do { \
		FILE *__file = fopen(self->file, "w"); \
		ASSERT_NE(NULL, __file); \
		ASSERT_LT(0, fprintf(__file, line, ##__VA_ARGS__)); \
		ASSERT_EQ(0, fclose(__file)); \
		ASSERT_EQ(0, chmod(self->file, 0644)); \
	} while (0)

#define EXPECT_MODE(wanted, name) \
	do { \
		char __mode[64] = ""; \
		EXPECT_TRUE(sysfs_read(__mode, sizeof(__mode), name, "mode")); \
		EXPECT_STREQ(wanted, __mode); \
	} while (0)

TEST_F(provision, line_gives_size_mode_and_owner)
{
	CONFIGURE("%s 64K mode=0664 user=%d group=%d\n", self->name[0], USER_A, USER_B);
	EXPECT_EQ(0, l4shmc_create(self->name[0]));
	EXPECT_EQ(65536, sysfs_number(self->name[0], "size"));
	EXPECT_EQ(USER_A, sysfs_number(self->name[0], "uid"));
	EXPECT_EQ(USER_B, sysfs_number(self->name[0], "gid"));
	EXPECT_EQ(0, sysfs_number(self->name[0], "persistent"));
	EXPECT_MODE("0664", self->name[0]);
}

TEST_F(provision, default_gives_the_size_of_others)
{
	CONFIGURE("default 128K\n");
	EXPECT_EQ(0, l4shmc_create(self->name[0]));
	EXPECT_EQ(131072, sysfs_number(self->name[0], "size"));
	EXPECT_EQ(getuid(), sysfs_number(self->name[0], "uid"));
	EXPECT_MODE("0600", self->name[0]);
}

TEST_F(provision, nothing_configured_gives_1_MiB)
{
	EXPECT_EQ(0, l4shmc_create(self->name[0]));
	EXPECT_EQ(1 << 20, sysfs_number(self->name[0], "size"));
	EXPECT_MODE("0600", self->name[0]);
}

TEST_F(provision, default_none_makes_nothing)
{
	CONFIGURE("default none\n%s 4K\n", self->name[0]);
	EXPECT_EQ(0, l4shmc_create(self->name[0]));
	EXPECT_EQ(-L4_ENOENT, l4shmc_create(self->name[1]));
	EXPECT_EQ(-L4_ENOENT, l4shmc_create(self->name[1], 4096));
	EXPECT_FALSE(sysfs_has(self->name[1]));
}

TEST_F(provision, mistake_makes_nothing)
{
	CONFIGURE("%s 4K mode=9\n%s 4K\n", self->name[0], self->name[1]);
	EXPECT_EQ(-L4_EINVAL, l4shmc_create(self->name[0]));
	EXPECT_FALSE(sysfs_has(self->name[0]));
	EXPECT_EQ(0, l4shmc_create(self->name[1]));
}

TEST_F(provision, too_big)
{
	CONFIGURE("%s 1000000T\n", self->name[0]);
	EXPECT_EQ(-L4_ENOMEM, l4shmc_create(self->name[0]));
}

TEST_F(provision, size_that_is_given)
{
	CONFIGURE("%s 64K mode=0666\n", self->name[0]);
	EXPECT_EQ(0, l4shmc_create(self->name[0], 8192));
	EXPECT_EQ(8192, sysfs_number(self->name[0], "size"));
	EXPECT_MODE("0666", self->name[0]);
	EXPECT_EQ(-L4_EEXIST, l4shmc_create(self->name[0], 8192));
	EXPECT_EQ(0, l4shmc_create(self->name[0]));
	EXPECT_EQ(-L4_EINVAL, l4shmc_create(self->name[1], 0));
}

static int create_quietly(void *name)
{
	return l4shmc_create(name) == 0 ? 0 : 1;
}

TEST_F(provision, persistent_outlives_its_maker)
{
	CONFIGURE("%s 4K persistent\n%s 4K\n", self->name[0], self->name[1]);
	EXPECT_EQ(0, run_child(create_quietly, self->name[0]));
	EXPECT_EQ(0, run_child(create_quietly, self->name[1]));
	EXPECT_EQ(1, sysfs_number(self->name[0], "persistent"));
	EXPECT_FALSE(sysfs_has(self->name[1]));
}

/* As a user that owns none of the areas; "b" is there, "a" is not. */
static int create_as_user(void *data)
{
	FIXTURE_DATA(provision) *self = data;

	CHECK(become(USER_A, USER_A) == 0);
	CHECK(l4shmc_create(self->name[0]) == -L4_EPERM);
	CHECK(l4shmc_create(self->name[0], 4096) == -L4_EPERM);
	CHECK(l4shmc_create(self->name[1]) == 0);
	CHECK(l4shmc_create(self->name[1], 4096) == -L4_EEXIST);
	/* That of the user. */
	CHECK(l4shmc_create(self->name[2]) == 0);
	CHECK(sysfs_number(self->name[2], "uid") == USER_A);
	return 0;
}

TEST_F(provision, area_of_another_user)
{
	const char *line = "%s 4K user=0\n%s 4K user=0\n%s 4K user=%d\n";

	if (getuid() != 0)
		SKIP(return, "not root");
	CONFIGURE(line, self->name[0], self->name[1], self->name[2], USER_A);
	ASSERT_EQ(0, l4shmc_create(self->name[1]));
	EXPECT_EQ(0, run_child(create_as_user, self));
	EXPECT_FALSE(sysfs_has(self->name[0]));
}

/* The tool */

/* Exit status of "l4shmc provision"; what it says is in @said. */
static int run_tool(char *said, size_t size)
{
	FILE *tool = popen("l4shmc provision 2>&1", "r");
	size_t len = 0;
	int status;

	if (!tool)
		return -errno;
	len = fread(said, 1, size - 1, tool);
	said[len] = '\0';
	status = pclose(tool);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has_tool(void)
{
	return system("command -v l4shmc >/dev/null") == 0;
}

TEST_F(provision, tool_makes_persistent_areas)
{
	char said[1024];

	if (getuid() != 0 || !has_tool())
		SKIP(return, "not root, or no l4shmc to be run");
	CONFIGURE("%s 8K mode=0660 user=%d group=%d persistent\n%s 4K\n%s 6000 persistent\n",
		  self->name[0], USER_A, USER_B, self->name[1], self->name[2]);
	/* The second time they are there. */
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, run_tool(said, sizeof(said)));
		EXPECT_STREQ("", said);
	}
	EXPECT_EQ(8192, sysfs_number(self->name[0], "size"));
	EXPECT_EQ(USER_A, sysfs_number(self->name[0], "uid"));
	EXPECT_EQ(USER_B, sysfs_number(self->name[0], "gid"));
	EXPECT_EQ(1, sysfs_number(self->name[0], "persistent"));
	EXPECT_MODE("0660", self->name[0]);
	EXPECT_FALSE(sysfs_has(self->name[1]));
	EXPECT_EQ(1, sysfs_number(self->name[2], "persistent"));
}

/* Each way in which an area can differ is told, the others are made. */
TEST_F(provision, tool_tells_what_differs)
{
	static const char *const wanted[] = {
		"of 4096 bytes instead of 8192", "with mode 0600 instead of 0660",
		"instead of 1000", "instead of 1001", "not persistent",
	};
	char said[2048];

	if (getuid() != 0 || !has_tool())
		SKIP(return, "not root, or no l4shmc to be run");
	ASSERT_EQ(0, l4shmc_create_area(self->name[0], 4096, 0600, 0));
	CONFIGURE("%s 8K mode=0660 user=%d group=%d persistent\n%s 4K persistent\nx 1Q\n",
		  self->name[0], USER_A, USER_B, self->name[1]);
	EXPECT_EQ(1, run_tool(said, sizeof(said)));
	for (unsigned int i = 0; i < ARRAY_SIZE(wanted); i++) {
		EXPECT_NE(NULL, strstr(said, wanted[i])) {
			TH_LOG("no '%s' in: %s", wanted[i], said);
		}
	}
	EXPECT_NE(NULL, strstr(said, "a.conf:3: bad size"));
	EXPECT_EQ(4096, sysfs_number(self->name[0], "size"));
	EXPECT_TRUE(sysfs_has(self->name[1]));
}

static int provision_as_user(void *data)
{
	FIXTURE_DATA(provision) *self = data;
	char said[1024];

	CHECK(become(USER_A, USER_A) == 0);
	CHECK(run_tool(said, sizeof(said)) == 1);
	CHECK(strstr(said, "no right to give it to this user or group"));
	CHECK(!strstr(said, self->name[1]));
	return 0;
}

TEST_F(provision, tool_without_rights)
{
	if (getuid() != 0 || !has_tool())
		SKIP(return, "not root, or no l4shmc to be run");
	CONFIGURE("%s 4K user=0 persistent\n%s 4K user=%d group=%d persistent\n",
		  self->name[0], self->name[1], USER_A, USER_A);
	EXPECT_EQ(0, run_child(provision_as_user, self));
	EXPECT_FALSE(sysfs_has(self->name[0]));
	EXPECT_TRUE(sysfs_has(self->name[1]));
}

TEST_HARNESS_MAIN
