#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages: readable by all formatters without a warning, complete, and
# the same as what the tool and the sources say.

# These come from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

tool=tools/l4shmc
pages=Documentation/man

# own_pages: those that are not links
own_pages()
{
	grep -L '^\.so ' "$pages"/man[1-9]/*
}

# says_nothing COMMAND...
says_nothing()
{
	"$@" >"$tmp/said" 2>&1
	cat "$tmp/said"
	test ! -s "$tmp/said"
}

# Of several files each starts anew, so one run does.
lint()
{
	xargs mandoc -T lint <"$1"
}

format()
{
	LC_ALL=C xargs groff -man -Tutf8 -ww -z <"$1"
}

# What people run; slower.
view()
{
	while read -r page; do
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" >/dev/null
	done <"$1"
}

# clean TOOL COMMAND LIST: the tool has nothing to say about the pages in LIST
clean()
{
	if command -v "$1" >/dev/null; then
		check "$1 has no warning about $(wc -l <"$3") pages" says_nothing "$2" "$3"
		check "$1 has one if there is a mistake" fails says_nothing "$2" "$tmp/mistakes"
	else
		skip "$1 has no warning" "$1 is missing"
	fi
}

# plain FILE: text of a page in one line, without formatting
plain()
{
	sed -e '/^\.\\"/d' -e 's/\\f[BIR]//g' -e 's/\\[%&]//g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" \
		-e 's/\\(ti/~/g' -e 's/\\e/\\/g' -e 's/^\.[A-Z]\{1,2\} *//' "$1" | squeeze
}

squeeze()
{
	tr -s '[:space:]' ' '
}

# has_sections PAGE SECTION...: these, in this order
has_sections()
{
	page=$1
	shift
	sed -n 's/^\.SH //p' "$page" >"$tmp/sections"
	printf '%s\n' "$@" | diff - "$tmp/sections"
}

functions_have_sections()
{
	grep -l '^\.SH RETURN VALUE' "$pages"/man3/* >"$tmp/functions"
	test -s "$tmp/functions"
	while read -r page; do
		has_sections "$page" NAME LIBRARY SYNOPSIS DESCRIPTION 'RETURN VALUE' NOTES \
			'SEE ALSO' || echo "$page"
	done <"$tmp/functions" | fails grep .
}

# Programs that look for pages read the line below NAME.
names_are_listed()
{
	own_pages | while read -r page; do
		name=$(basename "${page%.*}")
		sed -n '/^\.SH NAME/,/^\.SH/p' "$page" | sed 1d | tr '\n' ' ' |
			grep -q "^$name.* \\\\- [^ ]" || echo "$page"
	done | fails grep .
}

# Each page of the project that a page speaks of is there.
references_lead_somewhere()
{
	own_pages | xargs cat >"$tmp/all"
	sed -nE -e 's/^\.BR (\\%)?([A-Za-z0-9_.]+) \(([0-9])\).*/\2.\3/p' "$tmp/all" >"$tmp/referred"
	grep -oE '\\fB[A-Za-z0-9_]+\\fR\([0-9]\)' "$tmp/all" |
		sed -E 's/\\fB(.*)\\fR\((.)\)/\1.\2/' >>"$tmp/referred"
	(cd "$pages" && ls man[1-9]) | sort -u >"$tmp/there"
	grep -E '^(l4|pthread_|enter_|L4)' "$tmp/referred" | sort -u >"$tmp/ours"
	test -s "$tmp/ours"
	comm -23 "$tmp/ours" "$tmp/there" | fails grep .
}

# options: each option in the help on standard input, with its text, in a line
options()
{
	awk '/^  -/ { if (o) print o; o = $0; next }
		o && /^   / { o = o $0; next }
		{ if (o) print o; o = "" }
		END { if (o) print o }' | tr -s ' ' | sed 's/^ //'
}

# contains FILE: it has each line of standard input
contains()
{
	while read -r line; do
		grep -qF -e "$line" "$1" || echo "missing: $line"
	done >"$tmp/missing"
	cat "$tmp/missing"
	test ! -s "$tmp/missing"
}

# same_command NAME PAGE: usage and options are the same in --help and page
same_command()
{
	$tool "$1" --help >"$tmp/help"
	sed -n "/^\.SS .*l4shmc $1\\\\/,/^\.S[SH] .*/p" "$2" | sed '$d' >"$tmp/section"
	test -s "$tmp/section"
	plain "$tmp/section" >"$tmp/section.txt"
	plain "$2" >"$tmp/page.txt"
	head -n 1 "$tmp/help" | sed 's/^Usage: //; s/ *$//' | tee "$tmp/usage" |
		contains "$tmp/section.txt"
	contains "$tmp/page.txt" <"$tmp/usage"
	# The page tells of --help once, for all commands.
	options <"$tmp/help" | sed '/^-h, --help /d' | contains "$tmp/section.txt"
	# And back: it knows no option that the command does not.
	squeeze <"$tmp/help" >"$tmp/help.txt"
	sed -n '/^\.TP/{n;s/\\f[BIR]//g;s/\\-/-/g;p;}' "$tmp/section" | contains "$tmp/help.txt"
}

same_help()
{
	$tool --help >"$tmp/help"
	plain "$pages/man1/l4shmc.1" >"$tmp/page.txt"
	options <"$tmp/help" | sed '/^-h, /d' | contains "$tmp/page.txt"
	sed '1,/^$/d; /^Commands:/,/^$/d' "$tmp/help" | grep '^The exit status' |
		contains "$tmp/page.txt"
	sed -n 's/^\.SS .*l4shmc \([a-z]*\)\\.*/\1/p' "$pages/man1/l4shmc.1" | diff "$tmp/commands" -
}

# The benchmark has no commands: its help and its list are in the page.
same_bench()
{
	bench=tools/bench/l4shmc-bench
	plain "$pages/man1/l4shmc-bench.1" >"$tmp/page.txt"
	$bench --help >"$tmp/help"
	options <"$tmp/help" | contains "$tmp/page.txt"
	sed -n '/^\.SH OPTIONS/,/^\.SH CASES/{/^\.TP/{n;s/\\f[BIR]//g;s/\\-/-/g;p;}}' \
		"$pages/man1/l4shmc-bench.1" >"$tmp/options"
	test -s "$tmp/options"
	contains "$tmp/help" <"$tmp/options"
	$bench --list >"$tmp/list"
	sed -n '/^Cases/,/^$/{/^  [a-z]/s/^ *\([^ ]*\) */\1 /p;}' "$tmp/list" >"$tmp/cases"
	test -s "$tmp/cases"
	contains "$tmp/page.txt" <"$tmp/cases"
	sed -n '/^Subjects/,${/^  [a-z]/s/^ *\([^ ]*\) .*/\1/p;}' "$tmp/list" >"$tmp/subjects"
	test -s "$tmp/subjects"
	contains "$tmp/page.txt" <"$tmp/subjects"
}

# tells_about SCRIPT: what that makes of the page is not the same
tells_about()
{
	sed "$1" "$pages/man1/l4shmc.1" >"$tmp/planted"
	fails cmp "$tmp/planted" "$pages/man1/l4shmc.1"
	fails same_command create "$tmp/planted"
	grep -q '^missing: ' "$tmp/missing"
}

all_ioctls()
{
	sed -n 's/^#define \(L4SHMC_IOC_[A-Z_]*\) _IO.*/\1/p' "$srcdir/include/uapi/linux/l4shmc.h" |
		sort >"$tmp/wanted"
	test -s "$tmp/wanted"
	sed -n 's/^\.SS \(L4SHMC_IOC_.*\)/\1/p' "$pages/man4/l4shmc.4" | sort | diff "$tmp/wanted" -
	# In the list of what knows them, too.
	sed -n 's/^\.BR* \\%\(L4SHMC_IOC_[A-Z_]*\).*/\1/p' "$pages/man4/l4shmc.4" | sort -u |
		diff "$tmp/wanted" -
}

all_keywords()
{
	plain "$pages/man5/l4shmc.conf.5" >"$tmp/page.txt"
	sed -n '/^} const options/,/^};/s/^[[:space:]]*{ "\([a-z]*=*\)".*/\1/p' \
		"$srcdir/lib/provision.c" >"$tmp/wanted"
	test -s "$tmp/wanted"
	contains "$tmp/page.txt" <"$tmp/wanted"
}

check 'pages list their names' names_are_listed
check 'pages of functions have all sections' functions_have_sections
check 'pages that are referred to are there' references_lead_somewhere

own_pages >"$tmp/pages"
(grep -v /man3/ "$tmp/pages"; grep /man3/ "$tmp/pages" | head -n 2) >"$tmp/few"
(cat "$pages/man1/l4shmc.1"; echo .nosuchmacro) >"$tmp/mistake.1"
echo "$tmp/mistake.1" >"$tmp/mistakes"
clean mandoc lint "$tmp/pages"
clean groff format "$tmp/pages"
clean man view "$tmp/few"

$tool --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >"$tmp/commands"
check 'l4shmc(1) says the same as --help' same_help
while read -r name; do
	check "l4shmc(1) says the same as l4shmc $name --help" \
		same_command "$name" "$pages/man1/l4shmc.1"
done <"$tmp/commands"
check 'an option that is missing is found' tells_about '/MODE/d'
check 'an option that is too many is found' tells_about 's/MODE/NODE/'
check 'another text is found' tells_about 's/octal/decimal/'

check 'l4shmc-bench(1) says the same as --help and --list' same_bench

check 'l4shmc(4) has every command' all_ioctls
check 'l4shmc.conf(5) has every keyword' all_keywords
done_testing
