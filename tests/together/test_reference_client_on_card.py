"""The reference client, and other honest ones, on the emulated card."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from mynacard_conformance.adapters.careful import CarefulClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.outcome import (
    Answer,
    Attributes,
    CertificateKind,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    states,
)
from mynacard_emulator import profiles
from mynacard_emulator.card import Behaviour, Card, Profile, questions
from mynacard_emulator.world import World, open_world
from mynacard_fixtures.clients import HONEST

AUTH, SIGN, TEXT = PinKind.AUTH, PinKind.SIGN, PinKind.TEXT
RIGHT = {SIGN: "ABC123", AUTH: "1234", TEXT: "3456"}
WRONG = {SIGN: "XXX999", AUTH: "0000", TEXT: "0000"}
TRIES = {SIGN: 5, AUTH: 3, TEXT: 3}
DIGESTS = {HashKind.SHA256: hashes.SHA256(), HashKind.SHA384: hashes.SHA384(), HashKind.SHA512: hashes.SHA512()}
ADULT = profiles.adult()
NO_CERTIFICATES = profiles.no_certificates()


class Held:
    """A card in the hand, as a connection."""

    reader = None

    def __init__(self, profile: Profile = ADULT) -> None:
        self.card = Card(profile)

    def transmit(self, command: bytes) -> bytes:
        return self.card.transmit(command)


@pytest.fixture(params=HONEST, ids=lambda client: client.__name__)
def client(request: pytest.FixtureRequest) -> ReferenceClient:
    """Every honest client, with a new card."""
    made: ReferenceClient = request.param(Held())
    return made


@pytest.fixture
def world() -> Iterator[World]:
    """A world without PC/SC, with the adult's card inserted."""
    with open_world("direct") as opened:
        opened.insert(opened.issue("adult"))
        yield opened


def enter(client: ReferenceClient, pin: PinKind, value: str) -> Answer:
    """Enter a PIN as a user who confirms the last try where the client asks for that."""
    if isinstance(client, CarefulClient):
        return client.verify_pin(pin, value, last_try_ok=True)
    return client.verify_pin(pin, value)


def verifies(certificate: bytes | None, signature: object, message: bytes, digest: HashKind) -> bool:
    assert certificate is not None
    assert isinstance(signature, bytes)
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, message, padding.PKCS1v15(), DIGESTS[digest])
    return True


# ---------------------------------------------------------------- PINs


@pytest.mark.parametrize("pin", RIGHT)
def test_a_pin_counts_down_and_locks(client: ReferenceClient, pin: PinKind) -> None:
    for left in range(TRIES[pin] - 1, 0, -1):
        answer = enter(client, pin, WRONG[pin])

        assert answer.outcome is Outcome.WRONG_PIN
        assert answer.tries in (states(left), None)
        assert client.tries_left(pin).tries == states(left)
    for value in (WRONG[pin], WRONG[pin], RIGHT[pin]):
        assert enter(client, pin, value) == Answer(Outcome.LOCKED)
        assert client.tries_left(pin) == Answer(Outcome.OK, tries=states(0))


@pytest.mark.parametrize("pin", RIGHT)
def test_the_right_pin_restores_all_tries(client: ReferenceClient, pin: PinKind) -> None:
    client.verify_pin(pin, WRONG[pin])

    assert client.verify_pin(pin, RIGHT[pin]) == Answer(Outcome.OK)
    assert client.tries_left(pin).tries == states(TRIES[pin])


@pytest.mark.parametrize("pin", [SIGN, AUTH])
def test_a_pin_that_was_never_set_is_absent(pin: PinKind) -> None:
    client = ReferenceClient(Held(NO_CERTIFICATES))

    assert client.tries_left(pin) == Answer(Outcome.PIN_ABSENT)
    assert client.verify_pin(pin, RIGHT[pin]) == Answer(Outcome.PIN_ABSENT)
    assert client.change_pin(pin, RIGHT[pin], RIGHT[pin]) == Answer(Outcome.PIN_ABSENT)


@pytest.mark.parametrize(("pin", "new"), [(SIGN, "NEW456"), (AUTH, "5678"), (TEXT, "7890")])
def test_a_pin_can_be_changed(client: ReferenceClient, pin: PinKind, new: str) -> None:
    assert client.change_pin(pin, WRONG[pin], new).outcome is Outcome.WRONG_PIN
    assert client.change_pin(pin, RIGHT[pin], new) == Answer(Outcome.OK)
    assert client.verify_pin(pin, new) == Answer(Outcome.OK)
    assert client.verify_pin(pin, RIGHT[pin]).outcome is Outcome.WRONG_PIN


def test_a_locked_pin_cannot_be_changed() -> None:
    client = ReferenceClient(Held())
    for _ in range(3):
        client.verify_pin(AUTH, WRONG[AUTH])

    assert client.change_pin(AUTH, RIGHT[AUTH], "5678") == Answer(Outcome.LOCKED)


def test_an_application_that_is_missing_makes_it_another_card() -> None:
    bare = ReferenceClient(Held(replace(ADULT, applications=())))

    for answer in (
        bare.tries_left(AUTH),
        bare.read_my_number("3456"),
        bare.sign(KeyKind.AUTH, None, HashKind.SHA256, b""),
    ):
        assert answer == Answer(Outcome.WRONG_CARD)


# ---------------------------------------------------------------- certificates and signatures


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_certificate_is_read_to_the_byte(world: World, kind: CertificateKind) -> None:
    for honest in HONEST:
        answer = honest(world.connect()).read_certificate(kind, RIGHT[SIGN])

        assert answer == Answer(Outcome.OK, value=world.truth.certificate(kind.value))
        assert answer.value


def test_the_sign_certificate_wants_its_pin(client: ReferenceClient) -> None:
    assert client.read_certificate(CertificateKind.SIGN) == Answer(Outcome.NOT_PERMITTED)
    assert client.read_certificate(CertificateKind.SIGN, "xxx").outcome is Outcome.FORMAT_REJECTED
    assert client.read_certificate(CertificateKind.SIGN, WRONG[SIGN]).outcome is Outcome.WRONG_PIN
    assert client.read_certificate(CertificateKind.AUTH, "no PIN at all").outcome is Outcome.OK


@pytest.mark.parametrize("kind", [CertificateKind.SIGN, CertificateKind.AUTH])
def test_a_certificate_that_was_not_wanted_is_absent(kind: CertificateKind) -> None:
    client = ReferenceClient(Held(NO_CERTIFICATES))

    assert client.read_certificate(kind, RIGHT[SIGN]) == Answer(Outcome.CERT_ABSENT)
    assert client.sign(KeyKind(kind.value), None, HashKind.SHA256, b"") == Answer(Outcome.CERT_ABSENT)
    assert client.read_certificate(CertificateKind.AUTH_CA).outcome is Outcome.OK


@given(key=st.sampled_from(KeyKind), digest=st.sampled_from(HashKind), message=st.binary(max_size=600))
def test_a_signature_verifies_with_its_certificate(key: KeyKind, digest: HashKind, message: bytes) -> None:
    client = ReferenceClient(Held())
    signed = client.sign(key, RIGHT[key.pin], digest, message)
    certificate = client.read_certificate(key.certificate).value

    assert signed.outcome is Outcome.OK
    assert isinstance(certificate, bytes)
    assert verifies(certificate, signed.value, message, digest)


def test_a_signature_wants_its_pin(client: ReferenceClient) -> None:
    assert client.sign(KeyKind.AUTH, None, HashKind.SHA256, b"") == Answer(Outcome.NOT_PERMITTED)
    assert client.sign(KeyKind.AUTH, WRONG[AUTH], HashKind.SHA256, b"").outcome is Outcome.WRONG_PIN
    client.verify_pin(AUTH, RIGHT[AUTH])
    assert client.sign(KeyKind.AUTH, None, HashKind.SHA256, b"").outcome is Outcome.OK
    assert client.sign(KeyKind.SIGN, None, HashKind.SHA256, b"") == Answer(Outcome.NOT_PERMITTED)


# ---------------------------------------------------------------- text


def test_what_is_printed_on_the_card_can_be_read(client: ReferenceClient) -> None:
    number, attributes = client.read_my_number(RIGHT[TEXT]).value, client.read_attributes(RIGHT[TEXT]).value

    assert isinstance(number, str)
    assert len(number) == 12
    assert isinstance(attributes, Attributes)
    assert attributes.name == "架空　太郎"


def test_the_text_wants_its_pin(client: ReferenceClient) -> None:
    for read in (client.read_my_number, client.read_attributes):
        assert read(None) == Answer(Outcome.NOT_PERMITTED)
        assert read("345").outcome is Outcome.FORMAT_REJECTED
        assert read(WRONG[TEXT]).outcome is Outcome.WRONG_PIN


# ---------------------------------------------------------------- sessions


def test_the_next_action_works_whatever_happened_to_the_card(world: World) -> None:
    def swap() -> None:
        world.swap(world.current)

    client = ReferenceClient(world.connect())
    for happens in (world.warm_reset, world.power_cycle, swap):
        assert client.verify_pin(AUTH, RIGHT[AUTH]) == Answer(Outcome.OK)
        happens()
        assert client.tries_left(AUTH).tries == states(3)


def test_a_reader_without_a_card_is_told(world: World) -> None:
    client = ReferenceClient(world.connect())
    world.eject()

    assert client.verify_pin(AUTH, RIGHT[AUTH]).outcome is Outcome.NO_CARD


def test_nobody_inherits_a_verified_pin(client: ReferenceClient) -> None:
    client.verify_pin(AUTH, RIGHT[AUTH])
    client.close()

    assert client.sign(KeyKind.AUTH, None, HashKind.SHA256, b"") == Answer(Outcome.NOT_PERMITTED)


# ---------------------------------------------------------------- cards that behave otherwise


OTHER_CARDS = [
    pytest.param({question.name: answer}, id=f"{question.name}={answer!r}")
    for question in questions()
    for answer in question.alternatives
]


@pytest.mark.parametrize("answers", OTHER_CARDS)
@pytest.mark.parametrize("honest", HONEST)
def test_it_gets_along_with_every_card(honest: type[ReferenceClient], answers: dict[str, object]) -> None:
    client = honest(Held(replace(ADULT, behaviour=Behaviour(**answers))))  # type: ignore[arg-type]

    assert client.tries_left(AUTH).tries == states(3)
    assert client.verify_pin(AUTH, RIGHT[AUTH]) == Answer(Outcome.OK)
    verified = client.tries_left(AUTH).tries
    assert verified is not None
    assert 3 in verified
    assert client.sign(KeyKind.AUTH, RIGHT[AUTH], HashKind.SHA256, b"").outcome is Outcome.OK
    assert client.read_certificate(CertificateKind.SIGN, RIGHT[SIGN]).outcome is Outcome.OK
    assert client.change_pin(AUTH, RIGHT[AUTH], "5678") == Answer(Outcome.OK)
    outcomes = [enter(client, AUTH, WRONG[AUTH]).outcome for _ in range(4)]
    assert outcomes == [Outcome.WRONG_PIN, Outcome.WRONG_PIN, Outcome.LOCKED, Outcome.LOCKED]
    assert client.tries_left(AUTH) == Answer(Outcome.OK, tries=states(0))


@pytest.mark.parametrize("answers", OTHER_CARDS)
def test_a_missing_pin_is_absent_on_every_card(answers: dict[str, object]) -> None:
    client = ReferenceClient(Held(replace(NO_CERTIFICATES, behaviour=Behaviour(**answers))))  # type: ignore[arg-type]

    assert client.tries_left(SIGN) == Answer(Outcome.PIN_ABSENT)
    assert client.verify_pin(SIGN, RIGHT[SIGN]) == Answer(Outcome.PIN_ABSENT)


# ---------------------------------------------------------------- through PC/SC

_THROUGH_A_READER = """
from mynacard_conformance.adapters.pcsc_connection import PcscConnection
from mynacard_conformance.adapters.careful import CarefulClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.outcome import HashKind, KeyKind, PinKind
from mynacard_emulator.readers.port import CardEjected
from mynacard_emulator.world import open_world

def tell(answer):
    print(answer.outcome.value, answer.tries.start if answer.tries else "-")

with open_world("private") as world:
    card = world.issue("adult")
    client, other = (ReferenceClient(PcscConnection(world.reader)) for _ in range(2))
    sign = lambda who: tell(who.sign(KeyKind.AUTH, None, HashKind.SHA256, b""))
    tell(client.tries_left(PinKind.AUTH))
    world.insert(card)
    tell(client.verify_pin(PinKind.AUTH, "1234"))
    sign(other)
    world.warm_reset()
    sign(client)
    world.power_cycle()
    sign(client)
    tell(client.verify_pin(PinKind.AUTH, "1234"))
    world.swap(card)
    tell(client.tries_left(PinKind.AUTH))
    tell(client.verify_pin(PinKind.AUTH, "1234"))
    client.close()
    sign(other)
    answer, transmit = None, card.observed.transmit
    def leave_after_verify(command):
        response = transmit(command)
        if command[:4] == bytes.fromhex("00200080") and len(command) > 4:
            raise CardEjected
        return response
    card.observed.transmit = leave_after_verify
    tell(client.verify_pin(PinKind.AUTH, "0000"))
    card.observed.transmit = transmit
    world.swap(card)
    tell(client.tries_left(PinKind.AUTH))
    print(sum(exchange.command.endswith(b"0000") for exchange in world.exchanges))
    tell(ReferenceClient(PcscConnection("no such reader")).tries_left(PinKind.AUTH))
"""


@pytest.mark.pcsc
def test_through_a_reader_it_is_the_same() -> None:
    told = subprocess.run(  # a process can use one PC/SC stack only, for life
        [sys.executable, "-c", _THROUGH_A_READER],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert told.stderr == ""
    assert told.stdout.splitlines() == [
        "no_card -",
        "ok -",
        "ok -",  # the other program inherits the verified PIN, as on a real card (F-029)
        "ok -",  # a warm reset ends nothing
        "not_permitted -",  # a power cut does
        "ok -",
        "ok 3",
        "ok -",
        "not_permitted -",  # the first has closed its session
        "unknown_outcome -",
        "ok 2",
        "1",
        "no_reader -",
    ]
