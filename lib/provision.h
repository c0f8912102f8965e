/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration: which areas there are to be, and of what size.
 *
 * It is in the files *.conf of two directories, that of the system
 * (L4SHMC_CONFIG_DIR) and that of packages (L4SHMC_PACKAGE_CONFIG_DIR).  Of
 * files of the same name the system's is read and the other one is not.  The
 * files are read in the order of their names, by byte.
 *
 * A line is one of
 *
 *	NAME SIZE [mode=MODE] [user=USER] [group=GROUP] [persistent]
 *	default SIZE
 *	default none
 *
 * of fields with blanks between them.  A field with blanks inside stands in
 * double quotes, and so does the name of an area that is called default.  A
 * field that starts with # starts a comment.
 *
 * The last file that has a line for a name decides, with the whole of this
 * line.  Two lines for a name in one file are a mistake.  A line with a
 * mistake counts as one for its name, of which nothing else is known: an
 * earlier file does not come to the fore again.
 */
#ifndef _L4SHMC_PROVISION_H
#define _L4SHMC_PROVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/l4shmc.h>

#define L4SHMC_CONFIG_DIR L4SHMC_SYSCONFDIR "/l4shmc.d"
#define L4SHMC_PACKAGE_CONFIG_DIR L4SHMC_PACKAGEDIR "/l4shmc.d"

/* What holds until a file tells otherwise. */
#define L4SHMC_DEFAULT_SIZE (UINT64_C(1) << 20)
#define L4SHMC_DEFAULT_MODE 0600U

/* As a user or a group: the caller, or the caller's. */
#define L4SHMC_ID_NONE UINT32_MAX

/**
 * struct l4shmc_area_line - what a line tells
 * @name: name of the area; empty for "default"
 * @size: bytes; 0 for "default none"
 * @mode: read and write bits
 * @uid: owner, or L4SHMC_ID_NONE
 * @gid: group, or L4SHMC_ID_NONE
 * @persistent: the area stays
 * @broken: there is a mistake, so that the members above say nothing
 * @file: number of the file, from 1
 * @number: number of the line, from 1
 */
struct l4shmc_area_line {
	char name[L4SHMC_NAME_SIZE];
	uint64_t size;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	bool persistent;
	bool broken;
	unsigned file;
	unsigned number;
};

/**
 * struct l4shmc_provision - the configuration
 * @only: look at the lines of this area and the default alone; or NULL
 * @report: told about each mistake, if not NULL; @number is 0 for what is
 *	wrong with the file as a whole
 * @mistakes: number of mistakes
 * @lines: one for each name, the one that decides
 * @count: number of @lines
 * @room: number of @lines that there is memory for
 * @path: file that is read
 * @file: its number
 * @number: number of the line that is read
 *
 * All zero is an empty one.  The caller sets @only and @report.
 */
struct l4shmc_provision {
	char const *only;
	void (*report)(char const *path, unsigned number, char const *what);
	unsigned mistakes;
	struct l4shmc_area_line *lines;
	size_t count;
	size_t room;
	char const *path;
	unsigned file;
	unsigned number;
};

long l4shmc__provision_read(struct l4shmc_provision *config);
long l4shmc__provision_read_dirs(struct l4shmc_provision *config, char const *const *dirs,
				 unsigned count);
long l4shmc__provision_read_file(struct l4shmc_provision *config, char const *path);
void l4shmc__provision_free(struct l4shmc_provision *config);
long l4shmc__provision_find(struct l4shmc_provision const *config, char const *name,
			    struct l4shmc_area_line *line);
long l4shmc__provision_look_up(char const *name, struct l4shmc_area_line *line);

#endif /* _L4SHMC_PROVISION_H */
