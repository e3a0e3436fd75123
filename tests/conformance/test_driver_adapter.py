"""The driver adapter: polite programs are understood, and no rude one crashes, hangs or fools the harness."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_conformance.adapters.driver import DriverClient, DriverError
from mynacard_conformance.adapters.jsonrpc import (
    LineSplitter,
    Rubbish,
    answer_of,
    decode_response,
    encode_request,
    introduction_of,
    params_of,
)
from mynacard_conformance.outcome import (
    Answer,
    Attributes,
    Breakdown,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    Operation,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    operation_of,
    states,
)
from mynacard_conformance.ports import ClientUnderTest

RUDE = Path(__file__).parent / "rude_drivers"
SHORT = 0.3

ASK = TriesLeft(PinKind.AUTH)  # does.py and says.py always answer this one
PROVOKE = TriesLeft(PinKind.SIGN)  # and misbehave at this one
HASHED = Sign(KeyKind.SIGN, HashKind.SHA256, b"message", "ABC123")

Drive = Callable[..., DriverClient]


def _client(program: str, *arguments: str, timeout: float = 5.0) -> DriverClient:
    command = [sys.executable, "-S", "-E", str(RUDE / program), *arguments]
    return DriverClient(command, reader="A reader 00 00", environment={"STAGE": "here"}, timeout=timeout)


@pytest.fixture
def drive() -> Iterator[Drive]:
    clients: list[DriverClient] = []

    def start(program: str, *arguments: str, timeout: float = 5.0) -> DriverClient:
        clients.append(_client(program, *arguments, timeout=timeout))
        return clients[-1]

    yield start
    for client in clients:
        client.shutdown()


def _requests(client: DriverClient) -> list[dict[str, object]]:
    return [json.loads(line) for line in client.output().splitlines()]


# ---------------------------------------------------------------- polite conversations

EVERY_CALL: list[tuple[Call, dict[str, object], Answer]] = [
    (TriesLeft(PinKind.AUTH), {"pin": "auth"}, Answer(Outcome.OK, tries=states(3))),
    (VerifyPin(PinKind.SIGN, "ＡＢＣ１２３"), {"pin": "sign", "value": "ＡＢＣ１２３"}, Answer(Outcome.OK)),
    (ChangePin(PinKind.AUTH, " 1", "\n"), {"pin": "auth", "current": " 1", "new": "\n"}, Answer(Outcome.OK)),
    (
        ReadCertificate(CertificateKind.AUTH_CA),
        {"certificate": "auth_ca", "pin": None},
        Answer(Outcome.OK, value=bytes.fromhex("308201")),
    ),
    (
        Sign(KeyKind.AUTH, HashKind.SHA512, b"\x00\xff", "1234"),
        {"key": "auth", "pin": "1234", "hash": "sha512", "message": "AP8="},
        Answer(Outcome.OK, value=b"\x00\x01"),
    ),
    (ReadMyNumber("\ud800"), {"pin": "\ud800"}, Answer(Outcome.OK, value="123456789018")),
    (
        ReadAttributes(),
        {"pin": None},
        Answer(Outcome.OK, value=Attributes("架空 花子", "架空県", "1980-02-17", "female")),
    ),
    (Close(), {}, Answer(Outcome.OK)),
]


@pytest.mark.parametrize(("call", "params", "expected"), EVERY_CALL, ids=lambda value: type(value).__name__)
def test_a_call_becomes_its_method_and_the_result_its_answer(
    drive: Drive, call: Call, params: dict[str, object], expected: Answer
) -> None:
    client = drive("polite.py")
    assert client.perform(call) == expected
    assert _requests(client)[-1]["params"] == params
    assert client.breakdowns == 0


def test_the_table_of_calls_is_complete() -> None:
    assert {type(call) for call, _, _ in EVERY_CALL} == set(Call.__args__)


def test_a_driver_introduces_itself_before_the_first_call(drive: Drive) -> None:
    client: ClientUnderTest = drive("polite.py")
    assert client.name == "polite 1.0"
    assert client.operations == frozenset(Operation)
    assert client.pins == {PinKind.AUTH, PinKind.SIGN}
    assert client.features == {"last_try_ok"}


def test_a_driver_learns_protocol_and_reader(drive: Drive) -> None:
    client = drive("polite.py")
    assert client.start() == Answer(Outcome.OK)
    assert _requests(client) == [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocol": 1, "reader": "A reader 00 00"}}
    ]


def test_one_process_serves_many_calls_and_restart_brings_a_fresh_one(drive: Drive) -> None:
    client = drive("polite.py")
    for _ in range(3):
        client.perform(ASK)
    client.restart()
    client.perform(ASK)
    methods = [request["method"] for request in _requests(client)]
    assert methods == ["initialize", *["tries_left"] * 3, "shutdown", "initialize", "tries_left"]
    assert client.findings == ()


def test_the_last_try_is_confirmed_only_to_a_driver_that_announced_it(drive: Drive) -> None:
    client, plain = drive("polite.py"), drive("says.py", "{id}\n")
    client.perform(VerifyPin(PinKind.AUTH, "1234"), last_try_ok=True)
    client.perform(ASK, last_try_ok=True)
    verify, ask = _requests(client)[-2:]
    assert verify["params"] == {"pin": "auth", "value": "1234", "last_try_ok": True}
    assert ask["params"] == {"pin": "auth"}
    assert plain.features == frozenset()


def test_a_driver_gets_the_stages_environment_on_top_of_the_harnesss_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERITAGE", "kept")
    show = "import os, sys; sys.stderr.write(os.environ['STAGE'] + os.environ['HERITAGE'])"
    client = DriverClient([sys.executable, "-c", show], reader="", environment={"STAGE": "here, "})
    client.start()
    assert client.output() == "here, kept"


def test_a_command_line_is_split_like_a_shells_and_no_shell_runs_it() -> None:
    show = "import sys; sys.stderr.write(repr(sys.argv[1:]))"
    client = DriverClient(f'{sys.executable} -c "{show}" "two words" $HOME *', reader="", environment={})
    client.start()
    assert client.output() == "['two words', '$HOME', '*']"


def test_shutdown_is_asked_for_and_leaves_nothing_to_say(drive: Drive) -> None:
    client = drive("polite.py")
    client.perform(ASK)
    client.shutdown()
    assert _requests(client)[-1]["method"] == "shutdown"
    assert client.findings == ()
    client.shutdown()
    assert client.name == "polite 1.0"


# ---------------------------------------------------------------- failures that are answers


def _understood(call: Call, line: str) -> Answer:
    return answer_of(call, decode_response(line.replace("{id}", "7").encode(), 7))


def _error(data: object, *, code: int = -32000, message: str = "no") -> str:
    return '{"jsonrpc":"2.0","id":{id},"error":' + json.dumps({"code": code, "message": message, "data": data}) + "}\n"


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
def test_every_outcome_but_ok_may_be_answered(outcome: Outcome) -> None:
    assert _understood(PROVOKE, _error({"outcome": outcome.value})) == Answer(outcome, message="no")


def test_a_message_is_brought_onto_one_line_of_bounded_length(drive: Drive) -> None:
    client = drive("says.py", _error({"outcome": "no_card"}, message="a reason\nin \x1b[1mtwo lines" + "!" * 1000))
    message = client.perform(PROVOKE).message
    assert message.startswith("a reason in [1mtwo lines!")
    assert len(message) == 301


def test_a_wrong_pin_may_state_the_tries_that_are_left(drive: Drive) -> None:
    client = drive("says.py", _error({"outcome": "wrong_pin", "tries_left": 2}))
    assert client.perform(PROVOKE) == Answer(Outcome.WRONG_PIN, tries=states(2), message="no")


# ---------------------------------------------------------------- answers that are none

SAYINGS: dict[str, str | bytes] = {
    "no JSON": "hello\n",
    "an empty line": "\n",
    "half an object": '{"jsonrpc":"2.0","id":{id},\n',
    "NaN": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":NaN}}\n',
    "no UTF-8": b'{"jsonrpc":"2.0","id":{id},"result":{"tries_left":"\xff"}}\n',
    "half a character": _error({"outcome": "locked"}, message="\ud800"),
    "a byte order mark": '\ufeff{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3}}\n',
    "a number": "3\n",
    "a batch": '[{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3}}]\n',
    "too deep a nest": "[" * 100_000 + "\n",
    "a number of many digits": "9" * 10_000 + "\n",
    "no version": '{"id":{id},"result":{"tries_left":3}}\n',
    "another version": '{"jsonrpc":"1.0","id":{id},"result":{"tries_left":3}}\n',
    "another id": '{"jsonrpc":"2.0","id":99,"result":{"tries_left":3}}\n',
    "no id": '{"jsonrpc":"2.0","result":{"tries_left":3}}\n',
    "null as id": '{"jsonrpc":"2.0","id":null,"result":{"tries_left":3}}\n',
    "the id as a string": '{"jsonrpc":"2.0","id":"{id}","result":{"tries_left":3}}\n',
    "the id as a fraction": '{"jsonrpc":"2.0","id":{id}.0,"result":{"tries_left":3}}\n',
    "result and error": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3},"error":null}\n',
    "neither result nor error": '{"jsonrpc":"2.0","id":{id}}\n',
    "a notification": '{"jsonrpc":"2.0","method":"log","params":{}}\n',
    "a result that is no object": '{"jsonrpc":"2.0","id":{id},"result":3}\n',
    "a result without its member": '{"jsonrpc":"2.0","id":{id},"result":{}}\n',
    "tries as a string": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":"3"}}\n',
    "tries as a fraction": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3.0}}\n',
    "tries as a truth": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":true}}\n',
    "fewer tries than none": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":-1}}\n',
    "two lines": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3}}\n{}\n',
    "a line and a half": '{"jsonrpc":"2.0","id":{id},"result":{"tries_left":3}}\n{',
    "an error that is no object": '{"jsonrpc":"2.0","id":{id},"error":"locked"}\n',
    "an error without a code": '{"jsonrpc":"2.0","id":{id},"error":{"message":"no"}}\n',
    "an error without a message": '{"jsonrpc":"2.0","id":{id},"error":{"code":-32000}}\n',
    "an error without data": '{"jsonrpc":"2.0","id":{id},"error":{"code":-32000,"message":"no"}}\n',
    "data that is no object": _error("locked"),
    "data without outcome": _error({}),
    "an unknown outcome": _error({"outcome": "unlucky"}),
    "a failure that went well": _error({"outcome": "ok"}),
    "an outcome that is no string": _error({"outcome": ["locked"]}),
    "another code": _error({"outcome": "locked"}, code=-32603),
    "no such method, though announced": _error(None, code=-32601),
    "wrong PIN, tries as a string": _error({"outcome": "wrong_pin", "tries_left": "2"}),
    "wrong PIN, tries as null": _error({"outcome": "wrong_pin", "tries_left": None}),
    "wrong PIN, fewer tries than none": _error({"outcome": "wrong_pin", "tries_left": -1}),
    "locked, and yet some tries": _error({"outcome": "locked", "tries_left": 0}),
}


@pytest.mark.parametrize("saying", SAYINGS.values(), ids=SAYINGS.keys())
def test_what_is_no_answer_is_rubbish(drive: Drive, saying: str | bytes) -> None:
    client = drive("says.py", os.fsdecode(saying) if isinstance(saying, bytes) else saying)
    answer = client.perform(PROVOKE)
    assert (answer.outcome, answer.breakdown) == (Outcome.PROTOCOL_ERROR, Breakdown.RUBBISH)
    assert answer.message.startswith("tries_left: ")
    assert len(answer.message) < 400
    assert client.breakdowns == 1


def test_after_rubbish_the_next_call_meets_a_fresh_process(drive: Drive) -> None:
    client = drive("says.py", '{"jsonrpc":"2.0","id":99,"result":{"tries_left":5}}\n')
    for _ in range(2):
        assert client.perform(PROVOKE).breakdown is Breakdown.RUBBISH
        assert client.perform(ASK) == Answer(Outcome.OK, tries=states(3))


WRONG_RESULTS: list[tuple[Call, str]] = [
    (ReadCertificate(CertificateKind.SIGN), '{"der":"MII!"}'),
    (ReadCertificate(CertificateKind.SIGN), '{"der":"MIIB\\n"}'),
    (ReadCertificate(CertificateKind.SIGN), '{"der":"MII"}'),
    (ReadCertificate(CertificateKind.SIGN), '{"der":"架空"}'),
    (ReadCertificate(CertificateKind.SIGN), '{"der":[48,130]}'),
    (HASHED, '{"signature":null}'),
    (HASHED, '{"der":"AAE="}'),
    (ReadMyNumber(), '{"my_number":123456789018}'),
    (ReadAttributes(), '{"name":"a","address":"b","birth_date":"1980-02-17"}'),
    (ReadAttributes(), '{"name":"a","address":"b","birth_date":19800217,"sex":"male"}'),
    (VerifyPin(PinKind.SIGN, "ABC123"), "true"),
]


@pytest.mark.parametrize(("call", "result"), WRONG_RESULTS)
def test_a_result_of_a_wrong_type_is_rubbish(call: Call, result: str) -> None:
    with pytest.raises(Rubbish):
        _understood(call, '{"jsonrpc":"2.0","id":{id},"result":' + result + "}")


# ---------------------------------------------------------------- deeds

DEEDS: list[tuple[str, Breakdown, str]] = [
    ("exits 0", Breakdown.DIED, "status 0"),
    ("exits 3", Breakdown.DIED, "status 3"),
    ("crashes", Breakdown.DIED, "SIGSEGV"),
    ("dies of a nameless signal", Breakdown.DIED, "signal 35"),
    ("throws", Breakdown.DIED, "status 1; its log ends with: RuntimeError: a bug of its own"),
    ("stops in the middle of a line", Breakdown.DIED, 'status 0: {"jsonrpc": "2.0", "'),
    ("closes its output", Breakdown.DIED, "closed its output and runs on"),
    ("dies and leaves a child that holds its output", Breakdown.DIED, "status 4"),
    ("hangs", Breakdown.HUNG, "no answer within 0.3 s"),
    ("answers late", Breakdown.HUNG, "no answer within 0.3 s"),
    ("dribbles", Breakdown.HUNG, 'no answer within 0.3 s: {"'),
    ("closes its input", Breakdown.HUNG, "no answer within 0.3 s"),
    ("floods its log", Breakdown.HUNG, "no answer within 0.3 s"),
    ("writes a line without end", Breakdown.RUBBISH, "longer than 1 MiB: xxx"),
    ("writes too long a line", Breakdown.RUBBISH, "longer than 1 MiB"),
    ("writes lines without end", Breakdown.RUBBISH, "more than one line: {}"),
]


@pytest.mark.parametrize(("deed", "breakdown", "evidence"), DEEDS)
def test_a_misdeed_is_told_and_the_next_call_meets_a_fresh_process(
    drive: Drive, deed: str, breakdown: Breakdown, evidence: str
) -> None:
    deed, _, number = deed.partition(" ") if deed.startswith("exits") else (deed, "", "")
    hangs = breakdown is Breakdown.HUNG or deed == "closes its output"
    client = drive("does.py", deed, number, timeout=SHORT if hangs else 5.0)
    client.start()
    before = monotonic()
    answer = client.perform(PROVOKE)
    assert monotonic() - before < 4, "a dead process is not waited for"
    assert (answer.outcome, answer.breakdown) == (Outcome.PROTOCOL_ERROR, breakdown)
    assert evidence in answer.message
    assert client.perform(ASK) == Answer(Outcome.OK, tries=states(3))


def test_breakdowns_are_counted_until_there_is_an_answer(drive: Drive) -> None:
    client = drive("does.py", "exits", "3")
    for count in (1, 2, 3):
        client.perform(PROVOKE)
        assert client.breakdowns == count
    client.perform(ASK)
    assert client.breakdowns == 0


def test_a_death_between_two_calls_is_told_at_the_second(drive: Drive) -> None:
    client = drive("does.py", "answers and dies")
    answers = [client.perform(call) for call in (PROVOKE, ASK, ASK)]
    assert [answer.breakdown for answer in answers] == [None, Breakdown.DIED, None]
    assert "status 3" in answers[1].message


def test_a_second_answer_is_told_once_and_never_taken_for_another_calls(drive: Drive) -> None:
    client = drive("does.py", "answers twice")
    first, second, third = (client.perform(call) for call in (PROVOKE, ASK, ASK))
    assert [first.breakdown, second.breakdown].count(Breakdown.RUBBISH) == 1
    assert second.tries in (None, states(3))
    assert third == Answer(Outcome.OK, tries=states(3))


def test_what_is_said_between_two_calls_is_told_at_the_second(drive: Drive, tmp_path: Path) -> None:
    nudge, nudged = tmp_path / "nudge", tmp_path / "nudged"
    os.mkfifo(nudge)
    os.mkfifo(nudged)
    client = drive("does.py", "answers again when it is nudged", str(tmp_path))
    assert client.perform(PROVOKE).tries == states(5)
    nudge.write_bytes(b"")
    nudged.read_bytes()  # returns when the other end has closed it
    answer = client.perform(ASK)
    assert answer.breakdown is Breakdown.RUBBISH
    assert "spoke without being asked" in answer.message


@pytest.mark.parametrize(
    ("deed", "breakdown"),
    [
        ("stops reading", Breakdown.HUNG),
        ("stops listening", Breakdown.HUNG),
        ("answers before it has read", Breakdown.RUBBISH),
    ],
)
def test_a_large_request_that_is_not_read_is_not_waited_for(drive: Drive, deed: str, breakdown: Breakdown) -> None:
    client = drive("does.py", deed, timeout=SHORT)
    large = Sign(KeyKind.AUTH, HashKind.SHA256, bytes(500_000))
    assert client.perform(large).breakdown is breakdown


def test_a_death_is_noticed_where_the_system_reaps_all_children(drive: Drive) -> None:
    client = drive("does.py", "exits", "3")
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert client.perform(PROVOKE).breakdown is Breakdown.DIED
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_megabytes_of_log_block_nobody_and_a_leak_in_them_is_kept(drive: Drive) -> None:
    client = drive("does.py", "fills its log and answers")
    client.perform(TriesLeft(PinKind.AUTH))
    leaky = Sign(KeyKind.SIGN, HashKind.SHA256, b"", "7391")
    client.perform(leaky)
    assert client.perform(PROVOKE).tries == states(5)
    output = client.output()
    assert "a PIN was 7391" in output
    assert output.endswith("noise\n")
    assert len(output) < 1_000_000


def test_no_child_of_a_driver_outlives_it(drive: Drive, tmp_path: Path) -> None:
    sign_of_life = tmp_path / "fifo"
    os.mkfifo(sign_of_life)
    reader = os.open(sign_of_life, os.O_RDONLY | os.O_NONBLOCK)
    client = drive("does.py", "starts a child and hangs", str(sign_of_life), timeout=SHORT)
    assert client.perform(PROVOKE).breakdown is Breakdown.HUNG
    ready, _, _ = select.select([reader], [], [], 5)
    assert ready
    assert os.read(reader, 1) == b"", "the fifo ends when the last process that had it open has ended"
    os.close(reader)


@pytest.mark.parametrize(
    ("deed", "finding"),
    [
        (
            "refuses shutdown",
            'shutdown: it refused: {"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": "never"}}',
        ),
        ("ignores shutdown", "shutdown: no answer within 0.3 s"),
        ("ignores SIGTERM", "shutdown: no answer within 0.3 s"),
        ("outlives shutdown", "shutdown was answered, but the process runs on after 0.3 s"),
        ("ends badly", "after shutdown it ended with status 3"),
    ],
)
def test_a_bad_end_is_a_finding_and_an_end_nevertheless(drive: Drive, deed: str, finding: str) -> None:
    client = drive("does.py", deed, timeout=SHORT)
    client.perform(ASK)
    client.shutdown()
    assert client.findings == (finding,)


# ---------------------------------------------------------------- beginnings


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("/nonexistent/driver --fast", "No such file or directory"),
        (str(RUDE), "Permission denied"),
        ("driver '", "quotes"),
        ("", "empty"),
        ([], "empty"),
        (["driver\0"], "null byte"),
    ],
)
def test_a_command_that_cannot_be_started_is_the_users_mistake(command: str | list[str], problem: str) -> None:
    with pytest.raises(DriverError, match=problem) as raised:
        DriverClient(command, reader="", environment={}).perform(ASK)
    assert "\n" not in str(raised.value)


def test_a_program_that_vanishes_is_a_breakdown(tmp_path: Path) -> None:
    program = tmp_path / "driver"
    program.symlink_to(sys.executable)
    client = DriverClient([str(program), str(RUDE / "says.py"), "rubbish\n"], reader="", environment={})
    client.perform(PROVOKE)
    program.unlink()
    answer = client.perform(ASK)
    assert answer.breakdown is Breakdown.DIED
    assert "cannot be started" in answer.message


def _introduction(**members: object) -> str:
    """A good introduction with some members replaced; None leaves one out."""
    good: dict[str, object] = {"client": {"name": "x", "version": "1"}, "operations": ["sign"], "pins": ["sign"]}
    result = {name: value for name, value in (good | members).items() if value is not None}
    return '{"jsonrpc":"2.0","id":{id},"result":' + json.dumps(result) + "}"


INTRODUCTIONS = {
    "an error": _error({"outcome": "no_reader"}).strip(),
    "no client": _introduction(client=None),
    "a client without version": _introduction(client={"name": "x"}),
    "no operations": _introduction(operations=None),
    "operations in a string": _introduction(operations="sign"),
    "no PINs": _introduction(pins=None),
    "PINs that are numbers": _introduction(pins=[1]),
    "features as an object": _introduction(features={}),
    "a banner": "Welcome!",
}


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS.keys())
def test_a_bad_introduction_is_rubbish_and_offers_nothing(drive: Drive, introduction: str) -> None:
    client = drive("introduces.py", introduction)
    answer = client.start()
    assert answer.breakdown is Breakdown.RUBBISH
    assert answer.message.startswith("initialize: ")
    assert (client.operations, client.pins) == (frozenset(), frozenset())
    assert "introduces.py" in client.name


def test_unknown_names_are_findings_and_are_left_out(drive: Drive) -> None:
    introduction = _introduction(
        operations=["initialize", "sign", "shutdown", "make_coffee"],
        pins=["sign", "birth_date", "puk\n"],
        features=["last_try_ok", "colours"],
    )
    client = drive("introduces.py", introduction, timeout=SHORT)
    assert client.operations == {Operation.SIGN}
    assert client.pins == {PinKind.SIGN}
    assert client.features == {"last_try_ok", "colours"}
    assert client.findings == (
        "it announced 'make_coffee', which the protocol does not have",
        "it announced 'puk\\n', which the protocol does not have",
    )


def test_an_operation_that_was_not_announced_is_never_asked_for(drive: Drive) -> None:
    client = drive("says.py", "rubbish\n")
    answer = client.perform(Close())
    assert (answer.outcome, answer.breakdown) == (Outcome.PROTOCOL_ERROR, None)
    assert answer.message.startswith("not asked")
    assert client.output() == ""


def test_a_driver_that_says_something_else_after_a_restart_is_told() -> None:
    introduction = {"client": {"name": "moody", "version": "1"}, "operations": ["tries_left"], "pins": []}
    moody = f"""
import json, os
for request in map(json.loads, open(0)):
    result = {introduction!r}
    result["pins"] = ["auth"] if request["id"] == 1 else ["sign"]
    print(json.dumps({{"jsonrpc": "2.0", "id": request["id"], "result": result}}), flush=True)
"""
    client = DriverClient([sys.executable, "-c", moody], reader="", environment={})
    assert client.pins == {PinKind.AUTH}
    assert client.perform(ASK).breakdown is Breakdown.RUBBISH
    answer = client.perform(ASK)
    assert "after a restart it announced other operations" in answer.message
    assert client.pins == {PinKind.AUTH}


# ---------------------------------------------------------------- PINs

SPELLINGS = ["7391", "ｐａｓｓ１２", "３７３９１", 'quo"te\\9']


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("form", ["as typed", "as JSON", "as normalised"])
def test_a_pin_in_rubbish_is_masked_in_the_message_and_kept_in_the_output(drive: Drive, typed: str, form: str) -> None:
    said = {"as typed": typed, "as JSON": json.dumps(typed)[1:-1], "as normalised": typed.translate(_FOLDED)}[form]
    client = drive("says.py", f"VERIFY {said} went wrong\n")
    message = client.perform(VerifyPin(PinKind.SIGN, typed)).message
    assert "VERIFY ▮ went wrong" in message
    assert said in client.output()


_FOLDED = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


@pytest.mark.parametrize("dump", ["37333931", "37 33 39 31", "37:33:39:31", "0x37, 0x33, 0x39, 0x31"])
def test_a_pin_in_a_hex_dump_is_masked(drive: Drive, dump: str) -> None:
    client = drive("says.py", f"apdu 00200080 04 {dump}\n")
    assert "apdu 00200080 04 ▮" in client.perform(VerifyPin(PinKind.SIGN, "7391")).message


def test_an_error_code_that_happens_to_hold_a_pin_is_left_alone(drive: Drive) -> None:
    client = drive("says.py", _error({"outcome": "card_removed"}, message="PC/SC said 80100016 (PIN0001)"))
    assert client.perform(VerifyPin(PinKind.AUTH, "0001")).message == "PC/SC said 80100016 (PIN▮)"


def test_a_pin_in_the_clients_own_words_is_masked_and_kept_in_the_output(drive: Drive) -> None:
    client = drive("says.py", _error({"outcome": "format_rejected"}, message="7391 is too short"))
    answer = client.perform(VerifyPin(PinKind.SIGN, "7391"))
    assert answer == Answer(Outcome.FORMAT_REJECTED, message="▮ is too short")
    assert "7391 is too short" in client.output()


def test_the_latest_sixteen_pins_are_kept_out_of_messages(drive: Drive) -> None:
    client = drive("says.py", _error({"outcome": "cancelled"}, message="1000 1001 1016"))
    answers = [client.perform(VerifyPin(PinKind.AUTH, str(pin))) for pin in range(1000, 1017)]
    assert answers[-1].message == "1000 ▮ ▮"


def test_an_earlier_pin_in_last_words_is_masked() -> None:
    leaky = "import sys; input(); print('VERIFY 7391', file=sys.stderr)"
    client = DriverClient([sys.executable, "-c", leaky], reader="", environment={})
    for call in (VerifyPin(PinKind.SIGN, "7391"), ASK):
        answer = client.perform(call)
        assert answer.message.endswith("its log ends with: VERIFY ▮")


# ---------------------------------------------------------------- the wire, without a process


@given(st.lists(st.binary(max_size=12)), st.lists(st.integers(0, 200)))
def test_lines_do_not_depend_on_how_the_stream_is_sliced(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join(lines)
    whole, sliced = LineSplitter(limit=8), LineSplitter(limit=8)
    edges = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    expected = whole.feed(stream)
    assert [line for piece in pieces for line in sliced.feed(piece)] == expected
    assert sliced.overlong == whole.overlong
    if not whole.overlong:
        assert b"\n".join([*expected, whole.unfinished]) == stream
        assert sliced.unfinished == whole.unfinished


def test_a_line_of_the_limit_is_a_line_and_one_byte_more_is_the_end() -> None:
    splitter = LineSplitter(limit=4)
    assert splitter.feed(b"1234\n12345\n1\n") == [b"1234"]
    assert splitter.overlong
    assert splitter.feed(b"\n1\n") == []


@given(st.text(), st.text())
def test_any_pin_arrives_as_it_was_typed(current: str, new: str) -> None:
    line = encode_request(7, "change_pin", params_of(ChangePin(PinKind.SIGN, current, new)))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["params"] == {"pin": "sign", "current": current, "new": new}


_SCRAPS = st.sampled_from(
    ["jsonrpc", "2.0", "id", "result", "error", "code", "message", "data", "outcome", "tries_left", "wrong_pin", "der"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _SCRAPS | st.text() | st.sampled_from([7, -32000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_SCRAPS, inner, max_size=6),
    max_leaves=12,
)
_RESPONSES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "id": st.just(7)},
    optional={
        "result": _JSON,
        "error": _JSON
        | st.fixed_dictionaries(
            {"code": st.sampled_from([-32000, -32601, 0]), "message": st.text(), "data": _JSON},
        ),
    },
)


@given(
    st.binary()
    | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))
    | (_JSON | _RESPONSES).map(lambda value: json.dumps(value).encode())
)
def test_no_line_does_anything_but_answer_or_be_rubbish(line: bytes) -> None:
    for call, _, _ in EVERY_CALL:
        try:
            answer = answer_of(call, decode_response(line, 7))
        except Rubbish:
            continue
        assert (answer.outcome is Outcome.OK) == ("result" in json.loads(line))
        assert answer.breakdown is None
        answer.message.encode()


@given(_RESPONSES)
def test_no_introduction_does_anything_but_introduce_or_be_rubbish(response: dict[str, object]) -> None:
    try:
        introduction = introduction_of(decode_response(json.dumps(response).encode(), 7))
    except Rubbish:
        return
    introduction.name.encode()


# ---------------------------------------------------------------- the documentation

DOCUMENT = (Path(__file__).parents[2] / "docs" / "drivers.md").read_text(encoding="utf-8")


def test_the_documented_conversation_is_one() -> None:
    requests = [json.loads(line[2:]) for line in DOCUMENT.splitlines() if line.startswith("→ ")]
    responses = [line[2:].encode() for line in DOCUMENT.splitlines() if line.startswith("← ")]
    calls = {operation_of(call).value: call for call, _, _ in EVERY_CALL}
    assert [request["id"] for request in requests] == list(range(1, 10))
    for request, response in zip(requests, responses, strict=True):
        reply = decode_response(response, request["id"])
        if request["method"] in calls:
            assert request["params"].keys() == params_of(calls[request["method"]]).keys()
            answer_of(calls[request["method"]], reply)
    assert introduction_of(decode_response(responses[0], 1)).unknown == ()


def test_every_name_of_the_protocol_is_documented() -> None:
    kinds = (Operation, PinKind, CertificateKind, KeyKind, HashKind, Outcome)
    names = {member.value for kind in kinds for member in kind} - {"ok"}
    assert {name for name in names if f"`{name}`" not in DOCUMENT} == set()
