"""Reports as their users come by them: about a real module, through a real stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_check_pcsc import OPENSC
from .test_cli import mynacard

pytestmark = pytest.mark.pcsc

BLOCKED = "client/lock/blocked"


@pytest.mark.skipif(OPENSC is None, reason="OpenSC's PKCS#11 module is not installed: apt-get install opensc-pkcs11")
def test_a_finding_about_opensc_still_fails_until_another_client_is_named(tmp_path: Path) -> None:
    finding = tmp_path / "report" / "findings" / "client.lock.blocked.json"
    judged = mynacard("check", "--pkcs11", str(OPENSC), "--scenario", "LOCK-18", "--report", tmp_path / "report")
    again = mynacard("replay", finding)
    other = mynacard("replay", finding, "--reference")

    assert (judged.status, again.status, other.status) == (1, 1, 0)
    assert again.out.startswith(f"STILL FAILS  {BLOCKED}  OpenSC")
    assert "CKR_GENERAL_ERROR" in again.out
    assert other.out.startswith(f"FIXED  {BLOCKED}  the reference client")


def test_the_guide_goes_as_it_is_shown(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(f'version = 1\n[expected]\n"{BLOCKED}" = "reported to its authors"\n')
    quick = ("--scenario", "LOCK-01", "--scenario", "LOCK-18")

    reported = mynacard("check", "--reference", *quick, "--report", "report", cwd=tmp_path)
    expecting = mynacard("check", "--reference", *quick, "--baseline", "known.toml", cwd=tmp_path)

    assert (reported.status, expecting.status) == (0, 0)
    assert f"unexpected pass {BLOCKED}" in expecting.out
    assert (tmp_path / "report" / "index.html").exists()


@pytest.mark.skipif(OPENSC is None, reason="OpenSC's PKCS#11 module is not installed: apt-get install opensc-pkcs11")
def test_the_commands_of_a_finding_are_sent_once_its_pins_are_named(tmp_path: Path) -> None:
    mynacard("check", "--pkcs11", str(OPENSC), "--scenario", "LOCK-18", "--report", "report", cwd=tmp_path)
    script = (tmp_path / "report" / "findings" / "client.lock.blocked.scriptor").read_text(encoding="utf-8")
    (tmp_path / "card.sh").write_text(
        next(line[2:] for line in script.splitlines() if line.startswith("# opensc-tool -s"))
    )

    nameless = mynacard("exec", "--", "sh", "card.sh", cwd=tmp_path)
    named = mynacard("exec", "--", "sh", "card.sh", cwd=tmp_path, env={"SOME_AUTH_PIN": "30303030"})

    assert nameless.status != 0
    assert "SOME_AUTH_PIN" in nameless.err
    assert (named.status, named.answers) == (0, [])
    assert named.out.count("Sending:") == script.count("\n") - script.count("\n#") - 1
