"""Officials within somebody's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from commons import clock
from commons.accounts.models import Appointment, Official, Person
from commons.accounts.permissions import Scope
from commons.accounts.queries import in_force
from commons.accounts.rules import ROLES
from commons.db import db


@dataclass(frozen=True, slots=True)
class Holder:
    """One appointment in force, as a list shows it."""

    appointment_id: int
    person_id: int
    name: str
    sign_in_name: str
    organisation: str
    duty: str
    role: str
    area: str
    since: datetime
    is_disabled: bool


def holders(scope: Scope, limit: int = 500) -> list[Holder]:
    """Return the appointments in force within *scope*, ordered by area and role."""
    statement = (
        select(Appointment, Person.name, Official.sign_in_name, Official.organisation, Official.disabled_at)
        .join(Person, Person.id == Appointment.person_id)
        .outerjoin(Official, Official.person_id == Person.id)
        .where(scope.condition(Appointment.area), in_force(clock.now()))
        .order_by(Appointment.area, Appointment.role, Appointment.id)
        .limit(limit)
    )
    return [
        Holder(
            held.id,
            held.person_id,
            name,
            sign_in_name or "",
            organisation or "",
            ROLES.get(held.role, held.role),
            held.role,
            held.area,
            held.from_at,
            disabled_at is not None,
        )  # fmt: skip
        for held, name, sign_in_name, organisation, disabled_at in db.session.execute(statement)
    ]


def appointment_within(scope: Scope, appointment_id: int) -> Appointment | None:
    """Return the appointment of this number if it lies within *scope* and still holds: one that is over gives nobody a say."""
    wanted = (Appointment.id == appointment_id, scope.condition(Appointment.area), in_force(clock.now()))
    return db.session.scalar(select(Appointment).where(*wanted))
