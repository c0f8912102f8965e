# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the test scripts share: results in the Test Anything Protocol, and a
# scratch folder.

set -eu
tap_count=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# strictly COMMAND...: its status, with set -e in force for what it is made of,
# which "if" and "||" would switch off
strictly()
{
	set +e
	(set -e; "$@")
	tap_status=$?
	set -e
}

# check NAME COMMAND...: a test case; what the command says is shown if it fails
check()
{
	tap_name=$1
	shift
	tap_count=$((tap_count + 1))
	strictly "$@" </dev/null >"$tmp/tap.log" 2>&1
	if test $tap_status = 0; then
		echo "ok $tap_count - $tap_name"
	else
		echo "not ok $tap_count - $tap_name"
		sed 's/^/# /' "$tmp/tap.log"
	fi
}

# skip NAME REASON
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# fails COMMAND...: true if that ends with an error
fails()
{
	strictly "$@"
	test $tap_status != 0 || { echo "succeeded: $*"; return 1; }
}

done_testing()
{
	echo "1..$tap_count"
}
