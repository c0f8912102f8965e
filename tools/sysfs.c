// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas, chunks and signals as they are under /sys
 */
#define _GNU_SOURCE /* versionsort() */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "tool.h"

/* clang-format off */
static const struct attribute area_attributes[] = {
	{ "size", ATTRIBUTE_NUMBER },
	{ "free", ATTRIBUTE_NUMBER },
	{ "mode", ATTRIBUTE_TEXT },
	{ "uid", ATTRIBUTE_NUMBER },
	{ "gid", ATTRIBUTE_NUMBER },
	{ "persistent", ATTRIBUTE_NUMBER },
	{ "clients", ATTRIBUTE_NUMBER },
	{ "clients_initialized", ATTRIBUTE_TEXT },
};

static const struct attribute chunk_attributes[] = {
	{ "offset", ATTRIBUTE_NUMBER },
	{ "capacity", ATTRIBUTE_NUMBER },
	{ "size", ATTRIBUTE_NUMBER },
	{ "state", ATTRIBUTE_TEXT },
	{ "owner", ATTRIBUTE_NUMBER },
	{ "recovered", ATTRIBUTE_NUMBER },
};

static const struct attribute signal_attributes[] = {
	{ "triggered", ATTRIBUTE_NUMBER },
	{ "pending", ATTRIBUTE_NUMBER },
	{ "waiters", ATTRIBUTE_NUMBER },
	{ "bindings", ATTRIBUTE_NUMBER },
	{ "counting", ATTRIBUTE_NUMBER },
};
/* clang-format on */

const struct kind kind_area = { area_attributes, ARRAY_SIZE(area_attributes) };
const struct kind kind_chunk = { chunk_attributes, ARRAY_SIZE(chunk_attributes) };
const struct kind kind_signal = { signal_attributes, ARRAY_SIZE(signal_attributes) };

/* Returns the first line of a file, to be freed, or NULL. */
static char *read_value(const char *dir, const char *name, const char *file)
{
	char path[PATH_MAX];
	char value[128];
	ssize_t length;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file) >= (int)sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	length = read(fd, value, sizeof(value) - 1);
	close(fd);
	if (length < 0)
		return NULL;
	value[length] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return strdup(value);
}

static void object_free(struct object *object, const struct kind *kind)
{
	size_t i;

	for (i = 0; i < kind->count; i++)
		free(object->values[i]);
	free(object->values);
	free(object->name);
}

/*
 * Adds an object; one that has gone in the meantime is left out.  A file that
 * the driver does not have is no error.
 */
static void load_object(struct object_list *list, const char *dir, const char *name)
{
	struct object *object = &list->objects[list->count];
	char path[PATH_MAX];
	size_t i;

	object->values = xcalloc(list->kind->count, sizeof(*object->values));
	object->name = xcalloc(strlen(name) + 1, 1);
	memcpy(object->name, name, strlen(name));
	for (i = 0; i < list->kind->count; i++)
		object->values[i] = read_value(dir, name, list->kind->attributes[i].name);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (access(path, F_OK))
		object_free(object, list->kind);
	else
		list->count++;
}

static int is_object(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/**
 * sysfs_load() - read all objects of a directory
 * @list: filled in
 * @kind: what they are
 * @dir: the directory
 *
 * Return: 0, or -L4_ENOENT if the directory cannot be read.
 */
long sysfs_load(struct object_list *list, const struct kind *kind, const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, is_object, versionsort);
	int i;

	if (count < 0)
		return -L4_ENOENT;
	list->kind = kind;
	list->count = 0;
	list->objects = xcalloc((size_t)count, sizeof(*list->objects));
	for (i = 0; i < count; i++) {
		load_object(list, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

/**
 * sysfs_load_one() - read one object of a directory
 * @list: filled in with this object
 * @kind: what it is
 * @dir: the directory
 * @name: name of the object
 *
 * Return: 0; -L4_EINVAL or -L4_ENAMETOOLONG if it is no name; -L4_ENOENT.
 */
long sysfs_load_one(struct object_list *list, const struct kind *kind, const char *dir,
		    const char *name)
{
	if (strlen(name) >= L4SHMC_NAME_SIZE)
		return -L4_ENAMETOOLONG;
	/* Nothing else of a bad name leads out of the directory. */
	if (!*name || *name == '.' || strchr(name, '/'))
		return -L4_EINVAL;
	list->kind = kind;
	list->count = 0;
	list->objects = xcalloc(1, sizeof(*list->objects));
	load_object(list, dir, name);
	if (list->count)
		return 0;
	sysfs_free(list);
	return -L4_ENOENT;
}

/**
 * sysfs_free() - free what was read
 * @list: the objects
 */
void sysfs_free(struct object_list *list)
{
	while (list->count)
		object_free(&list->objects[--list->count], list->kind);
	free(list->objects);
	list->objects = NULL;
}

/**
 * sysfs_value() - contents of a file of an object
 * @list: objects
 * @index: which one
 * @attribute: name of the file, which its kind has
 *
 * Return: the contents, without newline, or "-" if there is no such file.
 */
const char *sysfs_value(const struct object_list *list, size_t index, const char *attribute)
{
	size_t i = 0;

	while (strcmp(list->kind->attributes[i].name, attribute))
		i++;
	return list->objects[index].values[i] ? list->objects[index].values[i] : "-";
}

/**
 * sysfs_user() - owner of an area
 * @areas: areas
 * @index: which one
 *
 * Return: name, or number, valid until the next call.
 */
const char *sysfs_user(const struct object_list *areas, size_t index)
{
	const char *uid = sysfs_value(areas, index, "uid");
	const struct passwd *user = getpwuid((uid_t)strtoul(uid, NULL, 10));

	return user ? user->pw_name : uid;
}

/**
 * sysfs_group() - group of an area
 * @areas: areas
 * @index: which one
 *
 * Return: name, or number, valid until the next call.
 */
const char *sysfs_group(const struct object_list *areas, size_t index)
{
	const char *gid = sysfs_value(areas, index, "gid");
	const struct group *group = getgrgid((gid_t)strtoul(gid, NULL, 10));

	return group ? group->gr_name : gid;
}
