# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# What scripts/check does with --long only: further kernels, and runs that take
# from half an hour to hours.  Sourced by it.
#
# To add one: a function check_NAME, and a line "part check_NAME" in group_long.

LONG_KERNELS=(kcsan 6.12-rt 6.1-rt)

group_long()
{
	local kernel

	part check_selftests_build
	for kernel in "${LONG_KERNELS[@]}"; do
		part check_kernel "$kernel"
		part check_kselftest "$kernel"
		part check_module "$kernel"
	done
	part check_faults
	part check_static coccinelle scan-build clang-tidy
	group_attacks
	part check_fuzz debug 20000000
	# Which cannot be guided, and is slower
	part check_fuzz kcsan 2000000
	group_valgrind
}

# --- fuzzing --------------------------------------------------------------

run_fuzz()
{
	run_vm "$1" "fuzz-$1" --overlay "$BUILD/selftests" --timeout 36000 -- \
		/selftests/l4shmc-debug/fuzz --calls "$2"
}

check_fuzz()
{
	await check_selftests_build
	await check_kernel "$1"
	check "$1: fuzzer, $2 calls" run_fuzz "$1" "$2"
	sed -n 's/^# \(seed.*\|.* calls in .*\|.* places of .*\)/        \1/p' \
		"$logs/$1--fuzzer--$2-calls.log"
}

# --- attacks as often as their list says ------------------------------------

# In Documentation/attacks.rst; by default the tests do what takes seconds.
group_attacks()
{
	local number

	part check_selftests_build
	part check_kernel 6.12
	for number in 12 20 36 47 64; do
		part check_attack $number
	done
	part check_kernel debug
	for number in 20 38 47 64; do
		part check_attack_debug $number
	done
}

# attack KERNEL WHAT VARIABLE=VALUE PROGRAM [CASE]...
attack()
{
	local kernel=$1 what=$2 variable=$3 program=$4 cases=() name

	shift 4
	for name; do
		cases+=(-t "$name")
	done
	check "$kernel: $what" none_skipped run_vm "$kernel" "$kernel-$program-in-full" \
		--overlay "$BUILD/selftests" --mem 6144 --timeout 36000 -- \
		env "$variable" "/selftests/l4shmc/$program" ${cases[@]+"${cases[@]}"}
}

check_attack()
{
	await check_selftests_build
	await check_kernel 6.12
	case $1 in
	12)	# 128 times as many as by default
		attack 6.12 "attack 12: 1,048,576 names" \
			L4SHMC_TEST_SCALE=12800 user_test attack_12_records_up_to_the_limit ;;
	20)	# 3 cases of 4,000 operations
		attack 6.12 "attack 20: 1,000,000 operations among hostile peers, with sanitizers" \
			L4SHMC_TEST_SCALE=8400 hostile_test_asan ;;
	36)	# 14 cases of 1,000 rounds
		attack 6.12 "attack 36: 10,000,000 rounds lose no wake-up" \
			L4SHMC_TEST_SCALE=71500 stress_test attack_36_delays_and_waits \
			attack_36_delays_and_looks attack_36_delays_and_calls \
			attack_36_delays_and_sets attack_36_delays_and_polls \
			attack_36_delays_and_polled_sets \
			attack_36_delays_and_waiters_of_all_kinds ;;
	47)	attack 6.12 "attack 47: 10,000 kills" \
			L4SHMC_TEST_KILLS=10000 kill_test attack_47_random_kills ;;
	64)	attack 6.12 "attack 64: 1,000 times loaded and unloaded" \
			L4SHMC_TEST_SCALE=5000 module_test attack_64_load_use_unload ;;
	esac
}

# Where loops are shorter by default: what stays behind is found there.
check_attack_debug()
{
	await check_selftests_build
	await check_kernel debug
	case $1 in
	20)	# All of them, where by default some are chosen
		attack debug "attack 20: conformance tests among hostile peers" \
			L4SHMC_TEST_SCALE=400 hostile_conformance_test ;;
	38)	attack debug "attack 38: 1,000 sleepers" \
			L4SHMC_TEST_SCALE=100 stress_test \
			attack_38_destroyed_under_1000_sleepers_in_a_set \
			attack_38_last_close_under_1000_sleepers ;;
	47)	attack debug "attack 47: 1,000 kills" \
			L4SHMC_TEST_KILLS=1000 kill_test attack_47_random_kills ;;
	64)	attack debug "attack 64: 100 times loaded and unloaded" \
			L4SHMC_TEST_SCALE=500 module_test attack_64_load_use_unload ;;
	esac
}

# --- valgrind -------------------------------------------------------------

group_valgrind()
{
	local program

	part check_selftests_build
	part check_kernel 6.12
	part check_valgrind_build
	for program in conformance_test conformance_ring_test conformance_base_test; do
		part check_valgrind $program
	done
}

# The parts of valgrind that the guest needs, and the symbols of the functions
# that it replaces.
valgrind_tree()
{
	local tree=$1 parts=/usr/libexec/valgrind file id

	rm -rf "$tree"
	mkdir -p "$tree/usr/bin" "$tree$parts"
	cp /usr/bin/valgrind /usr/bin/valgrind.bin "$tree/usr/bin/"
	cp $parts/default.supp $parts/{memcheck,vgpreload_{core,memcheck}}-amd64-linux* \
		"$tree$parts/"
	for file in ld-linux-x86-64.so.2 libc.so.6; do
		id=$(readelf -n "$(gcc -print-file-name=$file)" | sed -n 's/^ *Build ID: //p')
		id=.build-id/${id:0:2}/${id:2}.debug
		install -D -m 644 "/usr/lib/debug/$id" "$tree/usr/lib/debug/$id"
	done
}

# Every case of a program, each in a process of its own.  Blocks that only a
# thread of the test refers to, which still sleeps at the end, are no leak.
run_valgrind()
{
	run_vm 6.12 "valgrind-$1" --overlay "$BUILD/selftests" --overlay "$BUILD/valgrind" \
		--mem 2048 --timeout 2400 -- valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
		"/selftests/l4shmc/$1"
}

check_valgrind_build()
{
	need_packages "${PACKAGES_VALGRIND[@]}"
	check "valgrind is taken apart" valgrind_tree "$BUILD/valgrind"
}

check_valgrind()
{
	await check_selftests_build
	await check_kernel 6.12
	await check_valgrind_build
	check "6.12: $1 under valgrind" none_skipped run_valgrind "$1"
}
