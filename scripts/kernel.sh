# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# The kernels, sourced by lib.sh.  A kernel is named by
#	6.1, 6.12	a series that this Debian packages
#	6.1-rt, ...	its variant with PREEMPT_RT
#	sid		the newest kernel of Debian, with the compiler that goes with it
#	debug, kcsan	built from linux-source-6.12 with vm/base.config and vm/NAME.config
#	RELEASE		one of these, as uname -r has it
# kernel_release turns a name into a release, which all the others take.
# Whatever is fetched or built stays in the cache; remove it there for a newer one.

PACKAGES_OWN=(bc bison flex gcc libelf-dev libc6-dev make xz-utils)
PACKAGES_SID=(debootstrap kmod)
SID_INCLUDES=gcc,make,sparse,linux-headers-amd64

kernel_kind()
{
	case $1 in
	*-debug-????????|*-kcsan-????????)
		echo own ;;
	*)
		if [ -d "$(sid_root)/usr/src/linux-headers-$1" ]; then
			echo sid
		else
			echo packaged
		fi ;;
	esac
}

# Below which boot/ and lib/modules/ are.  A release is installed if its modules
# are there, not only its headers.
kernel_root()
{
	if [ -e "/boot/vmlinuz-$1" ] && [ -d "/lib/modules/$1/kernel" ]; then
		echo
	else
		echo "$CACHE/kernels/$1"
	fi
}

known_releases()
{
	local f

	for f in /boot/vmlinuz-* "$CACHE"/kernels/*/boot/vmlinuz-*; do
		[ -e "$f" ] && echo "${f##*/vmlinuz-}"
	done | sort -Vu
}

# The release that the distribution's package for a series depends on.
packaged_release()
{
	local meta=linux-image-$1-amd64 variant=${1#"${1%%-*}"}

	package_known "$meta" || update_lists >&2
	# The distribution's default series has no number in the package's name.
	package_known "$meta" || meta=linux-image$variant-amd64
	apt-cache depends "$meta" |
		sed -n "s/^ *Depends: linux-image-\(${1%%-*}[.][0-9].*\)/\1/p" | head -n 1
}

# A series, or its variant: the newest that is there.
series_release()
{
	local series=${1%-rt} pattern='[^t]-amd64$' release

	[ "$series" = "$1" ] || pattern='-rt-amd64$'
	release=$(known_releases | grep -F "$series." | grep -e "$pattern" |
		  grep -v -e -cloud- | tail -n 1) || true
	[ -n "$release" ] || release=$(packaged_release "$1")
	[ -n "$release" ] || die "no kernel $1 installed, cached or packaged"
	echo "$release"
}

# kernel_release NAME: the full release
kernel_release()
{
	case $1 in
	sid)		sid_release ;;
	debug|kcsan)	own_release "$1" ;;
	*-rt)		series_release "$1" ;;
	*-*)		echo "$1" ;;
	*)		series_release "$1" ;;
	esac
}

# need_image RELEASE: puts image and modules below kernel_root RELEASE.
need_image()
{
	[ -n "$(kernel_root "$1")" ] || return 0
	with_lock "$CACHE/kernel-$1.lock" "fetch_$(kernel_kind "$1")_image" "$1"
}

# need_headers RELEASE: has all ready for module_make.
need_headers()
{
	[ ! -e "/lib/modules/$1/build/Makefile" ] || return 0
	with_lock "$CACHE/kernel-$1.lock" "fetch_$(kernel_kind "$1")_headers" "$1"
}

kernel_headers()
{
	if [ -e "/lib/modules/$1/build/Makefile" ]; then
		echo "/lib/modules/$1/build"
	elif [ "$(kernel_kind "$1")" = sid ]; then
		echo "$(sid_root)/usr/src/linux-headers-$1"
	else
		echo "$CACHE/kernels/$1/usr/src/linux-headers-$1"
	fi
}

# --- packaged for this Debian ---------------------------------------------

fetch_packaged_image()
{
	local root=$CACHE/kernels/$1

	[ ! -e "$root/.image" ] || return 0
	need_packages kmod
	fetch_packages "$root" "linux-image-$1"
	must "depmod failed" "$(sbin depmod)" -b "$root" "$1"
	touch "$root/.image"
}

# They are not installed because some of them pull a bootable kernel in.
fetch_packaged_headers()
{
	local root=$CACHE/kernels/$1 packages

	[ ! -e "$root/.headers" ] || return 0
	know_packages "linux-headers-$1"
	packages=$(apt-cache depends "linux-headers-$1" |
		   sed -n 's/^ *Depends: \(linux-headers-.*\|linux-kbuild-.*\)/\1/p')
	# shellcheck disable=SC2086 # a list
	fetch_packages "$root" "linux-headers-$1" $packages
	# The only absolute path in them is this include.
	sed -i "s|^include /usr/src|include $root/usr/src|" \
		"$root/usr/src/linux-headers-$1/Makefile"
	touch "$root/.headers"
}

# --- the newest one -------------------------------------------------------

# A small system of its own: what the newest kernel's modules are built with
# does not run on this one.
sid_root()
{
	echo "$CACHE/sid"
}

# Where this machine gets its Debian from.
debian_mirror()
{
	# shellcheck disable=SC2016 # the format is apt's, not the shell's
	apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^Debian main //p' | head -n 1
}

fetch_sid()
{
	local root

	root=$(sid_root)
	[ ! -e "$root/.complete" ] || return 0
	need_packages "${PACKAGES_SID[@]}"
	say "installing sid and its kernel's headers into the cache"
	rm -rf "$root.new"
	mkdir -p "$root.new"
	must "debootstrap failed" as_root "$(sbin debootstrap)" --variant=minbase \
		--include="$SID_INCLUDES" sid "$root.new" "$(debian_mirror)"
	must "apt-get clean failed" as_root chroot "$root.new" apt-get clean
	must "cannot complete the headers of sid" as_root bash -euc "$(declare -f add_checker)
		add_checker '$root.new'"
	as_root touch "$root.new/.complete"
	rm -rf "$root"
	mv "$root.new" "$root"
}

# The headers lack the script with which their Makefile asks for sparse.
add_checker()
{
	local dir

	for dir in "$1"/usr/src/linux-headers-*-common; do
		[ ! -e "$dir/scripts/checker-valid.sh" ] || continue
		printf '%s\n' '#!/bin/sh' '"$@" /dev/null >/dev/null 2>&1 && echo 1' \
			>"$dir/scripts/checker-valid.sh"
		chmod 755 "$dir/scripts/checker-valid.sh"
	done
}

sid_release()
{
	local f

	with_lock "$CACHE/sid.lock" fetch_sid >&2
	for f in "$(sid_root)"/usr/src/linux-headers-*-amd64; do
		echo "${f##*/linux-headers-}"
	done | sort -V | tail -n 1
}

fetch_sid_headers()
{
	with_lock "$CACHE/sid.lock" fetch_sid
}

# Which of them are there differs from one version's packages to the next.
fetch_sid_image()
{
	local root=$CACHE/kernels/$1 packages

	[ ! -e "$root/.image" ] || return 0
	mapfile -t packages < <(as_root chroot "$(sid_root)" apt-cache pkgnames linux- |
		grep -xF -e "linux-image-$1" -e "linux-binary-$1" -e "linux-modules-$1")
	say "downloading into the cache: ${packages[*]}"
	mkdir -p "$root"
	# shellcheck disable=SC2016 # for the inner shell
	must "cannot download the kernel of sid" as_root chroot "$(sid_root)" sh -euc '
		cd /tmp
		apt-get download "$@"
		for p in *.deb; do dpkg-deb --fsys-tarfile "$p"; rm "$p"; done >all.tar
	' sh "${packages[@]}"
	must "cannot unpack the kernel of sid" tar -C "$root" --ignore-zeros --no-same-owner \
		-xf "$(sid_root)/tmp/all.tar" ./usr/lib/modules
	as_root rm -f "$(sid_root)/tmp/all.tar"
	ln -sfn usr/lib "$root/lib"
	mkdir -p "$root/boot"
	ln -sfn "../lib/modules/$1/vmlinuz" "$root/boot/vmlinuz-$1"
	must "depmod failed" "$(sbin depmod)" -b "$root" "$1"
	touch "$root/.image"
}

# Builds below DIR of this machine, which is /build there.  The mounts are gone
# with the process.
sid_make()
{
	local dir=$1

	shift
	# shellcheck disable=SC2016 # for the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1 dir=$2 user=$3
		shift 3
		mkdir -p "$root/build"
		mount -t proc proc "$root/proc"
		mount --bind "$dir" "$root/build"
		exec chroot --userspec="$user" "$root" make "$@"
	' sh "$(sid_root)" "$dir" "$(id -u):$(id -g)" "$@"
}

# --- Debian's sources -----------------------------------------------------

SOURCE_PACKAGE=linux-source-6.12

# need_source: unpacks what we use of the kernel's sources: the kselftest
# framework, checkpatch and kernel-doc.  kernel_source prints where.
kernel_source()
{
	echo "$CACHE/$SOURCE_PACKAGE"
}

# source_tarball: where all of them are; need_tarball gets it.
source_tarball()
{
	local name=usr/src/$SOURCE_PACKAGE.tar.xz

	if [ -e "/$name" ]; then
		echo "/$name"
	else
		echo "$CACHE/source/$name"
	fi
}

fetch_tarball()
{
	[ -e "$(source_tarball)" ] || fetch_packages "$CACHE/source" "$SOURCE_PACKAGE"
}

need_tarball()
{
	need_packages xz-utils
	with_lock "$CACHE/source.lock" fetch_tarball
}

source_version()
{
	local version=

	if [ -e "/usr/src/$SOURCE_PACKAGE.tar.xz" ]; then
		# shellcheck disable=SC2016 # the format is dpkg's, not the shell's
		version=$(dpkg-query -W -f '${Version}' "$SOURCE_PACKAGE")
	else
		know_packages "$SOURCE_PACKAGE" >&2
		version=$(apt-cache show --no-all-versions "$SOURCE_PACKAGE" |
			  sed -n 's/^Version: //p')
	fi
	echo "${version%%-*}"
}

unpack_source()
{
	local dir=$1 p members=()

	shift
	for p; do
		members+=("$SOURCE_PACKAGE/$p")
	done
	mkdir -p "$dir"
	must "cannot unpack $SOURCE_PACKAGE" tar -C "$dir" --strip-components=1 --wildcards \
		--no-wildcards-match-slash -xf "$(source_tarball)" ${members[@]+"${members[@]}"}
}

fetch_source()
{
	local dir

	dir=$(kernel_source)
	[ ! -e "$dir/.complete" ] || return 0
	need_tarball
	say "unpacking kselftest, checkpatch and kernel-doc of $SOURCE_PACKAGE"
	unpack_source "$dir" scripts/checkpatch.pl scripts/spelling.txt \
		scripts/const_structs.checkpatch scripts/kernel-doc scripts/Makefile.compiler \
		scripts/subarch.include Documentation/sphinx tools/include tools/scripts \
		'tools/testing/selftests/*.h' 'tools/testing/selftests/*.mk' \
		tools/testing/selftests/run_kselftest.sh tools/testing/selftests/Makefile \
		tools/testing/selftests/kselftest
	touch "$dir/.complete"
}

need_source()
{
	with_lock "$CACHE/linux-source.lock" fetch_source
}

# --- built from them ------------------------------------------------------

own_options()
{
	sed '/^#/d; /^$/d' "$TOP/vm/base.config" "$TOP/vm/$1.config"
}

# own_release KIND: its name changes with its options.
own_release()
{
	local suffix release

	suffix=-$1-$(own_options "$1" | sha256sum | cut -c 1-8)
	release=$(known_releases | grep -e "$suffix\$" | tail -n 1) || true
	[ -n "$release" ] || release=$(source_version)$suffix
	echo "$release"
}

# lost_options FILE: those of the options on the input that the configuration
# has not got.
lost_options()
{
	sed 's/^\(CONFIG_.*\)=n$/# \1 is not set/' | grep -vxFf "$1"
}

# configure_own DIR KIND SUFFIX
configure_own()
{
	make -C "$1" -s tinyconfig &&
	own_options "$2" >>"$1/.config" &&
	printf '%s\n' "CONFIG_LOCALVERSION=\"$3\"" CONFIG_LOCALVERSION_AUTO=n >>"$1/.config" &&
	make -C "$1" -s olddefconfig &&
	! own_options "$2" | lost_options "$1/.config"
}

# The kernel, and what modules are built with, as the packages have them.
install_own()
{
	local dir=$1 root=$2 release=$3 headers=$2/usr/src/linux-headers-$3

	mkdir -p "$root/boot" "$headers" &&
	cp "$dir/arch/x86/boot/bzImage" "$root/boot/vmlinuz-$release.new" &&
	cp "$dir/System.map" "$root/boot/System.map-$release" &&
	cp "$dir/.config" "$root/boot/config-$release" &&
	make -C "$dir" -s run-command \
		KBUILD_RUN_COMMAND="\$(srctree)/scripts/package/install-extmod-build $headers" &&
	cp "$dir/.config" "$headers/" &&
	mv "$root/boot/vmlinuz-$release.new" "$root/boot/vmlinuz-$release"
}

build_own()
{
	local release=$1 root=$CACHE/kernels/$1 dir=$CACHE/build-$1 kind

	[ ! -e "$root/boot/vmlinuz-$release" ] || return 0
	kind=${release%-*}
	kind=${kind##*-}
	need_packages "${PACKAGES_OWN[@]}"
	need_tarball
	say "building the kernel $release, which takes some minutes"
	rm -rf "$dir" "$root"
	unpack_source "$dir"
	must "options of vm/$kind.config do not survive" \
		configure_own "$dir" "$kind" "${release#"${release%-*-*}"}"
	must "the kernel does not build" make -C "$dir" -s -j"$JOBS"
	must "the kernel does not install" install_own "$dir" "$root" "$release"
	rm -rf "$dir"
}

fetch_own_image()
{
	build_own "$1"
}

fetch_own_headers()
{
	build_own "$1"
}
