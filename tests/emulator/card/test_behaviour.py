"""Every open question about the card, with an experiment that shows each of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import (
    MEASURED,
    AbsentPin,
    Behaviour,
    Card,
    Confidence,
    ContactATR,
    ControlInformation,
    Occurrence,
    Padding,
    Question,
    ReferenceData,
    questions,
)
from mynacard_emulator.iso7816 import SW, StatusWord

from . import small
from .conversation import ask, hold
from .protected import Client


@dataclass(frozen=True, slots=True)
class Experiment:
    """A conversation with the small card, the command at its end, and what each answer makes the card say to it."""

    first: str
    then: str
    shows: Mapping[object, str]


LENGTHS = {"too_long_a_value": 17, "too_long": 246, "long": 256, "terminal": 307}
GIVEN = small.GIVEN | {name: bytes(length) for name, length in LENGTHS.items()}

AT_PIN = "> 00 A4 04 0C 06 [first] -> 9000\n> 00 A4 02 0C 02 00 04 -> 9000\n"
VERIFIED = AT_PIN + "> 00 20 00 80 04 [value] -> 9000\n"
MISSED = "> 00 20 00 80 04 30303030 -> 63 ..\n"
BLOCKED = AT_PIN + 3 * MISSED
IN_SESSION = VERIFIED + "> [set_session_key] -> 9000\n"
PROTECTED_READ = "08 B0 82 00 00 00 05 96 03 00 00 00 00 00"
SIGNED_BYTE = small.sign(b"\xaa").hex().upper()


def protected(data: bytes) -> str:
    """The data object in which the first protected command, or its answer, has this data."""
    return Client(small.card()).cryptogram(data).hex().upper()


EXPERIMENTS: Mapping[str, Experiment] = {
    "blocked_verify": Experiment(
        BLOCKED,
        "00 20 00 80 04 [value]",
        {SW.REFERENCE_DATA_NOT_USABLE: "6984", SW.AUTHENTICATION_METHOD_BLOCKED: "6983"},
    ),
    "blocked_query": Experiment(
        BLOCKED,
        "00 20 00 80",
        {
            StatusWord(0x63C0): "63C0",
            SW.REFERENCE_DATA_NOT_USABLE: "6984",
            SW.AUTHENTICATION_METHOD_BLOCKED: "6983",
        },
    ),
    "verified_query": Experiment(VERIFIED, "00 20 00 80", {None: "63C3", SW.NO_ERROR: "9000"}),
    "query_with_le": Experiment(AT_PIN, "00 20 00 80 00", {SW.WRONG_LENGTH: "6700", None: "63C3"}),
    "absent_pin": Experiment(
        AT_PIN,
        "00 A4 02 0C 02 00 06",
        {AbsentPin.DELIVERED_BLOCKED: "9000", AbsentPin.FILE_NOT_FOUND: "6A82"},
    ),
    "keep_verified_on_failure": Experiment(
        VERIFIED + MISSED, "80 2A 00 87 01 AA 00", {False: "6982", True: SIGNED_BYTE + "9000"}
    ),
    "strict_pin_length": Experiment(AT_PIN, "00 20 00 80 05 3132333435", {False: "63C2", True: "6700"}),
    "blocked_change": Experiment(
        BLOCKED,
        "00 24 01 80 04 30303030",
        {SW.REFERENCE_DATA_NOT_USABLE: "6984", SW.SECURITY_STATUS_NOT_SATISFIED: "6982"},
    ),
    "change_unverified": Experiment(
        AT_PIN,
        "00 24 01 80 04 30303030",
        {SW.SECURITY_STATUS_NOT_SATISFIED: "6982", SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985"},
    ),
    "change_keeps_verified": Experiment(
        VERIFIED + "> 00 24 01 80 04 30303030 -> 9000",
        "80 2A 00 87 01 AA 00",
        {True: SIGNED_BYTE + "9000", False: "6982"},
    ),
    "verify_with_le": Experiment(AT_PIN, "00 20 00 80 04 [value] 00", {SW.WRONG_LENGTH: "6700", SW.NO_ERROR: "9000"}),
    "verify_absent": Experiment(
        AT_PIN,
        "00 20 00 8A 04 [value]",
        {SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82", SW.REFERENCED_DATA_NOT_FOUND: "6A88"},
    ),
    "change_by_sfi": Experiment(VERIFIED, "00 24 01 84 04 30303030", {SW.INCORRECT_P1_P2: "6A86", SW.NO_ERROR: "9000"}),
    "change_wrong_length": Experiment(
        VERIFIED, "00 24 01 80 11 [too_long_a_value]", {SW.WRONG_LENGTH: "6700", SW.INCORRECT_DATA: "6A80"}
    ),
    "change_by_other_command": Experiment(
        VERIFIED, "80 32 00 80 04 30303030", {SW.NO_ERROR: "9000", SW.INSTRUCTION_NOT_SUPPORTED: "6D00"}
    ),
    "sfi_sets_current_ef": Experiment(
        AT_PIN + "> 00 20 00 85 06 [other] -> 9000", "00 20 00 80", {True: "63C5", False: "63C3"}
    ),
    "verify_not_a_pin": Experiment(
        AT_PIN,
        "00 20 00 81 04 [value]",
        {SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE: "6981", SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985"},
    ),
    "sign_not_a_key": Experiment(
        VERIFIED,
        "80 2A 00 81 01 AA 00",
        {SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE: "6981", SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985"},
    ),
    "sign_wrong_length": Experiment(
        VERIFIED,
        "80 2A 00 87 F6 [too_long] 00",
        {SW.WRONG_LENGTH: "6700", SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985"},
    ),
    "sign_without_le": Experiment(
        VERIFIED, "80 2A 00 87 01 AA", {SW.WRONG_LENGTH: "6700", SW.NO_ERROR: SIGNED_BYTE + "9000"}
    ),
    "sign_short_le": Experiment(
        VERIFIED, "80 2A 00 87 01 AA FF", {SW.WRONG_LENGTH: "6700", SW.NO_ERROR: SIGNED_BYTE + "9000"}
    ),
    "sign_in_class_00": Experiment(
        VERIFIED,
        "00 2A 00 87 01 AA 00",
        {
            SW.INSTRUCTION_NOT_SUPPORTED: "6D00",
            SW.CLASS_NOT_SUPPORTED: "6E00",
            SW.NO_ERROR: SIGNED_BYTE + "9000",
        },
    ),
    "pss_longest_salt": Experiment(
        VERIFIED,
        "80 2A 05 87 01 AA 00",
        {
            longest: small.sign(sha256(b"\xaa").digest(), padding).hex().upper() + "9000"
            for longest, padding in ((False, Padding.PSS), (True, Padding.PSS_LONGEST_SALT))
        },
    ),
    "sign_no_default_key": Experiment(
        VERIFIED,
        "80 2A 00 00 01 AA 00",
        {
            SW.INCORRECT_P1_P2: "6A86",
            SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF: "6986",
            SW.REFERENCED_DATA_NOT_FOUND: "6A88",
        },
    ),
    "sign_hashes_long_data": Experiment(
        VERIFIED,
        "80 2A 01 87 00 01 00 [long] 00 00",
        {False: "6700", True: small.sign(sha256(bytes(256)).digest()).hex().upper() + "9000"},
    ),
    "read_at_end": Experiment(AT_PIN, "00 B0 81 10 00", {SW.WRONG_P1_P2: "6B00", SW.NO_ERROR: "9000"}),
    "read_sfi_zero": Experiment(
        AT_PIN + "> 00 A4 02 0C 02 00 01 -> 9000",
        "00 B0 80 0F 01",
        {SW.INCORRECT_P1_P2: "6A86", SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82", SW.NO_ERROR: "4F9000"},
    ),
    "data_before_access": Experiment(AT_PIN, "00 B0 82 11 01", {False: "6982", True: "6B00"}),
    "record_not_found": Experiment(
        AT_PIN, "00 B2 04 5C 00", {SW.RECORD_NOT_FOUND: "6A83", SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82"}
    ),
    "read_record_zero": Experiment(AT_PIN, "00 B2 00 5C 00", {SW.RECORD_NOT_FOUND: "6A83", SW.INCORRECT_P1_P2: "6A86"}),
    "read_records_onward": Experiment(
        AT_PIN,
        "00 B2 01 5D 00 00 00",
        {SW.NO_ERROR: b"".join(small.RECORD_CONTENT).hex().upper() + "9000", SW.FUNCTION_NOT_SUPPORTED: "6A81"},
    ),
    "short_le_record": Experiment(AT_PIN, "00 B2 01 5C 03", {SW.NO_ERROR: "0102419000", SW.WRONG_LENGTH: "6700"}),
    "objects_in_applications": Experiment(AT_PIN, "00 CA 00 42 00", {False: "6A88", True: "6973737565729000"}),
    "short_le_object": Experiment("", "00 CA 00 42 03", {SW.WRONG_LENGTH: "6700", SW.NO_ERROR: "6973739000"}),
    "challenge_wrong_parameters": Experiment(
        "", "00 84 00 01 08", {SW.INCORRECT_P1_P2: "6A86", SW.WRONG_P1_P2: "6B00"}
    ),
    "authenticate_not_a_key": Experiment(
        AT_PIN,
        "00 88 00 81 01 AA 00",
        {SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE: "6981", SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985"},
    ),
    "session_key_above_applications": Experiment(
        "", "80 AE 00 00", {SW.NO_SECURE_MESSAGING_ENVIRONMENT: "66F1", SW.SECURITY_STATUS_NOT_SATISFIED: "6982"}
    ),
    "unknown_terminal": Experiment(
        AT_PIN,
        "80 A2 06 C1 00 01 33 [terminal]",
        {
            SW.INCORRECT_DATA: "6A80",
            SW.SECURITY_STATUS_NOT_SATISFIED: "6982",
            SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985",
        },
    ),
    "last_command": Experiment(AT_PIN, "80 FC 00 00", {SW.WRONG_LENGTH: "6700", SW.NO_ERROR: "9000"}),
    "terminal_signature_first": Experiment(AT_PIN, "[signature]", {False: "6985", True: "9000"}),
    "terminal_block_missing": Experiment(
        AT_PIN,
        "[signature]",
        {
            SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985",
            SW.SECURITY_STATUS_NOT_SATISFIED: "6982",
            SW.INCORRECT_DATA: "6A80",
        },
    ),
    "terminal_key_not_selected": Experiment(
        AT_PIN + "> [certificate] -> 9000",
        "[signature]",
        {
            SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF: "6986",
            SW.CONDITIONS_OF_USE_NOT_SATISFIED: "6985",
            SW.NO_ERROR: "9000",
        },
    ),
    "terminal_replaces_set_pin": Experiment(
        AT_PIN + "> [certificate] -> 9000\n> 00 A4 02 0C 02 00 0E -> 9000",
        "[signature]",
        {True: "9000", False: "6A80"},
    ),
    "session_key_wrong_length": Experiment(
        VERIFIED, "80 AE 00 00 F6 [too_long]", {SW.WRONG_LENGTH: "6700", SW.INCORRECT_DATA: "6A80"}
    ),
    "protected_other_command": Experiment(
        IN_SESSION,
        "08 B2 01 5C 00 00 05 96 03 00 00 00 00 00",
        {
            SW.SECURE_MESSAGING_NOT_SUPPORTED: "6882",
            SW.INSTRUCTION_NOT_SUPPORTED: "6D00",
            SW.NO_ERROR: protected(small.RECORD_CONTENT[0]) + "9000",
        },
    ),
    "protected_empty_answer": Experiment(
        IN_SESSION,
        f"08 A4 02 0C 00 00 13 {protected(bytes((0, small.FREE)))} 00 00",
        {False: "9000", True: protected(b"") + "9000"},
    ),
    "signed_header_ends_messaging": Experiment(
        IN_SESSION + "> 0C B0 82 00 00 -> 6987",
        PROTECTED_READ,
        {False: protected(small.CONTENT) + "9000", True: "69FC"},
    ),
    "broken_messaging_keeps_verified": Experiment(
        IN_SESSION + "> 08 B0 82 00 00 -> 6988",
        "00 B0 82 00 00",
        {True: small.CONTENT.hex().upper() + "9000", False: "6982"},
    ),
    "warm_reset_keeps_messaging": Experiment(
        IN_SESSION + "* reset", PROTECTED_READ, {True: protected(small.CONTENT) + "9000", False: "69FC"}
    ),
    "select_empty_name": Experiment(
        AT_PIN,
        "00 A4 04 00 00",
        {
            SW.WRONG_LENGTH: "6700",
            SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82",
            SW.NO_ERROR: "6F098407A00000015100009000",
        },
    ),
    "control_information": Experiment(
        "",
        "00 A4 04 00 06 [first] 00",
        {
            ControlInformation.NAME: "6F088406F001020304019000",
            ControlInformation.NAME_AND_LABEL: "6F118406F00102030401A50750056669727374" + "9000",
            ControlInformation.EMPTY: "6F009000",
        },
    ),
    "control_information_without_le": Experiment(
        "", "00 A4 04 00 06 [first]", {False: "9000", True: "6F088406F001020304019000"}
    ),
    "select_short_le": Experiment("", "00 A4 04 00 06 [first] 02", {SW.NO_ERROR: "6F089000", SW.WRONG_LENGTH: "6700"}),
    "select_by_identifier": Experiment(
        AT_PIN, "00 A4 00 0C 02 00 04", {SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82", SW.INCORRECT_P1_P2: "6A86"}
    ),
    "select_by_path": Experiment(
        AT_PIN,
        "00 A4 08 0C 02 00 04",
        {
            SW.INCORRECT_P1_P2: "6A86",
            SW.FUNCTION_NOT_SUPPORTED: "6A81",
            SW.FILE_OR_APPLICATION_NOT_FOUND: "6A82",
        },
    ),
    "select_mf_keeps_ef": Experiment(VERIFIED + "> 00 A4 00 00 -> 9000", "00 20 00 80", {True: "63C3", False: "6986"}),
    "chained_command": Experiment(
        AT_PIN,
        "10 20 00 80 04 [value]",
        {SW.COMMAND_CHAINING_NOT_SUPPORTED: "6884", SW.CLASS_NOT_SUPPORTED: "6E00"},
    ),
    "test_only_administration": Experiment(BLOCKED, "80 2C 03 80", {False: "6D00", True: "9000"}),
    "first_command_fails": Experiment("* power on", "00 84 00 00 00 00 08", {False: "6985", True: "6F00"}),
    "warm_reset_keeps_session": Experiment(VERIFIED + "* reset", "00 20 00 80", {True: "63C3", False: "6986"}),
}


WHERE_THE_ATR_IS = {
    ContactATR.ABOVE_APPLICATIONS: ("[atr] 9000", "6A88"),
    ContactATR.IN_APPLICATIONS: ("6A88", "[atr] 9000"),
    ContactATR.NOWHERE: ("6A88", "6A88"),
}


@pytest.mark.parametrize("answer", ContactATR)
def test_where_get_data_tells_the_contact_atr(answer: ContactATR) -> None:
    above, within = WHERE_THE_ATR_IS[answer]
    script = f"> 00 CA 5F 51 00 -> {above}\n{AT_PIN}> 00 CA 5F 51 00 -> {within}"
    hold(small.card(contact_atr_object=answer), script, atr=small.ATR[1:], **small.GIVEN)


@pytest.mark.parametrize(
    ("answer", "finds"),
    [
        pytest.param(Occurrence.AS_LISTED, ("[second]", "[first]"), id="as listed"),
        pytest.param(Occurrence.BY_AID, ("[first]", "[second]"), id="by AID"),
    ],
)
def test_in_which_order_a_partial_aid_finds_applications(answer: Occurrence, finds: tuple[str, str]) -> None:
    profile = small.profile(select_first_match=answer)
    card = Card(replace(profile, applications=profile.applications[::-1]))
    script = f"""
    > 00 A4 04 00 05 F0 01 02 03 04 00 -> 6F 08 84 06 {finds[0]} 9000
    > 00 A4 04 02 05 F0 01 02 03 04 00 -> 6F 08 84 06 {finds[1]} 9000
    > 00 A4 04 02 05 F0 01 02 03 04 00 -> 6A82
    """
    hold(card, script, **small.GIVEN)


SHOWN_ABOVE = {"contact_atr_object", "select_first_match"}
"""Questions whose answers one command on the small card cannot tell apart."""


def every_answer() -> list[object]:
    """Each question with each of its answers."""
    return [
        pytest.param(question, answer, id=f"{question.name}={answer}")
        for question in questions()
        if question.name not in SHOWN_ABOVE
        for answer in (question.default, *question.alternatives)
    ]


@pytest.mark.parametrize(("question", "answer"), every_answer())
def test_each_answer_to_an_open_question_shows(question: Question, answer: object) -> None:
    assert question.name in EXPERIMENTS, f"no experiment shows what {question.name} decides"
    experiment = EXPERIMENTS[question.name]
    assert answer in experiment.shows, f"the experiment does not know this answer to {question.name}"
    card = small.card(**{question.name: answer})
    hold(card, experiment.first, **GIVEN)

    assert ask(card, experiment.then, **GIVEN) == experiment.shows[answer]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_experiment_tells_all_answers_of_its_question_apart(name: str) -> None:
    question = next(question for question in questions() if question.name == name)
    shows = EXPERIMENTS[name].shows

    assert set(shows) == {question.default, *question.alternatives}
    assert len(set(shows.values())) == len(shows)


def test_every_field_is_a_question_with_its_evidence() -> None:
    assert [question.name for question in questions()] == [field.name for field in fields(Behaviour)]
    for question in questions():
        assert question.asks.partition(" (")[0].endswith("?")
        assert question.source
        assert question.alternatives
        assert question.default not in question.alternatives
        assert isinstance(question.confidence, Confidence)
        assert getattr(MEASURED, question.name) == question.default


@pytest.mark.parametrize(
    ("name", "answer"), [("blocked_verify", SW.NO_ERROR), ("read_at_end", None), ("absent_pin", "file-not-found")]
)
def test_an_answer_that_nobody_ever_gave_is_refused(name: str, answer: object) -> None:
    with pytest.raises(ValueError, match=f"{name}: .* is none of the known answers"):
        small.card(**{name: answer})


# ---------------------------------------------------------------- what the switches leave alone


@pytest.mark.parametrize("missed", [0, 2])
def test_a_pin_that_is_not_verified_is_asked_about_as_ever(missed: int) -> None:
    card = small.card(verified_query=SW.NO_ERROR)
    hold(card, AT_PIN + missed * MISSED, **small.GIVEN)

    assert ask(card, "00 20 00 80") == f"63C{3 - missed}"


def test_a_pin_that_was_set_is_found_where_absent_ones_are_not() -> None:
    card = small.card(absent_pin=AbsentPin.FILE_NOT_FOUND)
    hold(card, AT_PIN + "> 00 20 00 86 -> 6A82\n> 00 20 00 86 04 [value] -> 6A82", **small.GIVEN)

    assert ask(card, "00 20 00 80 04 [value]", **small.GIVEN) == "9000"


def test_a_miss_opens_nothing_where_an_earlier_success_survives_it() -> None:
    card = small.card(keep_verified_on_failure=True)
    hold(card, AT_PIN + MISSED, **small.GIVEN)

    assert ask(card, "00 B0 82 00 00") == "6982"


def test_where_lengths_are_strict_a_pin_has_four_digits_and_no_other_number_of_them() -> None:
    card = small.card(strict_pin_length=True)
    script = "> 00 20 00 80 03 303030 -> 6700\n> 00 20 00 80 05 3030303030 -> 6700\n> 00 20 00 80 04 30303030 -> 63C2"

    hold(card, AT_PIN + script, **small.GIVEN)


def test_where_lengths_are_strict_a_new_value_has_a_right_one_too() -> None:
    card = small.card(strict_pin_length=True)
    script = "> 00 24 01 80 05 3132333435 -> 6700\n> 00 24 01 80 04 30303030 -> 9000\n> 00 20 00 80 -> 63C3"

    hold(card, VERIFIED + script, **small.GIVEN)


def test_a_change_that_ends_the_success_leaves_the_other_pins_alone() -> None:
    card = small.card(change_keeps_verified=False, sfi_sets_current_ef=False)
    hold(
        card,
        VERIFIED
        + """
        > 00 A4 02 0C 02 00 05          -> 9000
        > 00 20 00 85 06 [other]        -> 9000
        > 00 24 01 80 06 585858313131   -> 9000
        > 00 24 01 80 06 595959313131   -> 6982
        > 00 B0 82 00 00                -> [content] 9000
        """,
        **small.GIVEN,
    )


@pytest.mark.parametrize("change_wrong_length", [SW.WRONG_LENGTH, SW.INCORRECT_DATA])
def test_a_new_value_of_no_bytes_is_refused_as_one_that_is_too_long(change_wrong_length: StatusWord) -> None:
    card = small.card(change_wrong_length=change_wrong_length)
    hold(card, VERIFIED + f"> 00 24 01 80 -> {change_wrong_length}", **small.GIVEN)

    assert ask(card, "00 20 00 80 04 [value]", **small.GIVEN) == "9000"


def test_a_pin_that_is_changed_by_short_identifier_becomes_the_current_one() -> None:
    card = small.card(change_by_sfi=SW.NO_ERROR)
    hold(card, VERIFIED + "> 00 24 01 85 06 [other] -> 6982\n> 00 20 00 85 06 [other] -> 9000", **small.GIVEN)
    hold(card, "> 00 24 01 84 04 30303030 -> 9000\n> 00 20 00 80 -> 63C3", **small.GIVEN)


@pytest.mark.parametrize(
    ("early", "answers"), [(False, ["6982", "6982", "6982"]), (True, ["6700", "6982", "6982"])], ids=["late", "early"]
)
def test_data_is_looked_at_before_access_only_where_it_should_be(early: bool, answers: list[str]) -> None:  # noqa: FBT001 - a parameter of the test
    card = small.card(data_before_access=early)
    hold(card, AT_PIN, **small.GIVEN)
    commands = ("80 2A 02 87 01 AA 00", "80 2A 00 87 01 AA 00", "00 B0 82 10 00")

    assert [ask(card, command) for command in commands] == answers


def test_what_is_beyond_the_end_of_a_free_file_is_so_where_data_comes_first_too() -> None:
    hold(
        small.card(data_before_access=True),
        AT_PIN + "> 00 B0 81 10 00 -> 6B00\n> 00 B0 81 0F 00 -> 4F 9000",
        **small.GIVEN,
    )


@pytest.mark.parametrize("name", ["sign_short_le", "sign_without_le"])
def test_an_answered_challenge_has_the_le_of_a_signature(name: str) -> None:
    le = {"sign_short_le": "FF", "sign_without_le": ""}[name]
    for answer, said in ((SW.WRONG_LENGTH, "6700"), (SW.NO_ERROR, "{256} 9000")):
        hold(small.card(**{name: answer}), AT_PIN + f"> 00 88 00 8D 01 AA {le} -> {said}", **small.GIVEN)


@pytest.mark.parametrize("answer", [SW.INSTRUCTION_NOT_SUPPORTED, SW.NO_ERROR])
def test_no_other_instruction_changes_its_class(answer: StatusWord) -> None:
    assert ask(small.card(sign_in_class_00=answer), "00 32 00 80 04 30303030") == "6D00"


def test_the_level_above_all_applications_has_no_label() -> None:
    card = small.card(control_information=ControlInformation.NAME_AND_LABEL)

    assert ask(card, "00 A4 04 00 07 A0000001510000 00") == "6F098407A00000015100009000"


@pytest.mark.parametrize("answer", [SW.FILE_OR_APPLICATION_NOT_FOUND, SW.INCORRECT_P1_P2])
def test_the_master_file_is_not_found_whatever_other_identifiers_are_told(answer: StatusWord) -> None:
    hold(small.card(select_by_identifier=answer), AT_PIN + "> 00 A4 00 00 02 3F 00 -> 6A82", **small.GIVEN)


def test_beyond_the_end_is_6b00_even_where_the_very_end_is_an_empty_answer() -> None:
    card = small.card(read_at_end=SW.NO_ERROR)
    hold(card, AT_PIN, **small.GIVEN)

    assert [ask(card, f"00 B0 81 {offset} 00") for offset in ("0F", "10", "11")] == ["4F9000", "9000", "6B00"]
    assert card.state.session.fid == small.FREE


def test_only_the_first_command_after_power_on_fails_on_a_card_that_does_so() -> None:
    hold(
        small.card(first_command_fails=True),
        """
        > 00 A4 00 00                -> 6F00
        > 00 A4 00 00                -> 6A86
        * reset
        > 00 A4 00 00                -> 6A86
        * power off
        > 00                         -> 6F00
        > 00 A4 04 0C 06 [first]     -> 9000
        * power on
        > 00 A4 04 0C 06 [first]     -> 6F00
        > 00 A4 04 0C 06 [first]     -> 9000
        """,
        **small.GIVEN,
    )


def test_a_card_that_fails_its_first_command_does_so_when_it_comes_out_of_its_file_too() -> None:
    profile = small.profile(first_command_fails=True)

    assert ask(Card(profile, Card(profile).state.memory), "00 A4 00 00") == "6F00"


def test_where_a_terminal_presents_its_signature_first_its_certificate_comes_last() -> None:
    card = small.card(terminal_signature_first=True)
    script = "> [signature] -> 9000\n> 00 A4 02 0C 02 00 0E -> 9000\n> [certificate] -> 9000"
    hold(card, AT_PIN + script, **small.GIVEN)

    assert ask(card, "80 2A 00 87 01 AA 00") == SIGNED_BYTE + "9000"


def test_where_a_terminal_replaces_no_pin_that_was_set_it_serves_a_card_without() -> None:
    profile = small.profile(terminal_replaces_set_pin=False)
    issued = Card(profile).state.memory
    card = Card(profile, issued.with_pin(small.PIN_PATH, ReferenceData.issued(None, 3)))
    script = "> [certificate] -> 9000\n> 00 A4 02 0C 02 00 0E -> 9000\n> [signature] -> 9000"
    hold(card, AT_PIN + script, **small.GIVEN)

    assert ask(card, "80 2A 00 87 01 AA 00") == SIGNED_BYTE + "9000"


def test_other_protected_commands_are_counted_even_where_they_are_refused() -> None:
    card = small.card()
    hold(card, IN_SESSION, **small.GIVEN)
    client = Client(card)

    assert client.read("08B2015C") == (b"", "6882")
    assert client.read("08B08200") == (small.CONTENT, "9000")


def test_where_other_protected_commands_work_they_have_one_of_the_two_data_objects() -> None:
    card = small.card(protected_other_command=SW.NO_ERROR)
    hold(card, IN_SESSION, **small.GIVEN)

    assert Client(card).say("08B2015C", bytes.fromhex("97 03 00 00 00")) == (b"", "6988")


def test_an_le_of_just_what_there_is_or_of_more_is_not_short() -> None:
    card = small.card(short_le_record=SW.WRONG_LENGTH, select_short_le=SW.WRONG_LENGTH)
    hold(
        card,
        """
        > 00 A4 04 00 06 [first] 09  -> 6700
        > 00 A4 04 00 06 [first] 0A  -> 6F 08 84 06 [first] 9000
        > 00 A4 04 00 06 [first] 00  -> 6F 08 84 06 [first] 9000
        > 00 B2 02 5C 02             -> 6700
        > 00 B2 02 5C 03             -> 02 01 43 9000
        > 00 B2 02 5C 00             -> 02 01 43 9000
        """,
        **small.GIVEN,
    )


def test_control_information_is_cut_as_short_as_a_byte() -> None:
    hold(small.card(), "> 00 A4 04 00 06 [first] 01 -> 6F 9000", **small.GIVEN)


def test_an_object_that_needs_an_extended_le_asks_for_one_also_where_smaller_ones_are_cut() -> None:
    hold(small.card(short_le_object=SW.NO_ERROR), "> 00 CA 00 F8 00 -> 6700\n> 00 CA 00 F9 FF -> {255} 9000")


def test_the_contact_atr_alone_has_a_question_of_its_own() -> None:
    for tag in (0x5F50, 0x5F52, 0x7F21):
        card = Card(replace(small.profile(objects_in_applications=True), data_objects={tag: b"!"}))
        hold(card, f"> 00 CA {tag:04X} 00 -> 21 9000\n{AT_PIN}> 00 CA {tag:04X} 00 -> 21 9000", **small.GIVEN)


def test_signing_by_short_identifier_makes_the_key_current_only_where_it_should() -> None:
    for sets, answer in ((True, "{256} 9000"), (False, "6981")):
        card = small.card(sfi_sets_current_ef=sets)
        script = f"> 80 2A 00 87 01 AA 00 -> {{256}} 9000\n> 80 2A 00 80 01 AA 00 -> {answer}"
        hold(card, VERIFIED + script, **small.GIVEN)


def test_the_miss_that_uses_up_the_tries_ends_the_security_status_in_any_case() -> None:
    card = small.card(keep_verified_on_failure=True)
    hold(card, VERIFIED + 3 * MISSED, **small.GIVEN)

    assert ask(card, "80 2A 00 87 01 AA 00") == "6982"


def test_a_pin_that_every_card_has_is_found_though_it_was_never_set(adult_without_absent_files: Card) -> None:
    hold(adult_without_absent_files, "> 00 A4 04 0C 0A D3 92 10 00 31 00 01 01 04 08 -> 9000")

    assert ask(adult_without_absent_files, "00 A4 02 0C 02 00 12") == "9000"


@pytest.fixture
def adult_without_absent_files() -> Card:
    adult = profiles.adult()
    return Card(replace(adult, behaviour=Behaviour(absent_pin=AbsentPin.FILE_NOT_FOUND)))
