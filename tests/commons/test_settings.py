"""Settings: read once, checked as a whole, every fault named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from commons.settings import ROOT, BadSettings, Settings


def test_a_machine_of_ones_own_needs_no_settings(tmp_path: Path) -> None:
    settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path)})

    assert settings.database_url.startswith("sqlite:///")
    assert len(settings.secret_key) >= 32
    assert (tmp_path / "secret_key.txt").stat().st_mode & 0o777 == 0o600


def test_kept_keys_stay_the_same_after_a_restart(tmp_path: Path) -> None:
    first, second = (Settings.from_env({"INSTANCE_DIR": str(tmp_path)}) for _ in range(2))

    assert (first.secret_key, first.data_key) == (second.secret_key, second.data_key)
    assert first.secret_key != first.data_key


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(
            {
                "MODE": "public",
                "PORT": "many",
                "SECRET_KEY": "changeme",
                "INSTANCE_DIR": str(tmp_path),
                "SMS_SENDER": "pigeon",
            }
        )

    words = "\n".join(caught.value.faults)
    for name in (
        "PORT",
        "SECRET_KEY",
        "DATA_KEY",
        "PUBLIC_BASE_URL",
        "ORGANISER",
        "ICP_RECORD",
        "POLICE_RECORD",
        "SMS_SENDER",
    ):
        assert name in words


def test_no_secret_is_shown_when_settings_are_printed(tmp_path: Path) -> None:
    settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "s" * 40})

    assert "s" * 40 not in repr(settings)


@pytest.mark.parametrize("given", ["postgres://u:p@h/db", "postgresql://u:p@h/db"])
def test_the_usual_addresses_of_postgresql_are_understood(tmp_path: Path, given: str) -> None:
    settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": given})

    assert settings.database_url == "postgresql+psycopg://u:p@h/db"


def test_another_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="DATABASE_URL"):
        Settings.from_env({"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": "mysql://h/db"})


def test_addresses_follow_the_port(tmp_path: Path) -> None:
    settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path), "PORT": "9000"})

    assert (settings.public_base_url, settings.local_gateway_port) == ("http://127.0.0.1:9000", 9001)


def test_reading_the_settings_brings_up_no_database() -> None:
    """The run command reads them before anything else; with the database's tools they cost twice as much."""
    words = "import sys, commons.guide, migrations.standing; sys.exit('sqlalchemy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", words], cwd=ROOT).returncode == 0
