#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The steps of the model of signals have labels, which stand in the comments of the
# code that does them.

# This comes from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

model=$srcdir/Documentation/model/signal.pml
page=$srcdir/Documentation/model.rst
code="$srcdir/lib/signal.c $srcdir/kmod/signal.c $srcdir/kmod/waitset.c"

# labels FILE...: those in comments, one a line; S1-S4 stands for four
labels()
{
	cat "$@" | grep -oE '([/][*]| [*]) .*' | grep -oE '\<[A-Z][1-9](-[A-Z][1-9])?\>' |
		awk '{ for (i = substr($0, 2, 1); i <= substr($0, length($0)); i++)
			print substr($0, 1, 1) i }' | sort -u
}

# page_labels FILE: those in the table of the page
page_labels()
{
	sed -n '/^labels  /,/^The same labels/s/^\([A-Z]\)\([1-9]\)\( to \|, \)[A-Z]\([1-9]\) .*/\1\2-\1\4/p' \
		"$1" | sed 's,^,/* ,' >"$tmp/table"
	labels "$tmp/table"
}

# stand_in FILE...: all labels of the model
stand_in()
{
	labels "$model" >"$tmp/model"
	test "$(wc -l <"$tmp/model")" -gt 30
	labels "$@" | diff "$tmp/model" -
}

page_agrees()
{
	labels "$model" >"$tmp/model"
	page_labels "$1" | diff "$tmp/model" -
}

# A step that the code lacks, and one that the model lacks
planted_mistakes()
{
	# shellcheck disable=SC2086
	cat $code | sed '/X3/d' >"$tmp/planted"
	fails stand_in "$tmp/planted"
	# shellcheck disable=SC2086
	cat $code - <<-END >"$tmp/planted"
		/* X5 */
	END
	fails stand_in "$tmp/planted"
	sed 's/^X1 to X4/X1 to X3/' "$page" >"$tmp/planted"
	fails page_agrees "$tmp/planted"
}

# shellcheck disable=SC2086
check 'each step of the model stands in the code' stand_in $code
check 'the page has all steps' page_agrees "$page"
check 'mistakes are noticed' planted_mistakes
done_testing
