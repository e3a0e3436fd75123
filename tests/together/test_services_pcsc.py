"""The services beside a card in a real reader, as end-to-end tests of other people have them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .test_cli import MYNACARD, PATIENCE, environment, started

pytestmark = pytest.mark.pcsc

EXAMPLES = Path(__file__).parents[2] / "examples" / "services"


def test_the_example_follows_a_login_as_its_readme_says() -> None:
    reached = ("--control", "127.0.0.1:0", "--services", "127.0.0.1:0")
    program = (sys.executable, EXAMPLES / "follow_a_login.py")
    ran = subprocess.run(
        [MYNACARD, "exec", *reached, "--", *program],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"```text\n{ran.stdout}```" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_a_card_its_services_and_a_helper_are_one_command() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        site = f"127.0.0.1:{free.getsockname()[1]}"
    helper = (sys.executable, "-m", "mynacard_emulator", "helper", "--site", f"http://{site}")
    with started("exec", "--services", site, "--", *helper) as process:
        assert process.stdout is not None
        link = urlsplit(process.stdout.readline().strip())
        page = httpx.get(f"{link.scheme}://{link.netloc}{link.path}", timeout=PATIENCE)
        token = parse_qs(link.fragment)
        headers = {"origin": f"http://{site}", "authorization": f"Bearer {token['token'][0]}"}
        card = httpx.get(f"http://{token['helper'][0]}/card", headers=headers, timeout=PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130

    assert 'data-page="portal.top"' in page.text
    assert card.json() == {"outcome": "ok", "tries_left": 3}
