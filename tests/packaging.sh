#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed for systemd, udev and dkms is accepted by these.

# These come from "make check".
: "${srcdir:?}" "${MAKE:?}" "${bindir:?}" "${sysconfdir:?}" "${package_version:?}"
# shellcheck source=tests/tap.sh
. "$srcdir/tests/tap.sh"

stage=$tmp/stage
unit=packaging/systemd/l4shmc-provision.service
tmpfiles=packaging/tmpfiles.d/l4shmc.conf
sysusers=$srcdir/packaging/sysusers.d/l4shmc.conf
rules=$srcdir/packaging/udev/60-l4shmc.rules

# A root of its own, with the tool, for what looks for files there.
mkdir -p "$stage$bindir" "$stage/etc/systemd/system"
printf '#!/bin/sh\n' >"$stage$bindir/l4shmc"
chmod +x "$stage$bindir/l4shmc"

all_replaced()
{
	grep -qx "ExecStart=$bindir/l4shmc provision" "$unit"
	grep -q "^d $sysconfdir/l4shmc.d " "$tmpfiles"
	grep -qx "PACKAGE_VERSION=\"$package_version\"" packaging/dkms/dkms.conf
	fails grep '@[A-Za-z_]*@' "$unit" "$tmpfiles" packaging/dkms/dkms.conf
}

# Man pages are not looked for, and other units neither: there are none.
verify_unit()
{
	cp "$1" "$stage/etc/systemd/system/l4shmc-provision.service"
	status=0
	systemd-analyze verify --man=no --recursive-errors=no --root="$stage" \
		l4shmc-provision.service 2>"$tmp/err" || status=$?
	cat "$tmp/err"
	test $status = 0
	fails grep 'l4shmc-provision' "$tmp/err"
}

bad_unit_found()
{
	sed 's/^ProtectHome=yes/ProtectHome=maybe/' "$unit" >"$tmp/bad.service"
	fails verify_unit "$tmp/bad.service"
	grep -q 'service:[0-9]*:.*protect home' "$tmp/err"
}

has_group()
{
	mkdir -p "$stage/etc"
	systemd-sysusers --root="$stage" "$(realpath "$sysusers")"
	grep -q '^l4shmc:' "$stage/etc/group"
}

has_folder()
{
	systemd-tmpfiles --root="$stage" --create "$PWD/$tmpfiles"
	test -d "$stage$sysconfdir/l4shmc.d"
}

# rules_ok FILE: each is a list of KEY operator "value"
rules_ok()
{
	pair='[A-Z_]+(\{[^}]*\})?(==|!=|=|\+=|-=|:=)"[^"]*"'
	grep -v '^#' "$1" | grep -v '^$' >"$tmp/rules"
	test -s "$tmp/rules"
	fails grep -vE "^$pair(, *$pair)*\$" "$tmp/rules"
}

bad_rules_found()
{
	sed 's/MODE=/MODE /' "$rules" >"$tmp/bad.rules"
	fails rules_ok "$tmp/bad.rules"
}

# What README.md has one do to let a group only use the device: another mode, and all
# else as in the rule that it takes the place of.
readme_rules()
{
	command=$(sed -n 's,^    \(sed .* packaging/udev/.*\) >.*,\1,p' "$srcdir/README.md")
	(cd "$srcdir" && eval "$command") >"$tmp/readme.rules"
	rules_ok "$rules"
	mv "$tmp/rules" "$tmp/shipped"
	rules_ok "$tmp/readme.rules"
	grep 'MODE="0660"' "$tmp/rules" | sed 's/0660/0666/' | diff "$tmp/shipped" -
}

udev_verify()
{
	udevadm verify --root="$stage" "$(realpath "$rules")"
}

one_module()
{
	test "$(grep -v '^#' "$srcdir/packaging/modules-load.d/l4shmc.conf")" = l4shmc
}

# dkms_takes KERNEL: as dkms matches its pattern
dkms_takes()
{
	# shellcheck disable=SC2016 # for bash to expand
	bash -c 'kernel_source_dir= dkms_tree=; . ./packaging/dkms/dkms.conf
		[[ $1 =~ $BUILD_EXCLUSIVE_KERNEL ]]' bash "$1"
}

dkms_kernels()
{
	for kernel in 6.1.0-56-amd64 6.1 6.2.16 6.12.117+deb12-amd64 6.19.0 7.2.1 10.0 12.3-rc1; do
		dkms_takes "$kernel" || { echo "declines $kernel"; return 1; }
	done
	for kernel in 2.6.32 3.16.0-4-amd64 4.19.0 5.10.0-30-amd64 5.16.1 6.0 6.0.12 6.0.19-1; do
		! dkms_takes "$kernel" || { echo "takes $kernel"; return 1; }
	done
}

# All that kmod/ needs is in the tree for dkms: Kbuild names no other file.
dkms_tree()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$MAKE" DESTDIR="$stage" install-dkms
	tree=$stage${module_root-}/usr/src/l4shmc-$package_version
	cmp packaging/dkms/dkms.conf "$tree/dkms.conf"
	cmp "$srcdir/include/uapi/linux/l4shmc.h" "$tree/include/uapi/linux/l4shmc.h"
	objects=$(sed -n 's/^l4shmc-y := //p' "$srcdir/kmod/Kbuild")
	for object in $objects; do
		cmp "$srcdir/kmod/${object%.o}.c" "$tree/kmod/${object%.o}.c"
	done
	sed -n 's/^#include "\(.*\)"/\1/p' "$srcdir"/kmod/*.c | sort -u |
		while read -r header; do
			cmp "$srcdir/kmod/$header" "$tree/kmod/$header"
		done
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$MAKE" DESTDIR="$stage" uninstall-dkms
	test ! -e "$tree"
}

# with COMMAND NAME TEST...: a test case, if that command is there
with()
{
	if command -v "$1" >/dev/null; then
		shift
		check "$@"
	else
		skip "$2" "no $1"
	fi
}

check 'the places are filled in' all_replaced
with systemd-analyze 'systemd accepts the unit' verify_unit "$unit"
with systemd-analyze 'a mistake in a unit is found' bad_unit_found
with systemd-sysusers 'systemd-sysusers makes the group' has_group
with systemd-tmpfiles 'systemd-tmpfiles makes the folder' has_folder
if udevadm verify --help >/dev/null 2>&1; then
	check 'udev accepts the rules' udev_verify
fi
check 'the udev rules are rules' rules_ok "$rules"
check 'a mistake in rules is found' bad_rules_found
check 'README.md makes a rule for a group of it' readme_rules
check 'one module is loaded at boot' one_module
with bash 'dkms takes kernels from 6.1 on' dkms_kernels
check 'the tree for dkms is complete' dkms_tree
done_testing
