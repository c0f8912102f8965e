# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads a kernel's log and leaves out the titles of KCSAN's data races that are none of
# the driver's.  One is the driver's if that is in the title, or in one of the two
# stacks before an interrupt: who is below was only interrupted.  A report that does
# not come to its end stays.  vm/races.examples has some of each kind.

# Races that the kernel has with itself, whoever calls it: of an hrtimer that wakes the
# task which just looks whether it has.
function is_known(title)
{
	return title ~ /in hrtimer_wakeup \/ schedule_hrtimeout_range_clock$/
}

function print_report(	i)
{
	for (i = 1; i <= lines; i++)
		print report[i]
	lines = 0
}

/KCSAN: data-race in/ {
	print_report()
	report[++lines] = $0
	ours = /l4shmc/
	known = is_known($0)
	next
}

!lines {
	print
	next
}

{ report[++lines] = $0 }

# The head of a stack
/ to 0x[0-9a-f]+ of [0-9]+ bytes by / { interrupted = 0 }

/asm_(sysvec_|common_interrupt|spurious_interrupt|exc_nmi)|<\/IRQ>/ { interrupted = 1 }

/l4shmc.*[+]0x/ && !interrupted { ours = 1 }

/Reported by Kernel Concurrency Sanitizer/ {
	if (!ours || known)
		report[1] = ""
	print_report()
}

END { print_report() }
