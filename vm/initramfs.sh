# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Builds the guest's initramfs as a row of cpio archives: programs and modules
# come from the cache, only what the caller adds is packed for each run.

# The real ones, where busybox' namesake lacks something that tests use.  As sh
# too: that of busybox prefers its own programs whatever PATH says.
BASE_PROGRAMS=(dash bash strace timeout sha256sum setpriv stat)

# What the guest needs when the kernel has not got it built in: the ports to
# the host, the scratch disk, and what the benchmarks compare with.
BASE_MODULES=(virtio_pci virtio_console virtio_blk crc32c_generic ext4 ntsync)

new_root()
{
	local d

	mkdir -p "$1"/usr/{bin,sbin,lib,lib32,lib64,libx32} "$1"/vm
	for d in bin sbin lib lib32 lib64 libx32; do
		ln -sfn "usr/$d" "$1/$d"
	done
}

# add_tree DIR ROOT: merges a tree in which /bin, /lib may be directories.
add_tree()
{
	tar -C "$1" -cf - . | tar -C "$2" -xf - --keep-directory-symlink --no-same-owner
}

is_elf()
{
	[ "$(head -c 4 "$1" 2>/dev/null | tr -d '\0')" = $'\x7fELF' ]
}

# add_libraries ROOT FILE...: what the loader of this machine finds for these
# programs, at the same places; what ROOT brings itself is not looked for.
add_libraries()
{
	local root=$1 lib own

	shift
	[ $# -gt 0 ] || return 0
	own=$root/usr/lib:$root/usr/local/lib
	{ LD_LIBRARY_PATH=$own ldd "$@" 2>/dev/null || true; } |
		sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x.*$/\1/p' | sort -u |
	while read -r lib; do
		case $lib in
		"$root"/*) continue ;;
		esac
		[ -e "$root$lib" ] && continue
		mkdir -p "$root${lib%/*}"
		cp -L "$lib" "$root$lib"
	done
}

add_programs()
{
	local root=$1 name path

	shift
	for name; do
		path=$(sbin "$name")
		rm -f "$root/usr/bin/$name"
		cp -L "$path" "$root/usr/bin/$name"
	done
	add_libraries "$root" "${@/#/$root/usr/bin/}"
}

# Every program of the tree that is linked dynamically gets its libraries.
complete_tree()
{
	local root=$1 f found=()

	while IFS= read -r -d '' f; do
		is_elf "$f" && found+=("$f")
	done < <(find "$root" -type f -perm /111 -print0)
	add_libraries "$root" ${found[@]+"${found[@]}"}
}

add_accounts()
{
	local root=$1 user id=1000

	mkdir -p "$root"/{root,etc,home,var}
	echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
	printf '%s\n' 'root:x:0:' 'tty:x:5:' 'l4shmc:x:990:alice,bob' >"$root/etc/group"
	for user in alice bob carol; do
		mkdir -p "$root/home/$user"
		echo "$user:x:$id:$id:$user:/home/$user:/bin/bash" >>"$root/etc/passwd"
		echo "$user:x:$id:" >>"$root/etc/group"
		id=$((id + 1))
	done
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$root/etc/passwd"
	echo 'nogroup:x:65534:' >>"$root/etc/group"
	echo 'passwd: files' >"$root/etc/nsswitch.conf"
	echo 'group: files' >>"$root/etc/nsswitch.conf"
	echo '/bin/bash' >"$root/etc/shells"
}

# pack ROOT FILE: a cpio archive of ROOT, all of it owned by root.
pack()
{
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort |
		cpio --quiet -o -H newc -R 0:0) >"$2.new"
	mv "$2.new" "$2"
}

build_base()
{
	local archive=$1 root applet busybox

	[ ! -e "$archive" ] || { touch "$archive"; return; }
	busybox=$(sbin busybox)
	root=$(mktemp -d)
	new_root "$root"
	mkdir -p "$root"/{proc,sys,dev,tmp,run,mnt}
	chmod 1777 "$root/tmp"
	cp "$busybox" "$root/usr/bin/busybox"
	for applet in $("$busybox" --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/usr/bin/$applet"
	done
	add_programs "$root" "${BASE_PROGRAMS[@]}"
	ln -sf dash "$root/usr/bin/sh"
	add_accounts "$root"
	cp "$TOP/vm/init" "$root/init"
	chmod 755 "$root/init"
	# That of another tree, which shares the cache, may be about to be read.
	find "${archive%/*}" -maxdepth 1 -name 'base-*.cpio' -mtime +7 -delete
	pack "$root" "$archive"
	rm -rf "$root"
}

# The archive of programs; its name changes with whatever goes into it.
base_archive()
{
	local key name

	key=$(for name in busybox "${BASE_PROGRAMS[@]}"; do
		stat -L -c '%n %s %Y' "$(sbin "$name")"
	      done | cat - "$TOP/vm/init" "$TOP/vm/initramfs.sh" | sha256sum | cut -c 1-16)
	echo "$CACHE/base-$key.cpio"
}

# module_list ROOT RELEASE: files of BASE_MODULES and what they need, in order.
module_list()
{
	local m

	for m in "${BASE_MODULES[@]}"; do
		"$(sbin modprobe)" -d "$1" -S "$2" --show-depends "$m" || true
	done 2>/dev/null | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

build_modules()
{
	local archive=$1 root=$2 release=$3 tmp file name n=10

	[ -e "$archive" ] && return
	tmp=$(mktemp -d)
	mkdir -p "$tmp/vm/modules"
	for file in $(module_list "$root" "$release"); do
		name=$(basename "$file" .xz)
		case $file in
		*.xz)	xz -dc "$file" >"$tmp/vm/modules/$n-$name" ;;
		*)	cp "$file" "$tmp/vm/modules/$n-$name" ;;
		esac
		n=$((n + 1))
	done
	pack "$tmp" "$archive"
	rm -rf "$tmp"
}
