"""What households put on 我的资料: the way to the own household, and who looked at it."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from commons.accounts.models import Person
from village.households.export import looks_at_members
from village.households.queries import belongings_of, claimable_by


def on_a_person(person: Person) -> Markup:
    """Show the ways to the own household and into one; no address, since the telephone may have to be confirmed first."""
    words = render_template(
        "village/households/_own.html",
        count=len(belongings_of(person.id)),
        is_written_down=bool(claimable_by(person.phone_hash)),
        looks=looks_at_members(person.id),
    )
    return Markup(words)  # noqa: S704 - our own template, which escapes
