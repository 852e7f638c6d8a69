"""The demonstration's guide names the address of this start, not of the first."""

from __future__ import annotations

from pathlib import Path

from commons.guide import SITE, guide_file, keep_lines, kept_lines
from tests.database import settings_for


def test_the_guide_of_a_second_start_on_another_port_leads_there(tmp_path: Path) -> None:
    first, second = (
        settings_for("sqlite:///", tmp_path, public_base_url=f"http://127.0.0.1:{port}")
        for port in (8000, 9000)
    )
    keep_lines(first, [f"  {SITE}/desk", "登录名 clerk"])

    assert kept_lines(first) == ["  http://127.0.0.1:8000/desk", "登录名 clerk"]
    assert kept_lines(second) == ["  http://127.0.0.1:9000/desk", "登录名 clerk"]


def test_the_guide_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = settings_for("sqlite:///", tmp_path)

    assert kept_lines(settings) == []
    keep_lines(settings, ["密码 x"])
    assert guide_file(settings).stat().st_mode & 0o777 == 0o600
