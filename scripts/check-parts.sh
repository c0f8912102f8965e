# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# What scripts/check consists of: parts that run side by side, the checks in
# them, and what came out.  Sourced by it.

logs=$BUILD/check
state=$logs/state
parts=()
# Two even on one CPU: there is always something that waits.
LANES=$(nproc)
[ "$LANES" -ge 2 ] || LANES=2

# --- checks ---------------------------------------------------------------

# result ok|FAILED|skipped NAME [DETAIL]
result()
{
	printf '%s\t%s\n' "$1" "$2" >>"$state/$part.results"
	printf '%-7s %s%s\n' "$1" "$2" "${3:+ ($3)}"
}

# check NAME COMMAND...: passes if the command does, each step of it; shows the end of
# what it says if not.
check()
{
	local name=$1 log start=$SECONDS

	shift
	log=$logs/${name//[^A-Za-z0-9.]/-}.log
	strictly "$@" >"$log" 2>&1 </dev/null
	if [ "$strict_status" = 0 ]; then
		result ok "$name" "$((SECONDS - start)) s"
	else
		result FAILED "$name" "log: $log"
		tail -n 15 "$log" | sed 's/^/        | /'
	fi
}

# no_output COMMAND...: fails if the command does or if it says anything
no_output()
{
	hear "$@"
	[ "$strict_status" != 0 ] || [ -n "$heard" ] || return 0
	printf '%s\n' "$heard"
	return 1
}

# no_warnings COMMAND...: likewise, if a warning or error is in what it says
no_warnings()
{
	hear "$@"
	printf '%s\n' "$heard"
	[ "$strict_status" = 0 ] && ! grep -qiE 'warning|error:' <<<"$heard"
}

# returns STATUS PATTERN COMMAND...: the command ends with that status and says
# something that matches
returns()
{
	local wanted=$1 pattern=$2

	shift 2
	hear "$@"
	printf '%s\n' "$heard"
	[ "$strict_status" = "$wanted" ] ||
		{ echo "ended with $strict_status instead of $wanted"; return 1; }
	grep -qE -- "$pattern" <<<"$heard" || { echo "does not say $pattern"; return 1; }
}

# none_skipped COMMAND...: fails if the command does, or if one of its tests is skipped
none_skipped()
{
	"$@" | awk '{ print } /^ok .*# SKIP/ { skipped = 1 } END { exit skipped }'
}

# --- parts ----------------------------------------------------------------

# part FUNCTION [ARGUMENT...]: to be run, once
part()
{
	local p

	for p in ${parts[@]+"${parts[@]}"}; do
		[ "$p" != "$*" ] || return 0
	done
	parts+=("$*")
}

part_name()
{
	local name=${1#check_}

	echo "${name//_/ }"
}

# await FUNCTION [ARGUMENT...]: until this part, if it is one, is over.  It has to
# come before the one that waits.
await()
{
	local i

	for i in "${!parts[@]}"; do
		[ "${parts[i]}" = "$*" ] || continue
		until [ -e "$state/$i.time" ]; do
			sleep 0.5
		done
	done
}

# Of what "times" prints for a shell and its children
cpu_seconds()
{
	awk '{ for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += 60 * t[1] + t[2] } }
		END { printf "%d\n", sum }'
}

run_part()
{
	local start=$SECONDS status

	part=$1
	set +e
	# shellcheck disable=SC2086 # a command and its arguments
	(set -e; ${parts[$1]}) >"$state/$1.out" 2>&1 </dev/null
	status=$?
	[ $status = 0 ] ||
		result FAILED "$(part_name "${parts[$1]}"): ended with $status" >>"$state/$1.out"
	times >"$state/$1.cpu"
	printf '%s %s %s\n' "$start" "$((SECONDS - start))" "$(cpu_seconds <"$state/$1.cpu")" \
		>"$state/$1.time.new"
	mv "$state/$1.time.new" "$state/$1.time"
}

# Prints the parts that are over, up to the first that is not.
print_parts()
{
	local start took cpu

	while [ "$printed" -lt ${#parts[@]} ] && [ -e "$state/$printed.time" ]; do
		read -r start took cpu <"$state/$printed.time"
		printf '\n== %s: %s s, %s s of CPU\n' "$(part_name "${parts[printed]}")" \
			"$took" "$cpu"
		cat "$state/$printed.out"
		printed=$((printed + 1))
	done
}

run_parts()
{
	local i running=0 printed=0

	for i in "${!parts[@]}"; do
		if [ $running = "$LANES" ]; then
			wait -n || true
			running=$((running - 1))
			print_parts
		fi
		run_part "$i" &
		running=$((running + 1))
	done
	while [ "$printed" -lt ${#parts[@]} ]; do
		wait -n || true
		print_parts
	done
}

# --- the end --------------------------------------------------------------

all_results()
{
	local i

	for i in "${!parts[@]}"; do
		[ ! -e "$state/$i.results" ] || cat "$state/$i.results"
	done
}

part_times()
{
	local i start took cpu

	echo "   from      took       CPU  part"
	for i in "${!parts[@]}"; do
		read -r start took cpu <"$state/$i.time"
		printf '%5s s  %6s s  %6s s  %s\n' "$start" "$took" "$cpu" \
			"$(part_name "${parts[i]}")"
	done
}

count_of()
{
	cut -f 1 "$logs/results" | grep -cx "$1" || true
}

# Those that have neither a passed test on a kernel nor a reason not to have one
attacks_left_out()
{
	local number kernel

	while read -r number kernel; do
		printf 'FAILED\tattack %s: no test of it has passed on %s\n' "$number" "$kernel"
	done <"$state/gaps"
}

# The tables also stay in a file, as do the results.
summary()
{
	local failed

	all_results >"$logs/results"
	: >"$state/gaps"
	awk -v gaps="$state/gaps" -f "$TOP/scripts/table.awk" "$TOP/Documentation/attacks.rst" \
		"$logs/results" >"$logs/table"
	attacks_left_out >>"$logs/results"
	echo
	cat "$logs/table"
	echo
	part_times
	failed=$(count_of FAILED)
	if [ "$failed" != 0 ]; then
		echo
		sed -n 's/^FAILED\t/FAILED  /p' "$logs/results"
	fi
	echo
	echo "$(count_of ok) passed, $failed failed, $(count_of skipped) skipped, in $SECONDS s"
	[ "$failed" = 0 ]
}
