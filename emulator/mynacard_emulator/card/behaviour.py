"""Where cards differ or nobody knows: one field per question, with its default, evidence and confidence.

The interface specification of the card is not public. What no public source settles is asked here, and only here;
`mynacard assumptions` prints this list, and a profile may answer a question differently in its `[behaviour]` table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mynacard_emulator.iso7816 import SW, StatusWord

from .question import Confidence, Question, questions_of, require_known
from .question import answer as _answer


class AbsentPin(Enum):
    """How a PIN shows itself that was never set."""

    DELIVERED_BLOCKED = "delivered-blocked"
    FILE_NOT_FOUND = "file-not-found"


class ContactATR(Enum):
    """Where GET DATA tells the answer to reset of the contacts."""

    ABOVE_APPLICATIONS = "above-applications"
    IN_APPLICATIONS = "in-applications"
    NOWHERE = "nowhere"


class Occurrence(Enum):
    """In which order the applications are found that a partial AID could mean."""

    AS_LISTED = "as-listed"
    BY_AID = "by-aid"


class ControlInformation(Enum):
    """What SELECT tells about an application, in its FCI template."""

    NAME = "name"
    NAME_AND_LABEL = "name-and-label"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Answers to every open question; the defaults are what was measured, or the best guess."""

    blocked_verify: StatusWord = _answer(
        SW.REFERENCE_DATA_NOT_USABLE,
        SW.AUTHENTICATION_METHOD_BLOCKED,
        asks="What does VERIFY answer for a PIN that is blocked already?",
        source="F-017: 6984 seen by several clients; F-018: two clients expect 6983 (D-02)",
        confidence=Confidence.CERTAIN,
    )
    blocked_query: StatusWord = _answer(
        StatusWord(0x63C0),
        SW.REFERENCE_DATA_NOT_USABLE,
        SW.AUTHENTICATION_METHOD_BLOCKED,
        asks="What does the empty VERIFY answer for a PIN that is blocked?",
        source="F-019: 63C0 seen on a key that is delivered blocked; not shown for an exhausted PIN (D-02)",
        confidence=Confidence.LIKELY,
    )
    verified_query: StatusWord | None = _answer(
        None,
        SW.NO_ERROR,
        asks="What does the empty VERIFY answer for a PIN that is verified? (none: 63CX, as always)",
        source="F-016: 63C3 in a trace of 2017; one library says that some cards answer 9000",
        confidence=Confidence.LIKELY,
    )
    query_with_le: StatusWord | None = _answer(
        SW.WRONG_LENGTH,
        None,
        asks="What does the five-byte form of the empty VERIFY answer, with Le? (none: as the four-byte form)",
        source="one client reports 6700; another tries this form when the four-byte one failed",
        confidence=Confidence.LIKELY,
    )
    absent_pin: AbsentPin = _answer(
        AbsentPin.DELIVERED_BLOCKED,
        AbsentPin.FILE_NOT_FOUND,
        asks="How does a PIN show itself that was never set?",
        source="F-021: a key that was never set is delivered blocked; OpenSC refuses a card without the file (D-37)",
        confidence=Confidence.LIKELY,
    )
    keep_verified_on_failure: bool = _answer(
        False,
        True,
        asks="Does an earlier success survive a failed VERIFY of the same PIN?",
        source="usual in card standards, unknown for this card (D-13)",
        confidence=Confidence.GUESS,
    )
    strict_pin_length: bool = _answer(
        False,
        True,
        asks="Is a PIN of a length that its kind never has refused with 6700, instead of counted as wrong?",
        source="unknown; the chip is assumed to compare bytes only (D-14)",
        confidence=Confidence.GUESS,
    )
    blocked_change: StatusWord = _answer(
        SW.REFERENCE_DATA_NOT_USABLE,
        SW.SECURITY_STATUS_NOT_SATISFIED,
        asks="What does CHANGE REFERENCE DATA answer for a blocked PIN?",
        source="not public; it never succeeds (R-048)",
        confidence=Confidence.GUESS,
    )
    change_unverified: StatusWord = _answer(
        SW.SECURITY_STATUS_NOT_SATISFIED,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does CHANGE REFERENCE DATA answer while the PIN is not verified?",
        source="not measured",
        confidence=Confidence.GUESS,
    )
    change_keeps_verified: bool = _answer(
        True,
        False,
        asks="Does the PIN stay verified after CHANGE REFERENCE DATA?",
        source="not public",
        confidence=Confidence.GUESS,
    )
    verify_with_le: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.NO_ERROR,
        asks="What does VERIFY answer to a PIN with Le behind it? (9000: as without)",
        source="not recorded; no client sends it",
        confidence=Confidence.GUESS,
    )
    verify_absent: StatusWord = _answer(
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        SW.REFERENCED_DATA_NOT_FOUND,
        asks="What does VERIFY answer where its short identifier names no file?",
        source="as SELECT does; ISO 7816-4, 11.6.6 has the other",
        confidence=Confidence.GUESS,
    )
    change_by_sfi: StatusWord = _answer(
        SW.INCORRECT_P1_P2,
        SW.NO_ERROR,
        asks="What does CHANGE REFERENCE DATA answer to a short identifier in P2? (9000: it changes that PIN)",
        source="clients send P2 = 80 only; VERIFY takes a short identifier",
        confidence=Confidence.GUESS,
    )
    change_wrong_length: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.INCORRECT_DATA,
        asks="What does CHANGE REFERENCE DATA answer to a new value of no bytes, or of more than 16?",
        source="not public",
        confidence=Confidence.GUESS,
    )
    change_by_other_command: StatusWord = _answer(
        SW.NO_ERROR,
        SW.INSTRUCTION_NOT_SUPPORTED,
        asks="Does CHANGE KEY work where clients send CHANGE REFERENCE DATA, and the other way round?",
        source="clients send one to the JPKI and card-face applications, the other for the register PIN",
        confidence=Confidence.GUESS,
    )
    sfi_sets_current_ef: bool = _answer(
        True,
        False,
        asks="Does VERIFY or signing by short EF identifier make that EF current?",
        source="measured for READ BINARY (where it does); assumed for the others",
        confidence=Confidence.GUESS,
    )
    verify_not_a_pin: StatusWord = _answer(
        SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does VERIFY answer when the EF is no PIN?",
        source="ISO 7816-4, 5.6; not measured",
        confidence=Confidence.GUESS,
    )
    sign_not_a_key: StatusWord = _answer(
        SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does the signing command answer when the EF is no key?",
        source="not measured",
        confidence=Confidence.GUESS,
    )
    sign_wrong_length: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does the signing command answer to data of a wrong length?",
        source="6985 or 6700 were both seen; which goes with which case is not stated",
        confidence=Confidence.GUESS,
    )
    sign_without_le: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.NO_ERROR,
        asks="What do the commands that sign answer without Le? (9000: the signature, as ever)",
        source="every client sends Le",
        confidence=Confidence.GUESS,
    )
    sign_short_le: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.NO_ERROR,
        asks="What do the commands that sign answer to an Le shorter than the signature? (9000: all of it, as ever)",
        source="every client sends room enough; 6700 was measured for GET DATA",
        confidence=Confidence.GUESS,
    )
    sign_in_class_00: StatusWord = _answer(
        SW.INSTRUCTION_NOT_SUPPORTED,
        SW.CLASS_NOT_SUPPORTED,
        SW.NO_ERROR,
        asks="What does the signing command answer in class 00? (9000: as in class 80)",
        source="some programs send it so; every one that is known to have signed with a card sends class 80",
        confidence=Confidence.LIKELY,
    )
    pss_longest_salt: bool = _answer(
        False,
        True,
        asks="Is the salt of PSS as long as it can be, and not as long as the digest?",
        source="the salt is random; its length is not recorded",
        confidence=Confidence.GUESS,
    )
    sign_no_default_key: StatusWord = _answer(
        SW.INCORRECT_P1_P2,
        SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF,
        SW.REFERENCED_DATA_NOT_FOUND,
        asks="What does the signing command answer to P2 = 00 where the application has no default key?",
        source="P2 = 00 is known for the card-face applications; what the JPKI application answers is not public",
        confidence=Confidence.GUESS,
    )
    sign_hashes_long_data: bool = _answer(
        False,
        True,
        asks="Does the card hash more than 255 bytes, in an extended command, and sign them?",
        source="the modes that hash are known for short commands only",
        confidence=Confidence.GUESS,
    )
    read_at_end: StatusWord = _answer(
        SW.WRONG_P1_P2,
        SW.NO_ERROR,
        asks="What does READ BINARY answer at an offset of exactly the file's end?",
        source="6B00 beyond the end is relied on by clients; at exactly the end some would accept an empty 9000",
        confidence=Confidence.LIKELY,
    )
    read_sfi_zero: StatusWord = _answer(
        SW.INCORRECT_P1_P2,
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        SW.NO_ERROR,
        asks="What does READ BINARY answer to P1 = 80, short identifier 0? (9000: it reads the current EF)",
        source="ISO 7816-4, 7.2.2 lets 0 mean the current EF; not measured",
        confidence=Confidence.GUESS,
    )
    data_before_access: bool = _answer(
        False,
        True,
        asks="Is an offset beyond the end, or a wrong length to sign, refused before a missing PIN is?",
        source="the order of the checks is not public",
        confidence=Confidence.GUESS,
    )
    record_not_found: StatusWord = _answer(
        SW.RECORD_NOT_FOUND,
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        asks="What does READ RECORD answer past the last record?",
        source="ISO 7816-4, 5.6; one test double says 6A83, not measured",
        confidence=Confidence.GUESS,
    )
    read_record_zero: StatusWord = _answer(
        SW.RECORD_NOT_FOUND,
        SW.INCORRECT_P1_P2,
        asks="What does READ RECORD answer to record number 0?",
        source="not measured; one library refuses it before it is sent",
        confidence=Confidence.GUESS,
    )
    read_records_onward: StatusWord = _answer(
        SW.NO_ERROR,
        SW.FUNCTION_NOT_SUPPORTED,
        asks="Does READ RECORD give all records from one on? (P2 ends in 5)",
        source="clients send this form for files of one record; other cards answer 6A81",
        confidence=Confidence.GUESS,
    )
    short_le_record: StatusWord = _answer(
        SW.NO_ERROR,
        SW.WRONG_LENGTH,
        asks="What does READ RECORD answer to an Le shorter than the record? (9000: so many bytes of it)",
        source="as READ BINARY does; not measured",
        confidence=Confidence.GUESS,
    )
    contact_atr_object: ContactATR = _answer(
        ContactATR.ABOVE_APPLICATIONS,
        ContactATR.IN_APPLICATIONS,
        ContactATR.NOWHERE,
        asks="Where does GET DATA tell the contact ATR, object 5F51?",
        source="all three were measured, on different cards",
        confidence=Confidence.LIKELY,
    )
    objects_in_applications: bool = _answer(
        False,
        True,
        asks="Does GET DATA tell the objects other than 5F51 in applications too?",
        source="measured on a few cards; there are three generations of chips at least",
        confidence=Confidence.LIKELY,
    )
    short_le_object: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.NO_ERROR,
        asks="What does GET DATA answer to an Le shorter than an object of up to 256 bytes? (9000: so many of them)",
        source="6700 was measured for a short Le and a larger object; for a small one nothing is known",
        confidence=Confidence.GUESS,
    )
    challenge_wrong_parameters: StatusWord = _answer(
        SW.INCORRECT_P1_P2,
        SW.WRONG_P1_P2,
        asks="What does GET CHALLENGE answer where P1 or P2 is not 00?",
        source="not measured",
        confidence=Confidence.GUESS,
    )
    authenticate_not_a_key: StatusWord = _answer(
        SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does INTERNAL AUTHENTICATE answer when the EF is no key?",
        source="6982 and 6985 were measured for keys of other kinds",
        confidence=Confidence.GUESS,
    )
    session_key_above_applications: StatusWord = _answer(
        SW.NO_SECURE_MESSAGING_ENVIRONMENT,
        SW.SECURITY_STATUS_NOT_SATISFIED,
        asks="What does SET SESSION KEY answer above all applications?",
        source="66F1 and 6982 were measured, in different applications",
        confidence=Confidence.GUESS,
    )
    unknown_terminal: StatusWord = _answer(
        SW.INCORRECT_DATA,
        SW.SECURITY_STATUS_NOT_SATISFIED,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        asks="What does terminal authentication answer to a block of the right length, from a terminal unknown to it?",
        source="not public; wrong parameters (6A86) and a wrong length (6700) were measured",
        confidence=Confidence.GUESS,
    )
    last_command: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.NO_ERROR,
        asks="What does the last-command indicator answer? (80 FC 00 00; 9000: no data)",
        source="6700 measured on cards; a library sends it to iPhones, and what these tell is not recorded",
        confidence=Confidence.CERTAIN,
    )
    terminal_signature_first: bool = _answer(
        False,
        True,
        asks="Does a terminal present its signature before its certificate?",
        source="both blocks are known, and that 0016 is selected between them; no source gives their order",
        confidence=Confidence.GUESS,
    )
    terminal_block_missing: StatusWord = _answer(
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        SW.SECURITY_STATUS_NOT_SATISFIED,
        SW.INCORRECT_DATA,
        asks="What does the second block of a terminal answer without the first?",
        source="not public",
        confidence=Confidence.GUESS,
    )
    terminal_key_not_selected: StatusWord = _answer(
        SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF,
        SW.CONDITIONS_OF_USE_NOT_SATISFIED,
        SW.NO_ERROR,
        asks="What does the second block of a terminal answer while 0016 is not selected? (9000: as if it were)",
        source="clients select it; what happens without is not public",
        confidence=Confidence.GUESS,
    )
    terminal_replaces_set_pin: bool = _answer(
        True,
        False,
        asks="Does a known terminal use the auth key also on a card whose auth PIN is set?",
        source="this is how authentication without a PIN is done; that it is for some cards only is not said",
        confidence=Confidence.GUESS,
    )
    session_key_wrong_length: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.INCORRECT_DATA,
        asks="What does SET SESSION KEY answer to anything but 256 bytes?",
        source="ISO 7816-4, 5.6; 6A80 was measured for a wrong content",
        confidence=Confidence.GUESS,
    )
    protected_other_command: StatusWord = _answer(
        SW.SECURE_MESSAGING_NOT_SUPPORTED,
        SW.INSTRUCTION_NOT_SUPPORTED,
        SW.NO_ERROR,
        asks="What do other protected commands than SELECT, VERIFY and READ BINARY answer? (9000: they work alike)",
        source="only these three are known to be protected",
        confidence=Confidence.GUESS,
    )
    protected_empty_answer: bool = _answer(
        False,
        True,
        asks="Is a protected answer without data an encrypted block of padding?",
        source="the form of an answer with data is known",
        confidence=Confidence.GUESS,
    )
    signed_header_ends_messaging: bool = _answer(
        False,
        True,
        asks="Does CLA 0C end secure messaging?",
        source="that it is refused with 6987 was measured; 6988 ends it",
        confidence=Confidence.GUESS,
    )
    broken_messaging_keeps_verified: bool = _answer(
        True,
        False,
        asks="Do the verified PINs survive when an incorrect message ends secure messaging?",
        source="not public; a PIN is verified before secure messaging begins, and independently of it",
        confidence=Confidence.GUESS,
    )
    warm_reset_keeps_messaging: bool = _answer(
        True,
        False,
        asks="Does secure messaging survive a warm reset, where the verified PINs do?",
        source="it ends with the power and with any selection of an application; of a warm reset nothing is said",
        confidence=Confidence.GUESS,
    )
    select_empty_name: StatusWord = _answer(
        SW.WRONG_LENGTH,
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        SW.NO_ERROR,
        asks="What does SELECT by an empty name answer? (9000: it selects the level above all applications)",
        source="not recorded; GlobalPlatform cards select the issuer security domain",
        confidence=Confidence.GUESS,
    )
    select_first_match: Occurrence = _answer(
        Occurrence.AS_LISTED,
        Occurrence.BY_AID,
        asks="In which order does SELECT find the applications that a partial AID could mean?",
        source="that a partial AID selects is specified; which one comes first is not recorded",
        confidence=Confidence.GUESS,
    )
    control_information: ControlInformation = _answer(
        ControlInformation.NAME,
        ControlInformation.NAME_AND_LABEL,
        ControlInformation.EMPTY,
        asks="What is in the control information that SELECT gives with P2 = 00?",
        source="that it answers was seen; what, nobody has published",
        confidence=Confidence.GUESS,
    )
    control_information_without_le: bool = _answer(
        False,
        True,
        asks="Does SELECT with P2 = 00 give control information without Le too?",
        source="one client sends this form; not measured",
        confidence=Confidence.GUESS,
    )
    select_short_le: StatusWord = _answer(
        SW.NO_ERROR,
        SW.WRONG_LENGTH,
        asks="What does SELECT answer to an Le shorter than the control information? (9000: so many bytes of it)",
        source="as READ BINARY does; not measured",
        confidence=Confidence.GUESS,
    )
    select_by_identifier: StatusWord = _answer(
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        SW.INCORRECT_P1_P2,
        asks="What does SELECT answer to a file identifier with P1 = 00? (to 3F00 it is 6A82 for certain)",
        source="that it fails is certain (OpenSC issue 801); the status word is not recorded",
        confidence=Confidence.GUESS,
    )
    select_by_path: StatusWord = _answer(
        SW.INCORRECT_P1_P2,
        SW.FUNCTION_NOT_SUPPORTED,
        SW.FILE_OR_APPLICATION_NOT_FOUND,
        asks="What does SELECT by path answer? (P1 = 08 or 09)",
        source="that it fails is certain (OpenSC issue 801); the status word is not recorded",
        confidence=Confidence.GUESS,
    )
    select_mf_keeps_ef: bool = _answer(
        True,
        False,
        asks="Does the current EF stay current after SELECT with no name in an application?",
        source="that the application stays current was measured; of the EF nothing is known",
        confidence=Confidence.GUESS,
    )
    chained_command: StatusWord = _answer(
        SW.COMMAND_CHAINING_NOT_SUPPORTED,
        SW.CLASS_NOT_SUPPORTED,
        asks="What does a command answer whose class byte, 10, says that it is continued?",
        source="the ATR of one chip declares command chaining; nobody uses it",
        confidence=Confidence.GUESS,
    )
    test_only_administration: bool = _answer(
        False,
        True,
        asks="For tests only: does the card take RESET RETRY COUNTER in class 80, from anybody?",
        source="invented here; no such command is public, and no real card is known to take it",
        confidence=Confidence.GUESS,
    )
    first_command_fails: bool = _answer(
        False,
        True,
        asks="Is the first command after power-on, whatever it is, answered with 6F00?",
        source="measured on one card, whose client therefore sends a throw-away command first",
        confidence=Confidence.LIKELY,
    )
    warm_reset_keeps_session: bool = _answer(
        True,
        False,
        asks="Do the verified PINs and the current application survive a warm reset?",
        source="F-029: the verified state was measured to survive; that the application stays current is assumed",
        confidence=Confidence.LIKELY,
    )

    def __post_init__(self) -> None:
        require_known(self, questions())


def questions() -> tuple[Question, ...]:
    """Every open question about the card, in the order of the fields."""
    return _QUESTIONS


_QUESTIONS = questions_of(Behaviour)
MEASURED = Behaviour()
