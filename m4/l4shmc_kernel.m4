# SPDX-License-Identifier: GPL-2.0-or-later

# L4SHMC_KERNEL_FIND(RELEASE|DIR)
# -------------------------------
# Sets KERNEL_BUILD and KERNEL_RELEASE, or no_kernel to one line that says what
# is missing and how to get it.
AC_DEFUN([L4SHMC_KERNEL_FIND], [
AS_CASE(["$1"],
	[*/*], [KERNEL_BUILD=$1],
	[KERNEL_BUILD=/lib/modules/$1/build])
AS_IF([test ! -f "$KERNEL_BUILD/Makefile"], [AS_CASE(["$1"],
		[*/*], [no_kernel="no kernel headers in $1: --with-kernel=RELEASE|DIR"],
		[no_kernel="no kernel headers for $1: apt-get install linux-headers-$1, or --with-kernel=RELEASE|DIR"])],
      [test ! -r "$KERNEL_BUILD/include/generated/utsrelease.h"],
	[no_kernel="kernel in $KERNEL_BUILD is not prepared: make -C $KERNEL_BUILD modules_prepare"],
	[KERNEL_BUILD=`cd "$KERNEL_BUILD" && pwd -P`
	 # include/config/kernel.release is not what uname tells on Debian 12.
	 KERNEL_RELEASE=`$SED -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' \
		"$KERNEL_BUILD/include/generated/utsrelease.h"`
	 no_kernel=])
AS_CASE([$KERNEL_RELEASE],
	[@<:@1-5@:>@.*|6.0.*|6.0],
	[no_kernel="kernel $KERNEL_RELEASE is too old: --with-kernel=RELEASE|DIR of 6.1 or newer"])
])

# L4SHMC_KERNEL
# -------------
# --with-kernel, --with-module-root.  A kernel that was asked for has to be
# there; that of the running system may be missing, since the library, the tool
# and the tests of both can do without.
AC_DEFUN([L4SHMC_KERNEL], [
AC_ARG_WITH([kernel],
	[AS_HELP_STRING([--with-kernel=RELEASE|DIR],
		[build the module for this kernel, or against headers in DIR @<:@the running one@:>@])],
	[], [with_kernel=running])
AC_ARG_WITH([module-root],
	[AS_HELP_STRING([--with-module-root=DIR],
		[install the module below DIR/lib/modules @<:@/@:>@])],
	[], [with_module_root=])
AC_MSG_CHECKING([for kernel headers])
KERNEL_BUILD= KERNEL_RELEASE=
AS_CASE([$with_kernel],
	[no], [no_kernel=--without-kernel],
	[yes|running], [L4SHMC_KERNEL_FIND([`uname -r`])],
	[L4SHMC_KERNEL_FIND([$with_kernel])])
AC_MSG_RESULT([${no_kernel:-$KERNEL_BUILD}])
AS_IF([test -n "$no_kernel"], [
	AS_CASE([$with_kernel],
		[no], [],
		[running], [AC_MSG_WARN([no module will be built: $no_kernel])],
		[AC_MSG_ERROR([$no_kernel])])
	KERNEL_BUILD= KERNEL_RELEASE=])
AC_SUBST([KERNEL_BUILD])
AC_SUBST([KERNEL_RELEASE])
AC_SUBST([no_kernel])
AC_SUBST([MODULE_ROOT], ["$with_module_root"])
AC_PATH_PROG([DEPMOD], [depmod], [:], [$PATH:/usr/sbin:/sbin])
AM_CONDITIONAL([HAVE_KERNEL], [test -n "$KERNEL_BUILD"])
])
