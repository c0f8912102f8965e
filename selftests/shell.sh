# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
#
# What the tests that are scripts share: results in TAP, and programs that meet.
# Sourced from where the programs are.

KSFT_SKIP=4
SYSFS=/sys/class/l4shmc
# Seconds: nothing here takes this long, however slow the machine is.
LIMIT=60

count=0
failed=0
out=$(mktemp)
trap 'rm -f "$out" "$out".*' EXIT

[ -c /dev/l4shmc ] || {
	echo "1..0 # SKIP no /dev/l4shmc: load the module"
	exit "$KSFT_SKIP"
}
echo "TAP version 13"

# check NAME COMMAND...: one line of the result, and what was said if it is bad
check()
{
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$out" 2>&1; then
		echo "ok $count $name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count $name"
	sed 's/^/# /' "$out"
}

skip()
{
	count=$((count + 1))
	echo "ok $count $1 # SKIP $2"
}

finish()
{
	echo "1..$count"
	[ "$failed" = 0 ]
}

alone()
{
	timeout "$LIMIT" "$1"
}

# together COMMAND COMMAND: at the same time; fails if one of them does
together()
{
	together_failed=0
	timeout "$LIMIT" "$1" &
	first=$!
	timeout "$LIMIT" "$2" || together_failed=1
	wait "$first" || together_failed=1
	return "$together_failed"
}

# in_time COMMAND...: tries it again and again until it is true
in_time()
{
	tries=1000
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.01
	done
}
