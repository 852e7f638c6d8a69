"""Setting up says little when it goes well, all when it does not, and never names a tool that is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from commons.settings import ROOT

PIP = """#!/bin/bash
for name in one two three; do echo "Collecting $name"; echo "  Downloading $name.whl"; done
[ -n "$BROKEN" ] && { echo "ERROR: the hash of three is another"; exit 1; }
echo "Installing collected packages: one, two, three"
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with the script, three requirements and a Python that only pretends to install."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements.txt").write_text("one==1\ntwo==2\nthree==3\n")
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP)
    python.chmod(0o755)
    return tmp_path


def set_up(house: Path, what: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "scripts/setup.sh", what],
        cwd=house,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_packages_are_counted_and_not_listed(house: Path) -> None:
    done = set_up(house, "run")

    assert (done.returncode, done.stdout) == (0, "")
    assert "3/3" in done.stderr and "Collecting" not in done.stderr
    assert set_up(house, "run").stderr == ""  # everything is there


def test_what_pip_said_is_shown_when_it_fails_and_tried_again_next_time(house: Path) -> None:
    failed = set_up(house, "run", BROKEN="1")

    assert failed.returncode == 3 and "the hash of three is another" in failed.stderr
    assert set_up(house, "run").returncode == 0


def test_a_system_without_apt_get_is_told_what_to_install_and_not_how(house: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "tr", "id", "find", "grep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    told = set_up(house, "test", PATH=str(tools), CHROMIUM="/nowhere/chromium")

    assert told.returncode == 3
    assert (
        "没有 apt-get" in told.stderr
        and "chromium-headless-shell" in told.stderr
        and "apt-get install" not in told.stderr
    )
