"""The command as its users meet it: every verb in a process of its own, what it prints, and how it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

import mynacard_fixtures
from mynacard_emulator import profiles
from mynacard_emulator.card import Question, questions
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.policy import policy_questions
from mynacard_emulator.personalise import profile_file
from mynacard_emulator.personalise.answers import as_word
from mynacard_emulator.personalise.face import face
from mynacard_emulator.readers.reader import reader_questions
from tests.emulator.personalise.written import jpki_of

MYNACARD = Path(sys.executable).with_name("mynacard")
PATIENCE = 60.0

JPKI = "00A4040C0AD392F000260100000001"
AUTH_PIN, SIGN_PIN = "00A4020C020018", "00A4020C02001B"
RIGHT, WRONG, QUERY = "002000800431323334", "002000800430303030", "00200080"

SECRET = re.compile(r"(?<![0-9A-Za-z])(1234|2345|3456)(?![0-9A-Za-z])|ABC123|3[1-3]3[2-4]3[3-5]3[4-6]|414243313233")
"""The PINs of the test card, as typed and as they go over the wire."""

VERBS = ("apdu", "assumptions", "check", "demo", "doctor", "exec", "new", "office", "profiles", "run", "show", "trace")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run of the command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def answers(self) -> list[str]:
        """The response APDUs among what was printed."""
        return re.findall(r"^\s*< ([0-9A-F]+)", self.out, re.MULTILINE)


def environment(**more: str) -> dict[str, str]:
    """What the command is run in: its own directory comes first, and no language and no PC/SC stack is spoken of."""
    path = os.pathsep.join((str(MYNACARD.parent), os.environ.get("PATH", os.defpath)))
    inherited = {name: value for name, value in os.environ.items() if name != "PCSCLITE_CSOCK_NAME"}
    return {**inherited, "PATH": path, "LC_ALL": "C.UTF-8", **more}


def mynacard(
    *arguments: str | Path,
    reveals: bool = False,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    through: tuple[str, ...] = (),
) -> Ran:
    """Run the command to its end; whatever it is, it prints no traceback, and no PIN unless it `reveals` them."""
    done = subprocess.run(
        [*through, MYNACARD, *arguments],
        input=given,
        env=environment(**(env or {})),
        cwd=cwd,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in ran.err
    assert reveals or not SECRET.search(ran.out + ran.err)
    return ran


def is_refused(ran: Ran, *words: str, status: int = 2) -> bool:
    """Whether nothing was done, and one line on standard error says why in these words, among others."""
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("mynacard")
    assert [word for word in words if word not in line] == []
    assert ran.status == status
    return True


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start the command; whatever the test does not end is ended afterwards."""
    with subprocess.Popen(
        [MYNACARD, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The file of a fresh adult's card."""
    path = tmp_path / "card.json"
    CardInHand.create(path, profiles.load("adult")).close()
    return path


@pytest.fixture
def toml(tmp_path: Path) -> Callable[..., Path]:
    """Write a profile of one's own: the adult's, with lines replaced."""

    def write(*replaced: tuple[str, str]) -> Path:
        text = profiles.text("adult")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ---------------------------------------------------------------- the command itself


def test_without_a_verb_it_tells_what_verbs_there_are() -> None:
    ran = mynacard()

    assert ran.status == 2
    assert [verb for verb in VERBS if not re.search(rf"^  {verb}\s", ran.err, re.MULTILINE)] == []


@pytest.mark.parametrize("verb", ["apdu", "exec", "check"])
def test_a_verb_explains_itself(verb: str) -> None:
    ran = mynacard(verb, "-h")

    assert ran.out.startswith(f"Usage: mynacard {verb}")
    assert ran.status == 0


def test_it_tells_its_version() -> None:
    assert re.fullmatch(r"mynacard, version \d+\.\d+\.\d+\S*\n", mynacard("--version").out)


def test_an_unknown_verb_is_refused() -> None:
    assert is_refused(mynacard("shwo", "card.json"), "shwo", "mynacard --help")


def test_who_stops_reading_gets_no_complaint() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed_pipe:
        done = subprocess.run(
            [MYNACARD, "assumptions"], env=environment(), stdout=closed_pipe, stderr=subprocess.PIPE, check=False
        )

    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_a_full_disk_is_named_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [MYNACARD, "profiles"],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert is_refused(Ran(done.returncode, "", done.stderr), "No space left on device")


def test_a_terminal_that_is_not_japanese_gets_escapes() -> None:
    ran = mynacard("profiles", env={"PYTHONIOENCODING": "latin-1"})

    assert "\\u67b6\\u7a7a" in ran.out
    assert ran.status == 0


# ---------------------------------------------------------------- new


def test_new_makes_a_card_that_is_private_to_its_owner(tmp_path: Path) -> None:
    ran = mynacard("new", "card.json", cwd=tmp_path)

    assert ran.status == 0
    assert "架空　太郎" in ran.out
    assert (tmp_path / "card.json").stat().st_mode & 0o777 == 0o600
    assert CardInHand.look(tmp_path / "card.json").issued.name == "adult"


def test_the_same_seed_makes_the_same_card_and_another_another(tmp_path: Path) -> None:
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        mynacard("new", tmp_path / name, "--seed", seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")

    assert a == b != c


def test_fresh_keys_are_shared_with_no_other_card(tmp_path: Path, card: Path) -> None:
    mynacard("new", tmp_path / "fresh.json", "--fresh-keys")

    def keys(path: Path) -> set[int]:
        written = jpki_of(CardInHand.look(path).issued)
        assert written.sign
        assert written.auth
        return {_modulus(each.der) for each in (written.sign, written.auth)}

    assert keys(tmp_path / "fresh.json").isdisjoint(keys(card))


def _modulus(certificate: bytes) -> int:
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key.public_numbers().n


def test_new_begins_with_the_tries_that_were_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    mynacard("new", path, "--profile", "adult", "--state", "auth=locked,sign=1")
    pins = mynacard("show", path, "--json").json["PINs"]

    assert (pins["auth"], pins["sign"], pins["text"]) == ("locked", "1 of 5 tries left", "3 of 3 tries left")


def test_new_takes_a_profile_of_ones_own(tmp_path: Path, toml: Callable[..., Path]) -> None:
    mynacard("new", tmp_path / "card.json", "--profile", toml(("架空　太郎", "見本　次郎")))
    shown = mynacard("show", tmp_path / "card.json", "--json").json["card (a test card, not a real one)"]

    assert (shown["profile"], shown["name"]) == ("mine", "見本　次郎")


def test_new_replaces_a_card_only_if_it_must(card: Path) -> None:
    before = card.read_bytes()

    assert is_refused(mynacard("new", card), str(card), "--force")
    assert card.read_bytes() == before
    assert mynacard("new", card, "--force", "--profile", "no-certificates").status == 0
    assert CardInHand.look(card).issued.name == "no-certificates"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("auth", ("'auth'", "auth=locked")),
        ("auth=4", ("auth", "up to 3")),
        ("puk=1", ("'puk'", "sign, auth, juki, text")),
    ],
)
def test_a_state_that_no_card_has_is_refused(tmp_path: Path, state: str, words: tuple[str, ...]) -> None:
    assert is_refused(mynacard("new", tmp_path / "card.json", "--state", state), *words)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_profile_is_refused_with_a_guess(tmp_path: Path) -> None:
    ran = mynacard("new", tmp_path / "card.json", "--profile", "adutl")

    assert is_refused(ran, "'adutl'", "did you mean 'adult'?", "no-certificates")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("born =", "bron =", ("holder.bron", "did you mean 'born'?")),
        ("born = 1980-02-17", "born = 1980-02-30", ("is not TOML",)),
        ("born = 1980-02-17", 'born = "1980-02-17"', ("holder.born", "a date without quotes")),
        ('auth = "1234"', 'auth = "97531"', ("pins.auth", "four ASCII digits")),
        ('auth = "1234"', "auth = 97531", ("pins.auth", "text in quotes")),
        ('sign = "ABC123"', 'sign = "97531qx"', ("pins.sign", "6 to 16")),
        ('# blocked_verify = "6983"', 'blocked_verify = "6999"', ("behaviour.blocked_verify", "6984, 6983")),
    ],
    ids=["key", "impossible-day", "quoted-day", "long-pin", "number-pin", "sign-pin", "answer"],
)
def test_a_profile_with_a_mistake_is_refused_by_file_and_key(
    tmp_path: Path, toml: Callable[..., Path], old: str, new: str, words: tuple[str, ...]
) -> None:
    ran = mynacard("new", tmp_path / "card.json", "--profile", toml((old, new)))

    assert is_refused(ran, "mine.toml", *words)
    assert "97531" not in ran.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"[holder"], ids=["missing", "binary", "cut"])
def test_a_profile_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "mine.toml").write_bytes(content)

    assert is_refused(mynacard("new", "card.json", "--profile", "./mine.toml", cwd=tmp_path), "mine.toml")


# ---------------------------------------------------------------- show, profiles, assumptions


def test_show_tells_face_and_tries_and_no_secret(card: Path) -> None:
    issued = CardInHand.look(card).issued
    ran = mynacard("show", card)

    for public in (
        "架空　太郎",
        "東京都架空市見本町１－２－３",
        "1980-02-17",
        str(issued.not_after),
        "5 of 5 tries left",
    ):
        assert public in ran.out
    assert issued.my_number not in ran.out
    assert issued.number_b not in ran.out


def test_show_reveals_what_it_is_told_to(card: Path) -> None:
    issued = CardInHand.look(card).issued
    ran = mynacard("show", card, "--reveal", reveals=True)

    for secret in ("1234", "ABC123", "3456", issued.my_number, issued.number_b):
        assert secret in ran.out


def test_show_says_the_same_in_json(card: Path) -> None:
    told, spoken = mynacard("show", card, "--json").json, mynacard("show", card).out

    assert told["PINs"]["auth"] == "3 of 3 tries left"
    for section, entries in told.items():
        assert section in spoken
        assert [value for value in entries.values() if value not in spoken] == []


def test_show_tells_of_a_card_without_certificates(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    CardInHand.create(path, profiles.load("no-certificates")).close()
    told = mynacard("show", path, "--json").json

    assert told["certificates"] == {"sign": "none", "auth": "none"}
    assert (told["PINs"]["sign"], told["PINs"]["auth"]) == ("never set", "never set")


def test_show_draws_both_sides_of_the_card(card: Path, tmp_path: Path) -> None:
    ran = mynacard("show", card, "--json", "--face", tmp_path / "face.png")

    assert ran.json["card (a test card, not a real one)"]["name"] == "架空　太郎"
    assert ran.err == f"{tmp_path / 'face.png'}: front and back of the card, My Number included\n"
    assert (tmp_path / "face.png").read_bytes() == face(CardInHand.look(card).issued)


def test_show_draws_over_no_card_file(card: Path) -> None:
    before = card.read_bytes()

    assert is_refused(mynacard("show", card, "--face", card), "name a picture that ends in .png")
    assert card.read_bytes() == before


def test_show_says_where_no_picture_can_be_written(card: Path, tmp_path: Path) -> None:
    assert is_refused(mynacard("show", card, "--face", tmp_path / "no" / "face.png"), "No such file or directory")


def test_show_and_its_picture_know_a_card_from_before_the_visual_application(tmp_path: Path) -> None:
    older = Path(mynacard_fixtures.__file__).parent / "snapshots" / "v1" / "adult.json"
    ran = mynacard("show", older, "--json", "--face", tmp_path / "face.png")

    assert "birth_date" not in ran.json["PINs"]
    assert (tmp_path / "face.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["android", "iphone", "juki-card", "other-card"])
def test_what_is_no_my_number_card_is_made_and_shown_without_what_it_lacks(tmp_path: Path, name: str) -> None:
    path = tmp_path / "card.json"
    made = mynacard("new", path, "--profile", name)
    told, spoken = mynacard("show", path, "--json").json, mynacard("show", path).out
    face_, certificates, pins = told.values()

    assert made.status == 0
    assert "valid until" not in made.out
    assert face_["kind"] == name
    assert {"My Number", "valid until"}.isdisjoint(face_)
    assert ("name" in face_) is bool(pins) is ("none of ours" not in made.out)
    assert set(pins) == {kind for kind, certificate in certificates.items() if certificate != "none"}
    assert ("PINs: none" in spoken) is (not pins)
    assert is_refused(mynacard("show", path, "--face", tmp_path / "face.png"), name, "has no face to draw")
    assert not (tmp_path / "face.png").exists()


def test_a_card_that_is_none_of_ours_is_talked_to_like_any_other() -> None:
    ran = mynacard("apdu", "--profile", "other-card", JPKI)

    assert "< 6A82" in ran.out
    assert ran.status == mynacard("apdu", "--profile", "android", JPKI).status == 0


def test_show_works_while_another_process_has_the_card(card: Path) -> None:
    with CardInHand.open(card):
        assert mynacard("show", card).status == 0


def test_profiles_are_listed_for_people_and_programs() -> None:
    listed, spoken = mynacard("profiles", "--json").json, mynacard("profiles").out

    assert set(listed) == set(profiles.names())
    assert listed["adult"] == {"holder": "架空　太郎", "born": "1980-02-17"}
    assert [name for name in listed if name not in spoken] == []


def test_a_profile_that_is_shown_can_be_used_at_once(tmp_path: Path) -> None:
    ran = mynacard("profiles", "--show", "adult", reveals=True)
    (tmp_path / "copy.toml").write_text(ran.out, encoding="utf-8")

    assert tomllib.loads(ran.out)["pins"]["auth"] == "1234"
    assert mynacard("new", tmp_path / "card.json", "--profile", tmp_path / "copy.toml").status == 0


def test_an_unknown_profile_is_not_shown() -> None:
    assert is_refused(mynacard("profiles", "--show", "adutl"), "did you mean 'adult'?")


def test_every_open_question_is_listed_with_its_answers() -> None:
    listed, spoken = mynacard("assumptions", "--json").json, mynacard("assumptions").out
    about: dict[str, tuple[Question, ...]] = {
        "card": questions(),
        "reader": reader_questions(),
        "office": policy_questions(),
    }
    asked = tuple(question for some in about.values() for question in some)

    assert [entry["name"] for entry in listed] == [question.name for question in asked]
    assert [entry["about"] for entry in listed] == [name for name, some in about.items() for _ in some]
    assert re.findall("^# (.*)$", spoken, re.MULTILINE) == list(about)
    for entry, question in zip(listed, asked, strict=True):
        assert entry["default"] == as_word(question.default)
        assert len(entry["alternatives"]) == len(question.alternatives)
        assert f"{entry['name']} = {entry['default']} " in spoken
        assert entry["asks"] in spoken


def test_every_answer_that_is_listed_of_the_card_may_be_chosen_in_a_profile() -> None:
    for entry in mynacard("assumptions", "--json").json:
        if entry["about"] != "card":
            continue
        for answer in (entry["default"], *entry["alternatives"]):
            text = f'{profiles.text("adult")}\n{entry["name"]} = "{answer}"\n'
            spec = profile_file.parse(text, source="mine.toml", name="mine")
            assert as_word(getattr(spec.behaviour, entry["name"])) == answer


# ---------------------------------------------------------------- card files that cannot be used


def spoil(card: Path, how: str) -> Path:
    """Make of a card file what a user may name instead."""
    raw = card.read_bytes()
    match how:
        case "missing":
            return card.with_name("nothing.json")
        case "no directory":
            return card.with_name("nowhere") / "card.json"
        case "directory":
            return card.parent
        case "empty":
            card.write_bytes(b"")
        case "foreign":
            card.write_bytes(b'{"format": "something else"}\n')
        case "truncated":
            card.write_bytes(raw[: len(raw) // 2])
        case "newer":
            card.write_bytes(raw.replace(b'"version": 1', b'"version": 2', 1))
        case _:
            raise ValueError(how)
    return card


SPOILED = {
    "missing": "does not exist",
    "no directory": "directory that does not exist",
    "directory": "is a directory",
    "empty": "is empty",
    "foreign": "is not a card file",
    "truncated": "is damaged",
    "newer": "install a newer one",
}


@pytest.mark.parametrize(
    ("verb", "how"),
    [*(("apdu", how) for how in SPOILED), ("show", "directory"), ("show", "truncated"), ("run", "newer")],
)
def test_a_file_that_is_no_card_is_refused_and_left_alone(card: Path, verb: str, how: str) -> None:
    path = spoil(card, how)
    before = path.read_bytes() if path.is_file() else None
    more = [QUERY] if verb == "apdu" else []

    assert is_refused(mynacard(verb, path, *more), str(path), SPOILED[how])
    assert before == (path.read_bytes() if path.is_file() else None)


def test_no_stack_is_started_without_a_card(card: Path) -> None:
    path = spoil(card, "missing")

    assert is_refused(mynacard("exec", "--card", path, "--", "true"), str(path), SPOILED["missing"], status=125)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("apdu", "{}", QUERY), 2),
        (("run", "{}"), 2),
        (("new", "{}", "--force"), 2),
        (("exec", "--card", "{}", "ls"), 125),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_card_in_use_is_refused_by_the_name_of_who_has_it(
    card: Path, arguments: tuple[str, ...], status: int
) -> None:
    with CardInHand.open(card):
        ran = mynacard(*(argument.format(card) for argument in arguments))

    assert is_refused(ran, str(card), f"in use by process {os.getpid()}", status=status)


@pytest.mark.parametrize("verb", ["apdu", "new"])
def test_where_a_card_could_remember_nothing_it_is_refused(card: Path, verb: str) -> None:
    # Root may write everywhere, until it gives that up.
    may_not = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
    arguments = (card, QUERY) if verb == "apdu" else (card.with_name("another.json"),)
    card.parent.chmod(0o500)
    try:
        ran = mynacard(verb, *arguments, through=may_not if os.geteuid() == 0 else ())
    finally:
        card.parent.chmod(0o700)

    assert is_refused(ran, str(arguments[0]), "make it and its directory writable")


# ---------------------------------------------------------------- apdu


def test_a_card_in_a_file_remembers_from_one_process_to_the_next(card: Path) -> None:
    first = mynacard("apdu", card, JPKI, AUTH_PIN, WRONG)
    second = mynacard("apdu", card, JPKI, AUTH_PIN, WRONG)

    assert (first.answers[-1], second.answers[-1]) == ("63C2", "63C1")


def test_a_locked_pin_stays_locked_when_the_card_is_taken_up_again(card: Path) -> None:
    assert mynacard("apdu", card, JPKI, AUTH_PIN, WRONG, WRONG, WRONG).answers[-1] == "63C0"

    assert mynacard("apdu", card, JPKI, AUTH_PIN, QUERY, RIGHT).answers[-2:] == ["63C0", "6984"]
    assert mynacard("show", card, "--json").json["PINs"]["auth"] == "locked"


def test_a_right_pin_is_not_remembered_by_the_next_process(card: Path) -> None:
    read_sign = ("00A4020C020001", "00B0000004")
    enter_sign = (SIGN_PIN, "0020008006414243313233")

    assert mynacard("apdu", card, JPKI, *enter_sign, *read_sign).answers[-1].endswith("9000")
    assert mynacard("apdu", card, JPKI, *read_sign).answers[-1] == "6982"


def test_a_card_without_a_file_forgets() -> None:
    for _ in range(2):
        assert mynacard("apdu", "--state", "auth=1", JPKI, AUTH_PIN, WRONG, QUERY).answers[-2:] == ["63C0", "63C0"]


def test_a_command_is_explained_and_its_pin_is_not_printed() -> None:
    ran = mynacard("apdu", JPKI, AUTH_PIN, RIGHT)

    assert ran.out.splitlines()[-2:] == ["> 0020008004••••••••  ; VERIFY the auth PIN", "< 9000  ; done"]


def test_hex_may_have_spaces_and_colons_and_come_from_standard_input() -> None:
    spaced = "00 A4 02 0C 02 00 18"
    coloned = "00:20:00:80"
    ran = mynacard("apdu", "-", given=f"{JPKI.lower()}\n\n{spaced}\n{coloned}\n".encode())

    assert ran.answers == ["9000", "9000", "63C3"]


def test_each_line_is_answered_before_the_next_is_read() -> None:
    with subprocess.Popen(
        [MYNACARD, "apdu", "-"], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        for command, answer in ((JPKI, "9000"), (AUTH_PIN, "9000"), (QUERY, "63C3")):
            process.stdin.write(f"{command}\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(f"> {command}")
            assert process.stdout.readline().startswith(f"< {answer}")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_a_profile_chooses_the_card(toml: Callable[..., Path]) -> None:
    mine = toml(('# blocked_verify = "6983"', 'blocked_verify = "6983"'))

    ran = mynacard("apdu", "--profile", mine, "--state", "auth=locked", JPKI, AUTH_PIN, RIGHT)

    assert ran.answers[-1] == "6983"


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("0020008004 3132333Z",), b""),
        (("OO200080043132333",), b""),
        ((JPKI, "002000800431323334X"), b""),
        ((JPKI, "0020008"), b""),
        (("-",), b"0020008004 3132333Z\n"),
        (("-",), b"\x7fELF\xff\xfe\n"),
    ],
    ids=["first", "letter-o", "second", "odd", "line", "binary"],
)
def test_a_mistyped_apdu_is_refused_before_any_is_sent_and_not_repeated(
    arguments: tuple[str, ...], given: bytes
) -> None:
    ran = mynacard("apdu", *arguments, given=given)

    assert is_refused(ran, "hexadecimal")
    assert "3132" not in ran.err


@pytest.mark.parametrize("arguments", [(), ("-",), ("card.json",)])
def test_no_apdu_at_all_is_refused_with_an_example(arguments: tuple[str, ...]) -> None:
    assert is_refused(mynacard("apdu", *arguments), "no APDU given", JPKI)


@pytest.mark.parametrize("option", ["--profile=adult", "--state=auth=1"])
def test_a_card_in_a_file_is_what_it_is(card: Path, option: str) -> None:
    assert is_refused(mynacard("apdu", card, option, QUERY), option.partition("=")[0])


def test_the_test_terminal_has_a_face_authentication_card_sign() -> None:
    terminal = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator.personalise.terminal"],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    ran = mynacard("apdu", "--profile", "face-auth", "-", "802A0097040102030400", given=terminal.stdout)

    assert ran.answers[:4] == ["9000"] * 4
    assert ran.out.endswith("9000  ; 256 bytes, done\n")


# ---------------------------------------------------------------- trace


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A conversation in which the auth PIN is entered rightly, then wrongly until it is blocked, and again."""
    ran = mynacard("apdu", JPKI, AUTH_PIN, RIGHT, WRONG, WRONG, WRONG, RIGHT)
    path = tmp_path / "talk.trace"
    path.write_text(ran.out, encoding="utf-8")
    return path


def test_trace_explains_a_recording(recording: Path) -> None:
    bare = "".join(f"{line.partition('  ;')[0]}\n" for line in recording.read_text(encoding="utf-8").splitlines())
    recording.with_name("bare.trace").write_text(bare, encoding="utf-8")

    assert mynacard("trace", recording.with_name("bare.trace")).out == recording.read_text(encoding="utf-8")


def test_a_card_of_the_same_kind_shows_no_difference(recording: Path) -> None:
    ran = mynacard("trace", recording, "--against", "adult")

    assert (ran.status, ran.out) == (0, "no difference\n")


def test_a_card_that_behaves_otherwise_shows_where(recording: Path, toml: Callable[..., Path]) -> None:
    mine = toml(('# blocked_verify = "6983"', 'blocked_verify = "6983"'))
    ran = mynacard("trace", recording, "--against", mine)

    assert ran.status == 1
    assert "exchange 7" in ran.out
    assert "6984" in ran.out
    assert "6983" in ran.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ("does not exist",)),
        (b"\x7fELF\xff\xfe", ("not even text",)),
        (b"> 00200080\nhello\n", ("line 2", "> command")),
        (b"> 0020008X\n", ("line 1", "hexadecimal")),
        (b"* hiccup\n", ("line 1", "power on")),
    ],
    ids=["missing", "binary", "prose", "no-hex", "event"],
)
def test_what_is_no_transcript_is_refused(tmp_path: Path, content: bytes | None, words: tuple[str, ...]) -> None:
    path = tmp_path / "talk.trace"
    if content is not None:
        path.write_bytes(content)

    assert is_refused(mynacard("trace", path), str(path), *words)


def test_a_recording_is_played_to_one_other_card_at_a_time(recording: Path) -> None:
    ran = mynacard("trace", recording, "--against", "adult", "--against-reader", "Virtual PCD 00 00")

    assert is_refused(ran, "--against-reader")


def test_a_recording_is_not_played_to_a_profile_that_is_none(recording: Path) -> None:
    assert is_refused(mynacard("trace", recording, "--against", "adutl"), "did you mean 'adult'?")


# ---------------------------------------------------------------- run


class Reader:
    """The driver of a virtual reader, as far as a card can tell: it listens, and speaks the vpcd wire."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._card = socket.socket()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._card.close()
        self._listener.close()

    @property
    def address(self) -> str:
        return "127.0.0.1:{1}".format(*self._listener.getsockname())

    def take_card(self) -> str:
        """Wait for a card, power it on, and return its ATR; a card that was in before is dropped."""
        self._card.close()
        self._card, _ = self._listener.accept()
        self._card.settimeout(PATIENCE)
        self._send(b"\x01")
        return self.ask("04")

    def ask(self, message: str) -> str:
        self._send(bytes.fromhex(message))
        size = int.from_bytes(self._read(2), "big")
        return self._read(size).hex().upper()

    def _send(self, message: bytes) -> None:
        self._card.sendall(len(message).to_bytes(2, "big") + message)

    def _read(self, size: int) -> bytes:
        return self._card.recv(size, socket.MSG_WAITALL)


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> Ran:
    """Send a signal, and wait for what comes of it."""
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    return Ran(process.returncode, out, err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_waits_for_a_reader_until_it_is_interrupted_and_lets_go_of_the_card(
    card: Path, number: signal.Signals
) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # and nobody listens
        with started("run", card, "--vpcd", "127.0.0.1:{1}".format(*reserved.getsockname())) as process:
            assert process.stderr
            assert "test card" in process.stderr.readline()
            assert "waiting for the virtual reader" in process.stderr.readline()
            ran = end(process, number)

    assert ran.status == 130
    CardInHand.open(card).close()


def test_a_card_that_runs_is_in_the_reader_and_comes_back_to_it(card: Path) -> None:
    with Reader() as reader, started("run", card, "--vpcd", reader.address) as process:
        assert reader.take_card() == "3BE000FF8131FE4514"
        assert [reader.ask(command) for command in (JPKI, AUTH_PIN, WRONG)] == ["9000", "9000", "63C2"]
        assert reader.take_card() == "3BE000FF8131FE4514"
        assert [reader.ask(command) for command in (QUERY, JPKI, AUTH_PIN, QUERY)] == ["6986", "9000", "9000", "63C2"]
        ran = end(process)

    assert ran.status == 130
    assert "the reader went away" in ran.err
    assert mynacard("show", card, "--json").json["PINs"]["auth"] == "2 of 3 tries left"


@contextmanager
def at_tcp(*options: str | Path, host: str = "127.0.0.1") -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """A card that runs at a TCP port, and the address that it tells."""
    with started("run", *options, "--tcp", f"{host}:0") as process:
        assert process.stdout
        told, _, port = process.stdout.readline().rpartition(":")
        yield process, told, int(port)


def exchange(client: socket.socket, *messages: str) -> list[str]:
    """Ask by the length-prefixed wire."""
    answers = []
    for message in map(bytes.fromhex, messages):
        client.sendall(len(message).to_bytes(2, "big") + message)
        size = int.from_bytes(client.recv(2, socket.MSG_WAITALL), "big")
        answers.append(client.recv(size, socket.MSG_WAITALL).hex().upper())
    return answers


def test_a_card_at_a_tcp_port_serves_programs_without_pcsc_and_remembers(card: Path) -> None:
    with at_tcp(card) as (process, host, port):
        for left in ("63C2", "63C1"):
            with socket.create_connection((host, port), PATIENCE) as client:
                assert exchange(client, "04", QUERY) == ["3BE000FF8131FE4514", "6986"]
                assert exchange(client, JPKI, AUTH_PIN, WRONG)[-1] == left
        ran = end(process, signal.SIGINT)

    assert ran.status == 130
    assert ran.err.splitlines()[1:5] == 2 * ["a client has connected", "the client has gone"]
    assert mynacard("show", card, "--json").json["PINs"]["auth"] == "1 of 3 tries left"


def test_a_client_that_stalls_does_not_keep_a_card_from_ending(card: Path) -> None:
    with at_tcp(card) as (process, host, port), socket.create_connection((host, port), PATIENCE) as client:
        exchange(client, JPKI)
        client.sendall(b"\xff")
        assert end(process, signal.SIGINT).status == 130
    CardInHand.open(card).close()


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--profile", "contactless"), r"[0-9A-F]{8}9000"),
        (("--profile", "contactless", "--reader", "contact"), "6A81"),
        (("--profile", "adult"), "6A81"),
        (("--profile", "adult", "--reader", "contactless"), r"[0-9A-F]{8}9000"),
    ],
    ids=" ".join,
)
def test_the_kind_of_reader_is_what_the_atr_says_or_what_is_chosen(options: tuple[str, ...], answer: str) -> None:
    with at_tcp(*options) as (_, host, port), socket.create_connection((host, port), PATIENCE) as client:
        assert re.fullmatch(answer, exchange(client, "FFCA000000")[0])


def test_other_machines_at_the_port_are_warned_of() -> None:
    with at_tcp(host="0.0.0.0") as (process, host, _):  # noqa: S104 - it is what is warned of
        assert host == "0.0.0.0"  # noqa: S104 - likewise
        assert "PINs travel in clear" in end(process).err


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert is_refused(mynacard("run", "--tcp", f"127.0.0.1:{port}"), str(port), "give another port, or 0")


def test_a_card_is_in_one_reader() -> None:
    assert is_refused(mynacard("run", "--tcp", "127.0.0.1:0", "--vpcd", "127.0.0.1:35963"), "--vpcd or --tcp, not both")


@pytest.mark.parametrize("address", ["127.0.0.1", ":7", "127.0.0.1:65536", "127.0.0.1:x", ""])
def test_a_card_is_at_an_address_with_a_port(address: str) -> None:
    assert is_refused(mynacard("run", "--tcp", address), "--tcp", "write HOST:PORT")


def test_a_try_survives_a_card_that_is_killed(card: Path) -> None:
    with Reader() as reader, started("run", card, "--sync", "--vpcd", reader.address) as process:
        reader.take_card()
        assert [reader.ask(command) for command in (JPKI, AUTH_PIN, WRONG)][-1] == "63C2"
        process.kill()
        process.wait(PATIENCE)

    assert mynacard("show", card, "--json").json["PINs"]["auth"] == "2 of 3 tries left"


def test_what_was_recorded_can_be_played_again(card: Path) -> None:
    trace = card.with_name("talk.trace")
    with Reader() as reader, started("run", card, "--vpcd", reader.address, "--record", trace) as process:
        reader.take_card()
        for command in (JPKI, AUTH_PIN, WRONG, RIGHT, QUERY):
            reader.ask(command)
        end(process)

    assert not SECRET.search(trace.read_text(encoding="utf-8"))
    assert mynacard("trace", trace).answers == ["9000", "9000", "63C2", "9000", "63C3"]
    assert mynacard("trace", trace, "--against", "adult").out == "no difference\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_a_recording_that_finds_no_room_does_not_silence_the_card() -> None:
    with Reader() as reader, started("run", "--vpcd", reader.address, "--record", "/dev/full") as process:
        reader.take_card()
        assert reader.ask(JPKI) == "9000"
        ran = end(process)

    assert ran.err.count("the recording ends here") == 1


@pytest.mark.parametrize("verb", [("run",), ("run", "card.json"), ("exec", "--card", "card.json", "true")])
def test_a_recording_replaces_nothing_but_a_recording(card: Path, verb: tuple[str, ...]) -> None:
    before = card.read_bytes()
    ran = mynacard(verb[0], "--record", "card.json", *verb[1:], cwd=card.parent)

    assert is_refused(ran, "--record card.json", "choose another name", status=125 if verb[0] == "exec" else 2)
    assert card.read_bytes() == before


@pytest.mark.parametrize("record", [".", "nowhere/talk.trace"])
def test_a_recording_that_cannot_be_written_is_refused(tmp_path: Path, record: str) -> None:
    assert is_refused(mynacard("run", "--record", record, cwd=tmp_path), f"--record {record}")


@pytest.mark.parametrize("address", ["nonsense", ":35963", "127.0.0.1:99999"])
def test_a_reader_is_somewhere_at_a_port(address: str) -> None:
    assert is_refused(mynacard("run", "--vpcd", address), repr(address), "HOST:PORT")


def test_a_host_that_nobody_knows_is_refused() -> None:
    ran = mynacard("run", "--vpcd", "reader.invalid:35963")

    assert ran.status == 2
    assert "reader.invalid" in ran.err.splitlines()[-1]


# ---------------------------------------------------------------- exec, before there is a stack


@pytest.mark.parametrize(
    "arguments",
    [(), ("--isolat", "true"), ("--card", "card.json", "--state", "auth=1", "true"), ("--profile", "adutl", "true")],
    ids=["no-command", "option", "state", "profile"],
)
def test_wrong_usage_of_exec_is_not_taken_for_the_commands(card: Path, arguments: tuple[str, ...]) -> None:
    assert is_refused(mynacard("exec", *arguments, cwd=card.parent), status=125)


# ---------------------------------------------------------------- check, doctor, demo


def test_an_honest_client_is_conformant_in_words_and_in_json() -> None:
    arguments = ("check", "--reference", "--transport", "direct", "--scenario", "LOCK-01")
    spoken, told = mynacard(*arguments), mynacard(*arguments, "--json")

    assert (spoken.status, told.status) == (0, 0)
    assert "verdict: conformant" in spoken.out
    assert told.json["conformant"] is True
    assert [scenario["id"] for scenario in told.json["scenarios"]] == ["LOCK-01"]


@pytest.mark.parametrize("told", [("--lang", "ja"), ()], ids=["option", "locale"])
def test_the_verdict_is_told_in_japanese(told: tuple[str, ...]) -> None:
    arguments = ("check", "--reference", "--transport", "direct", "--scenario", "LOCK-01", *told)

    assert "判定: 適合" in mynacard(*arguments, env={} if told else {"LC_ALL": "ja_JP.UTF-8"}).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("one client",)),
        (("--reference", "--driver", "true"), ("one client",)),
        (("--driver", "true", "--transport", "direct"), ("PC/SC",)),
        (("--reference", "--transport", "direct", "--scenario", "LOCK-99"), ("LOCK-99", "mynacard scenarios")),
        (("--reference", "--transport", "radio"), ("radio", "direct")),
        (("--reference", "--examples", "few"), ("few",)),
    ],
    ids=["none", "two", "direct", "scenario", "transport", "number"],
)
def test_wrong_usage_of_check_is_refused(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert is_refused(mynacard("check", *arguments), *words)


def test_doctor_says_what_is_there_and_ends_with_what_is_needed() -> None:
    told = mynacard("doctor", "--json")
    lacking = [finding["name"] for finding in told.json if finding["needed"] and finding["status"] == "missing"]

    assert {"pcscd", "virtual reader driver", "private stack"} <= {finding["name"] for finding in told.json}
    assert told.status == (2 if lacking else 0)
    assert mynacard("doctor").status == told.status


def test_the_demo_needs_neither_pcscd_nor_root() -> None:
    without_drivers = ("unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"')
    hidden = "/usr/lib/pcsc" if Path("/usr/lib/pcsc").exists() else "/mnt"
    if subprocess.run([*without_drivers, hidden, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mount namespace")
    ran = mynacard("demo", through=(*without_drivers, hidden))

    assert "63C0  ; no try left: locked" in ran.out
    assert "the built-in reference client is judged instead" in ran.out
    assert "verdict: conformant" in ran.out
    assert ran.status == 0
