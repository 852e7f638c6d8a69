"""A demonstration goes into an empty database and nowhere else, and shows its own village."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from commons import demonstration
from commons.db import db, transaction
from commons.errors import Refusal
from commons.marks import is_demonstration
from marketplace.payments.api.keys import make_key
from tests.make.divisions import make_division, make_village
from tests.make.doors import make_batch, make_door, make_plate
from tests.make.people import make_person
from village.demonstration import VILLAGE, first_plate


def make_somebody() -> None:
    with transaction():
        make_person()


def make_api_key() -> None:
    with transaction():
        make_key("sk", livemode=False, name="示例")


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_division(code="420000000000", name="湖北省"),
        make_village,
        make_door,
        make_batch,
        make_somebody,
        make_api_key,
    ],
)
def test_a_database_with_anything_real_in_it_never_becomes_a_demonstration(
    app: Flask, make: Callable[[], object]
) -> None:
    make()
    demonstration.load_if_empty()
    with pytest.raises(Refusal) as refused:
        demonstration.load()

    assert refused.value.code == "database_in_use"
    assert not is_demonstration()


def test_an_empty_database_is_filled(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "demonstration", [])
    demonstration.load_if_empty()
    db.session.rollback()

    assert is_demonstration()


def test_the_door_that_is_shown_is_one_of_the_demonstrations_village(app: Flask) -> None:
    other, ours = make_village(code="420199104201", name="别处村"), make_village(code=VILLAGE)
    for village in (other, ours):
        for _ in range(3):
            plate = make_plate(door=make_door(village=village))

    assert first_plate() == plate.code
