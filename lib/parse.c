// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Numbers, sizes, modes, users, groups and names, as people write them.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <l4/sys/err.h>
#include <linux/l4shmc.h>

#include "parse.h"

/* Nobody's entry in the table of users is as long. */
#define MAX_LOOK_UP_SIZE (1 << 20)

/**
 * l4shmc__parse_number() - the number that a text starts with
 * @text: the text
 * @base: base of the number
 * @value: filled in
 * @end: filled in: what follows the number
 *
 * Return: whether there is one, and below 2^64.
 */
bool l4shmc__parse_number(char const *text, int base, uint64_t *value, char const **end)
{
	char *rest;

	/* strtoull() alone takes blanks, signs and nothing at all. */
	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &rest, base);
	*end = rest;
	return !errno;
}

/**
 * l4shmc__parse_size() - a number of bytes, with a suffix K, M, G, or T
 * @text: the text
 * @size: filled in; not 0
 *
 * Return: whether it is one.
 */
bool l4shmc__parse_size(char const *text, uint64_t *size)
{
	static char const suffixes[] = "KMGT";
	char const *end, *suffix;
	unsigned shift = 0;

	if (!l4shmc__parse_number(text, 10, size, &end))
		return false;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (!*size || *size > UINT64_MAX >> shift)
		return false;
	*size <<= shift;
	return true;
}

/**
 * l4shmc__parse_mode() - octal read and write bits
 * @text: the text
 * @mode: filled in
 *
 * Return: whether it is a mode.
 */
bool l4shmc__parse_mode(char const *text, uint32_t *mode)
{
	char const *end;
	uint64_t value;

	if (!l4shmc__parse_number(text, 8, &value, &end) || *end || value & ~UINT64_C(0666))
		return false;
	*mode = (uint32_t)value;
	return true;
}

/* One look with a buffer of @size bytes; returns an errno, *found tells the rest. */
static int look_up_once(char const *name, bool group, size_t size, uint32_t *id, bool *found)
{
	struct passwd user, *user_found = NULL;
	struct group grp, *group_found = NULL;
	char *buffer = malloc(size);
	int err;

	if (!buffer)
		return ENOMEM;
	if (group)
		err = getgrnam_r(name, &grp, buffer, size, &group_found);
	else
		err = getpwnam_r(name, &user, buffer, size, &user_found);
	*found = group ? group_found != NULL : user_found != NULL;
	if (*found)
		*id = group ? grp.gr_gid : user.pw_uid;
	free(buffer);
	return err;
}

static bool parse_id(char const *text, bool group, uint32_t *id)
{
	size_t size = 1024;
	bool found = false;
	char const *end;
	uint64_t value;
	int err;

	do {
		err = look_up_once(text, group, size, id, &found);
		size *= 2;
	} while ((err == ERANGE || err == EINTR) && size <= MAX_LOOK_UP_SIZE);
	if (found)
		return true;
	/* The largest one means "none". */
	if (!l4shmc__parse_number(text, 10, &value, &end) || *end || value >= UINT32_MAX)
		return false;
	*id = (uint32_t)value;
	return true;
}

/**
 * l4shmc__parse_user() - a user's name or number
 * @text: the text
 * @uid: filled in
 *
 * Return: whether there is such a user.
 */
bool l4shmc__parse_user(char const *text, uint32_t *uid)
{
	return parse_id(text, false, uid);
}

/**
 * l4shmc__parse_group() - a group's name or number
 * @text: the text
 * @gid: filled in
 *
 * Return: whether there is such a group.
 */
bool l4shmc__parse_group(char const *text, uint32_t *gid)
{
	return parse_id(text, true, gid);
}

/**
 * l4shmc__check_name() - can this be the name of an area, a chunk, a signal
 * @name: the name
 *
 * Return: 0; -L4_EINVAL, or -L4_ENAMETOOLONG, as the driver does.
 */
long l4shmc__check_name(char const *name)
{
	size_t i;

	if (strnlen(name, L4SHMC_NAME_SIZE) == L4SHMC_NAME_SIZE)
		return -L4_ENAMETOOLONG;
	if (!*name || *name == '.' || *name == '@')
		return -L4_EINVAL;
	for (i = 0; name[i]; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c < ' ' || c == 0x7f || c == '/')
			return -L4_EINVAL;
	}
	return 0;
}
