"""A driver with perfect manners and no card; what it was asked goes to standard error."""

import json
import sys

RESULTS: dict[str, dict[str, object]] = {
    "initialize": {
        "client": {"name": "polite", "version": "1.0"},
        "operations": [
            "tries_left",
            "verify_pin",
            "change_pin",
            "read_certificate",
            "sign",
            "read_my_number",
            "read_attributes",
            "close",
        ],
        "pins": ["auth", "sign"],
        "features": ["last_try_ok"],
    },
    "tries_left": {"tries_left": 3},
    "verify_pin": {},
    "change_pin": {},
    "read_certificate": {"der": "MIIB"},
    "sign": {"signature": "AAE="},
    "read_my_number": {"my_number": "123456789018"},
    "read_attributes": {"name": "架空 花子", "address": "架空県", "birth_date": "1980-02-17", "sex": "female"},
    "close": {},
    "shutdown": {},
}

for line in sys.stdin:
    sys.stderr.write(line)
    sys.stderr.flush()
    request = json.loads(line)
    response = {"jsonrpc": "2.0", "id": request["id"], "result": RESULTS[request["method"]]}
    print(json.dumps(response), flush=True)  # noqa: T201 - it is how a driver speaks
    if request["method"] == "shutdown":
        break
