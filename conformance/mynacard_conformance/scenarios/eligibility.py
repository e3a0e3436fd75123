"""The eligibility app: the account's locks, the device, and how a patient's card is checked."""

from __future__ import annotations

from datetime import timedelta

from mynacard_conformance.judge.served import Serves
from mynacard_conformance.model.holder import SEX_UNKNOWN
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.outcome import VerifyPin
from mynacard_conformance.verdict import Deed

from .checks import Check
from .story import Ask, Happens, Lasts, LogsIn, Orders, PutRight, Scenario, Step
from .words import (
    AUTH,
    CLINIC,
    CLINIC_PASSWORD,
    HAS_DEVICE,
    LOCKS_AUTH,
    RIGHT,
    SECOND,
    inserts,
    later,
    refused,
    serves,
)

_PIN = RIGHT[AUTH]
_WRONG, _NEW = "apple-4828", "pear-9058"
_MINUTE = timedelta(minutes=1)


def _logs_in(then: str = "ok", password: str = CLINIC_PASSWORD, device: str = "", **shows: str) -> Serves:
    return serves("eligibility.log_in", then, shows, name=CLINIC, password=password, device=device)


def _opens(passcode: str, then: str = "ok", **shows: str) -> Serves:
    return serves("eligibility.open", then, shows, passcode=passcode)


def _misses(left: int) -> Serves:
    return _logs_in("wrong_password", _WRONG, tries_left=str(left))


_LOCKS = (*(_misses(left) for left in (4, 3, 2, 1)), _logs_in("password_locked", _WRONG))
_CHECKS = LogsIn("eligibility", _PIN, action="check")
_CHECKS_VISUALLY = LogsIn("eligibility", None, action="check_visually")


def _overcomes(accident: str, *remedies: Step) -> tuple[Step, ...]:
    """Something is wrong with card or reader, and costs no try; what is done about it helps."""
    return (
        Lasts(accident),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        PutRight(),
        *remedies,
        Check(tries={AUTH: 3}),
        _CHECKS,
    )


ELIG_01 = Scenario(
    "ELIG-01",
    "Five wrong passwords lock the account, and half an hour later it opens by itself",
    "パスワードを5回誤るとアカウントがロックされ、30分後に自動で解除される",
    ("R-115", "R-117"),
    (
        *HAS_DEVICE,
        *_LOCKS,
        later(30 * _MINUTE - SECOND),
        _logs_in("password_locked"),
        later(SECOND),
        _logs_in(),
        _misses(4),
    ),
)

ELIG_02_FIVE = Scenario(
    "ELIG-02-five",
    "Three or five: five by default, and the contradiction is told",
    "3回か5回か。既定は5回で、資料の食い違いも示される",
    ("R-116", "R-115"),
    (
        *HAS_DEVICE,
        _logs_in(
            "wrong_password",
            _WRONG,
            limit="5",
            source="R-115 (body): 5; R-116 (contents list): 3 (D-01)",
        ),
        _misses(3),
        _misses(2),
        _logs_in(),
    ),
)

ELIG_02_THREE = Scenario(
    "ELIG-02-three",
    "Three or five: three where that is chosen",
    "3回か5回か。設定により3回",
    ("R-116",),
    (*HAS_DEVICE, _misses(2), _misses(1), _logs_in("password_locked", _WRONG, limit="3")),
    Setting(policy={"account_max_failures": 3}),
)

ELIG_03 = Scenario(
    "ELIG-03",
    "The account's lock and the card's lock are different things",
    "アカウントのロックとカードのロックは別のもの",
    ("R-115", "R-117", "R-124", "R-002", "F-014"),
    (
        *HAS_DEVICE,
        *_LOCKS,
        Check(tries={AUTH: 3}),
        later(30 * _MINUTE),
        _logs_in(),
        serves("eligibility.set_mode", mode="pin"),
        *LOCKS_AUTH,
        LogsIn("eligibility", _PIN, "locked", action="check"),
        _logs_in(),
        later(31 * _MINUTE),
        refused(AUTH),
        Check(tries={AUTH: 0}),
    ),
)

ELIG_04 = Scenario(
    "ELIG-04",
    "The passcode of the app",
    "アプリのパスコード",
    ("R-119", "R-120", "R-118"),
    (
        *HAS_DEVICE,
        serves("eligibility.set_passcode", passcode="1357"),
        serves("eligibility.close"),
        *(_opens("0000", "wrong_passcode", tries_left=str(left)) for left in (4, 3, 2, 1)),
        _opens("1357"),
        *(_opens("0000", "wrong_passcode", tries_left=str(left)) for left in (4, 3, 2, 1)),
        _opens("0000", "not_logged_in", page="system login"),
        _opens("1357", "not_logged_in"),
        _logs_in(passcode="not set"),
        serves("eligibility.set_passcode", passcode="2468"),
        _opens("2468"),
        serves("eligibility.reset_password", name=CLINIC, password=_NEW),
        _logs_in("wrong_password"),
        _logs_in(password=_NEW),
    ),
)

ELIG_05 = Scenario(
    "ELIG-05",
    "Visual mode and PIN mode",
    "目視確認モードと暗証番号モード",
    ("R-124", "R-113", "F-070"),
    (
        *HAS_DEVICE,
        _CHECKS_VISUALLY,
        Orders("read:1:tear-before"),
        LogsIn("eligibility", None, "card_removed", action="check_visually"),
        _CHECKS_VISUALLY,
        LogsIn("eligibility", None, "face_mismatch", {"face_confirmed": False}, action="check_visually"),
        Check(tries={AUTH: 3}),
        LogsIn("eligibility", _PIN, "wrong_state", action="check"),
        serves("eligibility.set_mode", mode="pin"),
        _CHECKS,
        LogsIn("eligibility", None, "wrong_state", action="check_visually"),
        *(
            step
            for fault in ("verify:1:tear-before", "sign:1:tear-before")
            for step in (
                Orders(fault),
                LogsIn("eligibility", _PIN, "card_removed", action="check"),
                Check(tries={AUTH: 3}),
                _CHECKS,
            )
        ),
    ),
)

ELIG_06 = Scenario(
    "ELIG-06",
    "Another phone: the old one is released first, and that takes an hour",
    "機種変更。先に旧端末の登録を解除し、1時間ほど待つ",
    ("R-125", "R-126", "R-127"),
    (
        *HAS_DEVICE,
        serves("eligibility.register", "device_registered", name=CLINIC, password=CLINIC_PASSWORD, device="new"),
        serves("eligibility.deregister", "ok", {"state": "being released"}),
        later(30 * _MINUTE),
        serves("eligibility.register", "deregistration_pending", name=CLINIC, password=CLINIC_PASSWORD, device="new"),
        later(30 * _MINUTE),
        serves("eligibility.register", name=CLINIC, password=CLINIC_PASSWORD, device="new"),
        _logs_in("not_registered"),
        _logs_in(device="new"),
    ),
)

ELIG_07 = Scenario(
    "ELIG-07",
    "A lost phone, and an app that was uninstalled",
    "端末の紛失と、アプリの削除",
    ("R-128", "R-121", "R-122"),
    (
        *HAS_DEVICE,
        serves("eligibility.uninstall"),
        _logs_in("account_closed"),
        serves("eligibility.register", "account_closed", name=CLINIC, password=CLINIC_PASSWORD),
        serves("eligibility.apply", name="clinic-2", password=_NEW),
        serves("eligibility.register", name="clinic-2", password=_NEW),
        serves("eligibility.release_account", name=CLINIC),
        _logs_in("account_stopped"),
        _CHECKS_VISUALLY,
        serves("eligibility.stop_account", name="clinic-2"),
        LogsIn("eligibility", None, "account_stopped", action="check_visually"),
        serves("eligibility.log_in", "account_stopped", name="clinic-2", password=_NEW),
    ),
)

ELIG_08 = Scenario(
    "ELIG-08",
    "What is wrong with the reader is put right, and the check goes on",
    "リーダーの不具合を直すと、確認を続けられる",
    ("R-109", "R-110", "R-111", "R-112", "R-114"),
    (
        *HAS_DEVICE,
        serves("eligibility.set_mode", mode="pin"),
        *(step for accident in ("upside-down", "back-to-front", "usb-hub") for step in _overcomes(accident)),
        inserts("contactless"),
        *(
            step
            for accident in ("in-its-case", "bluetooth-lost")
            for step in _overcomes(accident, Happens(Deed.RESTART))
        ),
    ),
    Setting(others={"contactless": CardInStory(holder=SEX_UNKNOWN)}),
)

ELIGIBILITY = (
    ELIG_01,
    ELIG_02_FIVE,
    ELIG_02_THREE,
    ELIG_03,
    ELIG_04,
    ELIG_05,
    ELIG_06,
    ELIG_07,
    ELIG_08,
)
"""The scenarios of this family, in order."""
