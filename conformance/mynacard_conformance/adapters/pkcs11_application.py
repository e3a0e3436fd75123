"""The careful application behind a PKCS#11 module: what its user does, by return codes and token flags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, Mechanism, ObjectClass, PKCS11Error, TokenFlag

from mynacard_conformance.outcome import (
    Answer,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    states,
)

from .content import digest_info
from .pkcs11 import MAX_TRIES, SOME, pin_behind

# ---------------------------------------------------------------- what return codes and flags mean

_OUTCOMES: Mapping[type[PKCS11Error], Outcome] = {
    pkcs11.PinLocked: Outcome.LOCKED,
    pkcs11.UserPinNotInitialized: Outcome.PIN_ABSENT,
    pkcs11.TokenNotPresent: Outcome.NO_CARD,
    pkcs11.TokenNotRecognised: Outcome.WRONG_CARD,
    pkcs11.DeviceRemoved: Outcome.CARD_REMOVED,
    pkcs11.SessionHandleInvalid: Outcome.CARD_REMOVED,
    pkcs11.SessionClosed: Outcome.CARD_REMOVED,
    pkcs11.DeviceError: Outcome.CARD_UNREADABLE,
    pkcs11.FunctionCancelled: Outcome.CANCELLED,
    pkcs11.UserNotLoggedIn: Outcome.NOT_PERMITTED,
}
_ENTRY_OUTCOMES: Mapping[type[PKCS11Error], Outcome] = {
    **_OUTCOMES,
    pkcs11.PinIncorrect: Outcome.WRONG_PIN,
    pkcs11.PinLenRange: Outcome.FORMAT_REJECTED,
    pkcs11.PinInvalid: Outcome.FORMAT_REJECTED,
    pkcs11.ArgumentsBad: Outcome.FORMAT_REJECTED,
}
_TRIES_FLAGS = (TokenFlag.USER_PIN_COUNT_LOW, TokenFlag.USER_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED)


class Refused(Exception):
    """An action did not succeed; `answer` is what its user is told."""

    def __init__(self, outcome: Outcome, message: str, tries: int | None = None) -> None:
        super().__init__(message)
        self.answer = Answer(outcome, tries=None if tries is None else states(tries), message=message)


def code_of(error: PKCS11Error) -> str:
    """The standard's name of a return code, such as `CKR_PIN_INCORRECT`."""
    if type(error) is PKCS11Error:
        return str(error)  # a code without a class of its own; the words are the library's, and hold no PIN
    words = re.findall("[A-Z]+(?![a-z])|[A-Z][a-z]+", type(error).__name__)
    return "_".join(["CKR", *words]).upper().replace("CANCELLED", "CANCELED").replace("RECOGNISED", "RECOGNIZED")


def tries_of(flags: TokenFlag, limit: int) -> int:
    """The number of tries that a token's flags allow, or the smallest of several (`SOME`)."""
    if TokenFlag.USER_PIN_LOCKED in flags:
        return 0
    if TokenFlag.USER_PIN_FINAL_TRY in flags:
        return 1
    return SOME if TokenFlag.USER_PIN_COUNT_LOW in flags else limit


def entry_refused(error: PKCS11Error, flags: TokenFlag | None, limit: int) -> Refused:
    """Say what came of entering a PIN, by return code and by the flags re-read; None where they cannot be read.

    A token may keep the flags to itself: after a wrong PIN, none at all says nothing about the tries.
    """
    outcome = _ENTRY_OUTCOMES.get(type(error), Outcome.PROTOCOL_ERROR)
    if flags is None:
        return Refused(outcome, f"{code_of(error)}, and the token cannot be asked any more")
    told = [f"CKF_{flag.name}" for flag in _TRIES_FLAGS if flag in flags]
    message = f"{code_of(error)}, the token shows {' and '.join(told) or 'no flag about tries'}"
    if outcome is not Outcome.WRONG_PIN:
        return Refused(outcome, message)
    tries = tries_of(flags, limit) if told else None
    return Refused(outcome, message, tries) if tries != 0 else Refused(Outcome.LOCKED, message)


# ---------------------------------------------------------------- whose token, certificate or key it is

_NAMES: Mapping[PinKind, re.Pattern[str]] = {
    PinKind.AUTH: re.compile("auth(?!ority)|利用者", re.IGNORECASE),
    PinKind.SIGN: re.compile("sign|署名", re.IGNORECASE),
}
_DESCRIPTION = 64  # bytes of a reader's name that find room in a slot's description


def pin_named_in(text: str) -> PinKind | None:
    """The PIN that a label is about; None where it names neither or both."""
    named = [pin for pin, pattern in _NAMES.items() if pattern.search(text)]
    return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class _Found:
    """A token, and the file name of the module that has it."""

    token: pkcs11.Token
    module: str

    def is_behind(self, pin: PinKind, wanted: re.Pattern[str] | None) -> bool:
        """Whether this PIN opens it: by its label, and by its module's name where the label says nothing."""
        label = self.token.label
        return bool(wanted.search(label)) if wanted else (pin_named_in(label) or pin_named_in(self.module)) is pin


def _attribute(found: pkcs11.Object, attribute: Attribute) -> Any:  # noqa: ANN401 - each attribute has its own type
    """An attribute of an object; None where the object does not have it."""
    try:
        return found[attribute]
    except pkcs11.AttributeTypeInvalid:
        return None


def _is_ca(der: bytes) -> bool:
    """Whether a certificate is a CA's, by what is in it: few modules state a category."""
    try:
        certificate = x509.Certificate.load(der)
        return bool(certificate.ca or certificate.self_issued)
    except (ValueError, TypeError):  # what this is instead of a certificate is not decided here
        return False


# ---------------------------------------------------------------- the application


class Application:
    """A careful program with one user and one reader, on top of the modules.

    It looks for slots and tokens anew at every action. After a PIN was right it stays logged in until the next entry of
    that PIN, or until it is closed, which finalises the modules.
    """

    def __init__(self, modules: Sequence[str], wanted: Mapping[PinKind, re.Pattern[str] | None]) -> None:
        self.reader = ""
        self._modules = modules
        self._wanted = wanted
        self._loaded: dict[str, Any] = {}
        self._slots_name_readers = False
        self._logged_in: dict[PinKind, pkcs11.Session] = {}

    def introduce(self) -> tuple[str, str]:
        """Name and version, as far as the modules tell them."""
        try:
            libraries = [library for _, library in self._libraries()]
        except PKCS11Error:
            return " + ".join(Path(module).name for module in self._modules), "(version unknown)"
        versions = ("{}.{}".format(*library.library_version) for library in libraries)
        return " + ".join(library.library_description for library in libraries), " + ".join(versions)

    def perform(self, call: Call) -> Answer:
        """Do what the user asks, and say what came of it."""
        try:
            return self._perform(call)
        except Refused as refused:
            return refused.answer
        except PKCS11Error as error:
            return Answer(_OUTCOMES.get(type(error), Outcome.PROTOCOL_ERROR), message=code_of(error))
        except Exception as error:  # noqa: BLE001 - a module may hand out anything; the text is left out, for PINs' sake
            return Answer(Outcome.PROTOCOL_ERROR, message=f"the module's data make no sense: {type(error).__name__}")

    def _perform(self, call: Call) -> Answer:
        match call:
            case TriesLeft(pin):
                return Answer(Outcome.OK, tries=states(self._tries_left(pin)))
            case VerifyPin(pin, value):
                self._log_in(pin, value)
            case ChangePin(pin, current, new):
                self._change_pin(pin, current, new)
            case ReadCertificate(certificate, pin_value):
                return Answer(Outcome.OK, value=self._read_certificate(certificate, pin_value))
            case Sign(key, hash_kind, message, pin_value):
                return Answer(Outcome.OK, value=self._sign(key, hash_kind, message, pin_value))
            case Close():
                self._close()
            case ReadMyNumber() | ReadAttributes():
                raise Refused(Outcome.PROTOCOL_ERROR, "PKCS#11 has no way to ask for this")
            case _:
                assert_never(call)
        return Answer(Outcome.OK)

    # ------------------------------------------------------------ slots, tokens, sessions

    def _libraries(self) -> Iterator[tuple[str, Any]]:
        """The modules by file name, initialised where they are not."""
        for module in self._modules:
            self._loaded[module] = pkcs11.lib(module)
            yield Path(module).name, self._loaded[module]

    def _slots(self) -> list[tuple[str, pkcs11.Slot]]:
        """The slots of the reader; all slots where they are not described by the names of readers."""
        slots = [(name, slot) for name, library in self._libraries() for slot in library.get_slots()]
        description = self.reader.encode()[:_DESCRIPTION].decode(errors="replace").rstrip()
        ours = [(name, slot) for name, slot in slots if slot.slot_description == description]
        self._slots_name_readers |= bool(ours)
        if not slots or (self._slots_name_readers and not ours):
            raise Refused(Outcome.NO_READER, f"no slot for the reader {self.reader!r}")
        return ours or slots

    def _tokens(self) -> list[_Found]:
        """The card's tokens with their flags as they are now; raises what the module says where there is none."""
        tokens: list[_Found] = []
        trouble: PKCS11Error = pkcs11.TokenNotPresent()
        for name, slot in self._slots():
            try:
                tokens.append(_Found(slot.get_token(), name))
            except pkcs11.TokenNotPresent:
                continue
            except PKCS11Error as error:
                trouble = error
        if not tokens:
            raise trouble
        return tokens

    def _token(self, pin: PinKind, absent: Outcome = Outcome.PIN_ABSENT) -> pkcs11.Token:
        """The token behind a PIN; `absent` is the outcome where the card has only the other PIN's."""
        return self._choose(self._tokens(), pin, absent)

    def _choose(self, tokens: list[_Found], pin: PinKind, absent: Outcome) -> pkcs11.Token:
        behind: dict[PinKind, pkcs11.Token] = {}
        for found in tokens:
            for kind, label in self._wanted.items():
                if found.is_behind(kind, label):
                    behind.setdefault(kind, found.token)
        if pin in behind:
            return behind[pin]
        labels = ", ".join(repr(found.token.label) for found in tokens)
        raise Refused(absent if behind else Outcome.WRONG_CARD, f"no token for the {pin.value} PIN among {labels}")

    @contextmanager
    def _session(self, token: pkcs11.Token, *, rw: bool = False) -> Iterator[pkcs11.Session]:
        """A session for a while; it is logged in where the user is."""
        session = token.open(rw=rw)
        try:
            yield session
        finally:
            with suppress(PKCS11Error):  # it has served, or something worse is on its way already
                session.close()

    def _close(self) -> None:
        for pin in MAX_TRIES:
            self._log_out(pin)
        for library in self._loaded.values():
            library.finalize()

    # ------------------------------------------------------------ PINs

    def _tries_left(self, pin: PinKind) -> int:
        flags = self._token(pin).flags
        if TokenFlag.USER_PIN_INITIALIZED not in flags:
            raise Refused(Outcome.PIN_ABSENT, "the token does not show CKF_USER_PIN_INITIALIZED")
        return tries_of(flags, MAX_TRIES[pin])

    def _log_in(self, pin: PinKind, value: str) -> None:
        """Log out, and in again; raises `Refused` where the PIN does not open the token.

        A failed login leaves a session behind, for python-pkcs11 drops its handle. Closing ends them all.
        """
        self._log_out(pin)
        with self._entry(pin) as token:
            try:
                self._logged_in[pin] = token.open(user_pin=value)
            except (pkcs11.UserAlreadyLoggedIn, pkcs11.SessionCount):  # so nobody looked at the PIN: once more, afresh
                self._close()
                self._logged_in[pin] = self._token(pin).open(user_pin=value)

    def _log_out(self, pin: PinKind) -> None:
        session = self._logged_in.pop(pin, None)
        if session is not None:
            with suppress(PKCS11Error):  # the card may have left, and the session with it
                session.close()

    def _change_pin(self, pin: PinKind, current: str, new: str) -> None:
        self._log_out(pin)
        with self._entry(pin) as token, self._session(token, rw=True) as session:
            session.set_pin(current, new)

    @contextmanager
    def _entry(self, pin: PinKind) -> Iterator[pkcs11.Token]:
        """The token behind a PIN, for as long as a PIN is entered; what goes wrong with it is `Refused`."""
        token = self._token(pin)
        try:
            yield token
        except UnicodeEncodeError:
            raise Refused(Outcome.FORMAT_REJECTED, "this cannot be written in UTF-8") from None
        except PKCS11Error as error:
            flags = None
            with suppress(PKCS11Error):
                flags = token.slot.get_token().flags
            raise entry_refused(error, flags, MAX_TRIES[pin]) from None

    # ------------------------------------------------------------ certificates and keys

    def _read_certificate(self, kind: CertificateKind, pin_value: str | None) -> bytes:
        """Read a certificate; a PIN is entered only for the private one (`sign`), or if nothing else helps."""
        pin = pin_behind(kind)
        private = kind is CertificateKind.SIGN
        der = None if private and pin_value is not None else self._find_certificate(kind, pin)
        if der is None and pin_value is not None:
            self._log_in(pin, pin_value)
            der = self._find_certificate(kind, pin)
        if der is None:
            hidden = private and pin_value is None
            raise Refused(_UNSEEN[hidden], "no such certificate object can be seen")
        if not der:
            raise Refused(Outcome.PROTOCOL_ERROR, "CKR_OK with an empty CKA_VALUE")
        return der

    def _find_certificate(self, kind: CertificateKind, pin: PinKind) -> bytes | None:
        """The DER of a certificate that can be seen now. A CA's may be on the other PIN's token."""
        tokens = self._tokens()
        own = self._choose(tokens, pin, Outcome.CERT_ABSENT)
        ca = kind in (CertificateKind.SIGN_CA, CertificateKind.AUTH_CA)
        seen: list[tuple[bool, bool, bytes]] = []
        for token in [found.token for found in tokens] if ca else [own]:
            with self._session(token) as session:
                for certificate in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
                    der = certificate[Attribute.VALUE]
                    if _is_ca(der) is ca:
                        named = pin_named_in(_attribute(certificate, Attribute.LABEL) or "") is pin
                        seen.append((named, token is own, der))
        named, at_home, der = max(seen, key=lambda found: found[:2], default=(False, False, b""))
        return der if named or at_home else None

    def _sign(self, key: KeyKind, hash_kind: HashKind, message: bytes, pin_value: str | None) -> bytes:
        """Sign; a second login, for the key alone, only if the module insists on it (CKA_ALWAYS_AUTHENTICATE)."""
        if pin_value is not None:
            self._log_in(key.pin, pin_value)
        token = self._token(key.pin, absent=Outcome.CERT_ABSENT)
        mechanism, data = _way_to_sign(token.slot.get_mechanisms(), hash_kind, message)
        with self._session(token) as session:
            objects = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
            private_key = next((found for found in objects if isinstance(found, pkcs11.SignMixin)), None)
            if private_key is None:
                raise Refused(_UNSEEN[pin_value is None], "no private key object can be seen")
            try:
                return private_key.sign(data, mechanism=mechanism)
            except pkcs11.UserNotLoggedIn:
                if pin_value is None or not _attribute(private_key, Attribute.ALWAYS_AUTHENTICATE):
                    raise
            return private_key.sign(data, mechanism=mechanism, pin=pin_value)


_UNSEEN = {True: Outcome.NOT_PERMITTED, False: Outcome.CERT_ABSENT}
"""What became of looking for an object that is not there to be seen, by whether only a PIN would have shown it."""

_HASHING: Mapping[HashKind, Mechanism] = {
    HashKind.SHA256: Mechanism.SHA256_RSA_PKCS,
    HashKind.SHA384: Mechanism.SHA384_RSA_PKCS,
    HashKind.SHA512: Mechanism.SHA512_RSA_PKCS,
}


def _way_to_sign(offered: set[Any], hash_kind: HashKind, message: bytes) -> tuple[Mechanism, bytes]:
    """A mechanism, and what to hand to it; over a ready DigestInfo where that is possible (C-04)."""
    if Mechanism.RSA_PKCS in offered:
        return Mechanism.RSA_PKCS, digest_info(hash_kind, message)
    if _HASHING[hash_kind] in offered:
        return _HASHING[hash_kind], message
    raise Refused(Outcome.PROTOCOL_ERROR, f"the token offers neither CKM_RSA_PKCS nor CKM_{_HASHING[hash_kind].name}")
