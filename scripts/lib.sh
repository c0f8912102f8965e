# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# What the scripts and vm/run share: messages, packages, kernels, building.
# Source it from bash; it changes no setting of the shell.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${L4SHMC_BUILD:-$TOP/build}
CACHE=${L4SHMC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/l4shmc}
LOG=${L4SHMC_LOG:-$BUILD/setup.log}
JOBS=$(nproc)

# What the scripts need on a machine that has only gcc and make.
PACKAGES_MODULE=(bc libelf-dev pahole xz-utils kmod)
PACKAGES_USER=(autoconf automake libtool pkg-config libjson-c-dev)
PACKAGES_SELFTESTS=(gcc-multilib g++ liburing-dev libuv1-dev libglib2.0-dev rsync)
PACKAGES_BENCH=(libzmq3-dev libnng-dev libqb-dev libboost-dev libck-dev g++)
PACKAGES_VALGRIND=(valgrind libc6-dbg)
PACKAGES_VM=(qemu-system-x86 busybox-static cpio kmod xz-utils bash strace)

say()
{
	printf '%s\n' "$*"
}

# The script's name as one calls it from the top of the tree.
ME=$(basename "$(dirname "$(realpath "$0")")")/${0##*/}

warn()
{
	printf '%s: %s\n' "$ME" "$*" >&2
}

die()
{
	warn "$@"
	exit 125
}

# Runs a command with its output in the log only.
quietly()
{
	mkdir -p "$BUILD" "$(dirname "$LOG")"
	echo '*' >"$BUILD/.gitignore"
	printf '+ %s\n' "$*" >>"$LOG"
	"$@" >>"$LOG" 2>&1 </dev/null
}

# must MESSAGE COMMAND...: quietly, but its failure is the end, with what it said last.
must()
{
	local message=$1

	shift
	quietly "$@" && return
	tail -n 10 "$LOG" >&2
	die "$message, see $LOG"
}

# strictly COMMAND...: leaves its status in strict_status, with set -e in force for what
# it is made of.  "if", "&&", "||" and "!" around a call would switch that off, so that it
# would say nothing: then this is the end.
strictly()
{
	local flags=$-

	set +e
	(set -e; false; true)
	# shellcheck disable=SC2181 # as a condition it would show nothing
	[ $? != 0 ] || die "called where set -e is not in force: $*"
	(set -e; "$@")
	strict_status=$?
	[[ $flags != *e* ]] || set -e
}

# hear COMMAND...: likewise, and leaves what it says in heard
hear()
{
	local flags=$-

	set +e
	heard=$(strictly "$@" 2>&1; exit "$strict_status")
	strict_status=$?
	[[ $flags != *e* ]] || set -e
}

# first_splat LOG: the first line of a kernel's log that matches vm/splats, and is no
# data race of the kernel's own
first_splat()
{
	LC_ALL=C sed -E '/ommand line: /d; s/\r$//' "$1" |
		LC_ALL=C awk -f "$TOP/vm/races.awk" |
		LC_ALL=C grep -aEf <(splat_patterns) | head -n 1 || true
}

splat_patterns()
{
	grep -v '^#' "$TOP/vm/splats"
}

# --- packages -------------------------------------------------------------

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "not root and no sudo; run as root: $*"
	fi
}

package_installed()
{
	# shellcheck disable=SC2016 # the format is dpkg's, not the shell's
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

package_known()
{
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

update_lists()
{
	[ -z "${lists_updated:-}" ] || return 0
	say "updating the package lists (apt-get update)"
	must "apt-get update failed" as_root apt-get update
	lists_updated=1
}

# Refreshes apt's lists if one of the packages is not in them.
know_packages()
{
	local p

	for p; do
		package_known "$p" || update_lists
		package_known "$p" || die "no package $p in the configured sources of apt"
	done
}

# Installs those packages that are missing, and says so.
need_packages()
{
	local missing=() p

	for p; do
		package_installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	know_packages "${missing[@]}"
	say "installing with apt-get: ${missing[*]}"
	must "apt-get install failed" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 "${missing[@]}"
}

# fetch_packages DIR PACKAGE...: unpacks packages below DIR without installing.
fetch_packages()
{
	local dir=$1 tmp p

	shift
	know_packages "$@"
	say "downloading into the cache: $*"
	tmp=$(mktemp -d)
	for p; do
		(cd "$tmp" && must "cannot download $p" apt-get download "$p")
	done
	mkdir -p "$dir"
	for p in "$tmp"/*.deb; do
		must "cannot unpack ${p##*/}" dpkg -x "$p" "$dir"
	done
	rm -rf "$tmp"
}

# Tools of the super user, which an ordinary user's PATH may lack.
sbin()
{
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" || die "no $1 on this machine"
}

# with_lock FILE COMMAND...: one at a time among all who name this file.
with_lock()
{
	local file=$1 fd

	shift
	mkdir -p "$(dirname "$file")"
	exec {fd}>"$file"
	flock "$fd"
	"$@"
	exec {fd}>&-
}

# shellcheck source=scripts/kernel.sh
. "$TOP/scripts/kernel.sh"

# --- building -------------------------------------------------------------

module_dir()
{
	echo "$BUILD/kmod-$1"
}

# copy_changed FROM TO: keeps the times of what is the same, for make.
copy_changed()
{
	local f

	mkdir -p "$2"
	for f in "$1"/*; do
		[ -f "$f" ] || continue
		cmp -s "$f" "$2/${f##*/}" || cp "$f" "$2/"
	done
}

# module_tree RELEASE: a copy of kmod/ and of the header it includes, so that
# the builds for several kernels live side by side and outside of the source.
module_tree()
{
	local dir

	dir=$(module_dir "$1")
	copy_changed "$TOP/kmod" "$dir/kmod"
	copy_changed "$TOP/include/uapi/linux" "$dir/include/uapi/linux"
	echo "$dir/kmod"
}

# module_make RELEASE [MAKE-ARGUMENT...]
module_make()
{
	local release=$1 tree

	shift
	tree=$(module_tree "$release")
	case $(kernel_kind "$release") in
	sid)	sid_make "$(module_dir "$release")" -C "/usr/src/linux-headers-$release" \
			M=/build/kmod -j"$JOBS" "$@" modules ;;
	# With lines for what kcov and the sanitizers tell, and for gcov
	own)	make -C "$(kernel_headers "$release")" M="$tree" -j"$JOBS" KCFLAGS=-g \
			GCOV_PROFILE=y "$@" modules ;;
	*)	make -C "$(kernel_headers "$release")" M="$tree" -j"$JOBS" "$@" modules ;;
	esac
}

# build_module RELEASE: builds the driver; module_file says where it is.
build_module()
{
	need_packages "${PACKAGES_MODULE[@]}"
	need_headers "$1"
	with_lock "$BUILD/module.lock" must "the module does not build for $1" module_make "$1"
}

module_file()
{
	echo "$(module_dir "$1")/kmod/l4shmc.ko"
}

# All that belongs to the source, also what git does not know yet.
source_files()
{
	(
		cd "$TOP" || exit
		git ls-files -co --exclude-standard 2>/dev/null ||
			find . -path ./build -prune -o ! -type d -printf '%P\n'
	) | LC_ALL=C sort
}

# A copy of the source, so that the build can bootstrap without touching the
# tree, and does not mind if that is configured for a build of its own.  It is left
# alone if nothing has changed, as another build may read from it.
sync_source()
{
	local dir=$BUILD/source f sum

	mkdir -p "$dir"
	source_files | while read -r f; do
		[ ! -e "$TOP/$f" ] || echo "$f"
	done >"$BUILD/source.new"
	sum=$(tar -C "$TOP" -T "$BUILD/source.new" -cf - | sha256sum)
	[ "$(cat "$BUILD/source.sum" 2>/dev/null)" != "$sum" ] || return 0
	[ ! -e "$BUILD/source.list" ] ||
		LC_ALL=C comm -23 "$BUILD/source.list" "$BUILD/source.new" |
		while read -r f; do rm -f "$dir/$f"; done
	tar -C "$TOP" -T "$BUILD/source.new" -cf - | tar -C "$dir" -xf -
	mv "$BUILD/source.new" "$BUILD/source.list"
	echo "$sum" >"$BUILD/source.sum"
}

need_configure()
{
	sync_source
	[ -e "$BUILD/source/configure" ] ||
		(cd "$BUILD/source" && must "bootstrap failed" ./bootstrap)
}

# configure_tree DIR [CONFIGURE-ARGUMENT...]: makes DIR a build tree.
configure_tree()
{
	local dir=$1

	shift
	with_lock "$BUILD/source.lock" need_configure
	mkdir -p "$dir"
	[ -e "$dir/Makefile" ] || (cd "$dir" && must "configure failed" "$BUILD/source/configure" "$@")
}

# build_user: builds library, tool and examples, and installs them into
# $BUILD/stage as they would stand in the root of a system.
build_user()
{
	need_packages "${PACKAGES_USER[@]}"
	with_lock "$BUILD/user.lock" build_stage
}

build_stage()
{
	local dir=$BUILD/user

	configure_tree "$dir" --prefix=/usr --without-kernel --without-bench-libraries
	must "library and tool do not build" make -C "$dir" -j"$JOBS"
	rm -rf "$BUILD/stage"
	must "make install failed" make -C "$dir" install DESTDIR="$BUILD/stage"
}

# build_selftests: builds the selftests, which run in /selftests of a guest
# that has $BUILD/selftests as overlay.
build_selftests()
{
	need_packages "${PACKAGES_SELFTESTS[@]}"
	need_source
	build_user
	rm -rf "$BUILD/selftests"
	with_lock "$BUILD/user.lock" must "selftests do not build" make -C "$BUILD/user" \
		-j"$JOBS" install-selftests CFLAGS=-Werror TREE="$BUILD/selftests/selftests" \
		KSELFTEST_DIR="$(kernel_source)/tools/testing/selftests"
}
