# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Checks of scripts/check that look at the protocol instead of running it.  Sourced
# by it.

# --- the protocol ---------------------------------------------------------

group_model()
{
	part check_model
}

check_model()
{
	local name

	need_packages spin
	for name in $("$TOP/scripts/model" -l); do
		check "model: $name" "$TOP/scripts/model" "$name"
	done
}
