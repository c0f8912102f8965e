#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of rights says what its tests expect, cell by cell, and what else the
# document names as a test is one.

# This comes from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

document=$srcdir/Documentation/rights.rst
program=$srcdir/selftests/rights_table_test.c

# cells_of_document FILE: "row column yes|no", a line for each cell
cells_of_document()
{
	awk -F', ' '/^   :header: who, / {
			columns = NF
			for (i = 2; i <= NF; i++)
				name[i] = $i
			next
		}
		columns && /^   [a-z_]+, / {
			sub(/^ */, "")
			if (NF != columns)
				print "row " $1 " has " NF " cells"
			for (i = 2; i <= NF; i++)
				print $1, name[i], $i
		}
		/^The rows$/ { exit }' "$1"
}

# columns_of_test FILE: its tests
columns_of_test()
{
	sed -n 's/^COLUMN(\([a-z]*\))$/\1/p; s/^TEST_F(subject, \([a-z]*\))$/\1/p' "$1"
}

# cells_of_test FILE: what its variants expect, in the same form
cells_of_test()
{
	columns_of_test "$1" >"$tmp/columns"
	awk -v columns="$(tr '\n' ' ' <"$tmp/columns")" '
		sub(/^FIXTURE_VARIANT_ADD[(]subject, /, "") { sub(/[)]$/, ""); row = $0 }
		sub(/^\t[.]can = "/, "") {
			sub(/",$/, "")
			n = split(columns, column, " ")
			for (i = 1; i <= n; i++)
				print row, column[i], index(" " $0 " ", " " column[i] " ") ? "yes" : "no"
		}' "$1"
}

# table_agrees DOCUMENT PROGRAM
table_agrees()
{
	cells_of_document "$1" | sort >"$tmp/document"
	cells_of_test "$2" | sort >"$tmp/test"
	diff "$tmp/document" "$tmp/test"
}

table_is_large()
{
	test "$(columns_of_test "$program" | wc -l)" = 12
	test "$(cells_of_document "$document" | wc -l)" -ge 300
}

# A cell that is wrong, a row that is not there, a column that has no test
planted_mistakes()
{
	sed 's/^   other_r, yes, no,/   other_r, yes, yes,/' "$document" >"$tmp/planted"
	fails table_agrees "$tmp/planted" "$program"
	grep -v '^   cap_fowner,' "$document" >"$tmp/planted"
	fails table_agrees "$tmp/planted" "$program"
	sed '/^COLUMN(see)$/d' "$program" >"$tmp/planted"
	fails table_agrees "$document" "$tmp/planted"
}

rows_are_explained()
{
	sed -n '/^The rows$/,$p' "$document" >"$tmp/rows"
	cells_of_document "$document" | cut -d ' ' -f 1 | sort -u | while read -r row; do
		grep -q "^\`\`.*\`\`$row\`\`\|^\`\`$row\`\`" "$tmp/rows" ||
			{ echo "$row is not explained"; return 1; }
	done
}

# named_tests FILE: "program test", a line for each that the text names
named_tests()
{
	tr '\n' ' ' <"$1" | grep -oE '[a-z_]+_test: *``attack_[^)]*' |
		sed 's/: */ /' | while read -r name tests; do
			echo "$tests" | grep -oE 'attack_[a-z0-9_*]+' | sed "s/^/$name /"
		done
}

# tests_exist FILE
tests_exist()
{
	named_tests "$1" >"$tmp/named"
	test -s "$tmp/named"
	while read -r name test; do
		grep -qE "^TEST_F[A-Z_]*\([a-z_]+, $(echo "$test" | sed 's/[*]/[a-z0-9_]+/')[,)]" \
			"$srcdir/selftests/$name.c" || { echo "no $test in $name"; return 1; }
	done <"$tmp/named"
}

planted_test()
{
	sed 's/attack_58_stranger_/attack_58_strange_/' "$document" >"$tmp/planted"
	fails tests_exist "$tmp/planted"
}

check 'each cell is what its test expects' table_agrees "$document" "$program"
check 'the table is there' table_is_large
check 'mistakes in the table are noticed' planted_mistakes
check 'each row is explained' rows_are_explained
check 'the other tests that are named exist' tests_exist "$document"
check 'a test that does not exist is noticed' planted_test
done_testing
