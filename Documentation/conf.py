# SPDX-License-Identifier: GPL-2.0-or-later
"""Sphinx configuration; Documentation/Makefile sets KERNELSRC."""

import os
import sys

srctree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
kernelsrc = os.environ['KERNELSRC']

# The kernel's own extensions are used from where they are, not copied.
sys.path.insert(0, os.path.join(kernelsrc, 'Documentation', 'sphinx'))

project = 'l4shmc'
needs_sphinx = '5.0'
extensions = ['kerneldoc', 'automarkup']
kerneldoc_bin = os.path.join(kernelsrc, 'scripts', 'kernel-doc')
kerneldoc_srctree = srctree

# Without these the C domain takes them for types in the library's prototypes.
c_id_attributes = ['L4_CV', 'L4_NOTHROW']

master_doc = 'index'
primary_domain = 'c'
highlight_language = 'none'
smartquotes = False
html_theme = 'alabaster'
html_show_copyright = False
html_copy_source = False
