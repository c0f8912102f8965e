// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results as JSON: an array, with an object in each line.  No string in it has
 * anything that would have to be escaped.
 */
#include "bench.h"

static void print_row(FILE *out, const struct row *row)
{
	fprintf(out, "{\"case\": \"%s\", \"subject\": \"%s\", ",
		case_infos[row->run.bench->which].name, row->run.subject->name);
	if (row->run.param)
		fprintf(out, "\"param\": %llu, ", (unsigned long long)row->run.param);
	else
		fprintf(out, "\"param\": null, ");
	fprintf(out, "\"placement\": \"%s\", \"unit\": \"%s\", ",
		placement_names[row->run.placement], row->unit);
	fprintf(out, "\"median\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"max\": %.3f, ",
		row->median, row->p99, row->p999, row->max);
	fprintf(out, "\"samples\": %zu, \"steady\": %s, ", row->count,
		row->steady ? "true" : "false");
	if (row->calls >= 0)
		fprintf(out, "\"calls\": %.3f}", row->calls);
	else
		fprintf(out, "\"calls\": null}");
}

/**
 * json_print() - print all rows
 * @out: where to
 * @rows: the rows
 */
void json_print(FILE *out, const struct rows *rows)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < rows->count; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_row(out, &rows->rows[i]);
	}
	fputs("\n]\n", out);
}
