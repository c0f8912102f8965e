// SPDX-License-Identifier: GPL-2.0-or-later
/* What a user of the installed library may be; C and C++ alike. */
#include <l4/shmc/linux.h>
#include <l4/shmc/shmc.h>
#include <linux/l4shmc.h>

#include <stdio.h>

/* Programs of older L4Re give a size, too. */
static int create_has_both_forms(void)
{
	long (*create)(char const *name) = &l4shmc_create;

	return create(NULL) == -L4_EINVAL && l4shmc_create(NULL) == -L4_EINVAL &&
	       l4shmc_create(NULL, 4096) == -L4_EINVAL;
}

int main(void)
{
	l4shmc_area_t area;
	long ret = l4shmc_attach(NULL, &area);

	if (ret != -L4_EINVAL || L4SHMC_RECORD_SIZE != sizeof(union l4shmc_record))
		return 1;
	if (!create_has_both_forms())
		return 1;
	printf("%s: %s\n", l4shmc_version(), l4sys_errtostr(ret));
	return 0;
}
