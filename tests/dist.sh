#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "make dist" takes every file of the repository, and nothing by accident.

# These come from "make check".
: "${srcdir:?}" "${MAKE:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

tree=$tmp/dist

# What autotools add.
generated='^(INSTALL|Makefile\.in|aclocal\.m4|configure|build-aux/.*|m4/l(ibtool|t.*)\.m4)$'

git_files()
{
	git -C "$srcdir" ls-files 2>/dev/null | sort
}

make_tree()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$MAKE" distdir="$tree" distdir
}

all_there()
{
	git_files >"$tmp/wanted"
	(cd "$tree" && find . ! -type d | sed 's,^\./,,' | sort) >"$tmp/found"
	comm -23 "$tmp/wanted" "$tmp/found" | fails grep .
}

nothing_else()
{
	test -s "$tmp/found"
	comm -13 "$tmp/wanted" "$tmp/found" | grep -vE "$generated" | fails grep .
}

check 'make distdir' make_tree
check 'configure is distributed' test -x "$tree/configure"
# A distributed tree has no repository to be compared with.
if git_files | grep -qx configure.ac; then
	check 'every file of the repository is distributed' all_there
	check 'nothing else is distributed' nothing_else
fi
done_testing
