// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc ls, l4shmc show: what there is
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include <l4/sys/err.h>

#include "tool.h"

/**
 * struct area - an area with what is in it
 * @area: the area, a list of one
 * @chunks: its chunks
 * @signals: its signals
 */
struct area {
	struct object_list area;
	struct object_list chunks;
	struct object_list signals;
};

static json_object *json_text(const char *text)
{
	json_object *value;
	char *printable;

	/* Text in JSON is Unicode; other bytes are shown like on a terminal. */
	if (text_is_utf8(text))
		return json_object_new_string(text);
	printable = text_printable(text);
	value = json_object_new_string(printable);
	free(printable);
	return value;
}

static json_object *json_value(const char *text, enum attribute_kind kind)
{
	if (kind == ATTRIBUTE_TEXT)
		return json_text(text);
	if (*text == '-')
		return json_object_new_int64(strtoll(text, NULL, 10));
	return json_object_new_uint64(strtoull(text, NULL, 10));
}

static json_object *json_one(const struct object *object, const struct kind *kind)
{
	json_object *json = json_object_new_object();
	size_t i;

	json_object_object_add(json, "name", json_text(object->name));
	for (i = 0; i < kind->count; i++)
		if (object->values[i])
			json_object_object_add(json, kind->attributes[i].name,
					       json_value(object->values[i],
							  kind->attributes[i].kind));
	return json;
}

static json_object *json_list(const struct object_list *list)
{
	json_object *json = json_object_new_array();
	size_t i;

	for (i = 0; i < list->count; i++)
		json_object_array_add(json, json_one(&list->objects[i], list->kind));
	return json;
}

static void json_print(json_object *json)
{
	const int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			  JSON_C_TO_STRING_NOSLASHESCAPE;

	puts(json_object_to_json_string_ext(json, flags));
	json_object_put(json);
}

/* Adds a cell for each file that the first object has: they all have the same. */
static void add_cells(struct table *table, const struct object_list *list, size_t index,
		      bool heading)
{
	const char *name;
	size_t i;

	for (i = 0; i < list->kind->count; i++) {
		name = list->kind->attributes[i].name;
		if (list->objects[0].values[i])
			table_add(table, heading ? name : sysfs_value(list, index, name));
	}
}

/* Prints a line for each object, below the names of the files. */
static void print_table(const struct object_list *list, const char *heading, const char *indent)
{
	struct table table = { 0 };
	size_t i;

	if (!list->count)
		return;
	table_add(&table, heading);
	add_cells(&table, list, 0, true);
	table.columns = (unsigned int)table.count;
	for (i = 0; i < list->count; i++) {
		table_add(&table, list->objects[i].name);
		add_cells(&table, list, i, false);
	}
	table_print(&table, indent);
	table_free(&table);
}

/* Reads the options, all of which ls and show share; returns a status, or -1 to go on. */
static int list_options(int argc, char **argv, const struct command *command, bool *json)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			*json = true;
			break;
		case 'h':
			return command_help(command);
		default:
			return usage_hint();
		}
	}
	return -1;
}

static int load_areas(struct object_list *areas)
{
	if (sysfs_load(areas, &kind_area, SYSFS_PATH))
		return fail_device(-L4_ENODEV);
	return EXIT_SUCCESS;
}

static int run_ls(int argc, char **argv)
{
	struct object_list areas;
	bool json = false;
	int status;

	status = list_options(argc, argv, &command_ls, &json);
	if (status >= 0)
		return status;
	if (optind != argc)
		return usage_error("no argument is wanted");
	status = load_areas(&areas);
	if (status)
		return status;
	if (json)
		json_print(json_list(&areas));
	else
		print_table(&areas, "area", "");
	sysfs_free(&areas);
	return EXIT_SUCCESS;
}

const struct command command_ls = {
	.name = "ls",
	.args = "[OPTION]...",
	.summary = "list the areas",
	.help = "The columns, and the keys in JSON, are the files of an area under\n"
		"/sys/class/l4shmc.\n\n"
		"  -j, --json             print JSON: an array of areas\n",
	.run = run_ls,
};

static long load_part(struct object_list *list, const struct kind *kind, const char *name,
		      const char *part)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/%s/%s", SYSFS_PATH, name, part);
	return sysfs_load(list, kind, dir);
}

static long area_load(struct area *area, const char *name)
{
	long err = sysfs_load_one(&area->area, &kind_area, SYSFS_PATH, name);

	if (err)
		return err;
	err = load_part(&area->chunks, &kind_chunk, name, "chunks");
	if (err)
		goto err_area;
	err = load_part(&area->signals, &kind_signal, name, "signals");
	if (err)
		goto err_chunks;
	return 0;

err_chunks:
	sysfs_free(&area->chunks);
err_area:
	sysfs_free(&area->area);
	return err;
}

static void area_free(struct area *area)
{
	sysfs_free(&area->area);
	sysfs_free(&area->chunks);
	sysfs_free(&area->signals);
}

static json_object *area_json(const struct area *area)
{
	json_object *json = json_one(&area->area.objects[0], &kind_area);

	json_object_object_add(json, "chunks", json_list(&area->chunks));
	json_object_object_add(json, "signals", json_list(&area->signals));
	return json;
}

static void area_print(const struct area *area, bool first)
{
	const struct object_list *list = &area->area;
	char *name = text_printable(list->objects[0].name);

	printf("%sarea %s\n", first ? "" : "\n", name);
	printf("  %s bytes, %s free, mode %s, user %s, group %s%s\n", sysfs_value(list, 0, "size"),
	       sysfs_value(list, 0, "free"), sysfs_value(list, 0, "mode"), sysfs_user(list, 0),
	       sysfs_group(list, 0),
	       strcmp(sysfs_value(list, 0, "persistent"), "0") ? ", persistent" : "");
	printf("  clients: %s, initialized %s\n", sysfs_value(list, 0, "clients"),
	       sysfs_value(list, 0, "clients_initialized"));
	print_table(&area->chunks, "chunk", "  ");
	print_table(&area->signals, "signal", "  ");
	free(name);
}

/* Shows the areas @names; with @optional, those that have gone are left out. */
static int show(char *const *names, size_t count, bool json, bool optional)
{
	json_object *array = json ? json_object_new_array() : NULL;
	int status = EXIT_SUCCESS;
	struct area area;
	bool first = true;
	size_t i;
	long err;

	for (i = 0; i < count; i++) {
		err = area_load(&area, names[i]);
		if (err) {
			if (!optional)
				status = fail_area(names[i], err);
			continue;
		}
		if (json)
			json_object_array_add(array, area_json(&area));
		else
			area_print(&area, first);
		first = false;
		area_free(&area);
	}
	if (json)
		json_print(array);
	return status;
}

static int run_show(int argc, char **argv)
{
	struct object_list areas;
	bool json = false;
	char **names;
	int status;
	size_t i;

	status = list_options(argc, argv, &command_show, &json);
	if (status >= 0)
		return status;
	status = load_areas(&areas);
	if (status)
		return status;
	if (optind < argc) {
		status = show(argv + optind, (size_t)(argc - optind), json, false);
	} else {
		names = xcalloc(areas.count, sizeof(*names));
		for (i = 0; i < areas.count; i++)
			names[i] = areas.objects[i].name;
		status = show(names, areas.count, json, true);
		free(names);
	}
	sysfs_free(&areas);
	return status;
}

const struct command command_show = {
	.name = "show",
	.args = "[OPTION]... [NAME]...",
	.summary = "show areas with their clients, chunks and signals",
	.help = "Without a NAME, all areas.  The columns, and the keys in JSON, are the\n"
		"files under /sys/class/l4shmc.\n\n"
		"  -j, --json             print JSON: an array of areas, with arrays of chunks\n"
		"                         and signals\n",
	.run = run_show,
};
