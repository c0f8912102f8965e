# SPDX-License-Identifier: GPL-2.0-or-later

# L4SHMC_WARNINGS
# ---------------
# Sets WARN_CFLAGS to those of the wanted warnings that the compiler knows.
AC_DEFUN([L4SHMC_WARNINGS], [
WARN_CFLAGS=
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
		      -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wvla], [
AC_MSG_CHECKING([whether $CC knows flag])
save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror flag"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
	[WARN_CFLAGS="$WARN_CFLAGS flag"
	 AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])])
CFLAGS=$save_CFLAGS
])
AC_SUBST([WARN_CFLAGS])
])

# L4SHMC_JSON_C
# -------------
# The tool needs json-c.
AC_DEFUN([L4SHMC_JSON_C], [
PKG_CHECK_MODULES([JSON_C], [json-c >= 0.13], [],
	[AC_MSG_ERROR([json-c is missing: apt-get install libjson-c-dev])])
])

# L4SHMC_PERL
# -----------
# The manual pages need perl, none of its modules.
AC_DEFUN([L4SHMC_PERL], [
AC_ARG_VAR([PERL], [makes the manual pages])
AC_PATH_PROGS([PERL], [perl])
AS_IF([test -z "$PERL"], [AC_MSG_ERROR([perl is missing: apt-get install perl-base])])
])

# L4SHMC_KSELFTEST
# ----------------
# --with-kselftest: where kselftest_harness.h and lib.mk are.  A whole kernel
# tree will do.
AC_DEFUN([L4SHMC_KSELFTEST], [
AC_ARG_WITH([kselftest],
	[AS_HELP_STRING([--with-kselftest=DIR],
		[kernel tree, or its tools/testing/selftests, for "make selftests"])],
	[], [with_kselftest=no])
AC_MSG_CHECKING([for kselftest])
KSELFTEST_DIR=
AS_IF([test "$with_kselftest" != no], [
	for dir in "$with_kselftest/tools/testing/selftests" "$with_kselftest"; do
		AS_IF([test -f "$dir/kselftest_harness.h" && test -f "$dir/lib.mk"],
			[KSELFTEST_DIR=`cd "$dir" && pwd -P`
			 break])
	done
])
AC_MSG_RESULT([${KSELFTEST_DIR:-no}])
AS_IF([test "$with_kselftest" != no && test -z "$KSELFTEST_DIR"],
	[AC_MSG_ERROR([no kselftest_harness.h and lib.mk in $with_kselftest: apt-get install linux-source, unpack it, --with-kselftest=DIR])])
AC_SUBST([KSELFTEST_DIR])
AM_CONDITIONAL([HAVE_KSELFTEST], [test -n "$KSELFTEST_DIR"])
])
