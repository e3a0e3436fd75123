"""OpenSC's PKCS#11 module on trial with our card: the adapter tells what it really does, its faults included."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_conformance.adapters.pkcs11 import Pkcs11Client
from mynacard_conformance.outcome import (
    Answer,
    Call,
    CertificateKind,
    Close,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    ReadCertificate,
    Sign,
    TriesLeft,
    VerifyPin,
    states,
)
from mynacard_emulator.card.behaviour import Behaviour
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.iso7816 import SW
from mynacard_emulator.readers.port import CardEjected, CardPort, TransmitOnly
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot
from mynacard_emulator.world import World, WorldCard
from tests.emulator.personalise.written import jpki_of

pytestmark = pytest.mark.pcsc

AUTH, SIGN = PinKind.AUTH, PinKind.SIGN
AUTH_PIN, SIGN_PIN = "1234", "ABC123"
MESSAGE = "架空の文書".encode()
PATIENCE = 10.0

ENTER = VerifyPin(AUTH, AUTH_PIN)
READ_SIGN = ReadCertificate(CertificateKind.SIGN)

_BYSTANDER = """
import sys
from mynacard_emulator.readers.pcsc import ReaderConnection

connection = ReaderConnection(sys.argv[1])
for line in sys.stdin:
    match line.strip():
        case "present":
            told = connection.wait_present(10)
        case "absent":
            told = connection.wait_absent(10)
        case deed:
            with connection:
                told = getattr(connection, deed)() is None
    print("done" if told else "not in time", flush=True)
connection.close()
"""


class Bystander:
    """Another program at the same reader, in a process of its own: a process can use one PC/SC stack only, for life."""

    def __init__(self, stack: PrivateStack) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", _BYSTANDER, stack.readers[0]],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **stack.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def does(self, deed: str) -> None:
        """Have it wait until the card is `present` or `absent`, or have it do a `power_cycle` or a `warm_reset`."""
        assert self._popen.stdin
        assert self._popen.stdout
        print(deed, file=self._popen.stdin, flush=True)
        assert self._popen.stdout.readline() == "done\n"

    def leaves(self) -> None:
        self._popen.communicate(timeout=PATIENCE)


class Desk:
    """A reader, the card in it, and OpenSC."""

    def __init__(self, stack: PrivateStack, module: Path) -> None:
        self._slot = VirtualSlot(stack.connect)
        self._world = World()
        self._ordinary = self._world.issue("adult")
        self._as_issued = self._ordinary.in_hand.card.state.memory
        self._inserted: CardPort | None = None
        self.card: WorldCard = self._ordinary
        self.bystander = Bystander(stack)
        self.insert(self.card.observed)
        self.client = Pkcs11Client(str(module), reader=stack.readers[0], environment=stack.environment)

    def insert(self, card: CardPort) -> None:
        self._slot.insert(card)
        assert self._slot.wait_powered(PATIENCE)
        self.bystander.does("present")
        self._inserted = card

    def eject(self) -> None:
        self._slot.eject()
        self.bystander.does("absent")

    def lay_out_ordinary(self) -> None:
        """Have the ordinary card in the reader, as it was issued and without power for a moment; OpenSC is closed."""
        self.client.perform(Close())
        if self._inserted is not self._ordinary.observed:
            self.eject()
            self.insert(self._ordinary.observed)
        self.card = self._ordinary
        self.card.observed.remember(self._as_issued)
        self.bystander.does("power_cycle")

    def lay_out(self, profile: str = "adult", behaviour: Behaviour | None = None, **state: object) -> None:
        """Exchange the card for a special one."""
        issued = self._world.issue(profile).in_hand.issued
        issued = replace(issued, behaviour=behaviour or issued.behaviour)
        self.card = self._world.admit(CardInHand.in_memory(issued, state))
        self.eject()
        self.insert(self.card.observed)

    def outcomes(self, *calls: Call) -> list[Outcome]:
        return [self.client.perform(call).outcome for call in calls]

    def verifies(self, call: Call) -> int:
        """The number of PINs that go to the card for one call that succeeds."""
        begun = len(self._world.exchanges)
        assert self.client.perform(call).outcome is Outcome.OK
        commands = [exchange.command for exchange in self._world.exchanges[begun:]]
        return sum(command[1:2] == b"\x20" and len(command) > 5 for command in commands)

    def wait_unpowered(self) -> bool:
        return self._slot.wait_unpowered(PATIENCE)

    def close(self) -> None:
        self.client.shutdown()
        self._slot.close()
        self.bystander.leaves()


@dataclass(frozen=True)
class Shy:
    """A card that leaves when it is shown a PIN."""

    card: CardPort

    def transmit(self, command: bytes, /) -> bytes:
        if command[1:2] == b"\x20" and len(command) > 5:
            raise CardEjected
        return self.card.transmit(command)


class Stranger:
    """A card of another kind."""

    def transmit(self, _: bytes, /) -> bytes:
        return b"\x6a\x82"


@pytest.fixture(scope="module")
def module() -> Path:
    found = sorted(Path("/usr/lib").glob("*/opensc-pkcs11.so"))
    if not found:
        pytest.skip("OpenSC's PKCS#11 module is not installed: apt-get install opensc-pkcs11")
    return found[0]


@pytest.fixture(scope="module")
def shared(module: Path) -> Iterator[Desk]:
    with PrivateStack() as stack:
        desk = Desk(stack, module)
        try:
            if not desk.client.name.endswith(" 0.23"):
                pytest.skip(f"this is what OpenSC 0.23 does; here is {desk.client.name}")
            yield desk
        finally:
            desk.close()


@pytest.fixture
def desk(shared: Desk) -> Desk:
    shared.lay_out_ordinary()
    return shared


def _wrong(pin: PinKind, times: int) -> Sequence[Call]:
    return times * [VerifyPin(pin, {AUTH: "0000", SIGN: "XXX999"}[pin])]


# ---------------------------------------------------------------- PINs


def test_tries_are_stated_as_far_as_the_flags_go(desk: Desk) -> None:
    stated = [desk.client.perform(call).tries for call in (TriesLeft(AUTH), TriesLeft(SIGN))]
    missed = [desk.client.perform(call) for call in (*_wrong(AUTH, 3), *_wrong(SIGN, 5))]

    assert stated == [states(3), states(5)]
    assert [answer.outcome for answer in missed] == [
        *2 * [Outcome.WRONG_PIN],
        Outcome.LOCKED,
        *4 * [Outcome.WRONG_PIN],
        Outcome.LOCKED,
    ]
    assert [answer.tries for answer in missed] == [
        *(states(2), states(1), None),
        *(*3 * (range(2, 5),), states(1), None),
    ]
    assert [desk.client.perform(call).tries for call in (TriesLeft(AUTH), TriesLeft(SIGN))] == 2 * [states(0)]


@pytest.mark.parametrize("pin", [AUTH, SIGN])
def test_the_right_pin_is_sent_once_each_time_it_is_entered(desk: Desk, pin: PinKind) -> None:
    call = VerifyPin(pin, {AUTH: AUTH_PIN, SIGN: SIGN_PIN}[pin])

    assert [desk.verifies(call) for _ in range(3)] == [1, 1, 1]


def test_a_blocked_pin_is_a_general_error_to_it_where_the_card_says_6984(desk: Desk) -> None:
    desk.lay_out(auth="locked")

    answer = desk.client.perform(ENTER)

    assert answer == Answer(Outcome.PROTOCOL_ERROR, message="CKR_GENERAL_ERROR, the token shows CKF_USER_PIN_LOCKED")


def test_a_blocked_pin_is_locked_to_it_where_the_card_says_6983(desk: Desk) -> None:
    desk.lay_out(behaviour=Behaviour(blocked_verify=SW.AUTHENTICATION_METHOD_BLOCKED), auth="locked")

    assert desk.outcomes(ENTER) == [Outcome.LOCKED]


def test_it_checks_the_length_of_a_pin_and_not_its_characters(desk: Desk) -> None:
    assert desk.outcomes(*(VerifyPin(AUTH, value) for value in ("123", "12345", "", "１２３４"))) == 4 * [
        Outcome.FORMAT_REJECTED
    ]
    assert desk.outcomes(*(VerifyPin(SIGN, value) for value in ("ABC12", "ABCDEFGH123456789"))) == 2 * [
        Outcome.FORMAT_REJECTED
    ]
    assert desk.card.in_hand.tries_left("auth") == 3
    assert desk.outcomes(VerifyPin(AUTH, "12a4"), VerifyPin(SIGN, "ＡＢＣ1")) == 2 * [Outcome.WRONG_PIN]
    assert (desk.card.in_hand.tries_left("auth"), desk.card.in_hand.tries_left("sign")) == (2, 4)


# ---------------------------------------------------------------- certificates and signatures


def test_what_everybody_may_read_is_read_to_the_byte(desk: Desk) -> None:
    written = jpki_of(desk.card.in_hand.issued)
    assert written.auth

    kinds = CertificateKind.AUTH, CertificateKind.AUTH_CA, CertificateKind.SIGN_CA
    read = [desk.client.perform(ReadCertificate(kind)).value for kind in kinds]

    assert read == [written.auth.der, written.auth_ca, written.sign_ca]


def test_the_sign_certificate_wants_its_pin(desk: Desk) -> None:
    written = jpki_of(desk.card.in_hand.issued)
    assert written.sign

    assert desk.outcomes(READ_SIGN) == [Outcome.NOT_PERMITTED]
    assert desk.client.perform(ReadCertificate(CertificateKind.SIGN, SIGN_PIN)).value == written.sign.der
    assert desk.outcomes(READ_SIGN, Close(), READ_SIGN) == [Outcome.OK, Outcome.OK, Outcome.NOT_PERMITTED]


@pytest.mark.parametrize(
    ("key", "kind", "algorithm"),
    [
        (KeyKind.AUTH, HashKind.SHA256, hashes.SHA256()),
        (KeyKind.SIGN, HashKind.SHA384, hashes.SHA384()),
        (KeyKind.SIGN, HashKind.SHA512, hashes.SHA512()),
    ],
)
def test_a_signature_verifies_and_costs_one_verify(
    desk: Desk, key: KeyKind, kind: HashKind, algorithm: hashes.HashAlgorithm
) -> None:
    written = jpki_of(desk.card.in_hand.issued)
    pin, issued = {KeyKind.AUTH: (AUTH_PIN, written.auth), KeyKind.SIGN: (SIGN_PIN, written.sign)}[key]
    call = Sign(key, kind, MESSAGE, pin)
    signature = desk.client.perform(call).value
    assert issued
    assert isinstance(signature, bytes)

    public_key = x509.load_der_x509_certificate(issued.der).public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(signature, MESSAGE, padding.PKCS1v15(), algorithm)
    assert desk.verifies(call) == 1


def test_signing_without_a_pin_is_not_permitted(desk: Desk) -> None:
    assert desk.outcomes(Sign(KeyKind.SIGN, HashKind.SHA256, MESSAGE)) == [Outcome.NOT_PERMITTED]


# ---------------------------------------------------------------- cards that come and go


def test_a_card_that_left_is_missed_and_the_next_one_is_found(desk: Desk) -> None:
    assert desk.outcomes(ENTER) == [Outcome.OK]
    desk.eject()
    assert desk.outcomes(TriesLeft(AUTH), ENTER, READ_SIGN) == 3 * [Outcome.NO_CARD]
    desk.insert(desk.card.observed)
    assert desk.outcomes(ENTER, TriesLeft(AUTH)) == 2 * [Outcome.OK]


def test_a_card_that_came_back_unseen_is_found(desk: Desk) -> None:
    assert desk.outcomes(VerifyPin(SIGN, SIGN_PIN)) == [Outcome.OK]
    desk.eject()
    desk.insert(desk.card.observed)

    assert desk.outcomes(READ_SIGN, VerifyPin(SIGN, SIGN_PIN), READ_SIGN) == [
        Outcome.NOT_PERMITTED,
        Outcome.OK,
        Outcome.OK,
    ]


@pytest.mark.parametrize("deed", ["power_cycle", "warm_reset"])
def test_what_another_program_does_to_the_card_does_not_hinder_an_entry(desk: Desk, deed: str) -> None:
    assert desk.outcomes(ENTER) == [Outcome.OK]
    desk.bystander.does(deed)
    assert desk.verifies(ENTER) == 1
    desk.bystander.does(deed)
    assert desk.outcomes(Sign(KeyKind.SIGN, HashKind.SHA256, MESSAGE, SIGN_PIN)) == [Outcome.OK]


def test_a_login_outlives_a_warm_reset(desk: Desk) -> None:
    assert desk.outcomes(VerifyPin(SIGN, SIGN_PIN)) == [Outcome.OK]
    desk.bystander.does("warm_reset")

    assert desk.outcomes(READ_SIGN) == [Outcome.OK]


def test_it_hands_out_an_empty_certificate_when_the_power_took_its_login_away(desk: Desk) -> None:
    assert desk.outcomes(VerifyPin(SIGN, SIGN_PIN)) == [Outcome.OK]
    desk.bystander.does("power_cycle")

    assert desk.client.perform(READ_SIGN).message == "CKR_OK with an empty CKA_VALUE"
    assert desk.outcomes(Sign(KeyKind.SIGN, HashKind.SHA256, MESSAGE)) == [Outcome.NOT_PERMITTED]


def test_a_card_that_leaves_in_the_middle_of_a_verify_is_a_general_error_to_it(desk: Desk) -> None:
    desk.eject()
    desk.insert(TransmitOnly(Shy(desk.card.observed)))
    answer = desk.client.perform(ENTER)

    assert answer.outcome is Outcome.PROTOCOL_ERROR
    assert answer.message.startswith("CKR_GENERAL_ERROR")


def test_another_card_is_the_wrong_card(desk: Desk) -> None:
    desk.eject()
    desk.insert(TransmitOnly(Stranger()))

    assert desk.outcomes(ENTER, TriesLeft(SIGN), READ_SIGN) == 3 * [Outcome.WRONG_CARD]


def test_pins_that_were_never_set_are_blocked_ones_to_it(desk: Desk) -> None:
    desk.lay_out("no-certificates")

    assert desk.client.perform(TriesLeft(AUTH)).tries == states(0)
    assert desk.outcomes(ReadCertificate(CertificateKind.AUTH), READ_SIGN) == [
        Outcome.CERT_ABSENT,
        Outcome.NOT_PERMITTED,
    ]
    assert desk.outcomes(ENTER, ReadCertificate(CertificateKind.SIGN, SIGN_PIN)) == 2 * [Outcome.PROTOCOL_ERROR]


def test_closing_lets_the_card_go(desk: Desk) -> None:
    assert desk.outcomes(ENTER, Close()) == 2 * [Outcome.OK]
    assert desk.wait_unpowered()
