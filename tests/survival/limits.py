"""A test in a process of its own that may have only so much memory and time: what takes more fails, on any machine."""

from __future__ import annotations

import os
import resource
import traceback
from collections.abc import Callable
from pathlib import Path

MEMORY, SECONDS = 1 << 28, 60
"""Bytes and seconds of the processor, beyond what the process had and has used."""


def limited(function: Callable[[], object], *, memory: int = MEMORY, seconds: int = SECONDS) -> str:
    """Call it in a forked child under these limits; return its traceback, or how the child ended, or nothing."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            _limit(memory, seconds)
            function()
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
            os.write(tell, traceback.format_exc()[-60_000:].encode())
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return said or (f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "")


def _limit(memory: int, seconds: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory,) * 2)
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 1))
