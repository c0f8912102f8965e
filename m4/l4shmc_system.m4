# SPDX-License-Identifier: GPL-2.0-or-later

# L4SHMC_SYSTEM_DIR(NAME, PACKAGE, VARIABLE, SUFFIX, DEFAULT, WHAT)
# -----------------------------------------------------------------
# --with-NAME, for a folder in which the system looks for files of packages.
# What pkg-config tells holds for /usr; below other prefixes, where systemd and
# udev look as well if it is /usr/local, it is DEFAULT.
AC_DEFUN([L4SHMC_SYSTEM_DIR], [
AC_ARG_WITH([$1],
	[AS_HELP_STRING([--with-$1=DIR], [$6, "no" for none @<:@as pkg-config tells, or $5@:>@])],
	[], [with_$1=yes])
AC_MSG_CHECKING([for $1])
AS_CASE([$with_$1],
	[no], [$1=],
	[yes], [
		$1=
		AS_IF([test "$prefix" = /usr && test -n "$PKG_CONFIG"],
			[$1=`$PKG_CONFIG --variable=$3 $2 2>/dev/null`
			 $1=${$1:+$$1$4}])
		AS_IF([test -z "$$1"], [$1='$5'])],
	[$1=$with_$1])
AC_MSG_RESULT([${$1:-no}])
AC_SUBST([$1])
])

# L4SHMC_SYSTEM_DIRS
# ------------------
# Folders for what the system has to know, and the system's configuration.
AC_DEFUN([L4SHMC_SYSTEM_DIRS], [
# There is no /usr/etc.
AS_IF([test "$prefix" = /usr && test "$sysconfdir" = '${prefix}/etc'], [sysconfdir=/etc])
L4SHMC_SYSTEM_DIR([systemdsystemunitdir], [systemd], [systemdsystemunitdir], [],
	[${prefix}/lib/systemd/system], [systemd units])
L4SHMC_SYSTEM_DIR([sysusersdir], [systemd], [sysusersdir], [],
	[${prefix}/lib/sysusers.d], [system users and groups])
L4SHMC_SYSTEM_DIR([tmpfilesdir], [systemd], [tmpfilesdir], [],
	[${prefix}/lib/tmpfiles.d], [folders that the system makes])
L4SHMC_SYSTEM_DIR([modulesloaddir], [systemd], [modulesloaddir], [],
	[${prefix}/lib/modules-load.d], [modules that are loaded at boot])
L4SHMC_SYSTEM_DIR([udevrulesdir], [udev], [udevdir], [/rules.d],
	[${prefix}/lib/udev/rules.d], [udev rules])
])
