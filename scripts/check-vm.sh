# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Checks of scripts/check in virtual machines.  Sourced by it.

# run_vm KERNEL LOG ARGUMENT...
run_vm()
{
	local kernel=$1 log=$2

	shift 2
	"$TOP/vm/run" --kernel "$kernel" --log "$logs/$log.kernel" "$@"
}

# --- kernels --------------------------------------------------------------

group_kernels()
{
	local kernel

	for kernel in "${KERNELS[@]}"; do
		part check_kernel "$kernel"
	done
}

check_kernel()
{
	check "kernel $1 is there" get_kernel "$1"
	sed -n 's/^is /        /p' "$logs/kernel-$1-is-there.log"
}

# At the end, so that a kernel that cannot be had is told with its reason.
get_kernel()
{
	local release

	release=$(kernel_release "$1")
	need_headers "$release"
	need_image "$release"
	has_options "$release"
	echo "is $release"
}

# What the selftests ask for, built in or as a module
has_options()
{
	local config option status=0

	config=$(kernel_headers "$1")/include/config/auto.conf
	while read -r option; do
		grep -qE "^$option=[ym]\$" "$config" ||
			{ echo "is without $option"; status=1; }
	done < <(sed -n 's/^\(CONFIG_.*\)=.*/\1/p' "$TOP/selftests/config")
	return $status
}

# --- the runner -----------------------------------------------------------

group_vm()
{
	part check_itself
	part check_selftests_build
	part check_kernel 6.12
	part check_runner
	part check_splats
	# It takes long to build.
	case " ${KERNELS[*]} " in
	*" debug "*)
		part check_kernel debug
		part check_sanitizer ;;
	esac
}

# What must not pass unseen
check_runner()
{
	await check_selftests_build
	await check_kernel 6.12
	check "vm: exit status comes back" returns 7 hello \
		run_vm 6.12 vm-status sh -c 'echo hello; exit 7'
	check "vm: a complaint of the kernel fails the run" returns 120 'WARNING: planted' \
		run_vm 6.12 vm-splat sh -c 'echo "WARNING: planted" >/dev/kmsg'
	check "vm: a tainted kernel fails the run" returns 120 'it is tainted: ' \
		run_vm 6.12 vm-taint sh -c 'echo 512 >/proc/sys/kernel/tainted'
	check "vm: a panic fails the run" returns 120 'Kernel panic' \
		run_vm 6.12 vm-panic sh -c 'echo c >/proc/sysrq-trigger'
	check "vm: a hang ends in a timeout that says where" returns 124 'while running sleep' \
		run_vm 6.12 vm-hang --timeout 20 sleep 1000
	check "vm: a guest that is gone is noticed" returns 122 'went down while running' \
		run_vm 6.12 vm-gone sh -c 'echo b >/proc/sysrq-trigger'
	check "vm: a module that stays in use fails the run" returns 121 'does not unload' \
		run_vm 6.12 vm-busy l4shmc create --size 4K stays
}

# Each line that a kernel may complain with is told, and each pattern has one.
every_splat_is_told()
{
	local line pattern status=0

	while read -r line; do
		[ "$(first_splat - <<<"[   12.345678] $line")" = "[   12.345678] $line" ] ||
			{ echo "not told: $line"; status=1; }
	done < <(grep -v '^#' "$TOP/vm/splats.examples")
	while read -r pattern; do
		grep -qE -- "$pattern" "$TOP/vm/splats.examples" ||
			{ echo "no example: $pattern"; status=1; }
	done < <(splat_patterns)
	return $status
}

# told_races: the titles in vm/races.examples that stand below "told" there
told_races()
{
	awk '/^# /{ told = /^# told: / } told && /BUG: KCSAN: /' "$TOP/vm/races.examples"
}

# Each race that is the driver's is told, and no other.
every_race_is_told()
{
	diff <(told_races) \
		<(awk -f "$TOP/vm/races.awk" "$TOP/vm/races.examples" | grep 'BUG: KCSAN: ')
	[ "$(first_splat "$TOP/vm/races.examples")" = "$(told_races | head -n 1)" ]
}

check_splats()
{
	check "every complaint of a kernel is told" every_splat_is_told
	check "every data race of the driver is told" every_race_is_told
}

# Those of a kernel that looks after itself are really seen.  Lockdep gives up when a
# module is loaded that is not GPL, and says so in no line of vm/splats.
check_sanitizer()
{
	await check_kernel debug
	check "debug: use after free fails the run" returns 120 'KASAN: .*use-after-free' \
		run_vm debug debug-kasan sh -c \
		'echo WRITE_AFTER_FREE >/sys/kernel/debug/provoke-crash/DIRECT'
	check "debug: lockdep that is off fails the run" returns 120 'lockdep has switched' \
		run_vm debug debug-lockdep sh -c 'rmmod l4shmc
		sed s/license=GPL/license=Not/ /vm/l4shmc.ko >/tmp/l4shmc.ko
		insmod /tmp/l4shmc.ko'
}

# --- the selftests --------------------------------------------------------

group_kselftest()
{
	local kernel

	part check_selftests_build
	for kernel in "${KERNELS[@]}"; do
		part check_kernel "$kernel"
		part check_kselftest "$kernel"
	done
}

check_selftests_build()
{
	check "results of kselftests are read" results_are_read
	check "library, tool and selftests build and install" build_selftests
}

# may_skip TEXT: whether scripts/skips has this test
may_skip()
{
	local pattern

	while read -r pattern; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern ]] || return 0
	done < <(grep '^[^#]' "$TOP/scripts/skips")
	return 1
}

# kselftest_results KERNEL FILE: the cases of every program that the runner ran
kselftest_results()
{
	local kind name

	while IFS=$'\t' read -r kind name; do
		if [ "$kind" = said ]; then
			printf '        | %s\n' "$name"
		elif [ "$kind" = skipped ] && ! may_skip "$1: $name"; then
			result FAILED "$1: $name" "skipped, which scripts/skips does not know"
		else
			result "$kind" "$1: $name"
		fi
	done < <(awk -f "$TOP/scripts/kselftest.awk" "$2")
}

# A program with each fate, and what has to come out.
results_are_read()
{
	diff - <(awk -f "$TOP/scripts/kselftest.awk" <<-END
		1..5
		# selftests: l4shmc: good
		# 1..2
		# ok 1 good.one
		# ok 2 good.two # SKIP no such thing
		ok 1 selftests: l4shmc: good
		# selftests: l4shmc: bad
		# 1..1
		# #  RUN           bad.one ...
		# # bad.c:7:one:Expected 1 (1) == 2 (2)
		# not ok 1 bad.one
		not ok 2 selftests: l4shmc: bad # exit=1
		# selftests: l4shmc: short
		# 1..2
		# ok 1 short.one
		ok 3 selftests: l4shmc: short
		# selftests: l4shmc: stuck
		# 1..1
		not ok 4 selftests: l4shmc: stuck # TIMEOUT 45 seconds
		# selftests: l4shmc: lost
		END
	) <<-END
	ok	good: good.one
	skipped	good: good.two # SKIP no such thing
	FAILED	bad: bad.one
	said	# # bad.c:7:one:Expected 1 (1) == 2 (2)
	ok	short: short.one
	FAILED	short: 1 cases of 2
	FAILED	stuck: not ok 4 selftests: l4shmc: stuck # TIMEOUT 45 seconds
	FAILED	programs: 4 of 5 ended
	END
}

check_kselftest()
{
	local log=$logs/kselftest-$1.log

	await check_selftests_build
	await check_kernel "$1"
	check "$1: kselftests run to their end" run_kselftests "$1" "$log"
	kselftest_results "$1" "$log"
	slow_programs "$log"
	check_cost "$1"
	check_large "$1"
	[ "$1" != debug ] || check_coverage
}

# By all the selftests
check_coverage()
{
	check "debug: lines of the driver that are reached" \
		"$TOP/scripts/coverage" "$logs/debug.gcov"
	sed -n 's/^\(.* lines reached.*\)$/        \1/p' \
		"$logs/debug--lines-of-the-driver-that-are-reached.log"
}

# 5 GiB that are cleared again and again: a kernel that looks after all of them is slow.
# What is cut to 32 bits is so on all kernels.
check_large()
{
	local program programs=(large_test)

	case $1 in
	debug|kcsan) return ;;
	6.12) programs+=(large_test_32) ;;
	esac
	for program in "${programs[@]}"; do
		check "$1: $program in 5 GiB" run_vm "$1" "$program-$1" --mem 5120 \
			--timeout 1200 --overlay "$BUILD/selftests" -- "/selftests/l4shmc/$program"
		tap_results "$1: $program" "$logs/$1--${program//_/-}-in-5-GiB.log"
	done
}

# tap_results SERIES FILE: the cases of a program that was run by itself
tap_results()
{
	local kind name

	while IFS=$'\t' read -r kind name; do
		result "$kind" "$1: $name"
	done < <(sed -nE 's/^ok [0-9]+ (.*# SKIP)/skipped\t\1/p; t; s/^ok [0-9]+ /ok\t/p
		s/^not ok [0-9]+ /FAILED\t/p' "$2")
}

# run_cost KERNEL PROGRAM.  No time is told by it: a machine that does other things may
# take long.
run_cost()
{
	run_vm "$1" "$2-$1" --icount --timeout 1200 --overlay "$BUILD/selftests" -- \
		"/selftests/l4shmc/$2"
}

# In instructions, which are the same every time; those of a kernel that looks
# after itself say nothing.
check_cost()
{
	case $1 in
	debug|kcsan) return ;;
	esac
	check "$1: cost of wait_any" run_cost "$1" wait_any_cost
	sed -n 's/^# \(.* instructions an event\)$/        \1/p' "$logs/$1--cost-of-wait-any.log"
	check "$1: calls beside a third task" run_cost "$1" call_cost
	sed -n 's/^ok 1 .*: \(.* of .*\)$/        \1 round trips/p' \
		"$logs/$1--calls-beside-a-third-task.log"
	check "$1: rings beside idle bindings" run_cost "$1" ring_cost
	sed -n 's/^ok . \(.*\)$/        \1/p' "$logs/$1--rings-beside-idle-bindings.log"
}

# Programs for a kernel that can be told to fail are a collection of their own.
# Where all is slow, loops of tests are shorter.
run_kselftests()
{
	local status=0 collection=(-c l4shmc) timeout=2400 scale=100 options=()

	case $1 in
	debug|kcsan)
		collection=()
		timeout=7200
		scale=10 ;;
	esac
	[ "$1" != debug ] || options=(--coverage "$logs/debug.gcov")
	# The kernel is not to clear pages where the driver has to.
	run_vm "$1" "kselftest-$1" --overlay "$BUILD/selftests" --disk 64 --mem 2048 \
		--timeout $timeout --append init_on_alloc=0 ${options[@]+"${options[@]}"} -- \
		env L4SHMC_TEST_SCALE=$scale /selftests/run_kselftest.sh \
		${collection[@]+"${collection[@]}"} | timed "$2" || status=$?
	tail -n 5 "$2"
	return $status
}

# timed FILE: the input goes there, and how long each program took next to it.
timed()
{
	local line program='' start=$SECONDS

	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		'# selftests: '*)
			program=${line##* }
			start=$SECONDS ;;
		[on]*' selftests: '*)
			printf '%s %s\n' "$((SECONDS - start))" "$program" >&3 ;;
		esac
	done >"$1" 3>"$1.times"
}

slow_programs()
{
	sort -rn "$1.times" | head -n 6 | awk '{ t = t sep $2 " " $1 " s"; sep = ", " }
		END { print "        longest: " t }'
}

# --- what things cost -----------------------------------------------------

group_performance()
{
	part check_selftests_build
	part check_kernel 6.12
	part check_performance
}

# In instructions; on what else they depend may be different here, and then a row
# that is dearer says nothing.
check_performance()
{
	local log=$logs/performance.log status=0 start=$SECONDS

	await check_selftests_build
	await check_kernel 6.12
	"$TOP/scripts/bench" --compare >"$log" 2>&1 </dev/null || status=$?
	case $status in
	0)	result ok "no row is dearer than recorded" "$((SECONDS - start)) s" ;;
	3)	result skipped "no row is dearer than recorded" "another machine, log: $log" ;;
	*)	result FAILED "no row is dearer than recorded" "log: $log"
		tail -n 15 "$log" | sed 's/^/        | /' ;;
	esac
	sed -n '/^goal /,/^$/s/^\(.\)/        \1/p' "$log"
}

# --- the demo -------------------------------------------------------------

group_demo()
{
	part check_selftests_build
	part check_kernel 6.12
	part check_demo
}

check_demo()
{
	await check_selftests_build
	await check_kernel 6.12
	: >"$logs/empty"
	check "demo with the kernel's image" returns 0 'nothing is left' "$TOP/scripts/demo"
	check "demo with an empty file" returns 0 'nothing is left' "$TOP/scripts/demo" \
		"$logs/empty"
}
