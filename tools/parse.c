// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arguments of the command line that only the tool knows
 */
#include <ctype.h>

#include "../lib/parse.h"
#include "tool.h"

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

	if (!l4shmc__parse_number(text, 10, &value, &end) || *end || !value || value > max)
		return false;
	*count = (unsigned int)value;
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
