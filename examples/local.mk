# SPDX-License-Identifier: GPL-2.0-or-later
# Small complete programs: built here, installed as text to read.

noinst_PROGRAMS += \
	examples/consumer \
	examples/master \
	examples/producer

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	examples/consumer.c \
	examples/master.c \
	examples/producer.c
