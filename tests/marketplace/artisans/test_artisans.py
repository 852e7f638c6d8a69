"""Who appears on a door: chosen, verified, near, and never once withdrawn."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts.actions import change_phone, close_account, withdraw_service_consent
from commons.accounts.permissions import acting_as
from commons.accounts.queries import everything_about
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import NotAllowed
from commons.security import open_text
from marketplace.artisans import actions
from marketplace.artisans.models import Artisan
from marketplace.artisans.queries import artisans_near
from marketplace.artisans.rules import Contact, distance_km, is_listed
from tests.make.artisans import make_artisan
from tests.make.divisions import VILLAGE
from tests.make.doors import LAT, LNG, make_door, make_plate
from tests.make.people import make_official, make_person, sign_in, unissued_phone
from village.public import door_of


def door_page(client: FlaskClient, code: str) -> str:
    return gzip.decompress(client.get(f"/D/{code}", headers={"Accept-Encoding": "gzip"}).data).decode()


@pytest.fixture
def code(app: Flask, clock: FrozenClock) -> str:
    return make_plate(door=make_door(at=(LAT, LNG))).code


def test_an_unverified_artisan_never_appears(client: FlaskClient, code: str) -> None:
    make_artisan(public_name="杨师傅", verified=False)

    assert "杨师傅" not in door_page(client, code)
    assert "杨师傅" not in client.get(f"/artisans?door={code}").get_data(as_text=True)


def test_a_verified_artisan_is_on_the_door_at_the_next_request(client: FlaskClient, code: str) -> None:
    artisan = make_artisan(public_name="杨师傅", verified=False)
    assert "杨师傅" not in door_page(client, code)
    with transaction():
        clerk = make_official()
        appoint_here(clerk)
    with acting_as(clerk), transaction():
        actions.verify_artisan(clerk.id, artisan.id)

    assert "杨师傅" in door_page(client, code)


def appoint_here(person: object) -> None:
    from tests.make.people import make_appointment

    make_appointment(person=person, area=VILLAGE)  # type: ignore[arg-type]


def test_a_withdrawn_artisan_is_gone_at_the_next_request(client: FlaskClient, code: str) -> None:
    artisan = make_artisan(public_name="杨师傅")
    assert "杨师傅" in door_page(client, code)
    with transaction():
        actions.withdraw_own(artisan.id, artisan.phone_hash)

    assert "杨师傅" not in door_page(client, code)
    assert "杨师傅" not in client.get(f"/artisans?door={code}").get_data(as_text=True)


def test_who_closes_the_account_is_gone_in_the_same_transaction(
    client: FlaskClient, code: str, clock: FrozenClock
) -> None:
    with transaction():
        person = make_person(phone=unissued_phone())
    phone = str(person.phone)
    artisan, other = make_artisan(public_name="杨师傅", phone=phone), make_artisan(public_name="李师傅")
    shown = client.get(f"/artisans?door={code}").get_data(as_text=True)
    assert phone in shown and "杨师傅" in door_page(client, code)
    with transaction():
        close_account(person.id)

    for text in (door_page(client, code), client.get(f"/artisans?door={code}").get_data(as_text=True)):
        assert "杨师傅" not in text and phone not in text and "李师傅" in text
    left, stayed = (db.session.get_one(Artisan, each.id) for each in (artisan, other))
    assert (left.public_name, left.phone_hash, open_text(left.phone_sealed)) == ("", "", "")
    assert left.withdrawn_at is not None and stayed.withdrawn_at is None


def test_who_takes_the_consent_back_is_off_the_list_in_the_same_transaction(
    client: FlaskClient, code: str, clock: FrozenClock
) -> None:
    with transaction():
        person = make_person(phone=unissued_phone())
    artisan = make_artisan(public_name="杨师傅", phone=str(person.phone))
    assert "杨师傅" in door_page(client, code)
    with transaction():
        withdraw_service_consent(person.id)

    for text in (door_page(client, code), client.get(f"/artisans?door={code}").get_data(as_text=True)):
        assert "杨师傅" not in text and str(person.phone) not in text
    gone = db.session.get_one(Artisan, artisan.id)
    assert gone.withdrawn_at is not None and open_text(gone.phone_sealed) == ""


def test_a_new_telephone_takes_the_old_one_off_the_list_and_publishes_no_other(
    client: FlaskClient, code: str, clock: FrozenClock
) -> None:
    with transaction():
        person = make_person(phone=unissued_phone())
    phone, fresh = str(person.phone), unissued_phone()
    shown = make_artisan(public_name="杨师傅", phone=phone)
    passed_on = make_artisan(public_name="李师傅", phone=phone, contact=Contact.relay)
    with transaction():
        change_phone(person.id, fresh)

    text = client.get(f"/artisans?door={code}").get_data(as_text=True)
    assert "由村里转" in text and not [words for words in ("杨师傅", phone, fresh) if words in text]
    assert db.session.get_one(Artisan, shown.id).phone_hash == ""
    assert open_text(db.session.get_one(Artisan, passed_on.id).phone_sealed) == fresh
    with transaction():
        actions.withdraw_own(passed_on.id, person.phone_hash)
    assert "由村里转" not in client.get(f"/artisans?door={code}").get_data(as_text=True)


def test_a_withdrawn_entry_forgets_its_telephone(app: Flask, clock: FrozenClock) -> None:
    artisan = make_artisan()
    for _ in range(2):
        with transaction():
            actions.withdraw_own(artisan.id, artisan.phone_hash)
    assert (artisan.phone_hash, open_text(artisan.phone_sealed)) == ("", "")


def test_ones_own_entry_is_among_ones_own_data_with_the_choice(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        person = make_person()
    make_artisan(public_name="杨师傅", phone=str(person.phone))
    (entry,) = everything_about(person)["手艺人登记"]

    assert (entry["称呼"], entry["电话"], entry["怎么联系"]) == ("杨师傅", person.phone, "公开电话")
    assert entry["怎么同意的"] == "签了字的纸" and entry["同意"] and entry["手艺"] == ["木工门窗"]


def test_an_expired_certificate_ends_the_entry_by_the_clock_alone(
    client: FlaskClient, code: str, clock: FrozenClock
) -> None:
    make_artisan(public_name="杨师傅", certificate_until=date(2026, 11, 22))
    assert "杨师傅" in door_page(client, code)
    clock.move(hours=14)  # midnight in China has come

    assert "杨师傅" not in door_page(client, code)


def test_a_certificate_for_ever_takes_nobodys_page_away(client: FlaskClient, code: str) -> None:
    make_artisan(public_name="杨师傅", certificate_until=date.max)

    assert "杨师傅" in door_page(client, code)


def test_who_chose_to_be_passed_on_shows_neither_name_nor_telephone(client: FlaskClient, code: str) -> None:
    phone = unissued_phone()
    make_artisan(public_name="杨师傅", contact=Contact.relay, phone=phone)
    text = door_page(client, code)

    assert "杨师傅" not in text
    assert phone not in text
    assert "由村里转" in text


def test_a_public_telephone_is_stored_sealed(app: Flask) -> None:
    phone = unissued_phone()
    artisan = make_artisan(phone=phone)

    assert phone.encode() not in artisan.phone_sealed
    assert phone not in artisan.phone_hash


def test_the_nearest_of_the_trade_comes_first(app: Flask, clock: FrozenClock) -> None:
    here = make_door(at=(LAT, LNG))
    make_artisan(public_name="远师傅", door=make_door(at=(LAT + 0.04, LNG)))
    make_artisan(public_name="近师傅", door=make_door(at=(LAT + 0.012, LNG)))
    make_artisan(public_name="邻师傅", door=here, trades=("tailor",))

    found = artisans_near(here.h3_near, "420199", trade="carpenter")

    assert [artisan.public_name for artisan in found.rows] == ["近师傅", "远师傅"]
    assert found.rows[0].km < found.rows[1].km


def test_ties_stand_in_a_fixed_order(app: Flask, clock: FrozenClock) -> None:
    door = make_door(at=(LAT, LNG))
    for number in range(6):
        make_artisan(public_name=f"{number}师傅", door=door)
    orders = {tuple(a.public_name for a in artisans_near(door.h3_near, VILLAGE[:6]).rows) for _ in range(5)}

    assert len(orders) == 1


def test_distances_are_steps_between_cells_and_never_nought(app: Flask) -> None:
    door, next_door = make_door(at=(LAT, LNG)), make_door(at=(LAT + 0.0001, LNG))

    assert distance_km(door.h3_near, next_door.h3_near) == 0.5
    assert distance_km(door.h3_near, make_door(at=(LAT + 0.1, LNG)).h3_near) % 0.5 == 0


def test_another_villages_clerk_may_not_verify(app: Flask, clock: FrozenClock) -> None:
    artisan = make_artisan(verified=False)
    with transaction():
        stranger = make_official(area="420199104208")
    with acting_as(stranger), pytest.raises(NotAllowed), transaction():
        actions.verify_artisan(stranger.id, artisan.id)


def test_an_officer_takes_out_whom_they_entered_and_nobody_else(app: Flask, clock: FrozenClock) -> None:
    others, own = make_artisan(), make_artisan()
    with transaction():
        officer = make_official(role="officer", area=f"{VILLAGE}-01")
        own.consent_recorded_by = officer.id
    with acting_as(officer), pytest.raises(NotAllowed), transaction():
        actions.withdraw_by_official(others.id)
    with acting_as(officer), transaction():
        actions.withdraw_by_official(own.id)
    assert (others.withdrawn_at, own.withdrawn_at is None) == (None, False)


def test_nobody_takes_out_an_entry_that_is_not_theirs(app: Flask, clock: FrozenClock) -> None:
    artisan = make_artisan()
    with pytest.raises(NotAllowed), transaction():
        actions.withdraw_own(artisan.id, "f" * 64)
    with pytest.raises(NotAllowed), transaction():
        actions.withdraw_own(artisan.id, None)


def test_an_official_enters_an_artisan_by_the_form_and_twice_is_once(app: Flask, code: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with transaction():
        clerk = make_official(area=VILLAGE)
        sign_in(client, clerk)
    fields = {
        "public_name": "刘师傅", "door": code.lower(), "trades": ["tractor"], "phone": unissued_phone(), "contact": "public",
        "consent_way": "paper", "agreed": "y", "form_key": "k" * 24,
    }  # fmt: skip
    first, second = (client.post("/desk/artisans/new", data=fields) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    (stored,) = db.session.scalars(select(Artisan).where(Artisan.public_name == "刘师傅"))
    assert (stored.contact, stored.verified_at) == ("public", None)


def test_without_the_persons_word_nobody_is_entered_and_what_was_typed_stays(app: Flask, code: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(area=VILLAGE))
    answer = client.post("/desk/artisans/new", data={"public_name": "刘师傅", "phone": "12", "door": code})

    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert 'value="刘师傅"' in text
    assert "11 位" in text
    assert db.session.scalar(select(Artisan.id)) is None


@pytest.mark.parametrize(
    ("verified", "withdrawn", "days", "shown"),
    [
        (True, False, None, True),
        (False, False, None, False),
        (True, True, None, False),
        (True, False, 0, True),
        (True, False, -1, False),
    ],
)
def test_when_an_artisan_is_listed(verified: bool, withdrawn: bool, days: int | None, shown: bool) -> None:
    today = date(2026, 11, 22)
    until = None if days is None else today + timedelta(days=days)

    assert is_listed(verified, withdrawn, until, today) is shown


def test_the_person_finds_the_own_entry(app: Flask) -> None:
    from marketplace.artisans.queries import own_entries

    with transaction():
        person = make_person()
    artisan = make_artisan(phone=person.phone or "")

    assert [entry.id for entry in own_entries(person.phone_hash or "")] == [artisan.id]
    assert door_of(0) is None
