"""The verbs that need PC/SC, with the programs that people use: OpenSC's tools and openssl find a real card."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.issued import IssuedCertificate
from mynacard_emulator.readers.stack import PCSCD, Pcscd

from .test_cli import AUTH_PIN, JPKI, MYNACARD, PATIENCE, QUERY, SECRET, Ran, environment, is_refused, mynacard, started

pytestmark = pytest.mark.pcsc

REPOSITORY = Path(__file__).parents[2]
READER = "Virtual PCD 00 00"
PINS = {"auth": "1234", "sign": "ABC123"}
WRONG = {"auth": "0000", "sign": "XXX999"}
TRIES = {"auth": 3, "sign": 5}
ID = {"auth": "1", "sign": "2"}
TOKEN = {"auth": "JPKI (User Authentication PIN)", "sign": "JPKI (Digital Signature PIN)"}


@pytest.fixture(scope="module")
def module() -> str:
    """OpenSC's PKCS#11 module, where this distribution has it."""
    return str(next(Path("/usr/lib").glob("*-linux-*/opensc-pkcs11.so")))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The file of a fresh adult's card."""
    path = tmp_path / "card.json"
    CardInHand.create(path, profiles.load("adult")).close()
    return path


def in_stack(*command: str, card: Path | None = None) -> Ran:
    """Run a command with this card, or with a fresh adult's, in a private stack."""
    return mynacard("exec", *(("--card", card) if card else ()), "--", *command)


def written(card: Path, kind: str) -> IssuedCertificate:
    """The certificate that the issuer wrote on this card."""
    jpki = CardInHand.look(card).issued.jpki
    certificate = jpki.auth if kind == "auth" else jpki.sign
    assert certificate
    return certificate


def enter(kind: str, pin: str) -> tuple[str, ...]:
    return ("pkcs15-tool", "--verify-pin", "--auth-id", ID[kind], "--pin", pin)


# ---------------------------------------------------------------- what OpenSC makes of the card


def test_opensc_tool_sees_our_atr() -> None:
    assert in_stack("opensc-tool", "-a").out == "3b:e0:00:ff:81:31:fe:45:14\n"


def test_pkcs15_tool_finds_two_pins_two_keys_and_four_certificates() -> None:
    ran = in_stack("pkcs15-tool", "-D")

    assert re.findall(r"Tries left +: (\d)", ran.out) == ["3", "5"]
    assert re.findall(r"^Private RSA Key \[(.*)\]", ran.out, re.MULTILINE) == [
        "User Authentication Key",
        "Digital Signature Key",
    ]
    assert len(re.findall(r"^X\.509 Certificate", ran.out, re.MULTILINE)) == 4
    assert ran.status == 0


def test_the_auth_certificate_is_read_without_a_pin(card: Path) -> None:
    read = in_stack("pkcs15-tool", "--read-certificate", "1", card=card).out.encode()

    assert x509.load_pem_x509_certificate(read).public_bytes(Encoding.DER) == written(card, "auth").der


def test_the_sign_certificate_is_read_with_its_pin_only(card: Path) -> None:
    refused = in_stack("pkcs15-tool", "--read-certificate", "2", card=card)
    read = in_stack(*enter("sign", PINS["sign"]), "--read-certificate", "2", card=card).out.encode()

    assert refused.status != 0
    assert "BEGIN CERTIFICATE" not in refused.out
    assert x509.load_pem_x509_certificate(read).public_bytes(Encoding.DER) == written(card, "sign").der


SIGN_AND_CHECK = """
cd "$1"
pkcs15-tool --verify-pin --auth-id "$3" --pin "$4" --read-certificate "$3" > certificate.pem
pkcs11-tool --module "$2" --token-label "$5" --login --pin "$4" --id "0$3" --sign --mechanism SHA256-RSA-PKCS \
    --input-file document --output-file signature
openssl x509 -in certificate.pem -pubkey -noout > key.pem
openssl dgst -sha256 -verify key.pem -signature signature document
"""


@pytest.mark.parametrize("kind", ["auth", "sign"])
def test_openssl_accepts_a_signature_that_opensc_had_made(tmp_path: Path, module: str, kind: str) -> None:
    (tmp_path / "document").write_text("架空の契約書\n", encoding="utf-8")
    arguments = (str(tmp_path), module, ID[kind], PINS[kind], TOKEN[kind])

    ran = in_stack("sh", "-e", "-c", SIGN_AND_CHECK, "sh", *arguments)

    assert (ran.status, ran.out) == (0, "Verified OK\n")


@pytest.mark.parametrize("kind", ["auth", "sign"])
def test_a_pin_that_is_used_up_is_not_healed_by_a_restart(card: Path, kind: str) -> None:
    again = f"for i in $(seq {TRIES[kind]}); do {shlex.join(enter(kind, WRONG[kind]))}; done"
    used_up = in_stack("sh", "-c", again, card=card)
    afterwards = in_stack(*enter(kind, PINS[kind]), card=card)
    listed = in_stack("pkcs15-tool", "--list-pins", card=card)

    assert used_up.err.count("PIN code or key incorrect") == TRIES[kind]
    assert "not usable" in afterwards.err
    assert afterwards.status != 0
    assert re.findall(r"Tries left +: (\d)", listed.out)[list(PINS).index(kind)] == "0"
    assert mynacard("show", card, "--json").json["PINs"][kind] == "locked"


def test_a_try_that_one_stack_saw_is_missing_in_the_next(card: Path) -> None:
    in_stack(*enter("auth", WRONG["auth"]), card=card)
    listed = in_stack("pkcs15-tool", "--list-pins", card=card)

    assert re.findall(r"Tries left +: (\d)", listed.out) == ["2", "5"]


# ---------------------------------------------------------------- exec


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("true",), 0),
        (("sh", "-c", "exit 7"), 7),
        (("no-such-command",), 127),
        (("/etc/passwd",), 126),
        (("sh", "-c", "kill -TERM $$"), 128 + signal.SIGTERM),
        (("sh", "-c", "kill -KILL $$"), 128 + signal.SIGKILL),
    ],
    ids=["done", "own", "missing", "not-executable", "terminated", "killed"],
)
def test_exec_ends_as_its_command_does(command: tuple[str, ...], status: int) -> None:
    assert in_stack(*command).status == status


@pytest.mark.parametrize("name", ['"', "", "R" * 200], ids=["quote", "empty", "long"])
def test_a_stack_that_cannot_be_had_is_a_failure_of_exec(name: str) -> None:
    assert is_refused(mynacard("exec", "--reader-name", name, "--", "true"), "name", status=125)


def test_options_after_the_command_are_the_commands() -> None:
    assert mynacard("exec", "echo", "--card", "--help").out == "--card --help\n"


def test_exec_passes_its_input_and_output_on() -> None:
    assert mynacard("exec", "--", "cat", given="架空\n".encode()).out == "架空\n"


def test_each_card_gets_a_reader_of_its_own(card: Path) -> None:
    arguments = ("--card", card, "--profile", "adult", "--state", "auth=1", "--reader-name", "My Reader")
    ran = mynacard("exec", *arguments, "--", "sh", "-c", "opensc-tool -l; pkcs15-tool --reader 2 --list-pins")

    assert re.findall(r"Yes .*(My Reader . 00 00)", ran.out) == ["My Reader 1 00 00", "My Reader 2 00 00"]
    assert re.findall(r"Tries left +: (\d)", ran.out) == ["1", "5"]


def test_four_stacks_at_once_do_not_disturb_one_another() -> None:
    def start(tries: int) -> subprocess.Popen[str]:
        command = [MYNACARD, "exec", "--state", f"sign={tries}", "--", "pkcs15-tool", "--list-pins"]
        return subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    processes = [start(tries) for tries in (1, 2, 3, 4)]
    told = [process.communicate(timeout=PATIENCE)[0] for process in processes]

    assert [re.findall(r"Tries left +: (\d)", out)[1] for out in told] == ["1", "2", "3", "4"]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]


# ---------------------------------------------------------------- nothing is left


def descendants(process: int) -> set[int]:
    """The processes that this one has started, and these, and so on."""
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number, _, rest = stat.read_text(errors="replace").partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == process:
                children.add(int(number))
    return children.union(*map(descendants, children))


class Leavings:
    """What a process has started and made, by which it can be seen later whether it is gone."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._folder = folder
        self.started = len(descendants(process.pid))
        self._descriptors = [os.pidfd_open(number) for number in descendants(process.pid)]
        assert folder.is_dir()

    def are_gone(self) -> bool:
        """Wait for the end of each process; then look for the directory."""
        try:
            ended = [bool(select.select([descriptor], [], [], PATIENCE)[0]) for descriptor in self._descriptors]
        finally:
            for descriptor in self._descriptors:
                os.close(descriptor)
        return all(ended) and not self._folder.exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], Leavings]]]:
    """Start the command; it must open the FIFO `up` and write where its stack is."""
    fifo = tmp_path / "up"
    os.mkfifo(fifo)
    with suppress(StopIteration):
        yield lambda *arguments: _start(fifo, *arguments)


def _start(fifo: Path, *arguments: str | Path) -> tuple[subprocess.Popen[str], Leavings]:
    process = subprocess.Popen(
        [MYNACARD, *arguments],
        env=environment(UP=str(fifo)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return process, Leavings(process, Path(fifo.read_text(encoding="utf-8").strip()).parent)


TELL = 'echo "$PCSCLITE_CSOCK_NAME" > "$UP"; exec sleep 60'
