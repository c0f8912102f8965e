// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc create, l4shmc rm: areas that stay
 */
#include <getopt.h>

#include <l4/shmc/linux.h>

#include "../lib/parse.h"
#include "tool.h"

/* Reads the options into @spec; returns a status, or -1 to go on. */
static int create_options(int argc, char **argv, struct area_spec *spec)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "mode", required_argument, NULL, 'm' },
		{ "user", required_argument, NULL, 'u' },
		{ "group", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "s:m:u:g:h", options, NULL)) != -1) {
		switch (option) {
		case 's':
			if (!l4shmc__parse_size(optarg, &spec->size))
				return usage_error("bad size '%s'", optarg);
			break;
		case 'm':
			if (!l4shmc__parse_mode(optarg, &spec->mode))
				return usage_error("bad mode '%s'", optarg);
			break;
		case 'u':
			if (!l4shmc__parse_user(optarg, &spec->uid))
				return usage_error("no such user '%s'", optarg);
			break;
		case 'g':
			if (!l4shmc__parse_group(optarg, &spec->gid))
				return usage_error("no such group '%s'", optarg);
			break;
		case 'h':
			return command_help(&command_create);
		default:
			return usage_hint();
		}
	}
	return -1;
}

/**
 * fail_create() - tell why an area could not be made
 * @spec: the area
 * @err: negative L4 error code
 *
 * Return: exit status.
 */
int fail_create(const struct area_spec *spec, long err)
{
	if (err == -L4_EPERM && (spec->uid != UINT32_MAX || spec->gid != UINT32_MAX))
		return fail_area_text(spec->name, "no right to give it to this user or group");
	return fail_area(spec->name, err);
}

static int run_create(int argc, char **argv)
{
	struct area_spec spec = {
		.size = 1024 * 1024,
		.mode = 0600,
		.uid = UINT32_MAX,
		.gid = UINT32_MAX,
	};
	int status;
	long err;

	status = create_options(argc, argv, &spec);
	if (status >= 0)
		return status;
	if (argc - optind != 1)
		return usage_error("one NAME is needed");
	spec.name = argv[optind];
	err = device_create_persistent(&spec);
	return err ? fail_create(&spec, err) : EXIT_SUCCESS;
}

const struct command command_create = {
	.name = "create",
	.args = "[OPTION]... NAME",
	.summary = "make an area that stays until 'l4shmc rm'",
	.help = "  -s, --size=SIZE        bytes, with a suffix K, M, G, or T (1M)\n"
		"  -m, --mode=MODE        octal read and write bits: both to attach, read to\n"
		"                         observe (0600)\n"
		"  -u, --user=USER        owner, by name or number (the caller)\n"
		"  -g, --group=GROUP      group, by name or number (the caller's)\n",
	.run = run_create,
};

static int run_rm(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int status = EXIT_SUCCESS;
	int option;
	long err;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		return option == 'h' ? command_help(&command_rm) : usage_hint();
	if (optind == argc)
		return usage_error("a NAME is needed");
	for (; optind < argc; optind++) {
		err = l4shmc_destroy(argv[optind]);
		if (err)
			status = fail_area(argv[optind], err);
	}
	return status;
}

const struct command command_rm = {
	.name = "rm",
	.args = "NAME...",
	.summary = "take the names of areas away",
	.help = "Those who use an area go on; its memory is freed when the last one has left.\n\n",
	.run = run_rm,
};
