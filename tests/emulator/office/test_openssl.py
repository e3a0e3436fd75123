"""What openssl, as a relying party, makes of lists and answers: for every state a certificate can be in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mynacard_emulator.office.responder import responder
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.certificates import Enrolment, auth_certificate
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.rest.listening import serving
from tests.emulator.pki.book import JST, Book, Event, good, revoked

CLOCKS = {
    1: datetime(2026, 11, 20, 12, tzinfo=JST),
    2: datetime(2031, 5, 1, 12, tzinfo=JST),
    3: datetime(2036, 2, 29, 12, tzinfo=JST),
}
GENERATION = pytest.mark.parametrize("generation", CLOCKS)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
VALID = (-90 * DAY, 900 * DAY)

OK, REVOKED = "leaf.pem: OK", "error 23 at 0 depth lookup: certificate revoked"
EXPIRED = "error 10 at 0 depth lookup: certificate has expired"
NOT_YET = "error 9 at 0 depth lookup: certificate is not yet valid"
NO_ISSUER = "error 20 at 0 depth lookup: unable to get local issuer certificate"


@dataclass(frozen=True, slots=True)
class State:
    """What happened to a certificate, its dates counted from now, and what OCSP and the list make openssl say."""

    ocsp: str
    verify: str
    events: tuple[tuple[timedelta, RevocationReason | None], ...] = ((-80 * DAY, None),)
    validity: tuple[timedelta, timedelta] = VALID


def gone(reason: RevocationReason) -> State:
    said = "" if reason is RevocationReason.UNSPECIFIED else f"Reason: {reason.word}"
    return State(f"revoked {said}".rstrip(), REVOKED, ((-80 * DAY, None), (-2 * DAY, reason)))


HOLD = RevocationReason.CERTIFICATE_HOLD
STATES = {
    "good": State("good", OK),
    **{reason.word: gone(reason) for reason in RevocationReason},
    "released": State("good", OK, ((-80 * DAY, None), (-9 * DAY, HOLD), (-2 * DAY, None))),
    "released today": State("good", REVOKED, ((-80 * DAY, None), (-9 * DAY, HOLD), (-HOUR, None))),
    "revoked today": State("revoked Reason: superseded", OK, ((-HOUR, RevocationReason.SUPERSEDED),)),
    "expired": State("good", EXPIRED, validity=(-900 * DAY, -DAY)),
    "not yet valid": State("good", NOT_YET, validity=(DAY, 900 * DAY)),
    "not handed over": State("unknown", OK, events=()),
}
SERIALS = {name: 0x1E000000 + index for index, name in enumerate(STATES)}


def book(generation: int) -> Book:
    """A registry with a certificate in each state."""
    clock = CLOCKS[generation]

    def event(after: timedelta, reason: RevocationReason | None) -> Event:
        return revoked(clock + after, reason) if reason else good(clock + after)

    events = {
        (CertKind.AUTH, generation, SERIALS[name]): tuple(event(*what) for what in state.events)
        for name, state in STATES.items()
    }
    return Book(events, clock)


@dataclass(frozen=True, slots=True)
class Party:
    """A relying party in the days of one generation, and the directory where it keeps what it fetched."""

    generation: int
    url: str
    directory: Path

    def fetch(self) -> None:
        """CA certificates and lists of each generation alone, `1.pem` and `1.crl.pem`, and together."""
        with httpx.Client(base_url=self.url) as client:
            for number in CLOCKS:
                cer, crl = (client.get(path).content for path in (f"/ca/auth-{number}.cer", f"/crl/auth-{number}.crl"))
                self.keep(f"{number}.pem", x509.load_der_x509_certificate(cer))
                self.keep(f"{number}.crl.pem", x509.load_der_x509_crl(crl))
        for suffix in ("pem", "crl.pem"):
            together = b"".join((self.directory / f"{number}.{suffix}").read_bytes() for number in CLOCKS)
            (self.directory / f"all.{suffix}").write_bytes(together)

    def keep(self, name: str, what: x509.Certificate | x509.CertificateRevocationList) -> None:
        (self.directory / name).write_bytes(what.public_bytes(Encoding.PEM))

    def meets(self, name: str, ca: CertificationAuthority | None = None) -> None:
        """Get a certificate in that state, `leaf.pem`."""
        clock, (start, end) = CLOCKS[self.generation], STATES[name].validity
        issuer = ca or shipped.authority(CertKind.AUTH, self.generation)
        (self.directory / "leaf.pem").write_bytes(leaf(issuer, SERIALS[name], clock + start, clock + end))

    def ocsp(self, issuer: str, *more: str, trusted: str = "all.pem") -> str:
        where = ("-url", f"{self.url}/ocsp", "-issuer", issuer, "-CAfile", trusted)
        return self.openssl("ocsp", *where, "-cert", "leaf.pem", *self.at, "-validity_period", "2000000000", *more)

    def verify(self, trusted: str, lists: str) -> str:
        return self.openssl("verify", "-crl_check", "-CRLfile", lists, "-CAfile", trusted, *self.at, "leaf.pem")

    @property
    def at(self) -> tuple[str, str]:
        return "-attime", str(int(CLOCKS[self.generation].timestamp()))

    def openssl(self, *arguments: str) -> str:
        """Everything it says, in one line."""
        command = ["openssl", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, cwd=self.directory)
        return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Party]]:
    """One in the days of each generation, with a responder of that time."""
    with ExitStack() as running:
        found = {
            generation: Party(
                generation,
                running.enter_context(serving(responder(book(generation)))),
                tmp_path_factory.mktemp(f"generation-{generation}"),
            )
            for generation in CLOCKS
        }
        for party in found.values():
            party.fetch()
        yield found


def leaf(ca: CertificationAuthority, serial_number: int, not_before: datetime, not_after: datetime) -> bytes:
    """A certificate of a holder, PEM."""
    enrolment = Enrolment(
        public_key=shipped.key(shipped.CARD_AUTH).public_key(),
        serial_number=serial_number,
        not_before=not_before,
        not_after=not_after,
        common_name="AJH84YHVT45JEJ99001001A",
        prefecture="Tokyo-to",
        city="Kaku-shi",
    )
    return x509.load_der_x509_certificate(auth_certificate(ca, enrolment)).public_bytes(Encoding.PEM)


def agree(party: Party, name: str) -> None:
    """Compare both of openssl's ways of asking with what the registry knows."""
    state, generation = STATES[name], party.generation
    party.meets(name)
    word, _, reason = state.ocsp.partition(" ")
    answer = party.ocsp(f"{generation}.pem")

    assert f"leaf.pem: {word} This Update" in answer
    assert "Response verify OK" in answer
    assert ("Reason:" in answer) is bool(reason)
    assert reason in answer
    assert state.verify in party.verify(f"{generation}.pem", f"{generation}.crl.pem")
    assert state.verify in party.verify("all.pem", "all.crl.pem")


@pytest.mark.parametrize("name", STATES)
def test_openssl_agrees_about_every_state(name: str, parties: dict[int, Party]) -> None:
    agree(parties[1], name)


@pytest.mark.parametrize("generation", [2, 3])
@pytest.mark.parametrize("name", ["good", "certificateHold", "expired", "not handed over"])
def test_openssl_agrees_about_later_generations(name: str, generation: int, parties: dict[int, Party]) -> None:
    agree(parties[generation], name)


@GENERATION
def test_a_stranger_is_refused_everywhere(generation: int, parties: dict[int, Party]) -> None:
    party, stranger = parties[generation], shipped.foreign_authority(CertKind.AUTH)
    party.meets("good", stranger)
    party.keep("stranger.pem", stranger.certificate)

    assert party.ocsp("stranger.pem") == "Responder Error: unauthorized (6)"
    assert NO_ISSUER in party.verify("all.pem", "all.crl.pem")


@pytest.mark.parametrize(("generation", "older"), [(2, 1), (3, 1), (3, 2)])
def test_an_older_root_of_the_same_name_is_not_the_issuer(
    generation: int, older: int, parties: dict[int, Party]
) -> None:
    party = parties[generation]
    party.meets("good")

    assert NO_ISSUER in party.verify(f"{older}.pem", "all.crl.pem")
    assert "leaf.pem: unknown" in party.ocsp(f"{older}.pem")
    assert "Response Verify Failure" in party.ocsp(f"{generation}.pem", trusted=f"{older}.pem")


@GENERATION
def test_a_list_of_another_generation_is_none(generation: int, parties: dict[int, Party]) -> None:
    parties[generation].meets("good")

    assert OK not in parties[generation].verify("all.pem", f"{generation % 3 + 1}.crl.pem")


def test_openssl_reads_the_list(parties: dict[int, Party]) -> None:
    text = parties[1].openssl("crl", "-in", "1.crl.pem", "-noout", "-text", "-CAfile", "1.pem")

    assert "verify OK" in text
    assert "Last Update: Nov 19 15:00:00 2026 GMT Next Update: Nov 20 15:00:00 2026 GMT" in text
    assert "X509v3 CRL Number: 20261120" in text
    listed = text.partition("Revoked Certificates:")[2].count("Serial Number:")
    assert listed == sum(state.verify == REVOKED for state in STATES.values())
    for words in ("Key Compromise", "CA Compromise", "Affiliation Changed", "Superseded", "Certificate Hold"):
        assert f"X509v3 CRL Reason Code: {words}" in text


def test_a_nonce_comes_back_to_openssl(parties: dict[int, Party]) -> None:
    parties[1].meets("good")
    answer = parties[1].ocsp("1.pem", "-nonce")

    assert "leaf.pem: good" in answer
    assert "nonce" not in answer  # it warns of a missing one, and refuses a wrong one


# ---------------------------------------------------------------- as docs/certificates.md shows it


def shown() -> list[list[str]]:
    """The commands of each block."""
    text = (Path(__file__).parents[3] / "docs" / "certificates.md").read_text(encoding="utf-8")
    return [part.split("\n```")[0].splitlines() for part in text.split("```\n")[1::2]]


@pytest.mark.parametrize(
    ("generation", "clock"), [(1, datetime.now(UTC)), (2, CLOCKS[2])], ids=["today", "another day"]
)
def test_the_documents_commands_say_what_they_should(generation: int, clock: datetime, tmp_path: Path) -> None:
    ca, serial = shipped.authority(CertKind.AUTH, generation), 0x1E0391CA
    source = Book({(CertKind.AUTH, generation, serial): (good(clock - 80 * DAY),)}, clock)
    (tmp_path / "holder.pem").write_bytes(leaf(ca, serial, clock - 90 * DAY, clock + 900 * DAY))
    said = []
    with serving(responder(source)) as url:
        for name in (f"ca/auth-{generation}.cer", f"crl/auth-{generation}.crl"):
            (tmp_path / Path(name).name).write_bytes(httpx.get(f"{url}/{name}").content)
        for command in shown()[generation - 1]:
            here = command.replace("http://127.0.0.1:8080", url)
            shell = ["sh", "-c", here]
            done = subprocess.run(shell, capture_output=True, text=True, check=True, timeout=30, cwd=tmp_path)
            said.append(" ".join((done.stdout + done.stderr).split()))

    everything = " | ".join(said)
    assert "holder.pem: good This Update" in everything
    assert "Response verify OK" in everything
    assert "Status times invalid" not in everything
    assert said[-1] == "holder.pem: OK"
