// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results as pictures: a file for gnuplot for each, with its data in it
 *
 * A histogram for each case, parameter and placement, with a curve for each
 * subject; and for each case that has parameters how the medians grow with them.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* Of a shell that cannot find one */
#define EXIT_NO_PROGRAM 127

#define SIZE_PATH 4096
#define SIZE_NAME 128
#define SIZE_TITLE 256
/* Fewer samples make no histogram. */
#define LEAST_SAMPLES 50
/* Bars of a histogram between a value and ten times that */
#define BARS 20

/**
 * struct picture - what is drawn in one
 * @dir: folder
 * @name: of the file, without its ending
 * @out: the file
 * @first: first of the rows in it
 */
struct picture {
	const char *dir;
	char name[SIZE_NAME];
	FILE *out;
	const struct row *first;
};

static bool same_histogram(const struct row *a, const struct row *b)
{
	return a->run.bench->which == b->run.bench->which && a->run.param == b->run.param &&
	       a->run.placement == b->run.placement;
}

static bool same_scaling(const struct row *a, const struct row *b)
{
	return a->run.bench->which == b->run.bench->which &&
	       a->run.placement == b->run.placement;
}

static bool same_curve(const struct row *a, const struct row *b)
{
	return same_scaling(a, b) && a->run.subject == b->run.subject;
}

/* Is none of the rows before it one that it belongs with? */
static bool is_first(const struct rows *rows, const struct row *row,
		     bool (*same)(const struct row *a, const struct row *b))
{
	const struct row *before;

	for (before = rows->rows; before < row; before++)
		if (same(before, row))
			return false;
	return true;
}

static void start_picture(struct picture *picture, const char *title, const char *x, const char *y)
{
	char path[SIZE_PATH];

	snprintf(path, sizeof(path), "%s/%s.gp", picture->dir, picture->name);
	picture->out = fopen(path, "we");
	if (!picture->out)
		fail_errno("%s", path);
	fprintf(picture->out,
		"# SPDX-License-Identifier: GPL-2.0-or-later\n"
		"set terminal svg size 900,560 background rgb 'white'\n"
		"set output '%s.svg'\n"
		"set title '%s'\n"
		"set xlabel '%s'\n"
		"set ylabel '%s'\n"
		"set key outside right top\n"
		"set grid\n"
		"set logscale xy\n"
		"set format xy '%%.0s%%c'\n",
		picture->name, title, x, y);
}

/* After the data of @curves curves, $c0 and so on, which begin with their name */
static void end_picture(struct picture *picture, unsigned int curves, const char *style)
{
	unsigned int i;

	for (i = 0; i < curves; i++)
		fprintf(picture->out, "%s$c%u using 1:2 with %s title columnheader(1)",
			i ? ", \\\n\t" : "plot ", i, style);
	fputc('\n', picture->out);
	if (fclose(picture->out))
		fail_errno("%s/%s.gp", picture->dir, picture->name);
}

static void start_curve(struct picture *picture, unsigned int number, const struct row *row)
{
	fprintf(picture->out, "$c%u << EOD\n%s\n", number, row->run.subject->name);
}

static void end_curve(struct picture *picture)
{
	fputs("EOD\n", picture->out);
}

static int bar_of(double value)
{
	return (int)floor(log10(value > 0.001 ? value : 0.001) * BARS);
}

/*
 * The samples, of which there are many, as the share that falls into each bar; an
 * empty line is where the curve has a gap
 */
static void print_histogram(struct picture *picture, const struct row *row)
{
	size_t i, in_bar = 0;
	int bar, next;

	for (i = 0; i < row->count; i++) {
		bar = bar_of(row->samples[i]);
		next = i + 1 < row->count ? bar_of(row->samples[i + 1]) : bar + 1;
		in_bar++;
		if (next == bar)
			continue;
		fprintf(picture->out, "%.3f %.3f\n%s", pow(10, (bar + 0.5) / BARS),
			100.0 * (double)in_bar / (double)row->count, next > bar + 1 ? "\n" : "");
		in_bar = 0;
	}
}

static void draw_histogram(const char *dir, const struct rows *rows, const struct row *first)
{
	const struct case_info *info = &case_infos[first->run.bench->which];
	struct picture picture = { .dir = dir, .first = first };
	const struct row *row, *end = rows->rows + rows->count;
	const char *placement = placement_names[first->run.placement];
	unsigned long long param = first->run.param;
	char title[SIZE_TITLE];
	unsigned int curves = 0;

	if (info->param) {
		snprintf(picture.name, SIZE_NAME, "%s-%llu-%s", info->name, param, placement);
		snprintf(title, sizeof(title), "%s, %llu %s, %s: %s", info->name, param,
			 info->param, placement, info->about);
	} else {
		snprintf(picture.name, SIZE_NAME, "%s-%s", info->name, placement);
		snprintf(title, sizeof(title), "%s, %s: %s", info->name, placement, info->about);
	}
	for (row = first; row < end; row++) {
		if (!same_histogram(first, row) || row->count < LEAST_SAMPLES)
			continue;
		if (!curves) {
			start_picture(&picture, title, first->unit, "samples in %");
			fputs("set format y '%g'\n", picture.out);
		}
		start_curve(&picture, curves++, row);
		print_histogram(&picture, row);
		end_curve(&picture);
	}
	if (curves)
		end_picture(&picture, curves, "linespoints pointsize 0.4");
}

static void draw_scaling(const char *dir, const struct rows *rows, const struct row *first)
{
	const struct case_info *info = &case_infos[first->run.bench->which];
	struct picture picture = { .dir = dir, .first = first };
	const struct row *row, *point, *end = rows->rows + rows->count;
	const char *placement = placement_names[first->run.placement];
	char title[SIZE_TITLE];
	unsigned int curves = 0;

	snprintf(picture.name, SIZE_NAME, "%s-scaling-%s", info->name, placement);
	snprintf(title, sizeof(title), "%s, %s: %s", info->name, placement, info->about);
	start_picture(&picture, title, info->param, first->unit);
	for (row = first; row < end; row++) {
		if (!same_scaling(first, row) || !is_first(rows, row, same_curve))
			continue;
		start_curve(&picture, curves++, row);
		for (point = row; point < end; point++)
			if (same_curve(row, point))
				fprintf(picture.out, "%llu %.3f\n",
					(unsigned long long)point->run.param, point->median);
		end_curve(&picture);
	}
	end_picture(&picture, curves, "linespoints");
}

/* Has gnuplot make what the files in @dir say; returns an exit status. */
static int run_gnuplot(const char *dir)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("sh", "sh", "-c",
		       "cd \"$1\" && for f in *.gp; do gnuplot \"$f\" || exit; done",
		       "sh", dir, NULL);
		_exit(EXIT_NO_PROGRAM);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EXIT_FAILURE;
	if (WEXITSTATUS(status) != EXIT_NO_PROGRAM)
		return WEXITSTATUS(status);
	fprintf(stderr, "l4shmc-bench: no gnuplot here; it makes pictures of %s/*.gp\n", dir);
	return EXIT_SUCCESS;
}

/**
 * plot_begin() - make the folder, if it is not there
 * @dir: the folder
 *
 * Return: exit status.
 */
int plot_begin(const char *dir)
{
	if ((mkdir(dir, 0777) == 0 || errno == EEXIST) && access(dir, W_OK | X_OK) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "l4shmc-bench: %s: %s\n", dir, strerror(errno));
	return EXIT_FAILURE;
}

/**
 * plot() - draw all rows
 * @dir: where to, as for plot_begin()
 * @rows: the rows
 *
 * Return: exit status.
 */
int plot(const char *dir, const struct rows *rows)
{
	const struct row *row;

	for (row = rows->rows; row < rows->rows + rows->count; row++) {
		if (row->run.bench->figure)
			continue;
		if (is_first(rows, row, same_histogram))
			draw_histogram(dir, rows, row);
		if (row->run.param && is_first(rows, row, same_scaling))
			draw_scaling(dir, rows, row);
	}
	return rows->count ? run_gnuplot(dir) : EXIT_SUCCESS;
}
