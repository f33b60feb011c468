"""The command line as processes on a database of their own."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chengdan.config.logs import ServerFilter

PASSWORD = "kx7-Vogel-am-Fenster"


def chengdan(
    environment: dict[str, str], *arguments: str, piped: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "chengdan", *arguments],
        env=environment,
        input=piped,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def init(environment: dict[str, str], *more: str) -> None:
    chengdan(
        environment, "init", "--company", "长城食品", "--admin", "admin", "--password-stdin",
        "--office", "SH=上海", *more, piped=PASSWORD + "\n",
    )  # fmt: skip


@pytest.mark.race
@pytest.mark.long
def test_a_site_from_nothing_to_a_verified_restore(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    init(process_environment)
    init(process_environment)  # adds nothing the second time
    assert chengdan(process_environment, "verify").stdout == ""
    assert chengdan(process_environment, "worker", "--once").returncode == 0
    attachments = Path(process_environment["CHENGDAN_HOME"], "attachments")
    attachments.mkdir(exist_ok=True)
    (attachments / "a.bin").write_bytes(b"kept")
    backup = tmp_path / "site.tar.gz"
    chengdan(process_environment, "backup", str(backup))
    assert "already" in chengdan(process_environment, "backup", str(backup), code=1).stderr
    (attachments / "a.bin").write_bytes(b"lost")
    assert "--force" in chengdan(process_environment, "restore", str(backup), code=1).stderr
    chengdan(process_environment, "restore", "--force", str(backup))
    assert (attachments / "a.bin").read_bytes() == b"kept"
    assert chengdan(process_environment, "verify").stdout == ""


@pytest.mark.race
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    backup = tmp_path / "site.tar.gz"
    chengdan(process_environment, "backup", str(backup))
    data = backup.read_bytes()
    backup.write_bytes(data[: len(data) // 2])
    refused = chengdan(process_environment, "restore", "--force", str(backup), code=1)
    assert "no complete backup" in refused.stderr


@pytest.mark.race
@pytest.mark.long
def test_import_says_what_is_wrong_with_exit_codes(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    init(process_environment)
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n")
    nothing = chengdan(process_environment, "import", "nothing", str(file), code=1)
    assert nothing.stderr.startswith("Error")
    nobody = chengdan(process_environment, "import", "x", str(file), "--as", "nobody", code=1)
    assert "nobody" in nobody.stderr
    lost = chengdan(process_environment, "import", "x", str(file), "--company", "99", code=1)
    assert "99" in lost.stderr
    init(process_environment, "--code", "02", "--admin", "zhou")
    strange = ["import", "customers", str(file), "--as", "zhou", "--company", "01"]
    assert "zhou" in chengdan(process_environment, *strange, code=1).stderr
    marked = ["import", "customers", str(file), "--company", "01", "--marked", "a.txt"]
    assert "--marked" in chengdan(process_environment, *marked, code=1).stderr
    wrong = ["import", "customers", str(file), "--company", "01"]
    for terminal, word in (("C.UTF-8", "missing"), ("zh_CN.UTF-8", "缺少")):
        spoken = {**process_environment, "LC_ALL": terminal}
        assert word in chengdan(spoken, *wrong, code=1).stderr


@pytest.mark.parametrize(
    "command",
    ["init", "demo", "serve", "web", "worker", "import", "verify", "bench", "backup", "restore",
     "token"],
)  # fmt: skip
def test_every_command_explains_itself(command: str) -> None:
    from click.testing import CliRunner

    from chengdan.config.cli.group import group

    result = CliRunner().invoke(group, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage" in result.output


def test_an_office_needs_code_and_name() -> None:
    from click import BadParameter

    from chengdan.config.cli.setup import _office

    assert _office("SH=上海") == ("SH", "上海")
    with pytest.raises(BadParameter):
        _office("SH")


@pytest.mark.race
def test_serve_answers_and_ends_on_sigterm(process_environment: dict[str, str]) -> None:
    import socket
    import urllib.request

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "chengdan", "serve", "--port", str(port), "--workers", "1"],
        env=process_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        body = ""
        for _try in range(120):
            try:
                address = f"http://127.0.0.1:{port}/healthz"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    body = answer.read().decode()
                break
            except OSError:
                time.sleep(0.25)
        assert json.loads(body) == {"status": "ok"}
    finally:
        os.kill(process.pid, signal.SIGTERM)
        written, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    lines = [line for line in written.splitlines() if not line.endswith(f":{port}/")]
    messages = [json.loads(line)["message"] for line in lines]
    assert any("Listening" in message for message in messages)


def test_the_servers_advice_on_its_processes_is_not_written() -> None:
    advice = "Configured number of workers appears to be higher than the amount of CPU cores"
    for said, is_kept in ((advice, False), ("Listening at: http://127.0.0.1:8000", True)):
        record = logging.makeLogRecord({"msg": said})
        assert ServerFilter().filter(record) is is_kept
