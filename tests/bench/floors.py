#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The floors, and how far from them: RAW.tsv MEMORY.txt -> one table.

Ratios are medians over the rounds of ours / theirs within a round, so that
what slows one round down slows both sides of its ratio down.
"""

import re
import statistics
import sys

# what, metric, mode, peer, floor; < 0: at most; [who is ours]
RATIOS = [
    ("TCP x1, one host", "tcp1_gbps", "same-host", "ovs-tap", 3.0),
    ("TCP x1, one host", "tcp1_gbps", "same-host", "kbridge", 0.85),
    ("TCP x4, one host", "tcp4_gbps", "same-host", "ovs-tap", None),
    ("TCP x4, one host", "tcp4_gbps", "same-host", "kbridge", None),
    ("TCP x1, NVGRE", "tcp1_gbps", "cross-host", "ovs-tap", 4.5),
    # with the VMs on veths, as the kernel's are
    ("TCP x1, one host, fast path", "tcp1_gbps", "same-host", "kbridge", None,
     "vswitch-fast"),
    ("TCP x4, one host, fast path", "tcp4_gbps", "same-host", "kbridge", None,
     "vswitch-fast"),
    ("TCP x1, IP rewrite, fast path", "tcp1_gbps", "cross-host", "kbridge",
     0.85, "vswitch-rewrite-fast"),
    ("TCP x1, IP rewrite", "tcp1_gbps", "cross-host", "kbridge", None,
     "vswitch-rewrite"),
    ("TCP x1, IP rewrite", "tcp1_gbps", "cross-host", "ovs-tap", 10.0,
     "vswitch-rewrite"),
    # what copying costs by itself
    ("TCP x1, IP rewrite", "tcp1_gbps", "cross-host", "taprelay-wire", None,
     "vswitch-rewrite"),
    ("TCP x1, NVGRE, routed", "tcp1_gbps", "cross-host", "vswitch", 0.9,
     "vswitch-routed"),
    ("TCP x1, one host, routed", "tcp1_gbps", "same-host", "vswitch", 0.9,
     "vswitch-routed"),
    ("CPU per frame, 200 kpps", "fix_sw_ns_pkt", "same-host", "ovs-tap",
     -0.85),
    ("CPU per frame, 50 kpps NVGRE", "fix_sw_ns_pkt", "cross-host", "ovs-tap",
     -0.40),
    ("RTT on one CPU", "rtt1_p50_us", "same-host", "ovs-tap", -0.6),
    ("RTT on one CPU, NVGRE", "rtt1_p50_us", "cross-host", "ovs-tap", -0.3),
]
MEMORY = [
    ("forward 1,000 MACs", 10.0),
    ("encapsulate 1 record", 12.0),
    ("encapsulate 1,000 records", None),
    ("decapsulate 1 record", 10.0),
    ("decapsulate 1,000 records", None),
]


def read(path):
    """{(peer, mode, metric): {round: value}}"""
    samples = {}
    with open(path) as stream:
        for line in stream:
            peer, mode, _, metric, number, value = line.rstrip("\n").split("\t")
            try:
                samples.setdefault((peer, mode, metric), {})[number] = \
                    float(value)
            except ValueError:
                pass
    return samples


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def verdict(value, floor):
    if value is None:
        return "not measured"
    if floor is None:
        return "-"
    good = value >= floor if floor > 0 else value <= -floor
    return "PASS" if good else "below"


def line(what, ours, theirs, value, floor):
    def show(number):
        return "-" if number is None else f"{number:.4g}"

    limit = "-" if floor is None else \
        f">= {floor:g}" if floor > 0 else f"<= {-floor:g}"
    print(f"{what:44} {show(ours):>9} {show(theirs):>9} {show(value):>8} "
          f"{limit:>9}  {verdict(value, floor)}")


def ratios(samples):
    for what, metric, mode, peer, floor, *who in RATIOS:
        ours = samples.get((*(who or ["vswitch"]), mode, metric), {})
        theirs = samples.get((peer, mode, metric), {})
        value = median(ours[r] / theirs[r] for r in ours
                       if theirs.get(r))
        line(f"{what} / {peer}", median(ours.values()),
             median(theirs.values()), value, floor)


def saturation(samples):
    """Of the best rate, or of what was offered where that was less: a sender
    that has to share its CPU may not reach twice the best again."""
    for mode in ("same-host", "cross-host"):
        for peer in ("vswitch", "ovs-tap"):
            best, twice, offered = (
                samples.get((peer, mode, f"sat_{what}_kpps"), {})
                for what in ("best", "twice", "twice_offered"))
            could = {r: min(best[r], offered.get(r, best[r])) for r in best}
            line(f"kpps at 2 x saturation / best, {mode}, {peer}",
                 median(twice.values()), median(could.values()),
                 median(twice[r] / could[r] for r in twice if could.get(r)),
                 0.9 if peer == "vswitch" else None)
            line("  offered then / best", median(offered.values()),
                 median(best.values()),
                 median(offered[r] / best[r] for r in offered
                        if best.get(r)), None)


def memory(path):
    with open(path) as stream:
        text = stream.read()

    def number(pattern):
        found = re.search(pattern, text)
        return float(found.group(1)) if found else None

    for case, floor in MEMORY:
        value = number(rf"(?m)^{case} +([0-9.]+) Mpps")
        line(f"in memory: {case}, Mpps", None, None, value, floor)
    line("in memory: 100,000 MACs / 1,000, time", None, None,
         number(r"100,000 MACs / 1,000 +([0-9.]+)"), -1.6)
    line("in memory: a pass-through filter, ns", None, None,
         number(r"ns, (-?[0-9.]+) ns each of ten"), -3.0)


def main():
    samples = read(sys.argv[1])
    print(f"{'':44} {'ours':>9} {'theirs':>9} {'value':>8} {'floor':>9}")
    ratios(samples)
    saturation(samples)
    for what, metric, floor in (("idle, 10 ports, % of a CPU", "idle_cpu_pct",
                                 -0.5),
                                ("idle, 10 ports, MB", "idle_rss_mb", -30)):
        line(what, None, None,
             median(samples.get(("vswitch", "host", metric), {}).values()),
             floor)
    memory(sys.argv[2])


if __name__ == "__main__":
    main()
