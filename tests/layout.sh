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

# Targets of clang, after what "clang --print-targets" calls them
targets='aarch64 aarch64
arm arm
x86 i686
ppc64 powerpc64
riscv64 riscv64
systemz s390x'

# works COMMAND...: a compiler that finds the headers of its system
works()
{
	echo '#include <linux/types.h>' | "$@" -fsyntax-only -x c - 2>/dev/null
}

# knows TARGET: clang does
knows()
{
	clang --print-targets | grep -q "^ *$1 "
}

# find_compilers: leaves those to compare in $tmp/compilers, one a line, each after
# a name, and says which there are not
find_compilers()
{
	echo "here $CC" >"$tmp/compilers"
	# shellcheck disable=SC2086
	if works $CC -m32; then
		echo "32-bit $CC -m32" >>"$tmp/compilers"
	else
		skip 'layouts for 32 bits' "$CC -m32 does not work"
	fi
	if ! command -v clang >/dev/null; then
		skip 'layouts for other architectures' 'no clang'
		return
	fi
	# This machine's headers will do: little of them is its own.
	machine=/usr/include/$($CC -print-multiarch 2>/dev/null || :)
	while read -r known target; do
		# This one is not left out: if it is not there something is wrong.
		if test "$known" = aarch64 || knows "$known"; then
			echo "$target clang --target=$target-linux-gnu -isystem $machine" \
				>>"$tmp/compilers"
		else
			skip "layouts for $target" 'clang does not know it'
		fi
	done <<-END
		$targets
	END
}

# layouts DIRECTORY OUT: the numbers of DIRECTORY/linux/l4shmc.h, a file OUT/NAME
# for every compiler
layouts()
{
	mkdir -p "$2"
	program "$1/linux/l4shmc.h" >"$tmp/program.c"
	while read -r name command; do
		echo "$name:"
		# shellcheck disable=SC2086
		$command -std=gnu99 -I"$1" -S -o "$tmp/asm" "$tmp/program.c"
		sed -n 's/.*"@@ \([^"\\]*\).*/\1/p' "$tmp/asm" >"$2/$name"
		test -s "$2/$name"
	done <"$tmp/compilers"
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

# plant TEXT: $tmp/planted with TEXT at the end of the header
plant()
{
	mkdir -p "$tmp/planted/linux"
	{
		cat "$srcdir/include/uapi/linux/l4shmc.h"
		printf %b "$1"
	} >"$tmp/planted/linux/l4shmc.h"
}

# member MEMBER: it has the same place everywhere
member()
{
	plant "struct planted {\n\t__u32 first;\n\t$1;\n};\n"
	rm -rf "$tmp/out"
	layouts "$tmp/planted" "$tmp/out"
	same_layout "$tmp/out" 'struct planted'
}

# differs MEMBER: and that is told, by a compiler for each
differs()
{
	fails member "$1"
	test "$(cd "$tmp/out" && echo *)" = "$(cd "$tmp/real" && echo *)"
}

# Everything compiles but for one target.
one_target()
{
	plant "#ifdef __$1__\n#error planted\n#endif\n"
	fails layouts "$tmp/planted" "$tmp/out"
}

uapi=$srcdir/include/uapi
find_compilers
others=$(sed '/^here /d; s/ .*//' "$tmp/compilers" | paste -sd ' ')
if test -z "$others"; then
	skip 'layouts are the same everywhere' 'no other compiler'
else
	check "the header compiles here and for $others" layouts "$uapi" "$tmp/real"
	types "$uapi/linux/l4shmc.h" >"$tmp/types"
	while read -r type; do
		check "$type: same everywhere" same_layout "$tmp/real" "$type"
	done <"$tmp/types"
	check 'a sound struct is no difference' member '__aligned_u64 second'
	check 'a long is found' differs 'long second'
	check 'an unaligned __u64 is found' differs '__u64 second'
fi
case $others in
*aarch64*)	check 'a target that it does not compile for is found' one_target aarch64 ;;
esac
done_testing
