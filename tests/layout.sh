#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The structs and command numbers of <linux/l4shmc.h> are the same on every
# architecture.  Nothing is run: the compilers write the numbers into assembly.

# These come from "make check".
: "${srcdir:?}" "${CC:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

# members HEADER: "struct TAG MEMBER" for every member of every struct
members()
{
	awk '
	/^(struct|union) .*{$/ { type = $1 " " $2; next }
	/^};$/ { type = ""; next }
	type && /;$/ {
		name = $NF
		sub(/(\[.*)?;$/, "", name)
		print type, name
	}' "$1"
}

# types HEADER: "struct TAG", and "command" for the command numbers
types()
{
	members "$1" | cut -d' ' -f1,2 | sort -u
	echo command
}

# number NAME EXPRESSION: a line of the program below.  The assembler of some
# compilers wants to understand it, hence a directive.
number()
{
	echo "	__asm__ volatile(\".ascii \\\"@@ $1 %c0\\\"\" : : \"i\"($2));"
}

# program HEADER: tells all numbers of this header
program()
{
	echo '#include <linux/l4shmc.h>'
	echo '#include <stddef.h>'
	echo 'void numbers(void);'
	echo 'void numbers(void)'
	echo '{'
	members "$1" | while read -r kind tag member; do
		number "$kind $tag offset $member" "offsetof($kind $tag, $member)"
		number "$kind $tag size $member" "sizeof((($kind $tag *)0)->$member)"
	done
	types "$1" | sed '$d' | while read -r type; do
		number "$type sizeof" "sizeof($type)"
		number "$type alignof" "__alignof__($type)"
	done
	sed -n 's/^#define \(L4SHMC_IOC_[A-Z_]*\) _IO.*/\1/p' "$1" | while read -r name; do
		number "command $name high" "$name >> 16"
		number "command $name low" "$name & 0xffff"
	done
	echo '}'
}

# find_targets: compilers to compare with $CC, one a line, each after a name
find_targets()
{
	echo "32-bit $CC -m32"
	command -v clang >/dev/null || return 0
	# This machine's headers will do: little of them is its own.
	machine=/usr/include/$($CC -print-multiarch 2>/dev/null || :)
	for target in aarch64 arm i686 powerpc64 riscv64 s390x; do
		echo "$target clang --target=$target-linux-gnu -isystem $machine"
	done
}

# layouts DIRECTORY OUT: the numbers of DIRECTORY/linux/l4shmc.h, a file OUT/NAME
# for every compiler that works, and OUT/here
layouts()
{
	mkdir -p "$2"
	program "$1/linux/l4shmc.h" >"$tmp/program.c"
	{ echo "here $CC"; find_targets; } | while read -r name command; do
		# shellcheck disable=SC2086
		$command -std=gnu99 -I"$1" -S -o "$tmp/asm" "$tmp/program.c" 2>/dev/null ||
			continue
		sed -n 's/.*"@@ \([^"\\]*\).*/\1/p' "$tmp/asm" >"$2/$name"
	done
}

# same_layout OUT TYPE
same_layout()
{
	grep "^$2 " "$1/here" >"$tmp/wanted"
	for file in "$1"/*; do
		echo "${file##*/}:"
		grep "^$2 " "$file" | diff "$tmp/wanted" -
	done
}

# plant MEMBER: OUT of a header with one more struct
plant()
{
	mkdir -p "$tmp/planted/linux"
	{
		cat "$srcdir/include/uapi/linux/l4shmc.h"
		printf 'struct planted {\n\t__u32 first;\n\t%s;\n};\n' "$1"
	} >"$tmp/planted/linux/l4shmc.h"
	rm -rf "$tmp/out"
	layouts "$tmp/planted" "$tmp/out"
	same_layout "$tmp/out" 'struct planted'
}

uapi=$srcdir/include/uapi
layouts "$uapi" "$tmp/real"
others=$(cd "$tmp/real" && echo * | sed 's/here *//')
if test -z "$others"; then
	skip 'layouts are the same everywhere' 'no other compiler'
else
	types "$uapi/linux/l4shmc.h" >"$tmp/types"
	while read -r type; do
		check "$type: same here and for $others" same_layout "$tmp/real" "$type"
	done <"$tmp/types"
	check 'a sound struct is no difference' plant '__aligned_u64 second'
	check 'a long is found' fails plant 'long second'
	check 'an unaligned __u64 is found' fails plant '__u64 second'
fi
done_testing
