#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every public header compiles alone, as C99 and as C++11, for 64 and 32 bit,
# with every compiler that is there, and so does what programs may do with them.

# These come from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

warnings='-Wall -Wextra -Wpedantic -Werror'
include="-I$srcdir/include -I$srcdir/include/uapi -I$tmp"

# find_compilers COMPILER...: those of them that work, with and without -m32
find_compilers()
{
	for cc; do
		for bits in '' ' -m32'; do
			# shellcheck disable=SC2086
			echo '#include <stdlib.h>' | $cc$bits -fsyntax-only - 2>/dev/null &&
				echo "$cc$bits"
		done
	done
}

# alone COMPILERS HEADER: twice in a row, so that its guard is tested too
alone()
{
	printf '#include <%s>\n#include <%s>\nextern int unit;\n' "$2" "$2" >"$tmp/unit"
	echo "$1" | while read -r command; do
		echo "$command"
		# shellcheck disable=SC2086
		$command $warnings $include -fsyntax-only - <"$tmp/unit"
	done
}

# forms COMPILERS: the forms of use in forms.c
forms()
{
	echo "$1" | while read -r command; do
		for option in -O0 -O1 -O2 -O3 '-O2 -DNDEBUG'; do
			echo "$command $option"
			# shellcheck disable=SC2086
			$command $warnings $include $option -c -o "$tmp/forms.o" - \
				<"$srcdir/tests/forms.c" || return
		done
	done
}

one_line()
{
	echo "$1" | sed 's/ -x [^ ]*//; s/ -std=[^ ]*//' | paste -sd, | sed 's/,/, /g'
}

# language NAME COMPILERS: all the headers in this language
language()
{
	if test -z "$2"; then
		skip "headers alone as $1" 'no compiler'
		return
	fi
	for header in $headers; do
		check "<$header> alone as $1: $(one_line "$2")" alone "$2" "$header"
	done
	check "no warning of small buffers and the like as $1" forms "$2"
	check "a header that needs another one is no valid $1" fails alone "$2" needy.h
	check "a header without a guard is no valid $1" fails alone "$2" twice.h
}

headers=$(cd "$srcdir/include" && find . -name '*.h' | sed 's,^\./,,; s,^uapi/,,' | sort)
c_compilers=$(find_compilers 'gcc -x c -std=c99' 'clang -x c -std=c99')
cxx_compilers=$(find_compilers 'g++ -x c++ -std=c++11' 'clang++ -x c++ -std=c++11')

echo 'l4_umword_t f(void);' >"$tmp/needy.h"
echo 'struct twice { int member; };' >"$tmp/twice.h"

language C99 "$c_compilers"
language C++11 "$cxx_compilers"
done_testing
