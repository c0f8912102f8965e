#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the examples and looks at what they say.

cd "$(dirname "$0")" || exit 1
# shellcheck source=selftests/shell.sh
. ./shell.sh

# Everything that a loop waits for has come, whatever the order.
loop_sees_everything()
{
	timeout "$LIMIT" "$1" >"$out.loop" || return 1
	cat "$out.loop"
	[ "$(grep -c '^timer$' "$out.loop")" = 3 ] || return 1
	grep -q '^signal$' "$out.loop" && grep -q '^socket: hello' "$out.loop" || return 1
	! ls -d "$SYSFS"/example-* 2>/dev/null
}

# messages_arrive FIRST SECOND: producer and consumer, in this order
messages_arrive()
{
	messages_failed=1
	# What the last one said is no sign that this one is ready.
	rm -f "$out.master"
	timeout "$LIMIT" ./example_master >"$out.master" &
	master=$!
	if in_time grep -q 'waiting for clients' "$out.master" &&
	   together "./example_$1" "./example_$2" >"$out.pair"; then
		messages_failed=0
	fi
	[ "$messages_failed" = 0 ] || kill "$master"
	wait "$master" || messages_failed=1
	cat "$out.master" "$out.pair"
	[ "$(cat "$out.pair")" = "consumer: message 1 of 5
consumer: message 2 of 5
consumer: message 3 of 5
consumer: message 4 of 5
consumer: message 5 of 5" ] || messages_failed=1
	[ "$(tail -n 1 "$out.master")" = "master: both have left" ] || messages_failed=1
	[ ! -e "$SYSFS"/example ] || messages_failed=1
	return "$messages_failed"
}

for loop in poll epoll uring uv glib; do
	if [ -x ./example_loop_$loop ]; then
		check "loop_$loop" loop_sees_everything ./example_loop_$loop
	else
		skip "loop_$loop" "built without what it needs"
	fi
done
check "master, producer, consumer" messages_arrive producer consumer
check "master, consumer, producer" messages_arrive consumer producer
finish
