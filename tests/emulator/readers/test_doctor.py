"""What the doctor finds on this machine, and on machines that lack something."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from mynacard_emulator.readers import doctor, stack_host
from mynacard_emulator.readers.doctor import INSTALL_OPENSC, Finding, Status, examine
from mynacard_emulator.readers.stack import INSTALL, PCSCD, Pcscd
from mynacard_emulator.readers.vpcd import DEFAULT_PORT

from .programs import ORDINARY, ROOT, confined, until

needs_pcscd = pytest.mark.pcsc
root_only = pytest.mark.skipif(not ROOT, reason="only root can try what root may do")

EXAMINE = """
import json
from mynacard_emulator.readers.doctor import examine

print(json.dumps({finding.name: [finding.status.value, finding.seen, finding.remedy] for finding in examine()}))
"""


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look where nothing is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "PCSCD", str(tmp_path / "pcscd"))
    monkeypatch.setattr(doctor, "DRIVER", str(tmp_path / "libifdvpcd.so"))
    monkeypatch.setattr(doctor, "_LIBRARIES", (tmp_path,))
    monkeypatch.setattr(doctor, "_DISTRIBUTIONS", {"no-such-distribution": "pip install it"})


@needs_pcscd
def test_a_complete_machine_is_measured() -> None:
    findings = {finding.name: finding for finding in examine()}
    assert findings["pcscd"].seen.endswith(Pcscd.ask(PCSCD).version)
    assert all(finding.ok for finding in findings.values() if finding.needed)
    measured = findings["private stack"].seen
    assert measured.startswith("first card after ")
    assert ", a SELECT in " in measured


@pytest.mark.usefixtures("bare_machine")
def test_what_is_missing_comes_with_the_command_that_installs_it() -> None:
    missing = {finding.name: finding.remedy for finding in examine() if finding.status is Status.MISSING}
    missing.pop("private stack", None)  # only where it is really missing
    assert missing == {
        "pcscd": INSTALL,
        "virtual reader driver": INSTALL,
        "opensc-tool": INSTALL_OPENSC,
        "pkcs15-tool": INSTALL_OPENSC,
        "opensc-pkcs11.so": INSTALL_OPENSC,
        "openssl": "apt-get install openssl",
        "no-such-distribution": "pip install it",
    }


@pytest.mark.usefixtures("bare_machine")
def test_a_stack_needs_pcscd_and_the_driver_and_nothing_else() -> None:
    assert {finding.name for finding in examine() if finding.needed} == {
        "pcscd",
        "virtual reader driver",
        "private stack",
    }


def test_a_program_is_told_with_its_version() -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here")
    assert doctor._program("openssl", "version", "").seen.startswith(f"{openssl}, OpenSSL ")


def test_findings_are_plain_data() -> None:
    for finding in examine():
        assert json.loads(json.dumps(asdict(finding) | {"status": finding.status.value}))["name"] == finding.name
        assert "\n" not in finding.seen


def test_a_warning_still_serves() -> None:
    assert Finding("any", Status.WARNING, "so so").ok
    assert not Finding("any", Status.MISSING, "nothing").ok


@pytest.mark.parametrize(
    ("select", "status", "remedy"),
    [
        (None, Status.OK, None),
        (0.08, Status.OK, None),
        (2.9, Status.OK, None),
        (5.0, Status.WARNING, "something keeps this machine busy"),
        (44.0, Status.WARNING, "each command waits 40 ms for a TCP acknowledgement"),
    ],
)
def test_a_stack_that_is_slow_is_a_warning_with_the_next_step(
    select: float | None, status: Status, remedy: str | None
) -> None:
    finding = doctor.judged(doctor.Measured(430, select, None))

    assert finding.status is status
    assert (finding.remedy or "").startswith(remedy or "")
    assert (finding.remedy is None) is (remedy is None)


def test_a_warning_of_the_stack_is_told_beside_its_speed() -> None:
    finding = doctor.judged(doctor.Measured(430, 0.08, "anybody can be the card"))

    assert (finding.status, finding.remedy) == (Status.WARNING, None)
    assert finding.seen == "first card after 430 ms, a SELECT in 0.08 ms (usual: 0.1 ms); anybody can be the card"


@needs_pcscd
def test_a_process_of_the_doctor_needs_no_particular_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm")
    assert doctor._private_stack().ok


@needs_pcscd
def test_a_stack_that_cannot_be_had_is_missing_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PATIENCE", 0.01)
    finding = doctor._private_stack()
    assert (finding.status, finding.seen) == (Status.MISSING, "it did not serve within 0 s")


@needs_pcscd
def test_refused_namespaces_are_a_warning_with_the_setting_that_refuses_them() -> None:
    told = confined(EXAMINE, limits=["user", "mnt", "net"], user=ORDINARY)
    status, _, remedy = told["namespaces"]
    assert (status, remedy) == ("warning", "sysctl -w user.max_user_namespaces=1000")
    status, seen, _ = told["private stack"]
    assert status == "warning"
    assert "no network namespace can be had here" in seen


@needs_pcscd
@root_only
def test_a_stack_that_root_cannot_have_is_missing() -> None:
    status, seen, _ = confined(EXAMINE, limits=["user", "mnt", "net"], user=0)["private stack"]
    assert status == "missing"
    assert seen.endswith("run this as an ordinary user")


@pytest.mark.parametrize(
    ("listener", "status"), [("", "OK"), (f"server = socket.create_server(('127.0.0.1', {DEFAULT_PORT}))", "WARNING")]
)
def test_an_open_port_is_a_warning(listener: str, status: str) -> None:
    program = f"""
import json, socket
from mynacard_emulator.readers.doctor import _open_port

{listener}
print(json.dumps(_open_port().status.name))
"""
    assert confined(program, limits=()) == status


def test_listening_ports_are_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in {port for port, _ in stack_host.listeners()}


@pytest.mark.parametrize(
    "text",
    [None, "", "no number", "999999999", str(os.getpid())],
    ids=["none", "empty", "words", "nobody", "ourselves"],
)
def test_a_pid_file_without_a_pcscd_means_nothing(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_PID_FILE", tmp_path / "pcscd.pid")
    if text is not None:
        (tmp_path / "pcscd.pid").write_text(text)
    assert doctor._system_pcscd().seen.startswith("does not run")


def test_the_systems_pcscd_is_known_by_its_pid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PID_FILE", tmp_path / "pcscd.pid")
    with subprocess.Popen([shutil.copy("/bin/sleep", tmp_path / "pcscd"), "60"]) as process:
        (tmp_path / "pcscd.pid").write_text(f"{process.pid}\n")
        runs = until(lambda: doctor._system_pcscd().seen.startswith("runs"))  # its name changes just after its start
        process.kill()
    assert runs
