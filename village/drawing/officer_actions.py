"""Naming the one officer of a grid; whoever was before ceases in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from commons.accounts.actions import appoint, end_appointment, find_or_make_person
from commons.accounts.desk.actions import open_account
from commons.accounts.models import Official, Person
from commons.accounts.permissions import require_scope
from commons.accounts.queries import person_of_phone
from commons.db import db, locked_rows
from commons.errors import Missing, Refusal
from village.drawing.errors import NoSuchOfficial
from village.drawing.queries import officers_in_office, possible_officers
from village.grids.models import Grid
from village.public import bump_page


@dataclass(frozen=True, slots=True)
class Naming:
    """Who is to look after a grid: an official of the village by number, else somebody by telephone; neither: nobody."""

    person_id: int | None = None
    phone: str = ""
    name: str = ""
    sign_in_name: str = ""


def name_officer(village_code: str, number: int, naming: Naming, by: Person) -> str:
    """
    Appoint the one officer of a grid; return the temporary password of an account opened just now, else nothing.

    Raises:
        Missing, NotAllowed: no such grid, or not the official's.
        NoSuchOfficial: the one chosen may not sign in, or is not of this village.
        Refusal: the sign-in name will not do.
    """
    require_scope("draw-grids", village_code)
    grid = _locked_grid(village_code, number)
    person, temporary = _person(village_code, naming)
    for held in officers_in_office(grid.area):
        if person is None or held.person_id != person.id:
            end_appointment(held)
    if person is not None:
        appoint(person, "officer", grid.area, by=by)
    bump_page(village_code)
    return temporary


def _locked_grid(village_code: str, number: int) -> Grid:
    """Two who name at once come one after the other: a grid has one officer."""
    query = select(Grid).where(
        Grid.village_code == village_code, Grid.number == number, Grid.removed_at.is_(None)
    )
    rows = locked_rows(query)
    if not rows:
        raise Missing("没有这个网格，可能已经撤掉了")
    return rows[0]


def _person(village_code: str, naming: Naming) -> tuple[Person | None, str]:
    if naming.person_id is not None:
        if naming.person_id not in {person_id for person_id, _, _ in possible_officers(village_code)}:
            raise NoSuchOfficial("请从名单里选一位能登录工作台的人员")
        return db.session.get_one(Person, naming.person_id), ""
    if not naming.phone:
        return None, ""
    return _person_of_phone(naming)


def _person_of_phone(naming: Naming) -> tuple[Person, str]:
    known = person_of_phone(naming.phone)
    account = None if known is None else db.session.get(Official, known.id)
    if known is not None and account is not None:
        if account.disabled_at is not None:
            raise NoSuchOfficial("这个手机号的工作账号已经停用，不能任命", field="phone")
        return known, ""
    if not naming.name:
        raise Refusal("这个手机号还没有工作账号，请填姓名", field="name", code="name_needed")
    if not naming.sign_in_name:
        raise Refusal(
            "这个手机号还没有工作账号，请给他起一个登录名", field="sign_in_name", code="name_needed"
        )
    person = find_or_make_person(naming.phone, name=naming.name)
    person.name = person.name or naming.name
    db.session.flush()  # the account refers to the person
    return person, open_account(person, naming.sign_in_name)
