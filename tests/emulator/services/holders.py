"""Shared by the tests of the services: what a holder shows at a login."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.certificates import Enrolment, auth_certificate
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.served import Served
from mynacard_emulator.world import World, WorldCard
from tests.emulator.office.visits import certificate, holder_signs


def proof(world: World, service: str, card: WorldCard | None = None) -> Mapping[str, bytes]:
    """A certificate, a fresh challenge, and a signature of it by the card that was inserted last."""
    card = card or world.current
    challenge = world.services.challenge(service)
    return {
        "certificate": certificate(card),
        "challenge": challenge,
        "signature": holder_signs(card, "auth", challenge),
    }


def attempt(world: World, service: str, shown: Mapping[str, bytes], browser: str = "") -> Served:
    """Show something at a login, on the page where that is asked for."""
    if service == "portal":
        world.services.portal.start(browser=browser)
    return world.services.perform(f"{service}.log_in", **shown, browser=browser)


def log_in(world: World, service: str, browser: str = "", card: WorldCard | None = None) -> Served:
    """Log in at a service, with the card that was inserted last or with this one."""
    return attempt(world, service, proof(world, service, card), browser)


def my_page(world: World, card: WorldCard | None = None) -> Served:
    """Open My Page of the MyKey platform, with the card that was inserted last or with this one."""
    return log_in(world, "mykey", card=card)


def join(world: World, service: str = "mykey", name: str = "KEY00001", card: WorldCard | None = None) -> str:
    """Have the holder of a card registered at a service, and logged out; return the account."""
    if service == "mykey":
        assert my_page(world, card).outcome == "not_registered"
        joined = world.services.mykey.create(name)
    else:
        assert log_in(world, service, card=card).shown["page"] == "registration"
        assert world.services.portal.confirm(name).done
        joined = world.services.portal.complete()
    assert joined.account is not None
    assert world.services.perform(f"{service}.log_out").done
    return joined.account


def hand_in(world: World, card: WorldCard | None = None, document: bytes = b"contract") -> str:
    """Say what comes of a document that is signed with a card, and handed in."""
    card = card or world.current
    signature = holder_signs(card, "sign", document)
    return world.services.etax.submit(document, certificate(card, "sign"), signature).outcome


def foreign(world: World) -> bytes:
    """The holder's auth certificate, as a stranger's CA would issue it: number, key, dates and all."""
    own = x509.load_der_x509_certificate(certificate(world.current))
    enrolment = Enrolment(
        public_key=shipped.key(shipped.CARD_AUTH).public_key(),
        serial_number=own.serial_number,
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
        common_name="AJH84YHVT45JEJ99001001A",
        prefecture="Tokyo-to",
        city="Kaku-shi",
    )
    return auth_certificate(shipped.foreign_authority(CertKind.AUTH), enrolment)
