// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc - shared-memory areas from the command line
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <l4/shmc/linux.h>

#include "tool.h"

/* clang-format off */
static const struct command *const commands[] = {
	&command_create,
	&command_rm,
	&command_ls,
	&command_show,
	&command_send,
	&command_recv,
	&command_provision,
	&command_info,
};
/* clang-format on */

static void print_usage(FILE *out)
{
	fputs("Usage: l4shmc COMMAND [OPTION]... [ARGUMENT]...\n", out);
}

static int print_help(void)
{
	size_t i;

	print_usage(stdout);
	puts("Shared-memory areas with chunks and signals.\n\nCommands:");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n"
	     "  -h, --help     print this help and exit\n"
	     "  -V, --version  print the version and exit\n"
	     "\n"
	     "'l4shmc COMMAND --help' tells about a command.\n"
	     "The exit status is 0, 1 after a failure, or 2 after a wrong usage.");
	return EXIT_SUCCESS;
}

static int print_version(void)
{
	printf("l4shmc %s (library %s)\n", PACKAGE_VERSION, l4shmc_version());
	return EXIT_SUCCESS;
}

/**
 * command_help() - print the help of a command
 * @command: the command
 *
 * Return: exit status.
 */
int command_help(const struct command *command)
{
	printf("Usage: l4shmc %s %s\n%c%s.\n\n%s", command->name, command->args,
	       command->summary[0] - 'a' + 'A', command->summary + 1, command->help);
	puts("  -h, --help             print this help and exit");
	return EXIT_SUCCESS;
}

static int run(const struct command *command, int argc, char **argv)
{
	char title[32];

	/* getopt() starts its messages with the first argument. */
	snprintf(title, sizeof(title), "l4shmc: %s", command->name);
	argv[0] = title;
	message_set_command(command->name);
	return command->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		print_usage(stderr);
		return usage_hint();
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))
		return print_help();
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version"))
		return print_version();
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i]->name))
			return run(commands[i], argc - 1, argv + 1);
	if (argv[1][0] == '-')
		return usage_error("unknown option '%s'", argv[1]);
	return usage_error("unknown command '%s'", argv[1]);
}

int main(int argc, char **argv)
{
	int status;

	/* Messages of several processes, and the bar, come out in one piece. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	/* A reader that has left is an error like any other. */
	signal(SIGPIPE, SIG_IGN);

	status = dispatch(argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && status == EXIT_SUCCESS)
		return fail("standard output: %s", strerror(errno));
	return status;
}
