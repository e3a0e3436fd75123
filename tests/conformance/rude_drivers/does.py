"""Behaves until it is asked about another PIN than auth; then it does what its first argument says."""

import json
import os
import signal
import subprocess
import sys
import time

INTRODUCTION = {
    "client": {"name": "does", "version": "1"},
    "operations": ["tries_left", "sign"],
    "pins": ["auth", "sign"],
}
WELL = {"initialize": INTRODUCTION, "shutdown": {}, "tries_left": {"tries_left": 3}}


def say(identifier: int, result: object) -> None:
    """Answer as one should."""
    print(json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}), flush=True)  # noqa: T201 - so drivers speak


def hang() -> None:
    """Do nothing, until killed."""
    while True:
        signal.pause()


def write_for_ever(descriptor: int, data: bytes) -> None:
    """Write as fast as it is read."""
    while True:
        os.write(descriptor, data)


def do(deed: str, identifier: int) -> None:  # noqa: C901, PLR0912 - one arm a deed
    """Misbehave."""
    match deed:
        case "exits":
            sys.exit(int(sys.argv[2]))
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "raises":
            raise RuntimeError("a bug of its own")
        case "stops in the middle of a line":
            os.write(1, b'{"jsonrpc":"2.0","id":')
            sys.exit(0)
        case "answers and dies":
            say(identifier, {"tries_left": 5})
            sys.exit(3)
        case "hangs":
            hang()
        case "answers late":
            time.sleep(0.6)
            say(identifier, {"tries_left": 5})
        case "dribbles":
            for letter in json.dumps({"jsonrpc": "2.0", "id": identifier, "result": {"tries_left": 5}}):
                os.write(1, letter.encode())
                time.sleep(0.05)
        case "floods its log for ever":
            write_for_ever(2, b"busy\n" * 1000)
        case "writes a line without end":
            write_for_ever(1, b"x" * 4096)
        case "writes lines without end":
            write_for_ever(1, b"{}\n" * 1000)
        case "writes too long a line":
            os.write(1, b" " * (1 << 20))
            say(identifier, {"tries_left": 5})
        case "answers twice":
            say(identifier, {"tries_left": 5})
            say(identifier, {"tries_left": 5})
        case "closes its output":
            os.close(1)
            hang()
        case "closes its input":
            sys.stdin.close()
            hang()
        case "dies and leaves a child that holds its output":
            subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"])
            os._exit(4)
        case "starts a child and hangs":
            with open(sys.argv[2], "w", encoding="ascii") as sign_of_life:  # noqa: PTH123 - no need of pathlib
                subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"], stdout=sign_of_life)
                hang()
        case "fills its log and answers":
            os.write(2, b"a PIN was 7391\n" + b"noise\n" * 1_000_000)
            say(identifier, {"tries_left": 5})
        case _:
            sys.exit(f"no such deed: {deed}")


def main() -> None:
    """Serve."""
    deed = sys.argv[1]
    if deed == "ignores SIGTERM":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        if request["params"].get("pin", "auth") != "auth":
            do(deed, request["id"])
            continue
        if request["method"] == "shutdown" and deed in ("ignores shutdown", "ignores SIGTERM"):
            hang()
        say(request["id"], WELL[request["method"]])
        if deed == "stops reading":
            hang()
        if request["method"] == "shutdown":
            if deed == "outlives shutdown":
                hang()
            sys.exit(3 if deed == "ends badly" else 0)


if __name__ == "__main__":
    main()
