"""`mynacard office` as its users meet it: an office in a shell, a line for each errand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.cli import office as office_cli
from mynacard_emulator.cli.office.verbs import commands, verb_of
from mynacard_emulator.cli.office.words import CHOICES, GROUPS, PARAMETERS, VERBS
from mynacard_emulator.office.errands import ERRANDS
from mynacard_emulator.office.policy import policy_questions
from mynacard_emulator.office.registry import PendingWrite, key
from mynacard_emulator.personalise import codec
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.storage import RegistryFile

from .test_cli import Ran, is_refused, mynacard, started

EVERY_ERRAND = [f"{desk}.{name}" for desk, names in ERRANDS.items() for name in names]
AT = "2026-11-20T10:00"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    made = tmp_path / "card.json"
    CardInHand.create(made, profiles.load("adult", today=date(2026, 11, 20)), {"auth": "locked"}).close()
    return made


@pytest.fixture
def registry(tmp_path: Path, card: Path) -> Path:
    """A registry beside the card, which it knows."""
    made = tmp_path / "registry.json"
    assert mynacard("office", "init", made, "--at", AT).status == 0
    assert mynacard("office", "enrol", card).status == 0
    return made


def said(ran: Ran, status: int = 0) -> str:
    assert (ran.status, ran.err) == (status, "")
    return ran.out


# ---------------------------------------------------------------- the table of words
@pytest.mark.parametrize("errand", EVERY_ERRAND)
def test_every_errand_has_a_verb_with_words_of_its_own(errand: str) -> None:
    assert errand in VERBS
    first, _, second = verb_of(errand).name.partition(" ")
    command = commands()[first]
    if second:
        assert isinstance(command, click.Group)
        assert first in GROUPS
        command = command.commands[second]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{errand} {parameter.name}"
        else:
            assert parameter.name in PARAMETERS.keys() | {"card", "phone", "new_file"}, f"{errand} {parameter.name}"


def test_no_two_errands_have_the_same_verb() -> None:
    names = [verb.name for verb in VERBS.values()]

    assert len(set(names)) == len(names)


def test_whatever_is_chosen_from_is_a_parameter_that_is_explained() -> None:
    assert {name.rpartition(".")[2] for name in CHOICES} <= {name.rpartition(".")[2] for name in PARAMETERS}


def test_the_help_lists_every_errand() -> None:
    out = said(mynacard("office", "-h"))

    for errand in EVERY_ERRAND:
        assert f"  {verb_of(errand).name.partition(' ')[0]} " in out


# ---------------------------------------------------------------- init, enrol, clock
def test_an_office_is_opened_and_a_locked_pin_is_reset(tmp_path: Path, card: Path) -> None:
    registry = tmp_path / "registry.json"

    assert said(mynacard("office", "init", "registry.json", "--at", AT, cwd=tmp_path)).startswith(
        "registry.json: 2026-11-20 10:00:00 in Japan, Fri, desks open\n"
    )
    assert said(mynacard("office", "enrol", "card.json", cwd=tmp_path)).startswith("card.json: known as ")
    assert said(mynacard("office", "reset-pin", "card.json", "auth", "5678", cwd=tmp_path)) != ""

    assert registry.stat().st_mode & 0o777 == 0o600
    assert CardInHand.look(card).tries_left("auth") == 3


def test_the_registry_is_named_by_option_or_environment_or_is_beside_the_card(registry: Path, card: Path) -> None:
    elsewhere = registry.with_name("elsewhere")
    elsewhere.mkdir()
    moved = registry.rename(elsewhere / "office.json")
    reset = ("office", "reset-pin", card, "auth", "5678")

    assert is_refused(mynacard(*reset), "registry.json", "does not exist", "mynacard office init")
    assert mynacard(*reset, "--registry", moved).status == 0
    assert mynacard(*reset, env={"MYNACARD_REGISTRY": str(moved)}).status == 0


def test_an_office_begins_when_its_desks_are_open(tmp_path: Path) -> None:
    out = said(mynacard("office", "init", cwd=tmp_path))

    assert out.splitlines()[0].endswith("desks open")


def test_init_replaces_nothing_unless_told_so(registry: Path) -> None:
    before = registry.read_bytes()

    assert is_refused(mynacard("office", "init", registry, "--at", AT), "already exists", "--force")
    assert registry.read_bytes() == before
    assert mynacard("office", "init", registry, "--at", AT, "--force").status == 0


def test_an_office_has_its_own_policy(tmp_path: Path) -> None:
    registry = tmp_path / "registry.json"
    first, second, *_ = policy_questions()

    assert (
        mynacard("office", "init", registry, "--policy", "status_lag=24h", "--policy", "require_mix=false").status == 0
    )
    assert json.loads(registry.read_text().partition("\n}\n")[0] + "}")["registry"] == {
        "policy": {"status_lag": "24h", "require_mix": "false"}
    }
    other = tmp_path / "other.json"
    assert is_refused(mynacard("office", "init", other, "--policy", "x=1"), "no such question", first.name, second.name)
    assert is_refused(mynacard("office", "init", other, "--policy", "status_lag=1h"), "is not one of: 0h, 24h")
    assert is_refused(mynacard("office", "init", other, "--policy", "status_lag"), "NAME=VALUE")
    assert not other.exists()


def test_the_clock_is_shown_and_moved_and_never_back(registry: Path) -> None:
    def clock(*arguments: str) -> Ran:
        return mynacard("office", "clock", "--registry", registry, *arguments)

    assert said(clock()) == "2026-11-20 10:00:00 in Japan, Fri, desks open\n"
    assert said(clock("--advance", "1d12h")) == "2026-11-21 22:00:00 in Japan, Sat, desks closed\n"
    assert said(clock("--opening")) == "2026-11-24 09:00:00 in Japan, Tue, desks open\n"  # the 23rd is a holiday
    assert said(clock("--set", "2026-12-01")) == "2026-12-01 10:00:00 in Japan, Tue, desks open\n"
    assert clock("--json").json == {"now": "2026-12-01T10:00:00+09:00", "desks": True}
    assert is_refused(clock("--set", "2026-11-30"), "never runs backwards")
    assert said(clock()) == "2026-12-01 10:00:00 in Japan, Tue, desks open\n"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--set", "2026-02-30"), "no time"),
        (("--set", "tomorrow"), "no time"),
        (("--advance", "3 days"), "no span"),
        (("--advance", ""), "no span"),
        (("--advance", "99999w"), "between 2016-01-01 and 2099-12-31"),
        (("--set", "9999-12-31", "--opening"), "registry.json"),
        (("--set", "2027-01-01", "--advance", "1d"), "not both"),
    ],
)
def test_an_impossible_time_is_refused(registry: Path, arguments: tuple[str, ...], word: str) -> None:
    assert is_refused(mynacard("office", "clock", "--registry", registry, *arguments), word)


def test_an_office_begins_at_no_impossible_time(tmp_path: Path) -> None:
    assert is_refused(
        mynacard("office", "init", tmp_path / "registry.json", "--at", "1999-12-31"), "between 2016-01-01"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_card_of_the_future_is_not_made_known(tmp_path: Path, card: Path) -> None:
    registry = tmp_path / "early.json"
    assert mynacard("office", "init", registry, "--at", "2025-11-07").status == 0
    enrol = ("office", "enrol", card, "--registry", registry)

    assert is_refused(mynacard(*enrol), "2025-11-10", "mynacard office clock --set 2025-11-10")
    assert mynacard("office", "clock", "--registry", registry, "--set", "2025-11-10").status == 0
    assert mynacard(*enrol).status == 0


def test_a_card_that_is_none_of_ours_is_not_made_known(registry: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    CardInHand.create(other, profiles.load("other-card")).close()

    assert is_refused(mynacard("office", "enrol", other, "--registry", registry), "none of ours")


# ---------------------------------------------------------------- errands
def test_a_refusal_is_a_sentence_and_status_1(registry: Path, card: Path) -> None:
    before = registry.read_bytes(), card.read_bytes()
    reset = ("office", "reset-pin", card, "auth", "5678", "--without-card")

    assert said(mynacard(*reset), 1).startswith("A paper is missing, or the card")
    assert "カード" in said(mynacard(*reset, "--lang", "ja"), 1)
    assert "カード" in said(mynacard(*reset, env={"LC_ALL": "ja_JP.UTF-8"}), 1)
    refused = mynacard(*reset, "--json")
    assert (refused.status, refused.json["outcome"]) == (1, "document_missing")
    assert (registry.read_bytes(), card.read_bytes()) == before


@pytest.mark.usefixtures("registry")
def test_a_pin_can_come_from_standard_input(card: Path) -> None:
    reset = ("office", "reset-pin", card, "auth", "-", "--confirm", "-")

    assert mynacard(*reset, given=b"5678\n5678\n").status == 0
    assert mynacard("office", "reset-pin", card, "auth", "-", "--confirm", "-", given=b"5678\n5679\n").status == 1
    assert is_refused(mynacard(*reset, given=b"5678\n"), "a line for each -")
    strict = {"PYTHONIOENCODING": "utf-8:strict"}
    assert is_refused(mynacard(*reset, given=b"\xff\n", env=strict), "not text")


def test_a_card_that_is_not_known_is_not_served(registry: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.json"
    CardInHand.create(stranger, profiles.load("child", today=date(2026, 11, 20))).close()
    before = registry.read_bytes()

    ran = mynacard("office", "reset-pin", stranger, "auth", "5678")
    assert is_refused(ran, "does not know", f"mynacard office enrol {stranger}")
    assert registry.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda registry, _card: registry.unlink(), ("does not exist", "mynacard office init")),
        (lambda registry, card: registry.write_bytes(card.read_bytes()), ("is a card file, not a registry file",)),
        (lambda registry, _card: registry.write_bytes(b""), ("is empty", "--force")),
        (
            lambda registry, _card: registry.write_bytes(registry.read_bytes().replace(b'"seq":1', b'"seq":7')),
            ("is damaged", "restore a copy"),
        ),
        (
            lambda registry, _card: registry.write_bytes(
                registry.read_bytes().replace(b'"version": 1', b'"version": 9')
            ),
            ("format 9", "install a newer one"),
        ),
        (lambda _registry, card: card.unlink(), ("does not exist", "mynacard new")),
    ],
    ids=["missing", "a card", "empty", "damaged", "newer", "no card"],
)
def test_files_that_cannot_serve_are_refused_in_one_line(
    registry: Path, card: Path, spoil: Callable[[Path, Path], object], words: tuple[str, ...]
) -> None:
    spoil(registry, card)

    assert is_refused(mynacard("office", "reset-pin", card, "auth", "5678"), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("face", "5678"), ("'face' is not one of",)),
        (("auth", "5678", "--document", "library-card"), ("driving-licence", "passport")),
        (("auth", "5678", "--document", "passport:2026-02-30"), ("KIND:2027-03-31",)),
        (("auth", "5678", "--by", "cat"), ("legal-representative",)),
        (("auth",), ("NEW",)),
    ],
)
@pytest.mark.usefixtures("registry")
def test_wrong_usage_is_told_in_one_line(card: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert is_refused(mynacard("office", "reset-pin", card, *arguments), *words)


def test_a_card_in_use_is_not_served(registry: Path, card: Path) -> None:
    before = registry.read_bytes()
    with CardInHand.open(card):
        assert is_refused(
            mynacard("office", "reset-pin", card, "auth", "5678"), "is in use by process", str(os.getpid())
        )

    assert registry.read_bytes() == before


# ---------------------------------------------------------------- status
def test_the_status_of_a_card_is_shown_by_its_file_or_its_number(registry: Path, card: Path) -> None:
    shown = said(mynacard("office", "status", card))
    told = mynacard("office", "status", card, "--json").json

    assert "relying parties hear: good" in shown
    assert told["card"]["state"] == "active"
    assert told["person"]["name"] == "架空　太郎"
    assert len(told["certificates"]) == 2
    by_number = mynacard("office", "status", told["card"]["serial"], "--registry", registry)
    assert said(by_number) == shown
    assert is_refused(mynacard("office", "status", "000000000000000", "--registry", registry), told["card"]["serial"])


def test_a_telephone_is_a_card_in_a_file_with_a_status_of_its_own(registry: Path, card: Path, tmp_path: Path) -> None:
    phone = tmp_path / "phone.json"
    enrol = ("office", "phone", "enrol", card, phone, "-", "-", "-")

    assert str(phone) in said(mynacard(*enrol, given=b"ABC123\n4829\nXQ4829\n"))
    assert mynacard("office", "phone", "suspend", phone).status == 0
    told = mynacard("office", "status", phone, "--json").json
    assert told["card"]["state"] == "suspended"
    assert all("certificateHold" in line for line in told["certificates"].values())
    by_number = mynacard("office", "status", told["card"]["serial"], "--registry", registry, "--json")
    assert by_number.json == told


# ---------------------------------------------------------------- new cards
ORDER = ("--police-number", "1", "--auth", "4829", "--sign", "XQ4829", "--juki", "6173", "--text", "9058")


@pytest.fixture
def ordered(registry: Path, card: Path) -> Path:
    """A registry in which a new card waits in the place of the old one."""
    assert mynacard("office", "reissue", card, *ORDER).status == 0
    assert mynacard("office", "clock", "--advance", "7w", "--opening", "--registry", registry).status == 0
    return registry


def test_a_new_card_is_put_where_nothing_is(ordered: Path, card: Path, tmp_path: Path) -> None:
    before = ordered.read_bytes(), card.read_bytes()

    assert is_refused(mynacard("office", "collect", card, card), "already exists", "choose another path")
    assert (ordered.read_bytes(), card.read_bytes()) == before
    assert mynacard("office", "collect", card, tmp_path / "new.json").status == 0
    assert CardInHand.look(tmp_path / "new.json").tries_left("auth") == 3


def test_a_card_whose_way_to_its_holder_was_cut_off_is_collected_again(
    ordered: Path, card: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.json"
    assert mynacard("office", "collect", card, new).status == 0
    serial = mynacard("office", "status", new, "--json").json["card"]["serial"]
    pending = PendingWrite(card=serial, issued=CardInHand.look(new).issued, new=True)
    with RegistryFile.open(ordered) as file:  # as it stood when the file was there, and the registry did not know it
        file.write({key(pending): codec.encode(pending)})

    assert mynacard("office", "collect", card, new).status == 0
    assert mynacard("office", "status", new, "--json").json["open"] == {}


# ---------------------------------------------------------------- serve
@pytest.fixture
def responder(registry: Path) -> Iterator[str]:
    """The URL of a responder that serves the registry."""
    with started("office", "serve", "--port", "0", "--registry", registry) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def openssl_ocsp(responder: str, certificate: Path, issuer: Path, at: datetime) -> str:
    # the registry's clock is not the machine's
    command = (
        "openssl",
        "ocsp",
        "-url",
        f"{responder}/ocsp",
        "-issuer",
        issuer,
        "-CAfile",
        issuer,
        "-cert",
        certificate,
    )
    times = ("-attime", str(int(at.timestamp())), "-validity_period", "2000000000")
    ran = subprocess.run([*command, *times], capture_output=True, text=True, timeout=60, check=True)
    assert "Response verify OK" in ran.stderr
    return ran.stdout


def test_openssl_hears_from_the_registry_without_holding_it(
    registry: Path, card: Path, responder: str, tmp_path: Path
) -> None:
    certificate, issuer = tmp_path / "holder.pem", tmp_path / "auth-1.pem"
    auth = CardInHand.look(card).issued.certificate("auth")
    assert auth is not None
    certificate.write_bytes(_pem(auth.der))
    issuer.write_bytes(shipped.authority(CertKind.AUTH).certificate.public_bytes(Encoding.PEM))
    now = datetime.fromisoformat("2026-11-20T10:00+09:00")

    assert f"{certificate}: good" in openssl_ocsp(responder, certificate, issuer, now)
    assert mynacard("office", "clock", "--advance", "1d", "--registry", registry).status == 0
    told = openssl_ocsp(responder, certificate, issuer, now + timedelta(days=1))
    assert "This Update: Nov 21 01:00:00 2026 GMT" in told


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--port", "70000"), "70000"), (("--host", "192.0.2.1"), "choose another address"), ((), "does not exist")],
)
def test_a_responder_that_cannot_serve_says_so(tmp_path: Path, arguments: tuple[str, ...], word: str) -> None:
    registry = tmp_path / "registry.json"
    if arguments:
        assert mynacard("office", "init", registry).status == 0

    assert is_refused(mynacard("office", "serve", "--registry", registry, *arguments), word)


def test_the_help_of_the_whole_command_waits_for_no_office() -> None:
    assert office_cli.office.callback is not None
    listed = said(mynacard("-h"))

    assert "  office " in listed
