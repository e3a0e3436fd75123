"""Never run, only type-checked: each side has the other's shapes, though neither has heard of the other."""

from mynacard_conformance.adapters.driver import DriverClient
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.pkcs11 import Pkcs11Client
from mynacard_conformance.ports import AnyStage, CardUnderTest, ClientUnderTest, Exchange
from mynacard_emulator import Card, profiles, transcript
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.port import CardPort, TransmitOnly
from mynacard_emulator.world import open_world
from mynacard_fixtures.cards import BY_NAME

card: CardUnderTest = Card(profiles.adult())
faulty: CardUnderTest = BY_NAME["heals-with-power"](profiles.adult())
ports: tuple[CardPort, ...] = (
    Card(profiles.adult()),
    ObservedCard(Card(profiles.adult()), lambda _exchange: None),
    TransmitOnly(Card(profiles.adult())),
)
stage: AnyStage = open_world("direct")
exchange: Exchange = transcript.Exchange("command")
clients: tuple[ClientUnderTest, ...] = (
    DriverClient("driver", reader="reader", environment={}),
    InProcessClient(lambda connection: connection, stage.connect),
    Pkcs11Client("module.so", reader="reader", environment={}),
)
