#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What configure says when something is missing: one line, which tells how to
# get it.

# These come from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

# configure refuses to run beside a tree that was configured in place.
copy_configure()
{
	mkdir -p "$tmp/source/include/uapi/linux" "$tmp/build"
	cp -R "$srcdir/configure" "$srcdir/build-aux" "$tmp/source"
	cp "$srcdir/include/uapi/linux/l4shmc.h" "$tmp/source/include/uapi/linux"
	chmod -R u+w "$tmp/source"
}

# kernel_tree NAME RELEASE: a folder that looks like a kernel's headers
kernel_tree()
{
	mkdir -p "$tmp/$1/include/generated"
	touch "$tmp/$1/Makefile"
	echo "#define UTS_RELEASE \"$2\"" >"$tmp/$1/include/generated/utsrelease.h"
}

# configure ARGUMENT...: is expected to end with an error; errors are kept
configure()
{
	cd "$tmp/build"
	fails ../source/configure --quiet "$@" 2>"$tmp/errors"
	cat "$tmp/errors"
}

# stops TEXT ARGUMENT...: with one line
stops()
{
	text=$1
	shift
	configure "$@"
	test "$(cat "$tmp/errors")" = "configure: error: $text"
}

# warns TEXT ARGUMENT...: about that, and goes on to the next thing missing
warns()
{
	text=$1
	shift
	configure "$@" --with-kselftest="$tmp/nothing"
	test "$(wc -l <"$tmp/errors")" = 2
	head -n 1 "$tmp/errors" | grep -qxF "configure: WARNING: $text"
	tail -n 1 "$tmp/errors" | grep -q "^configure: error: no kselftest_harness.h"
}

# accepts ARGUMENT...: no complaint but that of the next thing missing
accepts()
{
	configure "$@" --with-kselftest="$tmp/nothing"
	grep -q "^configure: error: no kselftest_harness.h" "$tmp/errors"
	test "$(wc -l <"$tmp/errors")" = 1
}

# running RELEASE COMMAND...: as if that kernel were running
running()
{
	mkdir -p "$tmp/bin"
	printf '#!/bin/sh\necho %s\n' "$1" >"$tmp/bin/uname"
	chmod +x "$tmp/bin/uname"
	shift
	PATH=$tmp/bin:$PATH "$@"
}

no_json_c()
{
	export PKG_CONFIG_LIBDIR="$nothing"
	stops 'json-c is missing: apt-get install libjson-c-dev' --without-kernel
}

release=9.9.9-none
how="apt-get install linux-headers-$release, or --with-kernel=RELEASE|DIR"
none="no kernel headers for $release: $how"
nothing=$tmp/nothing
old=$tmp/old
unprepared=$tmp/unprepared
copy_configure
mkdir "$nothing" "$unprepared"
touch "$unprepared/Makefile"
kernel_tree old 5.10.0-42-amd64
kernel_tree new 6.1.0-42-amd64
kernel_tree newer 10.0.0

check 'no headers for --with-kernel=RELEASE' stops "$none" --with-kernel=$release
check 'no headers in --with-kernel=DIR' \
	stops "no kernel headers in $nothing: --with-kernel=RELEASE|DIR" --with-kernel="$nothing"
check 'a kernel tree that is not prepared' \
	stops "kernel in $unprepared is not prepared: make -C $unprepared modules_prepare" \
	--with-kernel="$unprepared"
check 'a kernel that is too old' \
	stops "kernel 5.10.0-42-amd64 is too old: --with-kernel=RELEASE|DIR of 6.1 or newer" \
	--with-kernel="$old"
check 'kernel 6.1 will do' accepts --with-kernel="$tmp/new"
check 'kernel 10 will do' accepts --with-kernel="$tmp/newer"
check 'no headers for the running kernel: goes on without' \
	running $release warns "no module will be built: $none"
check 'no headers for the running kernel, which was asked for' \
	running $release stops "$none" --with-kernel
check '--without-kernel is no reason to warn' accepts --without-kernel
check 'no json-c' no_json_c
done_testing
