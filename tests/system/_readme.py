# SPDX-License-Identifier: Apache-2.0
"""README's fenced blocks, for readme_tour.sh.

_readme.py README script KIND    the ```sh KIND blocks, one after the other
_readme.py README check OUTPUT [KIND]  each line of the ```text (KIND) blocks
                                 stands in the output, in order; numbers,
                                 addresses of the link and the width of columns
                                 may differ
"""
import re
import sys


def blocks(path, kind):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S)


def plain(line):
    line = re.sub(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC", line)
    line = re.sub(r"fe80::[0-9a-f:]+", "LINK", line)
    line = re.sub(r"[0-9]+", "N", line)
    return re.sub(r"\s+", " ", line).strip()


def check(readme, output, kind):
    with open(output, encoding="utf-8", errors="replace") as file:
        got = iter([plain(line) for line in file])
    for block in blocks(readme, f"text {kind}".strip()):
        for line in block.splitlines():
            if plain(line) not in got:  # an iterator: goes on from here
                sys.exit(f"README prints a line that does not come: {line}")


def main():
    readme, what, argument = sys.argv[1:4]
    if what == "check":
        check(readme, argument, "".join(sys.argv[4:]))
    else:
        print("".join(blocks(readme, f"sh {argument}")), end="")


main()
