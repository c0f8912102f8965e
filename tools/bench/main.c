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
 * @passes: how often each run is made; 0: as usual
 * @json: file for JSON, "-" for standard output, NULL for none
 * @plot: folder for pictures, NULL for none
 * @list: only tell what there is
 * @quiet: no progress
 */
struct options {
	struct selection selection;
	unsigned int passes;
	const char *json;
	const char *plot;
	bool list;
	bool quiet;
};

/**
 * struct session - how far it is
 * @instructions: the clock counts these
 * @progress: show it
 * @table: print rows as they come
 * @passes: how often each run is made
 * @done: number of runs that were made, or left out
 * @all: number of runs to be made
 * @status: exit status
 * @rows: what has been measured
 */
struct session {
	bool instructions;
	bool progress;
	bool table;
	unsigned int passes;
	size_t done;
	size_t all;
	int status;
	struct rows rows;
};

/* Passes where time is measured; instructions are the same in all. */
#define PASSES 3
#define MOST_PASSES 100

static const char help[] =
	"Usage: l4shmc-bench [OPTION]... [CASE[:PARAM[,PARAM]...]]...\n"
	"Measure what l4shmc costs, and what others do.\n"
	"\n"
	"Without a CASE all are measured, without a PARAM each with all of its own.\n"
	"\n"
	"  -s, --subject NAME[,NAME]...    only these subjects\n"
	"  -p, --placement NAME[,NAME]...  only same-cpu, cross-cpu or unpinned\n"
	"  -n, --passes N                  measure all N times; the fastest counts\n"
	"  -j, --json FILE                 write JSON to FILE; - for standard output,\n"
	"                                  where there is no table then\n"
	"  -o, --plot DIR                  draw the results into DIR, with gnuplot\n"
	"  -l, --list                      list cases and subjects, and exit\n"
	"  -q, --quiet                     do not show the progress on the terminal\n"
	"  -h, --help                      print this help and exit\n"
	"  -V, --version                   print the version and exit\n"
	"\n"
	"The exit status is 0, 1 after a failure or if there is nothing to measure, or\n"
	"2 after a wrong usage.";

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

/* Why a subject is left out; once for each reason. */
static void tell_skipped(const struct subject *subject, const char *why)
{
	static struct {
		const struct subject *subject;
		char why[SIZE_WHY];
	} told[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(told) && told[i].subject; i++)
		if (told[i].subject == subject && !strcmp(told[i].why, why))
			return;
	if (i < ARRAY_SIZE(told)) {
		told[i].subject = subject;
		snprintf(told[i].why, sizeof(told[i].why), "%s", why);
	}
	fprintf(stderr, "l4shmc-bench: without %s: %s\n", subject->name, why);
}

static void tell_failure(const struct run *run, const char *why)
{
	fprintf(stderr, "l4shmc-bench: %s %s", case_infos[run->bench->which].name,
		run->subject->name);
	if (run->param)
		fprintf(stderr, " %llu", (unsigned long long)run->param);
	fprintf(stderr, " %s: %s\n", placement_names[run->placement], why);
}

static void add_row(struct rows *rows, const struct row *row)
{
	struct row *grown = realloc(rows->rows, (rows->count + 1) * sizeof(*grown));

	if (!grown)
		fail("out of memory");
	grown[rows->count++] = *row;
	rows->rows = grown;
}

static bool same_group(const struct run *a, const struct run *b)
{
	return a->bench->which == b->bench->which && a->param == b->param &&
	       a->placement == b->placement;
}

/* Measures a run once more; the pass that was disturbed least is what counts. */
static void measure_again(struct session *session, const struct run *run, struct row *best)
{
	char why[SIZE_WHY];
	struct row row;
	int ret;

	if (session->progress)
		show_progress(run, session->done, session->all);
	ret = run_measure(run, session->instructions, &row, why, sizeof(why));
	if (session->progress)
		hide_progress();
	session->done++;
	if (ret == EXIT_SKIP) {
		tell_skipped(run->subject, why);
	} else if (ret) {
		tell_failure(run, why);
		session->status = EXIT_FAILURE;
	} else if (!best->samples || row.median < best->median) {
		free(best->samples);
		*best = row;
	} else {
		free(row.samples);
	}
}

/*
 * Measures what is compared with each other, in turns: what disturbs for a
 * while disturbs all.
 */
static void measure_group(struct session *session, const struct run *runs, size_t count)
{
	struct row *best = calloc(count, sizeof(*best));
	unsigned int pass;
	size_t i;

	if (!best)
		fail("out of memory");
	for (pass = 0; pass < session->passes; pass++)
		for (i = 0; i < count; i++)
			if (!pass || best[i].samples)
				measure_again(session, &runs[i], &best[i]);
			else
				session->done++;
	for (i = 0; i < count; i++) {
		if (!best[i].samples)
			continue;
		add_row(&session->rows, &best[i]);
		if (session->table)
			table_row(stdout, &session->rows, &best[i]);
	}
	free(best);
}

static void measure_all(struct session *session, const struct runs *runs)
{
	size_t i, end;

	session->all = session->passes * runs->count;
	if (session->table)
		table_head(stdout);
	for (i = 0; i < runs->count; i = end) {
		for (end = i + 1; end < runs->count; end++)
			if (!same_group(&runs->runs[i], &runs->runs[end]))
				break;
		measure_group(session, runs->runs + i, end - i);
	}
}

/* Where results go is there before hours are spent on them. */
static FILE *open_json(const char *path)
{
	FILE *out = strcmp(path, "-") ? fopen(path, "we") : stdout;

	if (!out)
		fprintf(stderr, "l4shmc-bench: %s: %s\n", path, strerror(errno));
	return out;
}

static int write_json(FILE *out, const char *path, const struct rows *rows)
{
	json_print(out, rows);
	if (fclose(out) == 0)
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
		{ "passes", required_argument, NULL, 'n' },
		{ "json", required_argument, NULL, 'j' },
		{ "plot", required_argument, NULL, 'o' },
		{ "list", no_argument, NULL, 'l' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	char *end;
	int opt;

	while ((opt = getopt_long(argc, argv, "s:p:n:j:o:lqhV", long_options, NULL)) != -1) {
		switch (opt) {
		case 's':
			options->selection.subjects = optarg;
			break;
		case 'p':
			options->selection.placements = optarg;
			break;
		case 'n':
			options->passes = (unsigned int)strtoul(optarg, &end, 10);
			if (*end || options->passes < 1 || options->passes > MOST_PASSES)
				return usage_error("not a number of passes:", optarg);
			break;
		case 'j':
			options->json = optarg;
			break;
		case 'o':
			options->plot = optarg;
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

static struct session start_session(const struct options *options)
{
	struct session session = {
		.instructions = clock_counts_instructions(),
		.progress = !options->quiet && isatty(STDERR_FILENO),
		.table = !options->json || strcmp(options->json, "-"),
		.passes = options->passes,
	};

	if (!session.passes)
		session.passes = session.instructions ? 1 : PASSES;
	return session;
}

/* Finds what has to be run; returns an exit status, or -1 to go on. */
static int choose_runs(struct options *options, struct runs *runs, char **cases)
{
	struct selection *selection = &options->selection;

	if (select_ok(selection))
		return usage_error("no such name in", select_ok(selection));
	selection->nr_cpus = cpu_find();
	if (!*cases)
		select_case(runs, selection, NULL);
	for (; *cases; cases++)
		if (!select_case(runs, selection, *cases))
			return usage_error("no such case or parameter", *cases);
	if (options->list) {
		print_list();
		return EXIT_SUCCESS;
	}
	if (runs->count)
		return -1;
	fprintf(stderr, "l4shmc-bench: nothing to measure: no subject does that%s\n",
		selection->nr_cpus > 1 ? "" : " on one CPU");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct runs runs = { 0 };
	struct session session;
	FILE *json = NULL;
	int status;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	status = parse_options(argc, argv, &options);
	if (status < 0)
		status = choose_runs(&options, &runs, argv + optind);
	if (status >= 0)
		return status;
	if (options.json) {
		json = open_json(options.json);
		if (!json)
			return EXIT_FAILURE;
	}
	if (options.plot && plot_begin(options.plot))
		return EXIT_FAILURE;
	session = start_session(&options);
	measure_all(&session, &runs);
	if (json && write_json(json, options.json, &session.rows))
		session.status = EXIT_FAILURE;
	if (options.plot && plot(options.plot, &session.rows))
		session.status = EXIT_FAILURE;
	return session.status;
}
