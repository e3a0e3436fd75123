"""Started by `exec --control` with two cards: steers its readers over HTTP and looks at them through PC/SC.

Prints as JSON what it was told and what it heard.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import httpx

from mynacard_emulator.readers.pcsc import PcscError, ReaderConnection

JPKI, PIN, QUERY, WRONG = (
    bytes.fromhex(command)
    for command in ("00A4040C0AD392F000260100000001", "00A4020C020018", "00200080", "002000800430303030")
)


def client() -> httpx.Client:
    """The way in that the environment tells."""
    address, token = os.environ["MYNACARD_CONTROL"], os.environ.get("MYNACARD_CONTROL_TOKEN", "none")
    headers = {"authorization": f"Bearer {token}"}
    if address.startswith("unix:"):
        transport = httpx.HTTPTransport(uds=address.removeprefix("unix:"))
        return httpx.Client(transport=transport, base_url="http://localhost", timeout=30, headers=headers)
    return httpx.Client(base_url=address, timeout=30, headers=headers)


def heard(reader: str, *commands: bytes) -> str:
    """The answer to the last of these, or the kind of failure, as a client hears it that has just come."""
    connection = ReaderConnection(reader)
    try:
        connection.connect()
        return [connection.transmit(command).hex() for command in commands][-1]
    except PcscError as error:
        return type(error).__name__
    finally:
        connection.close()


def story(card: httpx.Client) -> list[Any]:
    """What happens to the second reader, and that the first is left alone."""

    def ask(method: str, path: str, body: object = None) -> Any:
        answer = card.request(method, path, json=body).json()
        return answer.get("error", answer)

    first, second = (reader["name"] for reader in ask("GET", "/state")["readers"])
    told = [ask("DELETE", "/readers/1/card")["card"], heard(second, JPKI), heard(first, JPKI)]
    told += [ask("POST", "/readers/1/card")["card"], heard(second, JPKI)]
    told += [ask("POST", "/readers/1/card", {"card": 2}), ask("PUT", "/readers/0/card", {"card": 2})]
    ordered = ask("POST", "/readers/1/faults", {"fault": "verify:1:eject-after"})
    told += [ordered["ordered"], heard(first, JPKI, PIN, WRONG), heard(second, JPKI, PIN, WRONG)]
    told += [ask("GET", "/readers/1/faults")["happened"], ask("GET", "/readers/1")["card"]]
    told += [ask("POST", "/readers/1/noise", {"name": "opensc"})]
    told += [ask("DELETE", "/readers/1/accident")["card"], heard(second, JPKI, PIN, QUERY)]
    told += [ask("POST", "/readers/1/noise", {"name": "opensc"})["card"]]
    for name in ("usb-hub", "held-by-another"):
        happened = ask("POST", "/readers/1/accident", {"name": name})
        told += [happened["accident"], heard(second, JPKI), ask("POST", "/readers/1/power_cycle", None)]
        told += [ask("DELETE", "/readers/1/accident")["noticed"], heard(second, JPKI)]
    told += [ask("POST", "/readers/1/accident", {"name": "metal-desk"}), ask("GET", "/readers/2")]
    seen = ask("GET", "/trace?since=0")["exchanges"]
    return [*told, sorted({exchange["reader"] for exchange in seen})]


if __name__ == "__main__":
    with client() as way_in:
        sys.stdout.write(json.dumps(story(way_in)))
