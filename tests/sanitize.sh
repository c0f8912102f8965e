#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Rings and buffers, with the library built to find wrong accesses.

# These come from "make check".
: "${srcdir:?}" "${CC:?}" "${package_version:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

flags='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -pthread'

# compile PROGRAM SOURCE...
compile()
{
	program=$1
	shift
	# shellcheck disable=SC2086
	$CC $flags -DPACKAGE_VERSION="\"$package_version\"" -DL4SHMC_SYSCONFDIR='"/etc"' \
		-DL4SHMC_PACKAGEDIR='"/usr/lib"' -I"$srcdir/include" -I"$srcdir/include/uapi" \
		-I"$srcdir/tests" -o "$tmp/$program" "$@"
}

# objects: the library, once for all programs
objects()
{
	for source in "$srcdir"/lib/*.c; do
		compile "$(basename "$source" .c).o" -c "$source"
	done
}

# run PROGRAM ARGUMENT...: builds and runs a test program
run()
{
	compile "$1" "$srcdir/tests/$1.c" "$tmp"/*.o
	program=$1
	shift
	"$tmp/$program" "$@" >"$tmp/output"
	cat "$tmp/output"
	fails grep '^not ok' "$tmp/output"
}

# The library copies more than there is room for, as it is told.
planted()
{
	cat >"$tmp/planted.c" <<-'END'
		#include "ringmem.h"
		#include <stdlib.h>
		int main(void)
		{
			unsigned size = 100;
			l4shmc_ringbuf_t tx, rx;
			struct ringmem mem;
			char data[100] = "";

			if (!ringmem_make(&mem, 1024) || ringmem_open(&mem, &tx, L4SHMC__SENDER) ||
			    ringmem_open(&mem, &rx, L4SHMC__RECEIVER) ||
			    l4shmc_rb_sender_next_copy_in(&tx, data, 100, 0))
				return 0;
			return l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&rx), malloc(99), &size);
		}
	END
	compile planted "$tmp/planted.c" "$tmp"/*.o
	fails "$tmp/planted" 2>"$tmp/report"
	grep heap-buffer-overflow "$tmp/report"
}

if echo 'int main(void) { return 0; }' >"$tmp/try.c" && compile try "$tmp/try.c" 2>/dev/null &&
   "$tmp/try"; then
	check 'the library compiles with sanitizers' objects
	check 'rings' run ringbuf
	check 'rings whose users are killed, and heads that are written over' \
		run ringstress 5000 1024 3000 500
	check 'buffers' run shmbuf
	check 'a wrong access is found' planted
else
	skip 'rings and buffers with sanitizers' "$CC cannot link with them"
fi
done_testing
