# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Checks of scripts/check that need no virtual machine: the files themselves, and
# that everything builds.  Sourced by it.

# checkpatch takes the macros of the harness for types, and programs for the kernel.
IGNORED_IN_SELFTESTS=SPACING,LINE_SPACING,VOLATILE,ENOSYS,MACRO_WITH_FLOW_CONTROL
IGNORED_IN_SELFTESTS+=,COMPLEX_MACRO,STRCPY,EMBEDDED_FUNCTION_NAME

MAX_DRIVER_LINES=2650
MAX_FUNCTION_LINES=60
# One for what is looked up, one inside of an area, one for its waiters.
MAX_LOCK_CLASSES=3

# --- the files ------------------------------------------------------------

group_style()
{
	part check_itself
	part check_style
	part check_checkpatch
}

shell_scripts()
{
	cd "$TOP" || return
	# Those of which the first line says so, wherever they are.
	source_files | while read -r f; do
		[ ! -f "$f" ] || ! head -n 1 "$f" | grep -qE '^#!.*/(ba)?sh' || echo "$f"
	done
	printf '%s\n' scripts/*.sh selftests/shell.sh vm/initramfs.sh tests/tap.sh
}

run_shellcheck()
{
	cd "$TOP" || return
	shell_scripts | xargs shellcheck -x
}

# With what .checkpatch.conf says, --strict for one.
run_checkpatch()
{
	cd "$TOP" || return
	"$(kernel_source)/scripts/checkpatch.pl" --terse --no-summary "$@"
}

long_functions()
{
	cd "$TOP" || return
	source_files | grep '[.]c$' |
		ctags -L - --kinds-C=f --fields=+ne -x --_xformat='%{end} %n %F %N' |
		awk -v most=$MAX_FUNCTION_LINES '$1 - $2 >= most {
			print $3 ":" $2 ": " $4 " has " $1 - $2 + 1 " lines" }'
}

# Without blank lines and those of comments.
driver_is_small()
{
	local lines

	lines=$(cat "$TOP"/kmod/*.[ch] | sed 's,/[*].*[*]/,,' |
		grep -cvE '^[[:space:]]*($|/[*]|[*]|//)')
	echo "kmod/ has $lines lines of code"
	[ "$lines" -le $MAX_DRIVER_LINES ]
}

# Every initialisation of a lock is a class of its own to lockdep.
few_lock_classes()
{
	local found

	found=$(cd "$TOP" && grep -nE \
		'(DEFINE_(MUTEX|(RAW_)?SPINLOCK|RWLOCK|SEQLOCK|SEMAPHORE)|DECLARE_RWSEM|(mutex|spin_lock|rwlock|seqlock|sema)_init|init_(rwsem|s?waitqueue_head)|DECLARE_S?WAIT_QUEUE_HEAD)\(' \
		kmod/*.[ch])
	printf '%s\n' "$found"
	[ -n "$found" ] && [ "$(wc -l <<<"$found")" -le $MAX_LOCK_CLASSES ]
}

every_file_has_a_licence()
{
	cd "$TOP" || return
	source_files | grep -v -e '^LICENSES/' -e '^Documentation/ABI/' -e '^[.]' | while read -r f; do
		[ ! -f "$f" ] || head -n 2 "$f" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$f: no SPDX line"
	done
}

check_style()
{
	check "shellcheck" run_shellcheck
	check "every file has its licence" no_output every_file_has_a_licence
	check "driver of at most $MAX_DRIVER_LINES lines of code" driver_is_small
	check "at most $MAX_LOCK_CLASSES lock classes" few_lock_classes
	check "planted faults fit the source" "$TOP/scripts/faults" --fit
	check "functions of at most $MAX_FUNCTION_LINES lines" no_output long_functions
}

check_checkpatch()
{
	check "checkpatch: driver" no_output run_checkpatch -f kmod/*.[ch]
	check "checkpatch: header" no_output run_checkpatch -f include/uapi/linux/l4shmc.h
	check "checkpatch: selftests" no_output run_checkpatch --no-strict --ignore \
		"$IGNORED_IN_SELFTESTS" -f selftests/*.[ch] selftests/l4re/*.[ch]
}

# --- the driver -----------------------------------------------------------

group_module()
{
	local kernel

	for kernel in "${KERNELS[@]}"; do
		part check_kernel "$kernel"
		part check_module "$kernel"
	done
}

# In a place of its own, as others use the module meanwhile.
check_module()
{
	local BUILD=$BUILD/check-module release

	await check_kernel "$1"
	release=$(kernel_release "$1")
	rm -rf "$(module_dir "$release")"
	check "$1: module builds with W=1" no_warnings module_make "$release" W=1
	check "$1: sparse" no_warnings module_make "$release" C=2 CF=-Wsparse-error
}

# --- library and tools ----------------------------------------------------

group_user()
{
	part check_user
}

# build_warned DIR CC: with the warnings of the project as errors
build_warned()
{
	configure_tree "$1" CC="$2" --with-kselftest="$(kernel_source)" \
		--with-kernel="$(kernel_headers "$(kernel_release 6.12)")"
	make -C "$1" -j"$JOBS" CFLAGS='-O2 -g -Werror'
}

# The results of automake's test driver, case by case.
make_check_results()
{
	local trs kind name

	while read -r trs; do
		while read -r kind name; do
			name="make check: $(basename "$trs" .trs): ${name#* - }"
			case $kind in
			PASS|XFAIL)	result ok "$name" ;;
			SKIP)		result skipped "$name" ;;
			*)		result FAILED "$name" "log: ${trs%.trs}.log" ;;
			esac
		done < <(sed -n 's/^:test-result: //p' "$trs")
	done < <(find "$1/tests" -name '*.trs' | LC_ALL=C sort)
}

check_user()
{
	local dir=$BUILD/check-gcc

	check "everything builds with gcc, warnings are errors" build_warned "$dir" gcc
	check "everything builds with clang, warnings are errors" \
		build_warned "$BUILD/check-clang" clang
	find "$dir" -name '*.trs' -delete
	check "make check" make -C "$dir" check
	make_check_results "$dir"
}

# --- documents ------------------------------------------------------------

group_documents()
{
	part check_documents
}

check_documents()
{
	check "documents build without a warning" no_warnings \
		make -C "$TOP/Documentation" html KERNELSRC="$(kernel_source)" \
		BUILDDIR="$BUILD/documents" SPHINXOPTS='-q -W --keep-going'
}
