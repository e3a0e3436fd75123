"""What is shown of a conversation: the APDUs that the card saw, without the PINs in them."""

from __future__ import annotations

from collections.abc import Iterable

from mynacard_conformance.ports import Exchange
from mynacard_conformance.verdict import SeenAPDU
from mynacard_conformance.wire import data_field

_SECRET_INSTRUCTIONS = (0x20, 0x24, 0x2C, 0x32)
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, CHANGE KEY: their data is a PIN."""


def seen(exchanges: Iterable[Exchange]) -> tuple[SeenAPDU, ...]:
    """Show exchanges as hex: PIN bytes as dots, events by name."""
    return tuple(
        SeenAPDU(_mask(exchange.command), exchange.response.hex().upper())
        if exchange.event == "command"
        else SeenAPDU(f"({exchange.event.replace('_', ' ')})", "")
        for exchange in exchanges
    )


def _mask(command: bytes) -> str:
    if len(command) > 4 and command[1] in _SECRET_INSTRUCTIONS:
        data = data_field(command)
        start = (5 if command[4] else 7) if data else 4  # of a malformed one everything behind the header is secret
        return f"{command[:start].hex().upper()} {'••' * (len(data) or len(command) - 4)}"
    return command.hex().upper()
