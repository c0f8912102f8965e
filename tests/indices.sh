#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# No array of the driver is indexed, not even speculatively, by what comes from
# user space: what a user numbers is looked up in an xarray, which masks what it
# indexes with, and anything else goes through array_index_nospec().

# These come from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

# Indices that the driver itself has counted up to a limit of its own; "from" and
# "labels" are addresses of the user's, which are checked as such.
known='main.c cmds[i]
name.c text[i]
run.h to[i]
run.h from[i]
waitset.c labels[n]'

# subscripts FILE...: "FILE ARRAY[INDEX]" for every index that is no constant
subscripts()
{
	for file; do
		sed 's,//.*,,; s,/[*].*[*]/,,; /^[[:space:]]*[/]*[*]/d; s/"[^"]*"//g' "$file" |
			grep -oE '[A-Za-z0-9_>.)-]+\[[^][]*(\[[^][]*\][^][]*)*\]' |
			grep -vE '\[([0-9]*|[A-Z0-9_]+( [-+] (sizeof\([^)]*\)|[A-Z0-9_]+))?)\]$' |
			sed "s,^,${file##*/} ,"
	done | sort -u
}

# unknown FILE...: those that are neither known nor safe
unknown()
{
	subscripts "$@" | while read -r line; do
		case $line in
		*'[array_index_nospec('*)	continue ;;
		esac
		echo "$known" | grep -qxF "$line" || echo "$line"
	done
}

none()
{
	found=$(unknown "$@")
	echo "$found"
	test -z "$found"
}

all_known_are_there()
{
	subscripts "$srcdir"/kmod/*.[ch] >"$tmp/found"
	cat "$tmp/found"
	echo "$known" | while read -r line; do
		grep -qxF "$line" "$tmp/found" || { echo "not there: $line"; exit 1; }
	done
}

# plant LINE: as another file of the driver
plant()
{
	printf '%s\n' "$1" >"$tmp/planted.c"
	fails none "$tmp/planted.c"
}

check 'attack 68: no array is indexed by what comes from a user' none "$srcdir"/kmod/*.[ch]
check 'the indices that are known are still there' all_known_are_there
check 'an index of a user is found' plant '	chunk = area->chunks[arg->index];'
check 'an index that is only compared is found' plant \
	'	return i < ARRAY_SIZE(table) ? table[i].run : NULL;'
check 'an index of an index is found' plant '	x = a[b[c]];'
done_testing
