"""OCSP: requests of every kind, and bytes that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, OCSPExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.ocsp import respond, responder_certificate
from mynacard_emulator.pki.status import RevocationReason
from tests.emulator.pki.book import NOON, Book, Closed, Event, good, request, revoked

AUTHORITIES = [ca for kind in CertKind for ca in shipped.authorities(kind)]
EACH_CA = pytest.mark.parametrize("ca", AUTHORITIES, ids=lambda ca: f"{ca.kind.value}-{ca.generation}")
AUTH = shipped.authority(CertKind.AUTH)
SERIAL = 0x1E0391CA
EARLIER = NOON - timedelta(days=2)


def book(*events: Event, clock: datetime = NOON) -> Book:
    return Book({(CertKind.AUTH, 1, SERIAL): events or (good(),)}, clock)


def answer(data: bytes, source: Book | None = None) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(respond(data, source or book()))


def refusal(data: bytes) -> OCSPResponseStatus:
    return answer(data).response_status


def by_another_encoder(*requests: dict[str, Any]) -> bytes:
    dump: bytes = asn1.OCSPRequest({"tbs_request": {"request_list": requests}}).dump()
    return dump


def single(serial_number: int) -> dict[str, Any]:
    parsed = asn1.OCSPRequest.load(request(AUTH, 1))["tbs_request"]["request_list"][0]["req_cert"].native
    algorithm = {"algorithm": "sha1"}
    return {"req_cert": {**parsed, "hash_algorithm": algorithm, "serial_number": serial_number}}


# ---------------------------------------------------------------- statuses


def test_a_good_certificate_is_good() -> None:
    found = answer(request(AUTH, SERIAL))

    assert found.response_status is OCSPResponseStatus.SUCCESSFUL
    assert (found.certificate_status, found.serial_number) == (OCSPCertStatus.GOOD, SERIAL)
    assert found.revocation_time_utc is None


@pytest.mark.parametrize("reason", RevocationReason)
def test_a_revoked_one_says_since_when_and_why(reason: RevocationReason) -> None:
    found = answer(request(AUTH, SERIAL), book(good(), revoked(EARLIER, reason)))

    assert (found.certificate_status, found.revocation_time_utc) == (OCSPCertStatus.REVOKED, EARLIER)
    if reason is RevocationReason.UNSPECIFIED:
        assert found.revocation_reason is None
    else:
        assert found.revocation_reason == x509.ReasonFlags(reason.word)


def test_a_hold_that_was_released_is_good_again() -> None:
    hold = revoked(EARLIER, RevocationReason.CERTIFICATE_HOLD)

    assert answer(request(AUTH, SERIAL), book(hold)).certificate_status is OCSPCertStatus.REVOKED
    assert answer(request(AUTH, SERIAL), book(hold, good(NOON))).certificate_status is OCSPCertStatus.GOOD


@pytest.mark.parametrize("serial_number", [0, 1, SERIAL + 1, 1 << 159], ids=hex)
def test_a_number_that_was_never_issued_is_unknown(serial_number: int) -> None:
    found = answer(request(AUTH, serial_number))

    assert (found.certificate_status, found.serial_number) == (OCSPCertStatus.UNKNOWN, serial_number)


def test_under_another_generation_or_kind_the_same_number_is_unknown() -> None:
    others = [ca for ca in AUTHORITIES if ca is not AUTH]

    assert {answer(request(ca, SERIAL)).certificate_status for ca in others} == {OCSPCertStatus.UNKNOWN}


def test_the_times_are_the_registrys() -> None:
    clock = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
    found = answer(request(AUTH, SERIAL), book(clock=clock))

    assert (found.this_update_utc, found.next_update_utc) == (clock, clock + timedelta(minutes=15))


def test_a_registry_that_cannot_be_read_means_later() -> None:
    found = ocsp.load_der_ocsp_response(respond(request(AUTH, SERIAL), Closed()))

    assert found.response_status is OCSPResponseStatus.TRY_LATER


# ---------------------------------------------------------------- who signs


@EACH_CA
def test_the_answer_is_signed_by_a_responder_of_the_generation_in_question(ca: CertificationAuthority) -> None:
    found = answer(request(ca, SERIAL))
    (certificate,) = found.certificates
    public_key = certificate.public_key()

    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(found.signature, found.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())
    certificate.verify_directly_issued_by(ca.certificate)
    assert found.responder_name == certificate.subject


def test_a_responder_certificate_is_for_nothing_else() -> None:
    certificates = [responder_certificate(ca.kind, ca.generation) for ca in AUTHORITIES]

    assert len({certificate.subject for certificate in certificates}) == len(AUTHORITIES)
    assert len({certificate.serial_number for certificate in certificates}) == len(AUTHORITIES)
    for certificate in certificates:
        extensions = certificate.extensions
        assert extensions.get_extension_for_class(x509.OCSPNoCheck).critical is False
        assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            ExtendedKeyUsageOID.OCSP_SIGNING
        ]
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature
        assert not usage.key_cert_sign


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    "algorithm",
    [hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()],
    ids=lambda a: a.name,
)
def test_an_issuer_is_found_by_any_hash(algorithm: hashes.HashAlgorithm) -> None:
    found = answer(request(AUTH, SERIAL, algorithm=algorithm))

    assert found.certificate_status is OCSPCertStatus.GOOD
    assert found.hash_algorithm.name == algorithm.name


@pytest.mark.parametrize("length", [1, 16, 32, 128])
@pytest.mark.parametrize("critical", [False, True])
def test_a_nonce_comes_back(length: int, critical: bool) -> None:  # noqa: FBT001 - a table
    nonce = x509.OCSPNonce(b"n" * length)
    found = answer(request(AUTH, SERIAL, nonce, critical=critical))

    assert [extension.value for extension in found.extensions] == [nonce]


def test_an_answer_has_no_nonce_that_nobody_sent() -> None:
    assert list(answer(request(AUTH, SERIAL)).extensions) == []


@pytest.mark.parametrize("length", [0, 129, 1000])
def test_a_nonce_of_a_forbidden_length_is_malformed(length: int) -> None:
    assert refusal(request(AUTH, SERIAL, x509.OCSPNonce(b"n" * length))) is OCSPResponseStatus.MALFORMED_REQUEST


def test_an_extension_that_nobody_understands_matters_only_if_it_is_critical() -> None:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.1"), b"\x05\x00")

    assert refusal(request(AUTH, SERIAL, strange)) is OCSPResponseStatus.SUCCESSFUL
    assert refusal(request(AUTH, SERIAL, strange, critical=True)) is OCSPResponseStatus.UNAUTHORIZED


def test_nothing_is_said_about_a_stranger() -> None:
    stranger = shipped.foreign_authority(CertKind.AUTH)

    assert refusal(request(stranger, SERIAL)) is OCSPResponseStatus.UNAUTHORIZED


def test_a_strangers_key_under_our_name_and_our_key_under_a_strangers_name_are_strangers() -> None:
    stranger = shipped.foreign_authority(CertKind.AUTH)

    for key, certificate in ((stranger.key, AUTH.certificate), (AUTH.key, stranger.certificate)):
        mixed = CertificationAuthority(CertKind.AUTH, key, certificate)
        assert refusal(request(mixed, SERIAL)) is OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("count", [0, 2, 3])
def test_one_request_is_about_one_certificate(count: int) -> None:
    several = by_another_encoder(*(single(SERIAL + index) for index in range(count)))

    assert refusal(several) is OCSPResponseStatus.UNAUTHORIZED


def test_another_encoders_request_is_understood() -> None:
    assert answer(by_another_encoder(single(SERIAL))).certificate_status is OCSPCertStatus.GOOD


def test_a_negative_number_is_malformed() -> None:
    assert refusal(by_another_encoder(single(-SERIAL))) is OCSPResponseStatus.MALFORMED_REQUEST


def test_a_hash_that_nobody_knows_names_nobody() -> None:
    sha1_oid, other = bytes.fromhex("2B0E03021A"), bytes.fromhex("2B0E03021B")
    unknown = request(AUTH, SERIAL).replace(sha1_oid, other)

    assert refusal(unknown) is OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x00", b"hello", request(AUTH, SERIAL)[:-1]], ids=bytes.hex)
def test_what_is_no_request_is_malformed(data: bytes) -> None:
    assert refusal(data) is OCSPResponseStatus.MALFORMED_REQUEST


def test_a_refusal_is_five_bytes_and_unsigned() -> None:
    assert respond(b"", Book()).hex() == "30030a0101"


# ---------------------------------------------------------------- any bytes


ANSWERS = {OCSPResponseStatus.SUCCESSFUL, OCSPResponseStatus.MALFORMED_REQUEST, OCSPResponseStatus.UNAUTHORIZED}
REQUESTS = st.builds(
    lambda ca, serial, nonce: request(ca, serial, *([x509.OCSPNonce(nonce)] if nonce else [])),
    st.sampled_from([*AUTHORITIES, shipped.foreign_authority(CertKind.SIGN)]),
    st.integers(0, 1 << 40),
    st.binary(max_size=140),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A request of which some bytes were replaced, removed or doubled."""
    data = bytearray(draw(REQUESTS))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 4, len(data))))
        data[start:end] = draw(st.one_of(st.just(b""), st.binary(max_size=4), st.just(bytes(data[start:end]) * 2)))
    return bytes(data)


@pytest.mark.property
@given(st.binary(max_size=300) | mutated() | REQUESTS)
def test_any_bytes_are_answered(data: bytes) -> None:
    assert refusal(data) in ANSWERS


OIDS = st.sampled_from(
    [value for value in vars(ExtensionOID).values() if isinstance(value, x509.ObjectIdentifier)]
    + [OCSPExtensionOID.NONCE, x509.ObjectIdentifier("2.999.1")]
)
EXTENSIONS = st.lists(
    st.builds(
        x509.UnrecognizedExtension,
        OIDS,
        st.binary(max_size=12)
        | st.sampled_from([bytes.fromhex(text) for text in ("0500", "3000", "0400", "30028200")]),
    ),
    max_size=3,
    unique_by=lambda extension: extension.oid,
)


@pytest.mark.property
@given(EXTENSIONS, st.booleans())
def test_any_extensions_are_answered(extensions: list[x509.UnrecognizedExtension], critical: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    assert refusal(request(AUTH, SERIAL, *extensions, critical=critical)) in ANSWERS


def test_an_extension_that_comes_twice_is_malformed() -> None:
    first, second = (x509.UnrecognizedExtension(x509.ObjectIdentifier(f"2.999.{last}"), b"") for last in (1, 2))
    twice = request(AUTH, SERIAL, first, second).replace(bytes.fromhex("883702"), bytes.fromhex("883701"))

    assert refusal(twice) is OCSPResponseStatus.MALFORMED_REQUEST
