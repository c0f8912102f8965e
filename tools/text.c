// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names that a terminal can show, and tables of them
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/*
 * Length of the UTF-8 sequence at @s if it is valid and stands for a character
 * that a terminal does not take as a command, else 0.
 */
static size_t printable_length(const unsigned char *s)
{
	static const struct {
		unsigned char mask, lead;
		size_t length;
		uint32_t first;
	} forms[] = {
		{ 0x80, 0x00, 1, 0x20 },
		{ 0xe0, 0xc0, 2, 0xa0 }, /* below are the C1 controls */
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};
	uint32_t code;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		if ((s[0] & forms[i].mask) == forms[i].lead)
			break;
	if (i == ARRAY_SIZE(forms))
		return 0;
	code = s[0] & (unsigned char)~forms[i].mask;
	for (n = 1; n < forms[i].length; n++) {
		if ((s[n] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[n] & 0x3f);
	}
	if (code < forms[i].first || code == 0x7f || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return forms[i].length;
}

/**
 * text_printable() - make text safe for a terminal
 * @text: any bytes
 *
 * Return: a copy, with \xNN for what is not printable and \\ for a backslash;
 * to be freed.
 */
char *text_printable(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char *copy = xcalloc(4 * strlen(text) + 1, 1);
	char *out = copy;
	size_t n;

	while (*s) {
		n = printable_length(s);
		if (*s == '\\') {
			out += sprintf(out, "\\\\");
			s++;
		} else if (n) {
			memcpy(out, s, n);
			out += n;
			s += n;
		} else {
			out += sprintf(out, "\\x%02x", *s++);
		}
	}
	return copy;
}

/**
 * text_is_utf8() - can a text be printed as it is
 * @text: any bytes
 *
 * Return: whether it is valid UTF-8 without control characters.
 */
bool text_is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	for (; *s; s += n) {
		n = printable_length(s);
		if (!n)
			return false;
	}
	return true;
}

/**
 * text_width() - number of characters
 * @text: UTF-8
 *
 * Return: the number.
 */
size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/**
 * table_add() - add a cell to a table
 * @table: the table
 * @cell: its text, which need not be printable
 */
void table_add(struct table *table, const char *cell)
{
	char **cells = realloc(table->cells, (table->count + 1) * sizeof(*cells));

	if (!cells)
		exit(fail("out of memory"));
	cells[table->count++] = text_printable(cell);
	table->cells = cells;
}

static bool is_number(const char *cell)
{
	return *cell && cell[strspn(cell, "-0123456789")] == '\0';
}

/* A column is aligned like the cells below its heading. */
static bool right_aligned(const struct table *table, size_t column)
{
	size_t below = column + table->columns;

	return column && below < table->count && is_number(table->cells[below]);
}

/**
 * table_print() - print a table
 * @table: the table; its first row is the heading
 * @indent: what each line starts with
 */
void table_print(const struct table *table, const char *indent)
{
	size_t *widths = xcalloc(table->columns, sizeof(*widths));
	size_t i, column, width;
	int padding;

	for (i = 0; i < table->count; i++) {
		width = text_width(table->cells[i]);
		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	for (i = 0; i < table->count; i++) {
		column = i % table->columns;
		padding = (int)(widths[column] - text_width(table->cells[i]));
		fputs(column ? "  " : indent, stdout);
		if (right_aligned(table, column))
			printf("%*s%s", padding, "", table->cells[i]);
		else if (column + 1 < table->columns)
			printf("%s%*s", table->cells[i], padding, "");
		else
			fputs(table->cells[i], stdout);
		if (column + 1 == table->columns)
			putchar('\n');
	}
	free(widths);
}

/**
 * table_free() - free what a table holds
 * @table: the table
 */
void table_free(struct table *table)
{
	while (table->count)
		free(table->cells[--table->count]);
	free(table->cells);
	table->cells = NULL;
}
