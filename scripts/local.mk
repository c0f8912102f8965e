# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts that set up, build, show and check; they are not installed.

EXTRA_DIST += \
	.ci/run \
	.checkpatch.conf \
	.clang-format \
	.clang-tidy \
	.gitignore \
	.shellcheckrc \
	scripts/bench \
	scripts/build \
	scripts/check \
	scripts/demo \
	scripts/kselftest.awk \
	scripts/lib.sh \
	scripts/story \
	vm/init \
	vm/initramfs.sh \
	vm/run
