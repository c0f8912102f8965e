#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Documentation/attacks.rst and the names of the selftests say the same.

# This comes from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

document=$srcdir/Documentation/attacks.rst
LAST_ATTACK=68

# rows FILE: "NUMBER PROGRAM NAME" for each test that a row of the tables names,
# "NUMBER - REASON" for each reason why there is none
rows()
{
	awk '
	function take(text,  i, n, part, words, name, program) {
		if (text ~ /Not here: [^ ]/)
			print number, "-", "reason"
		n = split(text, words, /[ ,;]+/)
		for (i = 1; i <= n; i++) {
			if (words[i] ~ /^[a-z0-9_]+:$/)
				program = substr(words[i], 1, length(words[i]) - 1)
			if (words[i] ~ /^``attack_/) {
				name = words[i]
				gsub(/[^a-z0-9_*]/, "", name)
				print number, program ? program : "?", name
			}
		}
	}
	function finish() {
		if (number)
			take(item[3])
		number = ""
	}
	/^   \* - / { finish(); count = 1; if ($3 ~ /^[0-9]+$/) number = $3; next }
	/^     - / { count++; item[count] = substr($0, 8); next }
	/^       [^ ]/ { item[count] = item[count] " " substr($0, 8); next }
	{ finish() }
	END { finish() }' "$1"
}

# numbers FILE: of all rows, in their order
numbers()
{
	sed -n 's/^   \* - \([0-9][0-9]*\)$/\1/p' "$1"
}

# attack_tests FOLDER: "NUMBER PROGRAM NAME" for each test of an attack
attack_tests()
{
	for file in "$1"/*_test.c; do
		sed -n 's/^TEST[A-Z_]*(\([a-z0-9_]*, *\)\{0,1\}\(attack_[a-z0-9_]*\).*/\2/p' "$file" |
			sed "s/^/$(basename "$file" .c) /"
	done | sed 's/^\([a-z0-9_]*\) attack_\([0-9][0-9]\)_/\2 &/; s/^0//'
	for file in "$1"/*_test.sh; do
		grep -o 'attack_[0-9][0-9]_[a-z0-9_]*' "$file" |
			sed "s/^/$(basename "$file" .sh) /" |
			sed 's/^\([a-z0-9_]*\) attack_\([0-9][0-9]\)_/\2 &/; s/^0//'
	done
}

# all_numbers FILE: a row for each attack, in their order
all_numbers()
{
	seq $LAST_ATTACK >"$tmp/wanted"
	numbers "$1" | diff "$tmp/wanted" -
}

# matches: the rows and the tests that "rows" and "attack_tests" left in $tmp
# that have no counterpart, by awk's program $1 for the first of them
unmatched()
{
	awk -v side="$1" '
	function like(name, pattern) {
		if (pattern ~ /\*$/)
			return index(name, substr(pattern, 1, length(pattern) - 1)) == 1
		return name == pattern
	}
	FNR == NR { rows++; row[rows] = $0; number[rows] = $1; program[rows] = $2
		    pattern[rows] = $3; next }
	{ found = 0
	  for (i = 1; i <= rows; i++)
		if (program[i] == $2 && like($3, pattern[i])) {
			used[i] = 1
			if (number[i] == $1)
				found = 1
		}
	  if (!found && side == "tests")
		print "not in the row of " $1 ": " $2 " " $3 }
	END { for (i = 1; i <= rows && side == "rows"; i++)
		if (!used[i] && program[i] != "-")
			print "no such test: " row[i] }' "$tmp/rows" "$tmp/tests"
}

# agrees tests|rows DOCUMENT FOLDER
agrees()
{
	rows "$2" >"$tmp/rows"
	attack_tests "$3" >"$tmp/tests"
	test "$(wc -l <"$tmp/tests")" -gt 100
	unmatched "$1" >"$tmp/unmatched"
	cat "$tmp/unmatched"
	test ! -s "$tmp/unmatched"
}

# backed DOCUMENT: each row has a test of its own number, or a reason
backed()
{
	rows "$1" | awk '$2 == "-" || $3 ~ sprintf("^attack_%02d_", $1) { print $1 }' |
		sort -nu >"$tmp/backed"
	numbers "$1" | sort -n | diff - "$tmp/backed"
}

# planted SED COMMAND...: the command, of which $tmp/planted is an argument, fails
# with the document changed so
planted()
{
	sed "$1" "$document" >"$tmp/planted"
	cmp -s "$document" "$tmp/planted" && { echo 'nothing was planted'; return 1; }
	shift
	fails "$@"
}

check 'every attack has its row' all_numbers "$document"
check 'a missing row is noticed' \
	planted '/^   \* - 20$/,/^   \* - 21$/d' all_numbers "$tmp/planted"
check 'every row has a test or a reason' backed "$document"
check 'a row without a test is noticed' \
	planted s/attack_05_/none_/ backed "$tmp/planted"
check 'every test is in its row' agrees tests "$document" "$srcdir/selftests"
check 'a test that is in no row is noticed' \
	planted s/attack_05_/none_/ agrees tests "$tmp/planted" "$srcdir/selftests"
check 'every test that a row names is there' agrees rows "$document" "$srcdir/selftests"
check 'a test that is not there is noticed' \
	planted s/attack_05_/attack_05_not_/ agrees rows "$tmp/planted" "$srcdir/selftests"
done_testing
