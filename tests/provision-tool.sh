#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# l4shmc provision, as far as it goes without a device.

# These come from "make check".
: "${srcdir:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

tool=tools/l4shmc
conf=$tmp/conf
export L4SHMC_CONFIG_DIR="$conf"

# provision STATUS ARGUMENT...: what it says is kept
provision()
{
	wanted=$1
	shift
	status=0
	$tool provision "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	echo "exit status $status, wanted $wanted; it said:"
	cat "$tmp/out" "$tmp/err"
	test $status = "$wanted"
	test ! -s "$tmp/out"
}

silent()
{
	provision 0 "$@"
	test ! -s "$tmp/err"
}

# Each line but those without a mistake says in a comment what is to be told;
# "default none" makes the third line a duplicate.
ten_mistakes()
{
	cat >"$tmp/ten.conf" <<-'END'
	fine 1M mode=0660 user=root group=root persistent
	default 64K
	default none			# duplicate of line 2
	.hidden 1M			# bad name '.hidden'
	sizeless			# no size
	much 1Q				# bad size '1Q'
	executable 1M mode=0770		# bad mode '0770'
	user 1M user=no:such		# no such user: 'no:such'
	group 1M group=no:such		# no such group: 'no:such'
	colour 1M colour=red		# unknown option 'colour=red'
	twice 1M mode=0600 mode=0600	# a second 'mode='
	open 1M "user=root		# bad quotes
	END
	sed -n "s|.*# \(.*\)|\1|p" "$tmp/ten.conf" >"$tmp/whats"
	grep -n '#' "$tmp/ten.conf" | cut -d: -f1 | paste -d' ' - "$tmp/whats" |
		while read -r line what; do
			echo "l4shmc: provision: $tmp/ten.conf:$line: $what"
		done >"$tmp/wanted"
	test "$(wc -l <"$tmp/wanted")" = 10
	provision 1 --check "$tmp/ten.conf"
	diff "$tmp/wanted" "$tmp/err"
}

every_file()
{
	printf 'a 1Q\n' >"$tmp/a.conf"
	printf 'b 1M\n\nb 1M\n' >"$tmp/b.conf"
	provision 1 --check "$tmp/b.conf" "$tmp/a.conf" "$tmp/none.conf"
	cat >"$tmp/wanted" <<-END
	l4shmc: provision: $tmp/b.conf:3: duplicate of line 1
	l4shmc: provision: $tmp/a.conf:1: bad size '1Q'
	l4shmc: provision: $tmp/none.conf: No such file or directory
	END
	diff "$tmp/wanted" "$tmp/err"
}

printable()
{
	printf 'a\033[1m 1M\n' >"$tmp/a.conf"
	provision 1 --check "$tmp/a.conf"
	grep -qF "bad name 'a\\x1b[1m'" "$tmp/err"
}

of_the_system()
{
	mkdir "$conf"
	printf 'a 1M\n' >"$conf/1.conf"
	silent --check
	printf 'a 1Q\n' >"$conf/2.conf"
	provision 1 --check
	grep -qxF "l4shmc: provision: $conf/2.conf:1: bad size '1Q'" "$tmp/err"
	rm "$conf/2.conf"
	# There is nothing to be made.
	silent
}

usage()
{
	status=0
	$tool provision "$@" 2>"$tmp/err" || status=$?
	test $status = 2
	grep -q "^Try 'l4shmc provision --help'" "$tmp/err"
}

# A mistake is told, and the device is looked for all the same, once.
without_device()
{
	printf 'x 1Q\na 1M persistent\nb 1M persistent\n' >"$tmp/a.conf"
	provision 1 "$tmp/a.conf"
	grep -qF "$tmp/a.conf:1: bad size" "$tmp/err"
	test "$(grep -c 'load the module: modprobe l4shmc' "$tmp/err")" = 1
}

check 'no configuration has no mistake' silent --check
check 'ten different mistakes are told with their lines' ten_mistakes
check 'all files are looked at' every_file
check 'what it tells is safe for a terminal' printable
check "the system's configuration" of_the_system
check 'the example has no mistake' silent --check "$srcdir/packaging/l4shmc.conf.example"
check 'a pipe' sh -c "echo 'a 1M' | $tool provision --check /dev/stdin"
check 'unknown option' usage --frob
if test -e /dev/l4shmc; then
	skip 'without a device' 'there is a device'
else
	check 'without a device' without_device
fi
done_testing
