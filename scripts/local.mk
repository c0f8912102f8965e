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
	scripts/kernel.sh \
	scripts/kselftest.awk \
	scripts/lib.sh \
	scripts/model \
	scripts/story \
	vm/base.config \
	vm/debug.config \
	vm/init \
	vm/initramfs.sh \
	vm/kcsan.config \
	vm/run
