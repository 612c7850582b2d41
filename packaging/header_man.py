#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages of the SDK, section 3, from the comments of its headers.

header_man.py HEADER OUT [TEMPLATE]: the header's own comment is the
description, each comment that stands before a declaration explains it, and
the declaration follows as it is. In TEMPLATE, a page written by hand, the line
.\\" @HEADER@ is replaced by that; without one a whole page is made.
"""

import os
import re
import sys


def comment_lines(comment):
    """The text of a comment, without its stars, blank lines at neither end."""
    lines = []
    for line in comment[2:-2].split("\n"):
        line = line.rstrip().expandtabs(8)
        lines.append(re.sub(r"^ \*(  ?)?", lambda m: (m.group(1) or "")[1:],
                            line) if line.startswith(" *") else line.strip())
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def pieces(text):
    """(comment or None, declaration) in order; the first has no declaration.

    A comment that begins a line at column 0 opens a piece; what is inside of a
    declaration stays with it.
    """
    parts = re.split(r"(?m)^(/\*.*?\*/)[ \t]*$", text, flags=re.S)
    # parts: code, comment, code, comment, ...
    yield None, parts[0]
    for at in range(1, len(parts), 2):
        yield parts[at], parts[at + 1]


def strip_code(code):
    """Without includes, guards and C++ brackets; None if nothing is left."""
    code = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", code, flags=re.S)
    code = re.sub(r"(?m)^#(include|ifndef|endif).*\n", "", code)
    code = re.sub(r"(?m)^#define VSWITCH_\w+_H\n", "", code)
    code = re.sub(r"\n{3,}", "\n\n", code).strip("\n")
    return code if code.strip() else None


def literal(line):
    line = line.expandtabs(8).replace("\\", "\\e").replace("\t", "        ")
    line = line.replace("-", "\\-") if line.lstrip().startswith("-") else line
    return "\\&" + line if line[:1] in (".", "'") else line


def words(line):
    line = line.strip().replace("\\", "\\e")
    return "\\&" + line if line[:1] in (".", "'") else line


def display(lines):
    yield ".Bd -literal -offset indent"
    for line in lines:
        yield literal(line)
    yield ".Ed"


def is_drawn(line):
    """Code, a table or a continuation of one: its shape means something."""
    return line.startswith("  ") or re.search(r"\S {3,}\S", line)


def prose(lines):
    """Paragraphs, displays and headings of a comment."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            if at < len(lines) and lines[at].strip() and \
                    not is_drawn(lines[at]):
                yield ".Pp"
            continue
        if at + 1 < len(lines) and re.fullmatch(r"-{4,}", lines[at + 1]):
            yield ".Ss " + words(line)
            at += 2
            continue
        if is_drawn(line):
            drawn = []
            while at < len(lines) and (is_drawn(lines[at]) or (
                    drawn and not lines[at].strip() and at + 1 < len(lines)
                    and is_drawn(lines[at + 1]))):
                drawn.append(lines[at])
                at += 1
            yield from display(drawn)
            continue
        text = []
        while at < len(lines) and lines[at].strip() and \
                not is_drawn(lines[at]):
            text.append(lines[at].strip())
            at += 1
        yield from sentences(" ".join(text))


def sentences(text):
    """mdoc wants each sentence on a line of its own."""
    for part in re.split(r"(?<=[.!?:])(?<!\be\.g\.) +(?=[A-Z`])", text):
        yield words(part)


def tidy(lines):
    """No paragraph where a section begins or another paragraph does."""
    out = []
    for line in lines:
        if out and out[-1] == ".Ed" and not line.startswith("."):
            out.append(".Pp")
        if line == ".Pp" and (not out or out[-1] == ".Pp" or
                              out[-1].startswith((".Ss", ".Sh"))):
            continue
        if line.startswith((".Ss", ".Sh", ".Bd", ".Ed")) and out and \
                out[-1] == ".Pp":
            out.pop()
        out.append(line)
    while out and out[-1] == ".Pp":
        out.pop()
    return out


def heading(comment):
    """`-- holds ---` names a part of the header."""
    found = re.fullmatch(r"/\* -- (.*?) ?-*\s*\*/", comment, re.S)
    return found.group(1).strip(" -\n") if found else None


def body(name, text):
    """The description's lines, and the page's one-line purpose."""
    all_pieces = list(pieces(text))
    comments = [comment for comment, code in all_pieces if comment]
    first = next(c for c in comments if name + ":" in c)
    lines = comment_lines(first)
    purpose = []
    while lines and lines[0].strip():
        purpose.append(lines.pop(0).strip())
    purpose = " ".join(purpose).split(":", 1)[1].strip()
    out = list(prose(lines))
    out.append(".Sh DECLARATIONS")
    for comment, code in all_pieces:
        code = strip_code(code)
        if comment and comment is not first and "SPDX" not in comment:
            title = heading(comment)
            if title:
                out.append(".Ss " + words(title[:1].upper() + title[1:]))
            else:
                out.append(".Pp")
                out += prose(comment_lines(comment))
        if code:
            out += display(code.split("\n"))
    return purpose, out


def page(name, purpose, lines):
    title = f"vswitch-{name[:-2]}"
    sentence = re.split(r"(?<=[^.])[.;:]\s", purpose + " ")[0].rstrip(".")
    yield '.\\" SPDX-License-Identifier: Apache-2.0'
    yield '.\\" made from the header by packaging/header_man.py'
    yield ".Dd November 27, 2026"
    yield f".Dt {title.upper()} 3"
    yield ".Os"
    yield ".Sh NAME"
    yield f".Nm {title}"
    yield ".Nd " + words(sentence)
    yield ".Sh SYNOPSIS"
    yield f".In vswitch/{name}"
    yield ".Sh DESCRIPTION"
    if purpose.rstrip(".") != sentence:
        yield from sentences(purpose)
        yield ".Pp"
    yield from lines
    yield ".Sh SEE ALSO"
    yield ".Xr vswitch-ext-run 1 ,"
    yield ".Xr vswitch-extension 3"


def main():
    header, out = sys.argv[1:3]
    name = os.path.basename(header)
    with open(header, encoding="utf-8") as stream:
        purpose, lines = body(name, stream.read())
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as stream:
            made = []
            for line in stream.read().splitlines():
                made += lines if line == '.\\" @HEADER@' else [line]
    else:
        made = list(page(name, purpose, lines))
    with open(out, "w", encoding="utf-8") as stream:
        stream.write("\n".join(tidy(made)) + "\n")


main()
