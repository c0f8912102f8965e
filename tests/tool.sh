#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What l4shmc(1) says to wrong usage, and where there is no device.

# These come from "make check".
: "${srcdir:?}" "${package_version:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

tool=tools/l4shmc

# gives STATUS ARGUMENT...: exit status of the tool; its output is kept
gives()
{
	wanted=$1
	shift
	status=0
	$tool "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	echo "exit status $status, wanted $wanted; it said:"
	cat "$tmp/out" "$tmp/err"
	test $status = "$wanted"
}

# helps TEXT ARGUMENT...: on standard output, and nothing on standard error
helps()
{
	text=$1
	shift
	gives 0 "$@"
	grep -qF -e "$text" "$tmp/out"
	test ! -s "$tmp/err"
}

# usage TEXT ARGUMENT...: a message that has TEXT, where to find help, status 2
usage()
{
	text=$1
	shift
	gives 2 "$@"
	grep -qF -e "$text" "$tmp/err"
	grep -q "^Try 'l4shmc .*--help'" "$tmp/err"
	test ! -s "$tmp/out"
}

# fails_with TEXT ARGUMENT...: one line that has TEXT, status 1
fails_with()
{
	text=$1
	shift
	gives 1 "$@"
	grep -qF -e "$text" "$tmp/err"
	test "$(wc -l <"$tmp/err")" = 1
}

no_device()
{
	if test -e /dev/l4shmc; then
		skip "without a device: $*" 'there is a device'
	else
		check "without a device: $*" \
			fails_with 'load the module: modprobe l4shmc' "$@" </dev/null
	fi
}

# every command in it has a help of its own
all_commands()
{
	gives 0 --help
	sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$tmp/out" >"$tmp/commands"
	for wanted in create ls provision recv rm send show; do
		grep -qx $wanted "$tmp/commands"
	done
	while read -r command; do
		helps "Usage: l4shmc $command" "$command" --help
	done <"$tmp/commands"
}

output_is_full()
{
	status=0
	$tool --help >/dev/full 2>"$tmp/err" || status=$?
	test $status = 1
	grep -q 'standard output' "$tmp/err"
}

check '--help' helps 'Usage: l4shmc' --help
check '-h' helps 'Usage: l4shmc' -h
check '--version' helps "l4shmc $package_version" --version
check '--help of every command' all_commands
check 'output that cannot be written' output_is_full

check 'no command' usage 'Usage: l4shmc'
check 'unknown command' usage "unknown command 'frob'" frob
check 'empty command' usage "unknown command ''" ''
check 'unknown option' usage "unknown option '--frob'" --frob
check 'unknown option of a command' usage frob ls --frob
check 'option without its argument' usage size create --size
check 'create without a name' usage NAME create
check 'create with two names' usage NAME create one two
for size in 0 -1 '' x 1X 1KK 0x10 ' 1' 18446744073709551616 16777216T; do
	check "create --size='$size'" usage "bad size '$size'" create --size="$size" name
done
for mode in 0888 1600 7777 x '' -1 0111; do
	check "create --mode='$mode'" usage "bad mode '$mode'" create --mode="$mode" name
done
check 'create --user of nobody' usage "no such user 'no:such'" create --user=no:such name
check 'create --group of nobody' usage "no such group 'no:such'" create --group=no:such name
check 'rm without a name' usage NAME rm
check 'ls with an argument' usage argument ls name
for command in send recv; do
	check "$command without a name" usage NAME $command
	check "$command with two files" usage FILE $command name one two
	for timeout in x '' -1 1x nan 1e99; do
		check "$command --timeout='$timeout'" usage "bad timeout '$timeout'" \
			$command --timeout="$timeout" name
	done
done
for size in 0 x -1; do
	check "send --create=$size" usage "bad size '$size'" send --create="$size" name
	check "send --chunk-size=$size" usage "bad chunk size '$size'" \
		send --chunk-size="$size" name
	check "send --chunks=$size" usage "bad number of chunks '$size'" \
		send --chunks="$size" name
done

no_device create name
no_device rm name
no_device ls
no_device ls --json
no_device show
no_device show name
no_device info
no_device send name
no_device send --create --wait name
no_device recv name
no_device recv --wait --timeout=60 name
done_testing
