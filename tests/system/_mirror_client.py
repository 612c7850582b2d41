# SPDX-License-Identifier: Apache-2.0
"""SOCKET PORT COUNT: asks mirror-to-socket for a port's frames and says the
EtherType and size of the first COUNT of them."""
import array
import json
import os
import socket
import struct
import sys

ours, theirs = os.pipe()
control = socket.socket(socket.AF_UNIX)
control.connect(sys.argv[1])
request = {"jsonrpc": "2.0", "id": 1, "method": "method.call",
           "params": {"verb": "mirror",
                      "arguments": {"port": sys.argv[2]}}}
fds = array.array("i", [theirs])
control.sendmsg([json.dumps(request).encode() + b"\n"],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
os.close(theirs)
answer = json.loads(control.makefile().readline())
if "result" not in answer:
    sys.exit(json.dumps(answer))
print("mirrored", answer["result"]["mirrored"], flush=True)
stream = os.fdopen(ours, "rb")
for _ in range(int(sys.argv[3])):
    size = struct.unpack("!I", stream.read(4))[0]
    frame = stream.read(size)
    print("%04x %u" % (struct.unpack_from("!H", frame, 12)[0], size),
          flush=True)
