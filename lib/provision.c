// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The configuration: see provision.h for what it looks like.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "parse.h"
#include "provision.h"

/* Instead of both directories, for tests; without effect on setuid programs. */
#define ENV_CONFIG_DIR "L4SHMC_CONFIG_DIR"

#define BLANKS " \t"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

__attribute__((format(printf, 2, 3))) static void mistake(struct l4shmc_provision *config,
							  char const *format, ...)
{
	char what[256];
	va_list args;

	config->mistakes++;
	if (!config->report)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	config->report(config->path, config->number, what);
}

/* Marks the line that the mistake is in, too. */
#define LINE_MISTAKE(config, line, ...) ((line)->broken = true, mistake((config), __VA_ARGS__))

/*
 * A file or a directory cannot be read.  Returns an error if that is for the
 * moment only, so that a program does not get another size than configured
 * because it has too many files open.
 */
static long cannot_read(struct l4shmc_provision *config, int err)
{
	config->number = 0;
	errno = err;
	mistake(config, "%m");
	return err == ENOMEM || err == EMFILE || err == ENFILE ? -L4_ENOMEM : 0;
}

/* Fields */

/**
 * struct field - a part of a line
 * @text: its text
 * @quoted: it stands in double quotes
 */
struct field {
	char *text;
	bool quoted;
};

/* Returns 1 and the next field of *@rest, 0 at the end, -1 if a quote does not end. */
static int next_field(char **rest, struct field *field)
{
	char *end;

	field->text = *rest + strspn(*rest, BLANKS);
	if (!*field->text || *field->text == '#')
		return 0;
	field->quoted = *field->text == '"';
	if (field->quoted) {
		field->text++;
		end = strchr(field->text, '"');
		if (!end || (end[1] && !strchr(BLANKS, end[1])))
			return -1;
	} else {
		end = field->text + strcspn(field->text, BLANKS);
	}
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return 1;
}

static bool is_word(struct field const *field, char const *word)
{
	return !field->quoted && !strcmp(field->text, word);
}

/* Options */

static bool set_mode(struct l4shmc_area_line *line, char const *value)
{
	return l4shmc__parse_mode(value, &line->mode);
}

static bool set_user(struct l4shmc_area_line *line, char const *value)
{
	return l4shmc__parse_user(value, &line->uid);
}

static bool set_group(struct l4shmc_area_line *line, char const *value)
{
	return l4shmc__parse_group(value, &line->gid);
}

static bool set_persistent(struct l4shmc_area_line *line, char const *value)
{
	line->persistent = !*value;
	return line->persistent;
}

static struct option {
	char const *key;
	bool (*set)(struct l4shmc_area_line *line, char const *value);
	char const *error;
} const options[] = {
	{ "mode=", set_mode, "bad mode" },
	{ "user=", set_user, "no such user:" },
	{ "group=", set_group, "no such group:" },
	{ "persistent", set_persistent, "unwanted text behind 'persistent':" },
};

/* @seen has a bit for each option that the line has had already. */
static void read_option(struct l4shmc_provision *config, struct l4shmc_area_line *line,
			char const *text, unsigned *seen)
{
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		length = strlen(options[i].key);
		if (strncmp(text, options[i].key, length) == 0)
			break;
	}
	if (i == ARRAY_SIZE(options)) {
		LINE_MISTAKE(config, line, "unknown option '%s'", text);
		return;
	}
	if (*seen & 1U << i)
		LINE_MISTAKE(config, line, "a second '%s'", options[i].key);
	*seen |= 1U << i;
	if (!options[i].set(line, text + length))
		LINE_MISTAKE(config, line, "%s '%s'", options[i].error, text + length);
}

static void read_options(struct l4shmc_provision *config, struct l4shmc_area_line *line,
			 bool is_default, char *rest)
{
	struct field field;
	unsigned seen = 0;
	int more;

	while ((more = next_field(&rest, &field)) > 0) {
		if (is_default)
			LINE_MISTAKE(config, line, "'default' takes no option '%s'", field.text);
		else
			read_option(config, line, field.text, &seen);
	}
	if (more < 0)
		LINE_MISTAKE(config, line, "bad quotes");
}

/* Lines */

static struct l4shmc_area_line *find_line(struct l4shmc_provision const *config, char const *name)
{
	size_t i;

	for (i = 0; i < config->count; i++)
		if (strcmp(config->lines[i].name, name) == 0)
			return &config->lines[i];
	return NULL;
}

static long add_line(struct l4shmc_provision *config, struct l4shmc_area_line *line)
{
	struct l4shmc_area_line *before = find_line(config, line->name);
	size_t room = config->room ? 2 * config->room : 16;

	if (before) {
		if (before->file == line->file)
			LINE_MISTAKE(config, line, "duplicate of line %u", before->number);
		*before = *line;
		return 0;
	}
	if (config->count == config->room) {
		before = reallocarray(config->lines, room, sizeof(*config->lines));
		if (!before)
			return -L4_ENOMEM;
		config->lines = before;
		config->room = room;
	}
	config->lines[config->count++] = *line;
	return 0;
}

static void read_size(struct l4shmc_provision *config, struct l4shmc_area_line *line,
		      bool is_default, char **rest)
{
	struct field field;

	switch (next_field(rest, &field)) {
	case 0:
		LINE_MISTAKE(config, line, "no size");
		break;
	case 1:
		if (is_default && is_word(&field, "none"))
			line->size = 0;
		else if (!l4shmc__parse_size(field.text, &line->size))
			LINE_MISTAKE(config, line, "bad size '%s'", field.text);
		break;
	default:
		LINE_MISTAKE(config, line, "bad quotes");
		/* Where it would go on is not known. */
		*rest += strlen(*rest);
	}
}

static long read_line(struct l4shmc_provision *config, char *text)
{
	struct l4shmc_area_line line = {
		.size = L4SHMC_DEFAULT_SIZE,
		.mode = L4SHMC_DEFAULT_MODE,
		.uid = L4SHMC_ID_NONE,
		.gid = L4SHMC_ID_NONE,
		.file = config->file,
		.number = config->number,
	};
	bool is_default, has_name = true;
	struct field field;
	int more = next_field(&text, &field);

	if (more < 0)
		mistake(config, "bad quotes");
	if (more <= 0)
		return 0;
	is_default = is_word(&field, "default");
	if (!is_default) {
		if (config->only && strcmp(config->only, field.text) != 0)
			return 0;
		has_name = !l4shmc__check_name(field.text);
		if (has_name)
			strcpy(line.name, field.text);
		else
			mistake(config, "bad name '%s'", field.text);
	}
	read_size(config, &line, is_default, &text);
	read_options(config, &line, is_default, text);
	return has_name ? add_line(config, &line) : 0;
}

/* Files */

static long read_stream(struct l4shmc_provision *config, FILE *stream)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	long ret = 0;

	config->file++;
	config->number = 0;
	while (!ret && (errno = 0, length = getline(&text, &size, stream)) >= 0) {
		config->number++;
		if (text[length - 1] == '\n')
			text[--length] = '\0';
		if (strlen(text) == (size_t)length)
			ret = read_line(config, text);
		else
			mistake(config, "a byte of zero");
	}
	if (!ret && !feof(stream))
		ret = cannot_read(config, errno);
	free(text);
	return ret;
}

/**
 * l4shmc__provision_read_file() - read one file
 * @config: the configuration, which grows
 * @path: the file
 *
 * Return: 0, also if there were mistakes; -L4_ENOMEM.
 */
long l4shmc__provision_read_file(struct l4shmc_provision *config, char const *path)
{
	FILE *stream = fopen(path, "re");
	long ret;

	config->path = path;
	if (!stream)
		return cannot_read(config, errno);
	ret = read_stream(config, stream);
	fclose(stream);
	return ret;
}

/* A link to /dev/null hides a file of a package. */
static bool is_null_device(struct stat const *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/* One that was found, rather than asked for: it must not make a program wait. */
static long read_found_file(struct l4shmc_provision *config, char const *path)
{
	struct stat st;
	FILE *stream;
	long ret = 0;
	int fd;

	config->path = path;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return cannot_read(config, errno);
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !is_null_device(&st))) {
		config->number = 0;
		mistake(config, "not a file");
		close(fd);
		return 0;
	}
	stream = fdopen(fd, "r");
	if (!stream) {
		ret = cannot_read(config, errno);
		close(fd);
		return ret;
	}
	ret = read_stream(config, stream);
	fclose(stream);
	return ret;
}

/* Directories */

/**
 * struct found_file - a file of a configuration directory
 * @dir: the directory
 * @rank: its number; of two files of a name the one of lower rank is read
 * @name: name of the file
 */
struct found_file {
	char const *dir;
	unsigned rank;
	char *name;
};

struct file_list {
	struct found_file *files;
	size_t count;
};

static bool is_config_name(char const *name)
{
	size_t length = strlen(name);

	return *name != '.' && length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static long add_file(struct file_list *list, char const *dir, unsigned rank, char const *name)
{
	struct found_file *files;

	files = reallocarray(list->files, list->count + 1, sizeof(*files));
	if (!files)
		return -L4_ENOMEM;
	list->files = files;
	files[list->count].dir = dir;
	files[list->count].rank = rank;
	files[list->count].name = strdup(name);
	if (!files[list->count].name)
		return -L4_ENOMEM;
	list->count++;
	return 0;
}

static long list_dir(struct l4shmc_provision *config, struct file_list *list, char const *dir,
		     unsigned rank)
{
	struct dirent const *entry;
	long ret = 0;
	DIR *stream;

	config->path = dir;
	stream = opendir(dir);
	if (!stream)
		return errno == ENOENT ? 0 : cannot_read(config, errno);
	while (!ret && (errno = 0, entry = readdir(stream)) != NULL)
		if (is_config_name(entry->d_name))
			ret = add_file(list, dir, rank, entry->d_name);
	if (!ret && errno)
		ret = cannot_read(config, errno);
	closedir(stream);
	return ret;
}

static int compare_files(void const *a, void const *b)
{
	struct found_file const *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (int)x->rank - (int)y->rank;
}

static long read_files(struct l4shmc_provision *config, struct file_list *list)
{
	long ret = 0;
	char *path;
	size_t i;

	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files), compare_files);
	for (i = 0; i < list->count && !ret; i++) {
		if (i && strcmp(list->files[i].name, list->files[i - 1].name) == 0)
			continue;
		if (asprintf(&path, "%s/%s", list->files[i].dir, list->files[i].name) < 0)
			return -L4_ENOMEM;
		ret = read_found_file(config, path);
		config->path = NULL;
		free(path);
	}
	return ret;
}

/**
 * l4shmc__provision_read_dirs() - read the files of directories
 * @config: the configuration, which grows
 * @dirs: the directories; a file hides those of the same name in later ones
 * @count: number of @dirs
 *
 * What cannot be read is a mistake, and passed over; a directory need not be
 * there.
 *
 * Return: 0, also if there were mistakes; -L4_ENOMEM.
 */
long l4shmc__provision_read_dirs(struct l4shmc_provision *config, char const *const *dirs,
				 unsigned count)
{
	struct file_list list = { 0 };
	long ret = 0;
	size_t i;

	for (i = 0; i < count && !ret; i++)
		ret = list_dir(config, &list, dirs[i], (unsigned)i);
	if (!ret)
		ret = read_files(config, &list);
	for (i = 0; i < list.count; i++)
		free(list.files[i].name);
	free(list.files);
	return ret;
}

/**
 * l4shmc__provision_read() - read the system's configuration
 * @config: the configuration, which grows
 *
 * Return: as l4shmc__provision_read_dirs().
 */
long l4shmc__provision_read(struct l4shmc_provision *config)
{
	char const *const dirs[] = { L4SHMC_CONFIG_DIR, L4SHMC_PACKAGE_CONFIG_DIR };
	char const *other = secure_getenv(ENV_CONFIG_DIR);

	if (other)
		return l4shmc__provision_read_dirs(config, &other, 1);
	return l4shmc__provision_read_dirs(config, dirs, ARRAY_SIZE(dirs));
}

/**
 * l4shmc__provision_free() - give the memory back
 * @config: the configuration
 */
void l4shmc__provision_free(struct l4shmc_provision *config)
{
	free(config->lines);
	config->lines = NULL;
	config->count = 0;
	config->room = 0;
}

/**
 * l4shmc__provision_find() - what is configured for an area
 * @config: the configuration
 * @name: name of the area
 * @line: filled in: its line, or what holds for areas without one
 *
 * Return: 0; -L4_ENOENT if it has no line and needs one; -L4_EINVAL if there
 * is a mistake in the line.
 */
long l4shmc__provision_find(struct l4shmc_provision const *config, char const *name,
			    struct l4shmc_area_line *line)
{
	struct l4shmc_area_line const *found = find_line(config, name);

	if (!found)
		found = find_line(config, "");
	if (found)
		*line = *found;
	else
		*line = (struct l4shmc_area_line){
			.size = L4SHMC_DEFAULT_SIZE,
			.mode = L4SHMC_DEFAULT_MODE,
			.uid = L4SHMC_ID_NONE,
			.gid = L4SHMC_ID_NONE,
		};
	if (line->broken)
		return -L4_EINVAL;
	return line->size ? 0 : -L4_ENOENT;
}

/**
 * l4shmc__provision_look_up() - what the system's configuration tells of an area
 * @name: name of the area
 * @line: filled in
 *
 * Leaves errno alone.
 *
 * Return: as l4shmc__provision_find(); -L4_ENOMEM.
 */
long l4shmc__provision_look_up(char const *name, struct l4shmc_area_line *line)
{
	struct l4shmc_provision config = { .only = name };
	int saved = errno;
	long ret;

	ret = l4shmc__provision_read(&config);
	if (!ret)
		ret = l4shmc__provision_find(&config, name, line);
	l4shmc__provision_free(&config);
	errno = saved;
	return ret;
}
