"""A world with a control socket, asked without a socket; its reader does no more than supply power."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from mynacard_emulator.clock import OPENING
from mynacard_emulator.control.acts import Controls
from mynacard_emulator.control.app import control
from mynacard_emulator.control.served import ServedWorld
from mynacard_emulator.readers.port import CardPort
from mynacard_emulator.rest.api import Guard
from mynacard_emulator.rest.turns import Turns

JPKI, AUTH_PIN = "00A4040C0AD392F000260100000001", "00A4020C020018"
WRONG = "002000800430303030"


def plain_reader(card: CardPort, stop: threading.Event, notice: Callable[[bool], None]) -> None:
    """Supply power to the card for as long as it is in."""
    card.power_on()
    notice(True)
    stop.wait()
    card.power_off()


@dataclass(frozen=True, slots=True)
class House:
    """The world, and whoever asks."""

    world: ServedWorld
    controls: Controls
    turns: Turns
    app: Starlette

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; an exception in the application comes out here."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app)) as client:
                return await client.request(method, f"http://localhost{path}", **more)

        return asyncio.run(send())

    def told(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """What one request is answered, which must have that status."""
        response = self.ask(method, path, **more)
        assert (response.status_code, response.headers["content-type"]) == (status, "application/json"), response.text
        return response.json()

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """How one request is refused."""
        response = self.ask(method, path, **more)
        answer = response.json()
        assert sorted(answer) == ["error", "message"]
        return response.status_code, answer["error"]

    def say(self, *commands: str) -> str:
        """What the card in the reader answers to the last of these."""
        return [self.world.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]


@contextmanager
def house(guard: Guard | None = None, patience: float = 15.0) -> Iterator[House]:
    """An adult's card in the reader, on a Friday at ten."""
    with closing(ServedWorld(plain_reader, at=OPENING)) as world, Turns(patience) as turns:
        card = world.issue("adult")
        world.insert(card)
        controls = Controls(world, world.recent)
        yield House(world, controls, turns, control(controls, turns, guard or Guard()))
