# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# Checks of scripts/check that look at scripts/check: what it must not let pass.
# Sourced by it.

check_itself()
{
	check "check: each step of a check counts" steps_count
	check "check: each attack has to pass on each kernel" attacks_have_to_pass
	check "check: a test that is skipped in a guest is a failure" skips_count
}

# apart COMMAND...: what results from it is no result of this run
apart()
{
	local part=x state logs

	state=$(mktemp -d)
	logs=$state
	"$@" | sed -n 's/ ([^()]*)$//; /^[a-zA-Z]/p'
	rm -rf "$state"
}

# outcome COMMAND...: what becomes of it as a check
outcome()
{
	apart check "$*" "$@"
}

two_steps()
{
	false
	true
}

# The first step of two fails, in all that runs a command.
steps_count()
{
	diff - <(
		outcome two_steps
		outcome no_output two_steps
		outcome no_warnings two_steps
		outcome returns 0 '' two_steps
		outcome returns 1 '' two_steps
		outcome true
		if outcome true; then :; fi
	) <<-END
	FAILED  two_steps
	FAILED  no_output two_steps
	FAILED  no_warnings two_steps
	FAILED  returns 0  two_steps
	ok      returns 1  two_steps
	ok      true
	END
}

# Three rows of which each needs a test, and one that needs none
made_up_attacks()
{
	cat <<-END
	   * - 1
	     - anything
	     - a_test: \`\`attack_01_*\`\`, of which one is enough
	   * - 2
	     - what is seen on one kernel only
	     - b_test: \`\`attack_02_*\`\`, on a kernel that can be made to fail (debug)
	   * - 3
	     - what is done here in part
	     - a_test: \`\`attack_03_here\`\`.  Not here: the rest
	   * - 4
	     - what cannot be done here
	     - Not here: it breaks the machine
	END
}

# gaps_of KERNEL...: the attacks that made-up results leave out, where all tests were run
# on these kernels
gaps_of()
{
	local gaps

	gaps=$(mktemp)
	{ printf 'ok\t%s: kselftests run to their end\n' "$@"; cat; } |
		awk -v gaps="$gaps" -f "$TOP/scripts/table.awk" <(made_up_attacks) - >"$gaps.table"
	tr '\n' ';' <"$gaps"
	echo
	rm "$gaps" "$gaps.table"
}

attacks_have_to_pass()
{
	diff - <(
		gaps_of stock <<-END
		ok	stock: a_test: x.attack_01_one
		skipped	stock: a_test: x.attack_01_two # SKIP why not
		ok	stock: a_test: attack_03_here
		END
		gaps_of debug stock <<-END
		ok	debug: a_test: x.attack_01_one
		ok	debug: a_test: attack_03_here
		skipped	debug: b_test: x.attack_02_fails # SKIP why not
		skipped	stock: a_test: x.attack_01_one # SKIP why not
		ok	stock: b_test: x.attack_02_fails
		FAILED	stock: a_test: attack_03_here
		END
		gaps_of debug <<-END
		ok	other: a_test: x.attack_01_one
		ok	other: a_test: attack_03_here
		ok	debug: b_test: x.attack_02_fails
		END
	) <<-END

	1 stock;2 debug;3 stock;
	1 debug;3 debug;
	END
}

skipping_program()
{
	cat <<-END
	1..1
	# selftests: l4shmc: fault_test
	# 1..2
	# ok 1 fault.one
	# ok 2 fault.two # SKIP the kernel cannot do it
	ok 1 selftests: l4shmc: fault_test
	END
}

skips_count()
{
	diff - <(
		outcome none_skipped echo 'ok 1 good'
		outcome none_skipped echo 'ok 1 bad # SKIP the kernel cannot do it'
		apart kselftest_results stock <(skipping_program)
		apart kselftest_results kcsan <(skipping_program)
	) <<-END
	ok      none_skipped echo ok 1 good
	FAILED  none_skipped echo ok 1 bad # SKIP the kernel cannot do it
	ok      stock: fault_test: fault.one
	FAILED  stock: fault_test: fault.two # SKIP the kernel cannot do it
	ok      kcsan: fault_test: fault.one
	skipped kcsan: fault_test: fault.two # SKIP the kernel cannot do it
	END
}
