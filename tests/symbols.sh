#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The names that the headers declare, that the symbol map lists, that the
# libraries define and that have a manual page are the same.

# These come from "make check".
: "${srcdir:?}" "${NM:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

map=$srcdir/lib/libl4shmc.map
shared=lib/.libs/libl4shmc.so
static=lib/.libs/libl4shmc.a
pages=Documentation/man/man3

# header_names: functions that the public headers declare and do not define
header_names()
{
	(cd "$srcdir/include" && find l4 pthread-l4.h -name '*.h') |
		sed 's/.*/#include <&>/' >"$tmp/all.c"
	gcc -I"$srcdir/include" -I"$srcdir/include/uapi" -fsyntax-only \
		-aux-info "$tmp/all.aux" "$tmp/all.c"
	sed -n "s,^/\* $srcdir/include/.* \*/ extern [^(]*[ *]\([A-Za-z0-9_]*\) (.*,\1,p" \
		"$tmp/all.aux" | sort -u
}

# public_names: "HEADER NAME" for everything that the public headers declare or
# define: functions, types, constants, macros
public_names()
{
	(cd "$srcdir/include" && find l4 pthread-l4.h -name '*.h') | while read -r header; do
		sed -nE \
			-e 's/^#[[:space:]]*define ([A-Za-z0-9_]+).*/\1/p' \
			-e 's/^(struct|union|enum) ([A-Za-z0-9_]+) \{$/\2/p' \
			-e 's/^(typedef .*[ *]|\} )([A-Za-z0-9_]+);$/\2/p' \
			-e 's/^[[:space:]]+(L4_[A-Z0-9_]+)( = [0-9][^,]*)?,?$/\1/p' \
			-e 's/^(L4_CV|L4_INLINE) [^(]*[ *]([A-Za-z0-9_]+)\(.*/\2/p' \
			"$srcdir/include/$header" | sed "s,^,$header ,"
	done | grep -Ev ' (_+[lL]4|(l4shmc|L4SHMC)__|_[A-Z0-9_]+_H$)' | sort -u
}

# page_names: what has a manual page, but for the headers
page_names()
{
	(cd "$pages" && ls) | sed -n '/\.h\.3$/!s/\.3$//p' | sort
}

# links_end: each page that stands for another one names one that is there
links_end()
{
	sed -n 's,^\.so man3/,,p' "$pages"/* | sort -u >"$tmp/targets"
	test -s "$tmp/targets"
	(cd "$pages" && ls) | comm -23 "$tmp/targets" - | fails grep .
}

# own_pages: each of these functions has a page of its own, with its prototype
own_pages()
{
	while read -r name; do
		grep -q "^\\\\fB.*$name(" "$pages/$name.3" || echo "$name"
	done | fails grep .
}

# counts FILE...: how many names they have, and how many of all names are not
# in each of them
counts()
{
	wc -l "$@" | sed '$d; s,/.*/,,' >"$tmp/counts"
	missing=$(sort "$@" | uniq -c | awk -v files=$# '$1 != files' | wc -l)
	awk '{ printf "%s%s: %s", (NR > 1 ? ", " : ""), $2, $1 }' "$tmp/counts"
	echo "; $missing missing"
}

# none_missing COUNTS
none_missing()
{
	echo "$1"
	test "$1" != "${1%; 0 missing}"
}

# map_names FILE: what stands between "global:" and "local:"
map_names()
{
	sed -n '/global:/,/local:/s/^[[:space:]]*\([A-Za-z0-9_]*\);.*/\1/p' "$1" | sort
}

# nm_names OPTIONS...: global names, without the nodes of the map
nm_names()
{
	# shellcheck disable=SC2086
	$NM --defined-only --extern-only "$@" |
		awk '$2 ~ /^[TDBRVWu]$/ { sub(/@.*/, "", $3); print $3 }' | sort
}

# same WANTED FOUND: says which names are missing and which are too many
same()
{
	test -s "$1" || { echo 'no names at all'; return 1; }
	comm -23 "$1" "$2" | sed 's/^/missing: /' >"$tmp/differ"
	comm -13 "$1" "$2" | sed 's/^/extra: /' >>"$tmp/differ"
	cat "$tmp/differ"
	test ! -s "$tmp/differ"
}

# finds WHAT NAME FOUND: the comparison above tells about a planted difference
finds()
{
	fails same "$tmp/map" "$3" || return
	grep -qx "$1: $2" "$tmp/differ"
}

# Names that are not public, yet global for the linker's sake, keep to a prefix
# of their own: the programs that link the library are to have the rest.
static_names_have_prefix()
{
	comm -13 "$tmp/map" "$tmp/static" | fails grep -v '^l4shmc_'
}

# Names without a node could never change their meaning.
every_name_versioned()
{
	# shellcheck disable=SC2086
	$NM -D --defined-only "$shared" | grep ' T ' | fails grep -v '@@L4SHMC_'
}

dynamic_entry()
{
	LC_ALL=C readelf -d "$shared" | grep -F "($1)" | sed 's/.*\[\(.*\)\]/\1/' | sort
}

soname()
{
	test "$(dynamic_entry SONAME)" = libl4shmc.so.0
}

needs_libc_only()
{
	dynamic_entry NEEDED
	test "$(dynamic_entry NEEDED | grep -vc '^libc\.so\|^ld-')" = 0
}

# Writable text and executable stacks are what hardened systems refuse.
no_text_relocations()
{
	LC_ALL=C readelf -d "$shared" | fails grep TEXTREL
	LC_ALL=C readelf -lW "$shared" | grep GNU_STACK | fails grep RWE
}

# called_in FILE: every function of l4/shmc is named there
called_in()
{
	grep '^l4shmc_' "$tmp/headers" | while read -r name; do
		grep -qw "$name" "$1" || echo "$name"
	done | fails grep .
}

map_names "$map" >"$tmp/map"
nm_names -D "$shared" | grep -v '^L4SHMC_' >"$tmp/shared"
nm_names "$static" >"$tmp/static"
comm -12 "$tmp/map" "$tmp/static" >"$tmp/static-public"

page_names >"$tmp/pages"
public_names >"$tmp/public"
sed 's/.* //' "$tmp/public" | sort -u >"$tmp/names"
sed '/^#/d' "$srcdir/tests/api.txt" | awk '{ for (i = 2; i <= NF; i++) print $1, $i }' |
	sort -u >"$tmp/api"

if command -v gcc >/dev/null; then
	header_names >"$tmp/headers"
	check 'headers declare what the symbol map lists' same "$tmp/map" "$tmp/headers"
	check 'every function is called without a device' called_in "$srcdir/tests/nodevice.c"
	comm -12 "$tmp/headers" "$tmp/pages" >"$tmp/documented"
	functions=$(counts "$tmp/headers" "$tmp/map" "$tmp/shared" "$tmp/documented")
	check "functions in $functions" none_missing "$functions"
else
	skip 'headers declare what the symbol map lists' 'gcc is missing'
fi
names=$(counts "$tmp/names" "$tmp/pages")
check "all names in $names" none_missing "$names"
check 'every public name has a manual page' same "$tmp/names" "$tmp/pages"
check 'every function has a page of its own' own_pages <"$tmp/map"
check 'manual pages that are links lead to a page' links_end
comm -12 "$tmp/api" "$tmp/public" >"$tmp/there"
api=$(counts "$tmp/api" "$tmp/there")
check "names that programs rely on in $api" none_missing "$api"
check 'shared library exports what the symbol map lists' same "$tmp/map" "$tmp/shared"
check 'static library defines what the symbol map lists' same "$tmp/map" "$tmp/static-public"
check 'other global names of the static library have a prefix' static_names_have_prefix

sed '$d' "$tmp/map" >"$tmp/less"
(cat "$tmp/map"; echo zzz_planted) >"$tmp/more"
check 'a name that is missing is found' \
	finds missing "$(tail -n 1 "$tmp/map")" "$tmp/less"
check 'a name that is missing is counted' \
	fails none_missing "$(counts "$tmp/map" "$tmp/less")"
check 'a name that is too many is found' finds extra zzz_planted "$tmp/more"

check 'soname is libl4shmc.so.0' soname
check 'shared library needs nothing but the C library' needs_libc_only
check 'shared library has no text relocations, no executable stack' no_text_relocations
check 'every name has a node of the map' every_name_versioned
done_testing
