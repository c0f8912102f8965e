// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration of areas: lines, mistakes, and which file decides. */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "../lib/parse.h"
#include "../lib/provision.h"
#include "tap.h"

#define ENV "L4SHMC_CONFIG_DIR"
#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

static char top[] = "/tmp/l4shmc-test.XXXXXX";

/* A path below the scratch folder, valid until the next call but one. */
static char const *below(char const *name)
{
	static char paths[2][256];
	static unsigned next;

	next ^= 1;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", top, name);
	return paths[next];
}

static void put_bytes(char const *name, char const *bytes, size_t length)
{
	FILE *file = fopen(below(name), "w");

	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file)) {
		perror(name);
		exit(1);
	}
}

static void put(char const *name, char const *text)
{
	put_bytes(name, text, strlen(text));
}

static int remove_one(char const *path, struct stat const *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level ? remove(path) : 0;
}

static void empty(void)
{
	nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What a program gets for @name. */
static long look_up(char const *name, uint64_t *size)
{
	struct l4shmc_area_line line = { .size = 0 };
	long ret = l4shmc__provision_look_up(name, &line);

	*size = line.size;
	return ret;
}

/* The area has this size; or, if it is 0, there is this error. */
static void gives(char const *name, uint64_t wanted_size, long wanted, char const *what)
{
	uint64_t size;
	long ret = look_up(name, &size);

	if (!ok(ret == wanted && (wanted || size == wanted_size), "%s", what))
		diag("'%s' gives %ld and %llu bytes", name, ret, (unsigned long long)size);
}

/* Mistakes */

static char reported[4096];

static void report(char const *path, unsigned number, char const *what)
{
	size_t used = strlen(reported);
	char const *base = strrchr(path, '/');

	snprintf(reported + used, sizeof(reported) - used, "%s:%u: %s\n", base ? base + 1 : path,
		 number, what);
}

/* All of the scratch folder is read; @wanted are the mistakes. */
static void reports(char const *wanted, char const *what)
{
	struct l4shmc_provision config = { .report = report };
	char const *dirs[] = { top };
	unsigned lines = 0;
	char const *c;
	long ret;

	reported[0] = '\0';
	ret = l4shmc__provision_read_dirs(&config, dirs, 1);
	for (c = wanted; *c; c++)
		lines += *c == '\n';
	if (!ok(ret == 0 && strcmp(reported, wanted) == 0 && config.mistakes == lines, "%s", what))
		diag("%ld, %u mistakes, wanted %u:\n%s", ret, config.mistakes, lines, reported);
	l4shmc__provision_free(&config);
}

/* One line in a file of its own. */
static void line_reports(char const *text, char const *wanted)
{
	char mistakes[512] = "";
	char what[128];

	empty();
	put("a.conf", text);
	if (wanted)
		snprintf(mistakes, sizeof(mistakes), "a.conf:1: %s\n", wanted);
	snprintf(what, sizeof(what), "%.40s: %s", text, wanted ? wanted : "no mistake");
	what[strcspn(what, "\n")] = '\0';
	reports(mistakes, what);
}

/* Numbers and names */

static void test_sizes(void)
{
	static struct {
		char const *text;
		uint64_t size;
	} const sizes[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "007", 7 },
		{ "1k", KIB },
		{ "1K", KIB },
		{ "3M", 3 * MIB },
		{ "2g", 2 * KIB * MIB },
		{ "1T", MIB * MIB },
		{ "16777215T", 16777215 * MIB * MIB },
		{ "18446744073709551615", UINT64_MAX },
	};
	static char const *const others[] = {
		"",	     "0",   "0K",   "-1", "+1",	  " 1",	  "1 ",
		"1X",	     "1KK", "1KiB", "K",  "0x10", "1.5M", "18446744073709551616",
		"16777216T",
	};
	uint64_t size;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ok(l4shmc__parse_size(sizes[i].text, &size) && size == sizes[i].size,
		   "size '%s' is %llu", sizes[i].text, (unsigned long long)sizes[i].size);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!l4shmc__parse_size(others[i], &size), "'%s' is no size", others[i]);
}

static void test_names(void)
{
	char longest[L4SHMC_NAME_SIZE + 1];

	memset(longest, 'x', sizeof(longest));
	longest[L4SHMC_NAME_SIZE - 1] = '\0';
	ok(l4shmc__check_name(longest) == 0, "a name of 63 bytes");
	longest[L4SHMC_NAME_SIZE - 1] = 'x';
	longest[L4SHMC_NAME_SIZE] = '\0';
	ok(l4shmc__check_name(longest) == -L4_ENAMETOOLONG, "a name of 64 bytes is too long");
	ok(!l4shmc__check_name("a b.c@d#\"\xff\xc3\xa4"), "blanks and high bytes in a name");
	ok(l4shmc__check_name("") == -L4_EINVAL && l4shmc__check_name(".a") == -L4_EINVAL &&
		   l4shmc__check_name("@a") == -L4_EINVAL &&
		   l4shmc__check_name("a/b") == -L4_EINVAL &&
		   l4shmc__check_name("a\n") == -L4_EINVAL &&
		   l4shmc__check_name("\x01") == -L4_EINVAL &&
		   l4shmc__check_name("a\x7f") == -L4_EINVAL,
	   "no names: empty, dot, at sign, slash, control characters");
}

static void test_users(void)
{
	uint32_t uid = 1, gid = 1;

	ok(l4shmc__parse_user("root", &uid) && uid == 0, "user root");
	ok(l4shmc__parse_group("root", &gid) && gid == 0, "group root");
	ok(l4shmc__parse_user("12345", &uid) && uid == 12345, "user 12345");
	ok(l4shmc__parse_group("4294967294", &gid) && gid == 4294967294U, "group 2^32 - 2");
	ok(!l4shmc__parse_user("4294967295", &uid), "user 2^32 - 1 stands for none");
	ok(!l4shmc__parse_user("-1", &uid) && !l4shmc__parse_user("", &uid) &&
		   !l4shmc__parse_group("1x", &gid) && !l4shmc__parse_group("no:such", &gid),
	   "no users and groups");
}

/* Lines */

static void test_line(void)
{
	struct l4shmc_area_line line;

	empty();
	put("a.conf", "  full\t 8M persistent mode=0664  user=12 group=34 # comment\nplain 1\n");
	ok(l4shmc__provision_look_up("full", &line) == 0 && !strcmp(line.name, "full") &&
		   line.size == 8 * MIB && line.mode == 0664 && line.uid == 12 && line.gid == 34 &&
		   line.persistent && line.number == 1,
	   "all options");
	ok(l4shmc__provision_look_up("plain", &line) == 0 && line.size == 1 && line.mode == 0600 &&
		   line.uid == L4SHMC_ID_NONE && line.gid == L4SHMC_ID_NONE && !line.persistent &&
		   line.number == 2,
	   "no options");
	ok(l4shmc__provision_look_up("other", &line) == 0 && !*line.name && line.size == MIB &&
		   line.mode == 0600 && line.uid == L4SHMC_ID_NONE && !line.persistent,
	   "a name without a line: 1 MiB, mode 0600");
}

static void test_syntax(void)
{
	static char text[200000];

	empty();
	put("a.conf",
	    "# x 2K\n\n \t\n\"a b\" 2K\n\"default\" 3K\n\"#c\" 4K\na#b 5K\n#d 6K\nlast 7K");
	gives("a b", 2 * KIB, 0, "a blank in a quoted name");
	gives("default", 3 * KIB, 0, "an area called default");
	gives("#c", 4 * KIB, 0, "a quoted name that starts with #");
	gives("a#b", 5 * KIB, 0, "# inside of a name");
	gives("#d", MIB, 0, "a comment is no line");
	gives("last", 7 * KIB, 0, "a last line without its end");
	reports("", "none of this is a mistake");

	snprintf(text, sizeof(text), "long%*s\n", (int)sizeof(text) - 8, "2K");
	put("a.conf", text);
	gives("long", 2 * KIB, 0, "a very long line");
	put_bytes("a.conf", "a 2K\0 3K\nb 4K\n", 14);
	gives("b", 4 * KIB, 0, "a line after one with a byte of zero");
	reports("a.conf:1: a byte of zero\n", "a byte of zero is a mistake");
	put("a.conf", "");
	gives("a", MIB, 0, "an empty file");
}

static void test_mistakes(void)
{
	static char const too_long[] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	char text[128], wanted[128];

	line_reports("a 1M\n", NULL);
	line_reports("a\n", "no size");
	line_reports("a # 1M\n", "no size");
	line_reports("default\n", "no size");
	line_reports("a 1Q\n", "bad size '1Q'");
	line_reports("a none\n", "bad size 'none'");
	line_reports("default \"none\"\n", "bad size 'none'");
	line_reports("a 0\n", "bad size '0'");
	line_reports("a mode=0600\n", "bad size 'mode=0600'");
	line_reports("a 1M mode=0700\n", "bad mode '0700'");
	line_reports("a 1M mode=\n", "bad mode ''");
	line_reports("a 1M user=no:such\n", "no such user: 'no:such'");
	line_reports("a 1M group=no:such\n", "no such group: 'no:such'");
	line_reports("a 1M persistent=no\n", "unwanted text behind 'persistent': '=no'");
	line_reports("a 1M 2M\n", "unknown option '2M'");
	line_reports("a 1M mode\n", "unknown option 'mode'");
	line_reports("a 1M mode=0600 mode=0600\n", "a second 'mode='");
	line_reports("a 1M persistent persistent\n", "a second 'persistent'");
	line_reports("default none persistent\n", "'default' takes no option 'persistent'");
	line_reports(".a 1M\n", "bad name '.a'");
	line_reports("a/b 1M\n", "bad name 'a/b'");
	line_reports("\"\" 1M\n", "bad name ''");
	line_reports("\"a 1M\n", "bad quotes");
	line_reports("\"a\"1M\n", "bad quotes");
	line_reports("a \"1M\n", "bad quotes");
	line_reports("a 1M \"user=root\n", "bad quotes");
	line_reports("a 1M \"user=root\"\n", NULL);
	snprintf(text, sizeof(text), "%s 1M\n", too_long);
	snprintf(wanted, sizeof(wanted), "bad name '%s'", too_long);
	line_reports(text, wanted);

	empty();
	put("a.conf",
	    "@a 1Q mode=8\nb 1M\n\ndefault 2M\nb 2M\ndefault none\n\"b\" 1M persistent x\n");
	put("b.conf", "b 3M\nc\n");
	reports("a.conf:1: bad name '@a'\na.conf:1: bad size '1Q'\na.conf:1: bad mode '8'\n"
		"a.conf:5: duplicate of line 2\na.conf:6: duplicate of line 4\n"
		"a.conf:7: unknown option 'x'\na.conf:7: duplicate of line 5\n"
		"b.conf:2: no size\n",
		"all mistakes of all files, with their lines");
}

static void test_mistakes_stay_apart(void)
{
	empty();
	put("a.conf", "bad 1M mode=9\ngood 2K\ntwice 1K\ntwice 1K\n\"open 1M\n.x 1M\nover 1K\n"
		      "healed 1Q\n");
	put("b.conf", "over 1Q\nhealed 5K\n");
	gives("bad", 0, -L4_EINVAL, "a mistake in the line of a name");
	gives("good", 2 * KIB, 0, "mistakes in other lines");
	gives("unlisted", MIB, 0, "mistakes, and a name without a line");
	gives("twice", 0, -L4_EINVAL, "two lines in one file");
	gives("over", 0, -L4_EINVAL, "a mistake in a later file");
	gives("healed", 5 * KIB, 0, "a mistake in an earlier file");
	put("c.conf", "default nonee\n");
	gives("unlisted", 0, -L4_EINVAL, "a mistake in the default");
	gives("good", 2 * KIB, 0, "a mistake in the default, and a name with a line");
}

/* Files */

static void test_default(void)
{
	empty();
	put("a.conf", "default 64K\nlisted 8K\n");
	gives("unlisted", 64 * KIB, 0, "another default");
	put("b.conf", "default none\n");
	gives("unlisted", 0, -L4_ENOENT, "default none");
	gives("listed", 8 * KIB, 0, "default none, and a name with a line");
	put("c.conf", "default 1K\n");
	gives("unlisted", KIB, 0, "a later default");
}

static void test_order(void)
{
	struct l4shmc_area_line line;

	empty();
	put("10.conf", "a 1K mode=0666 user=1 persistent\n");
	put("9.conf", "a 2K\n");
	ok(l4shmc__provision_look_up("a", &line) == 0 && line.size == 2 * KIB &&
		   line.mode == 0600 && line.uid == L4SHMC_ID_NONE && !line.persistent,
	   "the last file decides with the whole line");
	put("B.conf", "a 3K\n");
	put("_.conf", "a 4K\n");
	put("\xc3\xa4.conf", "a 6K\n");
	put("z.conf", "a 5K\n");
	gives("a", 6 * KIB, 0, "files are in the order of their bytes");
	put(".hidden.conf", "b 2K\n");
	put("b.conf.bak", "b 2K\n");
	put("b.con", "b 2K\n");
	put("~.conf~", "b 2K\n");
	put(".conf", "b 2K\n");
	gives("b", MIB, 0, "other files are not read");
}

static void test_directories(void)
{
	struct l4shmc_provision config = { .report = NULL };
	char dirs[3][64];
	char const *const paths[] = { dirs[0], dirs[1], dirs[2] };
	struct l4shmc_area_line line;
	int i;

	empty();
	for (i = 0; i < 3; i++)
		snprintf(dirs[i], sizeof(dirs[i]), "%s/%d", top, i);
	mkdir(dirs[0], 0700);
	mkdir(dirs[2], 0700);
	put("0/a.conf", "same-file 1K\n");
	put("2/a.conf", "same-file 2K\nhidden 2K\n");
	put("0/b.conf", "other-file 1K\n");
	put("2/c.conf", "other-file 2K\n");
	put("2/d.conf", "masked 2K\n");
	if (symlink("/dev/null", below("0/d.conf")))
		perror("symlink");
	ok(l4shmc__provision_read_dirs(&config, paths, 3) == 0 && config.mistakes == 0,
	   "directories, one of which is not there");
	ok(!l4shmc__provision_find(&config, "same-file", &line) && line.size == KIB,
	   "of two files of a name the first directory's is read");
	ok(!l4shmc__provision_find(&config, "hidden", &line) && line.size == MIB,
	   "and the other one is not");
	ok(!l4shmc__provision_find(&config, "other-file", &line) && line.size == 2 * KIB,
	   "of two files the later name decides, whatever the directory");
	ok(!l4shmc__provision_find(&config, "masked", &line) && line.size == MIB,
	   "a link to /dev/null hides a file");
	l4shmc__provision_free(&config);
}

static void test_odd_files(void)
{
	empty();
	mkdir(below("a.conf"), 0700);
	mkfifo(below("b.conf"), 0600);
	if (symlink("nowhere", below("c.conf")) || symlink("/dev/zero", below("d.conf")))
		perror("symlink");
	put("e.conf", "a 2K\n");
	gives("a", 2 * KIB, 0, "folders, pipes, devices and dangling links are passed over");
	reports("a.conf:0: not a file\nb.conf:0: not a file\n"
		"c.conf:0: No such file or directory\nd.conf:0: not a file\n",
		"and are mistakes");
	setenv(ENV, below("e.conf"), 1);
	gives("a", MIB, 0, "a file in place of the directory");
	setenv(ENV, "/nonexistent", 1);
	gives("a", MIB, 0, "no directory");
	setenv(ENV, top, 1);
}

static void test_many(void)
{
	FILE *file;
	int i;

	empty();
	file = fopen(below("a.conf"), "w");
	for (i = 0; file && i < 1000; i++)
		fprintf(file, "area%d %dK\n", i, i + 1);
	if (file)
		fclose(file);
	gives("area999", 1000 * KIB, 0, "a thousand lines");
	reports("", "a thousand lines, all of them read");
}

static void test_limits(void)
{
	struct rlimit before, none;
	uint64_t size;
	long ret;

	empty();
	put("a.conf", "a 2K\n");
	errno = E2BIG;
	ret = look_up("nothing", &size);
	ok(ret == 0 && errno == E2BIG, "errno stays as it was");
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	ret = look_up("a", &size);
	setrlimit(RLIMIT_NOFILE, &before);
	ok(ret == -L4_ENOMEM, "without a free descriptor: -L4_ENOMEM, and not another size");
	gives("a", 2 * KIB, 0, "and the right size afterwards");
}

static int run(char const *path, char const *const *args)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execv(path, (char *const *)args);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * Runs a copy of this program that belongs to another user.  Returns 0 if it
 * reads what L4SHMC_CONFIG_DIR tells, 1 if not.
 */
static int run_copy(char const *mode)
{
	static char const script[] =
		"cp /proc/$PPID/exe \"$0\" && chown 65534 \"$0\" && chmod \"$1\" \"$0\"";
	char const *copy = below("program");
	char const *const make_args[] = { "sh", "-c", script, copy, mode, NULL };
	char const *const copy_args[] = { "copy", NULL };
	int status = run("/bin/sh", make_args);

	return status ? status : run(copy, copy_args);
}

static void test_setuid(void)
{
	static char const what[] = "a setuid program does not look at " ENV;
	struct statvfs fs;

	empty();
	put("a.conf", "setuid-test 12345\n");
	chmod(top, 0755);
	chmod(below("a.conf"), 0644);
	if (geteuid() != 0) {
		skip("not root", "%s", what);
		return;
	}
	if (statvfs(top, &fs) || fs.f_flag & ST_NOSUID) {
		skip("no setuid programs in /tmp", "%s", what);
		return;
	}
	ok(run_copy("755") == 0, "an ordinary program looks at " ENV);
	ok(run_copy("4755") == 1, "%s", what);
}

int main(int argc, char **argv)
{
	uint64_t size;

	(void)argc;
	if (strcmp(argv[0], "copy") == 0)
		_exit(!(look_up("setuid-test", &size) == 0 && size == 12345));
	/* None of this waits. */
	alarm(60);
	if (!mkdtemp(top)) {
		perror(top);
		return 1;
	}
	setenv(ENV, top, 1);
	test_sizes();
	test_names();
	test_users();
	test_line();
	test_syntax();
	test_mistakes();
	test_mistakes_stay_apart();
	test_default();
	test_order();
	test_directories();
	test_odd_files();
	test_many();
	test_limits();
	test_setuid();
	empty();
	rmdir(top);
	return done_testing();
}
