#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs in the documents compile.

# These come from "make check".
: "${srcdir:?}" "${CC:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

include="-I$srcdir/include -I$srcdir/include/uapi"

# rst_code FILE: its blocks of C, one after the other
rst_code()
{
	awk '/^\.\. code-block:: c$/ { code = 1; next }
		code && /^[^[:space:]]/ { code = 0 }
		code { sub(/^\t/, ""); print }' "$1"
}

# man_code FILE: its example, in a function
man_code()
{
	echo '#include <err.h>'
	echo '#include <fcntl.h>'
	echo '#include <linux/l4shmc.h>'
	echo '#include <stdlib.h>'
	echo '#include <sys/ioctl.h>'
	echo 'void example(void) {'
	sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/p' "$1" | sed -n '/^\.EX/,/^\.EE/p' |
		sed '/^\.E/d; s/\\-/-/g'
	echo '}'
}

# compiles COMMAND FILE: what the command makes of the file, which is some
compiles()
{
	"$1" "$2" >"$tmp/code.c"
	test "$(grep -c '(' "$tmp/code.c")" -gt 5
	# shellcheck disable=SC2086
	$CC -std=gnu11 -O1 -Wall -Wextra -Werror $include \
		-c -o "$tmp/code.o" "$tmp/code.c"
}

# A program that cannot be compiled is noticed.
planted_mistake()
{
	sed 's/l4shmc_attach(/l4shmc_atach(/' "$srcdir/Documentation/porting.rst" >"$tmp/planted"
	fails compiles rst_code "$tmp/planted"
}

for page in coming-from-posix porting; do
	check "code in $page.rst compiles" compiles rst_code "$srcdir/Documentation/$page.rst"
done
check 'a mistake is noticed' planted_mistake
check 'example in l4shmc.4 compiles' compiles man_code "$srcdir/Documentation/man/l4shmc.4.in"
done_testing
