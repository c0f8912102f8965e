#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The description for syzkaller has the commands, structs and flags of the header.

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

# Struct and flag; "none" if it takes none, or only tells them. An enum of flags that no
# struct has is told as well.
header_flags()
{
	awk '
		/^ \* struct l4shmc_ioc_/ { name = $3 }
		/^ \* @flags: / {
			of[name] = "none"
			if (match($0, /enum l4shmc_[a-z_]*/)) {
				enum = substr($0, RSTART + 5, RLENGTH - 5)
				used[enum] = 1
				if (!/ out:/)
					of[name] = enum
			}
		}
		/^enum l4shmc_[a-z_]*_flags [{]$/ { list = $2; next }
		/^}/ { list = "" }
		list && /^\tL4SHMC_/ { flags[list] = flags[list] " " $1 }
		END {
			for (name in of) {
				n = split(of[name] == "none" ? "none" : flags[of[name]], flag, " ")
				for (i = 1; i <= n; i++)
					print name, flag[i]
			}
			for (list in flags)
				if (!used[list])
					print "no struct has", list
		}' "$1" | sort
}

description_flags()
{
	awk '
		/^l4shmc_[a-z_]* = / {
			list = $1
			gsub(/.* = |,/, "")
			flags[list] = $0
		}
		/^(type )?l4shmc_ioc_[a-z_]*(\[[A-Z]*\])? \{$/ {
			name = $0; sub(/^type /, "", name); sub(/[[ ].*/, "", name); next
		}
		/^}/ { name = "" }
		name && $1 == "flags" { of[name] = $2 }
		END {
			for (name in of) {
				list = of[name]
				if (list !~ /^flags\[/) {
					print name, "none"
					continue
				}
				gsub(/^flags\[|,$/, "", list)
				n = split(flags[list], flag, " ")
				for (i = 1; i <= n; i++)
					if (flag[i] != "0")
						print name, flag[i]
			}
		}' "$1" | sort
}

# flags_agree HEADER DESCRIPTION
flags_agree()
{
	header_flags "$1" >"$tmp/header"
	description_flags "$2" >"$tmp/description"
	grep -q ' L4SHMC_' "$tmp/header"
	diff "$tmp/header" "$tmp/description"
}

# A flag that either of the two lacks, one of another struct, one that is not listed
planted_mistakes()
{
	sed 's/^\(l4shmc_attach_flags = 0\), .*/\1/' "$description" >"$tmp/planted"
	fails flags_agree "$header" "$tmp/planted"
	sed 's/^\(l4shmc_call_flags = .*\), [A-Z0-9_]*$/\1/' "$description" >"$tmp/planted"
	fails flags_agree "$header" "$tmp/planted"
	sed 's/flags\[l4shmc_call_flags, /flags[l4shmc_attach_flags, /' "$description" \
		>"$tmp/planted"
	fails flags_agree "$header" "$tmp/planted"
	sed 's/^\tL4SHMC_CREATE_PERSISTENT = .*/&\n\tL4SHMC_CREATE_PLANTED = 1 << 1,/' "$header" \
		>"$tmp/planted"
	fails flags_agree "$tmp/planted" "$description"
	sed 's/^ \* @flags: &enum l4shmc_attach_flags/ * @flags: 0/' "$header" >"$tmp/planted"
	fails flags_agree "$tmp/planted" "$description"
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
check "the description has every flag of every struct" flags_agree "$header" "$description"
check "mistakes in flags are noticed" planted_mistakes
done_testing
