"""COMPUTE DIGITAL SIGNATURE: every mode, held against the certificate on the card; and INTERNAL AUTHENTICATE."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from mynacard_conformance.verdict import Phrase

from . import apdu, tlv
from .bench import Bench
from .check import (
    Broken,
    CannotJudge,
    must,
    need,
    require,
    require_data,
    require_refusal,
    require_that,
    seen_of,
    should,
)
from .places import (
    AUTH_CERTIFICATE,
    AUTH_KEY,
    AUTH_PIN,
    AUTHENTICATION_KEY,
    COMMON,
    JPKI,
    SIGN_CERTIFICATE,
    SIGN_KEY,
    SIGN_PIN,
    TOKEN_INFO,
    File,
)
from .status import use

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_KEYS = ((AUTH_PIN, AUTH_CERTIFICATE, AUTH_KEY), (SIGN_PIN, SIGN_CERTIFICATE, SIGN_KEY))
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
_MESSAGE = b"a message that the card hashes by itself"
_DIGEST = sha256(_MESSAGE).digest()


def _opened(bench: Bench) -> Iterator[tuple[RSAPublicKey, File]]:
    """The keys of this card whose PIN is known, one after the other and open, with the public half of each."""
    found = [each for each in _KEYS if bench.usable(each[0])]
    if not found:
        bench.known(AUTH_PIN, SIGN_PIN)
    for pin, certificate, key in found:
        bench.open(pin)
        public = _public_key(bench, certificate)
        for _ in range(2):
            need(use(bench, key), f"a signature with the {pin.name} key")
        yield public, key


def _public_key(bench: Bench, file: File) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415 - heavy
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - likewise

    need(bench.send(apdu.select_file(file.fid)), f"SELECT {file}")
    content = bench.content_here(str(file))
    try:
        key = load_der_x509_certificate(content[: tlv.end_of_first(content)]).public_key()
    except ValueError:
        raise CannotJudge("unreadable", str(file)) from None
    if not isinstance(key, RSAPublicKey):
        raise CannotJudge("unreadable", str(file))
    return key


def _signature(bench: Bench, mode: int, data: bytes, key: File) -> bytes:
    """Have a key sign."""
    need(bench.send(apdu.select_file(key.fid)), f"SELECT {key}")
    answer = bench.send(apdu.sign(mode, data))
    require(answer, 0x9000)
    return answer.data


def _require_padded(public: RSAPublicKey, signature: bytes, expected: bytes) -> None:
    """Insist that a signature is PKCS#1 v1.5 over just these bytes."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - likewise

    try:
        signed = public.recover_data_from_signature(signature, PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        raise Broken(Phrase("valid-signature"), Phrase("invalid-signature")) from None
    require_that(signed == expected, "valid-signature", seen=Phrase("invalid-signature"))


def _require_pss(public: RSAPublicKey, signature: bytes) -> None:
    """Insist that a signature is PSS over the digest, with SHA-256 throughout and a salt of any length."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric import padding, utils  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - likewise

    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
    try:
        public.verify(signature, _DIGEST, pss, utils.Prehashed(SHA256()))
    except InvalidSignature:
        raise Broken(Phrase("valid-signature"), Phrase("invalid-signature")) from None


@must(
    "card/sign/as-given",
    "With P1 = 00, 1 to 245 bytes are padded as given and signed; the signature verifies with the key's certificate.",
    "P1=00では1~245バイトをそのままパディングして署名し、署名はその鍵の証明書で検証できる。",
    source="card.md, Commands: certain; RFC 8017 9.2",
)
def as_given(bench: Bench) -> None:
    """Sign the shortest, the usual and the longest."""
    for public, key in _opened(bench):
        for data in (b"\x01", _DIGEST_INFO + _DIGEST, bytes(range(245))):
            _require_padded(public, _signature(bench, 0x00, data, key), data)


@must(
    "card/sign/bare-digest",
    "With P1 = 01 the card hashes by SHA-256 and signs the bare hash.",
    "P1=01ではカードがSHA-256でハッシュし、ハッシュ値だけを署名する。",
    source="card.md, Commands: likely",
)
def bare_digest(bench: Bench) -> None:
    """Sign a message."""
    for public, key in _opened(bench):
        _require_padded(public, _signature(bench, 0x01, _MESSAGE, key), _DIGEST)


@must(
    "card/sign/wrapped-digest",
    "With P1 = 02 a hash of 32 bytes is signed in a DigestInfo.",
    "P1=02では32バイトのハッシュ値をDigestInfoに入れて署名する。",
    source="card.md, Commands: likely; RFC 8017 9.2",
)
def wrapped_digest(bench: Bench) -> None:
    """Sign a digest."""
    for public, key in _opened(bench):
        _require_padded(public, _signature(bench, 0x02, _DIGEST, key), _DIGEST_INFO + _DIGEST)


@must(
    "card/sign/hashed",
    "With P1 = 03 a message of up to 255 bytes is hashed by the card and signed in a DigestInfo.",
    "P1=03では255バイトまでのメッセージをカードがハッシュし、DigestInfoに入れて署名する。",
    source="card.md, Commands: likely (two clients); RFC 8017 9.2",
)
def hashed(bench: Bench) -> None:
    """Sign a short message and the longest."""
    for public, key in _opened(bench):
        for message in (_MESSAGE, b"m" * 255):
            expected = _DIGEST_INFO + sha256(message).digest()
            _require_padded(public, _signature(bench, 0x03, message, key), expected)


@must(
    "card/sign/pss",
    "With P1 = 04 a hash of 32 bytes is signed by PSS.",
    "P1=04では32バイトのハッシュ値をPSSで署名する。",
    source="card.md, Commands: likely; RFC 8017 8.1",
)
def pss(bench: Bench) -> None:
    """Sign a digest."""
    for public, key in _opened(bench):
        _require_pss(public, _signature(bench, 0x04, _DIGEST, key))


@must(
    "card/sign/hashed-pss",
    "With P1 = 05 a message is hashed by the card and signed by PSS.",
    "P1=05ではメッセージをカードがハッシュし、PSSで署名する。",
    source="card.md, Commands: likely; RFC 8017 8.1",
)
def hashed_pss(bench: Bench) -> None:
    """Sign a message."""
    for public, key in _opened(bench):
        _require_pss(public, _signature(bench, 0x05, _MESSAGE, key))


@must(
    "card/sign/by-short-identifier",
    "A key named in P2 signs without a SELECT, whatever file is current, and gives the same signature.",
    "P2で鍵を指定すれば、現在のファイルにかかわらずSELECTなしで同じ署名が得られる。",
    source="card.md, Commands: certain",
)
def by_short_identifier(bench: Bench) -> None:
    """Sign both ways."""
    for _, key in _opened(bench):
        selected = _signature(bench, 0x00, _DIGEST, key)
        need(bench.send(apdu.select_file(TOKEN_INFO.fid)), "SELECT the token info")
        require_data(bench.send(apdu.sign(0x00, _DIGEST, key.sfi)), selected)


@must(
    "card/sign/wrong-length",
    "Data that no mode can sign are refused: none, more than 245 bytes as given, a hash that has not 32 bytes.",
    "どの方式でも署名できない長さ(空、P1=00で245バイト超、32バイト以外のハッシュ値)は拒否される。",
    source="card.md, sign_wrong_length: 6985 and 6700 were both seen",
)
def wrong_length(bench: Bench) -> None:
    """Send too little and too much."""
    _, key = next(_opened(bench))
    need(bench.send(apdu.select_file(key.fid)), f"SELECT {key}")
    for mode, data in ((0x00, b""), (0x00, bytes(246)), (0x02, _DIGEST[:31]), (0x04, _DIGEST + b"\x00")):
        answer = bench.send(apdu.sign(mode, data))
        require_refusal(answer)
        bench.notes["sign-wrong-length"] = f"{answer.sw:04X}"


@must(
    "card/sign/unknown-mode",
    "A P1 beyond the six modes is refused with 6A86.",
    "6方式以外のP1は6A86で拒否される。",
    source="card.md, Commands: certain",
)
def unknown_mode(bench: Bench) -> None:
    """Try the next one, and a far one."""
    _, key = next(_opened(bench))
    need(bench.send(apdu.select_file(key.fid)), f"SELECT {key}")
    for mode in (0x06, 0x80):
        require(bench.send(apdu.sign(mode, _DIGEST)), 0x6A86)


@should(
    "card/sign/not-a-key",
    "The signing command is refused at a file that is no key, and where no file is current.",
    "鍵でないファイル、または現在のファイルがない状態での署名コマンドは拒否される。",
    source="card.md, sign_not_a_key: guess",
)
def not_a_key(bench: Bench) -> None:
    """Try it at the token info, at a PIN, and at nothing, with the PIN verified."""
    _, key = next(_opened(bench))
    pin = AUTH_PIN if key == AUTH_KEY else SIGN_PIN
    for file in (TOKEN_INFO, pin):
        need(bench.send(apdu.select_file(file.fid)), f"SELECT {file}")
        require_refusal(bench.send(apdu.sign(0x00, _DIGEST)))
    bench.application(JPKI)
    require_refusal(bench.send(apdu.sign(0x00, _DIGEST)))


@must(
    "card/sign/other-class",
    "The signing command in class 00 is refused, or asks for the PIN as in class 80.",
    "クラス00の署名コマンドは拒否されるか、クラス80と同じく暗証番号の照合を必要とする。",
    source="card.md, sign_in_class_00: likely",
)
def other_class(bench: Bench) -> None:
    """Try each key in a session without a PIN."""
    bench.application(JPKI)
    for key in (AUTH_KEY, SIGN_KEY):
        if bench.send(apdu.select_file(key.fid)).done:
            answer = bench.send(apdu.command(0x00, 0x2A, 0x00, 0x80, _DIGEST, 0))
            require_refusal(answer)
            bench.notes["sign-in-class-00"] = f"{answer.sw:04X}"


@must(
    "card/authenticate/answers",
    "EF 0019 of the common application answers a challenge with 256 bytes that depend on it, without a PIN.",
    "共通カードAPのEF 0019は、暗証番号なしで、チャレンジに依存する256バイトを返す。",
    source="card.md, The common application: certain",
)
def authenticates(bench: Bench) -> None:
    """Send two challenges, one of them twice."""
    bench.application(COMMON)
    answers = []
    for challenge in (b"\x01" * 16, b"\x02" * 16, b"\x01" * 16):
        raw = apdu.command(0x00, 0x88, 0x00, 0x80 | AUTHENTICATION_KEY.sfi, challenge, 0)
        answer = bench.send(raw)
        require(answer, 0x9000)
        require_that(len(answer.data) == 256, "bytes", 256, seen=seen_of(answer))
        answers.append(answer.data)
    require_that(answers[0] != answers[1] and answers[0] == answers[2], "depends", seen=Phrase("same-answer"))


@must(
    "card/authenticate/no-other-key",
    "INTERNAL AUTHENTICATE is refused with the auth and the sign key, before their PIN and after it.",
    "INTERNAL AUTHENTICATEは、利用者証明用・署名用の鍵では、照合の前後とも拒否される。",
    source="card.md, Status words: 6982 and 6985 certain",
)
def no_other_key(bench: Bench) -> None:
    """Try both keys, then with the PINs that are known."""
    bench.application(JPKI)
    pins = [pin for pin in (AUTH_PIN, SIGN_PIN) if bench.usable(pin)]
    for opened in ([], pins):
        bench.open(*opened)
        for key in (AUTH_KEY, SIGN_KEY):
            require_refusal(bench.send(apdu.command(0x00, 0x88, 0x00, 0x80 | key.sfi, _DIGEST, 0)))


@must(
    "card/authenticate/in-its-application",
    "The common application's key is of that application alone: elsewhere its short identifier does not answer.",
    "共通カードAPの鍵はそのAPの中でのみ使え、他のAPでは短縮識別子を指定しても応答しない。",
    source="card.md, Commands: certain",
)
def in_its_application(bench: Bench) -> None:
    """Name it within JPKI."""
    bench.application(COMMON)
    bench.application(JPKI)
    raw = apdu.command(0x00, 0x88, 0x00, 0x80 | AUTHENTICATION_KEY.sfi, b"\x01" * 16, 0)
    require_refusal(bench.send(raw))
