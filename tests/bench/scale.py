#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What many lookup records cost a running vswitchd: resident bytes per
record, the time of a whole apply, and the time of a single change through the
control socket, fsync included.

    tests/bench/scale.py BUILD [COUNT ...]      (1000 100000 1000000)

COUNT records stand in 16 subnets of two networks, on 200 remote hosts. The
daemon gets run and state directories of its own below --dir (a real disk:
fsync is part of what is measured) and no device. Run by hand; root is needed.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

SUBNETS = 16
PEERS = 200


def address(number):
    return "10.%d.%d.%d" % (number >> 16 & 255, number >> 8 & 255,
                            number & 255)


def place(i):
    """Of record i: its subnet's VSID, its address, MAC and host."""
    subnet, host = i % SUBNETS, i // SUBNETS + 2
    return (5001 + subnet, address(subnet << 20 | host),
            "02:%02x:%02x:%02x:%02x:%02x" % (subnet, host >> 16 & 255,
                                             host >> 8 & 255, host & 255, 1),
            "192.0.%d.%d" % (2 + i % PEERS // 100, 10 + i % PEERS % 100))


def document(count):
    networks = {"blue": {"subnets": {}}, "red": {"subnets": {}}}
    for s in range(SUBNETS):
        subnets = networks["blue" if s % 2 else "red"]["subnets"]
        subnets[str(5001 + s)] = {
            "prefixes": [address(s << 20) + "/12"], "ca": {}}
    for i in range(count):
        vsid, ca, mac, pa = place(i)
        subnets = networks["blue" if (vsid - 5001) % 2 else "red"]["subnets"]
        subnets[str(vsid)]["ca"][ca] = {"mac": mac, "pa": pa}
    return {"format": 1, "networks": networks, "switches": {"vs0": {
        "uplinks": {"none0": {"pa": {"192.0.2.1": {"prefix": 24}}}},
        "ports": {"web": {"null": True, "vsid": 5001,
                          "ca": ["10.15.255.5"]}}}}}


class Daemon:
    def __init__(self, build, base):
        self.base = base
        self.dir = tempfile.mkdtemp(prefix="scale.", dir=base)
        self.tool = [os.path.join(build, "bin/vsctl"), "--rundir", self.dir,
                     "-t", "600"]
        self.command = [os.path.join(build, "bin/vswitchd"),
                        "--rundir", self.dir, "--statedir",
                        os.path.join(self.dir, "state"), "--extension-dir",
                        os.path.join(build, "lib/vswitch")]
        self.start()

    def start(self):
        begun = time.monotonic()
        self.process = subprocess.Popen(self.command,
                                        stderr=open(self.dir + "/log", "w"))
        path = os.path.join(self.dir, "vswitchd.sock")
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(open(self.dir + "/log").read())
                time.sleep(0.005)
        self.reader = self.socket.makefile("rb")
        self.call("hello")
        return time.monotonic() - begun

    def call(self, method, **params):
        begun = time.monotonic()
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method":
                                        method, "params": params}).encode() +
                            b"\n")
        answer = json.loads(self.reader.readline())
        if "error" in answer:
            raise SystemExit(answer)
        return time.monotonic() - begun

    def cpu(self):
        """CPU seconds of the daemon so far."""
        with open("/proc/%d/stat" % self.process.pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def vsctl(self, *words):
        begun = time.monotonic()
        done = subprocess.run(self.tool + list(words), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(done.stdout[-1000:])
        return time.monotonic() - begun

    def resident(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) * 1024
        return 0

    def settle(self):
        """Until the document file is written and memory is given back."""
        before, quiet = 0, 0
        begun = time.monotonic()
        while quiet < 4 and time.monotonic() < begun + 120:
            time.sleep(0.5)
            now = self.cpu()
            quiet = quiet + 1 if now - before < 0.02 else 0
            before = now

    def stop(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir)


def disk(base, rounds=50):
    """What an append of 300 bytes and an fsync cost by themselves."""
    path = os.path.join(base, "scale.fsync")
    times = []
    with open(path, "wb", buffering=0) as stream:
        for _ in range(rounds):
            begun = time.monotonic()
            stream.write(b"x" * 300)
            os.fsync(stream.fileno())
            times.append(time.monotonic() - begun)
    os.unlink(path)
    return times


def changes(daemon, count, rounds):
    """Times of add, set and del of one record each."""
    took = {"add": [], "set": [], "del": []}
    for i in range(rounds):
        vsid, ca, mac, pa = place(count + i * 7)
        key = {"noun": "ca", "key": ca, "parent": str(vsid)}
        took["add"].append(daemon.call("object.add", **key, fields={
            "mac": mac, "pa": pa}))
        took["set"].append(daemon.call("object.set", **key, fields={
            "pa": "192.0.2.77"}))
        took["del"].append(daemon.call("object.del", **key))
    return took


def line(name, times):
    times = sorted(times)
    print("  %-6s median %8.3f ms   p90 %8.3f ms   worst %8.3f ms" %
          (name, statistics.median(times) * 1e3,
           times[len(times) * 9 // 10] * 1e3, times[-1] * 1e3))


def report(took):
    for name, times in took.items():
        line(name, times)


def measure(args, count):
    daemon = Daemon(args.build, args.dir)
    empty = daemon.resident()
    path = os.path.join(daemon.dir, "document.json")
    with open(path, "w") as stream:
        json.dump(document(count), stream)
    print("%d records" % count)
    cpu = daemon.cpu()
    took = daemon.vsctl("apply", path)
    print("  apply  %8.3f s (%.3f s of CPU in the daemon)" %
          (took, daemon.cpu() - cpu), flush=True)
    if count > 100000:
        print("  while the document file is written:")
        report(changes(daemon, count, args.rounds))
    daemon.settle()
    print("  resident after apply  %6.1f bytes per record (%.1f MiB)" %
          ((daemon.resident() - empty) / count, daemon.resident() / 2**20))
    report(changes(daemon, count, args.rounds))
    print("  list of one           %8.3f ms" % (daemon.vsctl(
        "ca", "list", "address=" + place(count // 2)[1]) * 1e3))
    print("  apply of the same     %8.3f s" % daemon.vsctl("apply", path))
    daemon.stop()
    print("  start                 %8.3f s" % daemon.start())
    daemon.settle()
    print("  resident after start  %6.1f bytes per record" %
          ((daemon.resident() - empty) / count))
    daemon.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("counts", nargs="*", type=int,
                        default=[1000, 100000, 1000000])
    parser.add_argument("--dir", default="/var/tmp")
    parser.add_argument("--rounds", type=int, default=50)
    args = parser.parse_args()
    line("fsync", disk(args.dir))
    for count in args.counts:
        measure(args, count)


if __name__ == "__main__":
    main()
