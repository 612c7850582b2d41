#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages from the tables of the code.

man.py SCHEMA TEMPLATE OUT: SCHEMA is what `vswitchd --schema` prints; in
TEMPLATE a line .\\" @NOUNS@ is replaced by a section per noun, .\\" @REASONS@
by one paragraph per drop reason. The rest of the page is written by hand.
"""

import json
import sys


def text(words):
    """A line of mdoc: no request by accident, no escape."""
    words = str(words).replace("\\", "\\e").replace("\n", " ").strip()
    return "\\&" + words if words[:1] in (".", "'") else words


def sentence(words):
    words = text(words)
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else words + "."


def macro(name, words):
    """A macro line; a word that mdoc would read as a macro is escaped."""
    return f".{name} " + " ".join(f"\\&{text(w)}" if len(w) == 2 else text(w)
                                  for w in str(words).split())


def unwrap(answer, *names):
    """The result inside an answer of JSON-RPC, and a list inside that."""
    if isinstance(answer, dict):
        answer = answer.get("result", answer)
    for name in names:
        if isinstance(answer, dict):
            answer = answer.get(name, answer)
    return answer


def kind(field):
    if field.get("choices"):
        return ", ".join(field["choices"])
    what = {"bool": "yes or no", "ip": "address", "mac": "MAC address",
            "vsid": "VSID", "uuid": "UUID"}.get(field["kind"], field["kind"])
    if field["kind"] == "number" and field.get("maximum"):
        what += f" from {field.get('minimum', 0)} to {field['maximum']}"
    if field.get("any"):
        what += " or any"
    return "list of " + what if field.get("list") else what


def field_item(field):
    yield macro("It Cm", field["name"]) + f" Pq {text(kind(field))}"
    yield sentence(field.get("help") or field["name"])
    if field.get("status"):
        yield "Measured; cannot be written."
    elif field.get("required"):
        yield "Required."
    elif field.get("unset"):
        yield sentence("if it is not written: " + field["unset"])
    if field.get("immutable") and not field.get("status"):
        yield "Cannot be changed, only deleted and added anew."


def nouns(schema):
    parents = {noun["name"]: noun for noun in schema["nouns"]}
    for noun in schema["nouns"]:
        place, above = noun["member"], noun
        while above.get("parent"):
            above = parents[above["parent"]]
            place = f"{above['member']}.KEY.{place}"
        owner = noun.get("extension", "core")
        yield f".Ss {text(noun['name'])}"
        yield sentence(noun.get("help") or noun["name"])
        yield "In the document at"
        yield f".Li {text(place)}.KEY ;"
        yield "it belongs to the " + (
            "switch itself." if owner == "core" else f"extension {owner}.")
        yield ".Bl -tag -width mac-guard"
        for at, field in enumerate(noun["fields"]):
            yield from field_item(field)
            if at == 0:
                yield "This is the key."
        yield ".El"


def reasons(table):
    yield ".Bl -tag -width Ds"
    for reason in sorted(table, key=lambda r: (
            r.get("extension", "core") != "core",
            r.get("extension", "core"), r["number"])):
        owner = reason.get("extension", "core")
        yield f".It Sy {text(reason['name'])} Pq {owner} {reason['number']}"
        yield sentence(reason["help"])
    yield ".El"


def main():
    source, template, out = sys.argv[1:]
    with open(source, encoding="utf-8") as stream:
        tables = json.load(stream)
    parts = {
        '.\\" @NOUNS@': lambda: nouns(unwrap(tables["schema"])),
        '.\\" @REASONS@': lambda: reasons(unwrap(tables["reasons"],
                                                 "reasons")),
    }
    lines = []
    with open(template, encoding="utf-8") as stream:
        for line in stream.read().splitlines():
            lines += parts[line]() if line in parts else [line]
    with open(out, "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")


main()
