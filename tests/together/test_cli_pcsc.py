"""The verbs that need PC/SC, with the programs that people use: OpenSC's tools and openssl find a real card."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.issued import IssuedCertificate
from mynacard_emulator.readers.names import MOST_READERS
from mynacard_emulator.readers.stack import PCSCD, Pcscd
from tests.emulator.personalise.written import auth_of, jpki_of

from .test_cli import AUTH_PIN, JPKI, MYNACARD, PATIENCE, QUERY, SECRET, Ran, environment, is_refused, mynacard

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
    jpki = jpki_of(CardInHand.look(card).issued)
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


def test_sixteen_cards_are_in_sixteen_readers() -> None:
    profiles = [word for _ in range(MOST_READERS) for word in ("--profile", "adult")]
    ran = mynacard("exec", *profiles, "--reader-name", "Desk", "--", "opensc-tool", "--list-readers")

    assert re.findall(r"Yes +(.+)", ran.out) == [f"Desk {n} 00 0{slot}" for n in range(1, 9) for slot in (0, 1)]


def test_a_seventeenth_card_does_not_fit() -> None:
    profiles = [word for _ in range(MOST_READERS + 1) for word in ("--profile", "adult")]
    ran = mynacard("exec", *profiles, "--", "true")

    assert (ran.status, ran.err) == (125, "mynacard: 17 readers are asked for; a stack has from one to 16\n")


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


ASK_FOR_UIDS = """
import sys
from smartcard import scard

context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
for activation in range(2):
    _, card, protocol = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_SHARED, 3)
    for _ in range(2):
        code, answer = scard.SCardTransmit(card, protocol, [0xFF, 0xCA, 0x00, 0x00, 0x00])
        print(code, bytes(answer).hex())
    scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)
"""


def uids(*options: str) -> list[str]:
    """What PC/SC answers to GET UID, twice in each of two activations of the card."""
    ran = mynacard("exec", *options, "--", sys.executable, "-c", ASK_FOR_UIDS, READER)
    assert ran.status == 0
    return ran.out.splitlines()


def test_pcsc_tells_a_contactless_cards_uid_which_each_activation_changes() -> None:
    first, again, other, and_again = uids("--profile", "contactless")

    assert re.fullmatch("0 [0-9a-f]{8}9000", first)
    assert (again, and_again) == (first, other)
    assert other != first


@pytest.mark.parametrize("options", [("--profile", "adult"), ("--profile", "contactless", "--reader", "contact")])
def test_a_contact_card_has_no_uid(options: tuple[str, ...]) -> None:
    assert uids(*options) == 4 * ["0 6a81"]


def test_a_client_is_judged_inside_another_stack(card: Path) -> None:
    ran = mynacard("exec", "--card", card, "--", str(MYNACARD), "check", "--reference", *ONE)

    assert ran.status == 0
    assert mynacard("show", card, "--json").json["PINs"]["auth"] == "3 of 3 tries left"


def test_a_stack_in_a_stack_is_the_one_that_counts(card: Path) -> None:
    inner = ("--state", "auth=1", "--reader-name", "Inner", "--", "pkcs15-tool", "--list-pins")
    ran = mynacard("exec", "--card", card, "--", str(MYNACARD), "exec", *inner)

    assert re.findall(r"Tries left +: (\d)", ran.out) == ["1", "5"]
    assert "Inner 00 00" in ran.err


def test_four_stacks_at_once_do_not_disturb_one_another() -> None:
    def start(tries: int) -> subprocess.Popen[str]:
        command = [str(MYNACARD), "exec", "--state", f"sign={tries}", "--", "pkcs15-tool", "--list-pins"]
        return subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )

    processes = [start(tries) for tries in (1, 2, 3, 4)]
    told = [process.communicate(timeout=PATIENCE)[0] for process in processes]

    assert [re.findall(r"Tries left +: (\d)", out)[1] for out in told] == ["1", "2", "3", "4"]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]


# ---------------------------------------------------------------- other kinds of card

PHONE_PIN = "6789"


def with_profile(name: str, *command: str) -> Ran:
    """Run a command with a card of this profile in a private stack."""
    return mynacard("exec", "--profile", name, "--", *command)


@pytest.mark.parametrize("name", ["android", "iphone"])
def test_opensc_sees_a_telephone_and_reads_its_auth_certificate_after_the_pin(name: str) -> None:
    told = with_profile(name, "pkcs15-tool", "-D")
    closed = with_profile(name, "pkcs15-tool", "--read-certificate", "1")
    opened = with_profile(name, *enter("auth", PHONE_PIN), "--read-certificate", "1")
    certificate = x509.load_pem_x509_certificate(opened.out.encode())

    assert re.findall(r"Tries left +: (\d)", told.out) == ["3", "5"]
    assert "BEGIN CERTIFICATE" not in closed.out
    assert certificate.public_bytes(Encoding.DER) == auth_of(profiles.load(name)).der


def test_opensc_takes_neither_the_predecessor_nor_somebody_elses_card() -> None:
    predecessor, other = (with_profile(name, "pkcs15-tool", "-D") for name in ("juki-card", "other-card"))

    assert 0 not in (predecessor.status, other.status)
    assert "Unsupported card" in predecessor.err
    assert "Card is invalid or cannot be handled" in other.err


# ---------------------------------------------------------------- nothing is left

SLEEP = 'echo "$PCSCLITE_CSOCK_NAME" > "$UP"; exec sleep 600'
"""Tell where the stack is, and stay."""


def descendants(process: int) -> set[int]:
    """The processes that this one has started, and these, and so on."""
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number, _, rest = stat.read_text(errors="replace").partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == process:
                children.add(int(number))
    return children.union(*map(descendants, children))


class AtWork:
    """The command while it runs something that tells `UP` where its stack is; and whatever belongs to that."""

    def __init__(self, up: Path, *arguments: str | Path) -> None:
        os.mkfifo(up)
        told = os.open(up, os.O_RDONLY | os.O_NONBLOCK)
        self.process = subprocess.Popen(
            [MYNACARD, *arguments],
            env=environment(UP=str(up)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        with os.fdopen(told, encoding="utf-8") as pipe:
            assert select.select([pipe], [], [], PATIENCE)[0]
            self.folder = Path(pipe.readline().strip()).parent
        assert self.folder.is_dir()
        self._others = [os.pidfd_open(number) for number in descendants(self.process.pid)]
        assert len(self._others) >= 3, "the launcher, pcscd, and the command"

    def ends(self) -> int:
        """Wait for its end; return the exit status."""
        _, err = self.process.communicate(timeout=PATIENCE)
        assert "Traceback" not in err
        return self.process.returncode

    def has_left_nothing(self) -> bool:
        """Wait for the end of all that it had started, and look for what it had made."""
        return all(select.select([other], [], [], 10)[0] for other in self._others) and not self.folder.exists()

    def close(self) -> None:
        """End what the test did not."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE)
        for other in self._others:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(other, signal.SIGKILL)
            os.close(other)


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Callable[..., AtWork]]:
    """Start the command, as a terminal would: in a process group of its own."""
    with ExitStack() as cleanup:

        def start(*arguments: str | Path) -> AtWork:
            work = AtWork(tmp_path / "up", *arguments)
            cleanup.callback(work.close)
            return work

        yield start


def test_exec_leaves_nothing_when_it_is_terminated(at_work: Callable[..., AtWork], card: Path) -> None:
    work = at_work("exec", "--card", card, "--", "sh", "-c", SLEEP)
    work.process.terminate()

    assert work.ends() == 128 + signal.SIGTERM
    assert work.has_left_nothing()
    CardInHand.open(card).close()


def test_exec_leaves_nothing_after_ctrl_c(at_work: Callable[..., AtWork], card: Path) -> None:
    work = at_work("exec", "--card", card, "--", "sh", "-c", SLEEP)
    os.killpg(work.process.pid, signal.SIGINT)

    assert work.ends() == 128 + signal.SIGINT
    assert work.has_left_nothing()
    CardInHand.open(card).close()


def test_exec_leaves_nothing_when_all_is_killed(at_work: Callable[..., AtWork]) -> None:
    work = at_work("exec", "--", "sh", "-c", SLEEP)
    os.killpg(work.process.pid, signal.SIGKILL)

    assert work.ends() == -signal.SIGKILL
    assert work.has_left_nothing()


STUCK = """
import json, os, sys, time

offers = {"client": {"name": "stuck", "version": "1"}, "operations": ["tries_left"], "pins": ["auth"]}
if sys.argv[1] == "after":
    print(json.dumps({"jsonrpc": "2.0", "id": json.loads(input())["id"], "result": offers}), flush=True)
input()
with open(os.environ["UP"], "w") as up:
    print(os.environ["PCSCLITE_CSOCK_NAME"], file=up)
time.sleep(600)
"""
"""A driver that hangs before or after it has introduced itself, and tells `UP` then."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_check_leaves_nothing_after_ctrl_c(at_work: Callable[..., AtWork], when: str) -> None:
    work = at_work("check", "--driver", shlex.join(("python", "-c", STUCK, when)))
    os.killpg(work.process.pid, signal.SIGINT)

    assert work.ends() == 130
    assert work.has_left_nothing()


# ---------------------------------------------------------------- recordings


def test_what_a_program_said_to_the_card_is_recorded_and_explained(tmp_path: Path) -> None:
    trace = tmp_path / "talk.trace"
    mynacard("exec", "--record", trace, "--", *enter("auth", WRONG["auth"]))
    told = mynacard("trace", trace).out

    assert not SECRET.search(trace.read_text(encoding="utf-8"))
    assert "* power on" in told
    assert "> 0020008004••••••••  ; VERIFY the auth PIN\n< 63C2  ; 2 tries left" in told
    assert mynacard("trace", trace, "--against", "adult").out == "no difference\n"


@pytest.fixture
def reading(tmp_path: Path) -> Path:
    """A conversation with no PIN in it, but for the answers of a fresh adult's card."""
    path = tmp_path / "talk.trace"
    read = ("00A4020C02000A", "00B0000004", "00B0000000")
    path.write_text(mynacard("apdu", JPKI, AUTH_PIN, QUERY, *read).out, encoding="utf-8")
    return path


def test_a_recording_can_be_played_to_the_card_in_a_reader(reading: Path) -> None:
    again = (str(MYNACARD), "trace", str(reading), "--against-reader", READER)
    same = mynacard("exec", "--", *again)
    other = mynacard("exec", "--state", "auth=2", "--", *again)

    assert (same.status, same.out) == (0, "no difference\n")
    assert other.status == 1
    assert "exchange 3" in other.out
    assert "63C2" in other.out


def test_a_recording_is_not_played_to_a_reader_that_is_none(reading: Path) -> None:
    ran = in_stack(str(MYNACARD), "trace", str(reading), "--against-reader", "No Such Reader")

    assert is_refused(ran, "no reader of this name")


# ---------------------------------------------------------------- run, in a reader of the system's pcscd

SYSTEM = """
mount -t tmpfs none /run && mkdir /run/pcscd && mkfifo /run/news && ip link set lo up || exit 99
{pcscd} --foreground >/dev/null 2>&1 &
mynacard run "$0" 2>/run/news &
while read -r news; do
    case $news in *"is in the reader") break; esac
done </run/news
"$@"
"""
"""A machine of its own, as far as PC/SC can tell: with Debian's configuration, and ended as a whole."""


def test_a_card_that_runs_is_in_the_systems_reader(card: Path) -> None:
    machine = ("unshare", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
    if subprocess.run([*machine, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no namespaces")
    script = SYSTEM.format(pcscd=shlex.join(Pcscd.ask(PCSCD).command()))
    command = [*machine, "sh", "-c", script, str(card), "pkcs15-tool", "--wait", "--read-certificate", "1"]
    done = subprocess.run(command, env=environment(), capture_output=True, timeout=PATIENCE, check=True)

    read = x509.load_pem_x509_certificate(done.stdout)
    assert read.public_bytes(Encoding.DER) == written(card, "auth").der


# ---------------------------------------------------------------- check, demo

ONE = ("--scenario", "LOCK-01")
DRIVER = "python examples/drivers/pyscard_driver.py"


def test_a_pkcs11_module_is_judged(module: str) -> None:
    told = mynacard("check", "--pkcs11", module, *ONE, "--json")

    assert "OpenSC" in told.json["client"]
    assert [scenario["played"] for scenario in told.json["scenarios"]] == [True]
    assert told.status == (0 if told.json["conformant"] else 1)


def test_a_driver_is_judged() -> None:
    told = mynacard("check", "--driver", DRIVER, *ONE, "--json", cwd=REPOSITORY)

    assert told.json["conformant"] is True
    assert told.json["scenarios"] == [{"id": "LOCK-01", "played": True, "broken": [], "harness_error": None}]
    assert told.status == 0


def test_the_reference_client_is_judged_through_pcsc() -> None:
    assert mynacard("check", "--reference", *ONE).status == 0


def test_a_driver_that_dies_at_once_leaves_nothing_to_judge() -> None:
    assert is_refused(mynacard("check", "--driver", "false", *ONE), "did not introduce itself", status=3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--driver", "/no/such/driver"), ("/no/such/driver",)),
        (("--driver", "'unbalanced"), ("quotes",)),
        (("--pkcs11", "/no/such/module.so"), ("/no/such/module.so",)),
        (("--pkcs11", "/etc/passwd"), ("/etc/passwd",)),
    ],
    ids=["no-driver", "no-command-line", "no-module", "no-library"],
)
def test_a_client_that_cannot_be_started_is_a_mistake_in_the_command_line(
    arguments: tuple[str, str], words: tuple[str, ...]
) -> None:
    assert is_refused(mynacard("check", *arguments, *ONE), *words)


def test_a_driver_can_be_tried_by_hand() -> None:
    typed = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocol": 1, "reader": READER}},
        {"jsonrpc": "2.0", "id": 2, "method": "tries_left", "params": {"pin": "auth"}},
        {"jsonrpc": "2.0", "id": 3, "method": "shutdown", "params": {}},
    ]
    given = "".join(f"{json.dumps(line)}\n" for line in typed).encode()
    ran = mynacard("exec", "--", *shlex.split(DRIVER), given=given, cwd=REPOSITORY)
    answers = [json.loads(line)["result"] for line in ran.out.splitlines()]

    assert answers[1:] == [{"tries_left": 3}, {}]
    assert ran.status == 0


def test_the_demo_shows_a_lock_a_reset_and_a_verdict_on_opensc() -> None:
    ran = mynacard("demo")

    assert ran.out.index("63C0  ; no try left: locked") < ran.out.index("63C3  ; 3 tries left")
    assert "The client is OpenSC's PKCS#11 module" in ran.out
    assert "verdict: not conformant" in ran.out
    assert ran.status == 1
