#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the manual pages.
#
#	manpages.pl [-D NAME=TEXT]... COMMAND
#
#	names INCLUDE HEADER...		print the names of the pages of section 3
#	headers DIR INCLUDE HEADER...	make them in DIR
#	template TOP FILE		expand FILE to standard output
#
# INCLUDE is the folder that the HEADERs are below of.  The pages come from the
# comments there, which are written as for kernel-doc:
#
# - A function whose comment starts with "name() - " has a page.
# - A header has a page, with everything else in it; each name there has a link
#   to it.  It starts with the comment at the head of the header.
# - The rules at the end of that, from "Unless its own comment says otherwise"
#   on, are in the NOTES of the page of each function.  A header without any has
#   those of the first one that it includes.
#
# A template is a page in which @NAME@ stands for the TEXT of a -D, and a line
# that starts with @ for what is made from the sources below TOP: see %directives.
# Of these -D, DATE and VERSION are needed.

use strict;
use warnings;

my %define;

# --- roff -----------------------------------------------------------------

# Text in which nothing is special to roff.
sub escape
{
	my ($text) = @_;

	$text =~ s/\\/\\e/g;
	$text =~ s/'(.)'/\\(aq$1\\(aq/g;
	$text =~ s/~/\\(ti/g;
	$text =~ s/\^/\\(ha/g;
	$text =~ s/`/\\(ga/g;
	return $text;
}

# The same for programs, where each sign is to be what it is.
sub escape_code
{
	my ($text) = @_;

	1 while $text =~ s/^([^\t\n]*)\t/$1 . ' ' x (8 - length($1) % 8)/me;
	$text = escape($text);
	$text =~ s/'/\\(aq/g;
	$text =~ s/-/\\-/g;
	$text =~ s/^(?=[.'])/\\&/mg;
	return $text;
}

# A comment's text; $page->{params} are its parameters, $page->{name} is its
# own name, $page->{pages} are the functions that have a page.
sub markup
{
	my ($text, $page) = @_;
	my $errno = qr/E(?:IO|[A-Z0-9]{3,})/;

	$text = escape($text);
	$text =~ s{
		<[a-z0-9_/-]+\.h>
		| \b[a-z_][a-z0-9_]*\(\)
		| \@\w+
		| &(?:(?:struct|enum|union)\ )?\w+(?:\.\w+)?
		| (?<![\w-])-?(?:(?:L4|L4SHMC|CAP|CLOCK|O|MAP|PROT)_[A-Z0-9_]+\*?|$errno)\b
		| (?<![\w-])-(?=[\d(])
	}{mark($&, $page)}gxe;
	return $text;
}

sub mark
{
	my ($text, $page) = @_;
	my $name = $text =~ s/[()@&]//gr;

	return "\\fI$text\\fR" if $text =~ /^</;
	return "\\fI$name\\fR" if $text =~ /^&/;
	return $page->{params}{$name} ? "\\fI$name\\fR" : $text if $text =~ /^@/;
	return $text =~ s/^-/\\-/r if $text eq '-';
	return "\\fB" . ($text =~ s/^-/\\-/r) . "\\fR" if $text !~ /\)$/;
	return "\\fB$name\\fR()" if !$page->{pages}{$name} || $name eq ($page->{name} // '');
	$page->{mentioned}{$name} = 1;
	return "\\fB$name\\fR(3)";
}

# Lines of source: a sentence starts one.  Names are not hyphenated.
sub fill
{
	my ($text) = @_;
	my ($out, $line) = ('', '');

	for my $sentence (split /(?<=[.:;?])(?:  +|\n)(?=\S)/, $text) {
		for my $word (map { /_/ ? "\\%$_" : $_ } split ' ', $sentence) {
			if ($line ne '' && length("$line $word") > 76) {
				$out .= "$line\n";
				$line = '';
			}
			$line .= $line eq '' ? $word : " $word";
		}
		$out .= "$line\n" if $line ne '';
		$line = '';
	}
	$out =~ s/^(?=[.'])/\\&/mg;
	return $out;
}

sub code
{
	my ($text) = @_;

	return ".PP\n.RS 4\n.EX\n" . escape_code($text) . ".EE\n.RE\n";
}

# A list entry; "NAME: text" is a tag, as in lists of errors.
sub list_item
{
	my ($text, $page) = @_;

	return ".TP\n" . markup($1, $page) . "\n" . fill(markup($2, $page))
		if $text =~ /^([A-Z][A-Z0-9, ]+): (.*)/s;
	return ".IP \\(bu 3\n" . fill(markup($text, $page));
}

# Paragraphs, lists ("- ") and programs (indented), with blank lines between
# them.  The first paragraph follows a heading, unless $between is given.
sub body
{
	my ($text, $page, $between) = @_;
	my $out = '';

	for my $block (split /\n\s*\n/, $text) {
		next if $block !~ /\S/;
		if ($block =~ /^- /) {
			$out .= list_item($_, $page) for grep { /\S/ } split /^- /m, $block;
		} elsif ($block =~ /^\s/ && $block !~ /^\S/m) {
			$out .= code("$block\n");
		} else {
			$out .= ($between // '') . fill(markup($block, $page));
		}
		$between = ".PP\n";
	}
	return $out;
}

# Begin of a page of section 3.
sub heading
{
	my ($title, $source) = @_;

	# Twice the title and what stands between have to fit into a line.
	$title = substr($title, 0, 30) . '...' if length $title > 33;
	return ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n.\\\" Made from <$source>.\n" .
		'.TH ' . uc($title) . " 3 $define{DATE} \"l4shmc $define{VERSION}\" l4shmc\n" .
		".ad l\n";
}

sub see_also
{
	my @pages = map { /^(.*)\((.*)\)$/ ? ".BR $1 ($2)" : ".BR \\%$_ (3)" } @_;

	return ".SH SEE ALSO\n" . join(",\n", @pages) . "\n";
}

# --- reading headers --------------------------------------------------------

# The lines that a C compiler sees, without the conditions.
sub active_lines
{
	my ($path) = @_;
	my (@lines, @active);

	open(my $file, '<', $path) or die "$path: $!\n";
	while (my $line = <$file>) {
		while ($line =~ /^#/ && $line =~ s/\\\n$//) {
			my $more = <$file> // last;
			$line =~ s/\s*$/ /;
			$line .= $more =~ s/^\s+//r;
		}
		if ($line =~ /^#\s*if/) {
			push @active, $line !~ /^#\s*if(?:def)?\b(?!.*!).*\b(?:__cplusplus|__KERNEL__)/;
		} elsif ($line =~ /^#\s*el/) {
			$active[-1] = $line =~ /^#\s*else/ && !$active[-1];
		} elsif ($line =~ /^#\s*endif/) {
			pop @active;
			push @lines, "#\n" if !grep { !$_ } @active;
		} elsif (!grep { !$_ } @active) {
			push @lines, $line;
		}
	}
	return @lines;
}

# Splits the text of a kernel-doc comment.
sub parse_comment
{
	my ($text) = @_;
	my %doc = (params => {}, order => [], body => '', return => '');
	my $into = \$doc{brief};

	if ($text =~ s/^(?:(?:struct|enum|union) )?(\w+)(\(\))? - //) {
		@doc{'name', 'function'} = ($1, defined $2);
	} elsif ($text =~ s/^([A-Z_0-9]+): //) {
		($doc{name}, $doc{brief}, $into) = ($1, '', \$doc{body});
	}
	for my $line (split /^/, $text) {
		if ($line =~ s/^\@(\w+): //) {
			push @{$doc{order}}, $1;
			$into = \$doc{params}{$1};
		} elsif ($line =~ s/^Return: //) {
			$into = \$doc{return};
		} elsif ($line =~ /^\s*$/ && $into != \$doc{return}) {
			$into = \$doc{body};
		}
		$$into .= $line;
	}
	$doc{brief} =~ s/\s+/ /g;
	$doc{brief} =~ s/ $//;
	return \%doc;
}

# The rest of a declaration whose first line is $line, without a function's body.
sub declaration
{
	my ($line, $lines) = @_;
	my $text = $line;

	while ($text =~ s/^#.*\n//mg || $text !~ /;\s*$/ || ($text =~ tr/{//) != ($text =~ tr/}//)) {
		last if $text =~ /\)\s*\{?\s*$/ && $text =~ /^(?:L4_INLINE|static|inline)\b/ &&
			($lines->[0] // '') =~ /^\{/;
		$text .= shift(@$lines) // die "no end: $line";
	}
	if (($lines->[0] // '') =~ /^\{/) {
		1 while shift(@$lines) !~ /^\}/;
	}
	return $text;
}

# Comments ("doc", "plain"), macros and other declarations, in their order.
sub tokens
{
	my @lines = @_;
	my @tokens;

	while (defined(my $line = shift @lines)) {
		if ($line =~ m{^/\*(\*?)\s*(.*)}s) {
			my ($kind, $text) = ($1 ? 'doc' : 'plain', $2);

			while ($text !~ m{\*/}) {
				$text .= shift(@lines) =~ s{^ \*(?!/) ?}{}r;
			}
			$text =~ s{\s*\*/.*}{\n}s;
			push @tokens, [$kind, $text];
		} elsif ($line =~ /^#\s*define\s+(.*)/) {
			push @tokens, ['macro', $1];
		} elsif ($line =~ /^#\s*include\s+<(.*)>/) {
			push @tokens, ['include', $1];
		} elsif ($line =~ /^\s*$/) {
			push @tokens, ['blank'];
		} elsif ($line =~ /^(?:L4_(?:BEGIN|END)_DECLS|__L4SHMC_LAYOUT|#)/) {
			push @tokens, ['other'];
		} else {
			push @tokens, ['declaration', declaration($line, \@lines)];
		}
	}
	return @tokens;
}

# What a declaration declares: kind, name, and more names in it.
sub declared
{
	my ($text) = @_;
	my @more;

	$text = $text =~ s{/\*.*?\*/}{}sgr;
	return if $text =~ /^(?:struct|union) \w+;/;
	@more = $text =~ /^\s+(\w+)(?:\s*=[^,]*)?,?\s*$/mg if $text =~ /enum\b/;
	return ('type', $1, @more) if $text =~ /\}\s*(\w+)\s*;\s*$/;
	return ('type', $1, @more) if $text =~ /^(?:struct|union|enum)\s+(\w+)\s*\{/;
	return ('type', $1) if $text =~ /^typedef\b.*?(\w+)\s*;/s;
	return ('inline', $1) if $text =~ /^(?:L4_INLINE|static)\b[^(]*?(\w+)\(/;
	return ('function', $1) if $text =~ /(\w+)\(/;
	die "what is this: $text";
}

# Names with which nobody is to do anything.
sub is_private
{
	my ($name) = @_;

	return $name =~ /^_+l4/i || $name =~ /^_[A-Z].*_H$/;
}

# Adds to $header what a macro or a declaration declares; $comment belongs to it.
sub add_item
{
	my ($header, $kind, $text, $comment) = @_;
	my ($name, $doc, @more);

	if ($kind eq 'macro') {
		$text =~ /^(\w+)(\([^)]*\))?\s*(.*)/;
		($name, my $args, my $value) = ($1, $2 // '', $3);
		# The function of the name says more, and its parameters are no secret.
		return if $header->{names}{$name};
		$text = $name . $args;
		push @{$header->{values}{$name}}, $value;
	} else {
		($kind, $name, @more) = declared($text);
	}
	return if !defined $name || is_private($name);
	$doc = parse_comment($comment->[1]) if $comment && $comment->[0] eq 'doc';
	my $documented = $doc ? $doc->{name} // '' : '';
	undef $doc if $documented ne $name && $text !~ /^(?:typedef )?\w+ \Q$documented\E \{/;
	my $item = { kind => $kind, name => $name, text => $text, doc => $doc,
		names => [grep { !is_private($_) } @more], group => $header->{group},
		plain => $doc || !$comment ? '' : $comment->[1], where => $header->{where} };
	$header->{names}{$_} //= $item for $name, @{$item->{names}};
	push @{$header->{items}}, $item;
}

# $include is the folder that $path is below of.
sub read_header
{
	my ($include, $path) = @_;
	my %header = (path => $path, items => [], names => {}, group => '', docs => {});
	my (@tokens, $comment);

	@tokens = grep { !($_->[0] eq 'plain' && $_->[1] =~ /^SPDX-/) }
		tokens(active_lines("$include/$path"));
	while (my $token = shift @tokens) {
		my ($kind, $text) = @$token;

		if ($kind eq 'blank' || $kind eq 'other') {
			undef $comment;
		} elsif ($kind eq 'include') {
			push @{$header{includes}}, $text;
		} elsif ($kind eq 'doc' && $text =~ s/^DOC: (.*)\n//) {
			$header{docs}{$1} = $text;
			$header{intro} //= $text if $1 eq $path;
		} elsif ($kind eq 'plain' && !defined $header{intro}) {
			$header{intro} = $text;
		} elsif ($kind eq 'plain' && @tokens && $tokens[0][0] eq 'blank') {
			$header{group} = $text =~ s/\s+$//r;
		} elsif ($kind eq 'plain' && $text =~ /^(On .*)\n$/) {
			$header{where} = $1;
		} elsif ($kind eq 'plain' || $kind eq 'doc') {
			$comment = $token;
		} else {
			add_item(\%header, $kind, $text, $comment);
			# Of a list a plain one stands above the first line.
			undef $comment if $comment && $comment->[0] eq 'doc';
		}
	}
	$header{intro} //= '';
	find_rules(\%header);
	return \%header;
}

# What the head of a header says of all functions.
sub find_rules
{
	my ($header) = @_;

	$header->{rules} = '';
	if ($header->{intro} =~ s/^(Unless its own comment says otherwise.*)//ms) {
		$header->{rules} = $1 =~ s/its own comment/its own page/r;
	} else {
		# These stay where they are as well.
		$header->{said} = join "\n\n", grep { /any thread|thread at a time|All functions/i }
			split /\n\s*\n/, $header->{intro};
	}
	my ($other) = $header->{intro} =~ /The rules at the head of (\S+\.h) hold here too\./;
	return if !defined $other;
	$header->{inherits} = $header->{path} =~ s{[^/]*$}{$other}r;
	$header->{said} =~ s/\s*The rules at the head of \S+ hold here too\.//;
}

# --- section 3 ---------------------------------------------------------------

sub page_name
{
	my ($header) = @_;

	return $header->{path} =~ s{/}{_}gr;
}

# Has it a page of its own?
sub has_page
{
	my ($item) = @_;

	return $item->{doc} && $item->{doc}{function};
}

# The rules of a header, or else of the first one that it includes; with $all
# those too that stand elsewhere in the page of the header.
sub rules
{
	my ($header, $headers, $all) = @_;
	my $base = $headers->{$header->{inherits} // ''};
	my $rules = join "\n\n", grep { defined && $_ ne '' } $all ? $header->{said} : undef,
		$header->{rules}, $base && rules($base, $headers, 1);

	for my $path ($rules eq '' ? @{$header->{includes}} : ()) {
		$rules = $headers->{$path} ? rules($headers->{$path}, $headers, 1) : '';
		last if $rules ne '';
	}
	return $rules;
}

# A parameter: its name is italic.
sub parameter
{
	my ($text) = @_;

	return "\\fB$text" if $text eq 'void';
	return "\\fB" . ($text =~ s/(\w+)((?:\[.*\])?)$/\\fI$1\\fB$2/r);
}

# A prototype, in lines of less than 79 columns.
sub signature
{
	my ($text) = @_;
	my ($out, $column);

	$text =~ s/\b(?:L4_CV|L4_NOTHROW|L4_INLINE)\b//g;
	$text =~ s/__attribute__\(\(.*?\)\)|__L4_DEFAULT_PARAM\([^)]*\)//g;
	$text =~ s/\s+/ /g;
	$text =~ /^ ?(.*?\w)\((.*)\)/ or die "no function: $text";
	my ($head, @params) = ("$1(", split /\s*,\s*/, $2);
	my $indent = length $head;

	$out = "\\fB" . escape_code($head);
	$column = $indent;
	while (@params) {
		my $param = shift @params;
		# Macros have no type, and no semicolon.
		my $end = @params ? ',' : $head =~ / / ? ');' : ')';

		if ($column > $indent && $column + length("$param$end") > 77) {
			$out =~ s/ $//;
			$out .= "\\fR\n\\fB" . ' ' x $indent;
			$column = $indent;
		}
		$out .= parameter($param =~ s/ $//r) . "\\fB$end" . (@params ? ' ' : '');
		$column += length("$param$end") + 1;
	}
	$out =~ s/(?:\\fB)+/\\fB/g;
	return "$out\\fR\n";
}

# What programs look for, so there is nothing but text.
sub name_section
{
	my ($names, $brief) = @_;

	return ".SH NAME\n" . fill("$names \\- $brief") =~ s/\\(?:%|f[BIR])//gr;
}

sub synopsis
{
	my ($header, @functions) = @_;

	return ".SH LIBRARY\nShared-memory communication (\\fIlibl4shmc\\fR, \\fI\\-ll4shmc\\fR)\n" .
		".SH SYNOPSIS\n.nf\n.B #include <$header->{path}>\n" .
		join('', map { ".PP\n" . signature($_) } @functions) . ".fi\n";
}

sub notes
{
	my ($header, $headers, $page, $all) = @_;
	my $rules = rules($header, $headers, $all);

	return $rules ne '' ? ".SH NOTES\n" . body($rules, $page) : '';
}

# Parameters or members with what is said of them.
sub parameters
{
	my ($doc, $page) = @_;

	return join '', map {
		".TP\n.I $_\n" . fill(markup(sentence($doc->{params}{$_}), $page))
	} @{$doc->{order}};
}

sub sentence
{
	my ($text) = @_;

	$text =~ s/\.?\s*$/.\n/;
	# Not what stands for code.
	return $text =~ /^\w+\(/ ? $text : ucfirst $text;
}

# The functions before and after one, if they belong together.
sub neighbours
{
	my ($item, $header) = @_;
	my @group = grep { has_page($_) && $_->{group} eq $item->{group} } @{$header->{items}};
	my ($i) = grep { $group[$_] == $item } 0 .. $#group;

	return map { $group[$_]{name} } grep { $_ >= 0 && $_ <= $#group } $i - 1, $i + 1;
}

sub function_page
{
	my ($item, $header, $headers, $pages) = @_;
	my $doc = $item->{doc};
	my $page = { %$doc, pages => $pages };
	my $return = $doc->{return} =~ /\S/ ? $doc->{return} : 'None.';
	my $out = heading($item->{name}, $header->{path});

	$out .= name_section($item->{name}, markup($doc->{brief}, $page)) .
		synopsis($header, $item->{text}) . ".SH DESCRIPTION\n";
	if ($doc->{body} =~ /\S/) {
		$out .= body($doc->{body}, $page);
	} else {
		$out .= fill(markup(sentence($doc->{brief}), $page));
	}
	$out .= parameters($doc, $page) if @{$doc->{order}};
	$out .= ".SH RETURN VALUE\n" . body(ucfirst $return, $page);
	my %see = map { $_ => 1 } keys %{$page->{mentioned}}, @{$item->{mentioned_by} // []};
	$see{$_} = 1 for page_name($header), neighbours($item, $header);
	$out .= notes($header, $headers, $page, 1);
	return $out . see_also(sort(keys %see), $header->{path} =~ m{^l4/shmc/} ? 'l4shmc(4)' : ());
}

# The members of a type that are anybody's business.
sub type_text
{
	my ($item) = @_;
	my $text = $item->{text};

	$text =~ s{^\s*/\* private: \*/.*?^(?=\})}{}smg;
	$text =~ s/^.*\b_\w+(?:\[.*\])?;\n//mg;
	# All of it is private.
	return $text =~ s/ \{\n\}//r;
}

# What a header page says about things that have no pages of their own: one, or
# several that have a plain comment in common.
sub entry
{
	my ($page, @items) = @_;
	my $doc = $items[0]{doc};
	my $text = $doc ? join("\n", grep { defined } $doc->{brief} && sentence($doc->{brief}),
		$doc->{body}) : $items[0]{plain};
	my $out;

	$page->{params} = { map { $_ => 1 } map { $_->{text} =~ /\b(\w+)\b/g } @items };
	if ($items[0]{kind} ne 'type') {
		$out = ".PP\n.nf\n" . join('', map { $_->{text} =~ /\(/ ? signature($_->{text}) :
			'.B ' . escape_code("$_->{text}\n") } @items) . ".fi\n";
		return $out if $text !~ /\S/;
		return "$out.RS 4\n" . fill(markup($text, $page)) . ".RE\n";
	}
	return body($text, $page, ".PP\n") . code(join '', map { type_text($_) } @items) .
		($doc ? parameters($doc, $page) : '');
}

sub entries
{
	my ($items, $page) = @_;
	my ($out, @run) = ('');

	for my $item (@$items, undef) {
		if (@run && !($item && !$item->{doc} && !$run[0]{doc} && $item->{kind} ne 'inline' &&
			$item->{plain} eq $run[0]{plain})) {
			$out .= entry($page, @run);
			@run = ();
		}
		push @run, $item;
	}
	return $out =~ s/\A\.PP\n//r;
}

sub function_list
{
	my ($items) = @_;
	my ($out, $group) = ('', '');

	for my $item (@$items) {
		if ($item->{group} ne $group) {
			$group = $item->{group};
			$out .= ".SS $group\n";
		}
		$out .= ".TP\n.BR $item->{name} (3)\n" .
			fill(markup($item->{doc}{brief}, { params => {} }));
	}
	return $out;
}

sub header_page
{
	my ($header, $headers, $pages) = @_;
	my $page = { params => {}, pages => $pages };
	my @items = grep { !has_page($_) } @{$header->{items}};
	my @own = grep { has_page($_) } @{$header->{items}};
	my @inline = grep { $_->{kind} eq 'inline' } @items;
	my ($brief) = $header->{intro} =~ /^\s*(.*?)\.(?=\s)/s;
	my $names = join ', ', page_name($header), map { $_->{name} } @inline;
	my $out = heading(page_name($header), $header->{path});

	$brief =~ s/\s+/ /g;
	$brief = lcfirst $brief if $brief =~ /^[A-Z][a-z]/;
	$out .= name_section($names, escape($brief)) . synopsis($header) . ".SH DESCRIPTION\n" .
		body($header->{intro}, $page);
	for (['Types', 'type'], ['Constants and macros', 'macro'], ['Inline functions', 'inline']) {
		my ($title, $kind) = @$_;
		my @kind = grep { $_->{kind} eq $kind } @items;

		$out .= ".SS $title\n" . entries(\@kind, $page) if @kind;
	}
	$out .= ".SS Functions\n" if @own && !$own[0]{group};
	$out .= function_list(\@own);
	my @see = sort keys %{$page->{mentioned}};
	$out .= notes($header, $headers, $page, 0);
	my @others = map { page_name($headers->{$_}) } grep { $headers->{$_} } @{$header->{includes}};
	return $out . see_also(@see, sort(@others), 'l4shmc(4)');
}

# Notes which pages mention an item: those are worth a look.
sub note_mentions
{
	my ($headers, $pages) = @_;

	for my $item (values %$pages) {
		my $text = join ' ', @{$item->{doc}}{qw(brief body return)},
			values %{$item->{doc}{params}};

		for my $name ($text =~ /\b(\w+)\(\)/g) {
			push @{$pages->{$name}{mentioned_by}}, $item->{name}
				if $pages->{$name} && $name ne $item->{name};
		}
	}
}

# All pages of section 3: name to text.
sub section3
{
	my ($include, @paths) = @_;
	my %headers = map { $_ => read_header($include, $_) } map { s{^\Q$include/\E}{}r } @paths;
	my (%pages, %text);

	for my $header (values %headers) {
		$pages{$_->{name}} = $_ for grep { has_page($_) } @{$header->{items}};
	}
	note_mentions(\%headers, \%pages);
	for my $header (map { $headers{$_} } sort keys %headers) {
		$text{page_name($header)} = header_page($header, \%headers, \%pages);
		for my $name (sort keys %{$header->{names}}) {
			if ($pages{$name}) {
				$text{$name} //= function_page($pages{$name}, $header, \%headers,
					\%pages);
			} else {
				$text{$name} = '.so man3/' . page_name($header) . ".3\n";
			}
		}
	}
	return %text;
}

sub write_headers
{
	my ($dir, @args) = @_;
	my %text = section3(@args);

	for my $name (sort keys %text) {
		open(my $file, '>', "$dir/$name.3") or die "$dir/$name.3: $!\n";
		print $file $text{$name};
		close($file) or die "$dir/$name.3: $!\n";
	}
}

# --- templates -----------------------------------------------------------------

my ($top, $uapi);

sub uapi
{
	return $uapi //= read_header("$top/include/uapi", 'linux/l4shmc.h');
}

# Text of string literals and of macros that are some.
sub literal
{
	my ($text) = @_;

	$text =~ s/\b([A-Z][A-Z0-9_]+)\b(?=(?:[^"]|"(?:[^"\\]|\\.)*")*$)/
		defined $define{$1} ? '"' . $define{$1} . '"' : die "no text of $1\n"/ge;
	return join '', map { s{\\n}{\n}gr =~ s{\\(.)}{$1}gr } $text =~ /"((?:[^"\\]|\\.)*)"/g;
}

# Macros of the sources that are text, and the tool's commands.
my (%commands, @commands);

sub read_sources
{
	for my $path (glob("$top/lib/*.h"), glob("$top/tools/*.h"), glob("$top/tools/*.c")) {
		my $text = join '', active_lines($path);

		$define{$1} //= literal($2)
			while $text =~ /^#define ([A-Z0-9_]+)\s+((?:[A-Z0-9_]+\s+)?"[^\n]*)$/mg;
		while ($text =~ /^const struct command command_(\w+) = \{\n(.*?)^\};/smg) {
			my ($name, $fields) = ($1, $2);

			$commands{$name}{$1} = literal($2)
				while $fields =~ /^\t\.(\w+) = ((?:"(?:[^"\\]|\\.)*"|[^",]|\n)*),$/mg;
		}
		@commands = $text =~ /^\t&command_(\w+),$/mg if $path =~ m{/main\.c$};
	}
}

sub commands
{
	return map { $commands{$_} // die "no command $_\n" } @commands;
}

# Arguments of a command: what the user chooses is italic.
sub arguments
{
	my ($text) = @_;

	return escape_code($text) =~ s/([A-Z]+)/\\fI$1\\fR/gr;
}

sub invocation
{
	my ($command) = @_;

	return join ' ', "\\fBl4shmc $command->{name}\\fR", split ' ', arguments($command->{args});
}

sub tool_synopsis
{
	return join "\n.br\n", map { invocation($_) } commands();
}

# An option with its text.
sub option
{
	my ($tag, $text) = @_;

	$tag = escape_code($tag) =~ s/((?:\\-)+\w(?:\w|\\-)*)/\\fB$1\\fR/gr;
	$tag =~ s/([A-Z]{2,})/\\fI$1\\fR/g;
	return ".TP\n$tag\n" . fill(markup($text, { params => {} }));
}

# What "l4shmc NAME --help" says.
sub tool_command
{
	my ($name) = @_;
	my $command = $commands{$name} // die "no command $name\n";
	my $help = $command->{help};
	my $out = '.SS ' . invocation($command) . "\n" .
		fill(markup(sentence($command->{summary}), { params => {} }));
	my $options = $help =~ s/^(  -.*)//ms ? $1 : '';

	$out .= body($help, { params => {} }, ".PP\n");
	for (split /^(?=  -)/m, $options) {
		/^  (\S+, \S+)\s+(.*)/s or die "bad option: $_";
		$out .= option($1, $2);
	}
	return $out =~ s/\n$//r;
}

# Part of a DOC comment: "TITLE [from|until TEXT]".
sub doc
{
	my ($title, $which, $mark) = $_[0] =~ /^(.*?)(?: (from|until) (.*))?$/;
	my $text = uapi()->{docs}{$title} // die "no DOC: $title\n";

	if ($which) {
		$text =~ /^(.*?)^(\Q$mark\E.*)/sm or die "no '$mark' in $title\n";
		$text = $which eq 'from' ? $2 : $1;
	}
	return body($text, { params => { size => 1 } }) =~ s/\n$//r;
}

# A type of the interface: "NAME...".
sub types
{
	my $out = '';

	for my $name (split ' ', $_[0]) {
		my $item = uapi()->{names}{$name} or die "no type $name\n";
		my $doc = $item->{doc};
		my $page = { params => $doc->{params} };

		$out .= code($item->{text}) . ".PP\n" . fill(markup(sentence($doc->{brief}), $page)) .
			parameters($doc, $page) . body($doc->{body}, $page, ".PP\n");
	}
	return $out =~ s/\n$//r;
}

# Macros that have a comment, but for commands.
sub macros
{
	my @items = grep { $_->{kind} eq 'macro' && $_->{doc} && $_->{name} !~ /_IOC_/ }
		@{uapi()->{items}};

	return join '', map {
		my $value = uapi()->{values}{$_->{name}}[0] =~ s/^\((.*)\)$/$1/r;

		".TP\n\\fB$_->{name}\\fR (" . escape_code($value) . ")\n" .
			body($_->{doc}{body}, { params => {} }) =~ s/^\.PP$/.IP/mgr
	} @items;
}

# A command of the driver, with its struct and the flags that belong to it.
sub command
{
	my ($item) = @_;
	my ($struct) = uapi()->{values}{$item->{name}}[0] =~ /struct (\w+)/;
	my $out = ".SS $item->{name}\n" . fill("$item->{where}.");

	return $out . body($item->{doc}{body}, { params => {} }, ".PP\n") if !$struct;
	my $type = uapi()->{names}{$struct} // die "no struct $struct\n";
	my $doc = $type->{doc};
	my $page = { params => $doc->{params} };
	my %enums = map { $_ => 1 } join(' ', values %{$doc->{params}}) =~ /&enum (\w+)/g;

	$out .= body($doc->{body}, $page, ".PP\n") . code($type->{text}) . parameters($doc, $page);
	for my $enum (map { uapi()->{names}{$_} } sort keys %enums) {
		$out .= ".PP\n" . fill(markup(sentence($enum->{doc}{brief}),
			{ params => {} })) . parameters($enum->{doc}, $page);
	}
	return $out;
}

sub ioctls
{
	return join('', map { command($_) } grep { $_->{name} =~ /_IOC_(?!MAGIC)/ &&
		$_->{kind} eq 'macro' } @{uapi()->{items}}) =~ s/\n$//r;
}

# A file, but for its first line.
sub example
{
	open(my $file, '<', "$top/$_[0]") or die "$top/$_[0]: $!\n";
	my @lines = <$file>;

	return ".EX\n" . escape_code(join('', @lines[2 .. $#lines])) . '.EE';
}

my %directives = (
	'synopsis' => \&tool_synopsis,
	'command' => \&tool_command,
	'doc' => \&doc,
	'types' => \&types,
	'macros' => \&macros,
	'ioctls' => \&ioctls,
	'example' => \&example,
);

sub expand
{
	($top, my $path) = @_;
	open(my $file, '<', $path) or die "$path: $!\n";
	read_sources();

	while (my $line = <$file>) {
		$line =~ s/\@([A-Z0-9_]+)\@/$define{$1} \/\/ die "$path:$.: no text of $1\n"/ge;
		if ($line =~ /^\@(\w+)(?: (.*))?$/) {
			my $directive = $directives{$1} or die "$path:$.: what is \@$1\n";

			$line = $directive->($2) =~ s/\n*\z/\n/r;
		}
		print $line;
	}
}

# -------------------------------------------------------------------------------

while (@ARGV && $ARGV[0] eq '-D') {
	my ($name, $text) = $ARGV[1] =~ /^(\w+)=(.*)/s or die "bad -D $ARGV[1]\n";

	$define{$name} = $text;
	splice @ARGV, 0, 2;
}
my $what = shift @ARGV // '';
if ($what eq 'names') {
	@define{'DATE', 'VERSION'} = ('', '');
	my %text = section3(@ARGV);

	print "$_.3\n" for sort keys %text;
} elsif ($what eq 'headers') {
	write_headers(@ARGV);
} elsif ($what eq 'template') {
	expand(@ARGV);
} else {
	die "usage: manpages.pl [-D NAME=TEXT]... names|headers|template ...\n";
}
