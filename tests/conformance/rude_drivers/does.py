"""Behaves until it is asked about another PIN than auth; then it does what its first argument says.

The few deeds without a function here are done on other occasions, in `main`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

WELL = {
    "initialize": {
        "client": {"name": "does", "version": "1"},
        "operations": ["tries_left", "sign"],
        "pins": ["auth", "sign"],
    },
    "tries_left": {"tries_left": 3},
}
DEEDS: dict[str, Callable[[int], object]] = {}
SLEEPER = [sys.executable, "-S", "-c", "import signal; signal.pause()"]


def deed(function: Callable[[int], object]) -> Callable[[int], object]:
    DEEDS[function.__name__.replace("_", " ")] = function
    return function


def response(identifier: int, result: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}).encode() + b"\n"


def say(identifier: int, result: object) -> None:
    os.write(1, response(identifier, result))


def hang() -> None:
    while True:
        signal.pause()


def write_for_ever(descriptor: int, data: bytes) -> None:
    while True:
        os.write(descriptor, data)


@deed
def exits(_: int) -> None:
    sys.exit(int(sys.argv[2]))


@deed
def crashes(_: int) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@deed
def dies_of_a_nameless_signal(_: int) -> None:
    os.kill(os.getpid(), 35)


@deed
def throws(_: int) -> None:
    raise RuntimeError("a bug of its own")


@deed
def stops_in_the_middle_of_a_line(identifier: int) -> None:
    os.write(1, response(identifier, {"tries_left": 5})[:20])
    sys.exit(0)


@deed
def answers_and_dies(identifier: int) -> None:
    say(identifier, {"tries_left": 5})
    sys.exit(3)


@deed
def dies_and_leaves_a_child_that_holds_its_output(_: int) -> None:
    subprocess.Popen(SLEEPER)
    os._exit(4)


@deed
def starts_a_child_and_hangs(_: int) -> None:
    with Path(sys.argv[2]).open("w", encoding="ascii") as sign_of_life:
        subprocess.Popen(SLEEPER, stdout=sign_of_life)
        hang()


@deed
def hangs(_: int) -> None:
    hang()


@deed
def answers_late(identifier: int) -> None:
    time.sleep(0.6)
    say(identifier, {"tries_left": 5})


@deed
def dribbles(identifier: int) -> None:
    for letter in response(identifier, {"tries_left": 5}):
        os.write(1, bytes([letter]))
        time.sleep(0.05)


@deed
def answers_twice(identifier: int) -> None:
    say(identifier, {"tries_left": 5})
    say(identifier, {"tries_left": 5})


@deed
def answers_again_when_it_is_nudged(identifier: int) -> None:
    say(identifier, {"tries_left": 5})
    Path(sys.argv[2], "nudge").read_bytes()
    say(identifier, {"tries_left": 5})
    Path(sys.argv[2], "nudged").write_bytes(b"")


@deed
def closes_its_output(_: int) -> None:
    os.close(1)
    hang()


@deed
def closes_its_input(_: int) -> None:
    os.close(0)
    hang()


@deed
def writes_a_line_without_end(_: int) -> None:
    write_for_ever(1, b"x" * 4096)


@deed
def writes_lines_without_end(_: int) -> None:
    write_for_ever(1, b"{}\n" * 1000)


@deed
def writes_too_long_a_line(identifier: int) -> None:
    padding = b" " * (1 << 20)
    while padding:
        padding = padding[os.write(1, padding) :]
    say(identifier, {"tries_left": 5})


@deed
def floods_its_log(_: int) -> None:
    write_for_ever(2, b"busy\n" * 1000)


@deed
def fills_its_log_and_answers(identifier: int) -> None:
    sys.stderr.write("a PIN was 7391\n" + "noise\n" * 1_000_000)
    say(identifier, {"tries_left": 5})


def at_leisure(wish: str) -> None:
    """Misbehave between two requests."""
    match wish:
        case "stops reading":
            hang()
        case "stops listening":
            os.close(0)
            hang()
        case "answers before it has read":
            os.read(0, 1)
            say(2, {"signature": ""})
            hang()
        case _:
            return


def shut_down(identifier: int, wish: str) -> None:
    if wish in ("ignores shutdown", "ignores SIGTERM"):
        hang()
    if wish == "refuses shutdown":
        print(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": {"code": 1, "message": "never"}}), flush=True)  # noqa: T201 - so drivers speak
    else:
        say(identifier, {})
    if wish == "outlives shutdown":
        hang()
    sys.exit(3 if wish == "ends badly" else 0)


def main() -> None:
    wish = sys.argv[1]
    if wish == "ignores SIGTERM":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        if request["method"] == "shutdown":
            shut_down(request["id"], wish)
        elif request["params"].get("pin", "auth") != "auth":
            DEEDS[wish](request["id"])
        else:
            say(request["id"], WELL[request["method"]])
            at_leisure(wish)


if __name__ == "__main__":
    main()
