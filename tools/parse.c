// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arguments of the command line
 */
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "tool.h"

/* strtoull() alone takes blanks, signs and nothing at all. */
static bool parse_number(const char *text, int base, uint64_t *value, const char **end)
{
	char *rest;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &rest, base);
	*end = rest;
	return !errno;
}

/**
 * parse_size() - a number of bytes, with a suffix K, M, G, or T
 * @text: the argument
 * @size: filled in; not 0
 *
 * Return: whether it is one.
 */
bool parse_size(const char *text, uint64_t *size)
{
	static const char suffixes[] = "KMGT";
	const char *end, *suffix;
	unsigned int shift = 0;

	if (!parse_number(text, 10, size, &end))
		return false;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	if (!*size || *size > UINT64_MAX >> shift)
		return false;
	*size <<= shift;
	return true;
}

/**
 * parse_count() - a number from 1 on
 * @text: the argument
 * @max: largest number
 * @count: filled in
 *
 * Return: whether it is one.
 */
bool parse_count(const char *text, unsigned int max, unsigned int *count)
{
	const char *end;
	uint64_t value;

	if (!parse_number(text, 10, &value, &end) || *end || !value || value > max)
		return false;
	*count = (unsigned int)value;
	return true;
}

/**
 * parse_mode() - octal read and write bits
 * @text: the argument
 * @mode: filled in
 *
 * Return: whether it is a mode.
 */
bool parse_mode(const char *text, unsigned int *mode)
{
	const char *end;
	uint64_t value;

	if (!parse_number(text, 8, &value, &end) || *end || value & ~UINT64_C(0666))
		return false;
	*mode = (unsigned int)value;
	return true;
}

static bool parse_id(const char *text, uint32_t *id)
{
	const char *end;
	uint64_t value;

	/* The largest one means "none". */
	if (!parse_number(text, 10, &value, &end) || *end || value >= UINT32_MAX)
		return false;
	*id = (uint32_t)value;
	return true;
}

/**
 * parse_user() - a user's name or number
 * @text: the argument
 * @uid: filled in
 *
 * Return: whether there is such a user.
 */
bool parse_user(const char *text, uint32_t *uid)
{
	const struct passwd *user = getpwnam(text);

	if (!user)
		return parse_id(text, uid);
	*uid = user->pw_uid;
	return true;
}

/**
 * parse_group() - a group's name or number
 * @text: the argument
 * @gid: filled in
 *
 * Return: whether there is such a group.
 */
bool parse_group(const char *text, uint32_t *gid)
{
	const struct group *group = getgrnam(text);

	if (!group)
		return parse_id(text, gid);
	*gid = group->gr_gid;
	return true;
}

/**
 * parse_seconds() - a time in seconds, up to a million, which may have a fraction
 * @text: the argument
 * @ns: filled in: nanoseconds
 *
 * Return: whether it is a time.
 */
bool parse_seconds(const char *text, uint64_t *ns)
{
	double seconds;
	char *end;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return false;
	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds <= 1e6))
		return false;
	*ns = (uint64_t)(seconds * 1e9);
	return true;
}
