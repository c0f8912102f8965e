# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads what run_kselftest.sh says; prints "ok|FAILED|skipped<TAB>PROGRAM: CASE"
# for every case of every program, and behind a failed one "said<TAB>..." with
# what it had to say.  A program that ends badly without a failed case, or before
# all the cases of its plan, is a failure of its own.

function report(kind, name,	i)
{
	print kind "\t" name
	if (kind == "FAILED") {
		failures++
		for (i = 1; i <= lines; i++)
			print "said\t" said[i]
	}
	lines = 0
}

function case_line(text,	kind, name)
{
	kind = text ~ /^not ok / ? "FAILED" : (toupper(text) ~ /# SKIP/ ? "skipped" : "ok")
	name = text
	sub(/^(not )?ok [0-9]+ *(- )?/, "", name)
	seen++
	report(kind, program ": " name)
}

function program_end(text)
{
	if (text ~ /^not ok / && !failures)
		report("FAILED", program ": " text)
	else if (toupper(text) ~ /# SKIP/ && !seen)
		report("skipped", program)
	else if (text ~ /^ok / && (!seen || seen != planned))
		report("FAILED", program ": " seen + 0 " cases of " planned + 0)
	ended++
	program = ""
}

/^# selftests: / {
	program = $NF
	planned = seen = failures = lines = 0
	next
}

program == "" && /^1\.\.[0-9]+/ {
	programs += substr($0, 4)
	next
}

program != "" && /^# 1\.\.[0-9]+/ {
	planned = substr($0, 6)
	next
}

program != "" && /^# (not )?ok [0-9]+/ {
	case_line(substr($0, 3))
	next
}

/^(not )?ok [0-9]+ selftests: / {
	program_end($0)
	next
}

/^# #  RUN / {
	lines = 0
	next
}

program != "" && !/^# #  +OK / {
	said[++lines] = $0
}

END {
	if (!programs || ended != programs)
		report("FAILED", "programs: " ended + 0 " of " programs + 0 " ended")
}
