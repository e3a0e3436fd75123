"""What the files hold: certificates, token info, text records, and what goes with what."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from mynacard_conformance.verdict import Phrase

from . import apdu, tlv
from .bench import Bench
from .check import Broken, CannotJudge, NotCovered, must, need, require_that, should
from .places import (
    ATTRIBUTES,
    AUTH_CA,
    AUTH_CERTIFICATE,
    AUTH_PIN,
    AVAILABILITY,
    BASIC_INFO,
    CV_CERTIFICATE,
    FACE,
    INTEGRITY,
    MY_NUMBER,
    NUMBER_B,
    SIGN_CA,
    SIGN_CERTIFICATE,
    SIGN_PIN,
    TEXT_PIN,
    TOKEN_INFO,
    VISUAL_A,
    VISUAL_B,
    File,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PRESENT, _ABSENT = 0x8F, 0x00
_LABELS = (b"JPKIAPICCTOKEN2", b"JPKIAPICCTOKEN", b"JPKIAPGPSETOKEN", b"JPKIAPIOSTOKEN")
_MALFORMED = Phrase("malformed")


def _certificate(bench: Bench, file: File) -> bytes:
    """The content of a certificate's file, opened by its PIN where it is closed."""
    bench.file(file)
    if bench.send(apdu.read(0, 4)).sw == 0x6982:
        pin = SIGN_PIN if file == SIGN_CERTIFICATE else AUTH_PIN
        bench.known(pin)
        bench.open(pin)
        need(bench.send(apdu.select_file(file.fid)), f"SELECT {file}")
    content = bench.content_here(str(file))
    if not content.strip(b"\xff"):
        raise NotCovered("no-certificate", str(file))
    return content


def _parsed(content: bytes) -> Certificate:
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - heavy

    try:
        return load_der_x509_certificate(content[: tlv.end_of_first(content)])
    except ValueError:
        raise Broken(Phrase("well-formed"), _MALFORMED) from None


def _readable(content: bytes, file: File) -> Certificate:
    try:
        return _parsed(content)
    except Broken:
        raise CannotJudge("unreadable", str(file)) from None


@must(
    "card/content/auth-certificate",
    "EF 000A of the JPKI application begins with an X.509 certificate in DER.",
    "JPKI-APのEF 000Aは、DER形式のX.509証明書で始まる。",
    source="K-10, K-22; card.md: certain",
)
def auth_certificate(bench: Bench) -> None:
    """Read and parse it."""
    _parsed(_certificate(bench, AUTH_CERTIFICATE))


@must(
    "card/content/sign-certificate",
    "EF 0001 of the JPKI application begins with an X.509 certificate in DER.",
    "JPKI-APのEF 0001は、DER形式のX.509証明書で始まる。",
    source="K-10, K-22; card.md: certain",
)
def sign_certificate(bench: Bench) -> None:
    """Read and parse it."""
    _parsed(_certificate(bench, SIGN_CERTIFICATE))


@must(
    "card/content/filler",
    "Behind a certificate its file has nothing but filler: FF, or 00.",
    "証明書の後ろは詰め物(FFまたは00)だけである。",
    source="card.md, The JPKI application: certain",
)
def filler(bench: Bench) -> None:
    """Look behind each certificate that can be read."""
    seen = False
    for file in (AUTH_CERTIFICATE, AUTH_CA, SIGN_CA):
        with suppress(NotCovered):
            content = _certificate(bench, file)
            _readable(content, file)
            behind = content[tlv.end_of_first(content) :]
            seen = True
            require_that(not behind.strip(b"\xff") or not behind.strip(b"\x00"), "filler", seen=Phrase("other-filler"))
    if not seen:
        raise NotCovered("no-certificate", str(AUTH_CERTIFICATE))


def _issued(bench: Bench, file: File, ca: File) -> None:
    """Insist that a certificate is signed by the CA whose certificate lies beside it."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy

    certificate = _readable(_certificate(bench, file), file)
    issuer = _readable(_certificate(bench, ca), ca)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        raise Broken(Phrase("issued-by", (str(ca),)), Phrase("issued-by-other")) from None


@must(
    "card/content/auth-issuer",
    "The auth certificate was issued by the CA whose certificate is in EF 000B.",
    "利用者証明用電子証明書は、EF 000Bの認証局によって発行されている。",
    source="K-11; card.md, The JPKI application: certain",
)
def auth_issuer(bench: Bench) -> None:
    """Verify it."""
    _issued(bench, AUTH_CERTIFICATE, AUTH_CA)


@must(
    "card/content/sign-issuer",
    "The sign certificate was issued by the CA whose certificate is in EF 0002.",
    "署名用電子証明書は、EF 0002の認証局によって発行されている。",
    source="K-11; card.md, The JPKI application: certain",
)
def sign_issuer(bench: Bench) -> None:
    """Verify it."""
    _issued(bench, SIGN_CERTIFICATE, SIGN_CA)


@must(
    "card/content/rsa-2048",
    "The keys in the certificates are RSA-2048.",
    "証明書の鍵はRSA-2048である。",
    source="K-10; card.md, What is in the files: certain",
)
def rsa_2048(bench: Bench) -> None:
    """Look at the auth certificate's key, or else the CA's."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415 - heavy

    for file in (AUTH_CERTIFICATE, SIGN_CA):
        with suppress(NotCovered):
            key = _readable(_certificate(bench, file), file).public_key()
            require_that(isinstance(key, RSAPublicKey) and key.key_size == 2048, "rsa-2048", seen=Phrase("other-key"))
            return
    raise NotCovered("no-certificate", str(AUTH_CERTIFICATE))


@must(
    "card/content/token-info",
    "EF 0006 of the JPKI application is a token info of 160 bytes with a label that is known.",
    "JPKI-APのEF 0006は160バイトのトークン情報で、既知のラベルを持つ。",
    source="K-40; card.md, What is in the files: certain",
)
def token_info(bench: Bench) -> None:
    """Look at its length, label and numbers."""
    content = bench.content(TOKEN_INFO)
    require_that(len(content) == 160, "bytes", 160, seen=Phrase("bytes", (len(content),)))
    label = content[:32].rstrip(b" ")
    require_that(label in _LABELS, "known-label", seen=Phrase("other-label"))
    bench.notes["label"] = label.decode("ascii")
    longest, shortest = (int.from_bytes(content[at : at + 4], "big") for at in (116, 120))
    require_that((longest, shortest) == (16, 6), "well-formed", seen=_MALFORMED)


@must(
    "card/content/availability",
    "EF 0008 of the JPKI application says in 3 bytes which certificates there are, and it is so.",
    "JPKI-APのEF 0008は3バイトで証明書の有無を示し、実際と一致する。",
    source="card.md, The JPKI application: 8F certain, 00 a guess",
)
def availability(bench: Bench) -> None:
    """Compare it with what is in the files."""
    flags = bench.content(AVAILABILITY)
    require_that(len(flags) == 3, "bytes", 3, seen=Phrase("bytes", (len(flags),)))
    for flag, file in ((flags[0], SIGN_CERTIFICATE), (flags[1], AUTH_CERTIFICATE)):
        try:
            _certificate(bench, file)
        except NotCovered as absent:
            if absent.reason.key == "no-certificate":
                require_that(flag == _ABSENT, "flag", "00", seen=Phrase("flag", (f"{flag:02X}",)))
            continue
        require_that(flag == _PRESENT, "flag", "8F", seen=Phrase("flag", (f"{flag:02X}",)))


@must(
    "card/content/my-number",
    "The My Number's record is FF10 0C, twelve digits, FFFF.",
    "マイナンバーのレコードは「FF10 0C」、12桁の数字、「FFFF」である。",
    source="card.md, What is in the files: certain",
)
def my_number(bench: Bench) -> None:
    """Read it with the text PIN; a report shows nothing of it."""
    content = _text(bench, MY_NUMBER)
    well_formed = content[:3] == b"\xff\x10\x0c" and content[3:15].isdigit() and content[15:] == b"\xff\xff"
    require_that(well_formed, "well-formed", seen=_MALFORMED)


def _text(bench: Bench, file: File) -> bytes:
    """A file of the text application, with the text PIN verified."""
    bench.known(TEXT_PIN)
    bench.open(TEXT_PIN)
    need(bench.send(apdu.select_file(file.fid)), f"SELECT {file}")
    return bench.content_here(str(file))


def _template(content: bytes, tag: bytes) -> tuple[tlv.Item, list[tlv.Item]]:
    """The one template in a file, and the objects in it."""
    try:
        outer = tlv.first(content)
        inner = tlv.objects(outer.value)
        rest = content[tlv.end_of_first(content) :]
    except tlv.MalformedError:
        raise Broken(Phrase("well-formed"), _MALFORMED) from None
    require_that(outer.tag == tag and not rest.strip(b"\xff"), "well-formed", seen=_MALFORMED)
    return outer, inner


def _require_offsets(content: bytes, outer: tlv.Item, inner: list[tlv.Item]) -> None:
    """Insist that the first object lists where in the file the others begin."""
    head = tlv.end_of_first(content) - len(outer.value)
    told = [int.from_bytes(inner[0].value[at : at + 2], "big") for at in range(0, len(inner[0].value), 2)]
    require_that(told == [head + item.at for item in inner[1:]], "offsets", seen=Phrase("other-offsets"))


@must(
    "card/content/attributes",
    "The four attributes are objects DF22 to DF25 in FF20, behind a table DF21 of where each begins.",
    "基本4情報はFF20の中のDF22~DF25で、先頭のDF21にそれぞれの開始位置の表がある。",
    source="card.md, What is in the files: certain; both forms of the header",
)
def attributes(bench: Bench) -> None:
    """Read them with the text PIN, and follow the table."""
    content = _text(bench, ATTRIBUTES)
    outer, inner = _template(content, b"\xff\x20")
    tags = [item.tag.hex().upper() for item in inner]
    require_that(tags == ["DF21", "DF22", "DF23", "DF24", "DF25"], "well-formed", seen=_MALFORMED)
    _require_offsets(content, outer, inner)
    born, sex = inner[3].value, inner[4].value
    require_that(len(born) == 8 and born.isdigit() and len(sex) == 1, "well-formed", seen=_MALFORMED)
    bench.notes["attribute-header"] = f"{tlv.end_of_first(content) - len(outer.value)} bytes"


@must(
    "card/content/integrity",
    "The integrity record holds the digests of the My Number's file and of the attributes.",
    "真正性レコードは、マイナンバーのファイルと基本4情報のハッシュ値を持つ。",
    source="card.md, What is in the files: certain",
)
def integrity(bench: Bench) -> None:
    """Compute both."""
    number, attrs = _text(bench, MY_NUMBER), _text(bench, ATTRIBUTES)
    _, inner = _template(_text(bench, INTEGRITY), b"\xff\x30")
    try:
        first = tlv.objects(tlv.first(attrs).value)[1]
        end, head = tlv.end_of_first(attrs), tlv.end_of_first(attrs) - len(tlv.first(attrs).value)
    except (tlv.MalformedError, IndexError):
        raise CannotJudge("unreadable", str(ATTRIBUTES)) from None
    digests = {item.tag: item.value for item in inner}
    expected = (sha256(number).digest(), sha256(attrs[head + first.at : end]).digest())
    told = (digests.get(b"\xdf\x31"), digests.get(b"\xdf\x32"))
    require_that(told == expected, "digests", seen=Phrase("other-digests"))


@must(
    "card/content/integrity-signature",
    "The integrity record is signed by the key in the card-verifiable certificate, EF 0004.",
    "真正性レコードは、EF 0004のカード検証可能証明書の鍵で署名されている。",
    source="card.md, What is in the files: certain",
)
def integrity_signature(bench: Bench) -> None:
    """Verify it."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - likewise

    record = _text(bench, INTEGRITY)
    certificate = bench.content(CV_CERTIFICATE)
    try:
        signed = tlv.objects(tlv.first(record).value)
        body = tlv.objects(tlv.first(certificate).value)[0].value
        exponent, modulus = (int.from_bytes(item.value, "big") for item in tlv.objects(body[32:]))
        public = RSAPublicNumbers(exponent, modulus).public_key()
        covered = tlv.first(record).value[: signed[2].at]
    except (tlv.MalformedError, IndexError, ValueError):
        raise CannotJudge("unreadable", str(INTEGRITY)) from None
    try:
        public.verify(signed[2].value, covered, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Broken(Phrase("valid-signature"), Phrase("invalid-signature")) from None


@must(
    "card/content/cv-certificate",
    "EF 0004 of the text application is a card-verifiable certificate: 7F21 with 5F4E and 5F37, 568 bytes.",
    "券面事項入力補助APのEF 0004は、5F4Eと5F37を含む568バイトのカード検証可能証明書(7F21)である。",
    source="card.md, The text application: certain",
)
def cv_certificate(bench: Bench) -> None:
    """Take it apart."""
    content = bench.content(CV_CERTIFICATE)
    _, inner = _template(content, b"\x7f\x21")
    well_formed = [item.tag for item in inner] == [b"\x5f\x4e", b"\x5f\x37"] and len(content) == 568
    require_that(well_formed, "well-formed", seen=_MALFORMED)


@must(
    "card/content/basic-info",
    "EF 0005 of the text application is FF40 with DF41 of 4 bytes, DF42 of 16 and DF43.",
    "券面事項入力補助APのEF 0005は、4バイトのDF41、16バイトのDF42、DF43を含むFF40である。",
    source="card.md, What is in the files: certain",
)
def basic_info(bench: Bench) -> None:
    """Take it apart."""
    _, inner = _template(bench.content(BASIC_INFO), b"\xff\x40")
    lengths = [(item.tag.hex().upper(), len(item.value)) for item in inner[:2]]
    require_that(lengths == [("DF41", 4), ("DF42", 16)], "well-formed", seen=_MALFORMED)


@should(
    "card/content/face",
    "The card face is FF20 with a table DF21 of where the objects DF22 to DF2A begin.",
    "券面データはFF20で、DF21にDF22~DF2Aそれぞれの開始位置の表がある。",
    source="card.md, What is in the files: certain; the pictures are not looked at",
)
def face(bench: Bench) -> None:
    """Read it with a number from the card's face."""
    pin = bench.known(VISUAL_B, VISUAL_A)
    bench.open(pin)
    need(bench.send(apdu.select_file(FACE.fid)), f"SELECT {FACE}")
    content = bench.content_here(str(FACE))
    outer, inner = _template(content, b"\xff\x20")
    require_that([item.tag[-1] for item in inner] == list(range(0x21, 0x2B)), "well-formed", seen=_MALFORMED)
    _require_offsets(content, outer, inner)


@must(
    "card/content/one-number",
    "The attributes and the number B speak of one person: the birth date of the one is that of the other.",
    "基本4情報の生年月日と照合番号Bの生年月日は一致する。",
    source="F-023; card.md: certain",
)
def one_number(bench: Bench) -> None:
    """Compare month and day, which no era changes."""
    bench.known(NUMBER_B)
    bench.known(TEXT_PIN)
    content = _text(bench, ATTRIBUTES)
    try:
        born = tlv.objects(tlv.first(content).value)[3].value
    except (tlv.MalformedError, IndexError):
        raise CannotJudge("unreadable", str(ATTRIBUTES)) from None
    bench.open(NUMBER_B)
    require_that(born[4:8] == bench.allowance.pins[NUMBER_B][2:6], "same-birth-date", seen=Phrase("other-birth-date"))
