"""PKCS#11 modules as clients: what they answer is understood, and however they break down it stays their own affair."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import TokenFlag

from mynacard_conformance.adapters.pkcs11 import MAX_TRIES, OFFERED, ModuleError, Pkcs11Client
from mynacard_conformance.adapters.pkcs11_application import Application, code_of, entry_refused, pin_named_in, tries_of
from mynacard_conformance.model import holder
from mynacard_conformance.outcome import (
    Answer,
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
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    states,
)
from mynacard_conformance.ports import ClientUnderTest

MODULES = Path(__file__).parent / "rude_modules"
READER = "A reader 00 00"
RIGHT, WRONG = "right", "a wrong one"
AUTH, SIGN = PinKind.AUTH, PinKind.SIGN
ENTER = VerifyPin(AUTH, RIGHT)

Build = Callable[..., str]
Load = Callable[..., Application]
Drive = Callable[..., Pkcs11Client]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("the modules of this test are in C, and there is no compiler `cc` here")
    directory = tmp_path_factory.mktemp("modules")
    libraries = {source.stem: directory / f"{source.stem}.so" for source in MODULES.glob("*.c")}
    for name, library in libraries.items():
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, MODULES / f"{name}.c"], check=True)
    return libraries


@pytest.fixture
def build(compiled: Mapping[str, Path], tmp_path: Path) -> Build:
    """A copy of a module under a name of its own: loaded into this process, it remembers nothing of other tests."""

    def copy(name: str, to: str = "") -> str:
        return str(shutil.copy(compiled[name], tmp_path / f"{to or name}.so"))

    return copy


@pytest.fixture
def load(build: Build) -> Iterator[Load]:
    applications: list[Application] = []

    def start(*names: str) -> Application:
        application = Application([build(name) for name in names], dict.fromkeys(MAX_TRIES))
        application.reader = READER
        applications.append(application)
        return application

    yield start
    for application in applications:
        assert application.perform(Close()).outcome is Outcome.OK


@pytest.fixture
def drive(build: Build) -> Iterator[Drive]:
    clients: list[Pkcs11Client] = []

    def start(name: str, timeout: float = 5.0, **options: object) -> Pkcs11Client:
        clients.append(Pkcs11Client(build(name), reader=READER, environment={}, timeout=timeout, **options))  # type: ignore[arg-type]
        return clients[-1]

    yield start
    for client in clients:
        client.shutdown()


def _outcomes(application: Application, *calls: Call) -> list[Outcome]:
    return [application.perform(call).outcome for call in calls]


@cache
def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A test CA")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=1))
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


# ---------------------------------------------------------------- the whole way, through a process


def test_a_module_is_a_client_like_any_other(drive: Drive) -> None:
    client: ClientUnderTest = drive("polite")

    assert client.name == "A test module 1.0"
    assert client.operations == OFFERED
    assert client.pins == {AUTH, SIGN}
    assert client.perform(TriesLeft(AUTH)) == Answer(Outcome.OK, tries=states(3))
    assert client.perform(ENTER) == Answer(Outcome.OK)
    assert client.perform(ReadCertificate(CertificateKind.SIGN, RIGHT)).value == b"a certificate"
    assert client.perform(Sign(KeyKind.AUTH, HashKind.SHA512, b"message")).value == 256 * b"\x02"


def test_low_tries_are_a_range_where_the_flags_leave_it_open(drive: Drive) -> None:
    client = drive("polite")
    enter, read = VerifyPin(SIGN, WRONG), ReadCertificate(CertificateKind.SIGN, WRONG)

    stated = [client.perform(call).tries for call in (enter, read, TriesLeft(SIGN), enter, enter, TriesLeft(SIGN))]

    assert stated == [range(2, 5), range(2, 5), range(2, 5), range(2, 5), states(1), states(1)]
    assert client.perform(VerifyPin(AUTH, WRONG)).tries == states(2)


def test_the_wrong_pin_that_uses_up_the_last_try_locks(drive: Drive) -> None:
    client = drive("polite")

    answers = [client.perform(VerifyPin(AUTH, WRONG)) for _ in range(3)]

    assert [answer.outcome for answer in answers] == [Outcome.WRONG_PIN, Outcome.WRONG_PIN, Outcome.LOCKED]
    assert answers[2].message == "CKR_PIN_INCORRECT, the token shows CKF_USER_PIN_LOCKED"
    assert client.perform(TriesLeft(AUTH)).tries == states(0)


def test_what_a_module_prints_does_not_disturb_and_is_not_lost(drive: Drive) -> None:
    client = drive("prints")

    assert client.perform(ENTER) == Answer(Outcome.OK)
    assert client.perform(TriesLeft(AUTH)).tries == states(3)
    assert "the PIN is right" in client.output()


def test_closing_logs_out(drive: Drive) -> None:
    client = drive("prints")
    client.perform(ENTER)

    assert "logged out" not in client.output()
    assert client.perform(Close()) == Answer(Outcome.OK)
    assert "logged out" in client.output()


def test_changing_a_pin_is_offered_on_request_only(drive: Drive) -> None:
    client = drive("polite", change_pin=True)

    assert client.operations == OFFERED | {Operation.CHANGE_PIN}
    assert client.perform(ChangePin(AUTH, RIGHT, "new")) == Answer(Outcome.OK)
    assert client.perform(ChangePin(AUTH, WRONG, "new")).tries == states(2)


def test_only_the_pins_that_were_named_are_announced(drive: Drive) -> None:
    assert drive("polite", pins=frozenset({AUTH})).pins == {AUTH}


# ---------------------------------------------------------------- rude modules


def test_a_crash_is_a_finding_and_the_next_call_works(drive: Drive) -> None:
    client = drive("crash_in_login")

    answer = client.perform(ENTER)

    assert (answer.outcome, answer.breakdown) == (Outcome.PROTOCOL_ERROR, Breakdown.DIED)
    assert "SIGSEGV" in answer.message
    assert client.perform(TriesLeft(AUTH)) == Answer(Outcome.OK, tries=states(3))


def test_a_hang_is_a_finding_each_time(drive: Drive) -> None:
    client = drive("hang_in_slot_list", timeout=0.3)

    assert [client.perform(TriesLeft(pin)).breakdown for pin in (AUTH, SIGN)] == 2 * [Breakdown.HUNG]


def test_a_module_that_ends_the_process_is_a_finding_at_every_call(drive: Drive) -> None:
    client = drive("exit_in_initialize")

    assert client.operations == OFFERED
    assert client.pins == {AUTH, SIGN}
    for call in (ENTER, TriesLeft(AUTH)):
        answer = client.perform(call)
        assert answer.breakdown is Breakdown.DIED
        assert "status 3" in answer.message
        assert "no licence" in answer.message


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        pytest.param(lambda build, _: build("no_module"), "no C_GetFunctionList", id="a library, but no module"),
        pytest.param(lambda _, path: str(path / "missing.so"), "No such file", id="no file"),
        pytest.param(lambda _, path: str(shutil.copy(__file__, path / "a.so")), "cannot be loaded", id="no library"),
    ],
)
def test_what_is_no_module_is_the_users_mistake(
    build: Build, tmp_path: Path, arrange: Callable[[Build, Path], str], sentence: str
) -> None:
    with pytest.raises(ModuleError, match=sentence) as caught:
        Pkcs11Client(arrange(build, tmp_path), reader=READER, environment={})

    assert "\n" not in str(caught.value)


def test_a_label_that_is_no_pattern_is_the_users_mistake(drive: Drive) -> None:
    with pytest.raises(ModuleError, match="no regular expression"):
        drive("polite", auth_token="(")


# ---------------------------------------------------------------- what return codes mean


@pytest.mark.parametrize(
    ("code", "outcome", "name"),
    [
        ("05", Outcome.PROTOCOL_ERROR, "CKR_GENERAL_ERROR"),
        ("07", Outcome.FORMAT_REJECTED, "CKR_ARGUMENTS_BAD"),
        ("30", Outcome.CARD_UNREADABLE, "CKR_DEVICE_ERROR"),
        ("32", Outcome.CARD_REMOVED, "CKR_DEVICE_REMOVED"),
        ("50", Outcome.CANCELLED, "CKR_FUNCTION_CANCELED"),
        ("a0", Outcome.WRONG_PIN, "CKR_PIN_INCORRECT"),
        ("a1", Outcome.FORMAT_REJECTED, "CKR_PIN_INVALID"),
        ("a2", Outcome.FORMAT_REJECTED, "CKR_PIN_LEN_RANGE"),
        ("a4", Outcome.LOCKED, "CKR_PIN_LOCKED"),
        ("b3", Outcome.CARD_REMOVED, "CKR_SESSION_HANDLE_INVALID"),
        ("e0", Outcome.NO_CARD, "CKR_TOKEN_NOT_PRESENT"),
        ("e1", Outcome.WRONG_CARD, "CKR_TOKEN_NOT_RECOGNIZED"),
        ("101", Outcome.NOT_PERMITTED, "CKR_USER_NOT_LOGGED_IN"),
        ("102", Outcome.PIN_ABSENT, "CKR_USER_PIN_NOT_INITIALIZED"),
        ("80000001", Outcome.PROTOCOL_ERROR, "0x80000001"),
    ],
)
def test_a_return_code_at_login_has_its_outcome(load: Load, code: str, outcome: Outcome, name: str) -> None:
    answer = load("polite").perform(VerifyPin(AUTH, f"rv={code}"))

    assert (answer.outcome, answer.tries) == (outcome, None)
    assert name in answer.message


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("e0", Outcome.NO_CARD),
        ("e1", Outcome.WRONG_CARD),
        ("30", Outcome.CARD_UNREADABLE),
        ("7", Outcome.PROTOCOL_ERROR),
    ],
)
def test_a_token_that_cannot_be_asked_has_its_outcome(
    load: Load, monkeypatch: pytest.MonkeyPatch, code: str, outcome: Outcome
) -> None:
    application = load("moody")
    monkeypatch.setenv("TOKEN_RV", code)

    assert _outcomes(application, TriesLeft(AUTH), ENTER, Sign(KeyKind.SIGN, HashKind.SHA256, b"")) == 3 * [outcome]


def test_a_token_that_is_gone_shows_no_flags() -> None:
    assert str(entry_refused(pkcs11.DeviceRemoved(), None, 3)) == (
        "CKR_DEVICE_REMOVED, and the token cannot be asked any more"
    )


def test_a_pin_that_cannot_be_encoded_is_stopped(load: Load) -> None:
    assert _outcomes(load("polite"), VerifyPin(AUTH, "\ud800")) == [Outcome.FORMAT_REJECTED]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (pkcs11.SlotIDInvalid(), "CKR_SLOT_ID_INVALID"),
        (pkcs11.TokenNotRecognised(), "CKR_TOKEN_NOT_RECOGNIZED"),
        (pkcs11.RandomNoRNG(), "CKR_RANDOM_NO_RNG"),
        (pkcs11.SessionReadWriteSOExists(), "CKR_SESSION_READ_WRITE_SO_EXISTS"),
    ],
)
def test_a_return_code_is_called_as_in_the_standard(error: pkcs11.PKCS11Error, name: str) -> None:
    assert code_of(error) == name


def test_the_limits_of_tries_are_the_models() -> None:
    assert MAX_TRIES.items() <= holder.MAX_TRIES.items()


@pytest.mark.parametrize("limit", [3, 5])
def test_flags_state_tries_as_none_one_some_or_all(limit: int) -> None:
    low, last, locked = TokenFlag.USER_PIN_COUNT_LOW, TokenFlag.USER_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED

    assert [tries_of(flags, limit) for flags in (TokenFlag(0), low, low | last, low | last | locked)] == [
        limit,
        2,
        1,
        0,
    ]


def test_a_token_that_keeps_its_flags_to_itself_says_nothing_about_tries(load: Load) -> None:
    answer = load("discreet").perform(VerifyPin(AUTH, WRONG))

    assert (answer.outcome, answer.tries) == (Outcome.WRONG_PIN, None)


# ---------------------------------------------------------------- the application's manners


def test_what_is_private_is_seen_after_a_login_and_until_close(load: Load) -> None:
    application = load("polite")
    read, sign = ReadCertificate(CertificateKind.SIGN), Sign(KeyKind.SIGN, HashKind.SHA256, b"message")

    assert _outcomes(application, read, sign) == 2 * [Outcome.NOT_PERMITTED]
    assert _outcomes(application, VerifyPin(SIGN, RIGHT), read, sign) == 3 * [Outcome.OK]
    assert _outcomes(application, VerifyPin(SIGN, WRONG), read) == [Outcome.WRONG_PIN, Outcome.NOT_PERMITTED]
    assert _outcomes(application, VerifyPin(SIGN, RIGHT), Close(), read) == [
        Outcome.OK,
        Outcome.OK,
        Outcome.NOT_PERMITTED,
    ]


def test_a_certificate_that_everybody_may_read_costs_no_login(load: Load) -> None:
    application = load("polite")

    assert application.perform(ReadCertificate(CertificateKind.AUTH, WRONG)).value == b"a certificate"
    assert application.perform(TriesLeft(AUTH)).tries == states(3)


def test_a_pin_that_is_given_is_tried_also_by_one_who_is_logged_in(load: Load) -> None:
    application = load("polite")
    read, sign = ReadCertificate(CertificateKind.SIGN, WRONG), Sign(KeyKind.SIGN, HashKind.SHA256, b"", WRONG)

    assert _outcomes(application, VerifyPin(SIGN, RIGHT), read) == [Outcome.OK, Outcome.WRONG_PIN]
    assert _outcomes(application, VerifyPin(SIGN, RIGHT), sign) == [Outcome.OK, Outcome.WRONG_PIN]


def test_a_failed_login_is_the_outcome_of_what_it_was_for(load: Load) -> None:
    application = load("polite")

    assert _outcomes(
        application,
        ReadCertificate(CertificateKind.SIGN, "rv=a4"),
        Sign(KeyKind.SIGN, HashKind.SHA256, b"message", "rv=a2"),
    ) == [Outcome.LOCKED, Outcome.FORMAT_REJECTED]


def test_a_certificate_that_is_nowhere_is_absent(load: Load) -> None:
    application = load("polite")

    assert _outcomes(
        application,
        ReadCertificate(CertificateKind.AUTH_CA),
        ReadCertificate(CertificateKind.SIGN_CA, RIGHT),
    ) == 2 * [Outcome.CERT_ABSENT]


def test_a_ca_certificate_is_known_by_its_content(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application = load("moody")
    (tmp_path / "ca.der").write_bytes(_self_signed())
    monkeypatch.setenv("CERTIFICATE", str(tmp_path / "ca.der"))
    calls = [ReadCertificate(kind, RIGHT) for kind in (CertificateKind.AUTH_CA, CertificateKind.SIGN_CA)]

    assert [application.perform(call).value for call in calls] == 2 * [_self_signed()]
    assert _outcomes(application, ReadCertificate(CertificateKind.AUTH)) == [Outcome.CERT_ABSENT]


def test_one_login_is_enough_unless_the_module_insists(load: Load) -> None:
    sign = Sign(KeyKind.SIGN, HashKind.SHA256, b"message", RIGHT)

    assert load("polite").perform(sign).value == 256 * b"\x01"
    assert load("strict").perform(sign).value == 256 * b"\x02"


def test_a_key_that_insists_on_its_own_login_is_not_permitted_without_a_pin(load: Load) -> None:
    sign = Sign(KeyKind.SIGN, HashKind.SHA256, b"message")

    assert _outcomes(load("strict"), VerifyPin(SIGN, RIGHT), sign) == [Outcome.OK, Outcome.NOT_PERMITTED]


def test_a_user_who_is_logged_in_by_mistake_is_logged_out_by_all_means(load: Load) -> None:
    assert _outcomes(load("sloppy"), ENTER, VerifyPin(AUTH, WRONG), ENTER) == [
        Outcome.OK,
        Outcome.WRONG_PIN,
        Outcome.OK,
    ]


def test_failed_logins_do_not_use_up_the_modules_sessions(load: Load) -> None:
    application = load("sloppy")

    assert _outcomes(application, *5 * [VerifyPin(SIGN, WRONG)]) == [*4 * [Outcome.WRONG_PIN], Outcome.LOCKED]


def test_an_empty_certificate_and_a_missing_mechanism_are_the_modules_errors(load: Load) -> None:
    application = load("sloppy")
    calls = ReadCertificate(CertificateKind.AUTH), Sign(KeyKind.AUTH, HashKind.SHA256, b"message", RIGHT)

    assert [application.perform(call).message for call in calls] == [
        "CKR_OK with an empty CKA_VALUE",
        "the token offers neither CKM_RSA_PKCS nor CKM_SHA256_RSA_PKCS",
    ]


def test_what_pkcs11_cannot_ask_for_is_refused(load: Load) -> None:
    assert _outcomes(load("polite"), ReadMyNumber()) == [Outcome.PROTOCOL_ERROR]


# ---------------------------------------------------------------- whose slot, whose token


def test_a_reader_that_has_gone_is_missed_once_its_slots_were_known(load: Load) -> None:
    application = load("polite")
    application.reader = "Somebody's reader"
    assert application.perform(TriesLeft(AUTH)).outcome is Outcome.OK, "slots may be named otherwise"
    application.reader = READER
    assert application.perform(TriesLeft(AUTH)).outcome is Outcome.OK
    application.reader = "Somebody's reader"
    assert application.perform(TriesLeft(AUTH)).outcome is Outcome.NO_READER


def test_a_card_in_another_reader_is_left_alone(load: Load) -> None:
    assert _outcomes(load("two_readers"), ENTER, VerifyPin(SIGN, RIGHT)) == [Outcome.OK, Outcome.PIN_ABSENT]


def test_a_pin_that_was_never_set_is_absent(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    application = load("moody")
    monkeypatch.setenv("NO_PIN", "1")

    assert application.perform(TriesLeft(AUTH)).outcome is Outcome.PIN_ABSENT


@pytest.mark.parametrize(
    ("label", "pin"),
    [
        ("JPKI (User Authentication PIN)", AUTH),
        ("利用者証明用電子証明書", AUTH),
        ("JPKIPKCS11Auth.dylib", AUTH),
        ("JPKI (Digital Signature PIN)", SIGN),
        ("署名用電子証明書", SIGN),
        ("Authority for Digital Signature", SIGN),
        ("USERCERT", None),
        ("Authentication and Signature", None),
    ],
)
def test_a_label_names_one_pin_or_none(label: str, pin: PinKind | None) -> None:
    assert pin_named_in(label) is pin


def test_no_slot_is_no_reader(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    application = load("moody")
    monkeypatch.setenv("NO_SLOT", "1")

    assert application.perform(ENTER).outcome is Outcome.NO_READER


def test_modules_name_the_tokens_that_do_not_name_themselves(build: Build) -> None:
    modules = [build("anonymous", to="libSign"), build("anonymous", to="libAuth")]
    application = Application(modules, dict.fromkeys(MAX_TRIES))
    application.perform(VerifyPin(SIGN, WRONG))

    assert application.introduce() == ("A test module + A test module", "1.0 + 1.0")
    assert application.perform(TriesLeft(AUTH)).tries == states(3), "the other module's token counts for itself"
    assert _outcomes(application, *3 * [VerifyPin(AUTH, WRONG)])[-1] is Outcome.LOCKED, "its first token is the one"
    assert application.perform(Close()).outcome is Outcome.OK


def test_tokens_without_any_name_are_another_card(load: Load) -> None:
    assert _outcomes(load("anonymous"), ENTER, TriesLeft(SIGN)) == 2 * [Outcome.WRONG_CARD]


def test_a_card_with_one_of_the_tokens_lacks_the_other(build: Build) -> None:
    client = Pkcs11Client(build("polite"), reader=READER, environment={}, auth_token="no such", sign_token="^Digital")
    try:
        answers = [client.perform(call) for call in (ENTER, ReadCertificate(CertificateKind.AUTH))]
    finally:
        client.shutdown()

    assert [answer.outcome for answer in answers] == [Outcome.PIN_ABSENT, Outcome.CERT_ABSENT]
