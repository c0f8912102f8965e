# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads Documentation/attacks.rst, then results of scripts/check, of which those of
# selftests are "ok|FAILED|skipped<TAB>KERNEL: PROGRAM: CASE".  Prints a table of
# kernels and programs, and one of attacks, tests and kernels.  To the file `gaps` go
# an attack and a kernel where it has no passed test, of the kernels that ran them all.

function title_of(text)
{
	return length(text) > 62 ? substr(text, 1, 59) "..." : text
}

# The items of a row: its number, what is done, its tests or the reason.
function attack_line(text)
{
	if (text ~ /^   \* - /) {
		number = text ~ /^   \* - [0-9]+$/ ? substr(text, 8) + 0 : 0
		item = 0
		if (number > most)
			most = number
		return
	}
	if (text !~ /^     /)
		number = 0
	if (!number)
		return
	if (text ~ /^     - /)
		item++
	text = substr(text, 8)
	if (item == 1)
		title[number] = title[number] (title[number] ? " " : "") text
	else if (item == 2)
		tests[number] = tests[number] (tests[number] ? " " : "") text
}

function add(list, what)
{
	return list ? list "\n" what : what
}

function count(table, row, kernel, kind)
{
	table[row, kernel, kind]++
	table[row, kernel]++
}

function cell(table, row, kernel,	text)
{
	if (!table[row, kernel])
		return "-"
	text = table[row, kernel, "ok"] + 0
	if (table[row, kernel, "FAILED"] || table[row, kernel, "skipped"])
		text = text " (" table[row, kernel, "FAILED"] + 0 ", " \
			table[row, kernel, "skipped"] + 0 ")"
	return text
}

function cells(table, row, name,	i, line)
{
	line = sprintf("%-72s", name)
	for (i = 1; i <= kernels; i++)
		line = line sprintf(" %12s", cell(table, row, kernel_name[i]))
	print line
}

function heading(name,	i, line)
{
	line = sprintf("%-72s", name)
	for (i = 1; i <= kernels; i++)
		line = line sprintf(" %12s", kernel_name[i])
	print line
}

# What stands for a test whatever its fixture and variant are: its own name.  It
# may have several numbers.
function attack_result(kernel, program, name, kind,	short, rest)
{
	sub(/ # .*/, "", name)
	short = name
	sub(/.*attack_/, "attack_", short)
	sub(/ .*/, "", short)
	rest = substr(short, 8)
	short = program ": " short
	count(attacks, short, kernel, kind)
	for (; rest ~ /^[0-9][0-9]_/; rest = substr(rest, 4))
		attack_test(substr(rest, 1, 2) + 0, short, kernel, kind)
}

function attack_test(n, short, kernel, kind)
{
	if (n > most)
		most = n
	if (kind == "ok") {
		proved[n]++
		proved[n, kernel]++
	}
	if (!known_test[n, short]++)
		tests_of[n] = add(tests_of[n], short)
}

FNR == 1 { file++ }

file == 1 {
	attack_line($0)
	next
}

{
	tab = index($0, "\t")
	kind = substr($0, 1, tab - 1)
	split(substr($0, tab + 1), at, ": ")
	if (at[2] == "kselftests run to their end")
		ran_all[++runs] = at[1]
	if (at[3] == "" || at[1] ~ / / || at[2] ~ / /)
		next
	if (!known_kernel[at[1]]++)
		kernel_name[++kernels] = at[1]
	if (!known_program[at[2]]++)
		program_name[++programs] = at[2]
	count(suite, at[2], at[1], kind)
	count(suite, "all", at[1], kind)
	if (at[3] ~ /attack_[0-9][0-9]_/)
		attack_result(at[1], at[2], at[3], kind)
}

# Whether it needs a passed test there.  What a row says is not done here needs none, if
# no test is in the row; what needs a kernel that can be made to fail needs that one.
function needs_test(n, kernel)
{
	if (tests[n] ~ /Not here:/ && tests[n] !~ /``attack_/)
		return 0
	return tests[n] !~ /\(debug\)/ || kernel == "debug"
}

function print_attack(n,	i, names, list)
{
	printf "%2d  %s\n", n, title_of(title[n])
	names = split(tests_of[n], list, "\n")
	for (i = 1; i <= names; i++)
		cells(attacks, list[i], "    " list[i])
	if (!proved[n] && tests[n] ~ /Not here:|\(debug\)/)
		print "    " tests[n]
	for (i = 1; i <= runs; i++)
		if (needs_test(n, ran_all[i]) && !proved[n, ran_all[i]])
			print n, ran_all[i] >gaps
}

END {
	if (!kernels)
		exit
	heading("passed (failed, skipped)")
	for (p = 1; p <= programs; p++)
		cells(suite, program_name[p], program_name[p])
	cells(suite, "all", "all")
	print ""
	heading("attack, tests with its number: passed (failed, skipped)")
	for (n = 1; n <= most; n++)
		print_attack(n)
}
