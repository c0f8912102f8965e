#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the programs of l4re/, which know nothing but L4Re's headers: each as it
# was compiled as C and as C++, and where two of them meet in all combinations.

cd "$(dirname "$0")" || exit 1
# shellcheck source=selftests/shell.sh
. ./shell.sh

program()
{
	echo "./l4re_$1_$2"
}

# Both clients have seen both bits, also when the program is run once more.
barrier_twice()
{
	for run in first second; do
		together "$1" "$2" >"$out.$run" || return 1
		cat "$out.$run"
		[ "$(sort "$out.$run")" = "barrier: client 0, mask 3
barrier: client 1, mask 3" ] || return 1
	done
}

# Several pairs use what one that sleeps has set up; it goes with the sleeper.
with_starter()
{
	starter_failed=1
	"$1" &
	starter=$!
	if in_time [ -e "$SYSFS"/l4re-packets/signals/emptied ] &&
	   together "$2" "$3" && together "$3" "$2" && [ -e "$SYSFS"/l4re-packets ]; then
		starter_failed=0
	fi
	kill "$starter"
	wait "$starter" 2>/dev/null
	[ ! -e "$SYSFS"/l4re-packets ] || return 1
	return "$starter_failed"
}

languages=c
[ ! -x "$(program threads cxx)" ] || languages="c cxx"

for one in $languages; do
	check "two threads, $one" alone "$(program threads "$one")"
	check "a hundred signals, $one" alone "$(program hundred "$one")"
	for two in $languages; do
		check "producer in $one, then consumer in $two" \
			together "$(program producer "$one")" "$(program consumer "$two")"
		check "consumer in $one, then producer in $two" \
			together "$(program consumer "$one")" "$(program producer "$two")"
		check "both directions, $one and $two" \
			together "$(program duplex "$one")" "$(program duplex "$two")"
		check "barrier, twice, $one and $two" \
			barrier_twice "$(program barrier "$one")" "$(program barrier "$two")"
		for three in $languages; do
			check "set up in $one, produced in $two, consumed in $three" \
				with_starter "$(program starter "$one")" \
				"$(program producer "$two")" "$(program consumer "$three")"
		done
	done
done
finish
