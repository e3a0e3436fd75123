"""The plugin in somebody else's test suite: each test writes one, has pytest run it, and reads what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mynacard_conformance
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.pytest_plugin import OPTIONS
from mynacard_conformance.run import BUDGETS, Plan
from mynacard_conformance.run import run as judge
from mynacard_emulator.world import open_world

pytest_plugins = ["pytester"]

HEAVY = ("asn1crypto", "click", "cryptography", "hypothesis", "mynacard_emulator", "PIL", "rich", "smartcard")
"""What costs time to import, and is for those who use it."""

STRICTLY = ("-W", "error", "-p", "no:randomly", "-ra")

TALK = """
SELECT, AUTH_PIN = bytes.fromhex("00A4040C0AD392F000260100000001"), bytes.fromhex("00A4020C020018")

def enter(world, pin):
    for command in (SELECT, AUTH_PIN, bytes.fromhex("0020008004") + pin.encode()):
        answer = world.transmit(command)
    return answer.hex()
"""


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Have everything imported: what a suite in this process imports is forgotten, and some of it comes only once."""
    with open_world("direct") as world:
        judge(world, InProcessClient(ReferenceClient, world.connect), Plan(budget=BUDGETS["smoke"]))


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Run a test suite of one file in this process, which has imported what is slow; every warning is an error."""
    pytester.makepyfile(source)
    return pytester.runpytest_inprocess(*STRICTLY, *arguments)


def run_alone(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Run it in a process of its own, as everything needs that is about a process."""
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess(*STRICTLY, *arguments)


def heavy_modules_after(statement: str) -> str:
    program = f"import sys; {statement}; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


# ---------------------------------------------------------------- loading


@pytest.mark.parametrize(
    "statement",
    [
        "import mynacard_conformance.pytest_plugin",
        "import mynacard_conformance",
        "from mynacard_conformance import ClientSuite",
    ],
)
def test_to_be_there_costs_nothing_heavy(statement: str) -> None:
    assert heavy_modules_after(statement) == ""


def test_a_suite_that_does_not_use_it_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    ran = run_alone(pytester, f"import sys\ndef test_nothing():\n    assert not {set(HEAVY)!r} & set(sys.modules)")

    ran.assert_outcomes(passed=1)


def test_whoever_asks_the_package_for_what_it_does_not_have_is_told() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'ClientSweet'"):
        getattr(mynacard_conformance, "ClientSweet")  # noqa: B009 - it is not there


# ---------------------------------------------------------------- worlds


def test_every_test_gets_a_fresh_world_with_an_empty_reader(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        """
        import pytest
        @pytest.mark.parametrize("time", [1, 2])
        def test_a_card_comes(mynacard, time):
            assert (mynacard.card_in(), mynacard.cards) == (None, ())
            mynacard.insert(mynacard.issue("adult", auth="locked"))
            assert mynacard.truth.tries_left("auth") == 0
        """,
    )

    ran.assert_outcomes(passed=2)


def test_the_marker_lays_a_card_into_the_reader_and_the_nearest_has_the_last_word(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        """
        import pytest
        from datetime import date, datetime
        @pytest.mark.mynacard(auth="locked", sign=2)
        class TestSomeCards:
            def test_as_the_class_says(self, mynacard):
                assert [mynacard.truth.tries_left(pin) for pin in ("auth", "sign", "text")] == [0, 2, 3]
            @pytest.mark.mynacard(auth=1, profile="no-certificates")
            def test_a_pin_that_is_not_there(self, mynacard):
                raise NotImplementedError
            @pytest.mark.mynacard(sign=1)
            def test_with_a_difference(self, mynacard):
                assert [mynacard.truth.tries_left(pin) for pin in ("auth", "sign")] == [0, 1]
        @pytest.mark.mynacard(at="2035-04-01")
        def test_years_have_gone_by(mynacard):
            assert mynacard.clock.now.isoformat() == "2035-04-01T00:00:00+09:00"
            assert mynacard.truth.ends() > date(2035, 1, 1)
        @pytest.mark.mynacard(at=datetime(2026, 11, 20, 12, 0))
        def test_two_hours_have_gone_by(mynacard):
            assert mynacard.clock.now.isoformat() == "2026-11-20T12:00:00+09:00"
        """,
    )

    ran.assert_outcomes(passed=4, errors=1)
    ran.stdout.fnmatch_lines(["@pytest.mark.mynacard: auth: this PIN was never set, so it has no tries to set"])
    assert "pytest_plugin.py" not in ran.stdout.str()


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('"adult"', "@pytest.mark.mynacard takes keywords, such as profile=*"),
        ('profile="adlut"', "@pytest.mark.mynacard: no built-in profile is called 'adlut'; did you mean 'adult'*"),
        ('pin="1234"', "@pytest.mark.mynacard: 'pin' is no PIN of this card; it has *"),
        ('at="yesterday"', "@pytest.mark.mynacard: Invalid isoformat string: 'yesterday'"),
        ('at="2020-01-01"', "@pytest.mark.mynacard: the clock stands at * and never runs backwards"),
    ],
)
def test_a_mistake_in_the_marker_is_one_line(pytester: pytest.Pytester, marker: str, sentence: str) -> None:
    ran = run(pytester, f"import pytest\n@pytest.mark.mynacard({marker})\ndef test_it(mynacard): pass")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([sentence])
    assert "pytest_plugin.py" not in ran.stdout.str()


def test_a_failure_shows_how_the_card_began_and_what_it_saw_with_no_pin_in_it(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        TALK
        + """
import pytest
@pytest.mark.mynacard(auth=2)
def test_right_and_wrong(mynacard):
    assert enter(mynacard, "1234") == "9000"
    assert enter(mynacard, "0000") == "9000"
""",
    )

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*- mynacard -*",
            "at the beginning: profile adult, 2026-11-20 10:00, tries left: auth 2, sign 5, juki 3, text 3",
            "(insert)",
            "> 00A4020C020018",
            "< 9000",
            "> 0020008004 ••••••••",
            "< 63C2",
        ]
    )
    assert "31323334" not in ran.stdout.str().upper()


def test_of_a_long_conversation_the_end_is_shown(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        TALK + "def test_it(mynacard):\n    mynacard.insert(mynacard.issue('adult'))\n"
        "    [enter(mynacard, '1234') for _ in range(100)]\n    assert False",
    )

    ran.stdout.fnmatch_lines(["at the beginning: no card was in the reader", "… 262 before …"])


def test_a_test_that_passes_shows_nothing(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "def test_it(mynacard): pass", "-rA")

    ran.stdout.no_fnmatch_line("*at the beginning*")


# ---------------------------------------------------------------- options


def test_the_profile_of_a_marker_that_names_none_can_be_chosen(pytester: pytest.Pytester) -> None:
    source = """
        import pytest
        @pytest.mark.mynacard
        def test_it(mynacard):
            assert mynacard.truth.tries_left("auth") == 3
        """
    run(pytester, source).assert_outcomes(passed=1)
    run(pytester, source, "--mynacard-profile", "no-certificates").assert_outcomes(failed=1)
    pytester.makeini("[pytest]\nmynacard_profile = no-certificates")
    run(pytester, source).assert_outcomes(failed=1)
    run(pytester, source, "--mynacard-profile", "adult").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("mynacard_budget = huge", "*mynacard_budget is smoke or default or deep, not 'huge'"),
        ("mynacard_transport = usb", "*mynacard_transport is direct or private, not 'usb'"),
        ("mynacard_seed = lucky", "*mynacard_seed is a number, not 'lucky'"),
    ],
)
def test_a_mistake_in_the_configuration_file_is_one_line(pytester: pytest.Pytester, line: str, sentence: str) -> None:
    pytester.makeini(f"[pytest]\n{line}")
    ran = run(pytester, "def test_it(): pass")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([sentence])
    assert "Traceback" not in ran.stderr.str()


def test_all_options_are_in_one_group_of_the_help_and_have_twins(pytester: pytest.Pytester) -> None:
    told = pytester.runpytest_subprocess("--help").stdout.str()
    _, _, group = told.partition("My Number Cards (mynacard):")
    names = ("transport", "profile", "budget", "seed", "strict")

    assert [name for name in names if f"--mynacard-{name}" not in group.partition("\n\n")[0]] == []
    assert [name for name in names if f"mynacard_{name} " not in told] == []


def test_a_seed_decides_every_byte(pytester: pytest.Pytester) -> None:
    source = """
        def test_it(mynacard):
            mynacard.insert(mynacard.issue("adult"))
            print("number", mynacard.truth.certificate("auth").hex())
        """

    def certificate(seed: str) -> list[str]:
        return [line for line in run(pytester, source, "-s", "--mynacard-seed", seed).outlines if "number" in line]

    assert certificate("5") == certificate("5")
    assert certificate("5") != certificate("6")


# ---------------------------------------------------------------- PC/SC

IN_A_READER = """
import pytest
from smartcard.System import readers

def connected(name):
    connection = next(reader for reader in readers() if str(reader) == name).createConnection()
    connection.connect()
    return connection

@pytest.mark.mynacard(auth=1)
def test_a_program_finds_the_card(mynacard_reader):
    connection = connected(mynacard_reader)
    for command in ("00A4040C0AD392F000260100000001", "00A4020C020018", "00200080"):
        _, sw1, sw2 = connection.transmit(list(bytes.fromhex(command)))
    connection.disconnect()
    assert (sw1, sw2) == (0x63, 0xC1)

def test_it_begins_empty_and_is_steered(mynacard_reader):
    world = mynacard_reader.world
    assert world.card_in() is None
    world.insert(world.issue("foreigner", sign="locked"))
    connected(mynacard_reader).disconnect()
    assert world.truth.tries_left("sign") == 0

@pytest.mark.mynacard
def test_time_is_put_back(mynacard_reader):
    assert mynacard_reader.world.clock.now.isoformat() == "2026-11-20T10:00:00+09:00"
    mynacard_reader.world.clock.set(mynacard_reader.world.clock.now.replace(year=2030))

@pytest.mark.mynacard
def test_time_was_put_back(mynacard_reader):
    assert mynacard_reader.world.clock.now.year == 2026
"""


@pytest.mark.pcsc
@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_reader_is_what_any_program_sees(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    ran = run_alone(pytester, IN_A_READER, *arguments)

    ran.assert_outcomes(passed=4)


@pytest.mark.pcsc
def test_a_failure_at_a_reader_shows_what_the_card_saw(pytester: pytest.Pytester) -> None:
    ran = run_alone(pytester, IN_A_READER.replace("(0x63, 0xC1)", "(0x63, 0xC3)"), "-k", "finds_the_card")

    ran.assert_outcomes(failed=1, deselected=3)
    ran.stdout.fnmatch_lines(["at the beginning: profile adult, *, tries left: auth 1, *", "> 00200080", "< 63C1"])


@pytest.mark.pcsc
def test_the_stack_is_there_before_any_test_talks_to_another(pytester: pytest.Pytester) -> None:
    ran = run_alone(
        pytester,
        """
        def test_first_without_the_fixture():
            from smartcard.System import readers
            assert readers()
        def test_then_with_it(mynacard_reader):
            from smartcard.System import readers
            assert mynacard_reader in map(str, readers())
        """,
    )

    ran.assert_outcomes(passed=2)


def test_without_what_a_stack_needs_a_test_is_skipped_and_says_what_to_install(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import sys\nsys.modules['smartcard'] = None")
    ran = run_alone(pytester, "def test_it(mynacard_reader): pass\ndef test_another(mynacard): pass")

    ran.assert_outcomes(passed=1, skipped=1)
    ran.stdout.fnmatch_lines(["SKIPPED * install *"])


def test_to_list_the_tests_starts_no_stack(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import mynacard_conformance.worlds as w\ndef no(): raise SystemExit('a world!')\nw.world_factory = no"
    )
    ran = run_alone(pytester, "def test_it(mynacard_reader): pass", "--collect-only", "-q")

    ran.stdout.fnmatch_lines(["*::test_it"])


# ---------------------------------------------------------------- ClientSuite


def suite(client: str, *attributes: str) -> str:
    """A test suite that judges one of the harness's own clients on trial."""
    body = "".join(f"    {attribute}\n" for attribute in attributes)
    return f"""
from mynacard_conformance import ClientSuite
from mynacard_fixtures.clients import FAULTY, CarefulClient, ReferenceClient

CLIENTS = {{client.__name__: client for client in (*FAULTY, CarefulClient, ReferenceClient)}}

class TestMyClient(ClientSuite):
{body}
    def make_client(self, connection):
        return CLIENTS["{client}"](connection)
"""


FEW = 'suites = ("pki", "content")'
"""Enough for what is about the tests, and not about what they play."""


def outcomes(ran: pytest.RunResult) -> dict[str, int]:
    return {name: number for name, number in ran.parseoutcomes().items() if name != "warnings"}


def test_an_honest_client_passes_every_story_and_every_concern(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("CarefulClient"), "-v")

    assert set(outcomes(ran)) == {"passed"}
    ran.stdout.fnmatch_lines(["*::TestMyClient::test_scenario[[]LOCK-01] PASSED*"])
    ran.stdout.fnmatch_lines(["*::TestMyClient::test_lives[[]counter] PASSED*"])
    ran.stdout.no_fnmatch_line("*test_expected*")


def test_what_a_client_does_not_offer_is_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("ReferenceClient"))

    assert outcomes(ran)["skipped"] == 1
    ran.stdout.fnmatch_lines(["SKIPPED * the client does not offer last_try_ok"])


def test_a_client_that_only_reads_is_judged_on_reading(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        """
        from mynacard_conformance import ClientSuite
        from mynacard_conformance.adapters.reference import ReferenceClient
        class Reads:
            def __init__(self, connection):
                self.read_my_number = ReferenceClient(connection).read_my_number
        class TestMyClient(ClientSuite):
            def make_client(self, connection):
                return Reads(connection)
        """,
    )

    assert set(outcomes(ran)) == {"passed", "skipped"}
    ran.stdout.fnmatch_lines(["SKIPPED * the client does not offer verify_pin auth"])


def test_a_finding_is_told_as_on_a_terminal_and_not_as_a_traceback_of_ours(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("KnowsOneDigest"), "-k", "test_lives and content")

    assert outcomes(ran) == {"failed": 1, "deselected": ran.parseoutcomes()["deselected"]}
    ran.stdout.fnmatch_lines(
        [
            "*_ TestMyClient.test_lives[[]content] _*",
            "FAIL  client/sign/valid",
            "  A signature that it returns verifies with the key's certificate. (must; R-007)",
            "  expected: a signature that verifies",
            "  the shortest conversation that shows it (content):",
            "       client  *card",
            "     1 sign * sha512 (right PIN) * > 00A4040C0AD392F000260100000001",
            "  run just this again: pytest '*::TestMyClient::test_lives[[]content]' --mynacard-seed 0",
        ]
    )
    for ours in ("client_suite.py", "Error", "31323334"):
        assert ours not in ran.stdout.str()


def test_a_finding_can_be_told_in_japanese(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    ran = run(pytester, suite("KnowsOneDigest"), "-k", "test_lives and content")

    ran.stdout.fnmatch_lines(["不合格  client/sign/valid", "  期待: 検証できる署名"])


def test_the_order_of_the_tests_does_not_matter(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_collection_modifyitems(items): items.reverse()")
    backwards = run(pytester, suite("KnowsOneDigest", FEW))
    pytester.makeconftest("")
    forwards = run(pytester, suite("KnowsOneDigest", FEW))

    assert outcomes(forwards) == outcomes(backwards)
    assert sorted(line for line in forwards.outlines if line.startswith("FAILED")) == sorted(
        line for line in backwards.outlines if line.startswith("FAILED")
    )


def test_two_workers_come_to_the_same(pytester: pytest.Pytester) -> None:
    alone = run(pytester, suite("KnowsOneDigest", FEW))
    ran = run_alone(pytester, suite("KnowsOneDigest", FEW), "-n", "2")

    assert outcomes(ran) == outcomes(alone)


def test_a_client_is_made_once_for_the_class_and_again_where_the_user_would(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        suite("ReferenceClient", "made = []").replace("        return", "        self.made.append(1)\n        return")
        + "\ndef test_how_often(): assert 1 <= len(TestMyClient.made) <= 5",
    )

    assert "failed" not in outcomes(ran)


def test_suites_can_be_chosen(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("ReferenceClient", 'suites = ("pki", "counter")'), "--collect-only", "-q")

    ids = {line.partition("::TestMyClient::")[2] for line in ran.outlines if "::" in line}
    assert {name.partition("-")[0] for name in ids} == {"test_scenario[PKI", "test_lives[counter]"}


def test_a_baseline_excuses_what_it_names_and_nothing_else(pytester: pytest.Pytester) -> None:
    known = """expected = {"client/sign/valid": "SHA-384 and SHA-512 come with release 2"}"""
    ran = run(pytester, suite("KnowsOneDigest", known, FEW))

    assert "failed" not in outcomes(ran)
    assert outcomes(ran)["xfailed"] >= 1
    ran.stdout.fnmatch_lines(
        ["XFAIL *test_lives[[]content] - *client/sign/valid: SHA-384 and SHA-512 come with release 2"]
    )


def test_a_baseline_with_something_that_is_mended_fails(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("ReferenceClient", 'expected = {"client/sign/valid": "SHA-384 is missing"}', FEW))

    assert outcomes(ran)["failed"] == 1
    ran.stdout.fnmatch_lines(
        [
            "*_ TestMyClient.test_expected[[]client/sign/valid] _*",
            "client/sign/valid is not broken any more by anything that was played: take it out of `expected`, *",
        ]
    )


@pytest.mark.parametrize(
    ("attribute", "sentence"),
    [
        (
            'expected = {"client/sign/vali": "?"}',
            "TestMyClient.expected: no requirement client/sign/vali; `mynacard requirements` lists them",
        ),
        ('suites = ("loch",)', "TestMyClient.suites: no suite loch; there are *"),
    ],
)
def test_a_mistake_in_the_class_is_one_line(pytester: pytest.Pytester, attribute: str, sentence: str) -> None:
    ran = run(pytester, suite("ReferenceClient", attribute))

    assert ran.parseoutcomes()["errors" if "errors" in ran.parseoutcomes() else "error"] == 1
    ran.stdout.fnmatch_lines([sentence])
    assert "client_suite.py" not in ran.stdout.str()


def test_a_should_is_shown_and_fails_only_where_that_is_asked_for(pytester: pytest.Pytester) -> None:
    twin = "NeverAsksWhatIsThere"
    mild = outcomes(run(pytester, suite(twin)))
    by_option = outcomes(run(pytester, suite(twin), "--mynacard-strict"))
    by_class = outcomes(run(pytester, suite(twin, "strict = True")))
    pytester.makeini("[pytest]\nmynacard_strict = true")
    by_ini = outcomes(run(pytester, suite(twin)))

    assert "failed" not in mild
    assert mild["xfailed"] == by_option["failed"] == by_class["failed"] == by_ini["failed"]


def test_a_client_that_never_answers_fails_and_does_not_take_the_suite_with_it(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        """
        from mynacard_conformance import ClientSuite
        class Dies:
            def verify_pin(self, pin, value):
                raise ZeroDivisionError(value)
        class TestMyClient(ClientSuite):
            suites = ("lock",)
            def make_client(self, connection):
                return Dies()
        """,
    )

    assert outcomes(ran)["failed"] >= 10
    ran.stdout.fnmatch_lines(["FAIL  client/answer/comes", "*ZeroDivisionError*"])
    assert "ZeroDivisionError: " not in ran.stdout.str()


def test_an_error_in_making_the_client_is_its_authors_to_see(pytester: pytest.Pytester) -> None:
    ran = run(pytester, suite("ReferenceClient").replace('CLIENTS["ReferenceClient"]', 'CLIENTS["Nobody"]'), "-x")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["E   *KeyError: 'Nobody'"])


def test_a_suite_that_makes_no_client_is_told_how(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester, "from mynacard_conformance import ClientSuite\nclass TestMyClient(ClientSuite):\n    pass", "-x"
    )

    ran.stdout.fnmatch_lines(["*TestMyClient has to say how its client is made: def make_client*"])


@pytest.mark.pcsc
@pytest.mark.parametrize("by", ["class", "option"])
def test_a_client_meets_its_card_in_a_reader_where_that_is_asked_for(pytester: pytest.Pytester, by: str) -> None:
    chosen, arguments = (('transport = "private"',), ()) if by == "class" else ((), ("--mynacard-transport", "private"))
    source = suite("CarefulClient", 'suites = ("counter",)', *chosen)
    ran = run_alone(
        pytester,
        source.replace("        return", "        assert connection.reader == 'Virtual PCD 00 00'\n        return")
        + "\ndef test_the_reader_is_shared(mynacard_reader): assert mynacard_reader.world.card_in() is None",
        *arguments,
    )

    assert set(outcomes(ran)) == {"passed"}


# ---------------------------------------------------------------- docs/pytest.md

GUIDE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")
WRITTEN = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "source",
    [pytest.param(source, marks=[pytest.mark.pcsc] if "mynacard_reader" in source else []) for source in WRITTEN],
    ids=lambda source: re.findall(r"def (test_\w+)|class (\w+)", source)[0],
)
def test_what_the_guide_shows_passes(pytester: pytest.Pytester, source: str) -> None:
    ran = (run_alone if "mynacard_reader" in source else run)(pytester, source)

    assert set(outcomes(ran)) <= {"passed", "skipped"}
    assert outcomes(ran)["passed"] >= 1


def test_the_guide_has_every_option_with_its_default() -> None:
    told = dict(re.findall(r"^\| `--mynacard-(\w+)` \| `?(\w+)`? \|", GUIDE, re.MULTILINE))

    assert told == {name: default for name, default, _ in OPTIONS} | {"strict": "off"}
