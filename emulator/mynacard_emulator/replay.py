"""Play a recorded conversation again, and find where another card answers differently.

What was said to the reader, and not to the card, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .cards import CardInHand
from .transcript import Exchange, Narrator, lines, pin_bytes

_PIN_NEEDED = bytes.fromhex("6982")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a replay found: lines for people, and whether anything differed."""

    found: bool
    lines: tuple[str, ...]


def against_card(exchanges: Iterable[Exchange], hand: CardInHand) -> Difference:
    """Play it on a card of one's own.

    A transcript has no PINs. Where one was right in the recording, the card's own is entered, and a wrong one of the
    same length everywhere else.
    """
    card = hand.card

    def play(exchange: Exchange) -> bytes | None:
        match exchange.event:
            case "command":
                return card.transmit(_with_pin(hand, exchange))
            case "power_on" | "insert":
                card.power_on()
            case "power_off" | "eject":
                card.power_off()
            case "reset":
                card.reset()
        return None

    return _compare(exchanges, play)


def against_reader(exchanges: Iterable[Exchange], reader: str) -> Difference:
    """Play it on the card in a PC/SC reader, without every command that carries a PIN.

    What the card then refuses for want of that PIN is no difference.
    """
    from .readers.pcsc import ReaderConnection  # noqa: PLC0415 - an extra, needed only here

    with ReaderConnection(reader) as connection:
        skipped = False

        def play(exchange: Exchange) -> bytes | None:
            nonlocal skipped
            match exchange.event:
                case "command" if _carries_pin(exchange.command):
                    skipped = True
                case "command":
                    answer = connection.transmit(exchange.command)
                    wants_pin = skipped and answer == _PIN_NEEDED
                    return exchange.response if wants_pin else answer
                case "power_off" | "eject":
                    connection.power_cycle()
                case "reset":
                    connection.warm_reset()
                case "power_on" | "insert":
                    pass  # the power is on
            return None

        return _compare(exchanges, play)


def _compare(exchanges: Iterable[Exchange], play: Callable[[Exchange], bytes | None]) -> Difference:
    return _first_difference(exchanges, play) or Difference(found=False, lines=("no difference",))


def _first_difference(exchanges: Iterable[Exchange], play: Callable[[Exchange], bytes | None]) -> Difference | None:
    narrator = Narrator()
    for number, exchange in enumerate(exchanges, 1):
        if exchange.for_reader:  # it was not the card that answered
            continue
        written = tuple(lines(exchange, narrator))
        answer = play(exchange)
        if answer is not None and answer != exchange.response:
            return Difference(found=True, lines=tuple(_tell(number, written, exchange, answer)))
    return None


def _tell(number: int, written: tuple[str, ...], exchange: Exchange, answer: bytes) -> Iterator[str]:
    yield f"first difference: exchange {number}"
    yield f"  {written[0]}"
    yield f"  recorded {written[1]}"
    _, answered = lines(Exchange("command", exchange.command, answer), Narrator())
    yield f"  now      {answered}"


def _carries_pin(command: bytes) -> bool:
    start, end = pin_bytes(command)
    return start < end


def _with_pin(hand: CardInHand, exchange: Exchange) -> bytes:
    """Fill the zeros that stand for a PIN: with the right one if it was, else with one that is wrong for sure."""
    command = exchange.command
    start, end = pin_bytes(command)
    if start == end or any(command[start:end]):
        return command
    value = _own_pin(hand, command)
    was_right = exchange.response == b"\x90\x00"
    if value is None or len(value) != end - start:
        return command
    return command[:start] + (value if was_right else bytes(byte ^ 1 for byte in value)) + command[end:]


def _own_pin(hand: CardInHand, command: bytes) -> bytes | None:
    """Find the value of the PIN that the command is for, given what is selected on the card now."""
    state = hand.card.state
    fid = command[3] & 0x1F or state.session.fid
    data = next((d for p, d in state.memory.reference_data.items() if p == (state.session.aid, fid)), None)
    return None if data is None else data.value
