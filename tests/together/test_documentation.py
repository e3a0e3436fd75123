"""What the documents promise: every command in them is run by a test, and what they say of the card is so."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from mynacard_conformance.helper.app import QUESTIONS
from mynacard_conformance.helper.problems import Problem
from mynacard_conformance.outcome import Outcome
from mynacard_emulator import profiles
from mynacard_emulator.card import PinEF, Profile, Question, questions
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.cli import cli
from mynacard_emulator.control.errands import errands
from mynacard_emulator.control.verbs import verbs as steering
from mynacard_emulator.office.policy import policy_questions
from mynacard_emulator.personalise.answers import as_word
from mynacard_emulator.readers.reader import reader_questions
from mynacard_emulator.services.actions import actions

from .test_cli import environment, mynacard

REPOSITORY = Path(__file__).parents[2]
README, README_JA = REPOSITORY / "README.md", REPOSITORY / "README.ja.md"
CARD, COMMAND, OFFICE, STEERING, SERVICES = (
    REPOSITORY / "docs" / name for name in ("card.md", "cli.md", "office.md", "control.md", "services.md")
)
EXAMPLE_DRIVERS = REPOSITORY / "examples" / "drivers"
LANGUAGE_READMES = sorted(EXAMPLE_DRIVERS.glob("*/README.md"))
"""Each with commands that are run as they stand, in the folder where it is, by `test_drivers_pcsc.py`."""
PROJECT_READMES = sorted(REPOSITORY.glob("examples/downstream/*/README.md"))
"""Each with commands that `test_downstream.py` runs as they stand, in a copy of the folder where it is."""
RUN_ELSEWHERE = (*LANGUAGE_READMES, *PROJECT_READMES)
DOCUMENTS = sorted(
    {README, README_JA, *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("examples/*/README.md"), *RUN_ELSEWHERE}
)

PROGRAMS = {
    *("apt-get", "cargo", "docker", "git", "go", "javac", "make", "mynacard", "npm"),
    *("pip", "python", "python3", "sh", "sudo", "tox"),
}
"""How a line of a block begins that is a command."""

CLI, PCSC, IN_OFFICE = "test_cli.py", "test_cli_pcsc.py", "test_cli_office.py"
CLIENTS, GUIDES, DOWNSTREAM = "test_python_clients.py", "test_guides.py", "test_downstream.py"
CATALOGUE, FAULTS, CONTROL = "test_catalogue.py", "test_faults_pcsc.py", "test_control.py"
REPORTS, STEERED = "test_reports_pcsc.py", "test_exec_control.py"
IN_CHROMIUM, SERVING = "test_pages_in_chromium.py", "test_cli_services.py"
RUN_BY = {
    "make test": "the gate",
    "tox -e mutation -- card/retry.py": (
        "test_mutation.py",
        "test_what_survives_of_the_retry_counter_is_told_by_line",
    ),
    "make demo": (PCSC, "test_the_demo_shows_a_lock_a_reset_and_a_verdict_on_opensc"),
    "pip install pyscard": "the gate",
    "mynacard exec -- pkcs15-tool -D": (PCSC, "test_pkcs15_tool_finds_two_pins_two_keys_and_four_certificates"),
    "mynacard new card.json": (CLI, "test_new_makes_a_card_that_is_private_to_its_owner"),
    "mynacard run card.json": (PCSC, "test_a_card_that_runs_is_in_the_systems_reader"),
    "mynacard check --pkcs11 /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so": (PCSC, "test_a_pkcs11_module_is_judged"),
    'mynacard check --driver "python examples/drivers/pyscard_driver.py"': (PCSC, "test_a_driver_is_judged"),
    "python -m mynacard_emulator.personalise.terminal | mynacard apdu --profile face-auth - 802A0097040102030400": (
        CLI,
        "test_the_test_terminal_has_a_face_authentication_card_sign",
    ),
    "mynacard scenarios": (CATALOGUE, "test_every_scenario_is_listed_with_its_title_in_both_languages"),
    "mynacard scenarios RESET-11": (CATALOGUE, "test_one_scenario_tells_the_requirements_behind_it"),
    "mynacard scenarios portal": (CATALOGUE, "test_a_family_is_listed_by_its_name"),
    "mynacard check --reference --suite mykey": ("test_check_pcsc.py", "test_a_suite_of_a_service_is_played"),
    "mynacard requirements --coverage": (CATALOGUE, "test_coverage_can_be_read_the_other_way_round"),
    "mynacard requirements --markdown": (CATALOGUE, "test_the_page_of_requirements_is_what_the_command_prints"),
    "mynacard check --reference --suite reset": ("test_check_pcsc.py", "test_suites_can_be_played_alone"),
    "mynacard check --reference --suite faults --suite readers": (
        "test_check_pcsc.py",
        "test_the_reference_client_conforms_through_a_real_reader",
    ),
    "mynacard check --reference --budget smoke -n 2": (
        "test_check_pcsc.py",
        "test_the_example_driver_conforms_in_two_processes",
    ),
    "mynacard check --reference --budget smoke --fault verify:1:lose-answer": (
        "test_check_pcsc.py",
        "test_a_fault_that_is_ordered_is_told_with_the_verdict",
    ),
    "python -m pytest tests/together/test_scenarios.py -k RENEW-01": (
        "test_scenarios.py",
        "test_a_story_goes_as_it_is_told",
    ),
    "mynacard check --reference --report report": (REPORTS, "test_the_guide_goes_as_it_is_shown"),
    "mynacard check --reference --baseline known.toml": (REPORTS, "test_the_guide_goes_as_it_is_shown"),
    "mynacard replay report/findings/client.lock.blocked.json": (
        REPORTS,
        "test_a_finding_about_opensc_still_fails_until_another_client_is_named",
    ),
    "mynacard compare report other": (
        "test_compare.py",
        "test_the_command_compares_folders_and_files_on_the_terminal_for_programs_and_as_a_page",
    ),
    "mynacard exec -- sh card.sh": (REPORTS, "test_the_commands_of_a_finding_are_sent_once_its_pins_are_named"),
    "mynacard check-card --emulated adult": ("test_check_card.py", "test_the_emulators_card_conforms"),
    "mynacard check-card --private adult": (
        "test_check_card.py",
        "test_a_card_and_its_reader_are_judged_on_a_stage_of_their_own",
    ),
    'mynacard check-card --reader "Virtual PCD"': (
        "test_check_card.py",
        "test_a_card_in_a_reader_is_judged_without_a_pin",
    ),
    'mynacard exec --faulty heals-with-power -- mynacard check-card --reader "Virtual PCD" --expendable --pins pins': (
        "test_check_card.py",
        "test_a_faulty_card_in_a_reader_is_caught",
    ),
    'mynacard record card.trace --reader "Virtual PCD"': (
        "test_record.py",
        "test_a_card_in_a_reader_is_recorded_and_explained",
    ),
    "mynacard helper --site http://127.0.0.1:8000": (
        "test_helper_pcsc.py",
        "test_a_page_logs_in_and_leaves_no_pin_verified",
    ),
    "mynacard exec --services 127.0.0.1:8000 -- mynacard helper --site http://127.0.0.1:8000": (
        "test_services_pcsc.py",
        "test_a_card_its_services_and_a_helper_are_one_command",
    ),
    "mynacard exec --control 127.0.0.1:0 --services 127.0.0.1:0 -- python follow_a_login.py": (
        "test_services_pcsc.py",
        "test_the_example_follows_a_login_as_its_readme_says",
    ),
    "mynacard exec --control card.sock --services 127.0.0.1:0 -- npm test": (
        IN_CHROMIUM,
        "test_a_login_with_a_reader",
    ),
    "mynacard run --services 127.0.0.1:8000": (SERVING, "test_a_card_that_runs_has_its_services"),
    "mynacard services serve --registry registry.json": (
        SERVING,
        "test_the_services_ask_the_registry_what_became_of_a_card",
    ),
    "mynacard trace card.trace --against adult": ("test_record.py", "test_a_recording_is_held_against_a_profile"),
    "mynacard score --faulty query-costs-a-try --faulty miss-costs-two --faulty heals-with-power -n 2"
    " -- python -m pytest test_counter.py": ("test_score.py", "test_the_guide_goes_as_it_is_shown"),
    "mynacard trace card.trace": ("test_record.py", "test_a_card_in_a_reader_is_recorded_and_explained"),
    "mynacard doctor": (CLI, "test_doctor_says_what_is_there_and_ends_with_what_is_needed"),
    "mynacard exec --fault verify:1:tear-after -- my-driver": (
        FAULTS,
        "test_a_fault_is_told_when_it_happens_and_the_program_goes_on_with_it",
    ),
    "mynacard exec --control card.sock -- my-test": (
        STEERED,
        "test_each_reader_is_steered_and_the_others_are_left_alone",
    ),
    **dict.fromkeys(
        (
            "mynacard exec --control card.sock -- sh steer.sh",
            "mynacard exec --control card.sock -- node steer.mjs",
            "mynacard exec --control card.sock -- go run steer.go",
            "mynacard exec --control card.sock -- ./steer",
            "mynacard exec --control 127.0.0.1:0 -- java Steer.java",
        ),
        (STEERED, "test_an_example_steers_the_card_as_its_readme_says"),
    ),
    "mynacard exec --profile adult --profile child --fault @plan.toml -- my-driver": (
        FAULTS,
        "test_a_plan_is_carried_out_at_each_reader_before_the_command_begins",
    ),
    "mynacard exec -- my-driver": (PCSC, "test_a_driver_can_be_tried_by_hand"),
    "mynacard exec --record talk.trace -- pkcs15-tool -D": (
        PCSC,
        "test_what_a_program_said_to_the_card_is_recorded_and_explained",
    ),
    "mynacard office init": (IN_OFFICE, "test_an_office_begins_when_its_desks_are_open"),
    "mynacard office reset-pin card.json auth - --confirm -": (IN_OFFICE, "test_a_pin_can_come_from_standard_input"),
    "mynacard office serve --port 8080": (IN_OFFICE, "test_openssl_hears_from_the_registry_without_holding_it"),
    "mynacard run --control control.sock": (CONTROL, "test_the_guide_goes_as_it_is_shown"),
    "mynacard run --control 127.0.0.1:0 --control-token token": (
        CONTROL,
        "test_the_token_can_be_in_a_file_of_its_owners",
    ),
    "sudo apt-get install -y pcscd vsmartcard-vpcd swig libpcsclite-dev gcc": "tools/setup",
    'pip install "mynacard[pcsc]" pytest': "tools/setup",
    "python -m pytest": (DOWNSTREAM, "test_a_project_goes_as_its_readme_says"),
    "mynacard check --client mylogin:Client --transport direct --suite counter": (
        CLIENTS,
        "test_the_guide_goes_as_it_is_shown",
    ),
    "mynacard apdu 00A4040C0AD392F000260100000001 00A4020C020008 00B0000003 00A4020C020018 00200080 > asked.trace": (
        GUIDES,
        "test_a_card_holder_hears_of_a_difference_and_no_pin_is_sent",
    ),
    "mynacard trace asked.trace": (GUIDES, "test_a_card_holder_hears_of_a_difference_and_no_pin_is_sent"),
    'mynacard trace asked.trace --against-reader "NAME OF YOUR READER"': (
        GUIDES,
        "test_a_card_holder_hears_of_a_difference_and_no_pin_is_sent",
    ),
    "mynacard trace talk.trace": (CLI, "test_what_was_recorded_can_be_played_again"),
    "mynacard trace talk.trace --against adult": (CLI, "test_what_was_recorded_can_be_played_again"),
}
"""Each command of a document that shows no output, and the test that runs it; the gate is `.ci/run`, whose first
step is `tools/setup`.
"""
STORY = "mynacard office init --at 2026-11-20"
"""A command of the block whose lines are run one after the other."""
DEEP = "tox -e deep -- -k "
"""How a command begins that runs one test in its long form."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document."""

    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(REPOSITORY)}:{self.line}"

    @property
    def sessions(self) -> Iterator[tuple[str, str]]:
        """Each command behind a `$`, and the output below it."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output

    @property
    def commands(self) -> Iterator[str]:
        """Each other command, without its comment."""
        if self.language in {"", "sh", "bash", "console"}:
            for line in self.text.splitlines():
                command = re.sub(r"\s+# .*", "", line).strip()
                if command.partition(" ")[0] in PROGRAMS:
                    yield command


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(document, text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in found]


BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize("block", [block for block in BLOCKS if list(block.sessions)], ids=str)
def test_a_session_goes_as_it_is_shown(block: Block) -> None:
    for command, output in block.sessions:
        program, *arguments = shlex.split(command)

        assert program == "mynacard"
        assert mynacard(*arguments).out == output


def test_an_office_goes_as_it_is_shown(tmp_path: Path) -> None:
    """What is to be refused is said so in its comment."""
    (story,) = (block for block in blocks(OFFICE) if STORY in block.commands)
    for line in story.text.splitlines():
        command, _, comment = line.partition(" # ")
        ran = mynacard(*shlex.split(command)[1:], cwd=tmp_path, reveals=True)
        assert (command, ran.status) == (command, 1 if comment.startswith("refused") else 0)

    assert CardInHand.look(tmp_path / "new.json").tries_left("auth") == 3


def test_every_other_command_is_run_by_a_test() -> None:
    others = [block for block in BLOCKS if STORY not in block.commands and block.document not in RUN_ELSEWHERE]

    commands = [(block, command) for block in others for command in block.commands if not command.startswith(DEEP)]
    assert [f"{block}: {command}" for block, command in commands if command not in RUN_BY] == []


def test_every_command_of_a_long_run_names_a_test_that_has_one() -> None:
    named = {c.removeprefix(DEEP) for block in BLOCKS for c in block.commands if c.startswith(DEEP)}
    sources = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py")]

    assert named
    assert [test for test in named if not any(f"def {test}(" in s and "mark.deep" in s for s in sources)] == []


def test_no_test_is_named_for_a_command_that_is_gone() -> None:
    assert set(RUN_BY) <= {command for block in BLOCKS for command in block.commands}


def test_the_named_tests_are_there() -> None:
    named = {tuple(test) for test in RUN_BY.values() if isinstance(test, tuple)}
    there = {
        (name, node.name)
        for name in sorted({file for file, _ in named})
        for node in ast.parse((REPOSITORY / "tests" / "together" / name).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }

    assert named <= there


def test_the_gate_is_the_command_of_the_readme() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")

    assert (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("\nexec make test")
    assert re.search(r"^test: setup\n\t\$\(BIN\)/tox run", makefile, re.MULTILINE)
    assert re.search(r"^demo: setup\n\t@\$\(BIN\)/mynacard demo", makefile, re.MULTILINE)


# ---------------------------------------------------------------- Python


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=str)
def test_python_runs_as_it_is_shown(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that stands behind an expression as a comment is what the expression comes to."""
    monkeypatch.setenv("PATH", environment()["PATH"])
    names: dict[str, object] = {}
    for node in ast.parse(block.text).body:
        source = ast.get_source_segment(block.text, node) or ""
        if not isinstance(node, ast.Expr):
            exec(compile(source, str(block), "exec"), names)  # noqa: S102 - our own documents
            continue
        value = eval(compile(source, str(block), "eval"), names)  # noqa: S307 - our own documents
        _, _, comment = block.text.splitlines()[(node.end_lineno or 0) - 1].partition("  # ")
        assert not comment or value == ast.literal_eval(comment)


# ---------------------------------------------------------------- two languages, links


def essence(block: Block) -> object:
    """What a block says to a machine."""
    if block.language == "python":
        return ast.dump(ast.parse(block.text))
    return block.language, list(block.sessions), list(block.commands)


def test_both_readmes_have_the_same_commands_in_the_same_order() -> None:
    assert [essence(block) for block in blocks(README)] == [essence(block) for block in blocks(README_JA)]


def test_both_readmes_lead_to_the_same_places_each_in_its_language() -> None:
    there, ja = links(README), links(README_JA)

    assert {link.replace(".ja.md", ".md") for link in there} == {link.replace(".ja.md", ".md") for link in ja}
    assert "docs/requirements.md" in there
    assert "docs/requirements.ja.md" in ja


def links(document: Path) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)#\s]+)", document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [link for link in links(document) if not (document.parent / link).exists()] == []


# ---------------------------------------------------------------- docs/cli.md


def rows(document: Path, section: str | None = None) -> list[list[str]]:
    """The rows of all tables, of the document or a section, cell by cell."""
    text = document.read_text(encoding="utf-8")
    if section is not None:
        text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = text.splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


VISITOR = {
    *("--by", "--document", "--own-document", "--same-household"),
    *("--register-in-city", "--reply-form", "--without-card"),
}
"""The options of every errand that somebody comes with, told once."""
SAID = {"--registry", "--lang", "--json"}
"""The options of every errand, told once."""


def verbs(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    """Every verb by its words, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from verbs(command, *before, name)
        else:
            yield " ".join((*before, name)), command


def test_every_verb_and_option_is_in_the_document() -> None:
    words = (re.match(r"`([a-z-]+(?: [a-z-]+)*)", row[0]) for row in rows(COMMAND))
    told = {
        found[1]: set(re.findall(r"`(--[\w-]+)`", row[-1]))
        for found, row in zip(words, rows(COMMAND), strict=True)
        if found
    }

    for verb, command in verbs(cli):
        options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}
        if verb.startswith("office ") and options >= SAID:
            options -= SAID
            options = (options - VISITOR) | ({"--by"} if options >= VISITOR else set())
        assert (verb, told.get(verb)) == (verb, options)


def test_the_options_that_are_told_once_are_told() -> None:
    text = COMMAND.read_text(encoding="utf-8")

    assert [option for option in SAID if f"`{option}`" not in text] == []
    assert [option for option in VISITOR if f"`{option}" not in OFFICE.read_text(encoding="utf-8")] == []


# ---------------------------------------------------------------- docs/control.md


def test_every_verb_of_the_control_socket_is_in_its_table() -> None:
    told = {
        (method, row[1].strip("`"))
        for row in rows(STEERING)
        if row[1].startswith("`/")
        for method in re.findall(r"`([A-Z]+)`", row[0])
    }
    named = {
        **{f"/office/{errand}": "/office/{errand}" for errand in errands()},
        **{f"/services/{action}": "/services/{action}" for action in actions()},
    }

    assert told == {(verb.method, named.get(verb.path, verb.path)) for verb in steering()}


# ---------------------------------------------------------------- docs/services.md


def test_all_that_a_page_asks_the_helper_and_hears_is_in_its_tables() -> None:
    told = rows(SERVICES, "The helper")
    names = {tuple(re.findall(r"`(\w+)`", row[0])): row[1] for row in told if row[0].startswith("`")}
    refusals = {name: status for found, status in names.items() for name in found if status.isdecimal()}
    asked = {row[1].strip("`"): row[0].strip("`") for row in told if row[1].startswith("`/")}
    outcomes = {name for found in names for name in found} - set(refusals) - set(asked.values())

    assert refusals == {problem.word: str(problem.status) for problem in Problem if problem is not Problem.BUG}
    assert asked == {path: question.method for path, question in QUESTIONS.items()}
    assert outcomes <= {outcome.value for outcome in Outcome}
    assert {question.late.value for question in QUESTIONS.values()} <= outcomes


# ---------------------------------------------------------------- docs/card.md


ASSUMPTIONS = {
    "The assumptions": (CARD, questions()),
    "Assumptions about the reader": (CARD, reader_questions()),
    "Assumptions about the office": (OFFICE, policy_questions()),
}
"""The sections with a table of questions, and the document that they are in."""


def assumptions_table(asked: tuple[Question, ...]) -> str:
    """A table of a document."""
    lines = ["| question | asks | answer | or | source | confidence |", "|---|---|---|---|---|---|"]
    for question in asked:
        others = ", ".join(f"`{as_word(answer)}`" for answer in question.alternatives)
        cells = (
            f"`{question.name}`",
            question.asks,
            f"`{as_word(question.default)}`",
            others,
            question.source,
            question.confidence.value,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("title", ASSUMPTIONS)
def test_the_assumptions_of_the_document_are_those_of_the_code(title: str) -> None:
    document, asked = ASSUMPTIONS[title]
    _, _, section = document.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    table = re.search(r"(?:^\|.*\n)+", section.partition("\n## ")[0], re.MULTILINE)

    assert table
    assert table[0] == assumptions_table(asked)


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.mark.parametrize("name", ["JPKI", "text", "visual", "juki", "common"])
def test_the_files_of_the_document_are_those_of_the_card(adult: Profile, name: str) -> None:
    _, _, section = CARD.read_text(encoding="utf-8").partition(f"\n## The {name} application\n")
    told = dict(re.findall(r"^\| ([0-9A-F]{4}) \| (.*)$", section.partition("\n## ")[0], re.MULTILINE))
    application = next(application for application in adult.applications if application.name == name)

    assert sorted(told) == [f"{fid:04X}" for fid in sorted(application.by_fid)]
    for file in application.files:
        if isinstance(file, PinEF) and file.initial is not None:
            assert f"{file.tries} tries" in told[f"{file.fid:04X}"]


def test_the_applications_of_the_document_are_those_of_the_card(adult: Profile) -> None:
    text = CARD.read_text(encoding="utf-8")

    assert [
        application.name for application in adult.applications if f"`{application.aid.hex().upper()}`" not in text
    ] == []
    assert f"`{adult.atr.hex().upper()}`" in text


if __name__ == "__main__":
    sys.stdout.write("\n".join(assumptions_table(asked) for _, asked in ASSUMPTIONS.values()))
