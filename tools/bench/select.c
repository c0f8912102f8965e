// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which runs the user wants
 */
#include <errno.h>
#include <string.h>

#include "bench.h"

/* In the order of the table; all others are compared with the first. */
const struct subject *const subjects[] = {
	&subject_l4shmc,
	&subject_l4shmc_call,
	&subject_l4shmc_sleeping,
	&subject_l4shmc_plain,
	&subject_futex,
	&subject_posix_sem,
	&subject_pthread_cond,
	&subject_eventfd,
	&subject_eventfd_epoll,
	&subject_eventfd_poll,
	&subject_pipe,
	&subject_unix_dgram,
	&subject_unix_seqpacket,
	&subject_mqueue,
	&subject_posix_shm,
	&subject_ntsync,
#ifdef HAVE_ZMQ
	&subject_zmq,
#endif
#ifdef HAVE_NNG
	&subject_nng,
#endif
#ifdef HAVE_LIBQB
	&subject_libqb,
#endif
#ifdef HAVE_BOOST
	&subject_boost_mq,
	&subject_boost_spsc,
#endif
#ifdef HAVE_CK
	&subject_ck,
#endif
	&subject_sched_yield,
	&subject_syscall,
	&subject_cache_line,
	&subject_memcpy,
	&subject_area,
	&subject_client,
	&subject_chunk,
	&subject_signal,
	&subject_binding,
	&subject_eventfd_object,
	&subject_epoll_item,
	&subject_pipe_object,
	&subject_unix_pair,
	&subject_memfd,
	NULL,
};

static bool is_item(const char *item, size_t length, const char *name)
{
	return strlen(name) == length && !strncmp(item, name, length);
}

/* Is @name one of @list, which has commas between them?  NULL is all. */
static bool in_list(const char *list, const char *name)
{
	size_t length;

	if (!list)
		return true;
	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (is_item(list, length, name))
			return true;
		if (!list[length])
			return false;
	}
}

static bool is_subject(const char *item, size_t length)
{
	size_t i;

	for (i = 0; subjects[i]; i++)
		if (is_item(item, length, subjects[i]->name))
			return true;
	return false;
}

static bool is_placement(const char *item, size_t length)
{
	size_t i;

	for (i = 0; i < PLACEMENTS; i++)
		if (is_item(item, length, placement_names[i]))
			return true;
	return false;
}

static bool list_ok(const char *list, bool (*known)(const char *item, size_t length))
{
	size_t length;

	if (!list)
		return true;
	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (!known(list, length))
			return false;
		if (!list[length])
			return true;
	}
}

/**
 * select_ok() - is this what one can ask for
 * @selection: what the user wants
 *
 * Return: NULL, or the text that is wrong.
 */
const char *select_ok(const struct selection *selection)
{
	if (!list_ok(selection->subjects, is_subject))
		return selection->subjects;
	if (!list_ok(selection->placements, is_placement))
		return selection->placements;
	return NULL;
}

static const struct bench *find_bench(const struct subject *subject, enum bench_case which)
{
	const struct bench *bench;

	for (bench = subject->benches; bench->batch || bench->figure; bench++)
		if (bench->which == which)
			return bench;
	return NULL;
}

/* Can it be there?  What has no other side needs no second CPU. */
static bool can_be_placed(const struct bench *bench, enum placement placement, unsigned int nr_cpus)
{
	return placement == SAME_CPU || (bench->peer && nr_cpus > 1);
}

static void add_run(struct runs *runs, const struct run *run)
{
	struct run *grown = realloc(runs->runs, (runs->count + 1) * sizeof(*grown));

	if (!grown)
		fail("out of memory");
	grown[runs->count++] = *run;
	runs->runs = grown;
}

/* All subjects and placements for a case and a parameter */
static void add_param(struct runs *runs, const struct selection *selection, enum bench_case which,
		      uint64_t param)
{
	struct run run = { .param = param };
	size_t i, placement;

	for (placement = 0; placement < PLACEMENTS; placement++) {
		run.placement = (enum placement)placement;
		if (!in_list(selection->placements, placement_names[placement]))
			continue;
		for (i = 0; subjects[i]; i++) {
			run.subject = subjects[i];
			run.bench = find_bench(subjects[i], which);
			if (run.bench && param_fits(run.bench, param) &&
			    can_be_placed(run.bench, run.placement, selection->nr_cpus) &&
			    in_list(selection->subjects, subjects[i]->name))
				add_run(runs, &run);
		}
	}
}

static void add_all_params(struct runs *runs, const struct selection *selection,
			   enum bench_case which)
{
	const uint64_t *param = case_infos[which].params;

	if (!param)
		add_param(runs, selection, which, 0);
	for (; param && *param; param++)
		add_param(runs, selection, which, *param);
}

/* "PARAM[,PARAM]..." */
static bool add_params(struct runs *runs, const struct selection *selection, enum bench_case which,
		       const char *text)
{
	unsigned long long param;
	char *end;

	if (!case_infos[which].params)
		return false;
	for (;; text = end + 1) {
		errno = 0;
		param = strtoull(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || errno || !param || (*end && *end != ','))
			return false;
		add_param(runs, selection, which, param);
		if (!*end)
			return true;
	}
}

/**
 * select_case() - find what has to be run for a case
 * @runs: runs are added here
 * @selection: what else the user wants
 * @text: CASE[:PARAM[,PARAM]...], or NULL for all cases
 *
 * Return: whether @text makes sense.
 */
bool select_case(struct runs *runs, const struct selection *selection, const char *text)
{
	size_t which, length = text ? strcspn(text, ":") : 0;

	for (which = 0; which < CASES; which++) {
		if (!text) {
			add_all_params(runs, selection, (enum bench_case)which);
		} else if (is_item(text, length, case_infos[which].name)) {
			if (text[length])
				return add_params(runs, selection, (enum bench_case)which,
						  text + length + 1);
			add_all_params(runs, selection, (enum bench_case)which);
			return true;
		}
	}
	return !text;
}
