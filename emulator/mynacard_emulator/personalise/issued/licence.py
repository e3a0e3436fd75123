"""What is written into the driving-licence application, after the card was issued."""

from dataclasses import dataclass, field

from mynacard_emulator.applications.licence import LicenceContent, licence
from mynacard_emulator.card import Application


@dataclass(frozen=True, slots=True)
class LicenceRecord:
    """What was written into the driving-licence application; no PIN where its holder set none."""

    data: bytes
    signature: bytes
    pin: str | None = field(repr=False)

    def application(self) -> Application:
        """Arrange it in files."""
        pin = None if self.pin is None else self.pin.encode("ascii")
        return licence(LicenceContent(self.data, self.signature, pin))
