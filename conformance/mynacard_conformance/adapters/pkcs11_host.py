"""The process in which a PKCS#11 module runs: a driver of ours, over the application in `pkcs11_application`.

`python -m mynacard_conformance.adapters.pkcs11_host MODULE...` speaks the driver protocol on its standard input and
output. What the module prints goes to standard error, wherever it meant to print it.
"""

from __future__ import annotations

import argparse
import base64
import ctypes
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from mynacard_conformance.outcome import (
    Answer,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    Operation,
    Outcome,
    PinKind,
    ReadCertificate,
    Sign,
    TriesLeft,
    VerifyPin,
)

from .pkcs11 import OFFERED
from .pkcs11_application import Application

# ---------------------------------------------------------------- the driver

_CALLS: Mapping[str, Callable[[Mapping[str, Any]], Call]] = {
    "tries_left": lambda params: TriesLeft(PinKind(params["pin"])),
    "verify_pin": lambda params: VerifyPin(PinKind(params["pin"]), params["value"]),
    "change_pin": lambda params: ChangePin(PinKind(params["pin"]), params["current"], params["new"]),
    "read_certificate": lambda params: ReadCertificate(CertificateKind(params["certificate"]), params["pin"]),
    "sign": lambda params: Sign(
        KeyKind(params["key"]), HashKind(params["hash"]), base64.b64decode(params["message"]), params["pin"]
    ),
    "close": lambda _: Close(),
    "shutdown": lambda _: Close(),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """The application, spoken to in the driver protocol; it offers these operations for these PINs."""

    application: Application
    operations: frozenset[Operation]
    pins: Sequence[PinKind]

    def serve(self, requests: BinaryIO, answers: BinaryIO) -> None:
        """Answer requests until `shutdown`, or until they end."""
        library = ctypes.CDLL(None)
        for line in requests:
            request = json.loads(line)
            reply = self._reply(request["method"], request["params"])
            library.fflush(None)  # what the module has printed belongs to this answer's log
            answers.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **reply}).encode() + b"\n")
            answers.flush()
            if request["method"] == "shutdown":
                return
        self.application.perform(Close())

    def _reply(self, method: str, params: Mapping[str, Any]) -> dict[str, object]:
        if method == "initialize":
            return {"result": self._introduction(params["reader"])}
        call = _CALLS[method](params)
        answer = self.application.perform(call)
        if answer.outcome is Outcome.OK or method == "shutdown":
            return {"result": _result(call, answer)}
        data: dict[str, object] = {"outcome": answer.outcome.value}
        if answer.tries is not None:
            data["tries_left"] = answer.tries.start
        return {"error": {"code": -32000, "message": answer.message, "data": data}}

    def _introduction(self, reader: str) -> dict[str, object]:
        self.application.reader = reader
        name, version = self.application.introduce()
        return {
            "client": {"name": name, "version": version},
            "operations": sorted(operation.value for operation in self.operations),
            "pins": [pin.value for pin in self.pins],
        }


def _result(call: Call, answer: Answer) -> dict[str, object]:
    match call, answer:
        case TriesLeft(), Answer(tries=range(start=tries)):
            return {"tries_left": tries}
        case ReadCertificate(), Answer(value=bytes(der)):
            return {"der": base64.b64encode(der).decode()}
        case Sign(), Answer(value=bytes(signature)):
            return {"signature": base64.b64encode(signature).decode()}
        case _:
            return {}


# ---------------------------------------------------------------- the process


def main() -> None:
    """Drive the modules named on the command line; with `--check`, only see whether they are some."""
    arguments = _arguments()
    if arguments.check:
        for module in arguments.modules:
            _check(module)
        return
    requests, answers = _private_streams()
    application = Application(arguments.modules, {PinKind.AUTH: arguments.auth, PinKind.SIGN: arguments.sign})
    operations = OFFERED | {Operation.CHANGE_PIN} if arguments.change_pin else OFFERED
    Driver(application, operations, arguments.pin).serve(requests, answers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pkcs11_host", description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pin", action="append", type=PinKind, default=[])
    parser.add_argument("--auth", type=_pattern, metavar="LABEL")
    parser.add_argument("--sign", type=_pattern, metavar="LABEL")
    parser.add_argument("--change-pin", action="store_true")
    return parser.parse_args()


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None


def _check(module: str) -> None:
    try:
        library = ctypes.CDLL(module)
    except OSError as error:
        sys.exit(f"the PKCS#11 module cannot be loaded: {error}; give the path of a shared library")
    if not hasattr(library, "C_GetFunctionList"):
        sys.exit(f"{module} is a library, but no PKCS#11 module: it has no C_GetFunctionList")


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the harness's pipes from the module: its standard input is empty, its standard output is the log."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, answers


if __name__ == "__main__":
    main()
