// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results as text
 */
#include <string.h>

#include "bench.h"

/* What the others are compared with */
#define REFERENCE "l4shmc"

/* Four digits or what is before the point */
static void print_number(FILE *out, double value)
{
	int digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;

	fprintf(out, " %11.*f", digits, value);
}

static bool comparable(const struct row *a, const struct row *b)
{
	return a->run.bench->which == b->run.bench->which && a->run.param == b->run.param &&
	       a->run.placement == b->run.placement && !strcmp(a->unit, b->unit);
}

/* How many times as much as the reference */
static double compared(const struct rows *rows, const struct row *row)
{
	size_t i;

	for (i = 0; i < rows->count; i++)
		if (!strcmp(rows->rows[i].run.subject->name, REFERENCE) &&
		    comparable(&rows->rows[i], row) && rows->rows[i].median > 0)
			return row->median / rows->rows[i].median;
	return -1;
}

/**
 * table_head() - print what the columns are
 * @out: where to
 */
void table_head(FILE *out)
{
	fprintf(out, "%-18s %-16s %11s %-9s %11s %11s %11s %11s %-12s %7s %6s\n", "case", "subject",
		"param", "placement", "median", "p99", "p99.9", "max", "unit", "times", "calls");
}

/**
 * table_row() - print a row
 * @out: where to
 * @rows: all so far
 * @row: the one to print
 *
 * A "~" marks a median that two rounds did not agree on.
 */
void table_row(FILE *out, const struct rows *rows, const struct row *row)
{
	double times = compared(rows, row);
	char param[24] = "-";

	if (row->run.param)
		snprintf(param, sizeof(param), "%llu", (unsigned long long)row->run.param);
	fprintf(out, "%-18s %-16s %11s %-9s", case_infos[row->run.bench->which].name,
		row->run.subject->name, param, placement_names[row->run.placement]);
	print_number(out, row->median);
	print_number(out, row->p99);
	print_number(out, row->p999);
	print_number(out, row->max);
	fprintf(out, "%c%-12s", row->steady ? ' ' : '~', row->unit);
	if (times >= 0)
		fprintf(out, " %7.3f", times);
	else
		fprintf(out, " %7s", "-");
	if (row->calls >= 0)
		fprintf(out, " %6.2f\n", row->calls);
	else
		fprintf(out, " %6s\n", "-");
}
