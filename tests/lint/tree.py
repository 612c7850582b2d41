# SPDX-License-Identifier: Apache-2.0
"""What the lints share: the files of the tree, and C text without comments."""

import os
import re
import sys

TOP = ("switch", "extensions", "wnv", "cli", "tests", "examples")


def root():
    """The tree to judge: the first argument, else where this file lies."""
    if len(sys.argv) > 1:
        return os.path.abspath(sys.argv[1])
    return os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def files(top, suffixes, folders=TOP):
    """Paths, relative to top and sorted, of the files with these suffixes."""
    found = []
    for folder in folders:
        for place, names, entries in os.walk(os.path.join(top, folder)):
            names[:] = [n for n in names if n not in ("corpus", "__pycache__")]
            found += [os.path.relpath(os.path.join(place, entry), top)
                      for entry in entries if entry.endswith(suffixes)]
    return sorted(found)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8") as stream:
        return stream.read()


TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*"
                       | '(?:\\.|[^'\\\n])*'""", re.X | re.S)


def blank(text):
    """C text with comments, literals and directives blanked, lines kept."""
    def keep_lines(match):
        return re.sub(r"[^\n]", " ", match.group())
    text = TOKEN.sub(keep_lines, text)
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", keep_lines, text, flags=re.M)


def report(lint, faults):
    """Prints the faults; returns the exit code."""
    for fault in faults:
        print(f"{lint}: {fault}")
    return 1 if faults else 0
