"""What the run command decides before anything is started."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from commons.db import transaction
from commons.guide import SITE, keep_lines
from commons.marks import set_demonstration
from commons.settings import Settings, current
from migrations.standing import Standing, standing
from scripts import run


def test_a_database_tells_through_the_driver_alone_how_it_stands(app: Flask) -> None:
    address = current().database_url

    assert standing(address) == Standing(is_current=True, is_demonstration=False)
    with transaction():
        set_demonstration()
    assert standing(address) == Standing(is_current=True, is_demonstration=True)


def test_a_database_that_is_behind_or_not_there_is_not_current(tmp_path: Path) -> None:
    assert standing(f"sqlite:///{tmp_path}/nothing.db") == Standing()
    assert not (tmp_path / "nothing.db").exists()

    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        assert standing(f"sqlite:///{tmp_path}/old.db") == Standing()
        old.executescript(
            "CREATE TABLE mark (name); CREATE TABLE alembic_version (version_num);"
            "INSERT INTO alembic_version VALUES ('0001_ground')"
        )
        assert not standing(f"sqlite:///{tmp_path}/old.db").is_current


def test_a_second_start_of_the_demonstration_brings_up_no_application_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        set_demonstration()
    keep_lines(current(), [f"{SITE}/desk"])
    monkeypatch.setattr(run, "start", None)

    assert run.prepare(current()) is True
    said = run.words_for(current(), True).splitlines()
    assert said[0] == f"{current().public_base_url}/desk" and "Ctrl-C" in said[-1]


def test_what_may_have_to_be_loaded_or_migrated_is_not_passed_over(tmp_path: Path) -> None:
    private, public = (Settings(instance_dir=tmp_path, mode=mode) for mode in ("private", "public"))

    assert run.is_ready(public, Standing(True, False)) and not run.is_ready(public, Standing(False, False))
    assert not run.is_ready(private, Standing(True, False))  # perhaps an empty one
    assert not run.is_ready(private, Standing(True, True))  # loaded by half: no guide is kept
    keep_lines(private, [])
    assert run.is_ready(private, Standing(True, True)) and not run.is_ready(private, Standing(False, True))


def test_two_services_never_share_one_instance_folder(tmp_path: Path) -> None:
    here = tmp_path / "instance"
    with run.alone_in(here), pytest.raises(SystemExit, match="另一个服务正在用"), run.alone_in(here):
        pass
    with run.alone_in(here):
        pass


def test_an_instance_folder_that_is_a_file_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("")

    with pytest.raises(SystemExit, match="INSTANCE_DIR"), run.alone_in(tmp_path / "instance"):
        pass


@pytest.mark.parametrize(
    ("asked", "demonstration", "processes"), [(0, True, "1"), (0, False, "2"), (3, True, "3")]
)
def test_a_demonstration_is_served_by_one_process(asked: int, demonstration: bool, processes: str) -> None:
    command = run.web_command(Settings(web_workers=asked), demonstration)

    assert command[command.index("--workers") + 1] == processes


def test_what_people_wait_for_is_started_first() -> None:
    assert list(run.commands(Settings(), True)) == ["web", "worker", "gateway"]
