"""Naming officials and ending what they were named to, by those who stand above them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from commons.accounts import actions
from commons.accounts.desk.actions import disable_account, enable_account, open_account, reset_account
from commons.accounts.desk.rules import DISABLE_REASONS, area_fault, may_appoint
from commons.accounts.models import Appointment, Official, Person
from commons.accounts.permissions import require_scope
from commons.accounts.queries import appointments_of
from commons.db import db
from commons.errors import NotAllowed, Refusal


@dataclass(frozen=True, slots=True)
class Naming:
    """Who is to be appointed to what."""

    phone: str
    name: str
    sign_in_name: str
    organisation: str
    role: str
    area: str


def name_official(naming: Naming, by: Person) -> str:
    """
    Appoint somebody, with an account if they have none; return the temporary password, or nothing if they had one.

    Raises:
        NotAllowed: the role or the area is not the appointer's to give.
        Refusal: the area has the wrong shape, or the sign-in name will not do.
    """
    _check_may(by, naming.role, naming.area)
    fault = area_fault(naming.role, naming.area)
    if fault:
        raise Refusal(fault, field="area", code="bad_area")
    person = actions.find_or_make_person(naming.phone, name=naming.name)
    person.name = person.name or naming.name
    temporary = ""
    if db.session.get(Official, person.id) is None:
        temporary = open_account(person, naming.sign_in_name, naming.organisation)
    actions.appoint(person, naming.role, naming.area, by=by)
    return temporary


def end_naming(appointment: Appointment, by: Person) -> None:
    """End an appointment that *by* could have given."""
    _check_may(by, appointment.role, appointment.area)
    actions.end_appointment(appointment)


def reset_official(appointment: Appointment, by: Person) -> str:
    """Give a new temporary password to somebody all of whose roles *by* could have given."""
    _check_above(by, appointment)
    return reset_account(appointment.person_id)


def disable_official(appointment: Appointment, by: Person, reason: str) -> None:
    """
    Shut the desk for somebody all of whose roles *by* could have given.

    Raises:
        NotAllowed: it is the own account, or stands above.
    """
    _check_above(by, appointment)
    if appointment.person_id == by.id:
        raise NotAllowed(_("自己的账号不能自己停用，请找同级或上级的同事"))
    disable_account(appointment.person_id, DISABLE_REASONS[reason])


def enable_official(appointment: Appointment, by: Person) -> str:
    """Open the desk again for somebody all of whose roles *by* could have given; return a temporary password."""
    _check_above(by, appointment)
    return enable_account(appointment.person_id)


def _check_above(by: Person, appointment: Appointment) -> None:
    for held in appointments_of(appointment.person_id):
        _check_may(by, held.role, held.area)


def _check_may(by: Person, role: str, area: str) -> None:
    require_scope("appoint-officials", area)
    held = {each.role for each in appointments_of(by)}
    if not may_appoint(held, role):
        raise NotAllowed()
