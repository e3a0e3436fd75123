"""Who wants the same thing at the same time: in every order of their steps one has it, and the others are told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from typing import TypeAlias

import pytest

from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.ledger import MyKeyRecord, PortalAccount
from mynacard_emulator.services.served import Served
from mynacard_emulator.services.states import MyKeyState
from mynacard_emulator.world import World, WorldCard
from tests.emulator.office.visits import renewed

from .holders import join, log_in, proof

FIVE_MINUTES, SECOND = timedelta(minutes=5), timedelta(seconds=1)
TARO, HANAKO = "adult", "foreigner"
IDS: Mapping[str, str] = {TARO: "KEY00001", HANAKO: "KEY00002"}
POINTS: Mapping[str, int] = {TARO: 500, HANAKO: 300}
AT_WORK, AT_HOME = f"{TARO} at work", f"{TARO} at home"
WANTED = "KEY00009"
OWN: Mapping[str, str] = {HANAKO: "OWN00001", TARO: "OWN00002", AT_WORK: "OWN00003", AT_HOME: "OWN00004"}
"""An ID that nobody else wants, by who does."""


@dataclass
class House:
    """Two holders, by the profiles of their cards, who ask from browsers; those of one holder begin with that name."""

    world: World = field(default_factory=World)
    cards: dict[str, WorldCard] = field(default_factory=dict)
    code: str = ""

    def __post_init__(self) -> None:
        self.cards = {profile: self.world.issue(profile) for profile in (HANAKO, TARO)}
        self.world.insert(self.cards[TARO])

    def card_of(self, who: str) -> WorldCard:
        return self.cards[who.partition(" ")[0]]

    def asks(self, who: str, action: str, **details: object) -> Served:
        return self.world.services.perform(action, **details, browser=who)

    def page_of(self, who: str) -> tuple[str, int]:
        """What My Page shows in a browser: the ID and the points."""
        served = self.asks(who, "mykey.show")
        assert served.done
        return served.shown["id"], int(served.shown["points"])

    def living(self) -> list[str]:
        """The MyKey IDs that are not revoked."""
        records = self.world.services.ledger.all(MyKeyRecord)
        return sorted(record.name for record in records if record.state is not MyKeyState.REVOKED)


def with_ids() -> House:
    """Both have a MyKey ID with points."""
    house = House()
    for who, name in IDS.items():
        join(house.world, "mykey", name, house.cards[who])
        assert house.world.services.mykey.grant_points(name, POINTS[who]).done
    return house


Deed: TypeAlias = Callable[[House, str], Served]
Order: TypeAlias = tuple[tuple[str, Deed], ...]


def orders(lines: Mapping[str, Sequence[Deed]]) -> Iterator[Order]:
    """Every order of all deeds in which everybody's own keep theirs."""
    turns = [who for who, deeds in lines.items() for _ in deeds]
    for order in sorted(set(permutations(turns))):
        deeds = {who: iter(each) for who, each in lines.items()}
        yield tuple((who, next(deeds[who])) for who in order)


def play(house: House, order: Order) -> Mapping[tuple[str, Deed], str]:
    """Have everything done; say what came of it."""
    return {(who, deed): deed(house, who).outcome for who, deed in order}


def enters(house: House, who: str) -> Served:
    return log_in(house.world, "mykey", who, house.card_of(who))


def creates(house: House, who: str) -> Served:
    return house.asks(who, "mykey.create", name=WANTED)


def creates_own(house: House, who: str) -> Served:
    return house.asks(who, "mykey.create", name=OWN[who])


def checks(house: House, who: str) -> Served:
    return house.asks(who, "mykey.check_duplicate", name=WANTED)


def changes(house: House, who: str) -> Served:
    return house.asks(who, "mykey.change_id", name=WANTED)


def checks_the_others(house: House, who: str) -> Served:
    return house.asks(who, "mykey.check_duplicate", name=IDS[TARO])


def changes_to_the_others(house: House, who: str) -> Served:
    return house.asks(who, "mykey.change_id", name=IDS[TARO])


def checks_own(house: House, who: str) -> Served:
    return house.asks(who, "mykey.check_duplicate", name=OWN[who])


def changes_to_own(house: House, who: str) -> Served:
    return house.asks(who, "mykey.change_id", name=OWN[who])


def pays(house: House, who: str) -> Served:
    return house.world.services.mykey.use_points(IDS[who.partition(" ")[0]], 300)


def is_renewed(house: House, _: str) -> Served:
    """The office gives the card in the reader a new auth certificate."""
    renewed(house.world, CertKind.AUTH)
    return Served()


# ---------------------------------------------------------------- one MyKey ID


def test_of_two_holders_who_create_one_id_one_has_it_and_the_other_may_have_another() -> None:
    for order in orders(dict.fromkeys(IDS, (enters, creates))):
        house = House()
        came = play(house, order)
        created = sorted(came[who, creates] for who in IDS)

        assert created == ["duplicate_id", "ok"]
        winner, loser = sorted(IDS, key=lambda who: came[who, creates] != "ok")
        assert house.page_of(winner) == (WANTED, 0)
        assert house.asks(loser, "mykey.show").outcome == "not_registered"
        assert creates_own(house, loser).done
        assert enters(house, loser).account != enters(house, winner).account == WANTED


def test_of_two_holders_who_change_to_one_id_one_has_it_and_nobodys_points_are_lost() -> None:
    for order in orders(dict.fromkeys(IDS, (enters, checks, changes))):
        house = with_ids()
        came = play(house, order)
        winner, loser = sorted(IDS, key=lambda who: came[who, changes] != "ok")

        assert came[winner, changes] == "ok"
        assert (came[loser, checks], came[loser, changes]) in (("ok", "duplicate_id"), ("duplicate_id", "check_first"))
        assert house.page_of(winner) == (WANTED, POINTS[winner])
        assert house.page_of(loser) == (IDS[loser], POINTS[loser])
        assert [enters(house, who).account for who in (winner, loser)] == [WANTED, IDS[loser]]


def test_who_creates_an_id_and_who_changes_to_it_do_not_both_have_it() -> None:
    for order in orders({TARO: (enters, checks, changes), HANAKO: (enters, creates)}):
        house = House()
        join(house.world, "mykey", IDS[TARO], house.cards[TARO])
        came = play(house, order)
        got = {who for who, deed in ((TARO, changes), (HANAKO, creates)) if came[who, deed] == "ok"}

        assert len(got) == 1
        assert came[HANAKO, creates] in ("ok", "duplicate_id")
        assert house.page_of(TARO)[0] == (WANTED if TARO in got else IDS[TARO])
        assert house.living() == sorted({WANTED, IDS[TARO]} if HANAKO in got else {WANTED})


def test_an_id_that_is_given_up_goes_to_one_other_and_nobody_follows_it() -> None:
    """Whoever is logged in under an ID stays with its holder, and not with its name."""
    giving_up = {TARO: (enters, checks, changes), HANAKO: (enters, checks_the_others, changes_to_the_others)}
    for order in orders(giving_up):
        house = with_ids()
        came = play(house, order)
        has_it = came[HANAKO, changes_to_the_others] == "ok"

        assert came[TARO, changes] == "ok"
        assert has_it or came[HANAKO, changes_to_the_others] == "check_first"
        assert house.page_of(TARO) == (WANTED, POINTS[TARO])
        assert house.page_of(HANAKO) == (IDS[TARO] if has_it else IDS[HANAKO], POINTS[HANAKO])


def test_two_browsers_of_one_holder_change_the_id_one_after_the_other() -> None:
    for order in orders({AT_WORK: (checks, changes), AT_HOME: (checks_own, changes_to_own)}):
        house = with_ids()
        assert enters(house, AT_WORK).done
        assert enters(house, AT_HOME).done
        came = play(house, order)
        last = order[-1]

        assert {came[AT_WORK, changes], came[AT_HOME, changes_to_own]} <= {"ok", "check_first"}
        assert house.page_of(AT_WORK) == house.page_of(AT_HOME)
        assert house.page_of(AT_WORK)[1] == POINTS[TARO]
        assert house.living() == sorted({house.page_of(AT_WORK)[0], IDS[HANAKO]})
        if came[last] == "ok":
            assert house.page_of(AT_WORK)[0] == (WANTED if last == (AT_WORK, changes) else OWN[AT_HOME])


def test_two_browsers_of_one_holder_create_one_id() -> None:
    for order in orders({AT_WORK: (enters, creates), AT_HOME: (enters, creates_own)}):
        house = House()
        came = play(house, order)

        assert sorted((came[AT_WORK, creates], came[AT_HOME, creates_own])) == ["already_registered", "ok"]
        assert house.living() == [enters(house, AT_WORK).account] == [enters(house, AT_HOME).account]


def test_two_browsers_of_one_holder_create_one_id_though_the_card_is_renewed_meanwhile() -> None:
    for order in orders({AT_WORK: (enters, creates), "office": (is_renewed,), AT_HOME: (enters, creates_own)}):
        house = House()
        came = play(house, order)

        assert sorted((came[AT_WORK, creates], came[AT_HOME, creates_own])) == ["already_registered", "ok"]
        assert house.living() == [enters(house, AT_WORK).account] == [enters(house, AT_HOME).account]


def test_points_are_paid_once() -> None:
    for order in orders({f"{TARO} at a shop": (pays,), f"{TARO} at another": (pays,)}):
        house = with_ids()
        assert sorted(play(house, order).values()) == ["not_enough_points", "ok"]
        assert enters(house, TARO).shown["points"] == "200"


# ---------------------------------------------------------------- one account of the portal


def fills_in(house: House, who: str) -> Served:
    assert log_in(house.world, "portal", who, house.card_of(who)).shown["page"] in ("registration", "main menu")
    return house.asks(who, "portal.confirm", nickname=who[-20:])


def completes(house: House, who: str) -> Served:
    return house.asks(who, "portal.complete")


def test_two_browsers_of_one_holder_register_one_account_though_the_card_is_renewed_meanwhile() -> None:
    for order in orders({AT_WORK: (fills_in, completes), "office": (is_renewed,), AT_HOME: (fills_in, completes)}):
        house = House()
        came = play(house, order)
        done = [who for who in (AT_WORK, AT_HOME) if came[who, completes] == "ok"]

        assert len(done) == 1
        assert len(list(house.world.services.ledger.all(PortalAccount))) == 1
        assert log_in(house.world, "portal", "new", house.cards[TARO]).shown["nickname"] == done[0][-20:]


# ---------------------------------------------------------------- one barcode

PC = "pc"
PHONES = (f"{TARO} with a phone", f"{HANAKO} with a phone")


def at_the_barcode(browser: str = PC) -> House:
    """Both holders have an account, and a computer shows a barcode."""
    house = House()
    for who in IDS:
        join(house.world, "portal", who, house.cards[who])
    house.code = shows(house, browser).shown["barcode"]
    return house


def shows(house: House, who: str) -> Served:
    return house.asks(who, "portal.show_barcode")


def scans(house: House, who: str) -> Served:
    return house.asks(who, "portal.scan", barcode=house.code)


def logs_the_computer_in(house: House, who: str) -> Served:
    shown = proof(house.world, "portal", house.card_of(who))
    return house.asks(who, "portal.log_in_by_barcode", barcode=house.code, **shown)


def gives_up(house: House, who: str) -> Served:
    return house.asks(who, "portal.cancel_barcode", barcode=house.code)


def cancels(house: House, who: str) -> Served:
    return house.asks(who, "portal.cancel")


def logged_in(house: House, *others: str) -> dict[str, str]:
    """Who is logged in where, by the nickname of the account."""
    pages = {who: house.asks(who, "portal.show") for who in (PC, *PHONES, *others)}
    return {who: page.shown["nickname"] for who, page in pages.items() if page.done}


def test_of_two_telephones_at_one_barcode_the_one_that_scanned_it_first_logs_the_computer_in() -> None:
    for order in orders(dict.fromkeys(PHONES, (scans, logs_the_computer_in))):
        house = at_the_barcode()
        came = play(house, order)
        first, second = sorted(PHONES, key=lambda who: order.index((who, scans)))

        assert (came[first, scans], came[first, logs_the_computer_in]) == ("ok", "ok")
        assert (came[second, scans], came[second, logs_the_computer_in]) == ("wrong_state", "wrong_state")
        assert logged_in(house) == {PC: first.partition(" ")[0]}


def test_once_the_computer_has_cancelled_no_telephone_logs_it_in() -> None:
    """Not even when the computer shows another barcode, which that telephone has not scanned."""
    thief, owner = PHONES
    for order in orders({thief: (scans, logs_the_computer_in), PC: (cancels, shows)}):
        house = at_the_barcode()
        came = play(house, order)
        cancelled = came[PC, cancels] == "ok"

        assert (came[thief, logs_the_computer_in] == "ok") is not cancelled
        assert logged_in(house) == ({} if cancelled else {PC: TARO})
        if cancelled:
            cancels(house, PC)
            house.code = shows(house, PC).shown["barcode"]
            assert play(house, ((owner, scans), (owner, logs_the_computer_in)))[owner, logs_the_computer_in] == "ok"
            assert logged_in(house) == {PC: HANAKO}


def test_a_telephone_that_did_not_scan_a_barcode_does_nothing_with_it_after_another_has() -> None:
    scanner, stranger = PHONES
    for order in orders({scanner: (scans, logs_the_computer_in), stranger: (gives_up,)}):
        house = at_the_barcode()
        came = play(house, order)
        before_the_scan = order.index((stranger, gives_up)) == 0

        assert came[stranger, gives_up] == ("ok" if before_the_scan else "wrong_state")
        assert logged_in(house) == ({} if before_the_scan else {PC: TARO})


def test_each_telephone_logs_in_the_computer_whose_barcode_it_scanned() -> None:
    codes: dict[str, str] = {}

    def scans_its_own(house: House, who: str) -> Served:
        return house.asks(who, "portal.scan", barcode=codes[who])

    def logs_its_own_in(house: House, who: str) -> Served:
        shown = proof(house.world, "portal", house.card_of(who))
        return house.asks(who, "portal.log_in_by_barcode", barcode=codes[who], **shown)

    for order in orders(dict.fromkeys(PHONES, (scans_its_own, logs_its_own_in))):
        house = at_the_barcode()
        codes = dict(zip(PHONES, (house.code, shows(house, "mac").shown["barcode"]), strict=True))
        assert set(play(house, order).values()) == {"ok"}
        assert logged_in(house, "mac") == {PC: TARO, "mac": HANAKO}


def expires(house: House, _: str) -> Served:
    house.world.clock.advance(FIVE_MINUTES + SECOND)
    return Served()


PHONE, OTHER_PHONE = PHONES
GONE: Mapping[str, tuple[Order, str]] = {
    "expired before it was scanned": (((PC, expires),), "barcode_expired"),
    "expired after it was scanned": (((PHONE, scans), (PC, expires)), "barcode_expired"),
    "cancelled at the telephone": (((PHONE, scans), (PHONE, gives_up)), "wrong_state"),
    "cancelled at the computer": (((PHONE, scans), (PC, cancels)), "barcode_expired"),
    "shown anew": (((PHONE, scans), (PC, cancels), (PC, shows)), "barcode_expired"),
    "never scanned": ((), "wrong_state"),
    "scanned by another telephone": (((OTHER_PHONE, scans),), "wrong_state"),
}


@pytest.mark.parametrize("way", GONE)
def test_a_barcode_that_is_not_good_any_more_logs_nobody_in(way: str) -> None:
    order, outcome = GONE[way]
    house = at_the_barcode()
    play(house, order)
    assert logs_the_computer_in(house, PHONE).outcome == outcome
    assert logged_in(house) == {}


def test_a_barcode_that_was_used_is_not_used_again() -> None:
    house = at_the_barcode()
    play(house, ((PHONE, scans), (PHONE, logs_the_computer_in)))
    assert logs_the_computer_in(house, PHONE).outcome == "wrong_state"
    assert house.asks(PC, "portal.log_out").done
    assert logs_the_computer_in(house, PHONE).outcome == "wrong_state"
    assert logged_in(house) == {}
