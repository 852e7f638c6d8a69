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


PUBLIC = {
    "MODE": "public", "PUBLIC_BASE_URL": "https://xq.example.cn", "ORGANISER": "柳河镇人民政府", "ICP_RECORD": "鄂ICP备00000000号",
    "POLICE_RECORD": "鄂公网安备00000000000000号", "SMS_SENDER": "http", "SMS_ENDPOINT": "https://sms.example.cn/x", "SMS_KEY": "k" * 20,
    "SECRET_KEY": "s" * 40, "DATA_KEY": "d" * 40,
}  # fmt: skip


def faults(tmp_path: Path, **given: str) -> list[str]:
    try:
        Settings.from_env({"INSTANCE_DIR": str(tmp_path), **given})
    except BadSettings as refused:
        return refused.faults
    return []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "prod"), ("PUBLIC_BASE_URL", "http://[::1"), ("PUBLIC_BASE_URL", "http://a:99999"), ("PUBLIC_BASE_URL", "http://a b"),
        ("PAYMENTS_LIVE", "maybe"), ("REDIS_URL", "garbage"), ("BIND", "not an ip"), ("LOCAL_GATEWAY_PORT", "-1"),
        ("LOCAL_GATEWAY_PORT", "999999"), ("PAGE_CACHE_MB", "-5"), ("PLATE_FONT_FILE", "/nowhere/font.ttf"),
        ("ALIPAY_GATEWAY_URL", "foo"), ("SMS_ENDPOINT", "foo"), ("DATABASE_URL", "sqlite:///:memory:"), ("INSTANCE_DIR", "/proc/nowhere"),
        ("TRUSTED_PROXIES", "-1"), ("PORT", "0"), ("PORT", "70000"), ("WEB_WORKERS", "-1"),
    ],
)  # fmt: skip
def test_each_wrong_setting_is_named_and_no_other(tmp_path: Path, name: str, value: str) -> None:
    (fault,) = faults(tmp_path, **{name: value})

    assert fault.startswith(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_ENDPOINT", "http://sms.example.cn/x"), ("TESTING", "1"), ("PUBLIC_BASE_URL", "https://127.0.0.2"),
        ("PUBLIC_BASE_URL", "https://0.0.0.0"), ("PUBLIC_BASE_URL", "https://[::1]"), ("SECRET_KEY", "d" * 40),
    ],
)  # fmt: skip
def test_what_serves_the_people_takes_no_shortcut(tmp_path: Path, name: str, value: str) -> None:
    assert faults(tmp_path, **PUBLIC) == []
    (fault,) = faults(tmp_path, **{**PUBLIC, name: value})

    assert name in fault


def test_an_address_that_cannot_be_read_hides_no_other_fault(tmp_path: Path) -> None:
    told = faults(
        tmp_path,
        **{
            **PUBLIC,
            "PUBLIC_BASE_URL": "http://[::1",
            "PORT": "abc",
            "ICP_RECORD": "",
            "PAYMENTS_LIVE": "maybe",
        },
    )

    assert {name for name in ("PUBLIC_BASE_URL", "PORT", "ICP_RECORD", "PAYMENTS_LIVE") if any(name in fault for fault in told)} == {
        "PUBLIC_BASE_URL", "PORT", "ICP_RECORD", "PAYMENTS_LIVE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("REDIS_URL", "redis://127.0.0.1:6379/0"), ("REDIS_URL", "unix:///run/redis.sock"), ("BIND", "::"), ("BIND", "0.0.0.0"),
     ("PUBLIC_BASE_URL", "https://乡情.example.cn"), ("PAYMENTS_LIVE", "no"), ("PAGE_CACHE_MB", "0")],
)  # fmt: skip
def test_what_is_right_is_taken(tmp_path: Path, name: str, value: str) -> None:
    assert faults(tmp_path, **{name: value}) == []
