// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages on standard error
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "tool.h"

static const char *command_name;

/**
 * message_set_command() - say which command the messages are of
 * @name: its name
 */
void message_set_command(const char *name)
{
	command_name = name;
}

static void vmessage(const char *area, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void vmessage(const char *area, const char *fmt, va_list args)
{
	char *printable;

	progress_hide();
	fputs("l4shmc: ", stderr);
	if (command_name)
		fprintf(stderr, "%s: ", command_name);
	if (area) {
		printable = text_printable(area);
		fprintf(stderr, "area '%s': ", printable);
		free(printable);
	}
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

/**
 * fail() - tell about an error
 * @fmt: as for printf()
 *
 * Return: exit status.
 */
int fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(NULL, fmt, args);
	va_end(args);
	return EXIT_FAILURE;
}

/**
 * fail_area_text() - tell about an error of an area
 * @area: its name
 * @fmt: as for printf()
 *
 * Return: exit status.
 */
int fail_area_text(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(area, fmt, args);
	va_end(args);
	return EXIT_FAILURE;
}

/**
 * fail_device() - tell about an error code that is about the device
 * @err: negative L4 error code
 *
 * Return: exit status.
 */
int fail_device(long err)
{
	switch (-err) {
	case L4_ENODEV:
		return fail("no device %s: load the module: modprobe l4shmc", DEVICE_PATH);
	case L4_EPERM:
		return fail("no right to open %s", DEVICE_PATH);
	default:
		return fail("%s: %s", DEVICE_PATH, l4sys_errtostr(err));
	}
}

static int fail_no_right(const char *area)
{
	struct object_list list;
	int status;

	if (!access(DEVICE_PATH, F_OK) && access(DEVICE_PATH, R_OK | W_OK))
		return fail_device(-L4_EPERM);
	if (sysfs_load_one(&list, &kind_area, SYSFS_PATH, area))
		return fail_area_text(area, "no right");

	status = fail_area_text(area, "no right: it belongs to user %s and group %s, mode %s",
				sysfs_user(&list, 0), sysfs_group(&list, 0),
				sysfs_value(&list, 0, "mode"));
	sysfs_free(&list);
	return status;
}

/**
 * fail_area() - tell about an error code that is about an area
 * @area: its name
 * @err: negative L4 error code
 *
 * Return: exit status.
 */
int fail_area(const char *area, long err)
{
	switch (-err) {
	case L4_ENODEV:
		return fail_device(err);
	case L4_EPERM:
		return fail_no_right(area);
	case L4_ENOENT:
		return fail_area_text(area, "no such area");
	case L4_EEXIST:
		return fail_area_text(area, "exists already");
	case L4_EINVAL:
		return fail_area_text(area,
				      "bad name: it has 1 to 63 bytes, no '/' and no control "
				      "characters, and does not start with '.' or '@'");
	case L4_ENAMETOOLONG:
		return fail_area_text(area, "name too long: more than 63 bytes");
	case L4_ENOMEM:
		return fail_area_text(area, "no memory: too large, or a limit has been reached");
	case L4_ENOSPC:
		return fail_area_text(area, "no client number or record is left");
	default:
		return fail_area_text(area, "%s", l4sys_errtostr(err));
	}
}

/**
 * usage_hint() - say where help is to be found
 *
 * Return: exit status.
 */
int usage_hint(void)
{
	fprintf(stderr, "Try 'l4shmc %s%s--help'.\n", command_name ? command_name : "",
		command_name ? " " : "");
	return EXIT_USAGE;
}

/**
 * usage_error() - tell about a wrong usage
 * @fmt: as for printf()
 *
 * Return: exit status.
 */
int usage_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(NULL, fmt, args);
	va_end(args);
	return usage_hint();
}

/**
 * xcalloc() - calloc() that ends the program when there is no memory
 * @count: number of elements
 * @size: bytes of an element
 *
 * Return: zeroed memory.
 */
void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		exit(fail("out of memory"));
	return memory;
}
