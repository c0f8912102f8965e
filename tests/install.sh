#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "make install" into a folder of its own; then programs in C and C++ are built
# with what is there and nothing else, through pkg-config.

# These come from "make check".
: "${srcdir:?}" "${MAKE:?}" "${CC:?}" "${PKG_CONFIG:?}" "${bindir:?}" "${docdir:?}" \
	"${includedir:?}" "${libdir:?}" "${mandir:?}" "${package_version:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

stage=$tmp/stage
export PKG_CONFIG_SYSROOT_DIR="$stage"
export PKG_CONFIG_LIBDIR="$stage$libdir/pkgconfig"
# Of a prefix of /usr these would be left out, as known to the compiler.
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1

run_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$MAKE" DESTDIR="$stage" "$@"
}

headers_installed()
{
	(cd "$srcdir/include" && find . -name '*.h' | sed 's,/uapi/,/,') | sort >"$tmp/wanted"
	(cd "$stage$includedir" && find . -name '*.h') | sort | diff "$tmp/wanted" -
}

library_installed()
{
	test -f "$stage$libdir/libl4shmc.a"
	test "$(readlink "$stage$libdir/libl4shmc.so.0")" = libl4shmc.so.0.0.0
	test "$(readlink "$stage$libdir/libl4shmc.so")" = libl4shmc.so.0.0.0
	test -f "$stage$libdir/libl4shmc.so.0.0.0"
}

# Each in a folder of the system's choice.
system_files_installed()
{
	for file in systemd/system/l4shmc-provision.service tmpfiles.d/l4shmc.conf \
			sysusers.d/l4shmc.conf modules-load.d/l4shmc.conf \
			udev/rules.d/60-l4shmc.rules; do
		find "$stage" -path "*/$file" | grep .
	done
	test -f "$stage$docdir/l4shmc.conf.example"
}

module_installed()
{
	find "$stage${module_root?}/lib/modules/${kernel_release?}/updates" -name 'l4shmc.ko*' |
		grep .
}

pages_installed()
{
	(cd Documentation/man && find man[1-9] -type f) | sort >"$tmp/wanted"
	test -s "$tmp/wanted"
	(cd "$stage$mandir" && find man[1-9] -type f) | sort | diff "$tmp/wanted" -
}

version_known()
{
	test "$("$PKG_CONFIG" --modversion l4shmc)" = "$package_version"
}

# build COMPILER SOURCE LIBRARIES
build()
{
	# shellcheck disable=SC2046,SC2086
	$1 -Wall -Wextra -Werror -o "$tmp/program" $("$PKG_CONFIG" --cflags l4shmc) "$2" $3
}

shared_libs()
{
	"$PKG_CONFIG" --libs l4shmc
}

# Only this library, as in a program that is to run without it.
static_libs()
{
	"$PKG_CONFIG" --static --libs l4shmc | sed 's/-ll4shmc/-Wl,-Bstatic & -Wl,-Bdynamic/'
}

needs_library()
{
	LC_ALL=C readelf -d "$tmp/program" | grep -F '(NEEDED)' | grep -F libl4shmc.so.0
}

tells_version()
{
	LD_LIBRARY_PATH=$stage$libdir "$tmp/program" | tee "$tmp/said"
	grep -q "^$package_version: ." "$tmp/said"
}

links_shared()
{
	build "$1" "$srcdir/tests/link.c" "$(shared_libs)"
	needs_library
	tells_version
}

links_static()
{
	build "$1" "$srcdir/tests/link.c" "$(static_libs)"
	fails needs_library
	tells_version
}

links_all_static()
{
	build "$1 -static" "$srcdir/tests/link.c" "$("$PKG_CONFIG" --static --libs l4shmc)"
	fails needs_library
	tells_version
}

# example SOURCE: one of the installed examples, as a reader would build it
example()
{
	build "$CC" "$stage$docdir/examples/$1" "$(shared_libs) -lpthread"
	needs_library
}

# The program in README.md, built with the flags that it tells
readme_program()
{
	# shellcheck disable=SC2016
	sed -n '/^```c$/,/^```$/{/^```/!p}' "$srcdir/README.md" >"$tmp/readme.c"
	grep -q main "$tmp/readme.c"
	build "$CC" "$tmp/readme.c" "$(shared_libs) -lpthread"
	needs_library
}

tool_runs()
{
	LD_LIBRARY_PATH=$stage$libdir "$stage$bindir/l4shmc" --version
}

nothing_left()
{
	run_make uninstall
	find "$stage" ! -type d | fails grep .
}

check 'make install' run_make install
check 'all public headers are installed' headers_installed
check 'libraries and their links are installed' library_installed
check 'files for systemd and udev are installed' system_files_installed
check 'all manual pages are installed' pages_installed
check 'pkg-config knows the version' version_known
for standard in c99 gnu11; do
	check "C ($standard) with the shared library" links_shared "$CC -std=$standard"
	check "C ($standard) with the static library" links_static "$CC -std=$standard"
done
check 'C, statically linked' links_all_static "$CC"
if test -n "${CXX-}"; then
	check 'C++11 with the shared library' links_shared "$CXX -x c++ -std=c++11"
	check 'C++11 with the static library' links_static "$CXX -x c++ -std=c++11"
	check 'C++11, statically linked' links_all_static "$CXX -x c++ -std=c++11"
else
	skip 'C++11 with the libraries' 'no C++ compiler'
fi
for source in master producer consumer; do
	check "installed example $source.c" example "$source.c"
done
check 'program of README.md' readme_program
check 'installed tool runs' tool_runs
if test -n "${kernel_release-}"; then
	check "module for $kernel_release is installed" module_installed
fi
check 'make uninstall leaves nothing' nothing_left
done_testing
