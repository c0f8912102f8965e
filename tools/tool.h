/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of l4shmc(1) share.
 *
 * A command has a file of its own, with its options and its help, and a line
 * in the table of main.c.  Functions that return an exit status have told the
 * user about the error; those that return a long return an L4 error code.
 */
#ifndef L4SHMC_TOOL_H
#define L4SHMC_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <linux/l4shmc.h>

#define EXIT_USAGE 2

#define DEVICE_PATH "/dev/l4shmc"
#define SYSFS_PATH "/sys/class/l4shmc"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct command - a command of the tool
 * @name: as the user types it
 * @args: its arguments, for the help
 * @summary: what it does, in a line
 * @help: its options, and what else is to know
 * @run: does it; @argv[0] is for messages, returns an exit status
 */
struct command {
	const char *name;
	const char *args;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv);
};

extern const struct command command_create;
extern const struct command command_info;
extern const struct command command_ls;
extern const struct command command_provision;
extern const struct command command_recv;
extern const struct command command_rm;
extern const struct command command_send;
extern const struct command command_show;

/* main.c */
int command_help(const struct command *command);

/* message.c */
void message_set_command(const char *name);
__attribute__((format(printf, 1, 2))) int fail(const char *fmt, ...);
__attribute__((format(printf, 2, 3))) int fail_area_text(const char *area, const char *fmt, ...);
int fail_area(const char *area, long err);
int fail_device(long err);
__attribute__((format(printf, 1, 2))) int usage_error(const char *fmt, ...);
int usage_hint(void);
void *xcalloc(size_t count, size_t size);

/* parse.c */
bool parse_count(const char *text, unsigned int max, unsigned int *count);
bool parse_seconds(const char *text, uint64_t *ns);

/* text.c */
char *text_printable(const char *text);
bool text_is_utf8(const char *text);
size_t text_width(const char *text);

/**
 * struct table - rows of text, printed in columns
 * @columns: number of columns
 * @count: number of cells that are there
 * @cells: row after row
 */
struct table {
	unsigned int columns;
	size_t count;
	char **cells;
};

void table_add(struct table *table, const char *cell);
void table_print(const struct table *table, const char *indent);
void table_free(struct table *table);

/* create.c */
struct area_spec;
int fail_create(const struct area_spec *spec, long err);

/* device.c */
/**
 * struct area_spec - an area that is to be made
 * @name: its name
 * @size: bytes of payload
 * @mode: read and write bits
 * @uid: owner, or ~0 for the caller
 * @gid: group, or ~0 for the caller's
 */
struct area_spec {
	const char *name;
	uint64_t size;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
};

long device_create_persistent(const struct area_spec *spec);
long device_info(struct l4shmc_ioc_info *info);

/* sysfs.c */
enum attribute_kind { ATTRIBUTE_NUMBER, ATTRIBUTE_TEXT };

/**
 * struct attribute - a file of an object's directory
 * @name: file name, which is also the key in JSON
 * @kind: whether it holds a decimal number
 */
struct attribute {
	const char *name;
	enum attribute_kind kind;
};

/**
 * struct kind - what is known of areas, chunks, or signals
 * @attributes: their files
 * @count: number of @attributes
 */
struct kind {
	const struct attribute *attributes;
	size_t count;
};

extern const struct kind kind_area;
extern const struct kind kind_chunk;
extern const struct kind kind_signal;

/**
 * struct object - an area, a chunk, or a signal, as it is under /sys
 * @name: its name
 * @values: contents of the files, in the order of &kind.attributes; NULL for a
 *	file that is not there
 */
struct object {
	char *name;
	char **values;
};

/**
 * struct object_list - objects of one kind, by name
 * @kind: what they are
 * @count: number of @objects
 * @objects: the objects
 */
struct object_list {
	const struct kind *kind;
	size_t count;
	struct object *objects;
};

long sysfs_load(struct object_list *list, const struct kind *kind, const char *dir);
long sysfs_load_one(struct object_list *list, const struct kind *kind, const char *dir,
		    const char *name);
void sysfs_free(struct object_list *list);
const char *sysfs_value(const struct object_list *list, size_t index, const char *attribute);
const char *sysfs_user(const struct object_list *areas, size_t index);
const char *sysfs_group(const struct object_list *areas, size_t index);

/* progress.c */
#define LENGTH_UNKNOWN UINT64_MAX

/**
 * struct progress - how far a transfer is
 * @verb: "sent" or "received"
 * @expected: bytes in all, or LENGTH_UNKNOWN
 * @bytes: bytes so far
 * @start_ns: when it began
 * @shown_ns: when the bar was last drawn
 * @bar: draw a bar
 * @quiet: print nothing
 */
struct progress {
	const char *verb;
	uint64_t expected;
	uint64_t bytes;
	uint64_t start_ns;
	uint64_t shown_ns;
	bool bar;
	bool quiet;
};

uint64_t clock_ns(void);
void progress_start(struct progress *progress, const char *verb, uint64_t expected, bool quiet);
void progress_add(struct progress *progress, uint64_t bytes);
void progress_hide(void);
void progress_end(struct progress *progress, bool complete);

#endif /* L4SHMC_TOOL_H */
