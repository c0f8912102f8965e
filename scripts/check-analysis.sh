# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Checks of scripts/check that look at the protocol and at the source instead of
# running them.  Sourced by it.

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

# --- the source -----------------------------------------------------------

group_static()
{
	part check_static clang analyzer
}

# check_static CHECK...: by scripts/static
check_static()
{
	local name

	for name; do
		check "static: $name" "$TOP/scripts/static" "$name"
	done
}

# --- the tests ------------------------------------------------------------

# In --long only: each fault takes a guest.
check_faults()
{
	check "planted faults are found" "$TOP/scripts/faults"
	sed -n 's/^[0-9].* planted faults found$/        &/p' "$logs/planted-faults-are-found.log"
}
