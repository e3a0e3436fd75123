"""Profiles as TOML: what a good one says, and the one line that each bad one gets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.card.behaviour import AbsentPin, questions
from mynacard_emulator.iso7816 import ATR, SW
from mynacard_emulator.personalise import answers
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.holder import Holder, Municipality, Sex
from mynacard_emulator.personalise.kinds import ATRS, CardKind
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.personalise.profile_file import parse, read
from mynacard_emulator.personalise.spec import CardSpec, CertificateSpec, LicenceSpec, ProfileSpec

SMALL = """
[holder]
name = "見本　一郎"
sex = "not-applicable"
born = 2001-02-03
address = "架空市１"
[card]
[certificates]
[pins]
sign = "ABC123"
auth = "1234"
juki = "2345"
text = "3456"
[municipality]
[behaviour]
"""


def parsed(text: str) -> ProfileSpec:
    return parse(text, source="x.toml", name="x")


def changed(table: str, line: str) -> str:
    """The small profile with a line in a table; a line of the same key is replaced."""
    key = line.partition(" ")[0]
    kept = [old for old in SMALL.splitlines() if not old.startswith(f"{key} =")]
    return "\n".join(kept).replace(f"[{table}]", f"[{table}]\n{line}")


def test_a_profile_needs_a_holder_and_pins_and_has_defaults_for_the_rest() -> None:
    assert parsed(SMALL) == ProfileSpec(
        name="x",
        source="x.toml",
        holder=Holder("見本　一郎", Sex.NOT_APPLICABLE, date(2001, 2, 3), "架空市１", "00000", "0000"),
        card=CardSpec(),
        certificates=CertificateSpec(sign=True, auth=True),
        pins=Pins(sign="ABC123", auth="1234", juki="2345", text="3456"),
        municipality=Municipality(),
    )


def test_every_key_can_be_given() -> None:
    spec = parsed("""
        [holder]
        name = "John Smith"
        sex = "unknown"
        born = 1999-12-31
        address = "架空市１"
        name_substitutes = "0000000001"
        address_substitutes = "1000"
        [card]
        made = 2024-01-02
        handed_over = 2024-02-03
        stay_until = 2024-04-05
        keep_dates = true
        my_number = "123456789018"
        valid_check_digit = true
        security_code = "0007"
        long_attribute_header = true
        atr = "3b888001000005e0b381a1007f"
        kind = "my-number-card"
        auth_certificate_guarded = true
        lower_cv_certificate = false
        [certificates]
        sign = false
        auth = false
        real_policy = true
        aia = "http://127.0.0.1:8080/ocsp"
        [pins]
        juki = "2345"
        text = "3456"
        [municipality]
        code = "99002"
        prefecture = "Hokkai-do"
        city = "Sora-mura"
        [licence]
        installed = true
        pin = "4567"
        [behaviour]
        blocked_verify = "6983"
        absent_pin = "file-not-found"
        verified_query = "9000"
        strict_pin_length = true
        change_keeps_verified = "false"
        """)

    assert spec.holder == Holder("John Smith", Sex.UNKNOWN, date(1999, 12, 31), "架空市１", "0000000001", "1000")
    assert spec.card == CardSpec(
        made=date(2024, 1, 2),
        handed_over=date(2024, 2, 3),
        stay_until=date(2024, 4, 5),
        keep_dates=True,
        my_number="123456789018",
        valid_check_digit=True,
        security_code="0007",
        long_attribute_header=True,
        atr=bytes.fromhex("3B888001000005E0B381A1007F"),
        auth_certificate_guarded=True,
        lower_cv_certificate=False,
    )
    assert spec.certificates == CertificateSpec(
        sign=False, auth=False, real_policy=True, aia="http://127.0.0.1:8080/ocsp"
    )
    assert spec.pins == Pins(juki="2345", text="3456")
    assert spec.licence == LicenceSpec(installed=True, pin="4567")
    assert spec.municipality == Municipality("99002", "Hokkai-do", "Sora-mura")
    assert answers.differences(spec.behaviour) == {
        "blocked_verify": "6983",
        "absent_pin": "file-not-found",
        "verified_query": "9000",
        "strict_pin_length": "true",
        "change_keeps_verified": "false",
    }
    assert spec.behaviour.blocked_verify is SW.AUTHENTICATION_METHOD_BLOCKED
    assert spec.behaviour.absent_pin is AbsentPin.FILE_NOT_FOUND


CARD_KEYS = (
    "made, handed_over, stay_until, keep_dates, my_number, valid_check_digit, security_code, long_attribute_header, "
    "face_authentication, atr, kind, auth_certificate_guarded, lower_cv_certificate"
)
FACE = "a face-authentication card has"
LONG_NAME = "あ" * 101
BAD_LINES = [
    ("holder", 'nmae = "x"', "holder.nmae: no such key; did you mean 'name'?"),
    ("holder", 'name = ""', "holder.name: must be one line of text"),
    ("holder", 'name = "　"', "holder.name: must be one line of text"),
    ("holder", 'name = "a\\nb"', "holder.name: must be one line of text"),
    ("holder", "name = 7", "holder.name: must be text in quotes"),
    ("holder", f'name = "{LONG_NAME}"', "holder.name: has 101 characters; at most 100 fit"),
    ("holder", f'address = "{LONG_NAME * 2}"', "holder.address: has 202 characters; at most 200 fit"),
    ("holder", 'sex = "m"', "holder.sex: unknown word; one of: male, female, not-applicable, unknown"),
    ("holder", "sex = 1", "holder.sex: must be text in quotes"),
    ("holder", 'born = "1980-02-17"', "holder.born: must be a date without quotes, such as 1980-02-17"),
    ("holder", "born = 1980-02-17T00:00:00", "holder.born: must be a date without quotes, such as 1980-02-17"),
    ("holder", "born = 1868-01-24", "holder.born: 1868-01-24 is before the Meiji era, which began on 1868-01-25"),
    ("holder", 'name_substitutes = "0"', "holder.name_substitutes: must be 5 digits, 0 or 1, one for each character"),
    (
        "holder",
        'address_substitutes = "0002"',
        "holder.address_substitutes: must be 4 digits, 0 or 1, one for each character",
    ),
    ("card", 'made = "today"', "card.made: must be a date without quotes, such as 1980-02-17"),
    ("card", 'keep_dates = "yes"', "card.keep_dates: must be true or false, without quotes"),
    ("card", 'security_code = "12"', "card.security_code: must be 4 digits in quotes"),
    ("card", "security_code = 1234", "card.security_code: must be text in quotes"),
    ("card", 'my_number = "１２３４５６７８９０１２"', "card.my_number: must be 12 digits in quotes"),
    (
        "card",
        'my_number = "123456789018"',
        "card.my_number: has a right check digit; set valid_check_digit = true if it is meant",
    ),
    (
        "card",
        'my_number = "123456789019"\nvalid_check_digit = true',
        "card.my_number: has a wrong check digit; set valid_check_digit = false if it is meant",
    ),
    ("card", 'atr = "3B"', "card.atr: an ATR has 2 to 33 bytes and begins with 3B or 3F"),
    ("card", 'atr = "3BE000FF8131FE4515"', "card.atr: TCK 15 should be 14"),
    (
        "card",
        'atr = "hello"',
        'card.atr: must be hex digits in quotes, such as "3BE000FF8131FE4514", or one of: ' + ", ".join(ATRS),
    ),
    (
        "card",
        'kind = "iphon"',
        "card.kind: unknown word; one of: my-number-card, android, iphone, juki-card, other-card",
    ),
    ("card", "kind = 1", "card.kind: must be text in quotes"),
    (
        "card",
        "colour = 1",
        f"card.colour: no such key; known are: {CARD_KEYS}",
    ),
    ("certificates", 'sign = "no"', "certificates.sign: must be true or false, without quotes"),
    ("pins", 'auth = "12345"', "pins.auth: must be exactly four ASCII digits"),
    ("pins", 'juki = "４５６７"', "pins.juki: must be exactly four ASCII digits"),
    ("pins", "text = 7654", "pins.text: must be text in quotes"),
    ("pins", 'sign = "abc123"', "pins.sign: must be 6 to 16 characters of A-Z and 0-9"),
    ("pins", 'sign = "SECRET"', "pins.sign: must have at least one letter and at least one digit"),
    ("pins", 'sgin = "ABC123"', "pins.sgin: no such key; did you mean 'sign'?"),
    ("municipality", 'code = "1"', "municipality.code: must be 5 digits in quotes"),
    ("municipality", 'city = "架空市"', 'municipality.city: must be romanised, such as "Tokyo-to"'),
    ("behaviour", 'blocked_verfy = "6983"', "behaviour.blocked_verfy: no such key; did you mean 'blocked_verify'?"),
    ("behaviour", 'blocked_verify = "6985"', "behaviour.blocked_verify: '6985' is not one of: 6984, 6983"),
    ("behaviour", "blocked_verify = true", "behaviour.blocked_verify: 'true' is not one of: 6984, 6983"),
    ("behaviour", "blocked_verify = 6983", "behaviour.blocked_verify: must be text in quotes, or true or false"),
    ("behaviour", 'verified_query = "6300"', "behaviour.verified_query: '6300' is not one of: none, 9000"),
]


@pytest.mark.parametrize(("table", "line", "problem"), BAD_LINES)
def test_a_bad_line_is_named_with_its_cure(table: str, line: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(changed(table, line))

    assert str(refused.value) == f"x.toml: {problem}"


def without(key: str) -> str:
    return "\n".join(line for line in SMALL.splitlines() if not line.startswith(f"{key} ="))


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("name", "holder.name: missing; text in quotes"),
        ("sex", "holder.sex: missing; one of: male, female, not-applicable, unknown"),
        ("born", "holder.born: missing; a date such as 1980-02-17"),
        ("address", "holder.address: missing; text in quotes"),
        ("sign", "pins.sign: missing; or set certificates.sign = false"),
        ("auth", "pins.auth: missing; or set certificates.auth = false"),
        ("juki", "pins.juki: missing; every My Number Card has this PIN, four digits in quotes"),
        ("text", "pins.text: missing; every My Number Card has this PIN, four digits in quotes"),
    ],
)
def test_what_is_needed_is_asked_for(key: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(without(key))

    assert str(refused.value) == f"x.toml: {problem}"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('pin = "4567"', "a PIN without its licence; remove it, or set licence.installed = true"),
        ('installed = true\npin = "45678"', "must be exactly four ASCII digits"),
        ("installed = true\npin = 4567", "must be text in quotes"),
    ],
)
def test_the_pin_of_a_licence_has_four_digits_and_a_licence(lines: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(SMALL + "[licence]\n" + lines)

    assert str(refused.value) == f"x.toml: licence.pin: {problem}"


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "https://127.0.0.1/ocsp", "http://", "http://架空/", "http://a b/"]
)
def test_a_responder_is_a_url(url: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(SMALL.replace("[certificates]", f'[certificates]\naia = "{url}"'))

    problem = 'must be the URL of a responder, such as "http://127.0.0.1:8080/ocsp"'
    assert str(refused.value) == f"x.toml: certificates.aia: {problem}"


@pytest.mark.parametrize("kind", ["sign", "auth"])
def test_a_pin_without_its_certificate_is_refused(kind: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(SMALL.replace("[certificates]", f"[certificates]\n{kind} = false"))

    cure = f"a PIN without its certificate; remove it, or set certificates.{kind} = true"
    assert str(refused.value) == f"x.toml: pins.{kind}: {cure}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[holdr]", "holdr: no such table; did you mean 'holder'?"),
        ("[x]", "x: no such table; known are: holder, card, certificates, pins, municipality, licence, behaviour"),
        ("holder = 1", "holder: must be a table: [holder]"),
        ("[[pins]]", "pins: must be a table: [pins]"),
        ("[holder", "is not TOML: Expected ']' at the end of a table declaration (at end of document)"),
        ("[holder]\nborn = 1980-02-30", "is not TOML: Invalid date or datetime (at line 2, column 8)"),
        ("", "holder.born: missing; a date such as 1980-02-17"),
    ],
)
def test_a_document_of_another_shape_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(text)

    assert str(refused.value) == f"x.toml: {problem}"


def test_deep_nesting_is_an_ordinary_problem() -> None:
    with pytest.raises(ProfileError, match=r"^x\.toml: is not TOML: "):
        parsed("[pins]\nauth = " + "[" * 60_000)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#" * 70_000, "is longer than 65,536 characters, as no profile is"),
        ("a." * 30_000 + "b = 1", "has a line with more than 100 dots, as no profile does"),
        ('"a\\nb" = 1', "'a\\nb': no such table; known are: "),
        (f'[holder]\n"{"n" * 30_000}" = 1', f"holder.'{'n' * 60}': no such key; known are: "),
    ],
    ids=["long", "deep", "lines", "key"],
)
def test_what_no_profile_needs_costs_neither_memory_nor_a_long_message(text: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(text)

    assert str(refused.value).startswith(f"x.toml: {problem}")
    assert len(str(refused.value)) < 500


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(text)

    assert str(refused.value).startswith("x.toml: ")
    assert "\n" not in str(refused.value)


@given(
    st.sampled_from(["sign", "auth", "juki", "text"]),
    st.text("ABCDEFGHIJ", min_size=7, max_size=12) | st.text("0123456789", min_size=7, max_size=12),
)
def test_a_refused_pin_is_never_repeated(key: str, value: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(changed("pins", f'{key} = "{value}"'))

    assert value not in str(refused.value)


def test_every_answer_that_the_card_knows_can_be_given_in_words() -> None:
    for question in questions():
        for answer in (question.default, *question.alternatives):
            spec = parsed(changed("behaviour", f'{question.name} = "{answers.as_word(answer)}"'))
            assert getattr(spec.behaviour, question.name) == answer


def test_a_file_gives_its_name_to_the_card_and_its_path_to_messages(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")

    assert (read(path).name, read(path).source) == ("mine", str(path))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "is not UTF-8 text; a profile is a TOML file"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(content: bytes | None, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ProfileError) as refused:
        read(path)
    assert str(refused.value) == f"{path}: {problem}"


def test_a_directory_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r": cannot be read: Is a directory$"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("a\x00b", r"'a\x00b': is no path of a file", id="zero byte"),
        pytest.param("x" * 300, "x" * 300 + ": cannot be read: File name too long", id="endless"),
    ],
)
def test_an_impossible_path_is_refused(path: str, line: str) -> None:
    with pytest.raises(ProfileError) as refused:
        read(Path(path))
    assert str(refused.value) == line


@pytest.mark.parametrize(
    ("table", "content", "problem"),
    [
        ("certificates", "", f"certificates.sign: {FACE} the auth certificate and no other; set it to false"),
        (
            "certificates",
            "sign = false\nauth = false",
            f"certificates.auth: {FACE} the auth certificate and no other; set it to true",
        ),
        ("pins", 'text = "3456"', f"pins.text: {FACE} no PINs; remove it"),
    ],
)
def test_a_face_authentication_card_has_one_certificate_and_no_pins(table: str, content: str, problem: str) -> None:
    def profile(tables: dict[str, str]) -> str:
        return SMALL[: SMALL.index("[card]")] + "\n".join(f"[{name}]\n{lines}" for name, lines in tables.items())

    good = {"card": "face_authentication = true", "certificates": "sign = false", "pins": ""}
    assert parsed(profile(good)).pins == Pins()
    with pytest.raises(ProfileError) as refused:
        parsed(profile({**good, table: content}))
    assert str(refused.value) == f"x.toml: {problem}"


# ---------------------------------------------------------------- kinds of card


def of_kind(kind: str, **tables: str) -> str:
    """A profile of a kind of card, with lines in its tables."""
    tables = {**tables, "card": f'kind = "{kind}"\n{tables.get("card", "")}'}
    return SMALL[: SMALL.index("[card]")] + "\n".join(f"[{name}]\n{lines}" for name, lines in tables.items())


PHONE_PINS = 'sign = "ABC123"\nauth = "1234"'


@pytest.mark.parametrize(
    ("kind", "pins", "certificates", "atr"),
    [
        pytest.param(CardKind.ANDROID, PHONE_PINS, (True, True), "phone", id="android"),
        pytest.param(CardKind.IPHONE, PHONE_PINS, (True, True), "phone", id="iphone"),
        pytest.param(CardKind.JUKI_CARD, 'sign = "ABC123"', (True, False), "contact-1", id="juki-card"),
        pytest.param(CardKind.OTHER_CARD, "", (False, False), "other", id="other-card"),
    ],
)
def test_a_kind_of_card_has_what_it_can_have_without_being_told(
    kind: CardKind, pins: str, certificates: tuple[bool, bool], atr: str
) -> None:
    spec = parsed(of_kind(kind.value, pins=pins))

    assert (spec.certificates.sign, spec.certificates.auth) == certificates
    assert (spec.card.kind, spec.card.atr) == (kind, ATRS[atr])
    assert spec.card.auth_certificate_guarded is (atr == "phone")
    assert (spec.pins.juki, spec.pins.text) == (None, None)


@pytest.mark.parametrize("name", ATRS)
def test_an_atr_can_be_called_by_its_name(name: str) -> None:
    assert parsed(changed("card", f'atr = "{name}"')).card.atr == ATRS[name] == ATR.parse(ATRS[name]).raw


ONLY = "only a my-number-card has that; remove it"


@pytest.mark.parametrize(
    ("kind", "tables", "problem"),
    [
        ("android", {"card": 'my_number = "123456789019"'}, f"card.my_number: {ONLY}"),
        ("iphone", {"card": 'security_code = "1234"'}, f"card.security_code: {ONLY}"),
        ("juki-card", {"card": "valid_check_digit = true"}, f"card.valid_check_digit: {ONLY}"),
        ("juki-card", {"card": "long_attribute_header = true"}, f"card.long_attribute_header: {ONLY}"),
        ("other-card", {"card": "face_authentication = false"}, f"card.face_authentication: {ONLY}"),
        ("other-card", {"card": "lower_cv_certificate = true"}, f"card.lower_cv_certificate: {ONLY}"),
        (
            "juki-card",
            {"card": "auth_certificate_guarded = true"},
            "card.auth_certificate_guarded: a card of the kind 'juki-card' has no auth certificate; remove it",
        ),
        (
            "juki-card",
            {"certificates": "auth = true"},
            "certificates.auth: a card of the kind 'juki-card' has no such certificate; remove it",
        ),
        (
            "other-card",
            {"certificates": "sign = true"},
            "certificates.sign: a card of the kind 'other-card' has no such certificate; remove it",
        ),
        (
            "android",
            {"pins": PHONE_PINS + '\ntext = "3456"'},
            "pins.text: a card of the kind 'android' has no such PIN; remove it",
        ),
        (
            "other-card",
            {"pins": 'sign = "ABC123"'},
            "pins.sign: a card of the kind 'other-card' has no such PIN; remove it",
        ),
        ("android", {"pins": 'sign = "ABC123"'}, "pins.auth: missing; or set certificates.auth = false"),
        (
            "iphone",
            {"pins": PHONE_PINS, "licence": "installed = true"},
            "licence.installed: only a my-number-card can be a licence; remove it",
        ),
    ],
)
def test_a_kind_of_card_has_nothing_that_it_cannot_have(kind: str, tables: dict[str, str], problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parsed(of_kind(kind, **tables))

    assert str(refused.value) == f"x.toml: {problem}"
