// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc: areas by the thousand, and large ones
 */
#include <stdio.h>
#include <unistd.h>

#include <l4/shmc/linux.h>

#include "l4shmc.h"

#define PAGE 4096

static uint64_t at;

static void name_area(char name[32], uint64_t number)
{
	snprintf(name, 32, "%s-%u", l4shmc_own_name(), (unsigned int)number);
}

/* As many as the parameter says; their handles end with the process. */
void l4shmc_areas_setup(struct run *run)
{
	char name[32];
	uint64_t i;
	int handle;

	need_descriptors(run->param);
	for (i = 0; i < run->param; i++) {
		name_area(name, i);
		handle = l4shmc_create_handle(name, PAGE, 0600, 0);
		l4shmc_check(handle < 0 ? handle : 0, "create_handle");
	}
}

void l4shmc_attach_batch(struct run *run, uint64_t n)
{
	l4shmc_area_t area;
	char name[32];

	while (n--) {
		/* Not in the order of creation, as seldom in life */
		at = (at + run->param / 3 + 1) % run->param;
		name_area(name, at);
		l4shmc_check(l4shmc_attach(name, &area), "attach");
		l4shmc_check(l4shmc_detach(&area), "detach");
	}
}

void l4shmc_lifecycle_batch(struct run *run, uint64_t n)
{
	const char *name = l4shmc_own_name();
	l4shmc_area_t area;

	(void)run;
	while (n--) {
		l4shmc_check(l4shmc_create_area(name, PAGE, 0600, L4SHMC_EXCLUSIVE), "create");
		l4shmc_check(l4shmc_attach(name, &area), "attach");
		l4shmc_check(l4shmc_detach(&area), "detach");
		l4shmc_check(l4shmc_destroy(name), "destroy");
	}
}

void l4shmc_touch_setup(struct run *run)
{
	long ret;

	ret = l4shmc_create_area(l4shmc_own_name(), run->param, 0600, L4SHMC_EXCLUSIVE);
	if (ret == -L4_ENOMEM)
		skip("not enough memory");
	l4shmc_check(ret, "create");
}

void l4shmc_touch_batch(struct run *run, uint64_t n)
{
	l4shmc_area_t area;
	char *memory;
	uint64_t i;

	while (n--) {
		l4shmc_check(l4shmc_attach(l4shmc_own_name(), &area), "attach");
		memory = l4shmc_area_ptr(&area);
		for (i = 0; i < run->param; i += PAGE)
			*(volatile char *)(memory + i) = 1;
		l4shmc_check(l4shmc_detach(&area), "detach");
	}
}
