#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The description for syzkaller has the commands and structs of the header.

srcdir=${srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

header=$srcdir/include/uapi/linux/l4shmc.h
description=$srcdir/Documentation/l4shmc.txt

# Struct, field and, of what has a size, its bits
header_fields()
{
	sed -n '/^struct l4shmc_ioc_.*{$/,/^};/p' "$header" |
		sed -e 's/__aligned_u64/64/; s/__[us]\([0-9]*\)/\1/; s/\[L4SHMC_NAME_SIZE\]//; s/;//' |
		awk '$1 == "struct" { name = $2 } NF == 2 { print name, $2, $1 == "char" ? "" : $1 }'
}

description_fields()
{
	awk '/^(type )?l4shmc_ioc_[a-z_]*(\[[A-Z]*\])? \{$/ {
			name = $0; sub(/^type /, "", name); sub(/[[ ].*/, "", name); next
		}
		/^}/ { name = "" }
		name && NF > 1 {
			bits = ""
			if ($0 ~ /int64|ptr64/) bits = 64
			else if ($0 ~ /int32|fd_|l4shmc_record|l4shmc_owner/) bits = 32
			print name, $1, bits
		}' "$description"
}

structs_agree()
{
	header_fields >"$tmp/header"
	description_fields >"$tmp/description"
	test -s "$tmp/header"
	diff "$tmp/header" "$tmp/description"
}

commands_agree()
{
	sed -n 's/^#define \(L4SHMC_IOC_[A-Z_]*\) _IO.*/\1/p' "$header" | sort >"$tmp/header"
	grep -o 'const\[L4SHMC_IOC_[A-Z_]*' "$description" | sed 's/.*\[//' | sort -u \
		>"$tmp/description"
	test -s "$tmp/header"
	diff "$tmp/header" "$tmp/description"
}

# What is said there of the kind of a struct has to be what the number says.
directions_agree()
{
	sed -n 's/^#define \(L4SHMC_IOC_[A-Z_]*\) _IO\(W*R*\)(.*/\1 \2/p' "$header" |
		sed 's/ WR$/ inout/; s/ W$/ in/; s/ R$/ out/; s/ $//' | sort >"$tmp/header"
	sed -n 's/.*const\[\(L4SHMC_IOC_[A-Z_]*\)\], arg ptr\[\([a-z]*\),.*/\1 \2/p
		s/.*const\[\(L4SHMC_IOC_[A-Z_]*\)\])$/\1/p' "$description" | sort -u \
		>"$tmp/description"
	diff "$tmp/header" "$tmp/description"
}

check "the description has every command" commands_agree
check "the description has every field of every struct" structs_agree
check "the description has the direction of every command" directions_agree
done_testing
