#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# l4shmc-bench: what it says to wrong usage, and that what needs no driver is
# measured, and is written as it should be.

# These come from "make check".
: "${srcdir:?}" "${package_version:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

bench=tools/bench/l4shmc-bench

# gives STATUS ARGUMENT...: exit status; what it says is kept
gives()
{
	wanted=$1
	shift
	status=0
	$bench "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	echo "exit status $status, wanted $wanted; it said:"
	cat "$tmp/out" "$tmp/err"
	test $status = "$wanted"
}

# usage ARGUMENT...: a message that has the last of them
usage()
{
	gives 2 "$@"
	for last; do :; done
	grep -qF -e "$last" "$tmp/err"
	grep -q "^Try 'l4shmc-bench --help'" "$tmp/err"
	test ! -s "$tmp/out"
}

tells_version()
{
	gives 0 --version
	test "$(cat "$tmp/out")" = "l4shmc-bench $package_version"
}

# The figure of a row of the last run: SUBJECT COLUMN
cell()
{
	awk -v subject="$1" -v column="$2" '$2 == subject { print $column }' "$tmp/out"
}

# What a system call costs is not nothing; nor are there two in one.
measures_calls()
{
	gives 0 -q -n 1 -p same-cpu -s syscall,posix-sem,eventfd trigger-idle
	test "$(cell posix-sem 11)" = 0.00
	test "$(cell syscall 11)" = 1.00
	test "$(cell eventfd 11)" = 1.00
	awk -v a="$(cell posix-sem 5)" -v b="$(cell syscall 5)" 'BEGIN { exit !(0 < a && a < b) }'
}

# An array of objects, with all that has to be in each
writes_json()
{
	gives 0 -q -n 1 -j - -p same-cpu -s pipe,eventfd-epoll blocked-round-trip wait-any:3
	test ! -s "$tmp/err"
	head -n 1 "$tmp/out" | grep -qx '\['
	tail -n 1 "$tmp/out" | grep -qx '\]'
	sed '1d;$d' "$tmp/out" >"$tmp/objects"
	test "$(wc -l <"$tmp/objects")" = 3
	number='[0-9]+\.[0-9]{3}'
	json='^\{"case": "[a-z-]+", "subject": "[a-z-]+", "param": (null|3), '
	json="$json\"placement\": \"same-cpu\", \"unit\": \"(ns|instructions)\", "
	json="$json\"median\": $number, \"p99\": $number, \"p999\": $number, \"max\": $number, "
	json="$json\"samples\": [0-9]+, \"steady\": (true|false), \"calls\": (null|$number)\},?\$"
	grep -vE "$json" "$tmp/objects" | fails grep .
	grep -q '"subject": "eventfd-epoll", "param": 3' "$tmp/objects"
	# The last one has no comma behind it, all others have.
	test "$(sed '$d' "$tmp/objects" | grep -c '},$')" = 2
	tail -n 1 "$tmp/objects" | grep -q '}$'
}

writes_file()
{
	gives 0 -q -n 1 -j "$tmp/json" -p same-cpu -s syscall wait-pending
	test "$(wc -l <"$tmp/out")" = 2
	test "$(wc -l <"$tmp/json")" = 3
}

# It says so before anything is measured.
no_such_folder()
{
	gives 1 -q -n 1 "$1" "$tmp/none/there" -p same-cpu -s syscall wait-pending
	grep -q "$tmp/none/there" "$tmp/err"
	test ! -s "$tmp/out"
}

nothing_to_measure()
{
	gives 1 "$@"
	grep -q 'nothing to measure' "$tmp/err"
	test ! -s "$tmp/out"
}

# Those who read the results know these names.
lists_names()
{
	gives 0 --list
	for name in blocked-round-trip trigger-idle wait-pending stream hand-over wait-any \
		    attach-by-name lifecycle first-touch kernel-memory l4shmc l4shmc-call futex \
		    eventfd eventfd-epoll pipe unix-dgram unix-seqpacket mqueue ntsync pthread-cond \
		    sched-yield syscall cache-line memcpy; do
		grep -q "^  $name  *[A-Za-z]" "$tmp/out" || { echo "no $name"; false; }
	done
}

# Columns of the row: 5 to 8 never go down.
in_order()
{
	gives 0 -q -n 1 -p same-cpu -s pipe,mqueue,unix-dgram,pthread-cond blocked-round-trip
	test "$(wc -l <"$tmp/out")" -gt 1
	sed 1d "$tmp/out" | awk '$5 > $6 || $6 > $7 || $7 > $8 + 0' | fails grep .
}

draws()
{
	gives 0 -q -n 1 -o "$tmp/plot" -p same-cpu -s eventfd-poll wait-any:2,4
	for picture in wait-any-2-same-cpu wait-any-4-same-cpu wait-any-scaling-same-cpu; do
		test -s "$tmp/plot/$picture.gp"
		grep -q '</svg>' "$tmp/plot/$picture.svg"
	done
}

without_driver()
{
	gives 0 -q -n 1 -p same-cpu -s l4shmc trigger-idle
	grep -q 'without l4shmc: no /dev/l4shmc' "$tmp/err"
	test "$(wc -l <"$tmp/out")" = 1
}

nothing_left()
{
	find /dev/shm /dev/mqueue -name '*l4shmc-bench*' 2>/dev/null | fails grep .
}

check 'version' tells_version
check 'an unknown option' usage --frobnicate
check 'an unknown case' usage frobnicate
check 'an unknown parameter' usage wait-any:few
check 'a parameter where there is none' usage trigger-idle:1
check 'an unknown subject' usage -s futex,frob
check 'an unknown placement' usage -p nowhere
check 'a wrong number of passes' usage -n 0
check 'system calls are counted' measures_calls
check 'JSON on standard output' writes_json
check 'JSON in a file' writes_file
check 'a file that cannot be written' no_such_folder --json
check 'a folder that cannot be made' no_such_folder --plot
check 'a case that a subject does not do' nothing_to_measure -s futex stream
check 'two CPUs where one is enough' nothing_to_measure -p cross-cpu trigger-idle
check 'names of cases and subjects' lists_names
check 'percentiles are in order' in_order
if command -v gnuplot >/dev/null; then
	check 'pictures' draws
else
	skip 'pictures' 'gnuplot is missing'
fi
if test -e /dev/l4shmc; then
	skip 'without a device' 'there is a device'
else
	check 'without a device' without_driver
fi
check 'objects of others are taken away' nothing_left
done_testing
