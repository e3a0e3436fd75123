"""Rules that concerns share; each class is a few of them, to be put together."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mynacard_conformance.outcome import CertificateKind, HashKind, KeyKind, PinKind

from .acts import MALFORMED
from .machine import Life

PINS = st.sampled_from([pin.value for pin in (PinKind.AUTH, PinKind.SIGN, PinKind.TEXT)])
KEYS = st.sampled_from([key.value for key in KeyKind])
DIGESTS = st.sampled_from([digest.value for digest in HashKind])
CERTIFICATES = st.sampled_from([kind.value for kind in CertificateKind])
MESSAGES = st.binary(max_size=64).map(bytes.hex)


class RightEntries(Life):
    """Right entries, and the question how many tries are left."""

    @rule(pin=PINS)
    def query(self, pin: str) -> None:
        """Ask for the tries left."""
        self.act("query", pin)

    @rule(pin=PINS)
    def right(self, pin: str) -> None:
        """Enter the right PIN."""
        self.act("enter", pin, "right")


class Entries(RightEntries):
    """Right and wrong ones."""

    @rule(pin=PINS)
    def wrong(self, pin: str) -> None:
        """Enter a wrong PIN."""
        self.act("enter", pin, "wrong")

    @rule()
    def wrong_again(self) -> None:
        """Enter a wrong PIN where most of this life is about: the faults are where the locks are."""
        self.act("enter", self.favourite, "wrong")

    @rule()
    def wrong_once_more(self) -> None:
        """Likewise; so a lock is reached before a success heals it."""
        self.act("enter", self.favourite, "wrong")


class Slips(Life):
    """What somebody types who is not looking."""

    @rule(pin=PINS, which=st.integers(0, min(map(len, MALFORMED.values())) - 1))
    def malformed(self, pin: str, which: int) -> None:
        """Enter what cannot be right."""
        self.act("enter", pin, f"malformed-{which}")

    @rule(pin=PINS)
    def wide(self, pin: str) -> None:
        """Enter the right PIN in full-width characters."""
        self.act("enter", pin, "wide")

    @rule()
    def lower(self) -> None:
        """Enter the right sign PIN in lower case."""
        self.act("enter", "sign", "lower")


class Uses(Life):
    """What a PIN is entered for."""

    @rule(key=KEYS, digest=DIGESTS, message=MESSAGES)
    def sign(self, key: str, digest: str, message: str) -> None:
        """Sign, with the right PIN."""
        self.act("sign", key, digest, message, "right")

    @rule(certificate=CERTIFICATES)
    def read(self, certificate: str) -> None:
        """Read a certificate, with the right PIN where one is needed."""
        self.act("read", certificate, "right" if certificate == "sign" else "none")


class Texts(Life):
    """What is read from the text application."""

    @rule()
    def my_number(self) -> None:
        """Read the My Number."""
        self.act("my-number", "right")

    @rule()
    def attributes(self) -> None:
        """Read the four attributes."""
        self.act("attributes", "right")


class UsesWithoutPin(Life):
    """What needs a PIN, asked for without one."""

    @rule(key=KEYS)
    def sign_without_pin(self, key: str) -> None:
        """Sign without a PIN."""
        self.act("sign", key, "sha256", "00", "none")

    @rule()
    def read_without_pin(self) -> None:
        """Read the sign certificate without a PIN."""
        self.act("read", "sign", "none")

    @rule()
    def attributes_without_pin(self) -> None:
        """Read the attributes without a PIN."""
        self.act("attributes", "none")


class Closes(Life):
    """The end of the client's session."""

    @rule()
    def close(self) -> None:
        """Let the client end its session."""
        self.act("close")


class Resets(Life):
    """What happens to the card's power."""

    @rule()
    def warm_reset(self) -> None:
        """Reset the card with its power on."""
        self.act("warm-reset")

    @rule()
    def power_cycle(self) -> None:
        """Cut the power for a moment."""
        self.act("power-cycle")


class Changes(Life):
    """A holder who changes PINs, and knows them or not."""

    @rule(pin=PINS, new=st.integers(0, 1))
    def change(self, pin: str, new: int) -> None:
        """Change a PIN, knowing the current one."""
        self.act("change", pin, "right", f"new-{new}")

    @rule(pin=PINS)
    def change_wrong(self, pin: str) -> None:
        """Change a PIN with a wrong current one."""
        self.act("change", pin, "wrong", "new-0")

    @rule(pin=PINS, which=st.integers(0, 3))
    def change_malformed(self, pin: str, which: int) -> None:
        """Change a PIN to what cannot be one."""
        self.act("change", pin, "right", f"malformed-{which}")

    @rule(pin=PINS)
    def old(self, pin: str) -> None:
        """Enter the value that the card was issued with."""
        self.act("enter", pin, "old")


class ResetsAtCounter(Life):
    """A holder who goes to the counter, once in a life: the card is out of the reader meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.went = False

    @precondition(lambda self: not self.went)
    @rule(pin=PINS, new=st.integers(0, 1))
    def reset(self, pin: str, new: int) -> None:
        """Have a PIN set anew."""
        self.went = True
        self.act("reset-at-counter", pin, f"new-{new}")

    @rule(pin=PINS)
    def old_after_reset(self, pin: str) -> None:
        """Enter the value that the card was issued with."""
        self.act("enter", pin, "old")


class RenewsAtCounter(Life):
    """A holder whose certificates are due, and who has two cards of the same family on the desk."""

    def __init__(self) -> None:
        super().__init__()
        self.renewed = False
        self.swapped = False

    @precondition(lambda self: not self.renewed and not self.swapped)
    @rule()
    def renew(self) -> None:
        """Have both certificates renewed."""
        self.renewed = True
        self.act("renew-at-counter")

    @precondition(lambda self: not self.swapped)
    @rule()
    def swap(self) -> None:
        """Lay the other card on the reader."""
        self.swapped = True
        self.act("put-in", "other")


class OtherPrograms(Life):
    """Somebody else at the same card."""

    @rule(pin=st.sampled_from(("auth", "sign")), how=st.sampled_from(("wrong", "right")))
    def other_enters(self, pin: str, how: str) -> None:
        """Have another program enter a PIN."""
        self.act("other-enters", pin, how)

    @rule()
    def look(self) -> None:
        """Have another program look whether the card is free."""
        self.act("look")


class KeepsPower(Life):
    """Another program whose connection keeps the card's power on, from the beginning."""

    def prepare(self) -> None:
        """Have it connect."""
        self.act("keep-power")


AT_AN_ENTRY = ("tear-before", "tear-after", "lose-command", "lose-answer", "power-cut", "empty", "zero-bytes")
ELSEWHERE = ("eject", "tear-before", "tear-after", "lose-command", "lose-answer", "zero-bytes", "truncate=1", "61xx")
_CALLS = {
    "select": ("sign", "auth", "sha256", "00", "right"),
    "read": ("read", "auth", "none"),
    "sign": ("sign", "sign", "sha256", "00", "right"),
    "query": ("query", "auth"),
}
"""What a user asks for in which a command of each kind comes."""


class Faults(Life):
    """What goes wrong on the way; what ends a connection takes a reader as long as an eject: once in a life."""

    def __init__(self) -> None:
        super().__init__()
        self.torn = False

    @precondition(lambda self: not self.torn)
    @rule(pin=PINS, how=st.sampled_from(("wrong", "right")), effect=st.sampled_from(AT_AN_ENTRY))
    def at_an_entry(self, pin: str, how: str, effect: str) -> None:
        """Let it happen to an entry."""
        self.torn = True
        self.act("fault", f"verify:1:{effect}")
        self.act("enter", pin, how)

    @precondition(lambda self: not self.torn)
    @rule(kind=st.sampled_from(sorted(_CALLS)), number=st.integers(1, 3), effect=st.sampled_from(ELSEWHERE))
    def elsewhere(self, kind: str, number: int, effect: str) -> None:
        """Let it happen to some other command, if there are so many."""
        self.torn = True
        self.act("fault", f"{kind}:{number}:{effect}")
        self.act(*_CALLS[kind])


class Ejects(Life):
    """The card leaves the reader; through pcscd that takes longer than all other acts together: once in a life."""

    def __init__(self) -> None:
        super().__init__()
        self.ejected = False

    @precondition(lambda self: not self.ejected)
    @rule()
    def eject_and_insert(self) -> None:
        """Take the card out and put it back."""
        self.ejected = True
        self.act("eject-and-insert")

    @precondition(lambda self: not self.ejected)
    @rule(pin=PINS)
    def enter_while_away(self, pin: str) -> None:
        """Enter a PIN while no card is there, and put the card back."""
        self.ejected = True
        self.act("eject")
        self.act("enter", pin, "right")
        self.act("insert")
