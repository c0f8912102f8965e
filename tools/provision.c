// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc provision: the areas that the configuration wants
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "../lib/provision.h"
#include "tool.h"

static void report(const char *path, unsigned int number, const char *what)
{
	char *printable_path = text_printable(path);
	char *printable = text_printable(what);

	if (number)
		fail("%s:%u: %s", printable_path, number, printable);
	else
		fail("%s: %s", printable_path, printable);
	free(printable_path);
	free(printable);
}

/* The driver makes whole pages; neither number is 0. */
static bool same_pages(uint64_t a, uint64_t b)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (a - 1) / page == (b - 1) / page;
}

static uint64_t number(const struct object_list *areas, const char *attribute, int base)
{
	return strtoull(sysfs_value(areas, 0, attribute), NULL, base);
}

/* An area that is there: does it look as if it had been made here? */
static int compare(const struct area_spec *spec, const struct object_list *areas)
{
	uint32_t uid = spec->uid == UINT32_MAX ? geteuid() : spec->uid;
	uint32_t gid = spec->gid == UINT32_MAX ? getegid() : spec->gid;
	int status = EXIT_SUCCESS;

	if (!same_pages(number(areas, "size", 10), spec->size))
		status = fail_area_text(spec->name, "is there, of %s bytes instead of %" PRIu64,
					sysfs_value(areas, 0, "size"), spec->size);
	if (number(areas, "mode", 8) != spec->mode)
		status = fail_area_text(spec->name, "is there, with mode %s instead of %04" PRIo32,
					sysfs_value(areas, 0, "mode"), spec->mode);
	if (number(areas, "uid", 10) != uid)
		status = fail_area_text(spec->name, "is there, of user %s instead of %" PRIu32,
					sysfs_user(areas, 0), uid);
	if (number(areas, "gid", 10) != gid)
		status = fail_area_text(spec->name, "is there, of group %s instead of %" PRIu32,
					sysfs_group(areas, 0), gid);
	if (!number(areas, "persistent", 10))
		status = fail_area_text(spec->name, "is there, and not persistent");
	return status;
}

/* Returns 0, an exit status, or a negative L4 error code that others will give too. */
static long provision_area(const struct l4shmc_area_line *line)
{
	const struct area_spec spec = {
		.name = line->name,
		.size = line->size,
		.mode = line->mode,
		.uid = line->uid,
		.gid = line->gid,
	};
	long err = device_create_persistent(&spec);
	struct object_list areas;
	int status;

	if (!err || err == -L4_ENODEV)
		return err;
	/* The driver looks at the owner before it looks for the area. */
	if ((err == -L4_EEXIST || err == -L4_EPERM) &&
	    !sysfs_load_one(&areas, &kind_area, SYSFS_PATH, spec.name)) {
		status = compare(&spec, &areas);
		sysfs_free(&areas);
		return status;
	}
	return fail_create(&spec, err);
}

static int provision(const struct l4shmc_provision *config)
{
	int status = EXIT_SUCCESS;
	long ret;
	size_t i;

	for (i = 0; i < config->count; i++) {
		if (!config->lines[i].persistent || config->lines[i].broken)
			continue;
		ret = provision_area(&config->lines[i]);
		if (ret < 0)
			return fail_device(ret);
		if (ret)
			status = EXIT_FAILURE;
	}
	return status;
}

static long read_config(struct l4shmc_provision *config, char **files)
{
	long err = 0;

	if (!*files)
		return l4shmc__provision_read(config);
	for (; *files && !err; files++)
		err = l4shmc__provision_read_file(config, *files);
	return err;
}

static int run_provision(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct l4shmc_provision config = { .report = report };
	int status = EXIT_SUCCESS;
	bool check = false;
	int option;
	long err;

	while ((option = getopt_long(argc, argv, "ch", options, NULL)) != -1) {
		if (option == 'h')
			return command_help(&command_provision);
		if (option != 'c')
			return usage_hint();
		check = true;
	}
	err = read_config(&config, argv + optind);
	if (err)
		status = fail("%s", l4sys_errtostr(err));
	else if (!check)
		status = provision(&config);
	if (config.mistakes)
		status = EXIT_FAILURE;
	l4shmc__provision_free(&config);
	return status;
}

const struct command command_provision = {
	.name = "provision",
	.args = "[OPTION]... [FILE]...",
	.summary = "make the persistent areas that the configuration wants",
	.help = "Reads the FILEs, or else *.conf in " L4SHMC_CONFIG_DIR "\n"
		"and " L4SHMC_PACKAGE_CONFIG_DIR ".\n"
		"An area that is there as wanted is left alone.\n\n"
		"  -c, --check            look for mistakes, and make nothing\n",
	.run = run_provision,
};
