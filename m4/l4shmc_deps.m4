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

# L4SHMC_BENCH_LIBRARY(NAME, VARIABLE, WHAT-TO-DO)
# ------------------------------------------------
# Sets have_VARIABLE, by WHAT-TO-DO unless none of these libraries is wanted.
AC_DEFUN([L4SHMC_BENCH_LIBRARY], [
have_$2=no
AS_IF([test "$with_bench_libraries" != no], [$3])
AM_CONDITIONAL(m4_toupper([HAVE_$2]), [test "$have_$2" = yes])
AS_IF([test "$have_$2" = yes],
	[AC_DEFINE(m4_toupper([HAVE_$2]), [1], [Whether the benchmark can use $1])
	 bench_libraries="$bench_libraries $1"])
])

# L4SHMC_BENCH_LIBRARIES
# ----------------------
# What l4shmc-bench is to be compared with, where it is installed.
AC_DEFUN([L4SHMC_BENCH_LIBRARIES], [
AC_ARG_WITH([bench-libraries],
	[AS_HELP_STRING([--without-bench-libraries],
		[l4shmc-bench without ZeroMQ, nng, libqb, Boost and Concurrency Kit])],
	[], [with_bench_libraries=yes])
bench_libraries=
L4SHMC_BENCH_LIBRARY([ZeroMQ], [zmq],
	[PKG_CHECK_MODULES([ZMQ], [libzmq], [have_zmq=yes], [have_zmq=no])])
L4SHMC_BENCH_LIBRARY([libqb], [libqb],
	[PKG_CHECK_MODULES([LIBQB], [libqb], [have_libqb=yes], [have_libqb=no])])
L4SHMC_BENCH_LIBRARY([Concurrency Kit], [ck],
	[PKG_CHECK_MODULES([CK], [ck], [have_ck=yes], [have_ck=no])])
# This one has nothing for pkg-config.
L4SHMC_BENCH_LIBRARY([nng], [nng],
	[AC_CHECK_HEADER([nng/protocol/pair0/pair.h],
		[AC_CHECK_LIB([nng], [nng_pair0_open], [have_nng=yes])], [],
		[@%:@include <nng/nng.h>])])
NNG_LIBS=
AS_IF([test "$have_nng" = yes], [NNG_LIBS=-lnng])
AC_SUBST([NNG_LIBS])
L4SHMC_BENCH_LIBRARY([Boost], [boost], [
	AC_MSG_CHECKING([for Boost])
	AS_ECHO(["@%:@include <boost/interprocess/ipc/message_queue.hpp>
@%:@include <boost/lockfree/spsc_queue.hpp>"]) >conftest.cc
	AS_IF([test -n "$CXX" && $CXX -std=gnu++20 $CPPFLAGS -E conftest.cc >/dev/null 2>&1],
		[have_boost=yes])
	rm -f conftest.cc
	AC_MSG_RESULT([$have_boost])
])
])
