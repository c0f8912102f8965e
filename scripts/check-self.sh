# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# Checks of scripts/check that look at scripts/check: what it must not let pass.
# Sourced by it.

check_itself()
{
	check "check: each step of a check counts" steps_count
}

# outcome COMMAND...: what becomes of it as a check, which is not one of this run
outcome()
{
	local part=x state logs

	state=$(mktemp -d)
	logs=$state
	check "$*" "$@" | sed -n 's/ ([^()]*)$//; /^[a-zA-Z]/p'
	rm -rf "$state"
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
