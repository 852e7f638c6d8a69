"""Printing: every code is fresh, read back, frozen with its host, and never handed out half done."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons import marks
from commons.db import db, transaction
from commons.errors import Missing
from commons.settings import current
from geocode.door_codes import is_valid_code
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_plate
from village import public
from village.papers.manifest import verify
from village.plates import actions, queries
from village.plates.errors import AddressNotPublic, DutyPhoneNeeded, NothingToPrint
from village.plates.models import Plate, PlateBatch, PlateEvent
from village.plates.printing import finish


@contextmanager
def base_url(app: Flask, url: str) -> Iterator[None]:
    before = current()
    app.extensions["settings"] = replace(before, public_base_url=url)
    try:
        yield
    finally:
        app.extensions["settings"] = before


@pytest.fixture
def public_site(app: Flask) -> Iterator[None]:
    """The site has an address that may stand on plates."""
    with base_url(app, "https://xq.example.cn"):
        yield


def print_all(layout: str = "a3", most: int = 1000) -> PlateBatch:
    with transaction():
        batch = actions.begin_batch(VILLAGE, layout, most=most)
    finish(batch)
    return batch


def make_doors(count: int) -> None:
    with transaction():
        for _ in range(count):
            make_door()


def test_every_door_without_a_plate_gets_one_and_all_its_codes_are_read_back(
    app: Flask, public_site: None
) -> None:
    make_doors(7)

    batch = print_all()

    plates = list(db.session.scalars(select(Plate).order_by(Plate.id)))
    assert [plate.state for plate in plates] == ["printed"] * 7
    assert all(is_valid_code(plate.code) and not plate.code.startswith("DEM") for plate in plates)
    assert len({plate.code for plate in plates}) == 7
    assert all(public.find_door(plate.code) is not None for plate in plates)
    content = json.loads(batch.manifest or b"")
    assert [line["code"] for line in content["plates"]] == [plate.code for plate in plates]
    assert all(line["read_back"] == f"HTTPS://XQ.EXAMPLE.CN/D/{line['code']}" for line in content["plates"])
    assert content["public_host"] == batch.public_host == "XQ.EXAMPLE.CN"
    assert db.session.scalar(select(func.count()).select_from(PlateEvent)) == 7


def test_the_same_file_can_be_made_again_to_the_byte_and_its_manifest_agrees(
    app: Flask, public_site: None
) -> None:
    make_doors(3)
    batch = print_all()

    file = actions.file_again(batch)
    proof = actions.file_again(batch, "a4")

    assert file.is_as_first_printed
    assert hashlib.sha256(file.pdf).hexdigest() == batch.pdf_sha256
    assert verify(file.manifest, file.pdf, batch.manifest_digest) == ()
    assert proof.pdf.startswith(b"%PDF") and not proof.is_as_first_printed


def test_what_stands_on_a_batch_stays_as_it_was_printed(app: Flask, public_site: None) -> None:
    make_doors(1)
    batch = print_all()
    with transaction():
        make_village().duty_phone = "0710-0000000"
    with base_url(app, "https://other.example.cn"):
        assert actions.file_again(batch).is_as_first_printed


def test_doors_that_have_a_plate_get_no_second_one(app: Flask, public_site: None) -> None:
    make_doors(2)
    make_plate(door=make_door())
    print_all()

    with pytest.raises(NothingToPrint):
        print_all()

    assert db.session.scalar(select(func.count()).select_from(Plate)) == 3


def test_a_batch_may_be_smaller_than_the_village(app: Flask, public_site: None) -> None:
    make_doors(5)

    print_all(most=3)

    assert queries.count_without_plate(VILLAGE) == 2
    assert print_all().number == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://127.0.0.1",
        "https://localhost",
        "http://xq.example.cn",
        "https://192.0.2.7",
        "https://xq.example.cn:8443",
    ],
)
def test_an_address_that_no_phone_in_the_street_can_open_is_never_printed(app: Flask, url: str) -> None:
    make_doors(1)

    with base_url(app, url), pytest.raises(AddressNotPublic):
        print_all()

    assert db.session.scalar(select(func.count()).select_from(Plate)) == 0


def test_a_demonstration_prints_its_own_address_with_codes_that_say_so(app: Flask) -> None:
    make_doors(2)
    with transaction():
        marks.set_demonstration()

    batch = print_all()

    codes = list(db.session.scalars(select(Plate.code)))
    assert batch.is_demonstration
    assert all(code.startswith("DEM") and is_valid_code(code) for code in codes)
    found = public.find_plate(codes[0])
    assert found is not None and found.is_demonstration


def test_a_village_without_a_duty_telephone_prints_nothing(app: Flask, public_site: None) -> None:
    with transaction():
        make_door(village=make_village(duty_phone=""))

    with pytest.raises(DutyPhoneNeeded):
        print_all()
    with pytest.raises(Missing), transaction():
        actions.begin_batch("420199104299", "a3")


def test_a_print_that_fails_hands_out_nothing_and_leaves_every_door_free(
    app: Flask, public_site: None
) -> None:
    with transaction():
        make_door(label="㙓")  # a character that the font of plates lacks
        make_door()

    with transaction():
        batch = actions.begin_batch(VILLAGE, "a3")
    batch.faces[0]["village"] = "\ue123村"
    with pytest.raises(Exception, match="字"):
        finish(batch)

    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(PlateBatch)) == 0
    assert queries.count_without_plate(VILLAGE) == 2


def test_a_batch_that_was_cut_off_is_not_known_to_any_scan_and_can_be_finished(
    app: Flask, public_site: None
) -> None:
    make_doors(1)
    with transaction():
        batch = actions.begin_batch(VILLAGE, "a3")
    code = db.session.scalars(select(Plate.code)).one()

    assert public.find_plate(code) is None
    finish(batch)
    finish(batch)

    assert public.find_plate(code) is not None
    assert db.session.scalar(select(func.count()).select_from(PlateEvent)) == 1


def test_two_clerks_printing_at_once_give_no_door_two_plates(app: Flask, public_site: None) -> None:
    make_doors(8)
    db.session.rollback()
    outcomes: list[str] = []

    def run() -> None:
        with app.app_context():
            try:
                with transaction():
                    actions.begin_batch(VILLAGE, "a3", most=6)
                outcomes.append("printed")
            except NothingToPrint:
                outcomes.append("nothing")

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(outcomes) == ["nothing", "printed", "printed"]
    assert db.session.scalar(select(func.count()).select_from(Plate)) == 8
    assert sorted(db.session.scalars(select(PlateBatch.number))) == [1, 2]


def test_every_host_ever_printed_is_listed(app: Flask) -> None:
    make_doors(3)
    with base_url(app, "https://old.example.cn"):
        print_all(most=2)
    with base_url(app, "https://xq.example.cn/"):
        print_all()

    assert [(host.host, host.batches, host.plates) for host in queries.printed_hosts()] == [
        ("OLD.EXAMPLE.CN", 1, 2),
        ("XQ.EXAMPLE.CN", 1, 1),
    ]


def test_codes_are_never_those_of_the_other_kind(app: Flask) -> None:
    real = actions.free_codes(2_000)
    shown = actions.free_codes(500, for_demonstration=True)

    assert len({*real, *shown}) == 2_500
    assert not any(code.startswith("DEM") for code in real)
    assert all(code.startswith("DEM") and is_valid_code(code) for code in shown)
