// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc info: what the driver can do
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include <l4/shmc/linux.h>

#include "tool.h"

static int run_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct l4shmc_ioc_info info;
	int option;
	long err;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		return option == 'h' ? command_help(&command_info) : usage_hint();
	if (optind != argc)
		return usage_error("no argument is wanted");
	printf("library         %s\n", l4shmc_version());
	err = device_info(&info);
	if (err)
		return fail_device(err);
	printf("abi             %" PRIu32 "\n"
	       "features        %#" PRIx64 "\n"
	       "max_area_size   %" PRIu64 "\n"
	       "max_clients     %" PRIu32 "\n"
	       "max_records     %" PRIu64 "\n",
	       info.abi, (uint64_t)info.features, (uint64_t)info.max_area_size, info.max_clients,
	       info.record_size ? (uint64_t)info.control_size / info.record_size : 0);
	return EXIT_SUCCESS;
}

const struct command command_info = {
	.name = "info",
	.args = "",
	.summary = "tell the versions and limits of the library and the driver",
	.help = "",
	.run = run_info,
};
