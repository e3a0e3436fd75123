"""Programs that people write, in three languages' libraries: what they get from the card is good under openssl."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand

from .example_drivers import Attempt, or_skip
from .test_cli import Ran, mynacard

pytestmark = pytest.mark.pcsc

PROGRAMS = Path(__file__).with_name("programs")
KINDS = ("auth", "sign")
Program = tuple[Path, tuple[str, ...]]
"""Where to start it, and its command line."""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an adult's card; none of these programs enters a wrong PIN."""
    path = tmp_path_factory.mktemp("card") / "card.json"
    CardInHand.create(path, profiles.load("adult")).close()
    return path


@pytest.fixture(scope="module")
def opensc() -> str:
    """OpenSC's PKCS#11 module, where this distribution has it."""
    return str(next(Path("/usr/lib").glob("*-linux-*/opensc-pkcs11.so")))


@pytest.fixture(params=["pyscard", "python-pkcs11", "pcsclite"])
def program(request: pytest.FixtureRequest, attempt: Attempt, tmp_path: Path) -> Program:
    """One program, started in a private stack to write what it gets into `tmp_path`.

    The one in JavaScript borrows its package from the example driver.
    """
    match request.param:
        case "pyscard":
            return tmp_path, (sys.executable, str(PROGRAMS / "with_pyscard.py"), str(tmp_path))
        case "python-pkcs11":
            module: str = request.getfixturevalue("opensc")
            return tmp_path, (sys.executable, str(PROGRAMS / "with_pkcs11.py"), str(tmp_path), module)
        case _:
            return or_skip(attempt("javascript")).folder, ("node", str(PROGRAMS / "with_pcsclite.js"), str(tmp_path))


def written(card: Path) -> dict[str, bytes]:
    """Every certificate as the issuer wrote it."""
    jpki = CardInHand.look(card).issued.jpki
    assert jpki
    assert jpki.auth
    assert jpki.sign
    return {"auth": jpki.auth.der, "auth_ca": jpki.auth_ca, "sign": jpki.sign.der, "sign_ca": jpki.sign_ca}


def test_a_program_reads_all_certificates_and_signs_with_both_keys(
    card: Path, program: Program, tmp_path: Path
) -> None:
    document = tmp_path / "document"
    document.write_text("架空の契約書\n", encoding="utf-8")
    folder, command = program

    ran = mynacard("exec", "--card", card, "--", *command, cwd=folder)

    assert (ran.status, ran.err.count("Error")) == (0, 0)
    assert {name: (tmp_path / f"{name}.der").read_bytes() for name in written(card)} == written(card)
    for kind in KINDS:
        assert openssl_verifies(tmp_path / f"{kind}.der", tmp_path / f"{kind}.signature", document)
        assert not openssl_verifies(tmp_path / f"{kind}.der", tmp_path / f"{kind}.signature", tmp_path / "auth.der")


def openssl_verifies(certificate: Path, signature: Path, document: Path) -> bool:
    key = certificate.with_suffix(".pem")
    public = ["openssl", "x509", "-inform", "DER", "-in", str(certificate), "-pubkey", "-noout", "-out", str(key)]
    subprocess.run(public, check=True, timeout=30)
    verify = ["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(signature), str(document)]
    return subprocess.run(verify, capture_output=True, check=False, timeout=30).stdout == b"Verified OK\n"


# ---------------------------------------------------------------- all that pkcs15-tool lists

READ_BY = {"X.509 Certificate": "--read-certificate", "Public RSA Key": "--read-public-key"}
NOT_READABLE = {"PIN", "Private RSA Key"}
SIGN_PIN = ("--verify-pin", "--auth-id", "02", "--pin", "ABC123")
OBJECT = re.compile(r"^(\w[\w. ]*) \[.*\]\n(?:\t.*\n)*?\tID +: (\d\d)$", re.MULTILINE)
TAKEN_FOR_A_KEY = "Public key enumeration failed: Required ASN.1 object not found"
"""What OpenSC 0.23 says where it was told to read a key out of a certificate's file, which it takes for a bare key."""


def read_as_listed(card: Path, *kinds: str) -> dict[str, Ran]:
    """Read every object of these kinds that pkcs15-tool lists, by its identifier."""
    listed = OBJECT.findall(mynacard("exec", "--card", card, "--", "pkcs15-tool", "-D").out)
    assert {kind for kind, _ in listed} == {*READ_BY, *NOT_READABLE}
    return {
        identifier: mynacard(
            *("exec", "--card", card, "--", "pkcs15-tool"),
            *(SIGN_PIN if identifier == "02" else ()),
            *(READ_BY[kind], identifier),
        )
        for kind, identifier in listed
        if kind in kinds
    }


def test_every_certificate_that_pkcs15_tool_lists_can_be_read(card: Path) -> None:
    read = read_as_listed(card, "X.509 Certificate")
    names = {"01": "auth", "02": "sign", "03": "auth_ca", "04": "sign_ca"}

    assert {names[identifier]: pem_to_der(ran.out) for identifier, ran in read.items()} == written(card)


def test_the_card_gives_every_public_key_that_pkcs15_tool_lists(card: Path) -> None:
    read = read_as_listed(card, "Public RSA Key")

    assert sorted(read) == ["01", "02"]
    for identifier, ran in read.items():
        if ran.status:
            assert TAKEN_FOR_A_KEY in ran.err
        else:
            assert ran.out == public_key(written(card)[KINDS[int(identifier) - 1]])


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("auth", ("--token-label", "JPKI (User Authentication PIN)", "--id", "01")),
        ("sign", ("--token-label", "JPKI (Digital Signature PIN)", "--login", "--pin", "ABC123", "--id", "02")),
    ],
    ids=KINDS,
)
def test_pkcs11_tool_reads_both_public_keys(
    card: Path, opensc: str, tmp_path: Path, kind: str, arguments: tuple[str, ...]
) -> None:
    output = tmp_path / "key.der"
    tool = ("pkcs11-tool", "--module", opensc, *arguments, "--read-object", "--type", "pubkey")
    mynacard("exec", "--card", card, "--", *tool, "--output-file", output)

    assert pem(load_der_public_key(output.read_bytes())) == public_key(written(card)[kind])


def pem_to_der(certificate: str) -> bytes:
    return x509.load_pem_x509_certificate(certificate.encode()).public_bytes(Encoding.DER)


def public_key(certificate: bytes) -> str:
    """The key that a certificate (DER) certifies, as PEM."""
    return pem(x509.load_der_x509_certificate(certificate).public_key())


def pem(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
