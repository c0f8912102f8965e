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
	scripts/check-analysis.sh \
	scripts/check-long.sh \
	scripts/check-parts.sh \
	scripts/check-self.sh \
	scripts/check-static.sh \
	scripts/check-vm.sh \
	scripts/clang-as-gcc \
	scripts/coverage \
	scripts/demo \
	scripts/faults \
	scripts/kernel.sh \
	scripts/kselftest.awk \
	scripts/lib.sh \
	scripts/model \
	scripts/skips \
	scripts/static \
	scripts/story \
	scripts/table.awk \
	scripts/unreached \
	vm/base.config \
	vm/debug.config \
	vm/init \
	vm/initramfs.sh \
	vm/kcsan.config \
	vm/races.awk \
	vm/races.examples \
	vm/run \
	vm/splats \
	vm/splats.examples
