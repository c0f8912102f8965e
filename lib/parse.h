/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that people write, on the command line and in the configuration: what
 * the library and the tool share.
 */
#ifndef _L4SHMC_PARSE_H
#define _L4SHMC_PARSE_H

#include <stdbool.h>
#include <stdint.h>

bool l4shmc__parse_number(char const *text, int base, uint64_t *value, char const **end);
bool l4shmc__parse_size(char const *text, uint64_t *size);
bool l4shmc__parse_mode(char const *text, uint32_t *mode);
bool l4shmc__parse_user(char const *text, uint32_t *uid);
bool l4shmc__parse_group(char const *text, uint32_t *gid);
long l4shmc__check_name(char const *name);

#endif /* _L4SHMC_PARSE_H */
