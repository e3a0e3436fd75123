"""Answers well about the auth PIN, and with its argument about everything else; `{id}` in it is the request's."""

import json
import os
import sys

REPLY = os.fsencode(sys.argv[1])
INTRODUCTION = {
    "client": {"name": "says", "version": "1"},
    "operations": ["tries_left", "verify_pin", "read_certificate", "sign", "read_my_number", "read_attributes"],
    "pins": ["auth", "sign"],
}
WELL = {"initialize": INTRODUCTION, "shutdown": {}, "tries_left": {"tries_left": 3}}

for line in sys.stdin:
    request = json.loads(line)
    if request["method"] in WELL and request["params"].get("pin", "auth") == "auth":
        reply = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": WELL[request["method"]]}).encode() + b"\n"
    else:
        reply = REPLY.replace(b"{id}", str(request["id"]).encode())
    sys.stdout.buffer.write(reply)
    sys.stdout.flush()
    if request["method"] == "shutdown":
        break
