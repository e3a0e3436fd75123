"""Started by `exec --control --services` with a card: a person in Chromium clicks through the services' pages.

The first argument is a story, the second a folder for screenshots. Prints as JSON what was seen: after each step the
page, and what the page or the card said. That no PIN went to the services is looked at in every request.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, Page, Playwright, Request, expect, sync_playwright

PIN, NEW_PIN, WRONG_PIN = "1234", "5678", "9999"
SITE = os.environ["MYNACARD_SERVICES"]
PATIENCE = 30.0
CHROMIUM = "/usr/bin/chromium"
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
_shots = count(1)


@dataclass(slots=True)
class Person:
    """Somebody at a browser."""

    page: Page
    folder: Path
    seen: list[str] = field(default_factory=list)

    def at(self, page: str) -> None:
        """Wait until this page is there and its script has done with it; remember that, and what is said."""
        heading = self.page.locator(f'#page[data-page="{page}"][data-ready]')
        expect(heading).to_be_visible()
        self.page.screenshot(path=self.folder / f"{next(_shots):02}-{page}.png", full_page=True)
        self.seen.append(page)

    def hears(self, outcome: str) -> None:
        """Wait until the card, or the service, has said this."""
        said = self.page.locator(f'#card[data-outcome="{outcome}"], #came[data-outcome="{outcome}"]')
        expect(said).to_be_visible()
        self.page.screenshot(path=self.folder / f"{next(_shots):02}-{outcome}.png", full_page=True)
        self.seen.append(outcome)

    def click(self, action: str, **fields: str) -> None:
        """Fill in the form of an action, and send it."""
        form = self.page.locator(f"#{action.replace('.', '-')}")
        for name, value in fields.items():
            form.locator(f'[name="{name}"]').fill(value)
        form.locator("button").click()

    def tick(self, action: str, name: str) -> None:
        """Tick a box of a form."""
        self.page.locator(f'#{action.replace(".", "-")} [name="{name}"]').check()

    def enters(self, action: str, pin: str) -> None:
        """Enter a PIN into the dialog of an action."""
        form = self.page.locator(f"#{action.replace('.', '-')}")
        form.locator("[data-pin]").fill(pin)
        form.locator("button").click()


@dataclass(frozen=True, slots=True)
class Desk:
    """The computer, its helper, and whoever runs the office."""

    link: str
    control: httpx.Client
    contexts: Callable[[], BrowserContext]
    folder: Path

    def person(self, path: str = "/portal/", site: str = SITE) -> Person:
        """Somebody at a browser of their own, who opens the helper's link at a page."""
        page = self.contexts().new_page()
        page.goto(f"{site}{path}#{urlsplit(self.link).fragment}")
        return Person(page, self.folder)

    def steer(self, method: str, path: str, body: object = None) -> None:
        """Do something to the card, or have it done at the office."""
        answer = self.control.request(method, path, json=body).raise_for_status().json()
        assert answer.get("done", True), answer


def registers(person: Person) -> None:
    """A holder logs in with the reader for the first time."""
    person.at("portal.top")
    person.click("portal.start")
    person.at("portal.pin_dialog")
    person.enters("portal.log_in", PIN)
    person.at("portal.register_input")
    person.tick("portal.confirm", "accept_terms")
    person.click("portal.confirm", nickname="たろう")
    person.at("portal.register_confirm")
    person.click("portal.complete")
    person.at("portal.registered")


def reader(desk: Desk) -> Iterator[Person]:
    """A login with the reader: a wrong PIN, the right one, the account, and out again."""
    person = desk.person()
    person.at("portal.top")
    person.click("portal.start")
    person.at("portal.pin_dialog")
    person.enters("portal.log_in", "12a4")
    person.hears("format_rejected")
    person.enters("portal.log_in", WRONG_PIN)
    person.hears("wrong_pin")
    person.click("portal.cancel")
    registers(person)
    person.click("portal.show")
    person.at("portal.main_menu")
    person.click("portal.log_out")
    person.at("portal.logged_out")
    yield person


def barcode(desk: Desk) -> Iterator[Person]:
    """A login with the telephone, which is another browser; the computer goes on by itself."""
    computer = desk.person()
    registers(computer)
    computer.click("portal.log_out")
    computer.at("portal.logged_out")
    computer.click("portal.start")
    computer.at("portal.pin_dialog")
    computer.click("portal.show_barcode")
    computer.at("portal.barcode")
    scanned = urlsplit(str(computer.page.locator("#barcode").get_attribute("href")))
    telephone = desk.person(f"{scanned.path}?{scanned.query}")
    telephone.page.set_viewport_size({"width": 390, "height": 844})
    telephone.at("phone.shown")
    telephone.click("portal.scan")
    telephone.at("phone.scanned")
    telephone.enters("portal.log_in_by_barcode", WRONG_PIN)
    telephone.hears("wrong_pin")
    telephone.enters("portal.log_in_by_barcode", PIN)
    telephone.at("phone.authenticated")
    computer.at("portal.main_menu")
    yield from (computer, telephone)


def lock(desk: Desk) -> Iterator[Person]:
    """Three wrong PINs; the counter resets; a login again."""
    person = desk.person()
    registers(person)
    person.click("portal.log_out")
    person.at("portal.logged_out")
    person.click("portal.start")
    person.at("portal.pin_dialog")
    for _ in range(2):
        person.enters("portal.log_in", WRONG_PIN)
        person.hears("wrong_pin")
    person.enters("portal.log_in", WRONG_PIN)
    person.at("portal.top")
    person.hears("locked")
    person.click("portal.start")
    person.at("portal.top")
    person.hears("locked")
    desk.steer("POST", "/clock", {"opening": True})
    desk.steer("POST", "/office/counter.reset_pin", {"pin": "auth", "new": NEW_PIN, "documents": ["passport"]})
    person.click("portal.start")
    person.at("portal.pin_dialog")
    person.enters("portal.log_in", NEW_PIN)
    person.at("portal.main_menu")
    yield person


def trouble(desk: Desk) -> Iterator[Person]:
    """The card is not in the reader, then it is; no PIN is asked for before."""
    person = desk.person()
    desk.steer("DELETE", "/readers/0/card")
    person.at("portal.top")
    person.click("portal.start")
    person.at("portal.read_error")
    person.hears("no_card")
    desk.steer("POST", "/readers/0/card", {})
    person.click("portal.close")
    registers(person)
    yield person


def foreign(desk: Desk) -> Iterator[Person]:
    """The same pages under a name for which the helper was not started get nothing from it."""
    person = desk.person(site=SITE.replace("127.0.0.1", "localhost"))
    person.at("portal.top")
    person.page.locator('#portal-start [value="portal-app"]').check()
    person.click("portal.start")
    person.at("portal.pin_dialog")
    person.enters("portal.log_in", PIN)
    person.hears("no_helper")
    yield person


def others(desk: Desk) -> Iterator[Person]:
    """The other two services."""
    holder = desk.person("/mykey/")
    holder.at("mykey.top")
    holder.enters("mykey.log_in", PIN)
    holder.at("mykey.new")
    holder.click("mykey.create", name="KEY00001")
    holder.at("mykey.my_page")
    clinic = desk.person("/eligibility/")
    clinic.at("eligibility.new")
    clinic.click("eligibility.apply", name="clinic-1", password="apple-4829")
    clinic.hears("ok")
    clinic.click("eligibility.register", name="clinic-1", password="apple-4829")
    clinic.at("eligibility.open")
    clinic.tick("eligibility.check_visually", "face_confirmed")
    with clinic.page.expect_navigation():
        clinic.click("eligibility.check_visually")
    clinic.hears("ok")
    clinic.page.locator('#eligibility-set_mode [value="pin"]').check()
    clinic.click("eligibility.set_mode")
    expect(clinic.page.locator("#eligibility-check")).to_be_visible()
    with clinic.page.expect_navigation():
        clinic.enters("eligibility.check", PIN)
    clinic.hears("ok")
    yield from (holder, clinic)


STORIES = {story.__name__: story for story in (reader, barcode, lock, trouble, foreign, others)}


@contextmanager
def helper() -> Iterator[str]:
    """`mynacard helper` for the site, and its link."""
    command = [sys.executable, "-m", "mynacard_emulator", "helper", "--site", SITE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130


@contextmanager
def browsers(playwright: Playwright) -> Iterator[Callable[[], BrowserContext]]:
    """Browsers of different people; none of them tells a service a PIN."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
    told: list[str] = []

    def listen(request: Request) -> None:
        if request.url.startswith((SITE, SITE.replace("127.0.0.1", "localhost"))):
            told.append(f"{request.url} {request.post_data or ''} {request.headers}")

    def another() -> BrowserContext:
        context = chromium.new_context(locale="ja-JP")
        context.set_default_timeout(PATIENCE * 1000)
        context.on("request", listen)
        return context

    yield another
    assert told
    assert not [line for line in told for pin in (PIN, NEW_PIN, WRONG_PIN) if f"={pin}" in line or f'"{pin}"' in line]
    chromium.close()


def main() -> None:
    story, folder = sys.argv[1], Path(sys.argv[2])
    expect.set_options(timeout=PATIENCE * 1000)
    transport = httpx.HTTPTransport(uds=os.environ["MYNACARD_CONTROL"].removeprefix("unix:"))
    with ExitStack() as cleanup:
        control = cleanup.enter_context(httpx.Client(transport=transport, base_url="http://card", timeout=PATIENCE))
        link = cleanup.enter_context(helper())
        contexts = cleanup.enter_context(browsers(cleanup.enter_context(sync_playwright())))
        seen = [person.seen for person in STORIES[story](Desk(link, control, contexts, folder))]
        tries = control.get("/cards/1").json()["tries"]["auth"]
        log = control.get("/services/log").json()["lines"]
    asked = [f"{line['action']} {line['outcome']}" for line in log]
    json.dump({"seen": seen, "tries": tries, "log": asked}, sys.stdout)


main()
