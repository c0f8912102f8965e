/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's harness with more patience: a test under sanitizers or valgrind
 * on an emulated machine is slow, and one that hangs is ended all the same.
 */
#ifndef L4SHMC_SELFTESTS_HARNESS_H
#define L4SHMC_SELFTESTS_HARNESS_H

#include <kselftest_harness.h>

/* Seconds, for each test that does not ask for another time. */
#ifndef TEST_SECONDS
#define TEST_SECONDS 240
#endif
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT TEST_SECONDS

#endif
