"""A PKCS#11 module as the client under test: it runs in a process of its own, behind a driver that is ours.

What the module's user would see is its return codes and the flags of its tokens, re-read; `pkcs11_host` turns these
into outcomes and speaks the driver protocol. So a module that crashes, hangs or ends its process breaks down like any
other driver.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from tempfile import TemporaryFile

from mynacard_conformance.outcome import (
    Answer,
    Call,
    CertificateKind,
    ChangePin,
    Operation,
    PinKind,
    ReadCertificate,
    Sign,
    TriesLeft,
    VerifyPin,
)

from .driver import DriverClient, DriverError

MAX_TRIES: Mapping[PinKind, int] = {PinKind.AUTH: 3, PinKind.SIGN: 5}
"""The PINs that PKCS#11 knows of this card, each with the limit of its counter (R-002, R-003)."""

SOME = 2
"""How the host says that a token's flags allow every number of tries from here up to one less than all."""

OFFERED = frozenset(
    {Operation.TRIES_LEFT, Operation.VERIFY_PIN, Operation.READ_CERTIFICATE, Operation.SIGN, Operation.CLOSE}
)
"""What the host offers of every module."""

_HOST = "mynacard_conformance.adapters.pkcs11_host"
_LOADING_SECONDS = 20.0


class ModuleError(DriverError):
    """The PKCS#11 module cannot be judged at all; one line says why."""


class Pkcs11Client(DriverClient):
    """The client that a PKCS#11 module makes (a `ClientUnderTest`).

    Args:
        module: Path of the module, or of two where sign and auth are one each (C-03).
        reader: The PC/SC name of the reader; slots that are described by another reader's name are left alone.
        environment: What the module needs on top of the harness's own environment.
        timeout: Seconds for one request.
        pins: The PINs whose tokens the module has.
        auth_token: Regular expression for the label of the token behind the auth PIN, where guessing fails.
        sign_token: The same for the sign PIN.
        change_pin: Offer `change_pin`. Whether C_SetPIN works cannot be found out without changing a PIN.

    Raises `ModuleError` where the module cannot be loaded. That is tried in a process of its own, too.

    """

    def __init__(  # noqa: PLR0913 - all but the first have names
        self,
        module: str | Sequence[str],
        *,
        reader: str,
        environment: Mapping[str, str],
        timeout: float = 5.0,
        pins: frozenset[PinKind] = frozenset(MAX_TRIES),
        auth_token: str | None = None,
        sign_token: str | None = None,
        change_pin: bool = False,
    ) -> None:
        modules = [module] if isinstance(module, str) else list(module)
        options = [f"--pin={pin.value}" for pin in MAX_TRIES if pin in pins]
        options += [f"--{name}={label}" for name, label in (("auth", auth_token), ("sign", sign_token)) if label]
        options += ["--change-pin"] * change_pin
        command = [sys.executable, "-P", "-m", _HOST, *options, *modules]
        _check_loadable([*command, "--check"], {**os.environ, **environment})
        super().__init__(command, reader=reader, environment=environment, timeout=timeout)
        self._offered = OFFERED | {Operation.CHANGE_PIN} if change_pin else OFFERED
        self._known = pins

    @property
    def operations(self) -> frozenset[Operation]:
        """What its host offers, also where the module breaks down before the host can say so."""
        return super().operations or self._offered

    @property
    def pins(self) -> frozenset[PinKind]:
        """The PINs whose tokens it has."""
        return super().pins or self._known

    def perform(self, call: Call, *, last_try_ok: bool = False) -> Answer:
        """Do what the user asks, and say what came of it; tries are stated as far as the token's flags state them."""
        answer = super().perform(call, last_try_ok=last_try_ok)
        pin = _pin_of(call)
        if pin is None or answer.tries is None or answer.tries.start != SOME:
            return answer
        return replace(answer, tries=range(SOME, MAX_TRIES[pin]))


def pin_behind(certificate: CertificateKind) -> PinKind:
    """The PIN of the token that a certificate belongs to."""
    signs = certificate in (CertificateKind.SIGN, CertificateKind.SIGN_CA)
    return PinKind.SIGN if signs else PinKind.AUTH


def _pin_of(call: Call) -> PinKind | None:
    match call:
        case TriesLeft(pin) | VerifyPin(pin) | ChangePin(pin):
            return pin
        case ReadCertificate(certificate):
            return pin_behind(certificate)
        case Sign(key):
            return key.pin
        case _:
            return None


def _check_loadable(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Have the modules loaded and let go again, in a process that nothing depends on."""
    if importlib.util.find_spec("pkcs11") is None:
        raise ModuleError("a PKCS#11 module is driven by python-pkcs11; install mynacard[pkcs11]")
    with TemporaryFile() as log:  # a pipe would keep us waiting for whatever else a module starts
        try:
            done = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                timeout=_LOADING_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ModuleError(f"the PKCS#11 module is not loaded after {_LOADING_SECONDS:g} s") from None
        if done.returncode:
            log.seek(0)
            said = log.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise ModuleError(said or "the PKCS#11 module ends the process that loads it")
