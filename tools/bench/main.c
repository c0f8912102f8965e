// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc-bench - what l4shmc costs, and what others do
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define SIZE_WHY 256

/**
 * struct options - what the user wants
 * @selection: of what is measured
 * @json: file for JSON, "-" for standard output, NULL for none
 * @list: only tell what there is
 * @quiet: no progress
 */
struct options {
	struct selection selection;
	const char *json;
	bool list;
	bool quiet;
};

static const char help[] =
	"Usage: l4shmc-bench [OPTION]... [CASE[:PARAM[,PARAM]...]]...\n"
	"Measure what l4shmc costs, and what others do.\n"
	"\n"
	"Without a CASE all are measured, without a PARAM each with all of its own.\n"
	"\n"
	"  -s, --subject NAME[,NAME]...    only these subjects\n"
	"  -p, --placement NAME[,NAME]...  only same-cpu, cross-cpu or unpinned\n"
	"  -j, --json FILE                 write JSON to FILE; - for standard output,\n"
	"                                  where there is no table then\n"
	"  -l, --list                      list cases and subjects, and exit\n"
	"  -q, --quiet                     do not show the progress on the terminal\n"
	"  -h, --help                      print this help and exit\n"
	"  -V, --version                   print the version and exit\n"
	"\n"
	"The exit status is 0, 1 after a failure, or 2 after a wrong usage.";

static int usage_error(const char *what, const char *text)
{
	if (what)
		fprintf(stderr, "l4shmc-bench: %s '%s'\n", what, text);
	fputs("Try 'l4shmc-bench --help'.\n", stderr);
	return EXIT_USAGE;
}

static void print_params(const struct case_info *info)
{
	size_t i;

	if (!info->params)
		return;
	printf("    %s:", info->param);
	for (i = 0; info->params[i]; i++)
		printf(" %llu", (unsigned long long)info->params[i]);
	putchar('\n');
}

static void print_list(void)
{
	size_t i;

	puts("Cases:");
	for (i = 0; i < CASES; i++) {
		printf("  %-18s %s\n", case_infos[i].name, case_infos[i].about);
		print_params(&case_infos[i]);
	}
	puts("\nSubjects:");
	for (i = 0; subjects[i]; i++)
		printf("  %-18s %s\n", subjects[i]->name, subjects[i]->about);
}

static void show_progress(const struct run *run, size_t done, size_t all)
{
	fprintf(stderr, "\r[%zu/%zu] %s %s", done + 1, all, case_infos[run->bench->which].name,
		run->subject->name);
	if (run->param)
		fprintf(stderr, " %llu", (unsigned long long)run->param);
	fprintf(stderr, " %s\033[K", placement_names[run->placement]);
	fflush(stderr);
}

static void hide_progress(void)
{
	fputs("\r\033[K", stderr);
	fflush(stderr);
}

static void tell_failure(const struct run *run, const char *why, bool skipped)
{
	fprintf(stderr, "l4shmc-bench: %s %s", case_infos[run->bench->which].name,
		run->subject->name);
	if (run->param)
		fprintf(stderr, " %llu", (unsigned long long)run->param);
	fprintf(stderr, " %s: %s%s\n", placement_names[run->placement],
		skipped ? "skipped: " : "", why);
}

static void add_row(struct rows *rows, const struct row *row)
{
	struct row *grown = realloc(rows->rows, (rows->count + 1) * sizeof(*grown));

	if (!grown)
		fail("out of memory");
	grown[rows->count++] = *row;
	rows->rows = grown;
}

/* Measures all; returns an exit status. */
static int measure(const struct options *options, const struct runs *runs, struct rows *rows)
{
	bool instructions = clock_counts_instructions();
	bool progress = !options->quiet && isatty(STDERR_FILENO);
	bool table = !options->json || strcmp(options->json, "-");
	int ret, status = EXIT_SUCCESS;
	char why[SIZE_WHY];
	struct row row;
	size_t i;

	if (table)
		table_head(stdout);
	for (i = 0; i < runs->count; i++) {
		if (progress)
			show_progress(&runs->runs[i], i, runs->count);
		ret = run_measure(&runs->runs[i], instructions, &row, why, sizeof(why));
		if (progress)
			hide_progress();
		if (ret) {
			tell_failure(&runs->runs[i], why, ret == EXIT_SKIP);
			if (ret != EXIT_SKIP)
				status = EXIT_FAILURE;
			continue;
		}
		add_row(rows, &row);
		if (table)
			table_row(stdout, rows, &row);
	}
	return status;
}

static int write_json(const char *path, const struct rows *rows)
{
	bool own = strcmp(path, "-") != 0;
	FILE *out = own ? fopen(path, "we") : stdout;

	if (!out) {
		fprintf(stderr, "l4shmc-bench: %s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	json_print(out, rows);
	if ((own ? fclose(out) : fflush(out)) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "l4shmc-bench: %s: %s\n", path, strerror(errno));
	return EXIT_FAILURE;
}

/* Returns an exit status, or -1 to go on. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "subject", required_argument, NULL, 's' },
		{ "placement", required_argument, NULL, 'p' },
		{ "json", required_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "s:p:j:lqhV", long_options, NULL)) != -1) {
		switch (opt) {
		case 's':
			options->selection.subjects = optarg;
			break;
		case 'p':
			options->selection.placements = optarg;
			break;
		case 'j':
			options->json = optarg;
			break;
		case 'l':
			options->list = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'h':
			puts(help);
			return EXIT_SUCCESS;
		case 'V':
			printf("l4shmc-bench %s\n", PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage_error(NULL, NULL);
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct runs runs = { 0 };
	struct rows rows = { 0 };
	int status, i;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	status = parse_options(argc, argv, &options);
	if (status >= 0)
		return status;
	if (options.list) {
		print_list();
		return EXIT_SUCCESS;
	}
	if (select_ok(&options.selection))
		return usage_error("no such name in", select_ok(&options.selection));
	options.selection.nr_cpus = cpu_find();
	if (optind == argc)
		select_case(&runs, &options.selection, NULL);
	for (i = optind; i < argc; i++)
		if (!select_case(&runs, &options.selection, argv[i]))
			return usage_error("no such case or parameter", argv[i]);
	status = measure(&options, &runs, &rows);
	if (options.json && write_json(options.json, &rows))
		status = EXIT_FAILURE;
	return status;
}
